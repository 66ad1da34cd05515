"""Topics: what a lead does not want mail about, while it may be mailed about everything else."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.queries import engagement
from models.statement import write

_DECLINE = write(
    """
    INSERT INTO topic_refusal (address_id, topic, since, source) VALUES (:address_id, :topic, :now, :source)
    ON CONFLICT DO NOTHING
    """
)
_ACCEPT = write("DELETE FROM topic_refusal WHERE address_id = :address_id AND topic = :topic")


def decline(connection: Connection, address_id: int, topic: str, source: str, now: datetime) -> None:
    """From this commit on, no mail of that topic is handed over to the address. `source` says how we know."""
    _hold(connection, address_id)
    connection.execute(_DECLINE, {"address_id": address_id, "topic": topic, "source": source, "now": now})


def accept(connection: Connection, address_id: int, topic: str) -> None:
    """Mail of that topic may go there again. What was skipped meanwhile stays skipped."""
    _hold(connection, address_id)
    connection.execute(_ACCEPT, {"address_id": address_id, "topic": topic})


def _hold(connection: Connection, address_id: int) -> None:
    """The row that orders what an address wants against hand-overs."""
    connection.execute(engagement.LOCK_ADDRESSES, {"ids": [address_id]})
