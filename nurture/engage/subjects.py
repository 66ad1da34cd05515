"""Whom an event of the mail provider is about: a fixed number of queries for a whole request.

An event is about a mail of ours if it carries our environment and an attempt that we know. A bounce or a complaint
that comes without them (the provider sometimes loses them) is about whoever has the address, and about the mail
whose number at the provider is in its Message-ID, if that was one of theirs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row

from models.bulk import Lookup
from models.queries import engagement, ledger
from models.words import AttemptState
from nurture.core.mailbox import as_stored, mailbox_of
from nurture.leads.who import asked, behind
from nurture.mail.events import DeliveryEvent, DeliveryKind

#: what may come without our marks and still concern us
LOSES_MARKS = frozenset({DeliveryKind.COMPLAINED, DeliveryKind.OPTED_OUT, DeliveryKind.BOUNCED})

#: what may say something against an address
_AGAINST = LOSES_MARKS | {DeliveryKind.BLOCKED, DeliveryKind.DROPPED}

#: attempts whose end an event can still tell; what is accepted stays so
_OPEN = frozenset({AttemptState.POSTING, AttemptState.UNKNOWN, AttemptState.NOT_ACCEPTED})

#: attempts with the mail and the lead they were for; an alert's attempt has neither, but for the mail that asks a lead
#: to confirm: what comes of that is about the lead
_ATTEMPTS = Lookup(
    """
    SELECT a.id, a.state, COALESCE(m.lead_id, l.id), a.message_id, a.outbox_id
    FROM attempt a LEFT JOIN message m ON m.id = a.message_id
    LEFT JOIN outbox o ON o.id = a.outbox_id AND o.kind = 'confirm_mail'
    LEFT JOIN lead l ON l.id = CAST(o.payload ->> 'lead_id' AS INTEGER)
    WHERE a.id IN :values*
    """
)
#: where mails to leads go by now
_ADDRESSES = Lookup(
    "SELECT l.id, d.id, d.email FROM lead l JOIN address d ON d.id = l.address_id WHERE l.id IN :values*"
)


class Subject(NamedTuple):
    """What an event is about, as far as we know."""

    lead_id: int | None = None
    #: known where the event may say something against it
    address_id: int | None = None
    message_id: int | None = None
    #: the attempt is an alert's
    is_alert: bool = False
    #: nobody knows yet whether the provider has the mail
    is_open: bool = False
    #: what the address is called by now; None where the event itself was found by its address
    email: str | None = None

    def is_at(self, address: str) -> bool:
        """Whether a failure at this address is one of ours, and not of one that its lead has left since."""
        return not address or self.email is None or as_stored(address) == self.email


class Report(NamedTuple):
    """An event with its subject; None where it is about no mail of ours. An orphan should be, and is not found."""

    event: DeliveryEvent
    subject: Subject | None
    orphan: bool = False


def resolve(connection: Connection, events: Collection[DeliveryEvent]) -> list[Report]:
    """Each event with what it is about."""
    environment = connection.execute(ledger.INSTALLATION).one().environment
    ours = {event.attempt_id for event in events if event.environment == environment and event.attempt_id}
    by_attempt = _attempts(connection, ours)
    against = {event.attempt_id for event in events if event.kind in _AGAINST}
    by_attempt |= _with_addresses(connection, {id_: by_attempt[id_] for id_ in against & by_attempt.keys()})
    lost = [event for event in events if event.kind in LOSES_MARKS and event.environment in ("", environment)]
    by_address = _addresses(connection, lost)

    def report(event: DeliveryEvent) -> Report:
        of_ours = event.environment == environment
        subject = by_attempt.get(event.attempt_id) if of_ours else None
        if subject is None and event.kind in LOSES_MARKS and (of_ours or not event.environment):
            subject = by_address.get(event.key)
        return Report(event, subject, of_ours and subject is None)

    return [report(event) for event in events]


def leads_held_at(connection: Connection, address_ids: Collection[int]) -> set[int]:
    """Lock these addresses and all others of their mailboxes; the leads there, whom a no of the person silences too."""
    if not address_ids:
        return set()
    held = [row.id for row in connection.execute(engagement.LOCK_ADDRESSES, {"ids": sorted(address_ids)})]
    return {row.id for row in connection.execute(engagement.LEADS_AT, {"ids": held})}


def _attempts(connection: Connection, ids: Collection[str]) -> dict[str, Subject]:
    return {
        id_: Subject(lead_id, None, message_id, outbox_id is not None, state in _OPEN)
        for id_, state, lead_id, message_id, outbox_id in _ATTEMPTS(connection, sorted(ids))
    }


def _with_addresses(connection: Connection, subjects: Mapping[str, Subject]) -> dict[str, Subject]:
    """The same; most events say nothing against an address, and then nobody looks it up."""
    leads = sorted({one.lead_id for one in subjects.values() if one.lead_id})
    found = {lead_id: (address_id, email) for lead_id, address_id, email in _ADDRESSES(connection, leads)}
    return {
        id_: one._replace(address_id=found[one.lead_id][0], email=found[one.lead_id][1])
        for id_, one in subjects.items()
        if one.lead_id in found
    }


def _addresses(connection: Connection, events: Sequence[DeliveryEvent]) -> Mapping[bytes, Subject]:
    """By the event's key: the lead behind the address, and the mail if the provider's number tells."""
    if not events:
        return {}
    emails = {event.address.lower() for event in events}
    people = behind(connection.execute(engagement.ADDRESSES, asked(emails)), emails)
    numbers = {"ids": sorted({row.lead_id for row in people.values() if row.lead_id})}
    numbers |= {"names": sorted({_number(event.smtp_id) for event in events} - {""})}
    mails = {
        (row.lead_id, row.provider_id): row.message_id for row in connection.execute(engagement.BY_NUMBER, numbers)
    }
    return {
        event.key: Subject(row.lead_id, row.address_id, mails.get((row.lead_id, _number(event.smtp_id))))
        for event in events
        if (row := _whom(people, event))
    }


def _whom(people: Mapping[str, Row[Any]], event: DeliveryEvent) -> Row[Any] | None:
    """Who has the address, under whatever tag; but that a tag bounces says nothing of the mailbox."""
    email = event.address.lower()
    row = people.get(email)
    tag_alone = event.kind is DeliveryKind.BOUNCED and email != mailbox_of(email)
    return None if row and tag_alone and row.email != email else row


def _number(smtp_id: str) -> str:
    """The provider's number of a mail, which its own Message-IDs begin with."""
    return smtp_id.strip("<> ").partition("@")[0]
