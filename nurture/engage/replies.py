"""Mails that come in: what people answer, what machines answer, bounces and complaints.

What is proved to be about a mail of ours has consequences; all else is kept, and a person's words are shown to a
person. Repeated, or in any order, they come to the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from sqlalchemy import Connection

from models.queries import engagement, replies, sales
from models.statement import write
from models.words import Suppression
from nurture.alerts import NOTE_ALERT
from nurture.announce import announce, announce_left, announce_pause, announce_suppressed
from nurture.core.mailbox import as_stored, mailbox_of
from nurture.engage.answered import Answered, find, is_ours
from nurture.engage.subjects import leads_held_at
from nurture.engage.tally import Told
from nurture.engage.verdicts import ask_again, judge_again
from nurture.gather import WITH_SOMEBODY
from nurture.handoff.asked import asks_for_a_person
from nurture.mail.events import content_key
from nurture.mail.inbound import (
    Absence,
    Intent,
    Kind,
    Mail,
    Reading,
    Sorted,
    own_words,
    read_absence,
    read_intent,
    read_mail,
    sort_mail,
)
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.suppress import came_back, hold_leads, silence, suppress, wake

#: what is said to have opted somebody out
BY_REPLY = "reply"
WRONG_PERSON_TAG = "wrong-person"
#: as much of a reply is kept (characters), and so many alerts about one lead go out in a day
LONGEST_TEXT, LONGEST_SUBJECT, MOST_ALERTS = 20_000, 300, 10

_DAY = timedelta(days=1)

_KEEP = write(
    """
    INSERT INTO reply (key, inbox_id, kind, sorted_by, lead_id, message_id, matched_by, proved, sender, subject, text,
        intent, because, resume_at, received_at)
    VALUES (:key, :inbox_id, :kind, :sorted_by, :lead_id, :message_id, :matched_by, :proved, :sender, :subject, :text,
        :intent, :because, :resume_at, :received_at)
    ON CONFLICT (key) DO NOTHING RETURNING id
    """
)
_EVENT = write(
    """
    INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, name, machine, verdict, counts_at,
        reason)
    VALUES (:key, :lead_id, :message_id, :kind, :received_at, :received_at, :name, FALSE, :verdict, :counts_at,
        :reason)
    ON CONFLICT (key) DO NOTHING
    """
)
_STOP = write(
    """
    UPDATE enrollment SET state = 'stopped', ended_at = :now, reason = 'replied', due_at = NULL, lease_until = NULL
    WHERE id = :id AND state = 'active'
    """
)
_DROP_PLANNED = write(
    "UPDATE message SET state = 'suppressed', reason = 'replied' WHERE enrollment_id = :id AND state = 'planned'"
)
_PAUSE = write(
    """
    UPDATE address SET paused_until = :resume_at, version = version + 1
    WHERE id = :id AND (paused_until IS NULL OR paused_until < :resume_at)
    """
)
_TAG = write(
    "INSERT INTO lead_tag (lead_id, tag, since) VALUES (:lead_id, :tag, :now) ON CONFLICT (lead_id, tag) DO NOTHING"
)


@dataclass(frozen=True, slots=True)
class _Answer:
    """A mail that came in and what was made of it."""

    mail: Mail
    sorted: Sorted
    about: Answered | None
    key: bytes
    received_at: datetime
    words: str = ""
    reading: Reading | None = None
    #: of a machine's answer: whether its owner is away
    absence: Absence | None = None

    @property
    def resume_at(self) -> datetime | None:
        told = self.reading or self.absence
        return datetime.combine(told.on, time(), UTC) if told and told.on else None


def fold_mail(
    connection: Connection, ports: Ports, body: bytes, received_at: datetime, now: datetime, inbox_id: int | None = None
) -> Told:
    """Work one mail that came in. Raises ValueError for a request that holds no mail."""
    answer = _read(connection, ports, body, received_at)
    about = answer.about
    if about:
        hold_leads(connection, {about.lead_id} | leads_held_at(connection, [about.address_id]))
    reply_id = connection.execute(_KEEP, _row(answer) | {"inbox_id": inbox_id}).scalar()
    if reply_id is None:
        return Told(repeated=1)
    if about is None:
        return Told(foreign=1)
    if about.proved and answer.sorted.kind in _CONSEQUENCES:
        _CONSEQUENCES[answer.sorted.kind](connection, ports, answer, about, now)
    if answer.sorted.kind is Kind.HUMAN:
        _tell(connection, answer, about, reply_id, now)
    return Told(events=1)


def _read(connection: Connection, ports: Ports, body: bytes, received_at: datetime) -> _Answer:
    mail = read_mail(body)
    told = sort_mail(mail)
    about = find(connection, mail, told.about or mail.sender)
    if told.kind in _FROM_SOMEBODY and is_ours(ports.project.config, mail.sender, about):
        words = own_words(mail.text, _marks(ports))[0] if told.kind is Kind.HUMAN else ""
        return _Answer(mail, Sorted(Kind.OURS, "one of our own people wrote"), about, _key(mail), received_at, words)
    words, reading = _words(mail, received_at, _marks(ports)) if told.kind is Kind.HUMAN else ("", None)
    absence = None
    if told.kind is Kind.AUTOMATIC:
        absence = read_absence(mail.subject, own_words(mail.text, _marks(ports))[0], received_at.date())
    return _Answer(mail, told, about, _key(mail), received_at, words, reading, absence)


def _marks(ports: Ports) -> tuple[str, ...]:
    """What only a footer of ours holds: the way to unsubscribe, and the postal address."""
    return (f"{ports.public_url}/u/", ports.project.config.brand.address)


def _words(mail: Mail, received_at: datetime, ours: Sequence[str]) -> tuple[str, Reading]:
    """The writer's own words and what they ask for; where they cannot be told from ours, nothing is concluded."""
    words, own = own_words(mail.text, ours)
    if words and not own:
        return words, Reading(Intent.OTHER, "its own words cannot be told from a quote")
    is_answer = bool(mail.answers) or ":" in mail.subject[:5]
    return words, read_intent(words, received_at.date(), "" if is_answer else mail.subject)


