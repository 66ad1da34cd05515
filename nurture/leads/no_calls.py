"""No calls: whom sales must leave alone, however warm it is. Mail goes on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from models.statement import write

_SET = write("UPDATE lead SET no_sales_contact = :unwanted WHERE id = :id AND no_sales_contact <> :unwanted")
_ASK_AGAIN = write("UPDATE score SET due_at = :now WHERE lead_id = :id")


def leave_alone(connection: Connection, lead_ids: Iterable[int], now: datetime) -> None:
    """None of them reaches a rep from this commit on. Who waits for a rep's answer is taken back; a rep who has
    answered or called already is told, and the brief says so."""
    for lead_id in sorted(lead_ids):
        _set(connection, lead_id, unwanted=True, now=now)


def allow_calls(connection: Connection, lead_id: int, now: datetime) -> None:
    """A person takes it back: the lead is judged again as any other."""
    _set(connection, lead_id, unwanted=False, now=now)


def _set(connection: Connection, lead_id: int, *, unwanted: bool, now: datetime) -> None:
    if connection.execute(_SET, {"id": lead_id, "unwanted": unwanted}).rowcount:
        connection.execute(_ASK_AGAIN, {"id": lead_id, "now": now})
