"""What a sequence is once it is read: a tree of steps, flattened, each with an id people stand on.

Built by `nurture.core.sequence` from YAML and walked by `nurture.core.decide`. There is no goto: each step
knows the one step that follows it, so a sequence can be drawn, counted and simulated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import time
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from nurture.core.facts import Facts

FunnelStage = Literal["tofu", "mofu", "bofu", "loyalty"]
Unit = Literal["minutes", "hours", "days", "business days", "weeks"]


@dataclass(frozen=True, slots=True)
class Condition:
    """A yes-or-no question about a lead, as a marketer wrote it, ready to be asked.

    `names` are the fields and functions it uses ("lead.score", "clicked"), so that nothing is looked up in vain.
    """

    text: str
    holds: Callable[[Facts], bool]
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class After:
    """ "3 days", "2 business days": a span counted in the lead's wall clock (hours and minutes are exact)."""

    count: int
    unit: Unit
    text: str


@dataclass(frozen=True, slots=True)
class Until:
    """ "until tuesday 10:00": the next such moment in the lead's zone. Weekday 0 is Monday; None is any day."""

    weekday: int | None
    at: time
    text: str


Delay = After | Until


@dataclass(frozen=True, slots=True)
class SendWindow:
    """When mail may go out, in the lead's own zone: [start, end) on the given weekdays (0 is Monday).

    `zone` is used where the lead's zone is unknown; with `lead_zone` False it is used for everyone.
    """

    days: frozenset[int] = frozenset(range(5))
    start: time = time(9)
    end: time = time(17)
    zone: str = "UTC"
    lead_zone: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place in a sequence. `next` is the step that follows when this one is done; None is the end."""

    id: str
    next: str | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailStep(Step):
    """Send one mail. `template` without a slash means: the one of the lead's funnel stage.

    `subject` overrides the template's own subject line (Jinja).
    """

    template: str
    subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStep(Step):
    """Let time pass, counted from when the step before was done."""

    delay: Delay


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitForStep(Step):
    """Wait until something is true, at most so long; then the `if_not` steps, if there are any, and on."""

    until: Condition
    at_most: Delay
    if_not: str | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """One way out of a branch: `when` None is `otherwise`; `first` None goes straight on."""

    when: Condition | None
    first: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class BranchStep(Step):
    """Judge the lead when it gets here: the first arm that is true wins; without one, straight on."""

    arms: tuple[Arm, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteStep(Step):
    """Ask the agreement's gate now. It never bypasses the gate; where it says no, the lead goes on."""

    to: Literal["mql", "sql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitStep(Step):
    """Leave the sequence here, for the reason given."""

    because: str


@dataclass(frozen=True, slots=True)
class Again:
    """Whether a lead that was here before may enter again: never, unless its goal was met, always, or after a while."""

    rule: Literal["never", "unless goal", "always", "after"] = "never"
    delay: After | None = None


@dataclass(frozen=True, slots=True)
class Enter:
    """Who comes in: one of the triggers happened to the lead, and `when` is true of it."""

    triggers: frozenset[str]
    when: Condition | None = None
    again: Again = Again()


@dataclass(frozen=True, slots=True)
class Goal:
    """What the sequence is for. Met within `within` of entry (None: at any time), the lead leaves or goes on."""

    when: Condition
    within: After | None = None
    then: Literal["exit", "continue"] = "exit"


@dataclass(frozen=True, slots=True)
class ExitRule:
    """A reason to leave that is checked before every step."""

    when: Condition
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence:
    """One nurture sequence, valid and complete.

    `steps` holds every step of every arm by id, in the order of the file; `first` is where leads come in.
    `version` is a hash of the source text; `source` is that text.
    """

    name: str
    title: str
    owner: str
    stage: FunnelStage
    enter: Enter
    send: SendWindow
    steps: Mapping[str, Step]
    first: str | None
    goal: Goal | None = None
    exits: tuple[ExitRule, ...] = ()
    version: str = ""
    source: str = ""
    names: frozenset[str] = frozenset()
