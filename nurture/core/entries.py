"""The steps of a sequence as they are written in YAML.

A step is a mapping with the key that names its kind (`- email: tofu/welcome`). Steps nest in branches, and
there is no goto.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, WithJsonSchema

from nurture.core.fields import LEAD_FIELDS, SETTABLE_FIELDS
from nurture.core.schema import ConditionText, DelayText, SpanText, Strict, Text, as_list, fault, text_as
from nurture.core.suggest import did_you_mean

KINDS = (
    "email",
    "wait",
    "wait_for",
    "branch",
    "split",
    "promote",
    "alert",
    "set",
    "tag",
    "webhook",
    "exit",
)

#: where something stands in a file: keys and list positions from the top
Loc = tuple[str | int, ...]
#: the lists of steps inside an entry, each with its place relative to the entry
Nested = list[tuple[Loc, "list[StepEntry]"]]

_STEPS_DESCRIPTION = "Steps taken in this arm."


_TEXT = {"type": "string", "minLength": 1}
_NAME_PATTERN = r"^[a-z0-9][a-z0-9_-]*$"
_NAME = {"type": "string", "pattern": _NAME_PATTERN}
Name = Annotated[str, Field(pattern=_NAME_PATTERN)]

#: what a field may hold -> how it must look, and in words
_CODES = {
    "country": (r"[A-Z]{2}", "two capital letters, as in 'NO'"),
    "language": (r"[a-z]{2}", "two letters, as in 'en'"),
}
#: a whole number that any database can keep
_MOST = 1_000_000_000
_EXAMPLES = {"text": "...", "number": 80, "country": "NO", "language": "en"}
_SETTABLE = {
    field: {
        "type": "integer" if kind == "number" else "string",
        "description": LEAD_FIELDS[field],
        "examples": [_EXAMPLES[kind]],
    }
    for field, kind in SETTABLE_FIELDS.items()
}


def _percent(text: str) -> int:
    match = re.fullmatch(r"(\d{1,2})\s*%", text.strip())
    if not match or int(match[1]) == 0:
        raise ValueError(f"'{text}' is not a share; write it like '50%'")
    return int(match[1])


def _settable(values: dict[str, Any]) -> dict[str, Any]:
    """Each field and its value, checked. A field may be written as `industry` or as `lead.industry`."""
    return dict(_setting(key, value) for key, value in values.items())


def _setting(key: str, value: Any) -> tuple[str, str | int]:
    name = key.removeprefix("lead.")
    kind = SETTABLE_FIELDS.get(name)
    if kind is None:
        known = did_you_mean(name, SETTABLE_FIELDS) or f"; there are: {', '.join(SETTABLE_FIELDS)}"
        raise fault("set_field", f"a sequence cannot write '{key}'{known}", key=key)
    if kind == "number":
        if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= _MOST:
            raise fault("set_value", f"'{key}' is a whole number, from 1 to {_MOST}", key=key)
        return name, value
    pattern, words = _CODES.get(kind, (r"[^\x00-\x1f]{1,200}", "a text of at most 200 characters, in quotes"))
    if not isinstance(value, str) or not re.fullmatch(pattern, value.strip()):
        raise fault("set_value", f"'{key}' is {words}", key=key)
    return name, value.strip()


class Entry(Strict):
    """What every step may have."""

    id: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*$",
        description="Name of the step, for good: leads stand on it while the file changes.",
        examples=["second-try", "tofu/welcome"],
    )
    when: ConditionText | None = Field(
        default=None,
        description="Only for leads of whom this is true; the others go on.",
        examples=["lead.score >= 40"],
    )

    def nested(self) -> Nested:
        return []


class EmailEntry(Entry):
    """Send one mail."""

    email: str = Field(
        pattern=r"^[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)?$",
        description="The template, without ending; without 'tofu/' or the like, the one of the lead's funnel stage.",
        examples=["tofu/welcome", "check-in"],
    )
    subject: Annotated[
        list[Text],
        BeforeValidator(as_list),
        WithJsonSchema({"anyOf": [_TEXT, {"type": "array", "items": _TEXT, "minItems": 1}]}),
    ] = Field(
        default=[],
        description="Takes the place of the template's own subject; a list is an A/B test in even shares.",
        examples=[
            "Your checklist, {{ lead.first_name or 'as promised' }}",
            ["Your checklist", "Twelve places to look first"],
        ],
    )
    topic: Name | None = Field(
        default=None,
        description="What it is about, from `topics` in nurture.yaml: a lead may decline one and take the others.",
        examples=["product-news"],
    )
    sender: Literal["brand", "owner"] = Field(
        default="brand",
        alias="from",
        description="Whose name it is sent in: the company's sender, or the lead's sales rep, if it has one.",
    )
    transactional: bool = Field(
        default=False,
        strict=True,
        description="The lead asked for it just now: it passes caps and send hours, never an opt-out.",
    )
    once: bool = Field(
        default=False,
        strict=True,
        description="Skipped for a lead that ever got this mail, in whatever sequence.",
    )
    stale_after: SpanText | None = Field(
        default=None,
        description="Skipped when it could not go out by then, counted from when it was due.",
        examples=["72 hours"],
    )


class WaitEntry(Entry):
    """Let time pass, counted from the step before."""

    wait: DelayText = Field(
        description="How long, or until when.", examples=["3 days", "2 business days", "until tuesday 10:00"]
    )


class WaitForEntry(Entry):
    """Wait until something is true, but not for ever."""

    wait_for: ConditionText = Field(description="Go on as soon as this is true.", examples=["clicked('mofu/guide')"])
    at_most: DelayText = Field(description="How long to wait at most.", examples=["7 days"])
    if_not: list[StepEntry] = Field(default=[], description="Steps taken when it has not become true by then.")

    def nested(self) -> Nested:
        return [(("if_not",), self.if_not)]


class WhenArm(Strict):
    """One way out of a branch."""

    when: ConditionText = Field(description="Who goes this way.", examples=["clicked('tofu/welcome', link='pricing')"])
    steps: list[StepEntry] = Field(description=_STEPS_DESCRIPTION)


class OtherwiseArm(Strict):
    """The way out of a branch for all others."""

    otherwise: list[StepEntry] = Field(description=_STEPS_DESCRIPTION)


def _arm_kind(value: Any) -> str:
    return "<otherwise>" if isinstance(value, dict) and "otherwise" in value else "<when>"


def _otherwise_last(arms: list[WhenArm | OtherwiseArm]) -> list[WhenArm | OtherwiseArm]:
    for number, arm in enumerate(arms[:-1]):
        if isinstance(arm, OtherwiseArm):
            raise fault("otherwise", "'otherwise' is for all others: there is one, and it comes last", key=number)
    return arms


BranchArm = Annotated[
    Annotated[WhenArm, Tag("<when>")] | Annotated[OtherwiseArm, Tag("<otherwise>")], Discriminator(_arm_kind)
]


class BranchEntry(Entry):
    """Go different ways: the first arm that is true wins, and all ways meet again."""

    branch: Annotated[list[BranchArm], AfterValidator(_otherwise_last)] = Field(
        min_length=1, description="The arms, judged from top to bottom."
    )

    def nested(self) -> Nested:
        return [
            (("branch", number, "steps"), arm.steps)
            if isinstance(arm, WhenArm)
            else (("branch", number, "otherwise"), arm.otherwise)
            for number, arm in enumerate(self.branch)
        ]


class SplitArm(Strict):
    """One way out of a split."""

    share: Annotated[int, *text_as("share", _percent, pattern=r"^\s*\d{1,2}\s*%\s*$")] = Field(
        description="How many leads of a hundred go this way.", examples=["50%"]
    )
    steps: list[StepEntry] = Field(description=_STEPS_DESCRIPTION)


def _a_hundred(arms: list[SplitArm]) -> list[SplitArm]:
    total = sum(arm.share for arm in arms)
    if total != 100:
        raise fault("share", f"the shares add up to {total}%: they must make 100%, an arm may be without steps")
    return arms


class SplitEntry(Entry):
    """Send leads different ways by lot: a lead always draws the same lot here."""

    split: Annotated[list[SplitArm], AfterValidator(_a_hundred)] = Field(
        min_length=2, description="The arms, with their shares."
    )

    def nested(self) -> Nested:
        return [(("split", number, "steps"), arm.steps) for number, arm in enumerate(self.split)]


class PromoteEntry(Entry):
    """Ask the agreement's gate whether the lead is ready; where it says no, the lead goes on."""

    promote: Literal["mql", "sql"] = Field(description="The lifecycle stage to ask for.", examples=["mql"])


