"""No lead that waits for sales goes untold: what waits, joins or is taken back, and what an alert says of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from models.database import Database
from models.statement import write
from nurture import alerts
from nurture.accounts import belongs_to
from nurture.brief import Line, brief
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from nurture.mail import Email, Outcome
from tests.office import IDEAL, KARI, TOM, Office
from tests.test_withdraw import clicked_in_the_first_mail, it_was_a_scanner

#: something that happens at the office
Act = Callable[[Office], None]


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Office:
    """Two reps share the work."""
    return Office(database, tmp_path, owners=[KARI, TOM])


def earn(office: Office, name: str) -> None:
    """A lead becomes ready by points: in two days, with intent. Nothing is told yet."""
    office.add_lead(f"{name}@mill.example", first_name=name.title(), company="Mill", **IDEAL)
    become_ready(office, f"{name}@mill.example")


def become_ready(office: Office, email: str) -> None:
    office.earn(email)
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
def test_a_colleague_is_joined_only_while_todays_mail_of_it_waits_for_an_answer(two: Office, happens: Act) -> None:
    two.add_lead("bo@mill.example", first_name="Bo", company="Mill", **IDEAL)
    two.submit("webinar", "bo@mill.example")
    earn(two, "anna")
    told(two)
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
    two.add_lead(**IDEAL)
    two.submit("demo", message=words)
    qualify_due(two.ports)
    alerts.deliver(two.ports)
    assert f'WHY NOW\nAsked for a person (demo), just now.\n"{words}"\nTue 3 Mar' in two.alerts[-1].text
    reject(two.ports, 1, "kari", "not_ready")
    two.pass_time(days=120)
    become_ready(two, "mona@mill.example")
    alerts.deliver(two.ports)
    again = two.alerts[1]
    assert again.subject == "Ready for sales (again): Mona Berg, Managing Director, Mill"
    assert words not in again.text
    with two.database.reading() as connection:
        then, now = (brief(connection, two.ports, handoff_id, two.clock.now()) for handoff_id in (1, 2))
    assert (then.said, now.said) == (words, "")
    assert now.earlier[-1] == Line(f"Wrote: “{words}”", "Tue 3 Mar 09:00 UTC (121 days ago)")


def test_words_of_two_weeks_before_are_why_and_older_ones_are_not(two: Office) -> None:
    two.submit("ebook", "mona@mill.example", message="How long does it take?")
    two.pass_time(days=14)
    two.submit("ebook", "mona@mill.example", message="And what does it cost?")
    two.pass_time(days=1)
    two.submit("demo", "mona@mill.example")
    qualify_due(two.ports)
    with two.database.reading() as connection:
        found = brief(connection, two.ports, 1, two.clock.now())
    assert (found.said, found.said_at) == ("And what does it cost?", "Tue 17 Mar 09:00 UTC (24 hours ago)")
    assert found.earlier[-1].text == "Wrote: “How long does it take?”"


# --- who wants no sales contact ----------------------------------------------------------------------------------

DO_NOT_CALL = "Mona Berg, Mill: Wants no sales contact any more: do not call"
TAKEN_BACK = "Mona Berg, Mill: Taken back, there is nothing to do: it wants no sales contact"


def ask_for_a_person(office: Office) -> None:
    office.submit("demo", first_name="Mona", last_name="Berg", company="Mill")
    qualify_due(office.ports)


def want_no_calls(office: Office) -> None:
    office.pass_time(minutes=1)
    office.submit("ebook", no_sales_contact="yes")


def standing(office: Office) -> tuple[str, str, str | None]:
    sql = "SELECT l.stage, h.state, h.note FROM lead l JOIN handoff h ON h.lead_id = l.id"
    row = office.one(sql)
    return row.stage, row.state, row.note


def test_of_who_wants_no_calls_nobody_is_told(two: Office) -> None:
    """Neither before the lead was judged again nor after."""
    ask_for_a_person(two)
    want_no_calls(two)
    assert mailed(two) == []
    assert two.one("SELECT reason FROM outbox WHERE kind = 'sales_alert'").reason == "the lead wants no sales contact"
    qualify_due(two.ports)
    assert standing(two) == ("iql", "withdrawn", "it wants no sales contact")
    two.pass_time(hours=2)
    assert (climb(two.ports), mailed(two)) == (0, [])


def test_a_reminder_of_who_wants_no_calls_does_not_leave(two: Office) -> None:
    ask_for_a_person(two)
    mailed(two)
    two.pass_time(minutes=4)
    assert climb(two.ports) == 1
    want_no_calls(two)
    assert mailed(two) == []


@pytest.mark.parametrize("before", [lambda office: None, put_off], ids=["waits", "put off"])
def test_a_rep_who_was_told_hears_once_that_the_lead_wants_no_calls(two: Office, before: Act) -> None:
    ask_for_a_person(two)
    mailed(two)
    before(two)
    want_no_calls(two)
    qualify_due(two.ports)
    assert standing(two)[:2] == ("iql", "withdrawn")
    assert mailed(two) == [("kari@example.com", TAKEN_BACK)]
    two.submit("webinar")
    qualify_due(two.ports)
    assert mailed(two) == []


def called(office: Office) -> None:
    log_touch(office.ports, 1, "kari", "call", "reached")


@pytest.mark.parametrize(("begin", "stays"), [(called, "offered"), (accepted, "accepted")])
def test_a_rep_who_has_begun_keeps_the_lead_and_hears_once_not_to_call(two: Office, begin: Act, stays: str) -> None:
    ask_for_a_person(two)
    mailed(two)
    begin(two)
    for _ in range(2):
        want_no_calls(two)
        qualify_due(two.ports)
    assert standing(two)[1] == stays
    assert mailed(two) == [("kari@example.com", DO_NOT_CALL)]


# --- who asks for a person and has no rep ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("owner", "company", "team", "to"),
    [
        ("tom", "kari", "sales@example.com", "tom@example.com"),
        ("left-us", "kari", "sales@example.com", "kari@example.com"),
        (None, "left-us", "sales@example.com", "sales@example.com"),
        (None, None, None, "kari@example.com"),
    ],
)
def test_a_customer_who_asks_for_a_person_reaches_a_rep_with_its_words(
    sqlite_database: Database, tmp_path: Path, owner: str | None, company: str | None, team: str | None, to: str
) -> None:
    office = Office(sqlite_database, tmp_path, owners=[KARI, TOM], **({"alert_to": team} if team else {}))
    office.add_lead()
    with office.database.transaction("customer") as connection:
        connection.execute(write("UPDATE lead SET stage = 'customer', owner = :owner"), {"owner": owner})
        if company:
            belongs_to(connection, "mill.example", company)
    office.submit("demo", message="The invoice is wrong, call me")
    office.submit("demo", message="I am in until four")
    qualify_due(office.ports)
    said = ("Asks for a person: The invoice is wrong, call me", "Asks for a person: I am in until four")
    assert mailed(office) == [(to, f"Mona Berg, Mill: {one}") for one in said]


def test_whoever_has_the_deal_gets_the_link_with_it(here: Office) -> None:
    ask_for_a_person(here)
    accepted(here)
    here.submit("demo", message="Call me <today>")
    alerts.deliver(here.ports)
    (note,) = here.alerts
    link = f"https://nurture.acme.example/h/{here.one('SELECT token FROM handoff').token}"
    assert note.text.count(link) == note.html.count(link) == 1
    assert "Asks for a person: Call me &lt;today&gt;" in note.html


# --- taken back --------------------------------------------------------------------------------------------------

NOT_A_PERSON = "Taken back, there is nothing to do: clicks that it rested on were not made by a person"


def deceived(office: Office) -> Email:
    """Handoff 1 rests on a click that is not known for a scanner's yet; its rep was mailed about it."""
    mail: Email = clicked_in_the_first_mail(office)
    for form in ("webinar", "pricing"):
        office.submit(form, occurred_at="2026-03-04T09:00:00Z")
    qualify_due(office.ports)
    return mail


def test_a_rep_who_was_mailed_hears_that_the_lead_is_taken_back(two: Office) -> None:
    mail = deceived(two)
    mailed(two)
    it_was_a_scanner(two, mail)
    assert standing(two)[:2] == ("iql", "withdrawn")
    alerts.deliver(two.ports)
    (told,) = two.alerts
    assert told.to.address == "kari@example.com"
    assert NOT_A_PERSON in told.text


def test_a_rep_who_has_put_it_off_has_begun_to_work_on_it(two: Office) -> None:
    mail = deceived(two)
    put_off(two)
    it_was_a_scanner(two, mail)
    assert standing(two)[:2] == ("sql", "offered")


def test_whoever_had_it_on_the_list_of_the_day_hears_of_it_too(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path, owners=[KARI], tell_sales="daily")
    mail = deceived(office)
    mailed(office)
    office.pass_time(days=1)
    assert mailed(office) == [("kari@example.com", "1 lead waits for you")]
    it_was_a_scanner(office, mail)
    assert [to for to, what in mailed(office) if "Taken back" in what] == ["kari@example.com"]
