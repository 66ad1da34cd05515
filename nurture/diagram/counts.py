"""How many leads stand where in a sequence, what it mailed, and where and why they left."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from models.database import Database
from models.queries import diagram
from models.words import EnrollmentState
from nurture.core.decide import GOAL_REACHED


@dataclass(slots=True)
class Counts:
    """The numbers of one step: leads that stand there now, mails that left, mails people clicked in, and leads whose
    way ended there: at the end, with the goal, or early (by reason)."""

    standing: int = 0
    mailed: int = 0
    clicked: int = 0
    finished: int = 0
    goal: int = 0
    left: Counter[str] = field(default_factory=Counter)

    @property
    def in_words(self) -> tuple[str, ...]:
        """What there is to say, each in two or three words."""
        clicked = f", {share(self.clicked, self.mailed)} clicked" if self.mailed else ""
        told = (
            (self.standing, f"{self.standing:,} here now"),
            (self.mailed, f"{self.mailed:,} mailed{clicked}"),
            (self.finished, f"{self.finished:,} finished"),
            (self.goal, f"{self.goal:,} reached the goal"),
            *((number, f"{number:,} left: {reason}") for reason, number in self.left.most_common()),
        )
        return tuple(words for number, words in told if number)


def share(part: int, whole: int) -> str:
    """ "12%"; a small part is not none."""
    percent = 100 * part / whole
    return f"{percent:.0f}%" if percent >= 1 or not part else "<1%"


def count(database: Database, sequence: str) -> Mapping[str | None, Counts]:
    """By step; None is past the end. Steps that an earlier text had are among them."""
    counts: defaultdict[str | None, Counts] = defaultdict(Counts)
    about = {"sequence": sequence}
    with database.reading() as connection:
        for row in connection.execute(diagram.STANDING, about):
            counts[row.step].standing = row.number
        for row in connection.execute(diagram.MAILED, about):
            counts[row.step].mailed, counts[row.step].clicked = row.number, row.clicked
        for row in connection.execute(diagram.ENDED, about):
            if row.state == EnrollmentState.DONE and row.reason == GOAL_REACHED:
                counts[row.step].goal += row.number
            elif row.state == EnrollmentState.DONE:
                counts[row.step].finished += row.number
            else:
                counts[row.step].left[row.reason or row.state] += row.number
    return dict(counts)
