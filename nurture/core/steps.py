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
    from nurture.core.cadence import Cap
    from nurture.core.facts import Facts

FunnelStage = Literal["tofu", "mofu", "bofu", "loyalty"]
#: the trigger that a rep pulls: marketing may write to its lead again, lightly, by the sequences that listen to it
KEEP_WARM = "keep_warm"
Unit = Literal["seconds", "minutes", "hours", "days", "business days", "weeks", "months"]


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
    """ "3 days", "2 business days": a span counted in the lead's wall clock (hours and less are exact)."""

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
    """When mail may go out, in the lead's own zone: [start, end) on the given weekdays (0 is Monday); an `end` of
    `nurture.core.timewords.MIDNIGHT` is 24:00.

    `zone` is used where the lead's zone is unknown; with `lead_zone` False it is used for everyone. Closed are the
    days in `closed` ("2026-12-24", or "12-24" for every year) and, with `skip_holidays`, the public holidays of the
    lead's country. What waited for the window to open goes out over `spread`, not all in its first second.
    """

    days: frozenset[int] = frozenset(range(5))
    start: time = time(9)
    end: time = time(17)
    zone: str = "UTC"
    lead_zone: bool = True
    skip_holidays: bool = False
    closed: frozenset[str] = frozenset()
    spread: After | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A place in a sequence. `next` is the step that follows when this one is done; None is the end."""

    id: str
    next: str | None = None
    when: Condition | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EmailStep(Step):
    """Send one mail. `template` without a slash means: the one of the lead's funnel stage.

    `subjects` override the template's own subject line (Jinja); several are an even A/B test. `topic` is what a lead
    may decline while it takes other mail. `sender` "owner" writes in the name of the lead's sales rep. A
    `transactional` mail was asked for: it passes caps and windows, and of the bars all but an opt-out, a complaint and
    a bounce. `once` goes to a lead once in its life, whatever it is enrolled in. After `stale_after` from when it was
    due, the mail is skipped.
    """

    template: str
    subjects: tuple[str, ...] = ()
    topic: str | None = None
    sender: Literal["brand", "owner"] = "brand"
    transactional: bool = False
    once: bool = False
    stale_after: After | None = None


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


@dataclass(frozen=True, slots=True)
class Share:
    """One arm of a split: how many leads of a hundred go this way; `first` None goes straight on."""

    percent: int
    first: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitStep(Step):
    """Send leads different ways by lot. A lead always draws the same lot here, also after an edit."""

    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PromoteStep(Step):
    """Ask the agreement's gate now. It never bypasses the gate; where it says no, the lead goes on."""

    to: Literal["mql", "sql"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertStep(Step):
    """Tell marketing, or the lead's sales rep, about the lead. Whether it is ready for sales is not said by this."""

    to: Literal["marketing", "owner"]
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SetStep(Step):
    """Write down something about the lead: field of the catalogue -> value."""

    values: Mapping[str, str | int]


@dataclass(frozen=True, slots=True, kw_only=True)
class TagStep(Step):
    """Put words on the lead, or take them off; conditions ask for them with `tagged`."""

    tags: tuple[str, ...]
    remove: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookStep(Step):
    """Tell another system that the lead got here; `webhook` is its name in nurture.yaml."""

    webhook: str


#: steps that do something in the outside world or to the lead, and take no time
Deed = PromoteStep | AlertStep | SetStep | TagStep | WebhookStep


def in_words(step: Deed) -> str:
    """What such a step does about a lead, for tables and explanations."""
    match step:
        case PromoteStep(to=to):
            return f"asks the agreement whether the lead is {to.upper()}"
        case AlertStep(to=to):
            return f"tells {'marketing' if to == 'marketing' else 'the sales rep'}"
        case SetStep(values=values):
            return f"writes down {', '.join(f'{field}: {value}' for field, value in values.items())}"
        case TagStep(tags=tags, remove=remove):
            return f"{'takes off' if remove else 'puts on'} the tag {', '.join(tags)}"
        case WebhookStep(webhook=webhook):
            return f"tells {webhook}"


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
    `priority` says who goes first where a frequency cap lets only one mail through (1 before 9); `limits` are caps of
    its own. Nobody enters or moves while it is `paused`. `version` is a hash of the source text; `source` is that text.
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
    priority: int = 5
    paused: bool = False
    limits: tuple[Cap, ...] = ()
    version: str = ""
    source: str = ""
    names: frozenset[str] = frozenset()
