"""Sequence tests as they are written: sequences/tests/*.yaml. `nurture.content.rehearsals` holds them against the
project, `nurture.rehearsal` plays them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from nurture.content.doings import Doing
from nurture.content.moments import Moment, parse_moment, parse_start, parse_time
from nurture.core.lifecycle import Stage
from nurture.core.schema import SpanText, Strict, Text, as_list, fault, text_as
from nurture.core.sequence import TRIGGERS
from nurture.core.steps import After
from nurture.core.timewords import parse_span
from nurture.timezones import zone_of

_MAIL = re.compile(r"(?P<mail>\S+)(?: (?P<how>at|after) (?P<when>.+))?")
_MAIL_EXAMPLES = "write it like 'tofu/night-load', 'tofu/night-load at mon 09:00' or 'tofu/night-load after 3 days'"


@dataclass(frozen=True, slots=True)
class ExpectedMail:
    """A mail that is to come, `at` a moment of the lead's wall clock, or `after` a while from the one before."""

    template: str
    text: str
    at: Moment | None = None
    after: After | None = None


def _read_mail(text: str) -> ExpectedMail:
    match = _MAIL.fullmatch(" ".join(text.split()))
    if not match:
        raise ValueError(f"'{text}' is not understood; {_MAIL_EXAMPLES}")
    if match["how"] == "at":
        return ExpectedMail(match["mail"], match[0], at=parse_moment(match["when"]))
    return ExpectedMail(match["mail"], match[0], after=parse_span(match["when"]) if match["when"] else None)


def _known_zone(name: str) -> str:
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError):
        raise fault("timezone", f"'{name}' is not a time zone; write it like Europe/Oslo") from None


MailText = Annotated[ExpectedMail, *text_as("expected", _read_mail)]
TimeText = Annotated[Moment, *text_as("moment", parse_time)]
StartText = Annotated[Moment, *text_as("moment", parse_start)]
_WORD: dict[str, Any] = {"type": "string", "minLength": 1}
#: one text, or a list of them
Words = Annotated[
    list[Text], BeforeValidator(as_list), WithJsonSchema({"anyOf": [_WORD, {"type": "array", "items": _WORD}]})
]


class Person(Strict):
    """The lead of a test. Left out, it is the production manager of a bakery in Norway, about whom all is known."""

    email: Text = Field(default="ingrid@nordvik-bakeri.example.com", description="Its address.")
    first_name: str = Field(default="Ingrid", description="Given name; '' is unknown, here and below.")
    last_name: str = Field(default="Solheim", description="Family name.")
    company: str = Field(default="Nordvik Bakeri AS", description="Where it works.")
    title: str = Field(default="Production manager", description="Job title.")
    industry: str = Field(default="food", description="The company's trade.")
    employees: int | None = Field(default=120, ge=0, description="Size of the company; 0 is unknown.")
    country: str = Field(default="NO", pattern=r"^([A-Z]{2})?$", description="Two letters.", examples=["NO"])
    language: str = Field(default="en", pattern=r"^([a-z]{2})?$", description="Two letters.", examples=["en"])
    timezone: Annotated[str, AfterValidator(_known_zone)] | None = Field(
        default=None, description="Its wall clock; left out: that of its country.", examples=["Europe/Oslo"]
    )
    phone: str = Field(default="+47 55 00 00 00", description="As written.")
    source: str = Field(default="", description="Where it first came from.", examples=["ebook"])
    asset: str = Field(default="", description="What it first asked for.", examples=["checklist"])
    stage: Stage | None = Field(
        default=None,
        description="Its lifecycle stage at the start; left out: iql; recycled if sales gave it back; opportunity if "
        "its rep keeps it warm.",
    )
    owner: str = Field(default="", description="The sales rep it belongs to, by key.")
    may_be_mailed: bool = Field(default=True, strict=True, description="Whether there is a legal ground to mail it.")
    tags: Words = Field(default=[], description="Words that sequences put on it before.", examples=["compressed-air"])

    @property
    def zone(self) -> str | None:
        return self.timezone or (zone_of(self.country) if self.country else None)


