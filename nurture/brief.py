"""The lead brief: all that sales needs to know of a handed lead, to be read in five seconds on a phone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Connection, Row

from models.queries import alerts, sales
from models.words import HandoffState, LegalGround, Suppression
from nurture.answers import Answered, answers_of
from nurture.content import Project
from nurture.core.agreement import Agreement
from nurture.core.cadence import local
from nurture.core.lifecycle import since_recycled
from nurture.core.questions import QUESTIONS as FOUR
from nurture.core.score import BASE, Act, acts_of
from nurture.gather import Known, has_ground, read_leads
from nurture.ports import Ports

STRONGEST, LATEST, MOST_QUESTIONS = 3, 5, 4

#: field -> what to ask when nobody knows it
QUESTIONS: Mapping[str, str] = {
    "phone": "What number do we reach you on?",
    "company": "Which company is this for?",
    "title": "What is your part in this?",
    "employees": "How many people work at the site?",
    "industry": "What do you make or do there?",
    "country": "Where are you based?",
}
_GROUNDS = {
    LegalGround.CONSENT: "Agreed to marketing mail",
    LegalGround.SOFT_OPT_IN: "May get marketing mail as a customer",
    LegalGround.CONTRACT: "May get mail under a contract",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of evidence: what, and how much or when, as people read it."""

    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Check:
    """One question of the gate that let the lead through, with its answer: yes, no or unknown."""

    text: str
    answer: str
    detail: str


@dataclass(frozen=True, slots=True)
class Brief:
    """A lead as sales reads it. Texts are ready to show; times are in the clock they are named after."""

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
    #: what the lead wrote, word for word
    said: str
    opening: str
    grade: str
    reasons: tuple[Line, ...]
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

    @property
    def headline(self) -> str:
        """The lead in one line, for a subject or a title."""
        what = "Asks for a person" if self.hand_raise else "Ready for sales"
        return f"{what}: {self.who}" + (f", {self.role}" if self.role else "")


def brief(connection: Connection, ports: Ports, handoff_id: int, now: datetime) -> Brief:
    """The brief for a handoff, as of now. The grade and its reasons are those of the decision."""
    handoff = connection.execute(sales.HANDOFF, {"id": handoff_id}).one()
    decision = connection.execute(sales.DECISION, {"id": handoff.decision_id}).one()
    lead = connection.execute(alerts.LEAD, {"id": handoff.lead_id}).one()
    agreement = ports.project.config.agreement
    zone = ports.project.config.window.zone
    acts = acts_of_lead(read_leads(connection, [lead.id], ports.project, now), lead, ports.project, now)
    said = connection.execute(alerts.LAST_SAID, {"lead_id": lead.id}).first()
    answered = answers_of(connection, lead.id)
    evidence = decision.evidence_json
    return Brief(
        handoff_id=handoff.id,
        link=f"{ports.public_url}/h/{handoff.token}",
        hand_raise=bool(handoff.hand_raise),
        who=name_of(lead) or lead.email,
        role=role_of(lead),
        place=place_of(lead, now),
        email=lead.email,
        phone=lead.phone or "",
        why_now=_why_now(acts, decision.because, now),
        said=said.reason if said else "",
        opening=_opening(lead, acts, now),
        grade=evidence["grade"],
        reasons=tuple(_strongest(evidence["addends"])),
        acts=tell_acts(acts[:LATEST], zone, now),
        checks=tuple(_checks(evidence["checks"], bool(handoff.hand_raise))),
        questions=tuple(_questions(lead, answered)),
        answers=tuple(_told(answered, zone)),
        consent=_consent(lead, zone, now),
        may_be_mailed=not _suppressed(lead, now) and has_ground(lead, now),
        owner=owner_name(agreement, handoff.owner),
        assigned_because=handoff.assigned_because,
        due=f"{local(handoff.due_at, zone)} ({_until(handoff.due_at - now)})",
        overdue=now > handoff.due_at,
        answer=told_answer(agreement, handoff, zone),
    )


def owner_name(agreement: Agreement, key: str | None) -> str:
    """The rep's name; the key itself for one who has left the agreement."""
    return next((owner.name for owner in agreement.owners if owner.key == key), key or "")


def told_answer(agreement: Agreement, handoff: Row[Any], zone: str | None) -> str:
    """What sales answered, when, and what follows from it; empty while nobody has."""
    if handoff.state == HandoffState.OFFERED:
        return ""
    by = owner_name(agreement, handoff.decided_by)
    said = f"{handoff.state.capitalize()} by {by}, {local(handoff.decided_at, zone)}."
    if handoff.state == HandoffState.ACCEPTED:
        return f"{said} The lead is sales' own now, and marketing stays silent."
    terms = agreement.reject_reasons.get(handoff.reason)
    reason = terms.label if terms else handoff.reason
    if not handoff.recycle_at:
        return f"{said} {reason}. It is not nurtured again."
    return f"{said} {reason}. Nurture starts again {local(handoff.recycle_at, zone)}."


