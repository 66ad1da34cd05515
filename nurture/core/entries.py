"""The steps of a sequence as they are written in YAML.

A step is a mapping with the key that names its kind (`- email: tofu/welcome`). Steps nest in branches, and
there is no goto.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag

from nurture.core.schema import ConditionText, DelayText, Strict, Text, fault
from nurture.core.suggest import did_you_mean

KINDS = ("email", "wait", "wait_for", "branch", "promote", "exit")

#: where something stands in a file: keys and list positions from the top
Loc = tuple[str | int, ...]
#: the lists of steps inside an entry, each with its place relative to the entry
Nested = list[tuple[Loc, "list[StepEntry]"]]

_STEPS_DESCRIPTION = "Steps taken in this arm."


class Entry(Strict):
    """What every step may have."""

    id: str | None = Field(
        default=None,
        pattern=r"^[a-z0-9][a-z0-9_-]*$",
        description="Name of the step, for good: leads stand on it while the file changes.",
        examples=["second-try"],
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
    subject: Text | None = Field(
        default=None,
        description="Takes the place of the template's own subject.",
        examples=["Your checklist, {{ lead.first_name or 'as promised' }}"],
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


class PromoteEntry(Entry):
    """Ask the agreement's gate whether the lead is ready; where it says no, the lead goes on."""

    promote: Literal["mql", "sql"] = Field(description="The lifecycle stage to ask for.", examples=["mql"])


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
    | Annotated[PromoteEntry, Tag("<promote>")]
    | Annotated[ExitEntry, Tag("<exit>")],
    Discriminator(_kind),
    BeforeValidator(_one_known_kind),
]


WaitForEntry.model_rebuild()
WhenArm.model_rebuild()
OtherwiseArm.model_rebuild()
BranchEntry.model_rebuild()
