"""Countries and their clocks, from the tz database: what "Norge" is, and what time it is there.

A country tells a lead's time zone where all its clocks show the same time the year round: Norway does,
Australia does not.
"""

from __future__ import annotations

import unicodedata
import zoneinfo
from collections import defaultdict
from datetime import datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

#: what people write, beside the English names and the codes of the tz database
_OTHER_NAMES = {
    "AE": "uae",
    "AT": "oesterreich, osterreich",
    "BE": "belgie, belgique, belgien",
    "BR": "brasil",
    "CD": "dr congo, democratic republic of the congo",
    "CH": "schweiz, suisse, svizzera",
    "CI": "ivory coast",
    "CZ": "czechia, cesko, tschechien",
    "DE": "deutschland, tyskland",
    "DK": "danmark",
    "EE": "eesti",
    "ES": "espana, spania, spanien",
    "FI": "suomi",
    "FR": "frankrike, frankreich",
    "GB": "uk, united kingdom, great britain, britain, england, scotland, wales, northern ireland",
    "HU": "magyarorszag",
    "IE": "republic of ireland, eire",
    "IS": "island",
    "IT": "italia, italien",
    "KR": "south korea, republic of korea",
    "LT": "lietuva",
    "LV": "latvija",
    "MM": "myanmar",
    "NL": "nederland, holland, the netherlands, niederlande",
    "NO": "norge, noreg, norwegen",
    "PL": "polska, polen",
    "RU": "russian federation",
    "SE": "sverige, schweden",
    "SZ": "eswatini",
    "TR": "turkiye",
    "US": "usa, united states of america, america",
    "VN": "viet nam",
    "WS": "samoa",
}

#: middays through a year: enough to see every difference in daylight saving
_SAMPLES = tuple(datetime(2026, month, day, 12) for month in range(1, 13) for day in (1, 15))


def letters(text: str) -> str:
    """Letters only, small, without accents: "U.S.A." is "usa", "Språk" is "sprak"."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("ø", "o").replace("&", "and"))
    return "".join(letter for letter in decomposed if letter.isalpha())


def country_code(text: str) -> str | None:
    """ISO 3166 letters for a code or a name ("no", "Norway", "Norge"); None if it is no country."""
    return _codes_by_name().get(letters(text))


@cache
def zone_of(country: str) -> str | None:
    """The IANA zone of a country whose clocks all agree; None where they do not, or the country is unknown."""
    zones = _zones_by_country().get(country, [])
    return zones[0] if len({_offsets(zone) for zone in zones}) == 1 else None


def is_zone(name: str) -> bool:
    """Whether the tz database knows this name, in exactly this spelling."""
    return name in _zone_names()


@cache
def _zone_names() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


@cache
def _codes_by_name() -> dict[str, str]:
    english = [(code, name) for code, name in _table("iso3166.tab")]
    names = {word: code for code, name in english for word in (code, name)}
    names |= {word: code for code, words in _OTHER_NAMES.items() for word in words.split(", ")}
    return {letters(name): code for name, code in names.items()}


@cache
def _zones_by_country() -> dict[str, list[str]]:
    zones = defaultdict(list)
    for code, _, zone, *_ in _table("zone.tab"):
        zones[code].append(zone)
    return dict(zones)


def _offsets(zone: str) -> tuple[object, ...]:
    return tuple(ZoneInfo(zone).utcoffset(moment) for moment in _SAMPLES)


def _table(name: str) -> list[list[str]]:
    text = files("tzdata").joinpath("zoneinfo", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
