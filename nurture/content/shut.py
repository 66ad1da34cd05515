"""Send windows that stay shut for so long that nobody can have meant it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from nurture.content.source import Document
from nurture.core.steps import SendWindow
from nurture.core.timewords import parse_days
from nurture.errors import Problem

_DAY = timedelta(days=1)
_YEAR = 366 * _DAY
#: weeks without a day to send on; fewer closed days cannot shut a year
_WEEKS = 52
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
    if key is None or len(closed) < _WEEKS:
        return
    if run := _longest(_sending(replace(window, days=days, closed=closed)), closed):
        message = (
            f"all days to send on are closed from {run[0]} to {run[-1]}, so no mail goes out for {len(run)} of them in "
            "a row: let another day send, or close fewer"
        )
        yield document.problem(("send", key), message, "shut")


def _longest(days: Iterable[date], closed: Collection[str]) -> list[date]:
    """The longest row of closed days among those that mail goes out on, if it lasts a year."""
    rows = (list(row) for off, row in groupby(days, lambda day: _is_off(day, closed)) if off)
    longest = max(rows, key=len, default=[])
    return longest if longest and longest[-1] - longest[0] >= _YEAR else []


def _sending(window: SendWindow) -> Iterator[date]:
    """The days of the week that mail goes out on, over all years that matter."""
    years = [int(day[:4]) for day in window.closed if len(day) > len("12-24")] or [_FIRST, _FIRST + _CYCLE]
    day, last = date(min(years), 1, 1), date(min(max(years), min(years) + 2 * _CYCLE), 12, 31)
    while day <= last:
        if day.weekday() in window.days:
            yield day
        day += _DAY


def _is_off(day: date, closed: Collection[str]) -> bool:
    return f"{day:%Y-%m-%d}" in closed or f"{day:%m-%d}" in closed
