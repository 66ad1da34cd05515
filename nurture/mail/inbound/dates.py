"""The day that a sentence names: "in March", "nach dem 15. Januar", "om tre måneder", "Q2", "le trimestre prochain".

Figures are no dates by themselves ("24/7", "1.5 weeks"): day and month need a year, a point behind both, or a word
such as "on" before them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

#: nobody is put off for longer (days)
_LONGEST = 730

_MONTHS: Mapping[int, str] = {
    1: "january|januar|januari|janvier|enero|jan|gennaio",
    2: "february|februar|februari|février|febrero|feb|febbraio",
    3: "march|märz|mars|marzo|mar|maart|marts",
    4: "april|avril|abril|apr|aprile",
    5: "may|mai|maj|mayo|mei|maggio",
    6: "june|juni|juin|junio|jun|giugno",
    7: "july|juli|juillet|julio|jul|luglio",
    8: "august|augusti|août|agosto|aug|augustus",
    9: "september|septembre|septiembre|sept|sep|settembre",
    10: "october|oktober|octobre|octubre|oct|okt|ottobre",
    11: "november|novembre|noviembre|nov",
    12: "december|dezember|desember|décembre|diciembre|dec|dez|des|dicembre",
}
_NUMBER_OF = {name: number for number, names in _MONTHS.items() for name in names.split("|")}
_MONTH = f"(?P<month>{'|'.join(sorted(_NUMBER_OF, key=len, reverse=True))})"
_YEAR = r"(?:,? (?:de |del )?(?P<year>20\d\d))?"
#: a month by itself is one only behind such a word: "may" and "mars" mean other things too
_PREPOSITION = (
    r"(?:in|im|until|till|til|after|from|by|before|early|mid|late|next|ab|bis|nach|anfang|mitte|ende|i|etter|efter"
    r"|fra|från|over|en|fin|début|après|dès|depuis|desde|hasta|después de|tras|a partir de|partir de"
    r"|na|vanaf|tot|begin|eind|a|da|dal|dopo|tra|fino a)"
)

_COUNTS: Mapping[str, int] = {
    **dict.fromkeys(
        ("a", "one", "ein", "eine", "einem", "einer", "en", "ett", "et", "un", "une", "una", "een", "uno"), 1
    ),
    **dict.fromkeys(("two", "zwei", "to", "två", "deux", "dos", "twee", "due"), 2),
    **dict.fromkeys(("three", "drei", "tre", "trois", "tres", "drie"), 3),
    **dict.fromkeys(("four", "vier", "fire", "fyra", "quatre", "cuatro", "quattro"), 4),
    **dict.fromkeys(("six", "sechs", "seks", "sex", "seis", "zes", "sei"), 6),
    **dict.fromkeys(
        ("a few", "some", "ein paar", "einigen", "noen", "några", "quelques", "unos", "een paar", "enkele", "qualche"),
        3,
    ),
}
_UNITS: Mapping[str, int] = {
    **dict.fromkeys(("day", "tag", "dag", "dager", "dagar", "jour", "día", "giorno", "giorni"), 1),
    **dict.fromkeys(
        ("week", "woche", "uke", "uker", "vecka", "veckor", "semaine", "semana", "weken", "settimana", "settimane"), 7
    ),
    **dict.fromkeys(
        ("month", "monat", "måned", "måneder", "månad", "månader", "mois", "mes", "maand", "maanden", "mese", "mesi"),
        30,
    ),
    **dict.fromkeys(("quarter", "quartal", "kvartal", "trimestre", "kwartaal"), 91),
    **dict.fromkeys(("year", "jahr", "år", "an", "année", "año", "jaar", "anno", "anni"), 365),
}


def _any_of(words: Mapping[str, object]) -> str:
    return "|".join(sorted(map(re.escape, words), key=len, reverse=True))


_SPAN = re.compile(
    rf"\b(?:in|om|dans|en|dentro de|after|nach|etter|efter|après|over|na|tra|fra|dopo) (?P<count>\d{{1,3}}"
    rf"|{_any_of(_COUNTS)}) "
    rf"(?P<unit>{_any_of(_UNITS)})(?:s|e|en|n|es)?\b"
)
_NEXT = re.compile(
    r"\b(?:next|nächste[rsnm]?|kommende[rsnm]?|neste|nästa|próxim[oa]|volgende?|prossim[oa]) "
    rf"(?P<unit>{_any_of(_UNITS)})\b|\b(?P<after>{_any_of(_UNITS)}) (?:prochaine?|que viene|próxim[oa])\b"
)
_ISO = re.compile(r"\b(?P<year>20\d\d)-(?P<number>\d\d)-(?P<day>\d\d)\b")
_FIGURES = re.compile(
    r"\b(?P<day>\d{1,2})(?:[./](?P<number>\d{1,2})[./](?P<year>20\d\d)|\.(?P<pointed>\d{1,2})\.)(?![\d:%])"
)
_BEHIND_ON = re.compile(
    r"(?:^ ?|\b(?:on|by|until|till|before|after|from|since|am|bis|zum|vom|ab|nach|den|dem|der|til|till|fra|från|etter"
    r"|efter|d\."
    r"|le|au|du|jusqu'au|après|dès|el|al|hasta el|desde el|op|tot|vanaf|na|il|dal|fino al|dopo il|back|zurück"
    r"|tilbake) )"
    rf"(?P<day>\d{{1,2}})[./](?P<number>\d{{1,2}})\b(?![\d:/%.]|[.,]\d| ?(?:%|{_any_of(_UNITS)}))"
)
#: "maybe in 2027", "2027 wieder"; a figure of a thousand kilowatts is none
_YEAR_ONLY = re.compile(r"(?:^|(?P<behind>\w+) |[,;(] ?)(?P<year>20\d\d)\b(?![-./:]?\d)(?! ?(?:%|k?wh?\b|mwh?\b|€))")
_DAY_MONTH = re.compile(rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th|er|\.)? (?:of |de )?{_MONTH}\b{_YEAR}")
_MONTH_DAY = re.compile(rf"\b{_MONTH} (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?!\d){_YEAR}")
#: "etter jul" is after Christmas, not after July
_MONTH_ONLY = re.compile(
    rf"\b(?!(?:etter|efter|over|til|till|fra|från|i) jul\b){_PREPOSITION} (?:the |of |de )*{_MONTH}\b{_YEAR}"
)
_QUARTER = re.compile(r"\b(?:q(?P<quarter>[1-4])|(?P<ordinal>[1-4])\. ?(?:quartal|kvartal))(?:[ /](?P<year>20\d\d))?\b")
WEEKDAYS: tuple[str, ...] = (
    "monday|montag|mandag|måndag|lundi|lunes|maandag|lunedì",
    "tuesday|dienstag|tirsdag|tisdag|mardi|martes|dinsdag|martedì",
    "wednesday|mittwoch|onsdag|mercredi|miércoles|woensdag|mercoledì",
    "thursday|donnerstag|torsdag|jeudi|jueves|donderdag|giovedì",
    "friday|freitag|fredag|vendredi|viernes|vrijdag|venerdì",
    "saturday|samstag|sonnabend|lørdag|lördag|samedi|sábado|zaterdag|sabato",
    "sunday|sonntag|søndag|söndag|dimanche|domingo|zondag|domenica",
)
_WEEKDAY = re.compile(rf"\b(?:{'|'.join(f'(?P<d{n}>{names})' for n, names in enumerate(WEEKDAYS))})\b")
_TOMORROW = re.compile(r"\b(tomorrow|morgen|i morgen|i morgon|imorgon|demain|mañana|domani)\b")
#: when a season is over or begun, for business
_SEASONS: tuple[tuple[re.Pattern[str], int, int], ...] = (
    (re.compile(r"\b(christmas|weihnachten|(?:etter|efter|over|til|till|i) jul(?:en|a)?|noël|navidad|natale)\b"), 1, 7),
    (
        re.compile(
            r"\b(new year|neujahr|neuen jahr|nyttår|nyåret|årsskiftet|nouvel an|año nuevo|nieuwjaar|anno nuovo)\b"
        ),
        1,
        7,
    ),
    (re.compile(r"\b(easter|ostern|påske|påsk|påsken|pâques|pascua|pasen|pasqua)\b"), 4, 15),
    (re.compile(r"\b(spring|frühjahr|frühling|våren|vår|printemps|primavera|voorjaar)\b"), 4, 1),
    (
        re.compile(
            r"\b(summer|sommer|sommeren|sommaren|l'été|verano|holidays|ferien|ferie|semestern|zomer|vakantie"
            r"|l'estate)\b"
        ),
        9,
        1,
    ),
    (re.compile(r"\b(autumn|the fall|herbst|høsten|hösten|automne|otoño|najaar|herfst|autunno)\b"), 9, 15),
)


def date_in(sentence: str, today: date) -> date | None:
    """The first day that is named, always ahead of `today` and at most two years; None where none is.

    `sentence` is in small letters. A month means its first day, a numeric date has the day first, and a day without
    a year is the next one of that name.
    """
    day = next(_days(sentence, today), None)
    return min(day, today + timedelta(days=_LONGEST)) if day else None


def day_in(words: str, today: date) -> date | None:
    """`date_in`, and the next weekday of a name, and tomorrow."""
    if day := date_in(words, today):
        return day
    if match := _WEEKDAY.search(words):
        number = next(n for n in range(7) if match[f"d{n}"])
        return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return today + timedelta(days=1) if _TOMORROW.search(words) else None


def _days(sentence: str, today: date) -> Iterator[date]:
    for pattern, read in _READERS:
        if (match := pattern.search(sentence)) and (day := read(match.groupdict(), today)) and day > today:
            yield day
    for pattern, month, day_of_month in _SEASONS:
        if pattern.search(sentence):
            yield _coming(today, month, day_of_month)


def _span(found: Mapping[str, str | None], today: date) -> date | None:
    count = found["count"] or ""
    days = (int(count) if count.isdigit() else _COUNTS[count]) * _UNITS[found["unit"] or ""]
    return today + timedelta(days=min(days, _LONGEST))


def _next(found: Mapping[str, str | None], today: date) -> date | None:
    days = _UNITS[found["unit"] or found["after"] or ""]
    if days == 365:
        return date(today.year + 1, 1, 7)
    if days == 91:
        return _coming(today, (today.month - 1) // 3 * 3 + 4, 1)
    return _coming(today, today.month + 1, 1) if days == 30 else today + timedelta(days=days)


def _named(found: Mapping[str, str | None], today: date) -> date | None:
    number = found.get("number") or found.get("pointed")
    month = int(number) if number else _NUMBER_OF[found["month"] or ""]
    day = int(found.get("day") or 1)
    if not 1 <= month <= 12:
        return None
    try:
        year = found.get("year")
        return date(int(year), month, day) if year else _coming(today, month, day)
    except ValueError:
        return None


def _year(found: Mapping[str, str | None], today: date) -> date | None:
    """The first day of a year that is near."""
    year = int(found["year"] or 0)
    return date(year, 1, 1) if today.year < year <= today.year + 3 else None


def _quarter(found: Mapping[str, str | None], today: date) -> date | None:
    month = int(found["quarter"] or found["ordinal"] or 1) * 3 - 2
    return date(int(found["year"]), month, 1) if found["year"] else _coming(today, month, 1)


def _coming(today: date, month: int, day: int) -> date:
    """The next such day; a month beyond December is one of next year. Raises ValueError where there is none."""
    first = date(today.year + (month - 1) // 12, (month - 1) % 12 + 1, day)
    return first if first > today else first.replace(year=first.year + 1)


_Reader = Callable[[Mapping[str, str | None], date], date | None]
_READERS: tuple[tuple[re.Pattern[str], _Reader], ...] = (
    (_ISO, _named),
    (_DAY_MONTH, _named),
    (_MONTH_DAY, _named),
    (_FIGURES, _named),
    (_BEHIND_ON, _named),
    (_SPAN, _span),
    (_QUARTER, _quarter),
    (_NEXT, _next),
    (_MONTH_ONLY, _named),
    (_YEAR_ONLY, _year),
)
