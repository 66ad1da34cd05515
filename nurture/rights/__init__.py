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

__all__ = ["request"]

_REQUEST = write(
    """
    INSERT INTO erasure_request (address_id, requested_at) VALUES (:address_id, :now)
    ON CONFLICT (address_id) DO NOTHING
    """
)


def request(connection: Connection, address_id: int, now: datetime) -> None:
    """Somebody wants to be erased: `nurture leads forget --requested` does it. Wished twice it is one wish."""
    connection.execute(_REQUEST, {"address_id": address_id, "now": now})
