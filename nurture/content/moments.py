"""Moments as a sequence test writes them, on the lead's wall clock: "mon 09:00", "thu 5 mar", "2026-03-05 10:00"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nurture.core.cadence import after
from nurture.core.steps import Until
from nurture.core.timewords import WEEKDAYS

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_EXAMPLES = "write it like 'mon 09:00', 'thu 5 mar 10:30' or '2026-03-05 10:30'"
_MOMENT = re.compile(
    r"(?:(?P<weekday>[a-z]+)\s*)?(?:(?P<date>\d{4}-\d{2}-\d{2})|(?P<day>\d{1,2}) (?P<month>[a-z]{3})[a-z]*)?"
    r"(?:\s*(?P<clock>\d{1,2}:\d{2}))?"
)


@dataclass(frozen=True, slots=True)
class Moment:
    """What is said of a moment: a weekday (0 is Monday), a day, a time of day; at least one of them."""

    text: str
    weekday: int | None = None
    year: int | None = None
    #: month and day of the month
    day: tuple[int, int] | None = None
    clock: time | None = None

    def fits(self, wall: datetime, late: timedelta = timedelta()) -> bool:
        """Whether a moment of the wall clock is meant, to the minute, or up to `late` after it."""
        return (
            self.weekday in (None, wall.weekday())
            and self.year in (None, wall.year)
            and self.day in (None, (wall.month, wall.day))
            and (self.clock is None or _minutes(wall, self.clock) in range(int(late / timedelta(minutes=1)) + 1))
        )

    def on(self, zone: str) -> datetime:
        """The moment (UTC); it names a whole date and a time of day."""
        assert self.year
        assert self.day
        assert self.clock
        wall = datetime.combine(date(self.year, *self.day), self.clock)
        return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)

    def next_after(self, base: datetime, zone: str) -> datetime:
        """The first such moment after `base`, to the year's end and beyond; it names a time of day."""
        assert self.clock
        if self.year and self.day:
            return self.on(zone)
        moment = base
        while True:
            moment = after(Until(self.weekday, self.clock, self.text), moment, zone)
            if self.fits(moment.astimezone(ZoneInfo(zone))):
                return moment


def parse_moment(text: str) -> Moment:
    """Raises ValueError with examples."""
    words = " ".join(text.lower().split())
    match = _MOMENT.fullmatch(words)
    if not match or not words:
        raise ValueError(f"'{text}' is not a moment; {_EXAMPLES}")
    weekday = _weekday(match["weekday"], text) if match["weekday"] else None
    year, day = _date(match, text)
    if year and day and weekday not in (None, date(year, *day).weekday()):
        raise ValueError(f"'{text}': that day is a {WEEKDAYS[date(year, *day).weekday()]}")
    return Moment(words, weekday, year, day, _clock(match["clock"], text) if match["clock"] else None)


def parse_start(text: str) -> Moment:
    """A moment with a whole date and a time of day. Raises ValueError with examples."""
    moment = parse_moment(text)
    if not (moment.year and moment.clock):
        raise ValueError(f"'{text}' is no date with a time of day; write it like '2026-03-02 09:00'")
    return moment


def parse_time(text: str) -> Moment:
    """A moment with a time of day. Raises ValueError with examples."""
    moment = parse_moment(text)
    if moment.clock is None:
        raise ValueError(f"'{text}' has no time of day; {_EXAMPLES}")
    return moment


def _minutes(wall: datetime, clock: time) -> int:
    """How many whole minutes the wall clock is past that time of day."""
    return (wall.hour - clock.hour) * 60 + wall.minute - clock.minute


def _weekday(word: str, text: str) -> int:
    for number, name in enumerate(WEEKDAYS):
        if word in (name, name[:3]):
            return number
    raise ValueError(f"'{text}': '{word}' is no day of the week; {_EXAMPLES}")


def _date(match: re.Match[str], text: str) -> tuple[int | None, tuple[int, int] | None]:
    if match["month"] and match["month"] not in _MONTHS:
        raise ValueError(f"'{text}': '{match['month']}' is no month; {_EXAMPLES}")
    try:
        if match["date"]:
            day = date.fromisoformat(match["date"])
            return day.year, (day.month, day.day)
        if match["month"]:
            day = date(2024, _MONTHS.index(match["month"]) + 1, int(match["day"]))  # a leap year knows every day
            return None, (day.month, day.day)
    except ValueError:
        raise ValueError(f"'{text}': there is no such day; {_EXAMPLES}") from None
    return None, None


def _clock(word: str, text: str) -> time:
    try:
        hours, minutes = map(int, word.split(":"))
        return time(hours, minutes)
    except ValueError:
        raise ValueError(f"'{text}': {word} is no time of day; {_EXAMPLES}") from None
