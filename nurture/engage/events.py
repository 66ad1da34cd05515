"""The mail provider's events: proof that a mail was taken, reasons never to mail again, and clicks.

Some requests together are looked up, written and locked with a fixed number of statements. Events are kept first: what
the database takes is new, and only what is new has consequences.
"""

from __future__ import annotations

import logging
import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence, Set
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row

from models.bulk import Insert, stored
from models.queries import engagement
from models.words import Suppression
from nurture import alerts, gates
from nurture.alerts import account
from nurture.announce import announce, announce_suppressed
from nurture.core.links import bare, without_token
from nurture.engage import crowds
from nurture.engage.soft import count_again
from nurture.engage.subjects import Report, Subject, leads_held_at, resolve
from nurture.engage.tally import Told
from nurture.engage.verdicts import judge_again
from nurture.ledger.settle import accepted, settle
from nurture.mail.events import BadEvent, DeliveryEvent, DeliveryKind
from nurture.mail.sendgrid import SendGridMailer, read_events
from nurture.ports import Ports
from nurture.suppress import suppress

log = logging.getLogger(__name__)

PROVIDER = SendGridMailer.name

#: what an event says against mailing an address
SUPPRESSES: Mapping[DeliveryKind, Suppression] = {
    DeliveryKind.COMPLAINED: Suppression.COMPLAINT,
    DeliveryKind.OPTED_OUT: Suppression.OPT_OUT,
    DeliveryKind.BOUNCED: Suppression.HARD_BOUNCE,
}
#: the mail did not arrive, and the provider will not try again
FAILED = frozenset({DeliveryKind.BOUNCED, DeliveryKind.BLOCKED, DeliveryKind.DROPPED})
#: what verdicts on clicks are made of
_JUDGED = frozenset({DeliveryKind.CLICKED, DeliveryKind.DELIVERED})
_OF_OUR_ACCOUNT = frozenset({DeliveryKind.ACCOUNT_CHANGED})
#: as they are stored; looked up, because an enum's own `.value` takes as long as the rest of a row
_WORDS = {kind: kind.value for kind in DeliveryKind}

_WORD = re.compile("[a-z_]{1,40}")
_LONGEST_URL, _LONGEST_TEXT, _LONGEST_NAME = 2000, 1000, 100

_KEEP = Insert(
    "event",
    ("key", "lead_id", "message_id", "kind", "occurred_at", "received_at", "url", "name", "ip", "user_agent",
     "machine", "because", "reason"),
    "ON CONFLICT (key) DO NOTHING",
)  # fmt: skip


def fold_events(connection: Connection, ports: Ports, requests: Sequence[Row[Any]], now: datetime) -> list[Told]:
    """Work requests of events together; what each told. Raises ValueError for a body that is no list of events."""
    read = [read_events(request.body) for request in requests]
    first_told: dict[bytes, tuple[int, DeliveryEvent]] = {}
    for place, entries in enumerate(read):
        for entry in entries:
            if isinstance(entry, DeliveryEvent):
                first_told.setdefault(entry.key, (place, entry))
    # In one order, the same for everybody: two workers with the same events then wait for each other. Those of one mail
    # stand together, as they do in the indexes.
    told = sorted((event for _, event in first_told.values()), key=attrgetter("message_id", "key"))
    reports = resolve(connection, told)
    arrived = [stored(connection, request.received_at) for request in requests]
    ours = ports.public_url
    rows = [_row(connection, report, arrived[first_told[report.event.key][0]], ours) for report in reports]
    new = _KEEP.new(connection, rows, "key")
    fresh = [report for report in reports if report.event.key in new]
    _apply(connection, ports, fresh, now)
    by_request = defaultdict[int, list[Report]](list)
    for report in fresh:
        by_request[first_told[report.event.key][0]].append(report)
    return [_told(entries, by_request[place]) for place, entries in enumerate(read)]


def _told(entries: Sequence[DeliveryEvent | BadEvent], fresh: Sequence[Report]) -> Told:
    faults = tuple((n, entry.reason) for n, entry in enumerate(entries, 1) if isinstance(entry, BadEvent))
    foreign = sum(report.subject is None for report in fresh)
    orphans = sum(report.orphan for report in fresh)
    return Told(len(fresh) - foreign, len(entries) - len(faults) - len(fresh), foreign, orphans, faults)


