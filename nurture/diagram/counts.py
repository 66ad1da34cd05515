"""How many leads stand where in a sequence, what it mailed, and where and why they left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.database import Database
from models.queries import diagram
from models.words import EnrollmentState
from nurture.core.decide import GOAL_REACHED


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of one step: leads that stand there now, mails that left, mails people clicked in, and leads whose
    way ended there: at the end, with the goal, or early (by reason)."""

    standing: int = 0
    mailed: int = 0
    clicked: int = 0
    finished: int = 0
    goal: int = 0
    left: Mapping[str, int] = field(default_factory=dict)

    @property
    def in_words(self) -> tuple[str, ...]:
        """What there is to say, each in two or three words."""
        clicked = f", {share(self.clicked, self.mailed)} clicked" if self.mailed else ""
        told = (
            (self.standing, f"{self.standing:,} here now"),
            (self.mailed, f"{self.mailed:,} mailed{clicked}"),
            (self.finished, f"{self.finished:,} finished"),
            (self.goal, f"{self.goal:,} reached the goal"),
            *((number, f"{number:,} left: {reason}") for reason, number in self.left.items()),
        )
        return tuple(words for number, words in told if number)


def share(part: int, whole: int) -> str:
    """ "12%"; a small part is not none."""
    percent = 100 * part / whole
    return f"{percent:.0f}%" if percent >= 1 or not part else "<1%"


@dataclass(slots=True)
class _Tally:
    standing: int = 0
    mailed: int = 0
    clicked: int = 0
    finished: int = 0
    goal: int = 0
    left: Counter[str] = field(default_factory=Counter)

    def counts(self) -> Counts:
        return Counts(self.standing, self.mailed, self.clicked, self.finished, self.goal, dict(self.left.most_common()))


def count(database: Database, sequence: str) -> Mapping[str | None, Counts]:
    """By step; None is past the end. Steps that an earlier text had are among them."""
    tallies: defaultdict[str | None, _Tally] = defaultdict(_Tally)
    about = {"sequence": sequence}
    with database.reading() as connection:
        for row in connection.execute(diagram.STANDING, about):
            tallies[row.step].standing = row.number
        for row in connection.execute(diagram.MAILED, about):
            tallies[row.step].mailed, tallies[row.step].clicked = row.number, row.clicked
        for row in connection.execute(diagram.ENDED, about):
            if row.state == EnrollmentState.DONE and row.reason == GOAL_REACHED:
                tallies[row.step].goal += row.number
            elif row.state == EnrollmentState.DONE:
                tallies[row.step].finished += row.number
            else:
                tallies[row.step].left[row.reason or row.state] += row.number
    return {step: tally.counts() for step, tally in tallies.items()}