def _key(mail: Mail) -> bytes:
    """The same Message-ID from the same sender is the same mail; without one, the same content is."""
    content = [mail.message_id] if mail.message_id else [mail.headers.get("date", ""), mail.subject, mail.text]
    return content_key(0, "mail", mail.sender, *content)


def _row(answer: _Answer) -> dict[str, object]:
    """A mail as it is kept: a person's with its words, of all others only what they were."""
    about, reading, mail = answer.about, answer.reading, answer.mail
    is_kept = reading is not None or answer.sorted.kind is Kind.OURS
    return {
        "key": answer.key,
        "kind": answer.sorted.kind,
        "sorted_by": answer.sorted.because,
        "lead_id": about.lead_id if about else None,
        "message_id": about.message_id if about else None,
        "matched_by": about.by if about else None,
        "proved": bool(about and about.proved),
        "sender": as_stored(mail.sender) or None if is_kept else None,
        "subject": mail.subject[:LONGEST_SUBJECT] or None if is_kept else None,
        "text": answer.words[:LONGEST_TEXT] or None if is_kept else None,
        "intent": reading.intent if reading else None,
        "because": reading.because if reading else None,
        "resume_at": answer.resume_at,
        "received_at": answer.received_at,
    }


def _event(connection: Connection, answer: _Answer, about: Answered, kind: str, name: str = "", said: str = "") -> None:
    is_act = answer.reading is not None
    row = {
        "key": answer.key,
        "lead_id": about.lead_id,
        "message_id": about.message_id,
        "kind": kind,
        "received_at": answer.received_at,
        "name": name or None,
        "verdict": "human" if is_act else None,
        "counts_at": answer.received_at if is_act else None,
        "reason": said or None,
    }
    connection.execute(_EVENT, row)


def _away(connection: Connection, _ports: Ports, answer: _Answer, about: Answered, now: datetime) -> None:
    """A machine answered: nobody said anything, but who is away is not written to before the day after its return."""
    if answer.resume_at and answer.resume_at > now:
        connection.execute(_PAUSE, {"id": about.address_id, "resume_at": answer.resume_at})
        wake(connection, [about.lead_id], now)


def _bounced(connection: Connection, ports: Ports, answer: _Answer, about: Answered, now: datetime) -> None:
    """Our mail did not arrive. An address that it was only forwarded to is not the lead's; its mailbox is."""
    of_the_lead = ("", about.email, mailbox_of(about.email))
    kind = answer.sorted.kind if answer.sorted.about in of_the_lead else Kind.BLOCKED
    _event(connection, answer, about, kind, said=answer.sorted.said)
    if kind is Kind.BOUNCED:
        suppress(connection, [about.address_id], Suppression.HARD_BOUNCE, "a delivery report", now)
        announce(connection, ports.project.config, "email.bounced", about.lead_id, {}, key=answer.key.hex(), now=now)
        announce_suppressed(connection, ports.project.config, [about.address_id], now)


def _complained(connection: Connection, ports: Ports, answer: _Answer, about: Answered, now: datetime) -> None:
    _event(connection, answer, about, answer.sorted.kind)
    suppress(connection, [about.address_id], Suppression.COMPLAINT, "a feedback report", now)
    announce_suppressed(connection, ports.project.config, [about.address_id], now)


