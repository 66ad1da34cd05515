"""What became of the leads that came into each sequence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from models.queries import report as queries
from models.words import EnrollmentState
from nurture.core.decide import GOAL_REACHED
from nurture.core.stats import Rate, rate
from nurture.core.steps import Sequence


@dataclass(frozen=True, slots=True)
class Course:
    """A sequence: who came in during this time, and what has become of them by now.

    `goal` are those who reached it, whether they went on or not. `left` says why others left early; `stuck` are dead:
    a mail of theirs could not be sent and a person must look.
    """

    sequence: str
    title: str
    entered: int
    active: int
    done: int
    goal: Rate
    left: Mapping[str, int]
    stuck: int


@dataclass(slots=True)
class _Tally:
    states: Counter[str] = field(default_factory=Counter)
    goal: int = 0
    left: Counter[str] = field(default_factory=Counter)


def courses(connection: Connection, about: Mapping[str, object], live: Mapping[str, Sequence]) -> tuple[Course, ...]:
    """Each sequence that is live or that somebody came into."""
    tallies = {name: _Tally() for name in live}
    for row in connection.execute(queries.ENTERED, about):
        tally = tallies.setdefault(row.sequence, _Tally())
        reached = row.state == EnrollmentState.DONE and row.reason == GOAL_REACHED
        tally.states[row.state] += row.number
        tally.goal += row.number if reached else row.goal
        if row.state == EnrollmentState.STOPPED:
            tally.left[row.reason or "not told"] += row.number
    return tuple(_course(name, tallies[name], live.get(name)) for name in sorted(tallies))


def _course(name: str, tally: _Tally, text: Sequence | None) -> Course:
    entered = tally.states.total()
    return Course(
        sequence=name,
        title=text.title if text else "",
        entered=entered,
        active=tally.states[EnrollmentState.ACTIVE],
        done=tally.states[EnrollmentState.DONE],
        goal=rate(tally.goal, entered),
        left=dict(tally.left.most_common()),
        stuck=tally.states[EnrollmentState.DEAD],
    )