def ago(span: timedelta) -> str:
    """ "just now", "4 minutes ago", "3 days ago"."""
    return "just now" if span < timedelta(minutes=1) else f"{_span(span)} ago"


def _until(span: timedelta) -> str:
    return f"in {_span(span)}" if span >= timedelta() else f"{_span(-span)} late"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    for unit, size in (("day", 1440), ("hour", 60)):
        if minutes >= size * 2:
            return f"{minutes // size} {unit}s"
    return "1 minute" if minutes == 1 else f"{minutes} minutes"


def name_of(lead: Row[Any]) -> str:
    """Given and family name, as far as they are known."""
    return " ".join(part for part in (lead.first_name, lead.last_name) if part)


def role_of(lead: Row[Any]) -> str:
    """ "Plant manager, Mill", as far as it is known."""
    return ", ".join(part for part in (lead.title, lead.company) if part)


def place_of(lead: Row[Any], now: datetime) -> str:
    """Where the lead is, and what time it is there."""
    return ", ".join(part for part in (lead.country, lead.timezone and local(now, lead.timezone)) if part)


def acts_of_lead(known: Known, lead: Row[Any], project: Project, now: datetime) -> tuple[Act, ...]:
    """What the lead did that the agreement knows, newest first, since it was last recycled."""
    counted = since_recycled(known.engagements.get(lead.id, []), lead.recycled_at)
    return acts_of(counted, project.config.agreement, now)


def tell_acts(acts: Sequence[Act], zone: str | None, now: datetime) -> tuple[Line, ...]:
    """What was done and when, a line each."""
    return tuple(Line(_tell(act), f"{local(act.at, zone)} ({ago(now - act.at)})") for act in acts)


def _tell(act: Act) -> str:
    """The act as a line begins: "Asked for prices", "Clicked /pricing in tofu/welcome"."""
    if act.signal is None:
        return f"Asked for a person ({act.engagement.name})"
    if act.signal.kind == "clicked":
        return f"Clicked {urlsplit(act.engagement.url).path or '/'} in {act.engagement.template}"
    return _begin(act.signal.about)


def _begin(text: str) -> str:
    return text[:1].upper() + text[1:]


def _why_now(acts: Sequence[Act], because: str, now: datetime) -> str:
    """The strongest thing of late, and how often the lead was here in a week."""
    intent = next((act for act in acts if act.intent), None)
    if intent is None:
        return because
    week = sum(now - act.at <= timedelta(days=7) for act in acts)
    often = f"; {week} signs of interest this week" if week > 1 else ""
    return f"{_tell(intent)}, {ago(now - intent.at)}{often}"


def _opening(lead: Row[Any], acts: Sequence[Act], now: datetime) -> str:
    """A first line that only speaks of what the lead knowingly told us: nobody likes to hear that a click was seen."""
    hello = f"Hi {lead.first_name}, " if lead.first_name else "Hello, "
    act = next((act for act in acts if act.signal is None or act.signal.kind == "submitted"), None)
    if act is None:
        return f"{hello}what are you working on these days?"
    if act.signal is None:
        return f"{hello}thank you for getting in touch. What would you like to get done?"
    return f"{hello}you {act.signal.about} {ago(now - act.at)}. What are you hoping to solve?"


def _strongest(addends: Sequence[Mapping[str, Any]]) -> Iterator[Line]:
    telling = [addend for addend in addends if addend["points"] > 0 and addend["text"] != BASE]
    # of two that weigh the same, what the lead did says more than what it is
    for addend in sorted(telling, key=lambda addend: (-addend["points"], addend["axis"]))[:STRONGEST]:
        yield Line(_begin(addend["text"]), f"+{addend['points']:g} {addend['axis']}")


def _checks(checks: Sequence[Mapping[str, str]], hand_raise: bool) -> Iterator[Check]:
    gate = "hand-raise" if hand_raise else "sql"
    for check in checks:
        if check["gate"] == gate:
            yield Check(check["text"], check["answer"], _begin(check["detail"]))


def _questions(lead: Row[Any], answered: Mapping[str, Answered]) -> list[str]:
    """What is still to ask: of who it is, and of the four questions what it has not answered."""
    unknown = [question for field, question in QUESTIONS.items() if not getattr(lead, field)]
    unasked = [question.asked_by_sales for name, question in FOUR.items() if name not in answered]
    return [*unknown[: MOST_QUESTIONS // 2], *unasked][:MOST_QUESTIONS]


def _told(answered: Mapping[str, Answered], zone: str | None) -> Iterator[Line]:
    for name, question in FOUR.items():
        if one := answered.get(name):
            yield Line(f"{question.text} {one.in_words}", f"{one.source}, {local(one.at, zone)}")


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
