"""Public holidays by country: data of the `holidays` library, which is loaded when the first one is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache


def holiday(country: str | None, day: date) -> str | None:
    """The name of the public holiday (nationwide) on that day; None on other days and in a country we do not know."""
    return _holidays(country.upper(), day.year).get(day) if country else None


@lru_cache(maxsize=1024)
def _holidays(country: str, year: int) -> Mapping[date, str]:
    # a second to import, which only those pay who skip holidays
    from holidays import country_holidays

    try:
        return dict(country_holidays(country, years=year, language="en_US"))
    except NotImplementedError:
        return {}
