"""When: how long a wait lasts, when mail may go out, and the sentence that says why.

Days and weeks are counted on the lead's own wall clock, hours and minutes exactly. A time that the clocks skip
in spring becomes the first moment after the gap; a time they repeat in autumn is its first pass. Every
datetime that comes in or goes out is aware and in UTC.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo

from nurture.core.holiday import holiday
from nurture.core.steps import After, Delay, SendWindow, Unit, Until
from nurture.core.timewords import MIDNIGHT, parse_span

_DAY_NAMES = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTH_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_EXACT: dict[Unit, timedelta] = {"seconds": _SECOND, "minutes": _MINUTE, "hours": timedelta(hours=1)}
_LENGTHS: dict[Unit, timedelta] = {"weeks": timedelta(weeks=1), "months": timedelta(days=30)}
_OFFICE = SendWindow()
#: days to look ahead for one on which mail goes out; beyond it, closed days no longer count
_FAR = 800


@dataclass(frozen=True, slots=True)
class Cap:
    """ "2 per 7 days": at most so many mails to one lead in any such span, across sequences."""

    count: int
    span: After
    text: str


def parse_cap(text: str) -> Cap:
    """ "1 per 48 hours" or "1 per day" as a frequency cap. Raises ValueError with an example."""
    count, per, span = (part.strip() for part in text.partition(" per "))
    if not per or not count.isdecimal() or int(count) == 0:
        raise ValueError(f"'{text}' is not a frequency cap; write it like '2 per 7 days'")
    try:
        delay = parse_span(span if span[:1].isdecimal() else f"1 {span}")
    except ValueError:
        raise ValueError(f"'{text}' is not a frequency cap; write it like '2 per 7 days'") from None
    if delay.unit == "business days":
        raise ValueError(f"'{text}': a frequency cap counts in hours, days, weeks or months (of 30 days)")
    return Cap(int(count), delay, f"{count} per {delay.text}")


def after(
    delay: Delay, start: datetime, zone: str | None, window: SendWindow = _OFFICE, country: str | None = None
) -> datetime:
    """The moment `delay` is over, counted from `start`; business days are those on which `window` lets mail out."""
    if isinstance(delay, After) and delay.unit in _EXACT:
        return start + exact(delay)
    place = place_of(zone) or UTC
    wall = _wall(start, place)
    if isinstance(delay, Until):
        return _next_time(delay, start, wall, place)
    return instant(_days_later(wall, delay, window, country), place)


def exact(span: After) -> timedelta:
    """The span as a fixed length: a day is 24 hours here, a month 30 days."""
    return span.count * _EXACT.get(span.unit, _LENGTHS.get(span.unit, _DAY))


def open_at(
    window: SendWindow, zone: str | None, moment: datetime, country: str | None = None, lot: float = 0
) -> tuple[datetime, str]:
    """The first instant from `moment` on at which mail may go out, and why it is not now ("" when it is).

    The lead's `zone` counts where the window follows the lead and the zone is known, else the window's own;
    `country` says which holidays it keeps. `lot` in [0, 1) is the lead's place in the window's `spread`.
    """
    name = zone_for(window, zone)
    place = place_of(name) or UTC
    opening = _opening(window, place, moment, country)
    if opening == moment:
        return moment, ""
    goes = _spread(window, place, opening, country, lot)
    return goes, _why_closed(window, name, moment, goes, country)


def is_open(window: SendWindow, zone: str | None, moment: datetime, country: str | None = None) -> bool:
    """Whether mail may go out at `moment`."""
    return _inside(window, _wall(moment, place_of(zone_for(window, zone)) or UTC), country)


def zone_for(window: SendWindow, zone: str | None) -> str:
    """The name of the zone whose wall clock counts for a lead in `zone`."""
    return zone if zone and window.lead_zone and place_of(zone) else window.zone


def local(moment: datetime, zone: str | None) -> str:
    """ "Tue 24 Nov 09:00 Oslo": a moment as the lead's wall clock shows it."""
    place = place_of(zone)
    wall = _wall(moment, place or UTC)
    return f"{_date(wall)} {wall:%H:%M} {_city(zone if place else None)}"


def begin_of_day(moment: datetime, zone: str | None) -> datetime:
    """When the day of `moment` began by the clocks of `zone`."""
    place = place_of(zone) or UTC
    return instant(_wall(moment, place).replace(hour=0, minute=0, second=0, microsecond=0), place)


def frequency_cap(
    caps: Sequence[Cap], mailed_at: Sequence[datetime], now: datetime, zone: str | None = None
) -> tuple[datetime, str] | None:
    """When the next mail may go under every cap, and why not now; None when it may go now.

    `mailed_at` are the starts of earlier mails to the lead, in any order. A mail counts for the whole span,
    to the second, and no longer. `zone` is only for the sentence.
    """
    holds = [hold for cap in caps if (hold := _held_by(cap, mailed_at, now, zone))]
    return max(holds, default=None)


def _held_by(cap: Cap, mailed_at: Sequence[datetime], now: datetime, zone: str | None) -> tuple[datetime, str] | None:
    span = exact(cap.span)
    recent = sorted(moment for moment in mailed_at if moment > now - span)
    if len(recent) < cap.count:
        return None
    free = recent[-cap.count] + span
    mails = "1 mail" if len(recent) == 1 else f"{len(recent)} mails"
    return free, f"{mails} in {cap.span.text} already; the next may go {local(free, zone)}"


