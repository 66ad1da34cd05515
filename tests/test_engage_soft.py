"""Soft bounces, lost marks, orphans: what is known of a mail although the provider tells little of it."""

from __future__ import annotations

import random
from typing import Any

import pytest

from nurture.engage import fold, receive
from nurture.engage.soft import is_ours
from nurture.mail import Email
from tests.mail.fake_sendgrid import Event, disorder, wire
from tests.office import START, Office

DAY = 86_400


def three_mails(office: Office) -> list[Email]:
    """Three mails to one lead, of as many sequences' steps as it takes."""
    office.add_lead()
    office.mail()
    office.pass_time(days=6)
    office.mail()
    first, second = office.mailer.emails
    with office.database.transaction("third") as connection:
        connection.exec_driver_sql(
            "INSERT INTO message (id, enrollment_id, lead_id, step, template, state, planned_at) "
            "SELECT 99, enrollment_id, lead_id, 'tofu/three', template, state, planned_at "
            f"FROM message WHERE id = {second.message_id}"
        )
        connection.exec_driver_sql(
            "INSERT INTO attempt (id, message_id, n, serial, state, mailer, address_version, started_at, deadline) "
            "SELECT 'third', 99, 1, 99, 'accepted', mailer, 0, started_at, deadline FROM attempt "
            f"WHERE message_id = {second.message_id}"
        )
    return [first, second, Email(**{**_fields(second), "message_id": "99", "attempt_id": "third"})]


def _fields(email: Email) -> dict[str, Any]:
    return {name: getattr(email, name) for name in email.__dataclass_fields__}


def blocked(office: Office, email: Email, day: float, **fields: Any) -> Event:
    return office.event(email, "bounce", day * DAY, type="blocked", reason="452 mailbox full", **fields)


def test_three_soft_bounces_over_a_week_are_enough(office: Office) -> None:
    one, two, three = three_mails(office)
    office.tell(blocked(office, one, 0), blocked(office, two, 4))
    assert office.suppressed is None
    office.tell(blocked(office, three, 8))
    assert office.suppressed == "soft_bounce"


@pytest.mark.parametrize("seed", range(6))
def test_in_any_order_however_often_they_are_told(here: Office, seed: int) -> None:
    mails = three_mails(here)
    events = [blocked(here, mail, 4 * n) for n, mail in enumerate(mails)]
    for event in disorder(events, random.Random(seed), copies=2):
        here.tell(event)
    assert here.suppressed == "soft_bounce"


@pytest.mark.parametrize(
    "days",
    [(0, 3, 6), (0, 4, 4)],  # not a week
)
def test_less_than_a_week_is_not_enough(here: Office, days: tuple[float, ...]) -> None:
    here.tell(*(blocked(here, mail, day) for mail, day in zip(three_mails(here), days, strict=True)))
    assert here.suppressed is None


def test_one_mail_counts_once_and_a_delivery_starts_anew(here: Office) -> None:
    one, two, three = three_mails(here)
    here.tell(blocked(here, one, 0), blocked(here, one, 4), blocked(here, one, 9))
    assert here.suppressed is None
    here.tell(here.event(two, "delivered", 5 * DAY), blocked(here, two, 9), blocked(here, three, 10))
    assert here.suppressed is None


def test_what_the_provider_blames_on_us_is_not_the_addresses_fault(here: Office) -> None:
    mails = three_mails(here)
    here.tell(*(blocked(here, mail, 4 * n, bounce_classification="Reputation") for n, mail in enumerate(mails)))
    assert here.suppressed is None
    assert {row.name for row in here.rows("SELECT name FROM event")} == {"Reputation"}
    assert is_ours("Frequency or Volume Too High")
    assert is_ours("Technical Failure")
    assert not is_ours("Mailbox Unavailable")
    assert not is_ours("")


# --- events that lost their marks, and marks without a mail


def test_a_late_bounce_finds_its_mail_by_the_providers_number(office: Office) -> None:
    office.add_lead()
    email = office.mail()
    with office.database.transaction("numbers") as connection:
        connection.exec_driver_sql("UPDATE attempt SET provider_id = '14c5d75ce93.dfd.64b469'")
    lost = {
        "email": "mona@mill.example", "event": "bounce", "type": "bounce", "timestamp": int(START.timestamp()),
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
    }  # fmt: skip
    office.tell(lost)
    assert office.one("SELECT message_id, kind FROM event") == (int(email.message_id), "bounced")
    assert office.suppressed == "hard_bounce"


def test_orphans_are_counted_and_nothing_of_them_is_kept_but_that_they_came(here: Office) -> None:
    here.add_lead()
    email = here.mail()
    folded = here.tell(here.event(email, "click", 9, att="never-made", ip="203.0.113.7", url="https://acme.example/"))
    assert (folded.foreign, folded.orphans, folded.events) == (1, 1, 0)
    assert here.one("SELECT lead_id, ip, url, because FROM event") == (None, None, None, "orphan")
    assert here.tell(here.event(email, "delivered", 9, env="another")).orphans == 0


# --- several requests at once


def test_requests_that_are_worked_together_each_keep_their_own_faults(here: Office) -> None:
    here.add_lead()
    email = here.mail()
    for events in ([here.event(email, "processed", 1), {"event": 7}], [here.event(email, "delivered", 2)]):
        receive(here.ports, "sendgrid", wire(events))
    folded = fold(here.ports)
    assert (folded.requests, folded.events, folded.faults) == (2, 2, 1)
    assert [
        '"entry"' in str(row.faults).replace("'", '"') for row in here.rows("SELECT faults FROM inbox ORDER BY id")
    ] == [
        True,
        False,
    ]


def test_a_request_that_cannot_be_read_does_not_take_those_beside_it_along(here: Office) -> None:
    here.add_lead()
    email = here.mail()
    for body in (wire([here.event(email, "processed", 1)]), b"\x00", wire([here.event(email, "unsubscribe", 2)])):
        receive(here.ports, "sendgrid", body)
    folded = fold(here.ports)
    assert (folded.requests, folded.events, folded.faults) == (3, 2, 1)
    assert [row.state for row in here.rows("SELECT state FROM inbox ORDER BY id")] == ["done", "quarantined", "done"]


def test_many_large_requests_are_not_held_in_memory_at_once(here: Office) -> None:
    for _ in range(12):
        receive(here.ports, "sendgrid", b"[" + b" " * 400_000 + b"]")
    assert fold(here.ports).requests == 12
