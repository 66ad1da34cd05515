"""From linked steps back to the tree that was written, each step with its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from nurture.core import steps
from nurture.core.steps import (
    AlertStep,
    BranchStep,
    EmailStep,
    ExitStep,
    PromoteStep,
    SetStep,
    SplitStep,
    Step,
    TagStep,
    Until,
    WaitForStep,
    WaitStep,
    WebhookStep,
)
from nurture.diagram.counts import Counts

Kind = Literal["email", "wait", "wait_for", "branch", "split", "promote", "alert", "set", "tag", "webhook", "exit"]
#: a mail step -> its subject lines as a lead may see them
Subjects = Callable[[EmailStep], Sequence[str]]

_NAMES: Mapping[Kind, str] = {
    "email": "Mail",
    "wait": "Wait",
    "wait_for": "Wait for",
    "branch": "Branch",
    "split": "Split",
    "promote": "Ask the agreement",
    "alert": "Alert",
    "set": "Write down",
    "tag": "Tag",
    "webhook": "Webhook",
    "exit": "Leave",
}


@dataclass(frozen=True, slots=True)
class Arm:
    """One way out of a step: who takes it, and the steps on it."""

    label: str
    steps: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Node:
    """One step as people see it, and all ways out of it: without arms everybody goes on. `when` is who takes it."""

    id: str
    kind: Kind
    title: str
    lines: tuple[str, ...] = ()
    when: str | None = None
    arms: tuple[Arm, ...] = ()
    counts: Counts | None = None

    @property
    def name(self) -> str:
        """The word for its kind."""
        return _NAMES[self.kind]

    @property
    def ends(self) -> bool:
        """Whether nobody goes on from here."""
        return self.kind == "exit" and self.when is None

    def walk(self) -> Iterator[Node]:
        """The step and all inside it."""
        yield self
        for arm in self.arms:
            for inside in arm.steps:
                yield from inside.walk()


@dataclass(frozen=True, slots=True)
class Tree:
    """A sequence as people see it. `elsewhere` are the numbers of steps that an earlier text had, `end` of its end."""

    name: str
    title: str
    stage: str
    paused: bool
    enters: tuple[str, ...]
    goal: str | None
    exits: tuple[str, ...]
    steps: tuple[Node, ...]
    end: Counts | None = None
    elsewhere: Mapping[str, Counts] = field(default_factory=dict)

    def nodes(self) -> Iterator[Node]:
        """Every step, in the order of the file."""
        for step in self.steps:
            yield from step.walk()


def tree(
    sequence: steps.Sequence,
    subjects: Subjects,
    counts: Mapping[str | None, Counts] | None = None,
    name: Callable[[str], str] = str.upper,
) -> Tree:
    """The tree of a sequence; with the numbers of its steps, if there are any. `name` is what a stage is called."""
    build = _Build(sequence, subjects, counts, name)
    within = f", within {sequence.goal.within.text}" if sequence.goal and sequence.goal.within else ""
    return Tree(
        name=sequence.name,
        title=sequence.title,
        stage=sequence.stage,
        paused=sequence.paused,
        enters=(
            ", ".join(sorted(sequence.enter.triggers)).replace("_", " "),
            *([sequence.enter.when.text] if sequence.enter.when else []),
        ),
        goal=f"{sequence.goal.when.text}{within}" if sequence.goal else None,
        exits=tuple(f"{rule.because}: {rule.when.text}" for rule in sequence.exits),
        steps=build.chain(sequence.first, None),
        end=counts.get(None, Counts()) if counts is not None else None,
        elsewhere={step: one for step, one in (counts or {}).items() if step and step not in sequence.steps},
    )


@dataclass(frozen=True, slots=True)
class _Build:
    """Builds nodes of one sequence."""

    sequence: steps.Sequence
    subjects: Subjects
    counts: Mapping[str | None, Counts] | None
    name: Callable[[str], str]

    def chain(self, first: str | None, stop: str | None) -> tuple[Node, ...]:
        """The steps from `first` on. The last one of an arm is followed by what follows the whole step: `stop`."""
        found = []
        while first is not None and first != stop:
            step = self.sequence.steps[first]
            found.append(_with_others(self._node(step)))
            first = step.next
        return tuple(found)

    def _node(self, step: Step) -> Node:
        counts = self.counts.get(step.id, Counts()) if self.counts is not None else None
        node = partial(Node, step.id, when=step.when.text if step.when else None, counts=counts)
        match step:
            case EmailStep():
                by_stage = "" if "/" in step.template else " (by funnel stage)"
                return node("email", f"{step.template}{by_stage}", lines=(*self.subjects(step), *self._about(step)))
            case WaitStep():
                return node("wait", step.delay.text)
            case WaitForStep():
                return node(
                    "wait_for", step.until.text, lines=(f"at most {step.at_most.text}",), arms=self._if_not(step)
                )
            case BranchStep():
                return node("branch", "who goes where", arms=self._arms(step))
            case SplitStep():
                lots = tuple(Arm(f"{one.percent}%", self.chain(one.first, step.next)) for one in step.shares)
                return node("split", "by lot, for good", arms=lots)
        return node(*_deed(step, self.name))

    def _about(self, step: EmailStep) -> Iterator[str]:
        """What is special about a mail; its topic where the sequence has more than one."""
        topics = {one.topic for one in self.sequence.steps.values() if isinstance(one, EmailStep)}
        told = {
            "asked for: passes caps and hours": step.transactional,
            "from the lead's sales rep": step.sender == "owner",
            "once in a lead's life": step.once,
            f"topic: {step.topic}": step.topic and len(topics) > 1,
            f"skipped after {step.stale_after.text if step.stale_after else ''}": step.stale_after,
        }
        yield from (words for words, holds in told.items() if holds)

    def _arms(self, step: BranchStep) -> tuple[Arm, ...]:
        arms = tuple(
            Arm(arm.when.text if arm.when else "otherwise", self.chain(arm.first, step.next)) for arm in step.arms
        )
        return arms if any(arm.when is None for arm in step.arms) else (*arms, Arm("all others", ()))

    def _if_not(self, step: WaitForStep) -> tuple[Arm, ...]:
        """Two ways, if the one that takes too long has steps of its own."""
        if step.if_not is None:
            return ()
        too_long = (
            f"not by then: {step.at_most.text}" if isinstance(step.at_most, Until) else f"not in {step.at_most.text}"
        )
        return Arm("yes", ()), Arm(too_long, self.chain(step.if_not, step.next))


def _with_others(node: Node) -> Node:
    """The ways out of a step that is not for everybody."""
    return replace(node, arms=(*node.arms, Arm("not asked", ()))) if node.when and node.arms else node


def _deed(step: Step, name: Callable[[str], str]) -> tuple[Kind, str, tuple[str, ...]]:
    """Kind, title and lines of a step without arms that is no mail and no wait."""
    match step:
        case PromoteStep():
            return "promote", f"is it {name(step.to)}?", ()
        case AlertStep():
            return "alert", f"to {step.to}", (step.note,)
        case SetStep():
            return "set", ", ".join(f"{name}: {value}" for name, value in step.values.items()), ()
        case TagStep():
            return "tag", f"{'take off ' if step.remove else ''}{', '.join(step.tags)}", ()
        case WebhookStep():
            return "webhook", step.webhook, ()
        case ExitStep():
            return "exit", step.because, ()
    raise TypeError(f"no words for {type(step).__name__}")
