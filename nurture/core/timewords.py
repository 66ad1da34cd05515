"""Time as a marketer writes it: "3 days", "until tuesday 10:00", "09:00-16:30", "mon-thu"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import time
from zoneinfo import ZoneInfo, available_timezones

from nurture.core.steps import After, Delay, Unit, Until
from nurture.core.suggest import did_you_mean

#: Monday first, as in `datetime.weekday()`
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WORKING_DAYS = frozenset(range(5))
EVERY_DAY = frozenset(range(7))
#: 24:00, the end of a day's hours; a `time` has no word for it
MIDNIGHT = time.max

_UNITS: dict[str, Unit] = {
    "second": "seconds",
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "business day": "business days",
    "week": "weeks",
    "month": "months",
}
_DELAY_EXAMPLES = "write it like '3 days', '2 business days', '4 hours' or 'until tuesday 10:00'"
_SPAN_EXAMPLES = "write it like '30 days', '4 hours' or '2 weeks'"
_HOURS_EXAMPLE = "write it like '09:00-16:30', or '22:00-24:00' for until midnight"
_DAYS_EXAMPLES = "write 'weekdays', 'every day', 'mon-thu' or a list such as [mon, tue, wed]"

# Four digits: enough for any nurture, and no sum of them leaves the calendar.
_SPAN = re.compile(r"(\d{1,4}) (second|minute|hour|day|business day|week|month)s?")
_UNTIL = re.compile(r"until (?:([a-z]+) )?(\d{1,2}:\d{2})")
_HOURS = re.compile(r"(\d{1,2}:\d{2}) ?- ?(\d{1,2}:\d{2})")
_ZONE = re.compile(r"(?:(lead) or )?([A-Za-z0-9_+\-/]+)")


def for_editors(example: str, *patterns: str) -> dict[str, str]:
    """What an editor checks a text by, as JSON Schema: one of the patterns in any case and spacing. It marks what has
    another shape; whether the rest makes sense, only reading it tells."""
    either = "|".join(patterns).replace("[a-z]", r"\w")
    any_case = re.sub(r"(?<!\\)[a-z]", lambda letter: f"[{letter[0]}{letter[0].upper()}]", either)
    any_space = any_case.replace(" ?", r"\s*").replace(" ", r"\s+")
    return {"pattern": rf"^\s*({any_space})\s*$", "patternErrorMessage": example}


SPAN = for_editors(_SPAN_EXAMPLES, _SPAN.pattern)
DELAY = for_editors(_DELAY_EXAMPLES, _SPAN.pattern, _UNTIL.pattern)
HOURS = for_editors(_HOURS_EXAMPLE, _HOURS.pattern)


def parse_delay(text: str) -> Delay:
    """ "3 days", "90 minutes" or "until tuesday 10:00". Raises ValueError with examples."""
    words = _tidy(text)
    return _until(words, text) if words.startswith("until") else _span(words, text, _DELAY_EXAMPLES)


def parse_span(text: str) -> After:
    """A length of time only, such as "45 days": what `within`, `again` and caps are made of."""
    return _span(_tidy(text), text, _SPAN_EXAMPLES)


def parse_hours(text: str) -> tuple[time, time]:
    """ "09:00-16:30" as (first moment, first moment after) of a day; "24:00" ends at `MIDNIGHT`."""
    match = _HOURS.fullmatch(_tidy(text))
    if not match:
        raise ValueError(f"'{text}' is not a span of hours; {_HOURS_EXAMPLE}")
    start, end = _clock(match[1]), MIDNIGHT if match[2] == "24:00" else _clock(match[2])
    if start >= end:
        raise ValueError(f"'{text}' ends before it begins; {_HOURS_EXAMPLE}")
    return start, end


def clock_text(clock: time) -> str:
    """ "16:30", and "24:00" for the end of a day."""
    return "24:00" if clock == MIDNIGHT else f"{clock:%H:%M}"


def parse_days(words: str | Sequence[str]) -> frozenset[int]:
    """ "weekdays", "every day", "mon-thu" or a list of days, as weekday numbers (0 is Monday)."""
    parts = [words] if isinstance(words, str) else list(words)
    days = frozenset(day for part in parts for day in _days(str(part)))
    if not days:
        raise ValueError(f"no day is left to send on; {_DAYS_EXAMPLES}")
    return days


def parse_zone(text: str) -> tuple[str, bool]:
    """ "lead or Europe/Oslo" as ("Europe/Oslo", True): a zone for everyone, and whether the lead's own comes first."""
    match = _ZONE.fullmatch(" ".join(text.split()))
    if not match or match[2] == "lead":
        raise ValueError(f"'{text}' is not a time zone; write 'lead or Europe/Oslo' or 'Europe/Oslo'")
    try:
        ZoneInfo(match[2])
    except (KeyError, ValueError, OSError):
        raise ValueError(f"unknown time zone '{match[2]}'{_guess_zone(match[2])}") from None
    return match[2], match[1] is not None


def _guess_zone(text: str) -> str:
    known = available_timezones()
    by_city = {name.rpartition("/")[2]: name for name in sorted(known)}
    return did_you_mean(by_city.get(text.title(), text), known)


def _tidy(text: str) -> str:
    return " ".join(text.lower().split())


def _span(words: str, text: str, examples: str) -> After:
    match = _SPAN.fullmatch(words)
    if not match or int(match[1]) == 0:
        raise ValueError(f"'{text}' is not a length of time; {examples}")
    return After(int(match[1]), _UNITS[match[2]], words)


def _until(words: str, text: str) -> Until:
    match = _UNTIL.fullmatch(words)
    if not match:
        raise ValueError(f"'{text}' is not a moment; write it like 'until tuesday 10:00' or 'until 10:00'")
    return Until(_weekday(match[1]) if match[1] else None, _clock(match[2]), words)


def _clock(text: str) -> time:
    hours, minutes = map(int, text.split(":"))
    if hours > 23 or minutes > 59:
        raise ValueError(f"'{text}' is not a time of day; hours go from 00 to 23, minutes from 00 to 59")
    return time(hours, minutes)


def _weekday(word: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]):
            return number
    raise ValueError(f"unknown day '{word}'{did_you_mean(word, WEEKDAYS) or '; ' + _DAYS_EXAMPLES}")


def _days(text: str) -> frozenset[int]:
    words = _tidy(text)
    if words in ("weekdays", "every day"):
        return WORKING_DAYS if words == "weekdays" else EVERY_DAY
    first, dash, last = (part.strip() for part in words.partition("-"))
    start = _weekday(first)
    length = (_weekday(last) - start) % 7 if dash else 0
    return frozenset((start + offset) % 7 for offset in range(length + 1))
