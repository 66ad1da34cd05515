"""Counting what becomes of the leads of one sequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

from nurture.core.decide import Send
from nurture.plan.anew import Anew

Fate = Literal["waiting", "in_flight", "finishing", "following"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How many leads wait at a step before and after. `step` None is past the end."""

    step: str | None
    before: int
    after: int


@dataclass(frozen=True, slots=True)
class Jump:
    """Leads that stand elsewhere afterwards."""

    from_step: str | None
    to_step: str | None
    leads: int


@dataclass(frozen=True, slots=True)
class Retimed:
    """Leads that are looked at at another time: how many earlier, how many later, and by how many hours at most."""

    earlier: int = 0
    later: int = 0
    most_earlier: float = 0
    most_later: float = 0

    @property
    def leads(self) -> int:
        return self.earlier + self.later


@dataclass(slots=True)
class Tally:
    """The counts of one sequence."""

    fates: Counter[Fate] = field(default_factory=Counter)
    before: Counter[str | None] = field(default_factory=Counter)
    after: Counter[str | None] = field(default_factory=Counter)
    jumps: Counter[tuple[str | None, str | None]] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    twice: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    shifts: list[timedelta] = field(default_factory=list)
    at_once: int = 0
    held: int = 0
    overdue: int = 0

    def add(self, one: Anew, now: datetime) -> None:
        row = one.row
        self.before[row.step] += 1
        if one.exit or one.due_at is None:
            self.exits[one.exit.reason if one.exit else ""] += 1
            return
        self.after[one.position.step] += 1
        if one.position.step != row.step:
            self.jumps[row.step, one.position.step] += 1
        if one.due_at != row.due_at:
            self.shifts.append(one.due_at - row.due_at)
        if one.claim is None:
            self.held += 1
            self.overdue += one.due_at <= now
        elif isinstance(one.claim.decision, Send):
            self.at_once += one.due_at <= now

    def standing(self) -> tuple[Standing, ...]:
        return tuple(
            Standing(step, self.before[step], self.after[step])
            for step in dict.fromkeys((*_ordered(self.before), *_ordered(self.after)))
        )

    def moved(self) -> tuple[Jump, ...]:
        return tuple(Jump(*steps, leads) for steps, leads in self.jumps.most_common())

    def retimed(self) -> Retimed:
        earlier = [_hours(-shift) for shift in self.shifts if shift < timedelta()]
        later = [_hours(shift) for shift in self.shifts if shift > timedelta()]
        return Retimed(len(earlier), len(later), max(earlier, default=0), max(later, default=0))

    def left(self) -> Mapping[str, int]:
        return dict(self.exits.most_common())


def _ordered(counts: Counter[str | None]) -> Iterable[str | None]:
    return sorted(counts, key=lambda step: (step is None, step or ""))


def _hours(span: timedelta) -> float:
    return round(span / timedelta(hours=1), 2)
