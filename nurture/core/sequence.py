"""The sequence language: the shape of sequences/*.yaml. `nurture.core.build` links it to a `Sequence`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, WithJsonSchema

from nurture.core.entries import Name, StepEntry
from nurture.core.schema import ConditionText, SequenceSendRules, SpanText, Strict, Text, as_list, fault, read_with
from nurture.core.steps import KEEP_WARM, Again, FunnelStage
from nurture.core.suggest import did_you_mean
from nurture.core.timewords import for_editors, parse_span

#: what can bring a lead into a sequence -> what it means
TRIGGERS = {
    "lead_created": "the lead became known",
    "form_submitted": "the lead sent a form",
    "stage_changed": "the lead moved to another lifecycle stage",
    "handoff_rejected": "sales handed the lead back or lost the deal, and the time of its reason is over",
    "handoff_won": "a deal with the lead was won",
    "lead_stalled": "the lead has made no progress for as long as the agreement allows",
    KEEP_WARM: "the lead's rep wants it kept warm while it is with sales",
    "manual": "a person enrolled the lead (`nurture leads enroll`)",
}


def _known_trigger(name: str, info: ValidationInfo) -> str:
    """One of ours, or an event of the site that nurture.yaml knows: the context's `events`, None for any."""
    events = (info.context or {}).get("events")
    if name not in TRIGGERS and (not _EVENT.fullmatch(name) if events is None else name not in events):
        there_are = [*TRIGGERS, *sorted(events or ())]
        known = did_you_mean(name, there_are) or f"; there are: {', '.join(there_are)}"
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
_EVENT = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_TRIGGER = {
    "anyOf": [
        {"type": "string", "enum": [*TRIGGERS], "enumDescriptions": [*TRIGGERS.values()]},
        {"type": "string", "pattern": f"^{_EVENT.pattern}$"},
    ]
}
_Trigger = Annotated[str, AfterValidator(_known_trigger)]
_Triggers = Annotated[
    list[_Trigger],
    Field(min_length=1),
    BeforeValidator(as_list),
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
    priority: int = Field(
        default=5,
        ge=1,
        le=9,
        strict=True,
        description="Who goes first where a frequency cap lets only one mail through: 1 before 9.",
        examples=[3],
    )
    paused: bool = Field(
        default=False, strict=True, description="Nobody comes in and nobody moves; leads keep their places."
    )
    topic: Name | None = Field(
        default=None, description="The topic of its mails, unless a mail has its own.", examples=["product-news"]
    )
    send: SequenceSendRules = Field(
        default=SequenceSendRules(),
        description="When its mails go out; the rest comes from nurture.yaml.",
    )
    steps: list[StepEntry] = Field(min_length=1, description="The steps, in order.")
