"""The lead brief: all that sales needs to know of a handed lead, to be read in five seconds on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

from sqlalchemy import Connection, Row

from models.queries import alerts, sales, worklist
from models.words import HandoffState, LegalGround, Suppression
from nurture.accounts import Colleague, colleagues
from nurture.answers import Answered, answers_of
from nurture.brief import background, talk
from nurture.brief.talk import QUESTIONS
from nurture.brief.words import (
    Line,
    acts_of_handoff,
    acts_of_lead,
    ago,
    begin,
    given_back,
    name_of,
    owner_name,
    place_of,
    role_of,
    tell_acts,
    until,
)
from nurture.core.agreement import Agreement
from nurture.core.assets import Asset
from nurture.core.cadence import local
from nurture.core.lifecycle import funnel
from nurture.core.promise import calendar_of, due_after_giving
from nurture.core.sales import Touch
from nurture.core.score import BASE, Act, acts_of
from nurture.core.titles import Title, read_title
from nurture.gather import has_ground, read_leads
from nurture.ports import Ports

__all__ = [
    "QUESTIONS",
    "Brief",
    "Check",
    "Line",
    "acts_of_lead",
    "ago",
    "begin",
    "brief",
    "name_of",
    "owner_name",
    "place_of",
    "role_of",
    "tell_acts",
    "told_answer",
]

STRONGEST, LATEST = 3, 5
#: words that are older when a lead is handed over do not say why it is, and so many messages are shown at most
LATELY, WORDS = timedelta(days=14), 10

_GROUNDS = {
    LegalGround.CONSENT: "Agreed to marketing mail",
    LegalGround.SOFT_OPT_IN: "May get marketing mail as a customer",
    LegalGround.CONTRACT: "May get mail under a contract",
}
_LANGUAGES = {
    "da": "Danish", "de": "German", "en": "English", "es": "Spanish", "fi": "Finnish", "fr": "French", "it": "Italian",
    "nb": "Norwegian", "nl": "Dutch", "nn": "Norwegian", "no": "Norwegian", "pl": "Polish", "pt": "Portuguese",
    "sv": "Swedish",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate that let the lead through, with its answer: yes, no or unknown."""

    text: str
    answer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A lead as sales reads it. Texts are ready to show; times are in the clock of whoever has the lead."""

    handoff_id: int
    link: str
    hand_raise: bool
    who: str
    role: str
    #: "NO, Tue 24 Nov 14:05 Oslo"; empty where nobody knows
    place: str
    email: str
    phone: str
    why_now: str
    #: what the lead wrote of late, word for word; older words are in `earlier`
    said: str
    opening: str
    grade: str
    reasons: tuple[Line, ...]
    #: the latest it did itself; what a machine did is never here
    acts: tuple[Line, ...]
    checks: tuple[Check, ...]
    questions: tuple[str, ...]
    #: whether marketing mail is allowed, in a sentence
    consent: str
    may_be_mailed: bool
    owner: str
    assigned_because: str
    due: str
    overdue: bool
    #: what was answered, by whom and what follows; empty while it is offered
    answer: str
    #: what the lead answered to the four questions
    answers: tuple[Line, ...] = ()
    #: "food, 120 people"
    company: str = ""
    #: what the job title means: "head, operations"
    reads_as: str = ""
    #: what else to know before a call: "job seeker"
    flags: tuple[str, ...] = ()
    #: "1 of 5 people we know there is warm"; then the warm ones, and in one line the cold ones
    known_there: str = ""
    colleagues: tuple[Line, ...] = ()
    cold: str = ""
    #: "Back for the 2nd time", and what is new; then what reps said in earlier rounds
    returned: str = ""
    rounds: tuple[Line, ...] = ()
    #: the next attempt by the playbook, and when
    next_step: str = ""
    #: all that the lead did itself before `acts`, in earlier rounds too; then what it wrote before `said`
    earlier: tuple[Line, ...] = ()
    #: "Tue 24 Nov 14:05 Oslo (2 hours ago)": when it wrote `said`
    said_at: str = ""
    language: str = ""
    #: it said that it wants no sales contact
    do_not_call: bool = False
    #: what to send or show
    asset: Asset | None = None
    #: a rep had begun with it when it was given on; since then nothing was done, and it asks for nobody: `due` is for
    #: reaching out
    given: bool = False
    #: a rep has begun with it: nobody waits for the answer any more
    begun: bool = False

    @property
    def next_kind(self) -> str:
        """How the playbook wants it tried next; "" where there is nothing left to try."""
        return next((kind for kind in get_args(Touch) if self.next_step.lower().startswith(kind)), "")

    @property
    def headline(self) -> str:
        """The lead in one line, for a subject or a title."""
        what = "Given on" if self.given else "Asks for a person" if self.hand_raise else "Ready for sales"
        back = " (again)" if self.returned else ""
        return f"{what}{back}: {self.who}" + (f", {self.role}" if self.role else "")


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read about a handoff; `acts` since the lead was last recycled, `ever` all of them."""

    handoff: Row[Any]
    decision: Row[Any]
    lead: Row[Any]
    zone: str
    acts: tuple[Act, ...]
    ever: tuple[Act, ...]
    #: what it wrote of late, the latest first, and what it wrote before
    said: Sequence[Row[Any]]
    said_before: Sequence[Row[Any]]
    answered: Mapping[str, Answered]
    people: Sequence[Colleague]
    rounds: tuple[Line, ...]
    next_step: str
    #: what is known of its being given on by a rep who had begun with it, where nothing was done since
    given: Row[Any] | None


