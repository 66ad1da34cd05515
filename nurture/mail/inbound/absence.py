"""Out-of-office notes: whether a machine's answer says that its owner is away, and when mail is worth sending again.

Read by rules as intents are, one sentence at a time, in six languages: a date counts only with a word of coming back
or of how long. What is not understood is an absence of three working days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from nurture.mail.inbound.dates import date_in
from nurture.mail.inbound.intent import sentences_of

#: nobody is taken to be away for longer (days), and for so many working days where no day is named
LONGEST, UNNAMED = 30, 3

#: what only an absence is called
_AWAY = re.compile(
    r"\b(out of (the |my )?office|away from (the |my )?(office|desk)|on (annual |parental |sick |maternity )?leave"
    r"|on (vacation|holidays?)|(am|is|be) (currently )?away|limited access to (my )?e-?mails?"
    r"|nicht im büro|ausser haus|ausserhalb des büros|abwesend|abwesenheit\w*|(im|in) urlaub|nicht (am|an meinem) platz"
    r"|ute av kontoret|ikke på kontoret|på ferie|har ferie|fravær\w*|bortreist|permisjon"
    r"|inte på kontoret|på semester|har semester|frånvar\w*|är ledig|föräldraledig|tjänstledig"
    r"|absente?|absence|en congés?|en vacances|hors du bureau"
    r"|fuera de (la |mi )?oficina|de vacaciones|ausente|ausencia|estoy fuera)\b"
)
#: being there again: the day is named behind it or, in some languages, before it
_BACK = re.compile(
    r"\b(back( (in|at|on|from|to))?|return(s|ing)?|zurück|wieder (da|im|erreichbar|zu erreichen|für sie)|tilbake"
    r"|tillbaka|åter|de retour|reviens|reviendrai|mon retour|de vuelta|regres\w+|vuelvo|volver\w*|reincorpor\w+)\b"
)
#: how long it lasts
_UNTIL = re.compile(r"\b(until|till|through|bis( zum| einschliesslich)?|til( og med)?|t\.o\.m\.|jusqu'(au|à)|hasta)\b")
_WEEKDAYS: tuple[str, ...] = (
    "monday|montag|mandag|måndag|lundi|lunes",
    "tuesday|dienstag|tirsdag|tisdag|mardi|martes",
    "wednesday|mittwoch|onsdag|mercredi|miércoles",
    "thursday|donnerstag|torsdag|jeudi|jueves",
    "friday|freitag|fredag|vendredi|viernes",
    "saturday|samstag|sonnabend|lørdag|lördag|samedi|sábado",
    "sunday|sonntag|søndag|söndag|dimanche|domingo",
)
_WEEKDAY = re.compile("|".join(rf"\b(?P<d{n}>{names})\b" for n, names in enumerate(_WEEKDAYS)))
_TOMORROW = re.compile(r"\b(tomorrow|morgen|i morgen|i morgon|imorgon|demain|mañana)\b")
#: the end of a span: "from 3 March to 14 March", "03.03. - 14.03.", "du 3 mars au 14 mars"
_SPAN_END = re.compile(
    rf"(\s[-\u2013]\s|\b(to|au|al|till|og med|och med)\b) ?(the |den |el |le )?(?=(({'|'.join(_WEEKDAYS)}),? )?\d)"
)
#: how far behind such a word its day may stand (characters)
_NEAR = 60


@dataclass(frozen=True, slots=True)
class Absence:
    """The first day on which a mail is read again: that after the return. `because` says what it was read from."""

    on: date
    because: str


def read_absence(subject: str, text: str, today: date) -> Absence | None:
    """What an automatic answer of `today` says of its owner's absence; None where it speaks of none."""
    said = [*sentences_of(subject), *sentences_of(text)]
    if not any(_AWAY.search(one) or _BACK.search(one) for one in said):
        return None
    named = [day for one in said for day in _days(one, today)]
    if named:
        back = min(max(named) + timedelta(days=1), today + timedelta(days=LONGEST))
        return Absence(back, f"back on {max(named)}")
    return Absence(_working_days_after(today, UNNAMED), "away, and does not say until when")


def _days(sentence: str, today: date) -> Iterator[date]:
    """The days on which, by this sentence, the absence ends."""
    for pattern in (_UNTIL, _BACK, _SPAN_END):
        for match in pattern.finditer(sentence):
            day = _day(sentence[match.end() :][:_NEAR], today)
            if day is None and pattern is _BACK:
                day = _day(sentence[: match.start()][-_NEAR:], today)
            if day:
                yield day


def _day(words: str, today: date) -> date | None:
    if day := date_in(words, today):
        return day
    if match := _WEEKDAY.search(words):
        number = next(n for n in range(7) if match[f"d{n}"])
        return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)
    return today + timedelta(days=1) if _TOMORROW.search(words) else None


def _working_days_after(today: date, count: int) -> date:
    day = today
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
