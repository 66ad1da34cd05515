"""Business hours: when a promised time is over, and how much of it has been used.

Only the hours of the window count, on the wall clock of the rep: not nights, weekends, days off or public holidays
of the rep's country. A day on which the clocks change is as long as its hours really last. Every datetime that comes in
or goes out is aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from nurture.core.cadence import day_off, instant, place_of, zone_for
from nurture.core.steps import SendWindow
from nurture.core.timewords import MIDNIGHT

_DAY = timedelta(days=1)
#: so many days in a row without an hour of work, and there are no hours: then every hour counts
_FAR = 800


def deadline(window: SendWindow, zone: str | None, country: str | None, start: datetime, span: timedelta) -> datetime:
    """The first moment at which `span` of business hours has gone by since `start`.

    An empty span ends at the first moment of work: `start` itself, or when the hours next begin.
    """
    reached = start
    for opening, closing in _stretches(window, zone, country, start):
        if span <= closing - opening:
            return opening + span
        span, reached = span - (closing - opening), closing
    return reached + span


def worked(window: SendWindow, zone: str | None, country: str | None, start: datetime, end: datetime) -> timedelta:
    """The business hours between two moments; none where `end` is not later."""
    until_end = takewhile(lambda stretch: stretch[0] < end, _stretches(window, zone, country, start))
    return sum((min(closing, end) - opening for opening, closing in until_end), timedelta())


def working_day(window: SendWindow, zone: str | None, country: str | None, start: datetime, number: int) -> datetime:
    """When the hours of a working day begin: day 0 is that of `start`, or the next one; not before `start`."""
    for count, (opening, _) in enumerate(_stretches(window, zone, country, start)):
        if count == number:
            return opening
    return start + number * _DAY


def _stretches(
    window: SendWindow, zone: str | None, country: str | None, start: datetime
) -> Iterator[tuple[datetime, datetime]]:
    """The hours of each working day from `start` on, as moments: [opening, closing), never empty."""
    place = place_of(zone_for(window, zone)) or UTC
    day = start.astimezone(place).replace(tzinfo=None, hour=0, minute=0, second=0, microsecond=0, fold=0)
    idle = 0
    while idle < _FAR:
        opening = max(start, instant(datetime.combine(day, window.start), place))
        end = day + _DAY if window.end == MIDNIGHT else datetime.combine(day, window.end)
        closing = instant(end, place)
        if opening < closing and not day_off(window, day, country):
            idle = 0
            yield opening, closing
        day, idle = day + _DAY, idle + 1