def brief(connection: Connection, ports: Ports, handoff_id: int, now: datetime) -> Brief:
    """The brief for a handoff, as of now. The grade and its reasons are those of the decision."""
    return _write(_read(connection, ports, handoff_id, now), ports, now)


def _read(connection: Connection, ports: Ports, handoff_id: int, now: datetime) -> _Read:
    project, config = ports.project, ports.project.config
    handoff = connection.execute(sales.HANDOFF, {"id": handoff_id}).one()
    lead = connection.execute(alerts.LEAD, {"id": handoff.lead_id}).one()
    zone = zone_of(ports, handoff.owner)
    known = read_leads(connection, [lead.id], project, now)
    said, said_before = _said(connection, handoff, lead, now)
    return _Read(
        handoff=handoff,
        decision=connection.execute(sales.DECISION, {"id": handoff.decision_id}).one(),
        lead=lead,
        zone=zone,
        acts=acts_of_handoff(known, handoff, lead, project, now),
        ever=acts_of(known.engagements.get(lead.id, []), config.agreement, now),
        said=said,
        said_before=said_before,
        answered=answers_of(connection, lead.id),
        people=colleagues(connection, project, handoff.account, lead.id, now),
        rounds=background.rounds_of(connection, config.agreement, handoff, zone),
        next_step=background.next_step(connection, config, handoff, zone),
        given=connection.execute(worklist.GIVEN_ON, {"ids": [handoff_id]}).first(),
    )


def _said(
    connection: Connection, handoff: Row[Any], lead: Row[Any], now: datetime
) -> tuple[Sequence[Row[Any]], Sequence[Row[Any]]]:
    """What the lead wrote in this round with sales, or shortly before it, and what it wrote earlier; the latest first.

    What somebody asked for in March is not why it is called in July.
    """
    given_back_at = given_back(handoff, lead)
    begun = handoff.offered_at - LATELY
    if lead.recycled_at and not given_back_at:
        begun = max(begun, lead.recycled_at)
    asked = {"lead_id": lead.id, "until": given_back_at or now, "limit": WORDS}
    rows = connection.execute(alerts.SAID, asked).all()
    return [row for row in rows if row.occurred_at >= begun], [row for row in rows if row.occurred_at < begun]


def _write(read: _Read, ports: Ports, now: datetime) -> Brief:
    handoff, lead, zone, acts = read.handoff, read.lead, read.zone, read.acts
    agreement, evidence = ports.project.config.agreement, read.decision.evidence_json
    title = read_title(lead.title or "")
    given, due_at = read.given, handoff.due_at
    if given is not None:
        due_at = due_after_giving(ports.project.config, handoff.owner, given.given_at)
    return Brief(
        handoff_id=handoff.id,
        link=f"{ports.public_url}/h/{handoff.token}",
        hand_raise=bool(handoff.hand_raise),
        who=name_of(lead) or lead.email,
        role=role_of(lead),
        place=place_of(lead, now),
        email=lead.email,
        phone=lead.phone or "",
        why_now=talk.why_now(acts, read.decision.because, now),
        said=read.said[0].words if read.said else "",
        said_at=_when(read.said[0].occurred_at, zone, now) if read.said else "",
        opening=talk.opening(lead, acts, now),
        grade=evidence["grade"],
        reasons=tuple(_strongest(evidence["addends"])),
        acts=tell_acts(acts[:LATEST], zone, now),
        checks=tuple(_checks(evidence["checks"])),
        questions=tuple(talk.questions(lead, read.answered)),
        answers=tuple(talk.answers(read.answered, zone)),
        consent=_consent(lead, zone, now),
        may_be_mailed=not _suppressed(lead, now) and has_ground(lead, now),
        owner=owner_name(agreement, handoff.owner),
        assigned_because=handoff.assigned_because,
        due=f"{local(due_at, zone)} ({until(due_at - now)})",
        overdue=now > due_at and (given is not None or handoff.touched_at is None),
        answer=told_answer(agreement, handoff, zone),
        company=background.company_of(lead),
        reads_as=_reads_as(title),
        flags=tuple(evidence.get("flags", ())),
        known_there=background.known_there(read.people),
        colleagues=tuple(background.colleagues_of(agreement, read.people, now)),
        cold=background.cold_of(read.people),
        returned=background.returned(read.rounds, acts, now),
        rounds=read.rounds,
        next_step="" if lead.no_sales_contact else read.next_step,
        earlier=(*tell_acts([act for act in read.ever if act not in acts[:LATEST]], zone, now), *_wrote(read, now)),
        language=_LANGUAGES.get(lead.language or "", lead.language or ""),
        do_not_call=bool(lead.no_sales_contact),
        asset=_asset(read, ports, title),
        given=given is not None and not given.asks,
        begun=given is None and handoff.touched_at is not None,
    )


