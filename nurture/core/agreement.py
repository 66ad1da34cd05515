"""The agreement: what marketing and sales have both signed about when a lead is ready, and what happens then.

It is the `agreement:` subtree of nurture.yaml, and the only place for its numbers. Every decision on a lead is
stamped with the version of this subtree, so that an old decision can still be read by its own rules.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cached_property
from itertools import combinations
from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag, ValidationInfo, field_validator, model_validator

from nurture.core.matching import any_word, at_domain, is_page, raise_twice
from nurture.core.signals import Code, Days, HandRaise, Signal, Terms

Percent = Annotated[int, Field(ge=0, le=100)]
Digit = Annotated[int, Field(ge=1, le=3)]
Word = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Address = Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$")]
Cell = Annotated[str, Field(pattern=r"^[A-D][1-4]$")]


class Signature(Terms):
    """Who stands for a department's consent, and since when."""

    name: str = Field(min_length=1, description="the person who agreed")
    date: Annotated[date, Field(description="the day of it, year-month-day")]


class AgreedBy(Terms):
    """Both departments, or the agreement does not hold. In a small company both may be one person."""

    marketing: Signature = Field(description="who agreed for marketing")
    sales: Signature = Field(description="who agreed for sales")


# --- fit: who the lead is -------------------------------------------------------------------------------------


