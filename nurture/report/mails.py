"""What came of the mails: by step, by subject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import report as queries
from nurture.core.stats import Contest, Rate, contest, rate
from nurture.core.steps import Sequence


@dataclass(frozen=True, slots=True)
class StepFigures:
    """What came of the mails of one step, in people: each counts once, however many it got.

    Delivered and bounced are shares of the people it was sent to, all others of those it was delivered to. `machine`
    are people in whose mails a scanner followed links, `suspect` those where nobody can say; neither is in `clicked`.
    """

    sequence: str
    step: str
    mails: int
    sent: int
    delivered: Rate
    clicked: Rate
    machine: int
    suspect: int
    replied: Rate
    opted_out: Rate
    complained: Rate
    bounced: Rate


@dataclass(frozen=True, slots=True)
class SubjectTest:
    """Subjects of one mail beside each other: clicks by people of those it was delivered to, and who is ahead."""

    sequence: str
    step: str
    subjects: tuple[int, ...]
    clicked: tuple[Rate, ...]
    outcome: Contest

    @property
    def in_words(self) -> str:
        """Who is ahead, or what it takes to tell."""
        if self.outcome.ahead is not None and self.outcome.difference:
            low, high = (100 * end for end in (self.outcome.difference.low, self.outcome.difference.high))
            return f"subject {self.subjects[self.outcome.ahead]} is ahead by {low:.1f} to {high:.1f} points"
        if self.outcome.more:
            return f"too few to tell, needs about {self.outcome.more:,} more people with each"
        return "no difference that could be told"


Where = tuple[str, str]


def steps(connection: Connection, about: Mapping[str, object], live: Mapping[str, Sequence]) -> tuple[StepFigures, ...]:
    """Each step that mailed somebody in this time, in the order of the sequences; steps of older texts last."""
    left = {(row.sequence, row.step): row.opted_out for row in connection.execute(queries.OPTED_OUT, about)}
    found = (_figures(row, left.get((row.sequence, row.step), 0)) for row in connection.execute(queries.STEPS, about))
    places = _places(live)
    return tuple(sorted(found, key=lambda one: places((one.sequence, one.step))))


def _figures(row: Row[Any], opted_out: int) -> StepFigures:
    return StepFigures(
        sequence=row.sequence,
        step=row.step,
        mails=row.mails,
        sent=row.people,
        delivered=rate(row.arrived, row.people),
        clicked=rate(row.clicked, row.arrived),
        machine=row.machine,
        suspect=row.suspect,
        replied=rate(row.replied, row.arrived),
        # where the provider tells nothing of deliveries, an opt-out still is the proof of one
        opted_out=rate(opted_out, max(row.arrived, opted_out)),
        complained=rate(row.complained, row.arrived),
        bounced=rate(row.bounced, row.people),
    )


def subject_tests(
    connection: Connection, about: Mapping[str, object], live: Mapping[str, Sequence]
) -> tuple[SubjectTest, ...]:
    """Each mail with several subjects that at least two of them were delivered of."""
    rows = connection.execute(queries.SUBJECTS, about)
    places = _places(live)
    return tuple(sorted(_tests(rows), key=lambda one: places((one.sequence, one.step))))


def _tests(rows: Iterable[Row[Any]]) -> Iterator[SubjectTest]:
    for (sequence, step), group in groupby(rows, attrgetter("sequence", "step")):
        arms = [(row.variant, rate(row.clicked, row.arrived)) for row in group if row.arrived]
        if len(arms) > 1:
            rates = tuple(one for _, one in arms)
            yield SubjectTest(sequence, step, tuple(number for number, _ in arms), rates, contest(rates))


def _places(live: Mapping[str, Sequence]) -> Callable[[Where], tuple[str, int, str]]:
    """Where a step stands: sequences by name, their steps as they are written."""
    known = {(name, step): number for name, text in live.items() for number, step in enumerate(text.steps)}
    return lambda where: (where[0], known.get(where, len(known)), where[1])
