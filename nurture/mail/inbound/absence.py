"""Out-of-office notes: whether a machine's answer says that its owner is away, and when mail is worth sending again.

Read by rules as intents are, one sentence at a time, in eight languages: a date counts only with a word of coming back
or of how long. What is not understood is an absence of three working days.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from nurture.mail.inbound.dates import WEEKDAYS, day_in
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
    r"|fuera de (la |mi )?oficina|de vacaciones|ausente|ausencia|estoy fuera"
    r"|afwezig\w*|niet op kantoor|buiten kantoor|(met|op) vakantie|met verlof"
    r"|fuori (ufficio|sede)|in ferie|in vacanza|assente|assenza)\b"
)
#: being there again: the day is named behind it or, in some languages, before it
_BACK = re.compile(
    r"\b(back( (in|at|on|from|to))?|return(s|ing)?|zurück|wieder (da|im|erreichbar|zu erreichen|für sie)|tilbake"
    r"|tillbaka|åter|de retour|reviens|reviendrai|mon retour|de vuelta|regres\w+|vuelvo|volver\w*|reincorpor\w+"
    r"|terug|weer (aanwezig|bereikbaar)|torno|tornerò|ritorno|rientr\w+)\b"
)
#: how long it lasts
_UNTIL = re.compile(
    r"\b(until|till|through|bis( zum| einschliesslich)?|til( og med)?|t\.o\.m\.|jusqu'(au|à)|hasta|tot( en met)?|t/m"
    r"|fino (al|a))\b"
)
#: the end of a span: "from 3 March to 14 March", "03.03. - 14.03.", "du 3 mars au 14 mars"
_SPAN_END = re.compile(
    r"(\s[-\u2013]\s|\b(to|au|al|till|og med|och med|tot|tot en met)\b) ?(the |den |el |le |il )?"
    rf"(?=(({'|'.join(WEEKDAYS)}),? )?\d)"
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
            day = day_in(sentence[match.end() :][:_NEAR], today)
            if day is None and pattern is _BACK:
                day = day_in(sentence[: match.start()][-_NEAR:], today)
            if day:
                yield day


def _working_days_after(today: date, count: int) -> date:
    day = today
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
