"""What was expected beside what was seen, and where they differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from difflib import SequenceMatcher
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from models.queries import journey, rehearsal, simulate
from models.words import EnrollmentState
from nurture.content.doings import is_mail
from nurture.content.rehearsal import Expected, ExpectedMail
from nurture.core import steps
from nurture.core.cadence import after, exact, local
from nurture.core.fields import REPLIES
from nurture.enroll import obstacle
from nurture.gather import facts_of, read_leads, uses
from nurture.history import history
from nurture.leads import find_lead
from nurture.simulate import Played, Timeline, World, timeline

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class SeenMail:
    """A mail that left at `at` (UTC), and the sentence for it."""

    at: datetime
    template: str
    because: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of the lead of a test. `refused` says why it did not come in, `ended` why it left, `waiting` where
    it stands."""

    mails: Sequence[SeenMail]
    stage: str
    refused: str | None
    ended: str | None
    waiting: str | None
    tags: Sequence[str]
    alerts: Sequence[str]
    webhooks: Sequence[str]
    timeline: Timeline


@dataclass(frozen=True, slots=True)
class MailLine:
    """A line of the comparison: a mail that came as expected (" "), that did not come ("-"), that was not expected
    ("+"). `when` is the time as it was seen or expected, `because` the sentence for it."""

    mark: Literal[" ", "-", "+"]
    mail: str
    when: str
    because: str = ""

    @property
    def ok(self) -> bool:
        return self.mark == " "


@dataclass(frozen=True, slots=True)
class Difference:
    """Something else that is not as expected."""

    what: str
    expected: str
    seen: str

    def __str__(self) -> str:
        return f"{self.what}: expected {self.expected}; {self.seen}" if self.expected else f"{self.what}: {self.seen}"


def look(world: World, played: Played, lead_id: int, sequence: steps.Sequence, refused: str | None) -> Seen:
    """What became of the lead."""
    database = world.ports.database
    lead, way = find_lead(database, str(lead_id)), timeline(world, played, str(lead_id))
    assert lead is not None
    assert way is not None
    with database.reading() as connection:
        sent = connection.execute(simulate.SENT, {"from_at": world.start}).all()
        told = connection.execute(rehearsal.TOLD).all()
        tags = [row.tag for row in connection.execute(journey.TAGS, {"ids": [lead_id]})]
    past = history(database, lead_id)
    stays = [row for row in past.enrollments if row.sequence == sequence.name]
    replies = {row.id: f"Replied, {REPLIES[row.intent]}" for row in past.replies if row.intent}
    last = stays[-1] if stays else None
    return Seen(
        mails=_mails(sent, way),
        stage=lead.stage,
        refused=None if last else refused or _why_not(world, lead_id, sequence),
        ended=last.reason if last and last.state != EnrollmentState.ACTIVE else None,
        waiting=last.step if last and last.state == EnrollmentState.ACTIVE else None,
        tags=sorted(tags),
        alerts=[_note(row.payload_json, replies) for row in told if row.kind == "note_alert"],
        webhooks=[row.payload_json["webhook"] for row in told if row.kind == "webhook"],
        timeline=way,
    )


def _mails(sent: Sequence[Row[Any]], way: Timeline) -> list[SeenMail]:
    because = {(entry.at, entry.what): entry.because for entry in way.entries}
    return [
        SeenMail(row.started_at, row.template, because.get((row.started_at, f"mail {row.template}"), ""))
        for row in sent
    ]


def _note(alert: Mapping[str, Any], replies: Mapping[int, str]) -> str:
    """What the marketer wrote into the step, or that the lead replied, and what it asks for."""
    return replies[alert["reply_id"]] if "reply_id" in alert else str(alert["note"])


def _why_not(world: World, lead_id: int, sequence: steps.Sequence) -> str:
    """Why the lead did not come in, as far as that can still be told."""
    now, ports = world.clock.now(), world.ports
    with ports.database.reading() as connection:
        known = read_leads(connection, [lead_id], ports.project, now, [sequence])
    facts = facts_of(known, lead_id, ports.project, now, names=uses(sequence))
    return obstacle(sequence, facts, [], now) or "nothing let it in"