def _wrote(read: _Read, now: datetime) -> Iterator[Line]:
    """The lead's own words, but for the latest."""
    for row in (*read.said[1:], *read.said_before):
        yield Line(f"Wrote: “{row.words}”", _when(row.occurred_at, read.zone, now))


def _when(moment: datetime, zone: str, now: datetime) -> str:
    return f"{local(moment, zone)} ({ago(now - moment)})"


def _asset(read: _Read, ports: Ports, title: Title) -> Asset | None:
    stage = funnel(read.lead.stage, None, intent=True)
    return talk.to_send(ports.project.config.assets, read.lead, title, read.ever, read.answered, stage)


def zone_of(ports: Ports, owner: str) -> str:
    """The clock of whoever has the lead."""
    window, zone, _country = calendar_of(ports.project.config, owner)
    return zone or window.zone


def told_answer(agreement: Agreement, handoff: Row[Any], zone: str | None) -> str:
    """What sales answered, when, and what follows from it; empty while nobody has."""
    if handoff.state == HandoffState.OFFERED:
        return ""
    if handoff.state == HandoffState.WITHDRAWN:
        return f"Taken back: {handoff.note}. There is nothing to do."
    by = owner_name(agreement, handoff.decided_by)
    said = f"{handoff.state.capitalize()} by {by}, {local(handoff.decided_at, zone)}."
    if handoff.state == HandoffState.ACCEPTED:
        now_with = owner_name(agreement, handoff.owner)
        given = f" It is with {now_with} now." if now_with != by else ""
        return f"{said}{given} Marketing stays silent while sales works on it, unless it is kept warm."
    terms = agreement.reject_reasons.get(handoff.reason)
    reason = terms.label if terms else handoff.reason
    if not handoff.recycle_at:
        return f"{said} {reason}. It is not nurtured again."
    return f"{said} {reason}. Nurture starts again {local(handoff.recycle_at, zone)}."


def _reads_as(title: Title) -> str:
    """ "head, operations": only where the title says both, else the title itself is as short."""
    if title.seniority is None or title.function is None:
        return ""
    return f"{title.seniority}, {title.function}".replace("_", "-").replace("c-level", "C-level")


def _strongest(addends: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    telling = [addend for addend in addends if addend["points"] > 0 and addend["text"] != BASE]
    # of two that weigh the same, what the lead did says more than what it is
    for addend in sorted(telling, key=lambda addend: (-addend["points"], addend["axis"]))[:STRONGEST]:
        yield Line(begin(addend["text"]), f"+{max(round(addend['points']), 1)} {addend['axis']}")


def _checks(checks: Sequence[Mapping[str, str]]) -> Iterator[Check]:
    """Of the gate that the lead came through: it may have asked for a person only later."""
    asked = [check["answer"] == "yes" for check in checks if check["gate"] == "hand-raise"]
    gate = "hand-raise" if asked and all(asked) else "sql"
    for check in checks:
        if check["gate"] == gate:
            yield Check(check["text"], check["answer"], begin(check["detail"]))


def _suppressed(lead: Row[Any], now: datetime) -> Suppression | None:
    return Suppression.in_force(lead.suppressed, lead.suppressed_until, now)


def _consent(lead: Row[Any], zone: str | None, now: datetime) -> str:
    if suppressed := _suppressed(lead, now):
        return f"No marketing mail ({suppressed.in_words}): answer in person, do not add to lists."
    if not has_ground(lead, now):
        return "Has not agreed to marketing mail: answer in person, do not add to lists."
    since = f" since {local(lead.ground_since, zone)}" if lead.ground_since else ""
    source = f" ({lead.ground_source})" if lead.ground_source else ""
    return f"{_GROUNDS[LegalGround(lead.legal_ground)]}{since}{source}."