@lru_cache(maxsize=1024)
def place_of(name: str | None) -> tzinfo | None:
    """The zone of that name; None for a name that nobody knows."""
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        return None


def _wall(moment: datetime, place: tzinfo) -> datetime:
    return moment.astimezone(place).replace(tzinfo=None)


def instant(wall: datetime, place: tzinfo) -> datetime:
    """The UTC moment at which clocks in `place` show `wall`."""
    moment = wall.replace(tzinfo=place, fold=0).astimezone(UTC)
    if _wall(moment, place) == wall:
        return moment
    # In a gap the two readings of the time lie on either side of the change of clocks.
    return _change(place, wall.replace(tzinfo=place, fold=1).astimezone(UTC), moment)


def _change(place: tzinfo, low: datetime, high: datetime) -> datetime:
    """The instant in (low, high] at which the clocks of `place` are changed; there is exactly one."""
    before = low.astimezone(place).utcoffset()
    low, high = low.replace(microsecond=0), high.replace(microsecond=0) + _SECOND
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        if middle.astimezone(place).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high


def _days_later(wall: datetime, delay: After, window: SendWindow, country: str | None) -> datetime:
    if delay.unit == "months":
        return _months_later(wall, delay.count)
    if delay.unit != "business days":
        return wall + exact(delay)
    rest = delay.count
    for _ in range(delay.count * 7 + _FAR):
        wall += _DAY
        rest -= not day_off(window, wall, country)
        if not rest:
            break
    return wall


def _months_later(wall: datetime, months: int) -> datetime:
    """The same day of a later month, or its last day where that is shorter."""
    years, month = divmod(wall.month - 1 + months, 12)
    year, month = wall.year + years, month + 1
    return wall.replace(year=year, month=month, day=min(wall.day, monthrange(year, month)[1]))


def _next_time(until: Until, start: datetime, wall: datetime, place: tzinfo) -> datetime:
    day = datetime.combine(wall.date(), until.at)
    ahead = 0 if until.weekday is None else (until.weekday - wall.weekday()) % 7
    moment = instant(day + ahead * _DAY, place)
    step = 1 if until.weekday is None else 7
    return moment if moment > start else instant(day + (ahead + step) * _DAY, place)


def _inside(window: SendWindow, wall: datetime, country: str | None) -> bool:
    clock = wall.time()
    begun, over = clock >= window.start, clock >= window.end and window.end != MIDNIGHT
    return begun and not over and not day_off(window, wall, country)


def day_off(window: SendWindow, wall: datetime, country: str | None) -> str | None:
    """Why nothing goes out on that day of the wall calendar; None if it does."""
    if wall.weekday() not in window.days:
        return "not a sending day"
    if window.closed and not window.closed.isdisjoint((f"{wall:%Y-%m-%d}", f"{wall:%m-%d}")):
        return "a day off"
    name = holiday(country, wall.date()) if window.skip_holidays else None
    return f"{name} in {country}" if name else None


def _opening(window: SendWindow, place: tzinfo, moment: datetime, country: str | None) -> datetime:
    """Between two changes of the clocks wall time runs evenly, so look ahead one such stretch at a time."""
    while True:
        here = moment.astimezone(place)
        wall = here.replace(tzinfo=None)
        if _inside(window, wall, country):
            return moment
        opening = moment + (_next_start(window, wall, country) - wall)
        if opening.astimezone(place).utcoffset() == here.utcoffset():
            return opening
        moment = _change(place, moment, opening)


def _next_start(window: SendWindow, wall: datetime, country: str | None) -> datetime:
    day = datetime.combine(wall.date(), window.start)
    first = 0 if wall.time() < window.start else 1
    ahead = (days for days in range(first, first + _FAR) if not day_off(window, day + days * _DAY, country))
    return day + next(ahead, first) * _DAY


def _spread(window: SendWindow, place: tzinfo, opening: datetime, country: str | None, lot: float) -> datetime:
    """Later than `opening` by the lead's part of the spread, in whole minutes, as long as the window is open then."""
    if window.spread is None:
        return opening
    later = opening + int(lot * (exact(window.spread) // _MINUTE)) * _MINUTE
    return later if _inside(window, _wall(later, place), country) else opening


def _why_closed(window: SendWindow, zone: str, moment: datetime, opening: datetime, country: str | None) -> str:
    wall = _wall(moment, place_of(zone) or UTC)
    return f"{_what_is_wrong(window, wall, _city(zone), country)}; next is {local(opening, zone)}"


def _what_is_wrong(window: SendWindow, wall: datetime, city: str, country: str | None) -> str:
    if rests := day_off(window, wall, country):
        return f"{_date(wall)} is {rests}"
    if wall.time() < window.start:
        return f"{wall:%H:%M} {city} is before {window.start:%H:%M}"
    return f"{wall:%H:%M} {city} is past {window.end:%H:%M}"


def _date(wall: datetime) -> str:
    return f"{_DAY_NAMES[wall.weekday()]} {wall.day} {_MONTH_NAMES[wall.month - 1]}"


def _city(zone: str | None) -> str:
    return zone.rpartition("/")[2].replace("_", " ") if zone else "UTC"