class WordPoints(Terms):
    """Points for a text in which one of these words stands (whole words, any case)."""

    words: Words = Field(description="words or phrases; whole words only, case does not matter")
    points: int = Field(description="points for it", ge=-100, le=100)

    def fits(self, value: object) -> bool:
        return bool(self._pattern.search(str(value)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return any_word(self.words)


class SizePoints(Terms):
    """Points for a company of this many people, both ends included."""

    at_least: int = Field(default=0, ge=0, description="people, this many or more")
    at_most: int | None = Field(default=None, ge=0, description="people, this many or fewer; left out: no upper end")
    points: int = Field(description="points for it", ge=-100, le=100)

    def fits(self, value: object) -> bool:
        return isinstance(value, int) and self.at_least <= value and (self.at_most is None or value <= self.at_most)

    @model_validator(mode="after")
    def _ends_in_order(self) -> SizePoints:
        if self.at_most is not None and self.at_most < self.at_least:
            raise ValueError(f"no company has at least {self.at_least} and at most {self.at_most} people")
        return self


class CountryPoints(Terms):
    """Points for a lead in one of these countries."""

    codes: tuple[Country, ...] = Field(min_length=1, description='two capital letters each, ISO 3166; quote "NO"')
    points: int = Field(description="points for it", ge=-100, le=100)

    def fits(self, value: object) -> bool:
        return str(value).upper() in self.codes


class FreeMail(Terms):
    """Points (usually fewer) for a private mailbox instead of a company's."""

    domains: Words = Field(description="domains that anyone can have an address at")
    points: int = Field(description="points for it, usually below zero", ge=-100, le=100)

    def fits(self, email: object) -> bool:
        return at_domain(email, self.domains)


class Fit(Terms):
    """How well a lead matches the customer we want, 0 to 100.

    In each list the first row that fits gives its points. What is not known about a lead gives nothing and
    takes nothing away.
    """

    base: Percent = Field(description="where every lead starts")
    titles: tuple[WordPoints, ...] = Field(default=(), description="job titles; the first row that fits counts")
    employees: tuple[SizePoints, ...] = Field(default=(), description="company sizes; the first row that fits counts")
    industries: tuple[WordPoints, ...] = Field(default=(), description="trades; the first row that fits counts")
    countries: tuple[CountryPoints, ...] = Field(default=(), description="countries; the first row that fits counts")
    free_mail: FreeMail | None = Field(default=None, description="private mailboxes")


class Grid(Terms):
    """The grid that fit and engagement meet in: A1 (fits, hot) to D4 (does not fit, cold). Never one sum."""

    letters: dict[Literal["A", "B", "C"], Percent] = Field(description="least fit for each letter; below C is D")
    digits: dict[Digit, Percent] = Field(description="least engagement for each digit; below 3 is 4")

    @field_validator("letters", "digits")
    @classmethod
    def _bars_fall(cls, bars: dict[str | int, int]) -> dict[str | int, int]:
        ordered = dict(sorted(bars.items()))
        points = list(ordered.values())
        if len(points) < 3 or not points[0] > points[1] > points[2]:
            raise ValueError("give all three bars, each lower than the one before")
        return ordered

    def cell(self, fit: int, engagement: int) -> str:
        """The cell of a lead, such as "B2"."""
        letter = next((letter for letter, bar in self.letters.items() if fit >= bar), "D")
        digit = next((digit for digit, bar in self.digits.items() if engagement >= bar), 4)
        return f"{letter}{digit}"


# --- the two gates --------------------------------------------------------------------------------------------


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

    cell_in: tuple[Cell, ...] = Field(min_length=1, description="cells, A1 to D4")


class KindsAtLeast(_Rule):
    """The lead did several different things. All clicks in mails together are one kind, each form signal another."""

    kinds_at_least: int = Field(ge=1, le=20, description="different kinds of engagement")
    within_days: Days = Field(description="counted back from now")


class DaysAtLeast(_Rule):
    """The lead came back: it did something on several calendar days (UTC)."""

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


RULE_KINDS = (
    "fit_at_least", "score_at_least", "cell_in", "kinds_at_least", "days_at_least", "acted_within_days",
    "intent_within_days", "known",
)  # fmt: skip


def _rule_kind(value: object) -> str | None:
    fields = value if isinstance(value, Mapping) else type(value).__annotations__
    return next((f"<{kind}>" for kind in RULE_KINDS if kind in fields), None)


Rule = Annotated[
    Annotated[FitAtLeast, Tag("<fit_at_least>")]
    | Annotated[ScoreAtLeast, Tag("<score_at_least>")]
    | Annotated[CellIn, Tag("<cell_in>")]
    | Annotated[KindsAtLeast, Tag("<kinds_at_least>")]
    | Annotated[DaysAtLeast, Tag("<days_at_least>")]
    | Annotated[ActedWithin, Tag("<acted_within_days>")]
    | Annotated[IntentWithin, Tag("<intent_within_days>")]
    | Annotated[Known, Tag("<known>")],
    Discriminator(
        _rule_kind,
        custom_error_type="rule_kind",
        custom_error_message="a rule has a `text` and one of: " + ", ".join(RULE_KINDS),
    ),
]
Rules = Annotated[tuple[Rule, ...], Field(min_length=1, max_length=7)]


class Disqualifier(Terms):
    """Someone who must never reach sales, however keen: any line of it is enough."""

    because: str = Field(min_length=3, max_length=100, description="the reason, as it is shown and recorded")
    domains: tuple[Word, ...] = Field(default=(), description="mail domains, with all below them")
    countries: tuple[Country, ...] = Field(default=(), description="two capital letters each, ISO 3166")
    titles: tuple[Word, ...] = Field(default=(), description="words in the job title; whole words only")

    @model_validator(mode="after")
    def _names_someone(self) -> Disqualifier:
        if not (self.domains or self.countries or self.titles):
            raise ValueError("say whom it means: `domains`, `countries` or `titles`")
        return self

    def fits(self, lead: Mapping[str, object]) -> bool:
        return (
            at_domain(lead.get("email"), self.domains)
            or str(lead.get("country") or "").upper() in self.countries
            or bool(self._titles and self._titles.search(str(lead.get("title") or "")))
        )

    @cached_property
    def _titles(self) -> re.Pattern[str] | None:
        return any_word(self.titles) if self.titles else None


# --- what sales owes, and what follows from its answer --------------------------------------------------------


class ServiceLevel(Terms):
    """How soon sales answers. Observed, escalated and reported; nothing is taken away from anyone by it."""

    hand_raise_minutes: int = Field(ge=1, le=1440, description="minutes to the first touch of a hand-raise")
    accept_hours: int = Field(ge=1, le=720, description="hours to accept or reject any other lead")


class RejectReason(Terms):
    """One reason for which sales may send a lead back, and where the lead goes."""

    label: str = Field(min_length=3, max_length=60, description="the words on the button")
    track: Literal["recycle", "disqualify"] = Field(description="nurture again later, or never")
    after_days: Days | None = Field(default=None, description="days of rest before nurture starts again (recycle)")
    needs_note: bool = Field(default=False, description="whether sales must say more")

    @model_validator(mode="after")
    def _delay_fits_track(self) -> RejectReason:
        if (self.track == "recycle") != (self.after_days is not None):
            raise ValueError("`recycle` needs `after_days`; `disqualify` has none")
        return self


class Owner(Terms):
    """A sales rep whom leads can belong to."""

    key: Code = Field(description="short and for good; leads and reports refer to it")
    name: str = Field(min_length=1, description="as leads and colleagues know the rep")
    address: Address = Field(description="where alerts go")
    countries: tuple[Country, ...] = Field(default=(), description="territory; left out: takes leads from anywhere")


class Agreement(Terms):
    """All of it. Both departments read it, both sign it, and every decision names its version."""

    agreed_by: AgreedBy = Field(description="both signatures")
    fit: Fit = Field(description="who we are looking for")
    grid: Grid = Field(description="letters of fit, digits of engagement")
    hand_raise: HandRaise = Field(description="how a lead asks for a person")
    signals: dict[Code, Signal] = Field(min_length=1, description="what counts; the first that fits an act counts it")
    settle_minutes: int = Field(ge=0, le=1440, description="minutes a click waits for signs of a scanner")
    mql: Rules = Field(description="all must hold for marketing to call a lead qualified; at most 7")
    sql: Rules = Field(description="all must hold, on top of MQL, for sales to get the lead; at most 7")
    disqualify: tuple[Disqualifier, ...] = Field(default=(), description="who never reaches sales")
    sla: ServiceLevel = Field(description="what sales promises")
    reject_reasons: dict[Code, RejectReason] = Field(min_length=1, description="why sales may send a lead back")
    owners: tuple[Owner, ...] = Field(min_length=1, description="the reps leads go to, in turn")
    alert_to: Address | None = Field(default=None, description="a team address that gets a copy of each alert")

    @field_validator("signals")
    @classmethod
    def _each_can_be_reached(cls, signals: dict[str, Signal], info: ValidationInfo) -> dict[str, Signal]:
        forms = [form for signal in signals.values() for form in signal.forms]
        raise_twice("form", forms)
        raise_twice("event", [event for signal in signals.values() for event in signal.events])
        hand_raise: HandRaise | None = info.data.get("hand_raise")
        if both := sorted(set(forms) & set(hand_raise.forms if hand_raise else ())):
            raise ValueError(f"form {both[0]!r} is a hand-raise, which bypasses points; take it out of one of the two")
        clicks = [(name, signal.link.casefold()) for name, signal in signals.items() if signal.kind == "clicked"]
        for (first, wide), (second, narrow) in combinations(clicks, 2):
            if wide in narrow:
                raise ValueError(f"{first!r} already takes every click of {second!r}; put {second!r} above it")
        pages = [(name, signal.page) for name, signal in signals.items() if signal.kind == "visited"]
        for (first, wide), (second, narrow) in combinations(pages, 2):
            if is_page(narrow, wide):
                raise ValueError(f"{first!r} already takes every visit of {second!r}; put {second!r} above it")
        return signals

    @field_validator("sql")
    @classmethod
    def _sales_needs_intent(cls, rules: tuple[Rule, ...]) -> tuple[Rule, ...]:
        if not any(isinstance(rule, IntentWithin) for rule in rules):
            raise ValueError("a lead goes to sales only with intent: add a rule with `intent_within_days`")
        return rules

    @field_validator("owners")
    @classmethod
    def _keys_differ(cls, owners: tuple[Owner, ...]) -> tuple[Owner, ...]:
        raise_twice("owner key", [owner.key for owner in owners])
        return owners
