"""Whom it concerns that a lead waits, and telling them: by role, each mailbox once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from nurture.alerts.sla import SLA_ALERT, recipient
from nurture.core.agreement import Agreement
from nurture.core.owners import POOL
from nurture.outbox import enqueue

#: role and, for a rep, its key
Told = tuple[str, str | None]


def holders(agreement: Agreement, owner: str, absent: Collection[str]) -> list[Told]:
    """Whose lead it is: the rep's or, while that is away, the one's who steps in; in the pool everybody's."""
    if owner == POOL:
        return [("team", None), ("manager", None)]
    return [stand_in(agreement, owner, absent)] if owner in absent else [("owner", owner)]


def stand_in(agreement: Agreement, owner: str, absent: Collection[str]) -> Told:
    """The rep's backup; while that is away, or there is none, the manager."""
    backup = next((rep.backup for rep in agreement.owners if rep.key == owner), None)
    return ("backup", backup) if backup and backup not in absent else ("manager", None)


def tell(
    connection: Connection,
    agreement: Agreement,
    told: Sequence[Told],
    payload: dict[str, Any],
    key: str,
    due_at: datetime,
) -> None:
    """One alert for each mailbox, so that nobody who has two roles is told twice. It leaves at `due_at`."""
    reached: dict[str, Told] = {}
    for role, rep in told:
        if mailbox := recipient(agreement, role, rep):
            reached.setdefault(mailbox.address.casefold(), (role, rep))
    for role, rep in reached.values():
        enqueue(connection, f"{key}:{role}", SLA_ALERT, payload | {"role": role, "rep": rep}, due_at)
