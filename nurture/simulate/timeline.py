"""One lead's way through a simulation: what happened when, on its own wall clock, and the sentence for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models.queries import simulate
from nurture.core.agreement import Agreement, stage_name
from nurture.core.cadence import local
from nurture.core.decide import WAITS
from nurture.explain import Explanation, explain
from nurture.history import History, history
from nurture.leads import find_lead
from nurture.simulate.play import Played
from nurture.simulate.world import World

_ACTS = {
    "clicked": "clicks",
    "submitted": "sends the form",
    "bounced": "bounces",
    "complained": "marks as spam",
    "opted_out": "opts out of",
    "replied": "replies",
    "visited": "looks at",
    "tracked": "does",
}
_CAUSES = {
    "lead_created": "it came in",
    "stage_changed": "its stage changed",
    "form_submitted": "it sent a form",
    "handoff_rejected": "sales gave it back",
    "handoff_won": "a deal was won",
    "lead_stalled": "it made no progress",
}

_VERDICTS = {"suspect": "perhaps a machine", "machine": "a machine"}

#: at the same moment: what it does, what that makes of it, which sequence it enters, what it is mailed, what it leaves
_DOES, _BECOMES, _ENTERS, _MAILED, _LEAVES = range(5)
#: when (UTC), its place among what happens at that moment, what, and because of what
Told = tuple[datetime, int, str, str]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened to a lead at `at` (UTC); `when` is the same on the lead's wall clock."""

    at: datetime
    when: str
    what: str
    because: str = ""

    def __str__(self) -> str:
        return f"{self.when}: {self.what}" + (f", because {self.because}" if self.because else "")


@dataclass(frozen=True, slots=True)
class Timeline:
    """What happened to a lead from the start on, and what would come next. `barred`: why it must not be mailed at
    the end."""

    lead_id: int
    address: str
    entries: tuple[Entry, ...]
    ahead: tuple[Entry, ...]
    barred: str | None = None


def timeline(world: World, played: Played, word: str) -> Timeline | None:
    """The way of the lead with this number or address; None if there is none."""
    lead = find_lead(world.ports.database, word)
    if lead is None:
        return None
    config = world.ports.project.config
    zone, agreement = lead.timezone or config.window.zone, config.agreement
    told = history(world.ports.database, lead.id)
    happened = [*_entered(world, lead.id), *_mailed(world, played, lead.id, told, zone), *_rest(told, zone, agreement)]
    entries = [Entry(at, local(at, zone), what, because) for at, _, what, because in sorted(happened)]
    ahead = explain(world.ports, lead.id, world.clock.now())
    past = tuple(entry for entry in entries if entry.at >= world.start)
    return Timeline(lead.id, lead.email, past, tuple(_ahead(ahead, world.clock.now())), ahead.barred)


def _entered(world: World, lead_id: int) -> Iterator[Told]:
    with world.ports.database.reading() as connection:
        rows = connection.execute(simulate.BEGUN, {"lead_id": lead_id}).all()
    causes: dict[int, list[str]] = {}
    for row in rows:
        causes.setdefault(row.id, []).append(row.cause or "")
    for row in {row.id: row for row in rows}.values():
        yield row.entered_at, _ENTERS, f"enters {row.sequence}", _cause(world, row.sequence, causes[row.id])


def _cause(world: World, sequence: str, names: Sequence[str]) -> str:
    """What let a lead in, of all that happened to it at that moment."""
    listens = world.ports.library.in_force.get(sequence)
    name = next((name for name in names if listens and name in listens.enter.triggers), "")
    return _CAUSES.get(name, name)


def _mailed(world: World, played: Played, lead_id: int, told: History, zone: str) -> Iterator[Told]:
    with world.ports.database.reading() as connection:
        rows = connection.execute(simulate.SENT, {"from_at": world.start}).all()
    before: dict[int, datetime] = {}
    for row in rows:
        if row.lead_id == lead_id:
            since = before.get(row.enrollment_id, world.start)
            reasons = [one for one in played.reasons.get(row.enrollment_id, ()) if since < one[0] <= row.started_at]
            yield row.started_at, _MAILED, f"mail {row.template}", "; ".join(_sentences(reasons, told, zone))
            before[row.enrollment_id] = row.started_at


def _sentences(reasons: Sequence[tuple[datetime, str]], told: History, zone: str) -> Iterator[str]:
    """Why a mail left then: every wait once, and for what a wait for the lead was over."""
    ended = {why: at for at, why in reasons}
    for why, at in sorted(ended.items(), key=lambda item: item[1]):
        waited = why.removeprefix(WAITS)
        yield why if waited == why else f"it waited {waited}{_acts_at(told, at, zone)}"


def _acts_at(told: History, at: datetime, zone: str) -> str:
    """What the lead did that began to count just then."""
    acts = [f"{_act(row)} {local(row.occurred_at, zone)}" for row in told.engagement if row.counts_at == at]
    return f" (it {', '.join(acts)})" if acts else ""


def _rest(told: History, zone: str, agreement: Agreement) -> Iterator[Told]:
    for row in told.engagement:
        if row.kind in _ACTS:
            doubt = row.because or row.reason if row.verdict != "human" else None
            yield row.occurred_at, _DOES, _act(row) + _taken_for(row.verdict), doubt or ""
    for row in told.transitions:
        yield row.at, _BECOMES, f"becomes {stage_name(agreement, row.to_stage)}", row.because
    for row in told.handoffs:
        yield row.offered_at, _BECOMES, f"is handed to {row.owner}, to be answered by {local(row.due_at, zone)}", ""
    for row in told.enrollments:
        if row.ended_at:
            yield row.ended_at, _LEAVES, f"leaves {row.sequence}", row.reason or ""


def _act(row: Row[Any]) -> str:
    about = row.url or row.name or row.template or ""
    return f"{_ACTS[row.kind]} {about}".strip()


def _taken_for(verdict: str | None) -> str:
    return f" (taken for {_VERDICTS[verdict]})" if verdict in _VERDICTS else ""


def _ahead(told: Explanation, now: datetime) -> Iterator[Entry]:
    for one in told.upcoming:
        yield Entry(one.at or now, one.when or "open", f"{one.sequence}: {one.what}", "; ".join(one.because))
    for chance in told.chances:
        listening = " or ".join(chance.sequences) or "nothing that listens"
        yield Entry(chance.at, chance.when, f"{chance.trigger}; may enter {listening}")
