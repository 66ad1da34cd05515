"""Alerts to sales: at least once, under one id, with the evidence; and never twice without saying so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from models.database import Database
from nurture.alerts import deliver
from nurture.clock import Budget
from nurture.delivery import BACKOFF, Delivered
from nurture.gates import EVERYTHING, close
from nurture.handoff import Given, accept, qualify_due
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.outbox import OutboxMailer
from tests.office import START, Office, Recorder
from tests.support import make_ports


def raise_hand(office: Office, email: str = "mona@mill.example", form: str = "demo") -> None:
    office.submit(form, email, first_name="Mona", last_name="Berg", company="Mill", message="We open a second mill.")
    assert qualify_due(office.ports) == 1


class Crash(BaseException):
    """kill -9."""


def test_the_owner_gets_the_evidence_and_the_link(office: Office) -> None:
    raise_hand(office)
    assert deliver(office.ports) == Delivered(sent=1)
    (alert,) = office.alerts
    token = office.one("SELECT token FROM handoff").token
    assert (alert.to.address, alert.to.name) == ("kari@example.com", "Kari Lund")
    assert alert.subject == "Asks for a person: Mona Berg, Mill"
    assert alert.headers["Auto-Submitted"] == "auto-generated"
    for body in (alert.text, alert.html):
        assert f"https://nurture.acme.example/h/{token}" in body
        assert "We open a second mill." in body
        assert "Asked for a person (demo), just now" in body
        assert "Tue 3 Mar 09:05 UTC (in 5 minutes)" in body
        assert "What number do we reach you on?" in body
        assert "Can be reached" in body
        assert "Alert handoff:1:1:mail" in body
    assert office.one("SELECT state, tries FROM outbox") == ("delivered", 1)


def test_what_a_lead_wrote_is_text_in_the_alert_and_not_markup(here: Office) -> None:
    here.submit("demo", first_name="<b>Mona</b>", message="<script>alert(1)</script>")
    qualify_due(here.ports)
    deliver(here.ports)
    assert "<script>" not in here.alerts[0].html
    assert "<b>" not in here.alerts[0].html
    assert "<script>alert(1)</script>" in here.alerts[0].text


def test_the_brief_of_a_lead_that_came_by_its_own_acts(here: Office) -> None:
    here.add_lead(title="Plant manager", employees=120, industry="Food", country="NO", timezone="Europe/Oslo")
    email = here.mail()
    here.submit("webinar")
    here.pass_time(days=1)
    here.tell(here.click(email, 86_400, "/cases/mill"))
    here.pass_time(hours=1)
    here.submit("pricing")
    here.pass_time(minutes=4)
    assert qualify_due(here.ports) == 1
    deliver(here.ports)
    alert = here.alerts[0]
    assert alert.subject == "Ready for sales: Mona Berg, Plant manager, Mill"
    for told in (
        "NO, Wed 4 Mar 11:04 Oslo",
        "Asked for prices, 4 minutes ago; 3 signs of interest this week.",
        '"Hi Mona, you asked for prices 4 minutes ago. What are you hoping to solve?"',
        "ANSWER BY Wed 4 Mar 14:04 UTC (in 4 hours)",
        "- Asked for prices (+20 engagement)",
        "- Clicked /cases/mill in tofu/one, Wed 4 Mar 09:00 UTC (64 minutes ago)",
        "- Means to buy: yes",
        "Agreed to marketing mail since Tue 3 Mar 09:00 UTC (test).",
    ):
        assert told in alert.text
    assert "where every lead starts" not in alert.text.lower()


def test_nothing_due_is_nothing_done(office: Office) -> None:
    assert deliver(office.ports) == Delivered()


def test_a_delivered_alert_is_not_sent_again(office: Office) -> None:
    raise_hand(office)
    deliver(office.ports)
    office.pass_time(days=1)
    assert deliver(office.ports) == Delivered()
    assert len(office.alerts) == 1


@pytest.mark.parametrize("outcome", [Outcome.NOT_ACCEPTED, Outcome.UNKNOWN])
def test_what_may_not_have_arrived_is_sent_again_and_says_so(office: Office, outcome: Outcome) -> None:
    raise_hand(office)
    office.mailer.answer = lambda email: outcome
    assert deliver(office.ports) == Delivered(again=1)
    office.pass_time(seconds=59)
    assert deliver(office.ports) == Delivered()
    office.mailer.answer = lambda email: Outcome.ACCEPTED
    office.pass_time(seconds=1)
    assert deliver(office.ports) == Delivered(sent=1)
    first, second = office.alerts
    assert second.subject == first.subject + " (repeat)"
    assert second.message_id == first.message_id
    assert second.attempt_id != first.attempt_id
    assert "handoff:1:1:mail" in second.text
    attempts = [(row.n, row.state) for row in office.rows("SELECT n, state FROM attempt ORDER BY n")]
    assert attempts == [(1, outcome), (2, "accepted")]


def test_after_three_days_an_alert_is_given_up_in_sight(here: Office) -> None:
    raise_hand(here)
    here.mailer.answer = lambda email: Outcome.NOT_ACCEPTED
    total = Delivered()
    while here.one("SELECT state FROM outbox").state == "pending":
        total += deliver(here.ports)
        here.pass_time(minutes=1)
    assert timedelta(days=3) < here.clock.now() - START < timedelta(days=3, hours=3)
    assert (total.sent, total.dead) == (0, 1)
    assert total.again == len(here.alerts) - 1
    assert 30 < len(here.alerts) < 50
    assert here.one("SELECT state, reason FROM outbox") == ("dead", "as told")


def test_an_alert_that_waited_out_a_long_stop_still_gets_every_try(here: Office) -> None:
    raise_hand(here)
    here.pass_time(days=4)
    here.mailer.answer = lambda email: Outcome.NOT_ACCEPTED
    for pause in BACKOFF:
        assert deliver(here.ports) == Delivered(again=1)
        here.clock.advance(pause)
    assert deliver(here.ports) == Delivered(dead=1)


def test_what_the_provider_refuses_for_good_is_given_up_at_once(here: Office) -> None:
    raise_hand(here)
    here.mailer.answer = lambda email: Outcome.REJECTED
    assert deliver(here.ports) == Delivered(dead=1)


def test_an_answered_handoff_needs_no_alert(office: Office) -> None:
    raise_hand(office)
    accept(office.ports, 1, "kari", Given("unknown", "unknown"))
    assert deliver(office.ports) == Delivered()
    assert office.alerts == []
    assert office.one("SELECT state, reason FROM outbox") == ("delivered", "answered before the alert left")


def test_the_team_gets_a_copy_that_fails_and_repeats_by_itself(sqlite_database: Database, tmp_path: Path) -> None:
    office = Office(sqlite_database, tmp_path, alert_to="team@example.com")
    raise_hand(office)
    office.mailer.answer = lambda email: (
        Outcome.NOT_ACCEPTED if email.to.address == "team@example.com" else Outcome.ACCEPTED
    )
    assert deliver(office.ports) == Delivered(sent=1, again=1)
    office.mailer.answer = lambda email: Outcome.ACCEPTED
    office.pass_time(minutes=1)
    assert deliver(office.ports) == Delivered(sent=1)
    told = [(email.to.address, email.subject.endswith("(repeat)")) for email in office.alerts]
    assert told == [("kari@example.com", False), ("team@example.com", False), ("team@example.com", True)]


def test_one_alert_that_cannot_be_written_does_not_hold_up_the_others(here: Office) -> None:
    raise_hand(here, "ann@mill.example")
    raise_hand(here, "bob@mill.example")
    with here.database.transaction("spoil") as connection:
        connection.exec_driver_sql("UPDATE decision SET evidence = '{}' WHERE id = 1")
    assert deliver(here.ports) == Delivered(sent=1, again=1)
    assert "cannot be written" in here.one("SELECT reason FROM outbox WHERE id = 1").reason


def test_while_all_mail_is_stopped_alerts_wait(office: Office) -> None:
    raise_hand(office)
    with office.database.transaction("stop") as connection:
        later = START + timedelta(hours=1)
        close(connection, EVERYTHING, "test", START, until=later)
    assert deliver(office.ports) == Delivered()
    office.pass_time(hours=1)
    assert deliver(office.ports) == Delivered(sent=1)
    assert not office.alerts[0].subject.endswith("(repeat)")


# --- crashes


_BOUNDARIES = ["reserve", "claim alerts", "settle alerts"]


@pytest.mark.parametrize("place", ["before", "inside", "after"])
@pytest.mark.parametrize("transaction", _BOUNDARIES)
def test_a_crash_at_any_boundary_loses_nothing(
    sqlite_database: Database, tmp_path: Path, transaction: str, place: str
) -> None:
    office = Office(sqlite_database, tmp_path)
    raise_hand(office)

    def dies(moment: str) -> None:
        if moment == f"{transaction}: {place}":
            raise Crash

    office.database.hook = dies
    with pytest.raises(Crash):
        deliver(office.ports)
    office.database.hook = lambda _: None
    office.pass_time(minutes=2)
    again = make_ports(office.database, office.clock, office.mailer, office.ports.project)
    deliver(again)
    assert office.alerts
    assert office.one("SELECT state FROM outbox").state == "delivered"
    assert [row.state for row in office.rows("SELECT state FROM attempt WHERE state = 'posting'")] == []
    settled = (transaction, place) == ("settle alerts", "after")
    assert len(office.alerts) == (2 if transaction == "settle alerts" and not settled else 1)


def test_an_attempt_is_on_record_before_the_mail_leaves(office: Office) -> None:
    raise_hand(office)

    class Dying(Recorder):
        def send(self, emails: list[Email], budget: Budget) -> list[Receipt]:  # type: ignore[override]
            assert office.one("SELECT state, outbox_id FROM attempt") == ("posting", 1)
            raise Crash

    ports = make_ports(office.database, office.clock, Dying(), office.ports.project)
    with pytest.raises(Crash):
        deliver(ports)
    office.pass_time(seconds=office.ports.limits.lease + 1)
    deliver(office.ports)
    assert [row.state for row in office.rows("SELECT state FROM attempt ORDER BY n")] == ["unknown", "accepted"]


def test_in_the_outbox_a_repeat_is_still_one_file(here: Office, tmp_path: Path) -> None:
    raise_hand(here)
    folder = tmp_path / "outbox"
    ports = make_ports(here.database, here.clock, OutboxMailer(folder, here.clock), here.ports.project)
    here.database.hook = lambda moment: _crash_if(moment == "settle alerts: before")
    with pytest.raises(Crash):
        deliver(ports)
    here.database.hook = lambda _: None
    here.pass_time(minutes=2)
    assert deliver(ports) == Delivered(sent=1)
    assert [path.name for path in folder.iterdir()] == ["alert-1.eml"]


def _crash_if(now: bool) -> None:
    if now:
        raise Crash


# --- what the provider reports of alerts


def test_an_event_about_an_alert_is_proof_that_it_need_not_be_repeated(office: Office) -> None:
    raise_hand(office)
    office.mailer.answer = lambda email: Outcome.UNKNOWN
    deliver(office.ports)
    office.tell(office.event(office.alerts[0], "delivered"))
    assert office.one("SELECT state FROM outbox").state == "delivered"
    assert office.one("SELECT state FROM attempt").state == "accepted"
    office.pass_time(days=1)
    assert deliver(office.ports) == Delivered()


@pytest.mark.parametrize("order", [("processed", "bounce"), ("bounce", "processed")])
def test_an_alert_that_bounces_is_dead_in_sight_whatever_comes_first(here: Office, order: tuple[str, str]) -> None:
    raise_hand(here)
    deliver(here.ports)
    for kind in order:
        here.tell(here.event(here.alerts[0], kind, type="bounce", reason="550 no such rep"))
    assert here.one("SELECT state, reason FROM outbox") == ("dead", "did not arrive: 550 no such rep")
    assert here.rows("SELECT 1 FROM address WHERE suppressed IS NOT NULL") == []


def test_a_rep_who_clicks_in_an_alert_is_no_lead_that_clicks(here: Office) -> None:
    raise_hand(here)
    deliver(here.ports)
    here.tell(here.click(here.alerts[0], 100, "/h/x"))
    assert here.one("SELECT lead_id, verdict FROM event WHERE kind = 'clicked'") == (None, None)
