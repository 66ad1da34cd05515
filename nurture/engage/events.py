"""The mail provider's events: proof that a mail was taken, reasons never to mail again, and clicks.

A whole request is looked up, locked and written with a fixed number of statements. An event is about a mail
of ours if it carries our environment and an attempt that we know. A bounce or a complaint that comes without
them (the provider sometimes loses them) is about whoever has the address.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from sqlalchemy import Connection

from models.queries import engagement, ledger
from models.statement import write
from models.words import Suppression
from nurture import alerts, gates
from nurture.engage.tally import Told
from nurture.engage.verdicts import judge_again
from nurture.ledger.settle import accepted, settle
from nurture.mail.events import BadEvent, DeliveryEvent, DeliveryKind
from nurture.mail.sendgrid import SendGridMailer, read_events
from nurture.ports import Ports
from nurture.suppress import hold_leads, suppress

PROVIDER = SendGridMailer.name

#: what an event says against mailing an address
SUPPRESSES: Mapping[DeliveryKind, Suppression] = {
    DeliveryKind.COMPLAINED: Suppression.COMPLAINT,
    DeliveryKind.OPTED_OUT: Suppression.OPT_OUT,
    DeliveryKind.BOUNCED: Suppression.HARD_BOUNCE,
}
#: the mail did not arrive, and the provider will not try again
FAILED = frozenset({DeliveryKind.BOUNCED, DeliveryKind.BLOCKED, DeliveryKind.DROPPED})

_LONGEST_URL, _LONGEST_TEXT = 2000, 1000

_KEEP = write(
    """
    INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, url, ip, user_agent, machine, reason)
    VALUES (:key, :lead_id, :message_id, :kind, :occurred_at, :received_at, :url, :ip, :user_agent, :machine, :reason)
    ON CONFLICT (key) DO NOTHING
    """
)


@dataclass(frozen=True, slots=True)
class Subject:
    """What an event is about, as far as we know."""

    lead_id: int | None = None
    address_id: int | None = None
    message_id: int | None = None
    #: the attempt is an alert's
    is_alert: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """An event with its subject; None where it is about no mail of ours."""

    event: DeliveryEvent
    subject: Subject | None


def fold_events(connection: Connection, ports: Ports, body: bytes, received_at: datetime, now: datetime) -> Told:
    """Work one request of events. Raises ValueError for a body that is no list of events."""
    entries = read_events(body)
    faults = tuple((n, entry.reason) for n, entry in enumerate(entries, 1) if isinstance(entry, BadEvent))
    told = {entry.key: entry for entry in entries if isinstance(entry, DeliveryEvent)}
    reports = _resolve(connection, sorted(told.values(), key=lambda event: event.key))
    ours = [report.subject for report in reports if report.subject]
    _close_gate(connection, reports, now)
    _hold(connection, ours)
    fresh = _fresh(connection, reports)
    if fresh:
        _apply(connection, ports, fresh, received_at, now)
    foreign = sum(report.subject is None for report in fresh)
    return Told(len(fresh) - foreign, len(entries) - len(faults) - len(fresh), foreign, faults)


def _resolve(connection: Connection, events: Iterable[DeliveryEvent]) -> list[Report]:
    """Each event with what it is about: two queries, however many there are."""
    environment = connection.execute(ledger.INSTALLATION).one().environment
    events = list(events)
    by_attempt = _attempts(connection, {event.attempt_id for event in events if event.environment == environment})
    lost = {event.address.lower() for event in events if _may_be_ours(event, environment)}
    by_address = _addresses(connection, lost)

    def subject(event: DeliveryEvent) -> Subject | None:
        if event.environment == environment and event.attempt_id in by_attempt:
            return by_attempt[event.attempt_id]
        return by_address.get(event.address.lower()) if _may_be_ours(event, environment) else None

    return [Report(event, subject(event)) for event in events]


def _may_be_ours(event: DeliveryEvent, environment: str) -> bool:
    """Whether the address alone is enough to tell whom an event is about."""
    return event.kind in SUPPRESSES and event.environment in ("", environment)


def _attempts(connection: Connection, ids: Collection[str]) -> dict[str, Subject]:
    if not ids:
        return {}
    rows = connection.execute(engagement.ATTEMPTS, {"attempts": sorted(ids)})
    return {row.id: Subject(row.lead_id, row.address_id, row.message_id, row.outbox_id is not None) for row in rows}


def _addresses(connection: Connection, emails: Collection[str]) -> dict[str, Subject]:
    if not emails:
        return {}
    rows = connection.execute(engagement.ADDRESSES, {"emails": sorted(emails)})
    return {row.email: Subject(row.lead_id, row.address_id) for row in rows}


def _fresh(connection: Connection, reports: Collection[Report]) -> list[Report]:
    """What we have not been told before."""
    if not reports:
        return []
    keys = [report.event.key for report in reports]
    known = {row.key for row in connection.execute(engagement.KNOWN_EVENTS, {"keys": keys})}
    return [report for report in reports if report.event.key not in known]


def _hold(connection: Connection, subjects: Iterable[Subject]) -> None:
    """Take every lock that will be needed, in the order in which everybody does."""
    subjects = list(subjects)
    addresses = sorted({one.address_id for one in subjects if one.address_id})
    connection.execute(engagement.LOCK_ADDRESSES, {"ids": addresses})
    hold_leads(connection, {one.lead_id for one in subjects if one.lead_id})


def _apply(
    connection: Connection, ports: Ports, fresh: Collection[Report], received_at: datetime, now: datetime
) -> None:
    ours = [(report.event, report.subject) for report in fresh if report.subject]
    proofs = accepted((event.attempt_id for event, about in ours if about.message_id), "the provider reports on it")
    settle(connection, ports.library, proofs, now)
    for kind, reason in SUPPRESSES.items():
        against = {about.address_id for event, about in ours if event.kind is kind and about.address_id}
        suppress(connection, against, reason, PROVIDER, now)
    connection.execute(_KEEP, [_row(report, received_at) for report in fresh])
    moved = {about.message_id for event, about in ours if event.kind in (DeliveryKind.CLICKED, DeliveryKind.DELIVERED)}
    judge_again(connection, ports.project.config.agreement, {id_ for id_ in moved if id_}, now)
    heard = [event for event, about in ours if about.is_alert]
    failed = {event.attempt_id: event.reason for event in heard if event.kind in FAILED}
    alerts.heard(connection, {event.attempt_id for event in heard}, failed, now)


def _close_gate(connection: Connection, reports: Iterable[Report], now: datetime) -> None:
    """The provider changed our account: nobody is mailed until a person has looked. Gates come first in lock order."""
    if _fresh(connection, [report for report in reports if report.event.kind is DeliveryKind.ACCOUNT_CHANGED]):
        reason = "the provider changed the status of our account"
        gates.close(connection, gates.mailer_gate(PROVIDER), reason, now, by=PROVIDER)


def _row(report: Report, received_at: datetime) -> dict[str, object]:
    """An event as it is kept; of other people's mails nothing but that it happened."""
    event, about = report.event, report.subject
    told = event if about else None
    return {
        "key": event.key,
        "lead_id": about.lead_id if about else None,
        "message_id": about.message_id if about else None,
        "kind": event.kind,
        "occurred_at": event.occurred_at,
        "received_at": received_at,
        "url": clean_url(told.url) or None if told else None,
        "ip": told.ip or None if told else None,
        "user_agent": told.user_agent[:_LONGEST_TEXT] or None if told else None,
        "machine": event.machine,
        "reason": told.reason[:_LONGEST_TEXT] or None if told else None,
    }


def clean_url(url: str) -> str:
    """A link without what was put on it for the statistics of others (utm_...)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url[:_LONGEST_URL]
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = urlencode([(name, value) for name, value in query if not name.startswith("utm_")])
    return urlunsplit(parts._replace(query=kept))[:_LONGEST_URL]
