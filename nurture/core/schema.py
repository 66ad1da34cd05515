"""What the YAML files are made of: strict models, and texts that are read as conditions, times and caps.

Every fault is raised with a stable `type` (the rule's name) and, where known, the column inside the text, so
that `nurture.content` can show the very place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, time
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    GetPydanticSchema,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, core_schema

from nurture.core.cadence import Cap, parse_cap
from nurture.core.conditions import MAX_LENGTH, parse_condition
from nurture.core.steps import After, Condition, Delay, SendWindow
from nurture.core.timewords import DELAY, HOURS, SPAN, parse_days, parse_delay, parse_hours, parse_span, parse_zone


class Strict(BaseModel):
    """A part of a file: unknown keys are refused, and what was read does not change any more."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def fault(rule: str, reason: str, **place: Any) -> PydanticCustomError:
    """A fault found in a file; `place` narrows it down: `column` in a text (1-based), `key` of a mapping, or `at`, the
    way to a value further in."""
    return PydanticCustomError(rule, "{reason}", {"reason": reason, **place})


def read_with(read: Callable[[Any], Any], **schema: Any) -> tuple[GetPydanticSchema, WithJsonSchema]:
    """Let `read` alone make the value; to an editor it is `schema` (JSON Schema)."""
    reader = core_schema.no_info_plain_validator_function(read)
    return GetPydanticSchema(lambda _type, _handler: reader), WithJsonSchema(schema)


def text_as(rule: str, parse: Callable[[str], Any], **schema: Any) -> tuple[GetPydanticSchema, WithJsonSchema]:
    """Read a text with `parse`; its ValueError becomes a fault under the name `rule`. An editor looks at `schema`."""

    def read(value: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            raise fault(rule, "a text is expected here")
        try:
            return parse(str(value))
        except ValueError as error:
            raise fault(rule, str(error), column=getattr(error, "column", 1)) from None

    return read_with(read, type="string", **schema)


def as_list(value: Any) -> Any:
    """What may be written as one text or as a list of texts, as the list."""
    return [value] if isinstance(value, str) else value


def _read_days(value: Any) -> frozenset[int]:
    if not isinstance(value, str | list):
        raise fault("days", "days are written as 'weekdays', 'every day', 'mon-thu' or a list such as [mon, tue]")
    try:
        return parse_days(value)
    except ValueError as error:
        raise fault("days", str(error)) from None


ConditionText = Annotated[
    Condition,
    *text_as(
        "condition",
        parse_condition,
        maxLength=MAX_LENGTH,
        pattern=r"^\s*[^\s{]",
        patternErrorMessage="a condition stands without braces, like: lead.score >= 40",
    ),
]
DelayText = Annotated[Delay, *text_as("time", parse_delay, **DELAY)]
SpanText = Annotated[After, *text_as("time", parse_span, **SPAN)]
_CAP = {"type": "string", "pattern": r"^\s*\d+\s* per .", "patternErrorMessage": "write it like '2 per 7 days'"}
CapText = Annotated[Cap, *text_as("cap", parse_cap, **{key: _CAP[key] for key in _CAP if key != "type"})]


def _day_off(text: str) -> str:
    year = text if len(text) > len("12-24") else f"2024-{text}"
    try:
        date.fromisoformat(year if re.fullmatch(r"\d{4}-\d{2}-\d{2}", year) else "")
    except ValueError:
        raise fault("date", f"'{text}' is not a day; write it like '2026-12-24', or '12-24' for every year") from None
    return text


DayOff = Annotated[str, Field(strict=True), AfterValidator(_day_off)]
HoursText = Annotated[tuple[time, time], *text_as("hours", parse_hours, **HOURS)]
ZoneText = Annotated[tuple[str, bool], *text_as("timezone", parse_zone)]
DaysText = Annotated[
    frozenset[int], *read_with(_read_days, anyOf=[{"type": "string"}, {"type": "array", "items": {"type": "string"}}])
]
#: a text with something in it
Text = Annotated[str, Field(min_length=1, strict=True)]


class SendRules(Strict):
    """When mail may go out. What a sequence leaves out is taken from nurture.yaml."""

    days: DaysText | None = Field(
        default=None,
        description="Days on which mail goes out.",
        examples=["weekdays", "every day", ["tue", "wed", "thu"]],
    )
    between: HoursText | None = Field(
        default=None,
        description="Hours in which mail goes out, on the wall clock.",
        examples=["09:00-16:30", "00:00-24:00"],
    )
    timezone: ZoneText | None = Field(
        default=None,
        description="Whose wall clock counts: the lead's where known ('lead or ...'), or one zone for everyone.",
        examples=["lead or Europe/Oslo", "Europe/Oslo"],
    )

    holidays: Literal["skip", "send"] | None = Field(
        default=None,
        description="Whether mail rests on public holidays of the lead's country, where the country is known.",
        examples=["skip"],
    )
    closed: list[DayOff] | None = Field(
        default=None,
        description="Further days on which no mail goes out; without a year: every year.",
        examples=[["2026-12-24", "12-31"]],
    )
    spread: SpanText | None = Field(
        default=None,
        description="What waited for the hours to begin goes out over this time, not all at once.",
        examples=["15 minutes"],
    )

    def window(self, default: SendWindow) -> SendWindow:
        """These rules, completed by `default`."""
        start, end = self.between or (default.start, default.end)
        zone, lead_zone = self.timezone or (default.zone, default.lead_zone)
        return SendWindow(
            self.days or default.days,
            start,
            end,
            zone,
            lead_zone,
            default.skip_holidays if self.holidays is None else self.holidays == "skip",
            default.closed if self.closed is None else frozenset(self.closed),
            self.spread or default.spread,
        )


class SequenceSendRules(SendRules):
    """When a sequence's mails go out, and how often at most."""

    limit: Annotated[
        list[CapText],
        BeforeValidator(as_list),
        WithJsonSchema({"anyOf": [_CAP, {"type": "array", "items": _CAP}]}),
    ] = Field(
        default=[],
        description="At most so many mails to one lead, all sequences counted; on top of the caps in nurture.yaml.",
        examples=["1 per day", ["1 per 3 days", "4 per month"]],
    )
