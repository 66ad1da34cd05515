"""How leads go through the stages: where they are, how many go on in time, how long they stay."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Row

from nurture.core.agreement import Agreement, stage_name
from nurture.core.lifecycle import ENGINE, STAGES, Stage, is_taken_back
from nurture.core.stats import Rate, median, rate

#: the way to a deal; whoever comes to a later stage has gone on, also past one
UPWARD: tuple[Stage, ...] = ("iql", "mql", "sql", "opportunity", "customer", "advocate")
#: stages that leads go on from
_PASSED: tuple[Stage, ...] = ("iql", "mql", "sql", "opportunity", "recycled")
_RANK = {stage: number for number, stage in enumerate(UPWARD)}
_HOUR = timedelta(hours=1)
#: a stage, and when the lead came to it
_Visit = tuple[Stage, datetime]


@dataclass(frozen=True, slots=True)
class StageCount:
    """How many leads are at a stage now."""

    stage: Stage
    name: str
    leads: int


@dataclass(frozen=True, slots=True)
class Conversion:
    """Of the leads that came to a stage in this time (the first time each), how many went on upwards soon enough.

    `rate` is of those whose time is over; `open` are too young to say. `month` is that of coming ("2026-11"), None
    for all of them.
    """

    stage: Stage
    name: str
    to: str
    month: str | None
    entered: int
    open: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Stay:
    """How long leads stay at a stage: the days after which half have left it, with those still there counted as far
    as they have come; None where more than half are still there."""

    stage: Stage
    name: str
    visits: int
    still: int
    median_days: float | None


@dataclass(slots=True)
class _Cohort:
    entered: int = 0
    open: int = 0
    on: int = 0

    def add(self, state: str) -> None:
        self.entered += 1
        self.open += state == "open"
        self.on += state == "on"


@dataclass(slots=True)
class Ways:
    """Counts what leads' ways come to, one lead after the other; it keeps no lead."""

    since: datetime
    now: datetime
    within: timedelta
    stages: Counter[str] = field(default_factory=Counter)
    cohorts: dict[tuple[Stage, str], _Cohort] = field(default_factory=lambda: defaultdict(_Cohort))
    #: hours at a stage, of visits that ended and of those that still last
    ended: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    still: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def count(self, rows: Iterable[Row[Any]]) -> None:
        """All leads; the rows of one come together, oldest first."""
        for _, moves in groupby(rows, attrgetter("lead_id")):
            self._add(_visits(moves))

    def _add(self, visits: list[_Visit]) -> None:
        self.stages[visits[-1][0]] += 1
        for (stage, at), left_at in zip(visits, [*(at for _, at in visits[1:]), None], strict=True):
            if at >= self.since:
                spans = self.still if left_at is None else self.ended
                spans[stage][((left_at or self.now) - at) // _HOUR] += 1
        for stage in UPWARD[:-1]:
            entered = next((n for n, (here, at) in enumerate(visits) if here == stage and at >= self.since), None)
            if entered is not None:
                at = visits[entered][1]
                self.cohorts[stage, f"{at:%Y-%m}"].add(self._state(stage, at, visits[entered + 1 :]))

    def _state(self, stage: Stage, at: datetime, later: list[_Visit]) -> str:
        """ "open" as long as its time lasts, even if it has gone on: the slow ones of its age have not had theirs."""
        if at + self.within > self.now:
            return "open"
        rank = _RANK[stage]
        return "on" if any(_RANK.get(to, -1) > rank and then <= at + self.within for to, then in later) else "stayed"


def _visits(moves: Iterable[Row[Any]]) -> list[_Visit]:
    """The stages that a lead came to, and when. A promotion that was taken back never was."""
    visits = list[_Visit]()
    for row in moves:
        if not visits:
            visits.append((row.from_stage or row.stage, row.created_at))
        if row.to_stage and row.actor == ENGINE and is_taken_back(row.from_stage, row.to_stage):
            visits = _without(visits, row.to_stage, row.at)
        elif row.to_stage:
            visits.append((row.to_stage, row.at))
    return visits


def _without(visits: list[_Visit], to: Stage, at: datetime) -> list[_Visit]:
    """The way up to the stage that a lead went back to; it has been there all the time."""
    stayed = [number for number, (stage, _) in enumerate(visits[:-1]) if stage == to]
    return visits[: stayed[-1] + 1] if stayed else [*visits[:-1], (to, at)]


def stage_counts(ways: Ways, agreement: Agreement) -> tuple[StageCount, ...]:
    """Every stage, in the order of the lifecycle."""
    return tuple(StageCount(stage, stage_name(agreement, stage), ways.stages[stage]) for stage in STAGES)


def conversions(ways: Ways, agreement: Agreement) -> tuple[Conversion, ...]:
    """From each stage upwards: all of this time, then by the month in which they came."""
    return tuple(one for stage in UPWARD[:-1] for one in _of_stage(ways, agreement, stage))


def _of_stage(ways: Ways, agreement: Agreement, stage: Stage) -> Iterator[Conversion]:
    months = {month: cohort for (here, month), cohort in sorted(ways.cohorts.items()) if here == stage}
    whole = _Cohort(
        sum(one.entered for one in months.values()),
        sum(one.open for one in months.values()),
        sum(one.on for one in months.values()),
    )
    to = stage_name(agreement, UPWARD[_RANK[stage] + 1])
    for month, one in ((None, whole), *(months.items() if len(months) > 1 else ())):
        done = rate(one.on, one.entered - one.open)
        yield Conversion(stage, stage_name(agreement, stage), to, month, one.entered, one.open, done)


def stays(ways: Ways, agreement: Agreement) -> tuple[Stay, ...]:
    """How long each stage takes, of those that leads go on from."""
    return tuple(
        Stay(stage, stage_name(agreement, stage), ended.total() + still.total(), still.total(), _days(ended, still))
        for stage in _PASSED
        for ended, still in [(ways.ended[stage], ways.still[stage])]
    )


def _days(ended: Counter[int], still: Counter[int]) -> float | None:
    hours = median(ended, still)
    return None if hours is None else round(hours / 24, 1)
