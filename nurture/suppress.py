"""Suppression: from the commit of this transaction on, no mail is handed over to an address."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import engagement
from models.statement import write
from models.words import Suppression
from nurture import consent

#: for how long an address whose mail bounced softly again and again is left alone; the next time it is for good
SOFT_BOUNCE_LASTS = timedelta(days=90)
#: how an enrollment says why it waits whose mail the provider would not take: nothing makes that offer come earlier
NOT_TAKEN = "attempt"
#: what a person wants, under whatever tag of its mailbox
_OF_THE_PERSON = frozenset({Suppression.ERASED, Suppression.COMPLAINT, Suppression.OPT_OUT})
#: what somebody who wants no more mail has taken back
_WITHDRAWN = frozenset({Suppression.COMPLAINT, Suppression.OPT_OUT})

_SUPPRESS = write(
    """
    UPDATE address SET suppressed = :reason, suppressed_at = :now, suppressed_by = :by, version = version + 1,
        suppressed_until = coalesce(:until, suppressed_until)
    WHERE id = :id
    """
)
_LIFT = write("UPDATE address SET suppressed = NULL, suppressed_by = :by, version = version + 1 WHERE id = :id")
_WAKE = write(
    f"""
    UPDATE enrollment SET due_at = :now
    WHERE lead_id IN :lead_ids* AND state = 'active' AND due_at > :now AND lease_until IS NULL
      AND why NOT LIKE '{NOT_TAKEN} %'
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


def suppress(
    connection: Connection,
    address_ids: Iterable[int],
    reason: Suppression,
    by: str,
    now: datetime,
    until: datetime | None = None,
) -> None:
    """Never mail these addresses again; of several reasons the strongest stays. Twice is the same as once.

    What a person wants holds for all addresses of its mailbox, and that a mailbox is gone for all of its tags.

    `by` is who said so ("one-click", "sendgrid", "import fair.csv"); `until` is when a soft bounce ends. Their
    sequences are stopped and what was planned is dropped; a mail that was handed over before may still arrive.
    """
    ids = sorted(set(address_ids))
    if not ids:
        return
    rows = _concerned(_locked(connection, ids), ids, reason)
    changed = [row.id for row in rows if reason.outranks(_in_force(row, now))]
    if changed:
        about = {"reason": reason, "by": by, "now": now, "until": until}
        connection.execute(_SUPPRESS, [{"id": id_, **about} for id_ in changed])
    if reason in _WITHDRAWN:
        consent.withdrawn(connection, changed, by, now)
    silence(connection, _leads_at(connection, [row.id for row in rows]), reason.in_words, now)


def soft_bounced(connection: Connection, address_ids: Iterable[int], now: datetime) -> None:
    """Mail to these addresses bounced softly once too often: leave them alone for 90 days, the second time for good.

    Who is suppressed already stays as it is.
    """
    ids = sorted(set(address_ids))
    free = [row for row in _locked(connection, ids) if row.id in ids and _in_force(row, now) is None]
    again = [row.id for row in free if row.suppressed_until is not None]
    first = [row.id for row in free if row.suppressed_until is None]
    suppress(connection, again, Suppression.HARD_BOUNCE, "soft bounces", now)
    suppress(connection, first, Suppression.SOFT_BOUNCE, "soft bounces", now, until=now + SOFT_BOUNCE_LASTS)


def came_back(connection: Connection, address_ids: Iterable[int], by: str, now: datetime) -> list[int]:
    """These people did something themselves, so those who were let go for being quiet may be mailed again."""
    return lift(connection, address_ids, {Suppression.SUNSET}, by, now)


def lift(
    connection: Connection, address_ids: Iterable[int], reasons: Collection[Suppression], by: str, now: datetime
) -> list[int]:
    """Mail these addresses again if one of `reasons` is all that forbids it; gives those that were set free.

    Only an act of the person itself lifts anything (`by` says which), never a file or another system. Sequences that
    were stopped stay stopped.
    """
    ids = sorted(set(address_ids))
    free = [row.id for row in _locked(connection, ids) if row.id in ids and _in_force(row, now) in reasons]
    if free:
        connection.execute(_LIFT, [{"id": id_, "by": by} for id_ in free])
    return free


def wake(connection: Connection, lead_ids: Iterable[int], now: datetime) -> None:
    """What these leads wait for may be over: look at each of their sequences again. The caller holds the leads.

    What is leased stays with whoever has it, and is asked again at its hand-over anyway; a mail that the provider would
    not take waits for its time, and is asked again then.
    """
    connection.execute(_WAKE, {"lead_ids": sorted(lead_ids), "now": now})


def _locked(connection: Connection, ids: Collection[int]) -> Sequence[Row[Any]]:
    """These addresses and all others of their mailboxes, held."""
    return connection.execute(engagement.LOCK_ADDRESSES, {"ids": ids}).all() if ids else []


def _concerned(rows: Iterable[Row[Any]], ids: Collection[int], reason: Suppression) -> list[Row[Any]]:
    """Those of the locked addresses that must not be mailed for this reason. Nothing ends at a tag alone: a host that
    knows no tags refuses them and takes mail to the mailbox itself."""
    rows, told = list(rows), set(ids)
    gone = {row.mailbox for row in rows if row.id in told and row.email == row.mailbox}
    all_tags = reason in _OF_THE_PERSON
    return [
        row for row in rows if row.id in told or all_tags or (reason is Suppression.HARD_BOUNCE and row.mailbox in gone)
    ]


def _in_force(row: Row[Any], now: datetime) -> Suppression | None:
    return Suppression.in_force(row.suppressed, row.suppressed_until, now)


def _leads_at(connection: Connection, address_ids: list[int]) -> list[int]:
    return [row.id for row in connection.execute(engagement.LEADS_AT, {"ids": address_ids})]


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
    """Lock leads, then their enrollments, in the order in which everybody does. SQLite has one writer and no locks."""
    if connection.dialect.name == "sqlite":
        return
    ids = {"ids": sorted(lead_ids)}
    connection.execute(engagement.LOCK_LEADS, ids)
    connection.execute(engagement.LOCK_ENROLLMENTS, ids)