class AlertEntry(Entry):
    """Tell somebody in the house about the lead. Sales hears of ready leads by handoffs, not by this."""

    alert: Literal["marketing", "owner"] = Field(
        description="Who hears of it: `alert_to` in nurture.yaml, or the lead's sales rep.", examples=["marketing"]
    )
    note: Text = Field(max_length=300, description="What to say.", examples=["Clicked the prices in its first mail"])


class SetEntry(Entry):
    """Write down something about the lead."""

    set: Annotated[
        dict[str, Any],
        Field(min_length=1),
        AfterValidator(_settable),
        WithJsonSchema({"type": "object", "properties": _SETTABLE, "additionalProperties": False, "minProperties": 1}),
    ] = Field(
        description="Fields of the lead and their new values.",
        examples=[{"industry": "food"}],
    )


class TagEntry(Entry):
    """Put a word on the lead; conditions ask for it with `tagged('...')`."""

    tag: Annotated[
        list[Name],
        Field(min_length=1),
        BeforeValidator(as_list),
        WithJsonSchema({"anyOf": [_NAME, {"type": "array", "items": _NAME, "minItems": 1}]}),
    ] = Field(description="The word, or several.", examples=["compressed-air", ["compressed-air", "night-load"]])
    remove: bool = Field(default=False, strict=True, description="Take it off instead.")


