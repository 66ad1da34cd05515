"""What sales' page of a lead shows beside the brief: what can be done now, and what was done so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row

from models.queries import deals, desk
from models.words import HandoffState, OpportunityState
from nurture.brief import Line, owner_name
from nurture.core.agreement import Agreement
from nurture.core.cadence import local, zone_for
from nurture.core.money import in_words
from nurture.core.owners import POOL
from nurture.core.promise import calendar_of
from nurture.handoff.comeback import presets
from nurture.handoff.take import is_free
from nurture.handoff.team import away
from nurture.handoff.touches import KINDS, OUTCOMES
from nurture.ports import Ports

#: what can be done with a lead: taken, answered, worked on, or only read about
Phase = Literal["free", "offered", "accepted", "closed"]
#: as many of a lead's mails are shown
LATEST_REPLIES = 3

#: field of the verdict -> what sales is asked
VERDICT = {
    "right_person": "Was it the right person?",
    "ready": "Was it ready to talk?",
    "helpful": "Was what we sent helpful?",
}
#: field of an accept -> what sales is asked
GIVEN = {"project": "Is there a project or a need?", "budget": "Is there a budget?"}
#: the answers there are, in sales' words
SAYS = {"yes": "Yes", "no": "No", "unknown": "Not known yet"}
JUDGES = {"yes": "Yes", "no": "No", "unknown": "Not sure"}

_DONE = {
    "call": "Call",
    "mail": "Mail",
    "meeting": "Meeting",
    "given": "Given on",
    "snoozed": "Put off",
    "reminded": "Reminded",
    "backup": "Told as well",
    "asked": "Asked for a person",
    "kept warm": "May get marketing's light mails",
    "not kept warm": "Gets no marketing mail",
}


def phase_of(ports: Ports, handoff: Row[Any]) -> Phase:
    """What can be done with a lead now."""
    if handoff.state not in (HandoffState.OFFERED, HandoffState.ACCEPTED):
        return "closed"
    if is_free(ports, handoff):
        return "free"
    return "offered" if handoff.state == HandoffState.OFFERED else "accepted"


def is_answered(handoff: Row[Any]) -> bool:
    """Whether sales said yes or no: then it may also say what the lead was like."""
    return handoff.state in (HandoffState.ACCEPTED, HandoffState.REJECTED)


def team_of(ports: Ports, now: datetime, *, but: str = "") -> list[tuple[str, str, bool]]:
    """The reps to choose from: key, name, and whether the rep is away."""
    absent = away(ports.project.config, now)
    return [(one.key, one.name, one.key in absent) for one in ports.project.config.agreement.owners if one.key != but]


def page_of(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> dict[str, Any]:
    """The values of the page, but for the brief."""
    config = ports.project.config
    zone = zone_of(ports, handoff.owner)
    entries = connection.execute(desk.LOG, {"handoff_id": handoff.id}).all()
    verdict = connection.execute(desk.VERDICT, {"handoff_id": handoff.id}).first()
    deal = connection.execute(deals.SHOWN, {"handoff_id": handoff.id}).first()
    written = connection.execute(desk.WRITTEN, {"lead_id": handoff.lead_id, "limit": LATEST_REPLIES})
    put_off = handoff.snoozed_until if handoff.snoozed_until and handoff.snoozed_until > now else None
    return {
        "token": handoff.token,
        "phase": phase_of(ports, handoff),
        "answered": is_answered(handoff),
        "pool": POOL,
        "reasons": config.agreement.reject_reasons,
        "reps": team_of(ports, now, but=handoff.owner),
        "mornings": {word: local(at, zone) for word, at in presets(config, handoff.owner, now).items()},
        "put_off": local(put_off, zone) if put_off else "",
        "kinds": KINDS,
        "outcomes": OUTCOMES,
        "seen": max((entry.id for entry in entries), default=0),
        "given": GIVEN,
        "says": SAYS,
        "asked": VERDICT,
        "judges": JUDGES,
        "verdict": dict(verdict._mapping) if verdict and verdict.right_person else {},
        "deal": dict(deal._mapping) if deal else {},
        "open": deal is None or deal.state == OpportunityState.OPEN,
        "money": in_words(deal.amount, deal.currency) if deal else "",
        "warm": bool(connection.execute(desk.KEPT_WARM, {"lead_id": handoff.lead_id}).scalar()),
        "replies": [
            Line(row.text, f"{local(row.received_at, zone)}: {row.subject or 'no subject'}") for row in written
        ],
        "log": _log(config.agreement, handoff, entries, verdict, zone),
    }


def zone_of(ports: Ports, owner: str) -> str:
    """The zone that a rep reads times in."""
    calendar = calendar_of(ports.project.config, owner)
    return zone_for(calendar.window, calendar.zone)


def _log(
    agreement: Agreement, handoff: Row[Any], entries: Sequence[Row[Any]], verdict: Row[Any] | None, zone: str
) -> list[Line]:
    """What was done so far, the latest first."""
    asked = "Asked for a person" if handoff.hand_raise else "Ready by the agreement"
    done = [(handoff.offered_at, f"{asked}: handed to sales", "")]
    done += [(entry.at, _told(agreement, entry, zone), entry.by) for entry in entries]
    if handoff.decided_at:
        done.append((handoff.decided_at, _answered(handoff, verdict), handoff.decided_by))
    if verdict and verdict.right_person:
        done.append((verdict.at, _judged(verdict), verdict.by))
    latest_first = sorted(done, key=lambda one: one[0], reverse=True)
    return [
        Line(text, ", ".join(filter(None, (local(at, zone), _whose(agreement, by))))) for at, text, by in latest_first
    ]


def _answered(handoff: Row[Any], verdict: Row[Any] | None) -> str:
    said = handoff.state.capitalize()
    if verdict and verdict.project:
        said += f". Project: {SAYS[verdict.project].lower()}, budget: {SAYS[verdict.budget].lower()}"
    return f"{said}. {handoff.note}" if handoff.note else said


def _judged(verdict: Row[Any]) -> str:
    answers = {"right person": verdict.right_person, "ready": verdict.ready, "helpful": verdict.helpful}
    return "Verdict: " + ", ".join(f"{what} {JUDGES[said].lower()}" for what, said in answers.items())


def _told(agreement: Agreement, entry: Row[Any], zone: str) -> str:
    what = _DONE.get(entry.kind, entry.kind.capitalize())
    if entry.outcome in OUTCOMES:
        what = f"{what}: {OUTCOMES[entry.outcome]}"
    note = _readable(agreement, entry, zone)
    return f"{what}. {note}" if note and entry.outcome else f"{what} {note}".strip()


def _readable(agreement: Agreement, entry: Row[Any], zone: str) -> str:
    """The note with names for keys, and times on the rep's clock."""
    note: str = entry.note or ""
    if entry.kind == "given" and " to " in note:
        ways, _, why = note.partition(": ")
        source, _, target = ways.partition(" to ")
        return f"from {_whose(agreement, source)} to {_whose(agreement, target)}: {_named(agreement, why)}"
    if entry.kind == "snoozed" and note.startswith("until "):
        return f"until {local(datetime.fromisoformat(note.removeprefix('until ')), zone)}"
    return note


def _named(agreement: Agreement, why: str) -> str:
    """ "given by kari" with the rep's name."""
    start, by, key = why.partition("given by ")
    return f"{start}{by}{_whose(agreement, key)}" if by else why


def _whose(agreement: Agreement, key: str | None) -> str:
    names: Mapping[str, str] = {POOL: "the pool", "engine": "nurture"}
    return names.get(key or "") or owner_name(agreement, key)
