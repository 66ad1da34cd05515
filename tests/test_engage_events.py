"""What the mail provider reports: each event counts once, in any order, and none of them stops the others."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture import gates
from nurture.alerts import deliver
from nurture.engage import fold, receive
from nurture.handoff import qualify_due
from nurture.mail import Email, Outcome
from nurture.web.opt_out import opt_out_address
from tests.mail.fake_sendgrid import Event, disorder, wire
from tests.office import START, Office


def mailed(office: Office) -> Email:
    office.add_lead()
    return office.mail()


def clicks(office: Office) -> list[tuple[str, str | None]]:
    rows = office.rows("SELECT verdict, because FROM event WHERE kind = 'clicked' ORDER BY occurred_at, key")
    return [(row.verdict, row.because) for row in rows]


# --- proof


def test_an_event_proves_that_a_mail_whose_end_nobody_knew_was_taken(office: Office) -> None:
    office.mailer.answer = lambda email: Outcome.UNKNOWN
    email = mailed(office)
    assert office.one("SELECT state FROM attempt").state == "unknown"
    office.tell(office.event(email, "processed"))
    assert office.one("SELECT state FROM attempt").state == "accepted"
    assert office.one("SELECT state FROM message").state == "accepted"
    assert office.one("SELECT step FROM enrollment").step == "tofu/one/wait-1"


KINDS = ["processed", "deferred", "delivered", "bounce", "dropped", "open", "click", "spamreport"]


@pytest.mark.parametrize("kind", KINDS)
def test_any_kind_of_event_is_proof(here: Office, kind: str) -> None:
    here.mailer.answer = lambda email: Outcome.UNKNOWN
    here.tell(here.event(mailed(here), kind))
    assert here.one("SELECT state FROM attempt").state == "accepted"


# --- opting out, bounces, complaints


@pytest.mark.parametrize(
    ("kind", "suppressed"),
    [
        ("bounce", "hard_bounce"),
        ("spamreport", "complaint"),
        ("unsubscribe", "opt_out"),
        ("group_unsubscribe", "opt_out"),
        ("dropped", None),  # an echo of a reason we have, or a fault of ours
        ("deferred", None),
        ("open", None),
    ],
)
def test_what_an_event_says_against_an_address(here: Office, kind: str, suppressed: str | None) -> None:
    here.tell(here.event(mailed(here), kind, reason="550 no such user"))
    assert here.one("SELECT suppressed FROM address").suppressed == suppressed
    assert here.one("SELECT state FROM enrollment").state == ("stopped" if suppressed else "active")


def test_a_block_is_not_the_fault_of_the_address(here: Office) -> None:
    here.tell(here.event(mailed(here), "bounce", type="blocked", reason="550 spam content"))
    assert here.one("SELECT suppressed FROM address").suppressed is None
    assert here.one("SELECT kind, reason FROM event") == ("blocked", "550 spam content")


def test_nothing_is_mailed_after_a_complaint(office: Office) -> None:
    email = mailed(office)
    office.tell(office.event(email, "spamreport"))
    office.pass_time(days=10)
    assert office.mail() is email


def test_a_bounce_that_lost_our_marks_is_known_by_its_address(office: Office) -> None:
    mailed(office)
    lost = {"email": "Mona@mill.example", "event": "bounce", "timestamp": int(START.timestamp()), "type": "bounce"}
    assert office.tell(lost).events == 1
    assert office.one("SELECT suppressed FROM address").suppressed == "hard_bounce"


# --- whose events they are


def test_events_of_another_installation_are_kept_without_a_lead_and_do_nothing(office: Office) -> None:
    email = mailed(office)
    folded = office.tell(office.event(email, "spamreport", env="another"))
    assert (folded.events, folded.foreign) == (0, 1)
    assert office.one("SELECT suppressed FROM address").suppressed is None
    row = office.one("SELECT lead_id, message_id, ip, user_agent, url FROM event")
    assert tuple(row) == (None, None, None, None, None)


def test_an_attempt_we_do_not_know_is_no_error(here: Office) -> None:
    folded = here.tell(here.event(mailed(here), "delivered", att="never-made"))
    assert (folded.events, folded.foreign, folded.faults) == (0, 1, 0)


def test_a_change_of_our_account_stops_the_mail(here: Office) -> None:
    here.tell({"event": "account_status_change", "type": "compliance_suspend", "timestamp": int(START.timestamp())})
    here.add_lead()
    with pytest.raises(IndexError):
        here.mail()
    assert here.rows("SELECT name FROM gate WHERE name = 'mailer:sendgrid' AND until IS NULL")


SUSPENDED = {"event": "account_status_change", "type": "compliance_suspend", "timestamp": int(START.timestamp())}


def test_a_change_of_our_account_is_told_to_our_people_once_through_the_gate_that_it_closes(here: Office) -> None:
    object.__setattr__(here.ports.project.config, "alert_to", "ops@example.com")
    here.submit("demo")
    qualify_due(here.ports)
    for _ in range(2):
        here.tell(SUSPENDED)
        deliver(here.ports)
    (alert,) = here.alerts
    assert alert.to.address == "ops@example.com" and "compliance_suspend" in alert.subject
    for text in (alert.text, alert.html):
        assert "nothing is mailed" in text and "nurture gate open mailer:sendgrid" in text
    with here.database.transaction("open") as connection:
        gates.reopen(connection, "mailer:sendgrid", here.clock.now(), by="kari")
    deliver(here.ports)
    assert len(here.alerts) == 2  # sales hears of its lead now


def test_once_the_gate_is_open_again_it_is_no_news(here: Office) -> None:
    here.tell(SUSPENDED)
    with here.database.transaction("open") as connection:
        gates.reopen(connection, "mailer:sendgrid", here.clock.now(), by="kari")
    deliver(here.ports)
    assert here.alerts == []
    assert here.one("SELECT reason FROM outbox").reason == "the gate was opened before the alert left"


def test_where_nobody_is_named_the_alert_is_shown_as_given_up(here: Office) -> None:
    here.tell(SUSPENDED)
    deliver(here.ports)
    assert "set alert_to" in here.one("SELECT reason FROM outbox WHERE state = 'dead'").reason


# --- faults


def test_one_bad_event_does_not_stop_the_rest_of_its_request(office: Office) -> None:
    email = mailed(office)
    folded = office.tell({"event": 7}, office.event(email, "unsubscribe"), {"event": "open", "timestamp": "soon"})
    assert (folded.events, folded.faults) == (1, 2)
    assert office.one("SELECT suppressed FROM address").suppressed == "opt_out"
    row = office.one("SELECT state, faults FROM inbox")
    assert row.state == "done"
    assert '"entry": 3' in str(row.faults).replace("'", '"')


def test_a_request_that_cannot_be_read_is_set_aside_and_the_next_one_is_worked(office: Office) -> None:
    email = mailed(office)
    receive(office.ports, "sendgrid", b"\x00 not json")
    receive(office.ports, "nobody knows", b"[]")
    folded = office.tell(office.event(email, "unsubscribe"))
    assert (folded.requests, folded.faults, folded.events) == (3, 2, 1)
    assert [row.state for row in office.rows("SELECT state FROM inbox ORDER BY id")] == ["quarantined"] * 2 + ["done"]


def test_requests_in_each_others_way_are_worked_in_transactions_of_their_own(office: Office) -> None:
    """What is done for one stays done, and its locks are gone, before the next one is begun."""
    email = mailed(office)
    for body in (wire([office.event(email, "delivered")]), b"[", wire([office.event(email, "open", 60)])):
        receive(office.ports, "sendgrid", body)
    seen: list[list[str]] = []

    def look(name: str) -> None:
        if name == "fold: after":
            seen.append([row.state for row in office.rows("SELECT state FROM inbox ORDER BY id")])

    office.database.hook = look
    folded = fold(office.ports)
    assert (folded.requests, folded.events, folded.faults) == (3, 2, 1)
    assert seen[:3] == [["done", "new", "new"], ["done", "quarantined", "new"], ["done", "quarantined", "done"]]


def test_what_was_worked_is_not_worked_again(here: Office) -> None:
    here.tell(here.event(mailed(here), "delivered"))
    assert fold(here.ports).requests == 0


# --- clicks


def test_one_click_of_a_person_counts_once_it_has_settled(office: Office) -> None:
    email = mailed(office)
    office.tell(office.event(email, "delivered", 5), office.click(email, 3600, "/prices?utm_source=mail&plan=b"))
    row = office.one("SELECT verdict, url, counts_at FROM event WHERE kind = 'clicked'")
    assert (row.verdict, row.url) == ("human", "https://acme.example/prices?plan=b")
    assert str(row.counts_at)[:19] == "2026-03-03 10:10:00"
    assert str(office.one("SELECT due_at FROM score").due_at)[:19] == "2026-03-03 09:00:00"  # asked as a new lead first


def test_the_gate_is_asked_when_the_click_has_settled(here: Office) -> None:
    email = mailed(here)
    qualify_due(here.ports)
    here.tell(here.event(email, "delivered", 5), here.click(email, 3600))
    assert str(here.one("SELECT due_at FROM score").due_at)[:19] == "2026-03-03 10:10:00"
    here.clock.move_to(START + timedelta(minutes=70))
    qualify_due(here.ports)
    row = here.one("SELECT due_at, engagement FROM score")
    assert (row.due_at, row.engagement) == (None, 3)


def test_a_burst_is_a_machine_and_takes_back_what_was_believed_of_its_first_click(office: Office) -> None:
    email = mailed(office)
    office.tell(office.event(email, "delivered", 5), office.click(email, 3600, "/a"))
    assert clicks(office) == [("human", None)]
    office.tell(office.click(email, 3601, "/b"), office.click(email, 3601, "/c"))
    assert {verdict for verdict, _ in clicks(office)} == {"machine"}
    assert all("burst" in str(because) for _, because in clicks(office))
    assert office.rows("SELECT 1 FROM event WHERE counts_at IS NOT NULL") == []


def test_a_scanner_never_promotes_anyone(here: Office) -> None:
    for _ in range(6):
        email = mailed(here) if not here.mailer.emails else here.mailer.emails[0]
        after = (here.clock.now() - START).total_seconds()
        here.tell(*(here.click(email, after + n % 2, f"/{n}") for n in range(9)))
        here.pass_time(days=1)
        assert qualify_due(here.ports) == 0
    assert here.one("SELECT stage FROM lead").stage == "iql"


def test_a_click_within_a_minute_is_suspect_until_a_form_shows_a_person(office: Office) -> None:
    email = mailed(office)
    office.tell(office.event(email, "delivered", 5), office.click(email, 30))
    assert clicks(office) == [("suspect", "within 60 seconds of delivery")]
    office.pass_time(hours=1)
    office.submit("ebook")
    assert [verdict for verdict, _ in clicks(office)] == ["human"]


def test_opens_are_no_engagement(here: Office) -> None:
    here.tell(here.event(mailed(here), "open", 100, useragent="Mozilla/5.0", sg_machine_open=False))
    assert here.one("SELECT verdict, counts_at FROM event") == (None, None)


# --- any order, any repetition


def _story(office: Office, emails: list[Email]) -> list[Event]:
    first, second, third = emails
    return [
        *(office.event(email, kind, 10 + n) for email in emails for n, kind in enumerate(["processed", "delivered"])),
        office.click(first, 30, "/a"),
        office.click(first, 900, "/prices"),
        office.click(first, 9000, "/a"),
        *(office.click(second, 45, f"/{n}") for n in range(5)),
        office.event(second, "open", 44),
        office.event(third, "deferred", 20, response="later"),
        office.event(third, "unsubscribe", 5000),
        office.event(third, "spamreport", 6000),
    ]


_STATE = (
    "SELECT key, lead_id, message_id, kind, occurred_at, url, verdict, because, counts_at FROM event ORDER BY key",
    "SELECT id, suppressed FROM address ORDER BY id",
    "SELECT id, state, step FROM enrollment ORDER BY id",
    "SELECT id, state FROM message ORDER BY id",
    "SELECT id, state FROM attempt ORDER BY id",
    "SELECT lead_id, fit, engagement, grade, due_at FROM score ORDER BY lead_id",
)


def _state(office: Office) -> list[list[tuple[Any, ...]]]:
    return [[tuple(row) for row in office.rows(sql)] for sql in _STATE]


def _three_mails(office: Office, outcome: Outcome) -> list[Email]:
    office.mailer.answer = lambda email: outcome
    for name in ("ann", "bob", "cid"):
        office.add_lead(f"{name}@mill.example")
    office.mail()
    qualify_due(office.ports)
    return list(office.mailer.emails)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("outcome", [Outcome.ACCEPTED, Outcome.UNKNOWN])
def test_shuffled_and_doubled_events_in_any_portions_give_the_same_state(
    new_office: Callable[[], Office], outcome: Outcome, seed: int
) -> None:
    plain, wild, rng = new_office(), new_office(), random.Random(seed)
    _copy_environment(plain, wild)
    told = _story(plain, _three_mails(plain, outcome))
    plain.tell(*told)
    events = disorder(_story(wild, _three_mails(wild, outcome)), rng, copies=2)
    while events:
        size = rng.randint(1, 6)
        receive(wild.ports, "sendgrid", wire(events[:size]))
        events = events[size:]
        if rng.random() < 0.5:
            fold(wild.ports)
    assert fold(wild.ports).faults == 0
    for office in (plain, wild):
        office.pass_time(days=1)
        qualify_due(office.ports)
    assert _state(wild) == _state(plain)


@pytest.fixture
def new_office(tmp_path: Path) -> Callable[[], Office]:
    def make() -> Office:
        database = Database("sqlite://")
        database.create()
        return Office(database, tmp_path)

    return make


def _copy_environment(source: Office, target: Office) -> None:
    target.environment = source.environment
    with target.database.transaction("rename") as connection:
        connection.exec_driver_sql("UPDATE installation SET environment = ?", (source.environment,))


def test_a_repeated_event_is_counted_as_such(office: Office) -> None:
    email = mailed(office)
    events = [office.event(email, "delivered", 5), office.click(email, 3600)]
    assert office.tell(*events, *events).repeated == 2
    again = office.tell(*disorder(events, random.Random(1)))
    assert (again.events, again.repeated) == (0, 2)
    assert len(office.rows("SELECT 1 FROM event")) == 2


# --- several at once


def test_several_workers_fold_the_same_inbox_without_getting_in_each_others_way(
    postgres_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    office = Office(postgres_database, tmp_path)
    rng = random.Random(5)
    for n in range(12):
        office.add_lead(f"lead{n}@mill.example")
    office.mail()
    told = [
        office.event(email, kind, 10 + n)
        for email in office.mailer.emails
        for n, kind in enumerate(["processed", "delivered", "click", "bounce", "spamreport"])
    ]
    events = disorder(told, rng, copies=4)
    for start in range(0, len(events), 7):
        receive(office.ports, "sendgrid", wire(events[start : start + 7]))
    with ThreadPoolExecutor(4) as workers:
        folded = list(workers.map(lambda _: fold(office.ports), range(4)))
    assert "wait:" not in caplog.text
    assert sum(each.requests for each in folded) == len(office.rows("SELECT 1 FROM inbox WHERE state = 'done'"))
    assert sum(each.events for each in folded) == len(told)
    assert {row.suppressed for row in office.rows("SELECT suppressed FROM address")} == {"complaint"}
    assert {row.state for row in office.rows("SELECT state FROM enrollment")} == {"stopped"}


def test_opt_outs_and_hand_overs_that_race_end_with_nothing_sent_after_the_opt_out(
    postgres_database: Database, tmp_path: Path
) -> None:
    office = Office(postgres_database, tmp_path)
    for n in range(40):
        office.add_lead(f"lead{n}@mill.example")
    tokens = [row.token for row in office.rows("SELECT token FROM address ORDER BY id")]
    with ThreadPoolExecutor(3) as workers:
        mailing = workers.submit(office.mail)
        for half in (tokens[::2], tokens[1::2]):
            workers.submit(lambda some=half: [opt_out_address(office.ports, token) for token in some])
    assert mailing.exception() is None or isinstance(mailing.exception(), IndexError)
    late = office.rows(
        """
        SELECT 1 FROM attempt t JOIN message m ON m.id = t.message_id JOIN lead l ON l.id = m.lead_id
        JOIN address a ON a.id = l.address_id WHERE t.address_version >= a.version
        """
    )
    assert late == []
    assert {row.suppressed for row in office.rows("SELECT suppressed FROM address")} == {"opt_out"}
