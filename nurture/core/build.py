"""From a sequence as it was read to a `Sequence` of linked steps.

People stand on steps while the file changes, so every step has an id that does not depend on its position in
the list: the given one, else the template's name for a mail and `<previous mail>/<kind>-<n>` for the rest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from nurture.core.entries import (
    AlertEntry,
    BranchEntry,
    EmailEntry,
    Entry,
    ExitEntry,
    Loc,
    PromoteEntry,
    SetEntry,
    SplitEntry,
    StepEntry,
    TagEntry,
    WaitEntry,
    WaitForEntry,
    WebhookEntry,
    WhenArm,
)
from nurture.core.sequence import SequenceFile
from nurture.core.steps import (
    AlertStep,
    Arm,
    BranchStep,
    Condition,
    EmailStep,
    Enter,
    ExitRule,
    ExitStep,
    Goal,
    PromoteStep,
    SendWindow,
    Sequence,
    SetStep,
    Share,
    SplitStep,
    Step,
    TagStep,
    WaitForStep,
    WaitStep,
    WebhookStep,
)


@dataclass(frozen=True, slots=True)
class Duplicate:
    """Two steps that would have the same id, and where both stand."""

    id: str
    first: Loc
    second: Loc


class DuplicateSteps(ValueError):
    """Steps that cannot be told apart."""

    def __init__(self, duplicates: list[Duplicate]) -> None:
        super().__init__(", ".join(duplicate.id for duplicate in duplicates))
        self.duplicates = tuple(duplicates)


def build(file: SequenceFile, source: str, send: SendWindow) -> Sequence:
    """Flatten what was read into linked steps; `send` is the project's window, `source` the text of the file.

    Raises DuplicateSteps when two steps would have the same id.
    """
    entries = dict(_walk(file.steps, ("steps",)))
    ids = _ids(entries)
    steps = {ids[loc]: _step(loc, entry, ids) for loc, entry in entries.items()}
    if file.topic:
        steps = {name: _about(step, file.topic) for name, step in steps.items()}
    sequence = Sequence(
        name=file.sequence,
        title=file.title,
        owner=file.owner,
        stage=file.stage,
        enter=Enter(frozenset(file.enter.trigger), file.enter.when, file.enter.again),
        goal=Goal(file.goal.when, file.goal.within, file.goal.then) if file.goal else None,
        exits=tuple(ExitRule(line.when, line.because) for line in file.exit),
        send=file.send.window(send),
        priority=file.priority,
        paused=file.paused,
        limits=tuple(file.send.limit),
        steps=steps,
        first=next(iter(steps)),
        version=hashlib.sha256(source.encode()).hexdigest()[:16],
        source=source,
    )
    return replace(sequence, names=frozenset[str]().union(*(question.names for question in _conditions(sequence))))


def _walk(entries: list[StepEntry], at: Loc) -> Iterator[tuple[Loc, Entry]]:
    """Every step with its place in the file, in the order of the file."""
    for number, entry in enumerate(entries):
        loc = (*at, number)
        yield loc, entry
        for inside, nested in entry.nested():
            yield from _walk(nested, (*loc, *inside))


def _ids(entries: Mapping[Loc, Entry]) -> dict[Loc, str]:
    ids: dict[Loc, str] = {}
    places: dict[str, Loc] = {}
    duplicates = []
    counts: Counter[str] = Counter()
    mail = "start"
    for loc, entry in entries.items():
        name = _id(entry, mail, counts)
        if name in places:
            duplicates.append(Duplicate(name, places[name], loc))
        ids[loc] = name
        places.setdefault(name, loc)
        mail = name if isinstance(entry, EmailEntry) else mail
    if duplicates:
        raise DuplicateSteps(duplicates)
    return ids


def _id(entry: Entry, mail: str, counts: Counter[str]) -> str:
    if entry.id:
        return entry.id
    if isinstance(entry, EmailEntry):
        return entry.email
    stem = f"{mail}/{_KIND_WORDS[type(entry)]}"
    counts[stem] += 1
    return f"{stem}-{counts[stem]}"


def _about(step: Step, topic: str) -> Step:
    """A mail without a topic of its own has the sequence's."""
    return replace(step, topic=topic) if isinstance(step, EmailStep) and not step.topic else step


