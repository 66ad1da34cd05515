"""Fit: who a lead is, against the customer that marketing and sales look for; a part of the agreement."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from nurture.core.matching import any_word, at_domain
from nurture.core.signals import Terms
from nurture.core.titles import Function, Seniority, read_title

Points = Annotated[int, Field(ge=-100, le=100)]
Percent = Annotated[int, Field(ge=0, le=100)]
Digit = Annotated[int, Field(ge=1, le=3)]
Word = Annotated[str, Field(min_length=1)]
Words = Annotated[tuple[Word, ...], Field(min_length=1)]
Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]


class WordPoints(Terms):
    """Points for a text in which one of these words stands (whole words, any case)."""

    words: Words = Field(description="words or phrases; whole words only, case does not matter")
    points: int = Field(description="points for it", ge=-100, le=100)

    def fits(self, value: object) -> bool:
        return bool(self._pattern.search(str(value)))

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        return any_word(self.words)


class Employees(Terms):
    """Companies of a size, both ends included."""

    at_least: int = Field(default=0, ge=0, description="people, this many or more")
    at_most: int | None = Field(default=None, ge=0, description="people, this many or fewer; left out: no upper end")

    def fits(self, value: object) -> bool:
        return isinstance(value, int) and self.at_least <= value and (self.at_most is None or value <= self.at_most)


class SizePoints(Employees):
    """Points for a company of this many people, both ends included."""

    points: int = Field(description="points for it", ge=-100, le=100)

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
    seniority: dict[Seniority, Points] = Field(
        default={},
        description="points for how senior a title is, in five languages; a row of `titles` goes first",
    )
    functions: dict[Function, Points] = Field(
        default={}, description="points for what the title's holder works on; they come on top"
    )
    employees: tuple[SizePoints, ...] = Field(default=(), description="company sizes; the first row that fits counts")
    industries: tuple[WordPoints, ...] = Field(default=(), description="trades; the first row that fits counts")
    countries: tuple[CountryPoints, ...] = Field(default=(), description="countries; the first row that fits counts")
    free_mail: FreeMail | None = Field(default=None, description="private mailboxes")
    alone_at_least: int | None = Field(
        default=None, ge=1, le=100,
        description="a lead that fits this well is marketing qualified without doing anything; never sales'",
    )  # fmt: skip

    @property
    def reads_titles(self) -> bool:
        """Whether titles are read for how senior they are and what their holders work on."""
        return bool(self.seniority or self.functions)


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

    def next_letters(self, fit: int) -> list[int]:
        """The bars of fit that are still above a lead, the nearest first."""
        return sorted(bar for bar in self.letters.values() if bar > fit)

    def next_digits(self, engagement: int) -> list[int]:
        """The bars of engagement that are still above a lead, the nearest first."""
        return sorted(bar for bar in self.digits.values() if bar > engagement)


class Disqualifier(Terms):
    """Someone who must never reach sales, however keen: any line of it is enough."""

    because: str = Field(min_length=3, max_length=100, description="the reason, as it is shown and recorded")
    domains: tuple[Word, ...] = Field(default=(), description="mail domains, with all below them")
    countries: tuple[Country, ...] = Field(default=(), description="two capital letters each, ISO 3166")
    titles: tuple[Word, ...] = Field(default=(), description="words in the job title; whole words only")
    seniorities: tuple[Seniority, ...] = Field(default=(), description="how senior the job title is")

    @model_validator(mode="after")
    def _names_someone(self) -> Disqualifier:
        if not (self.domains or self.countries or self.titles or self.seniorities):
            raise ValueError("say whom it means: `domains`, `countries`, `titles` or `seniorities`")
        return self

    def fits(self, lead: Mapping[str, object]) -> bool:
        return (
            at_domain(lead.get("email"), self.domains)
            or str(lead.get("country") or "").upper() in self.countries
            or self._means(str(lead.get("title") or ""))
        )

    def _means(self, title: str) -> bool:
        if self._titles and self._titles.search(title):
            return True
        return bool(self.seniorities) and read_title(title).seniority in self.seniorities

    @cached_property
    def _titles(self) -> re.Pattern[str] | None:
        return any_word(self.titles) if self.titles else None
