"""Stopping things: everything, one mailer, one sequence. After a stop has committed, nothing more is handed over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import ledger
from models.statement import write

EVERYTHING = "everything"

_CLOSE = write(
    """
    INSERT INTO gate (name, closed_at, until, reason, closed_by) VALUES (:name, :now, :until, :reason, :closed_by)
    ON CONFLICT (name) DO UPDATE SET closed_at = :now, until = :until, reason = :reason, closed_by = :closed_by
    """
)
_OPEN = write("UPDATE gate SET until = :now, closed_by = :by WHERE name = :name")


def mailer_gate(name: str) -> str:
    return f"mailer:{name}"


def sequence_gate(name: str) -> str:
    return f"sequence:{name}"


def webhook_gate(name: str) -> str:
    return f"webhook:{name}"


def channel_gate(name: str) -> str:
    return f"channel:{name}"


def close(
    connection: Connection,
    name: str,
    reason: str,
    now: datetime,
    *,
    until: datetime | None = None,
    by: str = "engine",
) -> None:
    """Close a gate until `until` (None: until a person opens it).

    A stop by a person, or for a longer time, is never shortened. The row "everything" always exists and is locked
    by whoever closes any gate, so that no hand-over that read the gates before can commit afterwards.
    """
    connection.execute(ledger.LOCK_GATES)
    in_force = _in_force(connection.execute(ledger.GATES), now)
    if name in in_force and (in_force[name].until is None or (until and until <= in_force[name].until)):
        return
    connection.execute(_CLOSE, {"name": name, "now": now, "until": until, "reason": reason, "closed_by": by})


def reopen(connection: Connection, name: str, now: datetime, by: str) -> None:
    """Open a gate again; one that is not closed stays as it is."""
    connection.execute(_OPEN, {"name": name, "now": now, "by": by})


def closed(connection: Connection, now: datetime) -> Mapping[str, str]:
    """What is stopped at this moment: gate -> why."""
    return {name: row.reason for name, row in _in_force(connection.execute(ledger.GATES), now).items()}


def hold(connection: Connection, now: datetime) -> Mapping[str, str]:
    """The same, and no gate can be closed until this transaction ends."""
    connection.execute(ledger.HOLD_GATES)
    return closed(connection, now)


def stops_mail(gates: Mapping[str, str], mailer: str) -> str | None:
    """Why no mail at all may leave by this mailer now, or None."""
    return gates.get(EVERYTHING) or gates.get(mailer_gate(mailer))


def _in_force(rows: Iterable[Row[Any]], now: datetime) -> dict[str, Row[Any]]:
    return {row.name: row for row in rows if row.until is None or row.until > now}
