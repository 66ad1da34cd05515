"""Send windows that stay shut for so long that nobody can have meant it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby

from nurture.content.source import Document
from nurture.core.cadence import day_off
from nurture.core.steps import SendWindow
from nurture.core.timewords import parse_days
from nurture.errors import Problem

_DAY = timedelta(days=1)
_YEAR = 366 * _DAY
#: weeks without a day to send on; fewer closed days cannot shut a year
_WEEKS = 52
#: public holidays that may fall on one day of the week in a year, at the very most
_HOLIDAYS = 20
#: the calendar begins anew every 28 years, and days off with a year end some day
_CYCLE = 28
_FIRST = 2024


def shut(document: Document, window: SendWindow) -> Iterator[Problem]:
    """That no mail goes out for a year, because all days it might go on are closed. `window` is what holds where the
    document says nothing; where it says nothing at all, the fault is told elsewhere."""
    own = document.data.get("send") or {}
    days = parse_days(own["days"]) if "days" in own else window.days
    closed = frozenset(own["closed"]) if "closed" in own else window.closed
    key = next((key for key in ("days", "closed") if key in own), None)
    if key is None:
        return
    if run := closed_year(replace(window, days=days, closed=closed)):
        message = (
            f"all days to send on are closed from {run[0]:%Y-%m-%d} to {run[-1]:%Y-%m-%d}, so no mail goes out for "
            f"{len(run)} of them in a row: let another day send, or close fewer"
        )
        yield document.problem(("send", key), message, "shut")


def closed_year(window: SendWindow, country: str | None = None) -> list[datetime]:
    """The longest row of closed days among those of the window, if it lasts a year. Public holidays of the country are
    closed, too, where the window rests on them."""
    if len(window.closed) < _WEEKS - (_HOLIDAYS if country and window.skip_holidays else 0):
        return []
    rows = (list(row) for off, row in groupby(_open(window), lambda day: bool(day_off(window, day, country))) if off)
    longest = max(rows, key=len, default=[])
    return longest if longest and longest[-1] - longest[0] >= _YEAR else []


def _open(window: SendWindow) -> Iterator[datetime]:
    """The days of the week that the window opens on, over all years that matter."""
    years = [int(day[:4]) for day in window.closed if len(day) > len("12-24")] or [_FIRST, _FIRST + _CYCLE]
    last = datetime(min(max(years), min(years) + 2 * _CYCLE), 12, 31, tzinfo=UTC)
    day = datetime(min(years), 1, 1, tzinfo=UTC)
    while day <= last:
        if day.weekday() in window.days:
            yield day
        day += _DAY