class WebhookEntry(Entry):
    """Tell another system that the lead got here, signed as Standard Webhooks ask for."""

    webhook: Name = Field(description="Which one, from `webhooks` in nurture.yaml.", examples=["crm"])


class ExitEntry(Entry):
    """Leave the sequence here."""

    exit: Text = Field(description="Why, in words for the record.", examples=["asked for a call"])


def _kind(value: Any) -> str | None:
    return next((f"<{kind}>" for kind in KINDS if kind in value), None)


def _one_known_kind(value: Any) -> Any:
    if not isinstance(value, dict) or not value:
        raise fault("step_kind", "a step begins with its kind, such as '- email: tofu/welcome'")
    kinds = [kind for kind in value if kind in KINDS]
    if len(kinds) > 1:
        raise fault("step_kind", f"a step is one thing: give '{kinds[1]}' a '- ' of its own", key=kinds[1])
    if not kinds:
        named = [key for key in value if key not in ("id", "when")] or list(value)
        known = did_you_mean(str(named[0]), KINDS) or f"; there are: {', '.join(KINDS)}"
        raise fault("step_kind", f"unknown step '{named[0]}'{known}", key=named[0])
    return value


StepEntry = Annotated[
    Annotated[EmailEntry, Tag("<email>")]
    | Annotated[WaitEntry, Tag("<wait>")]
    | Annotated[WaitForEntry, Tag("<wait_for>")]
    | Annotated[BranchEntry, Tag("<branch>")]
    | Annotated[SplitEntry, Tag("<split>")]
    | Annotated[PromoteEntry, Tag("<promote>")]
    | Annotated[AlertEntry, Tag("<alert>")]
    | Annotated[SetEntry, Tag("<set>")]
    | Annotated[TagEntry, Tag("<tag>")]
    | Annotated[WebhookEntry, Tag("<webhook>")]
    | Annotated[ExitEntry, Tag("<exit>")],
    Discriminator(_kind),
    BeforeValidator(_one_known_kind),
]


WaitForEntry.model_rebuild()
WhenArm.model_rebuild()
OtherwiseArm.model_rebuild()
BranchEntry.model_rebuild()
SplitArm.model_rebuild()
SplitEntry.model_rebuild()
