"""The rights of the people we hold data about: erasure (GDPR Art. 17), access and portability (Art. 15, 20), retention.

registry    where personal data lies, column by column, and what becomes of it
forget      everything about one person goes, but for a keyed hash by which it is refused
bodies      a person in what arrived from outside, whatever form that has
personal    everything about one person as one document
retention   what is old goes by itself
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.statement import write

__all__ = ["request", "take_back"]

_REQUEST = write(
    """
    INSERT INTO erasure_request (address_id, requested_at) VALUES (:address_id, :now)
    ON CONFLICT (address_id) DO NOTHING
    """
)
_TAKE_BACK = write("DELETE FROM erasure_request WHERE address_id = :address_id")


def request(connection: Connection, address_id: int, now: datetime) -> None:
    """Somebody wants to be erased: `nurture leads forget --requested` does it. Wished twice it is one wish."""
    connection.execute(_REQUEST, {"address_id": address_id, "now": now})


def take_back(connection: Connection, address_id: int) -> None:
    """Somebody wants to stay after all, and nobody has erased it yet."""
    connection.execute(_TAKE_BACK, {"address_id": address_id})
