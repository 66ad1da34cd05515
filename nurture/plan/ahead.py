"""The mails of the days to come, if nobody does anything meanwhile: each lead is taken through them in thought.

The engine's own decisions, asked at the moments at which it would ask them, with everything a lead is enrolled in side
by side because they share its caps. Not foreseen: promotions (their gate asks for more than a sequence knows), what
gates and the day's quota hold back, and leads that come in.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Row

from nurture.advance.claim import position_of, resolve
from nurture.core import steps
from nurture.core.decide import Act, Decision, Exit, Position, Send, Wait, arrive, walk
from nurture.core.facts import Facts
from nurture.gather import BEHIND, Known, facts_of, read_leads, uses
from nurture.library import Live
from nurture.plan.anew import Anew, Mails
from nurture.ports import Ports

Days = Counter[date]

#: decisions about one enrollment; nobody waits that often in so few days
MOST_TURNS = 200


@dataclass(frozen=True, slots=True)
class Stand:
    """An enrollment, the text it goes by, where it stands, and when it is looked at (UTC)."""

    row: Row[Any]
    text: steps.Sequence
    position: Position
    due_at: datetime

    @classmethod
    def now(cls, live: Live, text: steps.Sequence, row: Row[Any]) -> Stand:
        """As it is."""
        return cls(row, text, position_of(live, text, row), row.due_at)

    @classmethod
    def then(cls, one: Anew) -> Stand | None:
        """As it will be; None for a lead that leaves or is held."""
        if one.claim is None or one.due_at is None:
            return None
        return cls(one.row, one.claim.sequence, one.position, one.due_at)


@dataclass(slots=True)
class _Way:
    """One enrollment on its way through the days."""

    stand: Stand
    position: Position
    due_at: datetime
    done: set[str]
    goal_met: bool
    turns: int = 0

    def turn(self, now: datetime) -> tuple[datetime, int, datetime, int]:
        """Who goes first: as where mail is handed over, the smaller priority of all that are due at a moment."""
        return max(self.due_at, now), self.stand.text.priority, self.due_at, self.stand.row.id


@dataclass(slots=True)
class _Lead:
    """What has changed about a lead by then."""

    mailed_at: list[datetime] = field(default_factory=list)
    received: set[str] = field(default_factory=set)
    fields: dict[str, object] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)


def horizon(ports: Ports, now: datetime, days: int) -> datetime:
    """The end of the last of so many days, of which today is the first, by the project's clocks."""
    zone = ZoneInfo(ports.project.config.window.zone)
    return datetime.combine(now.astimezone(zone).date() + timedelta(days=days), time(), zone)


def mails_ahead(
    connection: Connection, ports: Ports, stands: Sequence[Stand], mails: Mails, now: datetime, until: datetime
) -> Days:
    """By day, the mails that these leads would get before `until`."""
    texts = {stand.text.version: stand.text for stand in stands}
    known = read_leads(connection, {stand.row.lead_id for stand in stands}, ports.project, now, texts.values())
    needs = {version: uses(text) for version, text in texts.items()}
    by_lead: dict[int, list[Stand]] = defaultdict(list)
    for stand in stands:
        by_lead[stand.row.lead_id].append(stand)
    days: Days = Counter()
    zone = ZoneInfo(ports.project.config.window.zone)
    for lead_id, some in by_lead.items():
        ways = [_begin(stand, mails) for stand in some]
        sent = _Ahead(ports, known, needs, lead_id, ways).go(now, until)
        days.update(at.astimezone(zone).date() for at in sent)
    return days


def _begin(stand: Stand, mails: Mails) -> _Way:
    done = {mail.step for mail in mails.get(stand.row.id, ()) if mail.state in BEHIND}
    return _Way(stand, stand.position, stand.due_at, done, stand.row.goal_at is not None)


@dataclass(slots=True)
class _Ahead:
    """The days of one lead."""

    ports: Ports
    known: Known
    needs: Mapping[str, frozenset[str]]
    lead_id: int
    ways: list[_Way]
    lead: _Lead = field(default_factory=_Lead)

    def go(self, now: datetime, until: datetime) -> list[datetime]:
        """When mails leave."""
        sent = []
        while self.ways:
            way = min(self.ways, key=lambda one: one.turn(now))
            now = max(way.due_at, now)
            if now >= until:
                break
            decision = self._decide(way, now)
            if isinstance(decision, Send):
                sent.append(now)
            if isinstance(decision, Exit) or way.turns > MOST_TURNS:
                self.ways.remove(way)
        return sent

    def _decide(self, way: _Way, at: datetime) -> Decision:
        """The decision at this moment; the lead goes on by it."""
        text, facts = way.stand.text, self._facts(way, at)
        way.turns += 1
        position, decision = walk(text, way.position, facts, at)
        match decision:
            case Wait() as wait:
                way.position = position.during(wait)
                way.due_at = max(wait.until, at + timedelta(microseconds=1))
            case Send(step=step):
                self.lead.mailed_at.append(at)
                self.lead.received.add(resolve(self.ports, text, step, facts) or step.template)
                way.done.add(step.id)
                self._pass(way, step.next, replace(position, since=at), facts, at)
            case Act(step=None):
                way.goal_met, way.position, way.due_at = True, position, at
            case Act(step=deed) if deed:
                self._do(deed, at)
                self._pass(way, deed.next, position, facts, at)
        return decision

    def _pass(self, way: _Way, to: str | None, here: Position, facts: Facts, at: datetime) -> None:
        way.position = arrive(way.stand.text, to, here.since, here.entered_at, facts.zone, facts.country)
        way.due_at = way.position.until or at

    def _do(self, deed: steps.Deed, at: datetime) -> None:
        """What the step says; whoever waits for something to become true of the lead is looked at again."""
        match deed:
            case steps.SetStep(values=values):
                self.lead.fields |= values
            case steps.TagStep(tags=tags, remove=False):
                self.lead.tags |= {*tags}
            case steps.TagStep(tags=tags):
                self.lead.tags -= {*tags}
            case _:
                return
        for way in self.ways:
            way.due_at = min(way.due_at, at)

    def _facts(self, way: _Way, at: datetime) -> Facts:
        row = way.stand.row
        facts = facts_of(
            self.known,
            self.lead_id,
            self.ports.project,
            at,
            names=self.needs[way.stand.text.version],
            since=row.entered_at,
            done=frozenset(way.done),
            goal_met=way.goal_met,
        )
        return replace(
            facts,
            lead={**facts.lead, **self.lead.fields},
            mailed_at=(*facts.mailed_at, *self.lead.mailed_at),
            received=facts.received | self.lead.received,
            tags=facts.tags | self.lead.tags,
        )
