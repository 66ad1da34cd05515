"""Sequences that would mail one lead in the same week."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import combinations
from math import inf

from nurture.content.source import Document
from nurture.content.worlds import Worlds
from nurture.core import steps
from nurture.core.cadence import exact
from nurture.core.facts import Facts
from nurture.core.project import ProjectConfig
from nurture.errors import Problem

WEEK = 7.0
#: leads that nothing of ours is sent to
_NOT_MAILED = ("sql", "opportunity", "disqualified")


def overlaps(
    sequences: Sequence[tuple[Document, steps.Sequence]], config: ProjectConfig
) -> Iterator[tuple[str, Problem]]:
    """For each two sequences that one lead can come into by the same thing, and that both mail it within a week: the
    name of the second, and what to know of the two."""
    soon = [(document, one) for document, one in sequences if not one.paused and days_to_mail(one) <= WEEK]
    for (_, first), (document, second) in combinations(soon, 2):
        shared = sorted((first.enter.triggers & second.enter.triggers) - {"manual"})
        if shared and _both(first, second, shared, config):
            message = (
                f"'{first.name}' takes in the same leads ({', '.join(shared)}), and both mail within a week: "
                f"{_settled(first, second, config)}; tell them apart in 'enter: when:'"
            )
            yield second.name, document.problem(("enter", "trigger"), message, "overlap", severity="warning")


def days_to_mail(sequence: steps.Sequence) -> float:
    """The fewest days from entry to a mail that counts for the caps; infinite if there is none."""
    days: dict[str | None, float] = {None: inf}
    # What follows a step stands below it, so from the end everything that is needed is known.
    for step in reversed(list(sequence.steps.values())):
        days[step.id] = _days_from(step, days)
    return days[sequence.first]


def _days_from(step: steps.Step, days: Mapping[str | None, float]) -> float:
    go_on = days[step.next]
    match step:
        case steps.EmailStep(transactional=False):
            return 0
        case steps.WaitStep():
            taken = go_on + _length(step.delay)
        case steps.WaitForStep():
            taken = min(go_on, days[step.if_not] + _length(step.at_most)) if step.if_not else go_on
        case steps.BranchStep():
            taken = min(days[arm.first] if arm.first else go_on for arm in step.arms)
            taken = min(taken, go_on if all(arm.when for arm in step.arms) else inf)
        case steps.SplitStep():
            taken = min(days[share.first] if share.first else go_on for share in step.shares)
        case steps.ExitStep():
            taken = inf
        case _:
            taken = go_on
    return min(taken, go_on) if step.when else taken


def _length(delay: steps.Delay) -> float:
    """In days; a moment such as "until tuesday" may be now."""
    return exact(delay) / timedelta(days=1) if isinstance(delay, steps.After) else 0


def _both(first: steps.Sequence, second: steps.Sequence, triggers: list[str], config: ProjectConfig) -> bool:
    conditions = [one.enter.when for one in (first, second) if one.enter.when]
    worlds = Worlds(config, triggers)
    return worlds.ever([one.text for one in conditions], _holds(conditions))


def _holds(conditions: list[steps.Condition]) -> Callable[[Facts], bool]:
    return lambda facts: facts.lead.get("stage") not in _NOT_MAILED and all(one.holds(facts) for one in conditions)


def _settled(first: steps.Sequence, second: steps.Sequence, config: ProjectConfig) -> str:
    """Which of the two goes first, in words."""
    if not config.caps:
        return "without 'caps:' in nurture.yaml nothing keeps them apart"
    caps = ", ".join(cap.text for cap in config.caps)
    if first.priority == second.priority:
        return f"the caps ({caps}) hold one back, and with priority {first.priority} for both it is not said which"
    ahead, behind = sorted((first, second), key=lambda one: one.priority)
    return f"'{ahead.name}' (priority {ahead.priority}) goes first, '{behind.name}' waits for the caps ({caps})"
