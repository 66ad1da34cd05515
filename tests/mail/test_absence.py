"""Out-of-office notes: who is away until when, in six languages, and what is no absence at all."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.mail.inbound import read_absence
from nurture.mail.inbound.absence import LONGEST

#: a Tuesday
TODAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("text", "back"),
    [
        # the day after the return, or after the last day that is named
        ("I am out of the office until 20 March. For urgent matters call me on +47 99.", date(2026, 3, 21)),
        ("I am out of the office from 2 March to 13 March with limited access to email.", date(2026, 3, 14)),
        ("I'm away from the office and will be back on Monday.", date(2026, 3, 10)),
        ("Thanks for your mail. I will return on March 17th.", date(2026, 3, 18)),
        ("I am on vacation until 13 March. I am back on Monday, 16 March.", date(2026, 3, 17)),
        ("On annual leave, back tomorrow.", date(2026, 3, 5)),
        ("Ich bin bis zum 13. März nicht im Büro.", date(2026, 3, 14)),
        ("Ich bin vom 02.03. bis 13.03.2026 im Urlaub. Ihre E-Mail wird nicht weitergeleitet.", date(2026, 3, 14)),
        ("Ab dem 17. März bin ich wieder erreichbar.", date(2026, 3, 18)),
        ("Ich bin am Montag wieder im Büro.", date(2026, 3, 10)),
        ("Jeg er på ferie til 13. mars.", date(2026, 3, 14)),
        ("Jeg er ute av kontoret og tilbake mandag 16. mars.", date(2026, 3, 17)),
        ("Jag är på semester till och med 13 mars.", date(2026, 3, 14)),
        ("Den 16 mars är jag tillbaka på kontoret.", date(2026, 3, 17)),
        ("Je suis absente du 2 mars au 13 mars inclus.", date(2026, 3, 14)),
        ("Je serai de retour le lundi 16 mars.", date(2026, 3, 17)),
        ("Je suis en congés jusqu'au 13 mars.", date(2026, 3, 14)),
        ("Estoy de vacaciones hasta el 13 de marzo.", date(2026, 3, 14)),
        ("Estaré ausente del 2 de marzo al 13 de marzo.", date(2026, 3, 14)),
        ("Estoy fuera de la oficina. Estaré de vuelta el 16 de marzo.", date(2026, 3, 17)),
        ("Ik ben met vakantie tot en met 13 maart.", date(2026, 3, 14)),
        ("Ik ben afwezig van 2 maart tot 13 maart.", date(2026, 3, 14)),
        ("Op maandag 16 maart ben ik terug op kantoor.", date(2026, 3, 17)),
        ("Sono in ferie fino al 13 marzo.", date(2026, 3, 14)),
        ("Sono fuori ufficio, tornerò lunedì 16 marzo.", date(2026, 3, 17)),
        ("Ich bin bis 13.3 nicht im Büro.", date(2026, 3, 14)),
        ("Out of office 2/3 - 13/3", date(2026, 3, 14)),
        # where no day is named, three working days
        ("I am out of the office with limited access to mail.", date(2026, 3, 6)),
        ("Ich bin zurzeit nicht im Büro.", date(2026, 3, 6)),
        ("Jeg er på ferie.", date(2026, 3, 6)),
        ("Jag är ledig.", date(2026, 3, 6)),
        ("Je suis absent.", date(2026, 3, 6)),
        ("Estoy fuera.", date(2026, 3, 6)),
        ("Ik ben afwezig.", date(2026, 3, 6)),
        ("Sono assente.", date(2026, 3, 6)),
        # a day that has passed names none
        ("I am out of the office until 2026-03-01.", date(2026, 3, 6)),
        # nobody is away for longer than a month
        ("I am on parental leave until 1 September.", TODAY + timedelta(days=LONGEST)),
        # a day without a word of coming back is another
        ("I am out of the office. Our fair is on 20 March.", date(2026, 3, 6)),
    ],
)
def test_who_is_away_is_written_to_on_the_day_after_the_return(text: str, back: date) -> None:
    absence = read_absence("Automatic reply: A word on leaks", text, TODAY)
    assert absence is not None
    assert absence.on == back, absence


def test_three_working_days_pass_over_a_weekend() -> None:
    absence = read_absence("Out of office", "", date(2026, 3, 5))
    assert absence and absence.on == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Ticket 7 opened", "We got your request and will answer until 20 March."),
        ("Accepted: A word on leaks", ""),
        ("Digest", "New this week: 12 posts"),
        ("", "Please prove that you are a person."),
    ],
)
def test_other_machines_say_of_no_absence(subject: str, text: str) -> None:
    assert read_absence(subject, text, TODAY) is None


@given(st.text(max_size=200), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_whatever_a_note_says_its_owner_is_back_within_a_month(text: str, today: date) -> None:
    absence = read_absence(text, f"I am out of office until {text}", today)
    assert absence is not None
    assert today < absence.on <= today + timedelta(days=LONGEST)