#: finds the first step of a list inside an entry, by its place there; None where the list is empty
_First = Callable[..., str | None]


def _step(loc: Loc, entry: Entry, ids: Mapping[Loc, str]) -> Step:
    def first(*inside: str | int) -> str | None:
        return ids.get((*loc, *inside, 0))

    kind, own = _STEPS[type(entry)]
    step: Step = kind(id=ids[loc], next=_next(loc, ids), when=entry.when, **own(entry, first))
    return step


def _email(entry: EmailEntry, first: _First) -> dict[str, Any]:
    return {
        "template": entry.email,
        "subjects": tuple(entry.subject),
        "topic": entry.topic,
        "sender": entry.sender,
        "transactional": entry.transactional,
        "once": entry.once,
        "stale_after": entry.stale_after,
    }


def _branch(entry: BranchEntry, first: _First) -> dict[str, Any]:
    arms = (
        Arm(arm.when, first("branch", number, "steps"))
        if isinstance(arm, WhenArm)
        else Arm(None, first("branch", number, "otherwise"))
        for number, arm in enumerate(entry.branch)
    )
    return {"arms": tuple(arms)}


def _split(entry: SplitEntry, first: _First) -> dict[str, Any]:
    shares = (Share(arm.share, first("split", number, "steps")) for number, arm in enumerate(entry.split))
    return {"shares": tuple(shares)}


def _next(loc: Loc, ids: Mapping[Loc, str]) -> str | None:
    """The step after this one; at the end of an arm, the one after the branch that the arm belongs to."""
    while loc:
        *at, number = loc
        after = (*at, number + 1) if isinstance(number, int) else ()
        if after in ids:
            return ids[after]
        loc = tuple(at)
    return None


def _conditions(sequence: Sequence) -> Iterator[Condition]:
    """Every question the sequence asks."""
    questions = [sequence.enter.when, *(rule.when for rule in sequence.exits)]
    questions += [sequence.goal.when] if sequence.goal else []
    for step in sequence.steps.values():
        questions.append(step.when)
        if isinstance(step, WaitForStep):
            questions.append(step.until)
        if isinstance(step, BranchStep):
            questions += [arm.when for arm in step.arms]
    yield from (question for question in questions if question)


#: kind of entry -> the step made of it, and how its own values are read
_STEPS: dict[type[Entry], tuple[type[Any], Callable[[Any, _First], dict[str, Any]]]] = {
    EmailEntry: (EmailStep, _email),
    WaitEntry: (WaitStep, lambda entry, _: {"delay": entry.wait}),
    WaitForEntry: (
        WaitForStep,
        lambda entry, first: {"until": entry.wait_for, "at_most": entry.at_most, "if_not": first("if_not")},
    ),
    BranchEntry: (BranchStep, _branch),
    SplitEntry: (SplitStep, _split),
    PromoteEntry: (PromoteStep, lambda entry, _: {"to": entry.promote}),
    AlertEntry: (AlertStep, lambda entry, _: {"to": entry.alert, "note": entry.note}),
    SetEntry: (SetStep, lambda entry, _: {"values": entry.set}),
    TagEntry: (TagStep, lambda entry, _: {"tags": tuple(entry.tag), "remove": entry.remove}),
    WebhookEntry: (WebhookStep, lambda entry, _: {"webhook": entry.webhook}),
    ExitEntry: (ExitStep, lambda entry, _: {"because": entry.exit}),
}
#: what a step without an id is called after the mail before it
_KIND_WORDS: dict[type[Entry], str] = {
    WaitEntry: "wait",
    WaitForEntry: "wait-for",
    BranchEntry: "branch",
    SplitEntry: "split",
    PromoteEntry: "promote",
    AlertEntry: "alert",
    SetEntry: "set",
    TagEntry: "tag",
    WebhookEntry: "webhook",
    ExitEntry: "exit",
}
