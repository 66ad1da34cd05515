"""The rules of the two gates, as both departments would say them; a part of the agreement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, model_validator

from nurture.core.matching import any_word
from nurture.core.signals import Days, Terms

Cell = Annotated[str, Field(pattern=r"^[A-D][1-4]$")]


class _Rule(Terms):
    text: str = Field(min_length=3, max_length=100, description="the rule as both departments would say it")


class FitAtLeast(_Rule):
    """Fit has reached a bar."""

    fit_at_least: int = Field(ge=1, le=100, description="points of fit")


class ScoreAtLeast(_Rule):
    """Engagement has reached a bar."""

    score_at_least: int = Field(ge=1, le=100, description="points of engagement")


class CellIn(_Rule):
    """The lead stands in one of these cells of the grid."""

    cell_in: tuple[Cell, ...] = Field(min_length=1, description="cells, A1 to D4", examples=[["A1", "A2", "B1"]])


class KindsAtLeast(_Rule):
    """The lead did several different things. All clicks in mails together are one kind, each form signal another."""

    kinds_at_least: int = Field(ge=1, le=20, description="different kinds of engagement")
    within_days: Days = Field(description="counted back from now")


class DaysAtLeast(_Rule):
    """The lead came back: it did something on several calendar days of its own."""

    days_at_least: int = Field(ge=1, le=100, description="different days")
    within_days: Days = Field(description="counted back from now")


class ActedWithin(_Rule):
    """The lead did something of late, so that a call is not a cold call."""

    acted_within_days: Days = Field(description="counted back from now")


class IntentWithin(_Rule):
    """The lead showed of late that it means to buy: a signal with `intent`, or a hand-raise."""

    intent_within_days: Days = Field(description="counted back from now")


Knowable = Literal["name", "company", "title", "industry", "employees", "country", "phone", "reachable"]


class Known(_Rule):
    """We know enough for a conversation. `name` is either name, `reachable` an address or a phone number."""

    known: tuple[Knowable, ...] = Field(min_length=1, description="what must be known")


#: what a lead can do, without the name of a signal
KINDS = ("click", "form", "visit", "event", "reply", "hand-raise", "intent")
Doings = Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=20)]
Question = Literal["need", "budget", "authority", "timing"]


class DidAtLeast(_Rule):
    """The lead did it so many times, or on so many days, in a window that slides."""

    did_at_least: int = Field(
        ge=1, le=100, description="times; what it does of one kind within half an hour is done once"
    )
    of: Doings = Field(default=(), description="signals by name, or kinds of doings; left out: anything")
    within_days: Days = Field(description="counted back from now")
    on_different_days: bool = Field(default=False, description="count days on which it did, not times")


class InOrder(_Rule):
    """The lead did one thing, and then the other."""

    first: str = Field(min_length=1, max_length=40, description="a signal by name, or a kind of doing")
    then: str = Field(min_length=1, max_length=40, description="what came after it")
    within_days: Days = Field(description="both of them, counted back from now")


class NothingWithin(_Rule):
    """The lead did nothing of the sort."""

    nothing_within_days: Days = Field(description="counted back from now")
    of: Doings = Field(default=(), description="signals by name, or kinds of doings; left out: anything")


Attribute = Literal["title", "company", "industry", "employees", "country", "language", "phone", "source", "asset"]


class AttributeIs(_Rule):
    """Something known about the lead has one of these values, or a number lies between two. Unknown is unknown."""

    attribute: Attribute = Field(description="the field")
    one_of: tuple[str, ...] = Field(default=(), description="values or words; case does not matter")
    at_least: int | None = Field(default=None, ge=0, description="employees only: this many or more")
    at_most: int | None = Field(default=None, ge=0, description="employees only: this many or fewer")

    @model_validator(mode="after")
    def _asks_something(self) -> AttributeIs:
        numbers = self.at_least is not None or self.at_most is not None
        if numbers != (self.attribute == "employees") or bool(self.one_of) == numbers:
            raise ValueError("say `one_of`; for employees `at_least`, `at_most` or both")
        return self

    def fits(self, value: object) -> bool:
        if self.attribute == "employees":
            most = self.at_most if self.at_most is not None else float("inf")
            return isinstance(value, int) and (self.at_least or 0) <= value <= most
        return bool(self._pattern.search(str(value)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return any_word(self.one_of)


class AnswersAtLeast(_Rule):
    """We know so many of the four answers: need, budget, authority, timing."""

    answers_at_least: int = Field(ge=1, le=4, description="how many of them are known")
    of: tuple[Question, ...] = Field(default=(), description="which; left out: any of the four")


class OpenWithin(_Rule):
    """The lead showed of late that it is open to talking: intent, one of the four answers, a reply, a hand-raise."""

    open_within_days: Days = Field(description="counted back from now")


class SurgesWith(_Rule):
    """The lead did so much of late, and at least twice as much as in the same time before: recency and frequency."""

    surge_of: int = Field(ge=2, le=100, description="doings in the window, at least")
    within_days: Days = Field(description="the window, counted back from now")


RULE_KINDS = (
    "fit_at_least", "score_at_least", "cell_in", "kinds_at_least", "days_at_least", "acted_within_days",
    "intent_within_days", "known",
    "did_at_least", "first", "nothing_within_days", "attribute", "answers_at_least", "open_within_days", "surge_of",
)  # fmt: skip


def _rule_kind(value: object) -> str | None:
    fields = value if isinstance(value, Mapping) else getattr(type(value), "model_fields", ())
    return next((f"<{kind}>" for kind in RULE_KINDS if kind in fields), None)


Rule = Annotated[
    Annotated[FitAtLeast, Tag("<fit_at_least>")]
    | Annotated[ScoreAtLeast, Tag("<score_at_least>")]
    | Annotated[CellIn, Tag("<cell_in>")]
    | Annotated[KindsAtLeast, Tag("<kinds_at_least>")]
    | Annotated[DaysAtLeast, Tag("<days_at_least>")]
    | Annotated[ActedWithin, Tag("<acted_within_days>")]
    | Annotated[IntentWithin, Tag("<intent_within_days>")]
    | Annotated[Known, Tag("<known>")]
    | Annotated[DidAtLeast, Tag("<did_at_least>")]
    | Annotated[InOrder, Tag("<first>")]
    | Annotated[NothingWithin, Tag("<nothing_within_days>")]
    | Annotated[AttributeIs, Tag("<attribute>")]
    | Annotated[AnswersAtLeast, Tag("<answers_at_least>")]
    | Annotated[OpenWithin, Tag("<open_within_days>")]
    | Annotated[SurgesWith, Tag("<surge_of>")],
    Discriminator(
        _rule_kind,
        custom_error_type="rule_kind",
        custom_error_message="a rule has a `text` and one of: " + ", ".join(RULE_KINDS),
    ),
]
Rules = Annotated[tuple[Rule, ...], Field(min_length=1, max_length=7)]


def in_terms(rule: Rule) -> str:
    """A rule as it stands in the agreement, without its text: "did_at_least: 3, of: visit, within_days: 7"."""
    told = rule.model_dump(mode="json", exclude={"text"}, exclude_defaults=True)
    texts = {key: ", ".join(map(str, value)) if isinstance(value, list) else value for key, value in told.items()}
    return ", ".join(f"{key}: {text}" for key, text in texts.items())


def names_in(rule: Rule) -> tuple[str, ...]:
    """The signals and kinds of doings that a rule asks about."""
    match rule:
        case DidAtLeast(of=names) | NothingWithin(of=names):
            return names
        case InOrder(first=first, then=then):
            return first, then
        case _:
            return ()
