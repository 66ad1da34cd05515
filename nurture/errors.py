"""Everything nurture raises on purpose, in one tree.

    NurtureError
    ├── UserError             something a person wrote is wrong, and they can mend it   (exit 1)
    │   ├── ContentError      a sequence, template or nurture.yaml: carries its Problems
    │   ├── RenderError       a mail that cannot be filled in for a lead: carries its Problem
    │   └── IntakeError       a file of leads that cannot be read at all
    ├── UsageError            a command was called with words that do not fit           (exit 2)
    ├── SetupError            a setting, key or service is missing                      (exit 3)
    │   ├── StaleDatabase     the database is older than the mail already sent
    │   └── ErasureKeyLost    nobody can tell any more which addresses were erased
    └── EngineError           a promise of the engine was about to be broken: a bug of ours
        └── IllegalMove       a lifecycle move that the table does not allow

The class docstring is the default message, so an error without an explanation cannot be written. One bad
row, event or template is not an exception: it is a value (`Problem`, `Fault`) that travels with the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal


class NurtureError(Exception):
    """nurture could not go on."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class UserError(NurtureError):
    """Something in your files needs mending."""


class UsageError(NurtureError):
    """The command was called with words that do not fit."""

    exit_code = 2


class SetupError(NurtureError):
    """The set-up is incomplete."""

    exit_code = 3


class StaleDatabase(SetupError):
    """The database is older than the mail already sent. Restore a newer copy before sending anything."""


class ErasureKeyLost(SetupError):
    """The key by which erased addresses are recognized is gone."""


class EngineError(NurtureError):
    """The engine stopped itself before breaking a promise. Please report this."""


class IllegalMove(EngineError):
    """The lifecycle does not allow this move."""


class IntakeError(UserError):
    """The file of leads cannot be read."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One fault in a file a person wrote: where it is, what is wrong, and how to mend it.

    `line` and `column` count from 1; 0 means the file as a whole. `frame` is the excerpt that shows the
    place, ready to print. `rule` is the stable name of the check that found it.
    """

    file: str
    line: int
    column: int
    message: str
    rule: str
    severity: Literal["error", "warning"] = "error"
    frame: str = ""

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def __str__(self) -> str:
        head = f"{self.place} {self.severity} {self.message}  [{self.rule}]"
        return f"{head}\n{self.frame}" if self.frame else head


class ContentError(UserError):
    """A sequence, a template or nurture.yaml has faults."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class RenderError(UserError):
    """A mail cannot be filled in for this lead."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(str(problem))
