"""No lead that waits for sales goes untold: what waits, joins or is taken back, and what an alert says of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from models.database import Database
from nurture import alerts
from nurture.brief import Line, brief
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from nurture.mail import Email, Outcome
from tests.office import Office

KARI = {"key": "kari", "name": "Kari Lund", "address": "kari@example.com"}
TOM = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"}
IDEAL = {"title": "Managing Director", "employees": 120, "industry": "Food", "country": "NO"}


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Office:
    """Two reps share the work."""
    return Office(database, tmp_path, owners=[KARI, TOM])


def earn(office: Office, name: str) -> None:
    """A lead becomes ready by points: in two days, with intent. Nothing is told yet."""
    email = f"{name}@mill.example"
    office.add_lead(email, first_name=name.title(), company="Mill", **IDEAL)
    office.submit("webinar", email)
    office.pass_time(days=1)
    office.submit("pricing", email)
    office.submit("ebook", email)
    qualify_due(office.ports)


def told(office: Office) -> list[tuple[str, str | None]]:
    """Tell what is due; what is said of each alert about a lead then."""
    alerts.deliver(office.ports)
    rows = office.rows("SELECT state, reason FROM outbox WHERE kind = 'sales_alert' ORDER BY id")
    return [(row.state, row.reason) for row in rows]


def mailed(office: Office) -> list[tuple[str, str]]:
    """Tell what is due; to whom, and what, since this was asked last."""
    alerts.deliver(office.ports)
    found = [(mail.to.address, mail.subject) for mail in office.alerts]
    office.mailer.emails.clear()
    return found


# --- two of one company ------------------------------------------------------------------------------------------


def refuse(_mail: Email) -> Outcome:
    return Outcome.NOT_ACCEPTED


def take(_mail: Email) -> Outcome:
    return Outcome.ACCEPTED


def test_an_alert_waits_for_a_colleagues_that_is_on_its_way_and_joins_it_when_it_has_left(two: Office) -> None:
    earn(two, "anna")
    earn(two, "bo")
    two.mailer.answer = refuse
    assert told(two) == [("pending", "as told"), ("pending", None)]
    two.mailer.answer = take
    two.pass_time(minutes=1)
    told(two)
    two.pass_time(minutes=1)
    assert told(two) == [("delivered", None), ("delivered", "told with handoff 1")]


def test_an_alert_whose_colleague_is_answered_meanwhile_goes_by_itself(two: Office) -> None:
    earn(two, "anna")
    earn(two, "bo")
    two.mailer.answer = refuse
    told(two)
    accept(two.ports, 1, "kari", Given("yes", "yes"))
    two.mailer.answer = take
    two.mailer.emails.clear()
    two.pass_time(minutes=1)
    assert mailed(two) == [("kari@example.com", "Ready for sales: Bo Berg, Managing Director, Mill")]


def test_an_alert_does_not_wait_for_long(two: Office) -> None:
    """A colleague's that cannot leave for whatever reason keeps nobody else's."""
    earn(two, "anna")
    earn(two, "bo")
    two.mailer.answer = lambda mail: refuse(mail) if "Anna" in mail.subject else take(mail)
    told(two)
    two.pass_time(minutes=14)
    assert told(two)[1] == ("pending", None)
    two.pass_time(minutes=2)
    assert told(two) == [("pending", "as told"), ("delivered", None)]


def accepted(office: Office) -> None:
    accept(office.ports, 1, "kari", Given("yes", "yes"))


def put_off(office: Office) -> None:
    snooze(office.ports, 1, "kari", office.clock.now() + timedelta(days=3))


def given_on(office: Office) -> None:
    """What was mailed of it today went to Kari, and Tom has it now."""
    reassign(office.ports, 1, by="kari", to="tom")


def the_day_is_over(office: Office) -> None:
    office.pass_time(hours=15)


@pytest.mark.parametrize("happens", [accepted, put_off, given_on, the_day_is_over])
def test_a_colleague_is_joined_only_while_todays_mail_of_it_waits_for_an_answer(two: Office, happens: object) -> None:
    two.add_lead("bo@mill.example", first_name="Bo", company="Mill", **IDEAL)
    two.submit("webinar", "bo@mill.example")
    earn(two, "anna")
    told(two)
    assert callable(happens)
    happens(two)
    two.submit("pricing", "bo@mill.example")
    two.submit("ebook", "bo@mill.example")
    qualify_due(two.ports)
    assert ("delivered", "told with handoff 1") not in told(two)
    assert two.alerts[-1].subject == "Ready for sales: Bo Berg, Managing Director, Mill"


def test_whoever_gets_a_daily_list_finds_a_colleague_on_it(database: Database, tmp_path: Path) -> None:
    """The founder's agreement: no ladder, and one list each morning."""
    sla = {"hand_raise_minutes": 60, "accept_hours": 8, "ladder": []}
    office = Office(database, tmp_path, owners=[KARI], tell_sales="daily", sla=sla)
    office.submit("demo", "anna@mill.example", first_name="Anna", company="Mill")
    qualify_due(office.ports)
    assert mailed(office) == [("kari@example.com", "Asks for a person: Anna, Mill")]
    earn(office, "bo")
    assert mailed(office) == []
    office.pass_time(days=1)
    assert mailed(office) == [("kari@example.com", "2 leads wait for you")]


# --- what it wrote, and when -------------------------------------------------------------------------------------


def test_what_a_lead_wrote_in_an_earlier_round_is_not_why_it_is_called_now(two: Office) -> None:
    words = "Please call me today, our contract ends Friday"
    two.submit("demo", "mona@mill.example", first_name="Mona", company="Mill", message=words)
    qualify_due(two.ports)
    alerts.deliver(two.ports)
    assert f'WHY NOW\nAsked for a person (demo), just now.\n"{words}"\nTue 3 Mar' in two.alerts[-1].text
    reject(two.ports, 1, "kari", "not_ready")
    two.pass_time(days=120)
    earn(two, "mona")
    alerts.deliver(two.ports)
    first, again = two.alerts
    assert again.subject == "Ready for sales (again): Mona, Managing Director, Mill"
    assert words not in again.text
    with two.database.reading() as connection:
        then, now = (brief(connection, two.ports, handoff_id, two.clock.now()) for handoff_id in (1, 2))
    assert (then.said, now.said) == (words, "")
    assert now.earlier[-1] == Line(f"Wrote: “{words}”", "Tue 3 Mar 10:00 Oslo (121 days ago)")


def test_words_of_two_weeks_before_are_why_and_older_ones_are_not(two: Office) -> None:
    two.submit("ebook", "mona@mill.example", message="How long does it take?")
    two.pass_time(days=14)
    two.submit("ebook", "mona@mill.example", message="And what does it cost?")
    two.pass_time(days=1)
    two.submit("demo", "mona@mill.example")
    qualify_due(two.ports)
    with two.database.reading() as connection:
        found = brief(connection, two.ports, 1, two.clock.now())
    assert (found.said, found.said_at) == ("And what does it cost?", "Tue 17 Mar 10:00 Oslo (24 hours ago)")
    assert found.earlier[-1].text == "Wrote: “How long does it take?”"
