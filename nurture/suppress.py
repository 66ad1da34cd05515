"""Suppression: from the commit of this transaction on, no mail is handed over to an address."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from models.queries import engagement
from models.statement import write
from models.words import Suppression

_SUPPRESS = write(
    """
    UPDATE address SET suppressed = :reason, suppressed_at = :now, suppressed_by = :by, version = version + 1
    WHERE id = :id
    """
)
_STOP = write(
    """
    UPDATE enrollment SET state = 'stopped', ended_at = :now, reason = :reason, due_at = NULL, lease_until = NULL
    WHERE lead_id IN :lead_ids* AND state = 'active'
    """
)
_DROP_PLANNED = write(
    "UPDATE message SET state = 'suppressed', reason = :reason WHERE lead_id IN :lead_ids* AND state = 'planned'"
)
_FORGET = write("UPDATE lead_trigger SET done_at = :now WHERE lead_id IN :lead_ids* AND done_at IS NULL")


def suppress(connection: Connection, address_ids: Iterable[int], reason: Suppression, by: str, now: datetime) -> None:
    """Never mail these addresses again; of several reasons the strongest stays. Twice is the same as once.

    `by` is who said so ("one-click", "sendgrid", "import fair.csv"). Their sequences are stopped and what was planned
    is dropped; a mail that was handed over before may still arrive.
    """
    ids = sorted(set(address_ids))
    if not ids:
        return
    rows = connection.execute(engagement.LOCK_ADDRESSES, {"ids": ids}).all()
    changed = [
        {"id": row.id, "reason": reason, "by": by, "now": now} for row in rows if reason.outranks(row.suppressed)
    ]
    if changed:
        connection.execute(_SUPPRESS, changed)
    leads = [row.id for row in connection.execute(engagement.LEADS_AT, {"ids": ids})]
    silence(connection, leads, reason.in_words, now)


def silence(connection: Connection, lead_ids: Iterable[int], reason: str, now: datetime) -> None:
    """Stop every sequence these leads are in, and all that was about to start one.

    What is in flight already may still arrive; nothing more is handed over.
    """
    leads = sorted(lead_ids)
    hold_leads(connection, leads)
    about = {"lead_ids": leads, "reason": reason, "now": now}
    for statement in (_STOP, _DROP_PLANNED, _FORGET):
        connection.execute(statement, about)


def hold_leads(connection: Connection, lead_ids: Iterable[int]) -> None:
    """Lock leads, then their enrollments, in the order in which everybody does."""
    ids = {"ids": sorted(lead_ids)}
    connection.execute(engagement.LOCK_LEADS, ids)
    connection.execute(engagement.LOCK_ENROLLMENTS, ids)