def _apply(connection: Connection, ports: Ports, fresh: Collection[Report], now: datetime) -> None:
    ours = [(event, about) for event, about, _ in fresh if about]
    by_kind = defaultdict[DeliveryKind, list[tuple[DeliveryEvent, Subject]]](list)
    for event, about in ours:
        by_kind[event.kind].append((event, about))
    _close_gate(connection, fresh, now)
    clicks = by_kind[DeliveryKind.CLICKED]
    joined = crowds.joined(connection, ((event.ip, event.occurred_at) for event, _ in clicks if event.ip))
    _hold(connection, ours, joined.leads)
    proofs = {event.attempt_id for event, about in ours if about.is_open and about.message_id}
    settle(connection, ports.library, accepted(proofs, "the provider reports on it"), now)
    against: Mapping[Suppression, set[int]] = {reason: set() for reason in SUPPRESSES.values()}
    for event, about in ours:
        if about.address_id and (reason := _against(event, about)):
            against[reason].add(about.address_id)
    for reason, addresses in against.items():
        suppress(connection, addresses, reason, PROVIDER, now)
        announce_suppressed(connection, ports.project.config, addresses, now)
    for event, about in by_kind[DeliveryKind.BOUNCED]:
        if about.lead_id and about.is_at(event.address):
            key = event.key.hex()
            announce(connection, ports.project.config, "email.bounced", about.lead_id, {}, key=key, now=now)
    blocked = by_kind[DeliveryKind.BLOCKED]
    put_off = {about.address_id for event, about in blocked if about.address_id and about.is_at(event.address)}
    count_again(connection, put_off, now)
    announce_suppressed(connection, ports.project.config, put_off, now)
    joined.mark(connection)
    judged = {about.message_id for kind in _JUDGED for _, about in by_kind[kind] if about.message_id}
    judge_again(connection, ports.project.config, judged | joined.messages, now)
    heard = [event for event, about in ours if about.is_alert]
    failed = {event.attempt_id: event.reason for event in heard if event.kind in FAILED}
    alerts.heard(connection, {event.attempt_id for event in heard}, failed, now)


def _against(event: DeliveryEvent, about: Subject) -> Suppression | None:
    """What an event says against mailing the address it is about; a drop says it where the provider has the address on
    a list. That one is gone says nothing of the one that took its place; what a person wants goes along."""
    reason = SUPPRESSES.get(event.listed or event.kind)
    return None if reason is Suppression.HARD_BOUNCE and not about.is_at(event.address) else reason


def _hold(connection: Connection, ours: Iterable[tuple[DeliveryEvent, Subject]], others: Set[int]) -> None:
    """Take every lock that will be needed, in the order in which everybody does: for these, and for other leads whose
    mails are judged. SQLite has one writer and no locks."""
    if connection.dialect.name == "sqlite":
        return
    ours = list(ours)
    stopped = [about for event, about in ours if _against(event, about) or event.kind is DeliveryKind.BLOCKED]
    moved = stopped + [about for _, about in ours if about.is_open]
    judged = [about for event, about in ours if event.kind in _JUDGED]
    at = leads_held_at(connection, {one.address_id for one in stopped if one.address_id})
    silenced = {one.lead_id for one in moved if one.lead_id} | at
    leads = silenced | {one.lead_id for one in judged if one.lead_id} | others
    connection.execute(engagement.LOCK_LEADS, {"ids": sorted(leads)})
    connection.execute(engagement.LOCK_ENROLLMENTS, {"ids": sorted(silenced)})


def _close_gate(connection: Connection, fresh: Iterable[Report], now: datetime) -> None:
    """The provider changed our account: nobody is mailed until a person has looked. Gates come first in lock order."""
    told = [event for event, _, _ in fresh if event.kind in _OF_OUR_ACCOUNT]
    changes = {event.subtype: event.key.hex() for event in told}
    for change, key in sorted(changes.items()):
        what = change if _WORD.fullmatch(change) else "of a kind it does not name"
        log.error("the mail provider changed the status of our account (%s): nothing more is mailed", what)
        reason = f"the provider changed the status of our account ({what})"
        gate = gates.mailer_gate(PROVIDER)
        gates.close(connection, gate, reason, now, by=PROVIDER)
        account.tell(connection, key, gate, what, now)


def _row(connection: Connection, report: Report, arrived: object, public_url: str) -> tuple[object, ...]:
    """An event as it is kept, by the columns of `_KEEP`; of other people's mails nothing but that it happened."""
    event, about, orphan = report
    when = stored(connection, event.occurred_at), arrived
    if about is None:
        because = "orphan" if orphan else None
        return (event.key, None, None, _WORDS[event.kind], *when, None, None, None, None, event.machine, because, None)
    return (
        event.key, about.lead_id, about.message_id, _WORDS[event.kind], *when,
        without_token(bare(event.url), public_url)[:_LONGEST_URL] or None,
        event.classification[:_LONGEST_NAME] or None, event.ip or None,
        event.user_agent[:_LONGEST_TEXT] or None, event.machine, None, event.reason[:_LONGEST_TEXT] or None,
    )  # fmt: skip
