"""When a lead that is put off comes back: in the morning of a working day of its rep."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

from nurture.core.cadence import instant
from nurture.core.office_hours import working_day
from nurture.core.project import ProjectConfig
from nurture.core.promise import calendar_of
from nurture.errors import UsageError

TOMORROW, NEXT_WEEK = "tomorrow", "next week"


def presets(config: ProjectConfig, owner_key: str, now: datetime) -> Mapping[str, datetime]:
    """Words for days, and the moment (UTC) on which a lead comes back then."""
    today = now.astimezone(calendar_of(config, owner_key).place).date()
    days = {TOMORROW: today + timedelta(days=1), NEXT_WEEK: today + timedelta(days=7 - today.weekday())}
    return {word: morning(config, owner_key, day) for word, day in days.items()}


def comes_back(config: ProjectConfig, owner_key: str, word: str, now: datetime) -> datetime:
    """ "tomorrow", "next week" or "2026-03-10" as a moment (UTC). Raises UsageError for what is no such day."""
    known = presets(config, owner_key, now)
    try:
        return known[word] if word in known else morning(config, owner_key, date.fromisoformat(word))
    except (ValueError, OverflowError):
        message = f"'{word}' is no day; write {TOMORROW}, {NEXT_WEEK}, or a date such as {now:%Y-%m-%d}"
        raise UsageError(message) from None


def morning(config: ProjectConfig, owner_key: str, day: date) -> datetime:
    """When the rep's hours begin on a day, or on the first one after it on which it works, and is not away."""
    calendar = calendar_of(config, owner_key)
    opening = working_day(*calendar, instant(datetime.combine(day, time()), calendar.place), 0)
    today = opening.astimezone(calendar.place).date()
    back = [one.until + timedelta(days=1) for one in config.absences if one.covers(owner_key, today)]
    return morning(config, owner_key, max(back)) if back else opening
