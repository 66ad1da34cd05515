"""The sequence language: the shape of sequences/*.yaml, and how it becomes a `Sequence` of linked steps.

People stand on steps while the file changes, so every step has an id that does not depend on its position in
the list: the given one, else the template's name for a mail and `<previous mail>/<kind>-<n>` for the rest.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from nurture.core.entries import (
    BranchEntry,
    EmailEntry,
    Entry,
    ExitEntry,
    Loc,
    PromoteEntry,
    StepEntry,
    WaitEntry,
    WaitForEntry,
    WhenArm,
)
from nurture.core.schema import ConditionText, SendRules, SpanText, Strict, Text, fault, read_with
from nurture.core.steps import (
    Again,
    Arm,
    BranchStep,
    Condition,
    EmailStep,
    Enter,
    ExitRule,
    ExitStep,
    FunnelStage,
    Goal,
    PromoteStep,
    SendWindow,
    Sequence,
    Step,
    WaitForStep,
    WaitStep,
)
from nurture.core.suggest import did_you_mean
from nurture.core.timewords import for_editors, parse_span

#: what can bring a lead into a sequence -> what it means
TRIGGERS = {
    "lead_created": "the lead became known",
    "form_submitted": "the lead sent a form",
    "stage_changed": "the lead moved to another lifecycle stage",
    "handoff_rejected": "sales handed the lead back",
    "manual": "a person enrolled the lead (`nurture leads enroll`)",
}


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _known_trigger(name: str) -> str:
    if name not in TRIGGERS:
        known = did_you_mean(name, TRIGGERS) or f"; there are: {', '.join(TRIGGERS)}"
        raise fault("trigger", f"unknown trigger '{name}'{known}")
    return name


def _read_again(value: Any) -> Again:
    text = " ".join(str(value).lower().split())
    if text in _AGAIN:
        return _AGAIN[text]
    if not text.startswith("after "):
        raise fault("again", f"'{value}' is not known here; {_AGAIN_EXAMPLES}")
    try:
        return Again("after", parse_span(text.removeprefix("after ")))
    except ValueError as error:
        raise fault("again", str(error)) from None


_AGAIN_EXAMPLES = "write 'never', 'unless goal', 'always' or 'after 180 days'"
_AGAIN = {"never": Again("never"), "unless goal": Again("unless goal"), "always": Again("always")}
_TRIGGER = {"type": "string", "enum": [*TRIGGERS], "enumDescriptions": [*TRIGGERS.values()]}
_Trigger = Annotated[str, AfterValidator(_known_trigger)]
_Triggers = Annotated[
    list[_Trigger],
    Field(min_length=1),
    BeforeValidator(_as_list),
    WithJsonSchema({"anyOf": [_TRIGGER, {"type": "array", "items": _TRIGGER, "minItems": 1}]}),
]
AgainText = Annotated[
    Again,
    *read_with(_read_again, type="string", default="never", **for_editors(_AGAIN_EXAMPLES, *_AGAIN, "after .+")),
]


class EnterRules(Strict):
    """Who comes in."""

    trigger: _Triggers = Field(
        description="What must have happened to the lead: one name or a list.",
        examples=["form_submitted", ["stage_changed", "handoff_rejected"]],
    )
    when: ConditionText | None = Field(
        default=None,
        description="What must be true of the lead as well.",
        examples=["lead.source in ['ebook', 'webinar']"],
    )
    again: AgainText = Field(
        default=Again(),
        description="Whether a lead that was here before may come again; left out: never.",
        examples=["never", "unless goal", "always", "after 180 days"],
    )


class GoalRules(Strict):
    """What the sequence is for."""

    when: ConditionText = Field(description="What is true once the goal is met.", examples=["lead.stage == 'sql'"])
    within: SpanText | None = Field(
        default=None, description="How long after coming in it counts; left out: at any time.", examples=["45 days"]
    )
    then: Literal["exit", "continue"] = Field(default="exit", description="Whether the lead leaves or goes on.")


class ExitLine(Strict):
    """A reason to leave, checked before every step. Opt-out, bounce, complaint and handoff always are."""

    when: ConditionText = Field(description="Who leaves.", examples=["lead.is_customer"])
    because: Text = Field(description="Why, in words for the record.", examples=["already a customer"])


class SequenceFile(Strict):
    """One nurture sequence: sequences/<name>.yaml."""

    sequence: str = Field(
        pattern=r"^[a-z0-9][a-z0-9-]*$",
        description="Its name, for good; the same as the file's.",
        examples=["first-interest"],
    )
    title: Text = Field(description="What it is for, in a few words.", examples=["First interest: earn the next read"])
    owner: Text = Field(description="The department that answers for it.", examples=["marketing"])
    stage: FunnelStage = Field(description="The funnel stage it speaks to.", examples=["tofu"])
    enter: EnterRules = Field(description="Who comes in.")
    goal: GoalRules | None = Field(default=None, description="What it is for.")
    exit: list[ExitLine] = Field(default=[], description="Reasons to leave early.")
    send: SendRules = Field(default=SendRules(), description="When its mails go out; the rest comes from nurture.yaml.")
    steps: list[StepEntry] = Field(min_length=1, description="The steps, in order.")


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
    sequence = Sequence(
        name=file.sequence,
        title=file.title,
        owner=file.owner,
        stage=file.stage,
        enter=Enter(frozenset(file.enter.trigger), file.enter.when, file.enter.again),
        goal=Goal(file.goal.when, file.goal.within, file.goal.then) if file.goal else None,
        exits=tuple(ExitRule(line.when, line.because) for line in file.exit),
        send=file.send.window(send),
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


def _step(loc: Loc, entry: Entry, ids: Mapping[Loc, str]) -> Step:
    def first(*inside: str | int) -> str | None:
        return ids.get((*loc, *inside, 0))

    step_id, following = ids[loc], _next(loc, ids)
    match entry:
        case EmailEntry():
            return EmailStep(id=step_id, next=following, when=entry.when, template=entry.email, subject=entry.subject)
        case WaitEntry():
            return WaitStep(id=step_id, next=following, when=entry.when, delay=entry.wait)
        case WaitForEntry():
            return WaitForStep(
                id=step_id,
                next=following,
                when=entry.when,
                until=entry.wait_for,
                at_most=entry.at_most,
                if_not=first("if_not"),
            )
        case BranchEntry():
            arms = tuple(
                Arm(arm.when, first("branch", number, "steps"))
                if isinstance(arm, WhenArm)
                else Arm(None, first("branch", number, "otherwise"))
                for number, arm in enumerate(entry.branch)
            )
            return BranchStep(id=step_id, next=following, when=entry.when, arms=arms)
        case PromoteEntry():
            return PromoteStep(id=step_id, next=following, when=entry.when, to=entry.promote)
        case ExitEntry():
            return ExitStep(id=step_id, next=following, when=entry.when, because=entry.exit)
    raise TypeError(f"no step is made of {type(entry).__name__}")


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


_KIND_WORDS: dict[type[Entry], str] = {
    WaitEntry: "wait",
    WaitForEntry: "wait-for",
    BranchEntry: "branch",
    PromoteEntry: "promote",
    ExitEntry: "exit",
}
