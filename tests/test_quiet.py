"""Sunset: who got mail for half a year and did nothing is let go; any act of its own brings it back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from models.statement import write
from nurture.engage import fold
from nurture.quiet import let_go
from tests.office import START, Office

_MESSAGE = write(
    """
    INSERT INTO message (enrollment_id, lead_id, step, template, state, planned_at)
    VALUES (:enrollment_id, :lead_id, :step, 'tofu/one', 'accepted', :at)
    """
)
_EVENT = write(
    """
    INSERT INTO event (key, lead_id, message_id, kind, occurred_at, received_at, machine, verdict, counts_at)
    VALUES (:key, :lead_id, :message_id, :kind, :at, :at, FALSE, :verdict, :at)
    """
)
#: the lead was created this long before START
AGE = 200


def quiet_lead(office: Office, email: str = "mona@mill.example", *, age: int = AGE, mails: int = 6) -> int:
    """A lead that came in `age` days ago, has left `welcome`, and has had so many mails in the last 90 days."""
    lead = office.add_lead(email, created_at=START - timedelta(days=age))
    office.mail()
    with office.database.transaction("history") as connection:
        enrollment = connection.execute(
            write("UPDATE enrollment SET state = 'stopped', due_at = NULL WHERE lead_id = :id RETURNING id"),
            {"id": lead},
        ).scalar_one()
        for n in range(mails):
            at = START - timedelta(days=90 - n)
            row = {"enrollment_id": enrollment, "lead_id": lead, "step": f"old-{n}", "at": at}
            connection.execute(_MESSAGE, row)
    for n in range(mails):
        message = office.one("SELECT id FROM message WHERE lead_id = :id AND step = :step", id=lead, step=f"old-{n}").id
        happened(office, lead, "delivered", 90 - n, message=message)
    return lead


def happened(
    office: Office, lead: int, kind: str, days_ago: float, verdict: str | None = None, message: int | None = None
):
    key = f"{lead}-{kind}-{days_ago}".encode().ljust(16, b".")[:16]
    at = START - timedelta(days=days_ago)
    row = {"key": key, "lead_id": lead, "message_id": message, "kind": kind, "at": at, "verdict": verdict}
    with office.database.transaction("event") as connection:
        connection.execute(_EVENT, row)


def test_whoever_stays_quiet_is_let_go_once(office: Office) -> None:
    quiet_lead(office)
    assert (let_go(office.ports), let_go(office.ports)) == (1, 0)
    row = office.one("SELECT suppressed, suppressed_by FROM address")
    assert tuple(row) == ("sunset", "sunset")


@pytest.mark.parametrize(("mails", "gone"), [(6, 1), (5, 0)])
def test_too_few_mails_are_no_reason(here: Office, mails: int, gone: int) -> None:
    quiet_lead(here, mails=mails)
    assert let_go(here.ports) == gone


@pytest.mark.parametrize(("age", "gone"), [(180, 1), (179, 0)])
def test_whoever_is_new_is_given_time(here: Office, age: int, gone: int) -> None:
    quiet_lead(here, age=age)
    assert let_go(here.ports) == gone


@pytest.mark.parametrize(
    ("kind", "verdict", "days_ago", "gone"),
    [
        ("clicked", "human", 179, 0),
        ("clicked", "human", 181, 1),
        ("clicked", "machine", 1, 1),
        ("clicked", "suspect", 1, 1),
        ("opened", None, 1, 1),
        ("submitted", "human", 10, 0),
        ("visited", "human", 10, 0),
        ("replied", "human", 10, 0),
    ],
)
def test_only_an_act_of_a_person_is_an_act(
    here: Office, kind: str, verdict: str | None, days_ago: float, gone: int
) -> None:
    happened(here, quiet_lead(here), kind, days_ago, verdict)
    assert let_go(here.ports) == gone


@pytest.mark.parametrize("stage", ["sql", "opportunity", "customer", "advocate", "disqualified"])
def test_marketing_lets_go_only_of_its_own(here: Office, stage: str) -> None:
    quiet_lead(here)
    with here.database.transaction("stage") as connection:
        connection.execute(write("UPDATE lead SET stage = :stage"), {"stage": stage})
    assert let_go(here.ports) == 0


def test_whoever_is_being_asked_is_not_let_go_before_the_last_question(here: Office) -> None:
    quiet_lead(here)
    config = here.ports.project.config
    asks = config.model_copy(update={"sunset": config.sunset.model_copy(update={"after": "welcome"})})
    object.__setattr__(here.ports.project, "config", asks)
    with here.database.transaction("still in") as connection:
        connection.execute(write("UPDATE enrollment SET state = 'active'"))
    assert let_go(here.ports) == 0
    with here.database.transaction("out") as connection:
        connection.execute(write("UPDATE enrollment SET state = 'done'"))
    assert let_go(here.ports) == 1


def test_a_form_brings_back_at_once(office: Office) -> None:
    quiet_lead(office)
    let_go(office.ports)
    office.submit("ebook")
    assert office.suppressed is None
    assert let_go(office.ports) == 0


def test_a_click_in_an_old_mail_brings_back_too(office: Office) -> None:
    lead = quiet_lead(office)
    let_go(office.ports)
    office.pass_time(days=1)
    happened(office, lead, "clicked", -0.5, "human")
    fold(office.ports)
    assert let_go(office.ports) == 0
    assert office.suppressed is None


def test_what_a_lead_did_before_brings_nobody_back(here: Office) -> None:
    happened(here, quiet_lead(here), "clicked", 190, "human")
    assert let_go(here.ports) == 1
    let_go(here.ports)
    assert here.suppressed == "sunset"


def test_an_act_between_looking_and_letting_go_counts(here: Office) -> None:
    lead = quiet_lead(here)

    def clicks(moment: str) -> None:
        if moment == "let go: before":
            here.database.hook = lambda _: None
            happened(here, lead, "clicked", 0.5, "human")

    here.database.hook = clicks
    assert let_go(here.ports) == 0
    assert here.suppressed is None


def test_many_are_let_go_in_batches(here: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nurture.quiet._BATCH", 2)
    for n in range(5):
        quiet_lead(here, f"lead{n}@mill.example")
    assert let_go(here.ports) == 5


def test_a_click_before_that_is_told_of_afterwards_brings_back(office: Office) -> None:
    lead = quiet_lead(office)
    assert let_go(office.ports) == 1
    happened(office, lead, "clicked", 0.5, "human")
    heard = f"{office.clock.now() + timedelta(minutes=5):%Y-%m-%d %H:%M:%S.%f}"
    with office.database.transaction("as if") as connection:
        connection.exec_driver_sql(f"UPDATE event SET received_at = '{heard}' WHERE kind = 'clicked'")
    let_go(office.ports)
    assert office.suppressed is None