class Event(Doing):
    """One thing that happens in a test: `after` a while, or `at` a moment of the lead's wall clock."""

    at: TimeText | None = Field(
        default=None,
        description="When, on the lead's wall clock: the first such moment after the mail, the start or the handoff.",
        examples=["tue 10:00", "2026-03-05 10:00"],
    )

    @model_validator(mode="after")
    def _one_time(self) -> Event:
        if self.at and "after" in self.model_fields_set:
            raise fault("event", "say 'at:' or 'after:', not both")
        return self

    def time_after(self, base: datetime, zone: str) -> datetime:
        return self.at.next_after(base, zone) if self.at else super().time_after(base, zone)


class Expected(Strict):
    """What is to come of it. Only what is named is looked at; `mails` are all of them, in order."""

    mails: list[MailText] | None = Field(
        default=None,
        description="All mails that it gets, in order, each with its time if that matters.",
        examples=[["tofu/night-load at mon 09:00", "tofu/compressed-air after 3 days", "reading-the-bill"]],
    )
    stage: Stage | None = Field(default=None, description="Its lifecycle stage at the end.", examples=["mql"])
    ended: Text | None = Field(
        default=None,
        description="Why it is no longer in the sequence.",
        examples=["finished", "goal reached", "opted out"],
    )
    waiting: Text | None = Field(
        default=None, description="The step it stands at in the end.", examples=["tofu/night-load/wait-1"]
    )
    enters: bool | None = Field(default=None, strict=True, description="Whether it comes in at all.")
    tags: Words | None = Field(default=None, description="All words on it in the end.", examples=["compressed-air"])
    alerts: Words | None = Field(default=None, description="The notes of all alerts that were given, in order.")
    webhooks: Words | None = Field(default=None, description="The webhooks that were told, in order.", examples=["crm"])

    @model_validator(mode="after")
    def _something(self) -> Expected:
        if not self.model_fields_set:
            raise fault("expected", f"say what is to come of it; there are: {', '.join(type(self).model_fields)}")
        return self


class Rehearsal(Strict):
    """One test: a lead comes in, things happen, and this is to come of it."""

    name: Text = Field(description="What is tried, in a few words.", examples=["reads nothing, gets all three"])
    lead: Person = Field(default=Person(), description="Who comes in, as far as it matters.")
    starts: StartText = Field(
        default=parse_start("2026-03-02 09:00"),
        description="When it comes in, on its own wall clock; left out: a Monday at nine.",
        examples=["2026-03-02 09:00", "fri 2026-03-06 15:00"],
    )
    enter: str | None = Field(
        default=None,
        description="What brings it in, where the sequence has several triggers; left out: the first that may.",
        examples=[*TRIGGERS],
        json_schema_extra={
            "anyOf": [{"type": "string", "enum": [*TRIGGERS]}, {"type": "string", "pattern": "^[a-z0-9_]+$"}]
        },
    )
    form: Text | None = Field(default=None, description="The form it comes in by.", examples=["pricing"])
    lots: dict[str, int] = Field(
        default={},
        description="Which arm it draws, from 1, at the splits that matter: step -> arm.",
        examples=[{"tofu/night-load/split-1": 2}],
    )
    events: list[Event] = Field(default=[], description="What happens then.")
    lasts: SpanText | None = Field(
        default=None,
        alias="for",
        description="How long is looked at; left out: until nothing is due any more.",
        examples=["60 days"],
    )
    others: Words = Field(
        default=[],
        alias="with",
        description="Other sequences that it may enter meanwhile.",
        examples=["compare-options"],
    )
    expect: Expected = Field(description="What is to come of it.")


class RehearsalFile(Strict):
    """Tests of one sequence: sequences/tests/<sequence>.yaml."""

    sequence: Text = Field(description="The sequence under test, by name.", examples=["first-interest"])
    tests: list[Rehearsal] = Field(min_length=1, description="The tests.")
