"""What stands behind a lead: its company, earlier rounds with sales, and what the playbook says comes next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import brief as queries
from models.queries import worklist
from models.words import HandoffState
from nurture.accounts import Colleague
from nurture.brief.words import Line, ago, listed, owner_name, tell
from nurture.core.agreement import Agreement
from nurture.core.cadence import local
from nurture.core.office_hours import working_day
from nurture.core.project import ProjectConfig
from nurture.core.promise import calendar_of
from nurture.core.score import Act

#: colleagues of each kind, and things done since, that are named; the rest are counted
SHOWN, MOST_SINCE = 3, 3
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


def company_of(lead: Row[Any]) -> str:
    """ "food, 120 people", as far as it is known."""
    people = f"{lead.employees} people" if lead.employees else ""
    return ", ".join(part for part in (lead.industry, people) if part)


def known_there(people: Sequence[Colleague]) -> str:
    """How many of a company's people are warm, the lead among them; empty where it is the only one we know."""
    if not people:
        return ""
    warm = 1 + sum(one.warm for one in people)
    return f"{warm} of {1 + len(people)} people we know there {'is' if warm == 1 else 'are'} warm"


def colleagues_of(agreement: Agreement, people: Sequence[Colleague], now: datetime) -> Iterator[Line]:
    """The warm ones: who, and what they did."""
    for one in [one for one in people if one.warm][:SHOWN]:
        times = "once" if one.acts == 1 else f"{one.acts} times"
        last = f", last {ago(now - one.last_at)}" if one.last_at else ""
        stage = agreement.stages[one.stage].name
        yield Line(_titled(one), f"did something {times}{last}; {stage}")


def cold_of(people: Sequence[Colleague]) -> str:
    """Who of them is still cold, in one line."""
    cold = [_titled(one) for one in people if not one.warm]
    more = [f"{len(cold) - SHOWN} more"] if len(cold) > SHOWN else []
    return listed([*cold[:SHOWN], *more])


def _titled(one: Colleague) -> str:
    return f"{one.who} ({one.title})" if one.title else one.who


def rounds_of(connection: Connection, agreement: Agreement, handoff: Row[Any], zone: str) -> tuple[Line, ...]:
    """Earlier rounds with sales, the latest first: what was answered, and what reps said of the lead."""
    rows = connection.execute(queries.EARLIER, {"lead_id": handoff.lead_id, "cycle": handoff.cycle}).all()
    notes = connection.execute(queries.NOTES, {"ids": [row.id for row in rows]}).all()
    return tuple(_round(agreement, row, [one for one in notes if one.handoff_id == row.id], zone) for row in rows)


def _round(agreement: Agreement, row: Row[Any], notes: Sequence[Row[Any]], zone: str) -> Line:
    who = owner_name(agreement, row.decided_by or row.owner)
    terms = agreement.reject_reasons.get(row.reason) if row.reason else None
    reason = f": {terms.label if terms else row.reason}" if row.reason else ""
    said = dict.fromkeys(text for text in (row.verdict_note, row.note, *(one.note for one in notes)) if text)
    quoted = " ".join(f"“{text}”" for text in said)
    what = {HandoffState.REJECTED: "gave it back", HandoffState.ACCEPTED: "took it"}.get(row.state, "did not answer")
    return Line(f"{who} {what}{reason}. {quoted}".strip(), local(row.decided_at or row.offered_at, zone))


def returned(rounds: Sequence[Line], acts: Sequence[Act], now: datetime) -> str:
    """That the lead is back for the n-th time, and what it did since; empty the first time."""
    if not rounds:
        return ""
    number = len(rounds) + 1
    done = list(dict.fromkeys(tell(act) for act in acts))
    more = [f"{len(done) - MOST_SINCE} more"] if len(done) > MOST_SINCE else []
    since = f"New since then: {listed([*done[:MOST_SINCE], *more])}" if done else "Nothing new is known since then"
    latest = f" ({ago(now - acts[0].at)})" if acts else ""
    return f"Back for the {_ORDINALS.get(number, f'{number}th')} time. {since}{latest}"


def next_step(connection: Connection, config: ProjectConfig, handoff: Row[Any], zone: str) -> str:
    """The playbook's next attempt and its working day; empty once the lead was reached or nothing is left."""
    if handoff.state not in (HandoffState.OFFERED, HandoffState.ACCEPTED):
        return ""
    tried = connection.execute(worklist.ATTEMPTS, {"ids": [handoff.id]}).first()
    made, reached = (int(tried.made), bool(tried.reached)) if tried else (0, False)
    playbook = config.agreement.playbook
    if reached or made >= len(playbook):
        return ""
    step = playbook[made]
    begun = handoff.clock_from or handoff.offered_at
    day = working_day(*calendar_of(config, handoff.owner), begun, step.day)
    what = f"{step.do.capitalize()}: {step.text}" if step.text else step.do.capitalize()
    return f"{what}, {local(day, zone)} (attempt {made + 1} of {len(playbook)})"
