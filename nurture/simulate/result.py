"""What a simulation came to: mails by day and step, promotions with their reasons, stages, exits, the funnel."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row

from models.queries import simulate, status
from nurture.core.agreement import stage_name
from nurture.core.lifecycle import STAGES
from nurture.simulate.world import World

#: stages by how far a lead has come, for the funnel
_FURTHER = {"mql": ("mql", "sql"), "sql": ("sql",), "opportunity": ("opportunity",)}
#: when an act was, and what a check rests on
_OF_ONE_LEAD = re.compile(r", \d{1,2} \w{3} \d{4} \d\d:\d\d UTC|; not .{1,40} because .*")


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that left at `at` (UTC)."""

    at: datetime
    message_id: int
    lead_id: int
    enrollment_id: int
    sequence: str
    step: str
    template: str


@dataclass(frozen=True, slots=True)
class Moved:
    """A lead that went from one lifecycle stage to another."""

    at: datetime
    lead_id: int
    from_stage: str
    to_stage: str
    because: str


@dataclass(frozen=True, slots=True)
class Ended:
    """An enrollment that came to its end; `state` is done, stopped or dead (a mail that could not be sent)."""

    at: datetime
    lead_id: int
    sequence: str
    step: str | None
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was counted. Days and weeks are those of the project's time zone, weeks run from the start."""

    start: datetime
    until: datetime
    zone: str
    leads: int
    sent: Sequence[Sent]
    moved: Sequence[Moved]
    ended: Sequence[Ended]
    #: lifecycle stage -> leads, at the end
    stages: Mapping[str, int]
    #: (kind of event, verdict on it) -> how many
    acts: Mapping[tuple[str, str], int]
    engaged: int
    alerts: int
    #: what the company calls each stage
    names: Mapping[str, str] = field(default_factory=dict)
    #: lines of a script that never came to pass
    never: Sequence[str] = ()

    @property
    def first_day(self) -> date:
        return self.day_of(self.start)

    @property
    def weeks(self) -> int:
        return (self.day_of(self.until - timedelta(microseconds=1)) - self.first_day).days // 7 + 1

    @property
    def days(self) -> list[date]:
        last = self.day_of(self.until - timedelta(microseconds=1))
        return [self.first_day + timedelta(days=n) for n in range((last - self.first_day).days + 1)]

    def day_of(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self.zone)).date()

    def week_of(self, moment: datetime) -> int:
        """Which week it is, from 0."""
        return min((self.day_of(moment) - self.first_day).days // 7, self.weeks - 1)

    def week_starts(self) -> list[date]:
        return [self.first_day + timedelta(weeks=n) for n in range(self.weeks)]

    def mails_per_week(self) -> dict[tuple[str, str], list[int]]:
        """(sequence, template) -> mails in each week; the sequences by name, their mails in the order they began."""
        first = {(one.sequence, one.template): at for at, one in reversed(list(enumerate(self.sent)))}
        counts = Counter((one.sequence, one.template, self.week_of(one.at)) for one in self.sent)
        order = sorted(first, key=lambda place: (place[0], first[place]))
        return {place: [counts[*place, week] for week in range(self.weeks)] for place in order}

    def mails_per_day(self) -> dict[str, list[int]]:
        """Sequence -> mails on each day."""
        counts = Counter((one.sequence, self.day_of(one.at)) for one in self.sent)
        names = sorted({one.sequence for one in self.sent})
        return {name: [counts[name, day] for day in self.days] for name in names}

    def steps_per_day(self) -> dict[tuple[str, str], dict[date, int]]:
        """(sequence, step) -> mails on the days that had any."""
        found: dict[tuple[str, str], Counter[date]] = {}
        for one in self.sent:
            found.setdefault((one.sequence, one.step), Counter())[self.day_of(one.at)] += 1
        return {place: dict(sorted(counts.items())) for place, counts in sorted(found.items())}

    def promotions(self) -> dict[tuple[str, str], list[int]]:
        """(stage, reason) -> promotions in each week, to MQL and to sales."""
        ups = [(one, _reason(one.because)) for one in self.moved if one.to_stage in ("mql", "sql")]
        counts = Counter((one.to_stage, reason, self.week_of(one.at)) for one, reason in ups)
        totals = Counter((one.to_stage, reason) for one, reason in ups)
        order = sorted(totals, key=lambda place: (place[0], -totals[place], place[1]))
        return {place: [counts[*place, week] for week in range(self.weeks)] for place in order}

    def exits(self) -> dict[tuple[str, str, str], int]:
        """(sequence, state, reason) -> enrollments that ended so, the most frequent of a sequence first."""
        counts = Counter((one.sequence, one.state, one.reason) for one in self.ended)
        return dict(sorted(counts.items(), key=lambda item: (item[0][0], -item[1], item[0])))

    def stages_by_week(self) -> dict[str, list[int]]:
        """Stage -> leads at the beginning, and at the end of each week; stages that nobody was in are left out."""
        standing = Counter(self.stages)
        table = {stage: [standing[stage]] for stage in STAGES}
        for week in range(self.weeks - 1, -1, -1):
            for one in self.moved:
                if self.week_of(one.at) == week:
                    standing[one.to_stage] -= 1
                    standing[one.from_stage] += 1
            for stage in STAGES:
                table[stage].insert(0, standing[stage])
        return {stage: numbers for stage, numbers in table.items() if any(numbers)}

    def name(self, stage: str) -> str:
        """What the company calls a stage."""
        return self.names.get(stage, stage)

    def funnel(self) -> list[tuple[str, int]]:
        """How many leads came how far."""
        reached = {
            goal: len({one.lead_id for one in self.moved if one.to_stage in stages})
            for goal, stages in _FURTHER.items()
        }
        return [
            ("leads", self.leads),
            ("mailed", len({one.lead_id for one in self.sent})),
            ("clicked or sent a form", self.engaged),
            (f"{self.name('mql')} or further", reached["mql"]),
            ("handed to sales", reached["sql"]),
            ("accepted by sales", reached["opportunity"]),
        ]

    @property
    def failed(self) -> int:
        """Enrollments whose mail could not be made or was refused."""
        return sum(one.state == "dead" for one in self.ended)


def _reason(because: str) -> str:
    """A reason without what is one lead's own, so that equal ones can be counted."""
    return _OF_ONE_LEAD.sub("", because)


def collect(world: World, until: datetime, never: Sequence[str] = ()) -> Result:
    """Count what happened in the world since its start."""
    since = {"from_at": world.start}
    with world.ports.database.reading() as connection:
        stages = {row.stage: row.number for row in connection.execute(status.STAGES)}
        sent = connection.execute(simulate.SENT, since).all()
        moves = connection.execute(simulate.MOVES, since).all()
        ended = connection.execute(simulate.ENDED, since).all()
        acts = {(row.kind, row.verdict or ""): row.number for row in connection.execute(simulate.ACTS, since)}
        engaged = connection.execute(simulate.ENGAGED, since).scalar_one()
    return Result(
        start=world.start,
        until=until,
        zone=world.ports.project.config.window.zone,
        leads=sum(stages.values()),
        sent=_sent(sent),
        moved=[Moved(row.at, row.lead_id, row.from_stage, row.to_stage, row.because) for row in moves],
        ended=[Ended(row.ended_at, row.lead_id, row.sequence, row.step, row.state, row.reason or "") for row in ended],
        stages={stage: stages.get(stage, 0) for stage in STAGES if stages.get(stage)},
        acts=acts,
        engaged=engaged,
        alerts=world.post.alerts,
        names={stage: stage_name(world.ports.project.config.agreement, stage) for stage in STAGES},
        never=tuple(never),
    )


def _sent(rows: Iterable[Row[Any]]) -> list[Sent]:
    return [
        Sent(row.started_at, row.id, row.lead_id, row.enrollment_id, row.sequence, row.step, row.template)
        for row in rows
    ]