def compare(
    expected: Expected, seen: Seen, zone: str, start: datetime, window: steps.SendWindow, never: Sequence[str]
) -> tuple[tuple[MailLine, ...], tuple[Difference, ...]]:
    """The mails side by side, and everything else that differs. `never` are events that did not come to pass."""
    mails = _Mails(seen, zone, start, window).compare(expected.mails) if expected.mails is not None else ()
    return tuple(mails), (*_differences(expected, seen), *_never(never))


def _differences(expected: Expected, seen: Seen) -> Iterator[Difference]:
    came = f"it did not come in: {seen.refused}" if seen.refused else "it came in"
    stands = f"it left: {seen.ended}" if seen.ended else f"it stands at {seen.waiting}" if seen.waiting else came
    if (expected.enters is not False) is bool(seen.refused):
        yield Difference("enters", "" if expected.enters is None else _yes(expected.enters), came)
    if expected.ended is not None and expected.ended != seen.ended:
        yield Difference("ended", expected.ended, stands)
    if expected.waiting is not None and expected.waiting != seen.waiting:
        yield Difference("waiting", expected.waiting, stands)
    if expected.stage is not None and expected.stage != seen.stage:
        yield Difference("stage", expected.stage, f"it is {seen.stage}")
    lists: Mapping[str, tuple[Sequence[str] | None, Sequence[str]]] = {
        "tags": (expected.tags and sorted(expected.tags), seen.tags),
        "alerts": (expected.alerts, seen.alerts),
        "webhooks": (expected.webhooks, seen.webhooks),
    }
    for what, (wanted, there) in lists.items():
        if wanted is not None and list(wanted) != list(there):
            yield Difference(what, ", ".join(wanted) or "none", f"there are: {', '.join(there) or 'none'}")


def _never(never: Sequence[str]) -> Iterator[Difference]:
    for line in never:
        yield Difference("events", "", f"this never came to pass: {line}")


def _yes(answer: bool) -> str:
    return "yes" if answer else "no"


@dataclass(frozen=True, slots=True)
class _Mails:
    """The mails that were seen, ready to be held against those that were expected."""

    seen: Seen
    zone: str
    start: datetime
    window: steps.SendWindow

    def compare(self, expected: Sequence[ExpectedMail]) -> Iterator[MailLine]:
        there = [mail.template for mail in self.seen.mails]
        wanted = [next((one for one in there if is_mail(mail.template, one)), mail.template) for mail in expected]
        for how, a, b, c, d in SequenceMatcher(None, wanted, there, autojunk=False).get_opcodes():
            if how == "equal":
                for left, right in zip(range(a, b), range(c, d), strict=True):
                    yield from self._both(expected[left], right)
            else:
                yield from (_missing(mail) for mail in expected[a:b])
                yield from (self._line("+", number) for number in range(c, d))

    def _both(self, mail: ExpectedMail, number: int) -> Iterator[MailLine]:
        if self._in_time(mail, number):
            yield self._line(" ", number)
        else:
            yield _missing(mail)
            yield self._line("+", number)

    def _in_time(self, mail: ExpectedMail, number: int) -> bool:
        at, late = self.seen.mails[number].at, exact(self.window.spread) if self.window.spread else timedelta()
        if mail.at:
            return mail.at.fits(at.astimezone(ZoneInfo(self.zone)), late)
        if mail.after:
            before = self.seen.mails[number - 1].at if number else self.start
            due = after(mail.after, before, self.zone, self.window)
            return timedelta(0) <= at - due <= late + _MINUTE
        return True

    def _line(self, mark: Literal[" ", "+"], number: int) -> MailLine:
        mail = self.seen.mails[number]
        return MailLine(mark, mail.template, local(mail.at, self.zone), mail.because)


def _missing(mail: ExpectedMail) -> MailLine:
    _, _, when = mail.text.partition(" ")
    return MailLine("-", mail.template, when or "at any time")