def _answered(connection: Connection, ports: Ports, answer: _Answer, about: Answered, now: datetime) -> None:
    """A person answered: it counts, clears the lead of being quiet or a scanner, and what it wants is done."""
    assert answer.reading is not None
    _event(connection, answer, about, "replied", answer.reading.intent)
    came_back(connection, [about.address_id], BY_REPLY, now)
    if answer.reading.intent is Intent.CALL_ME:
        asks_for_a_person(connection, ports, about.lead_id, now)
    ask_again(connection, {about.lead_id: now})
    clicked = {row.message_id for row in connection.execute(engagement.CLICKED_MESSAGES, {"lead_id": about.lead_id})}
    judge_again(connection, ports.project.config, clicked, now)
    told = {"intent": str(answer.reading.intent)}
    key = f"{about.lead_id}:{now.isoformat()}"
    announce(connection, ports.project.config, "email.replied", about.lead_id, told, key=key, now=now)
    _WISHES.get(answer.reading.intent, _leave)(connection, ports, answer, about, now)


def _opt_out(connection: Connection, ports: Ports, _answer: _Answer, about: Answered, now: datetime) -> None:
    suppress(connection, [about.address_id], Suppression.OPT_OUT, BY_REPLY, now)
    announce_suppressed(connection, ports.project.config, [about.address_id], now)


def _wrong_person(connection: Connection, ports: Ports, _answer: _Answer, about: Answered, now: datetime) -> None:
    connection.execute(_TAG, {"lead_id": about.lead_id, "tag": WRONG_PERSON_TAG, "now": now})
    silence(connection, [about.lead_id], "says it is the wrong person", now)
    announce_left(connection, ports.project.config, [about.lead_id], now)


def _put_off(connection: Connection, ports: Ports, answer: _Answer, about: Answered, now: datetime) -> None:
    """Later: no mail until then, and its sequences go on from where they stand."""
    connection.execute(_PAUSE, {"id": about.address_id, "resume_at": answer.resume_at})
    wake(connection, [about.lead_id], now)
    if answer.resume_at:
        announce_pause(connection, ports.project.config, [about.lead_id], answer.resume_at, BY_REPLY, now)


def _leave(connection: Connection, ports: Ports, _answer: _Answer, about: Answered, now: datetime) -> None:
    """Whoever is in a conversation gets no more mails of the sequence, unless it asks for replies itself."""
    if about.enrollment_id is None or _listens(connection, ports, about.enrollment_id):
        return
    connection.execute(_STOP, {"id": about.enrollment_id, "now": now})
    connection.execute(_DROP_PLANNED, {"id": about.enrollment_id})
    announce_left(connection, ports.project.config, [about.lead_id], now)


def _listens(connection: Connection, ports: Ports, enrollment_id: int) -> bool:
    row = connection.execute(replies.ENROLLMENT, {"id": enrollment_id}).first()
    text = ports.library.hold(connection, [row]).text_for(row) if row else None
    return text is not None and "replied" in text.names


def _tell(connection: Connection, answer: _Answer, about: Answered, reply_id: int, now: datetime) -> None:
    """A person should read it, unless it only wants no more mail. In an alert are numbers; words are put in at the end.

    A flood of replies does not become a flood of alerts. A customer without a rep who asks for a call is the team's.
    """
    assert answer.reading is not None
    if about.proved and answer.reading.intent is Intent.STOP:
        return
    lately = connection.execute(replies.LATELY, {"lead_id": about.lead_id, "after_at": now - _DAY}).one()
    if lately.replies > MOST_ALERTS:
        return
    to = "marketing" if answer.reading.intent is Intent.WRONG_PERSON or not about.proved else "owner"
    asks = about.proved and answer.reading.intent is Intent.CALL_ME
    if asks and connection.execute(sales.LOCK_LEAD, {"id": about.lead_id}).one().stage in WITH_SOMEBODY:
        to = "sales"
    place = {"lead_id": about.lead_id, "sequence": about.sequence, "step": about.step}
    enqueue(connection, f"reply:{reply_id}", NOTE_ALERT, {**place, "reply_id": reply_id, "to": to}, now)


_Act = Callable[[Connection, Ports, _Answer, Answered, datetime], None]
#: what somebody wrote, or its mail program for it
_FROM_SOMEBODY = (Kind.HUMAN, Kind.AUTOMATIC)
#: what one of our own people wrote has none
_CONSEQUENCES: Mapping[Kind, _Act] = {
    Kind.HUMAN: _answered,
    Kind.AUTOMATIC: _away,
    Kind.BOUNCED: _bounced,
    Kind.BLOCKED: _bounced,
    Kind.COMPLAINED: _complained,
}
#: what is done beside telling a person; anything else a person writes ends the sequence it answers
_WISHES: Mapping[Intent, _Act] = {
    Intent.STOP: _opt_out,
    Intent.WRONG_PERSON: _wrong_person,
    Intent.NOT_NOW: _put_off,
}
