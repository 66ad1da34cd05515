"""A lead that a rep has begun with and that is given on: whoever gets it has a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from models.statement import write
from nurture.alerts import deliver
from nurture.core.sales import Absence
from nurture.deals import win
from nurture.handoff import Given, accept, judge, qualify_due
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.take import take
from nurture.handoff.touches import log_touch
from nurture.handoff.worklist import Item, worklist
from nurture.status import status
from tests.office import IDEAL, START, Office

KARI = {"key": "kari", "name": "Kari Lund", "address": "kari@example.com"}
TOM = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com", "backup": "vera"}
VERA = {"key": "vera", "name": "Vera Vik", "address": "vera@example.com"}
MANAGER = {"name": "Jonas Brekke", "address": "jonas@example.com"}
MONA = "Mona Berg, Mill"


@pytest.fixture
def team(database: Database, tmp_path: Path) -> Office:
    """Kari has accepted Mona at nine in the morning, and is told no more. Four hours are promised for an answer."""
    return _begun(Office(database, tmp_path, owners=[KARI, TOM, VERA], manager=MANAGER))


@pytest.fixture
def crew(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same, where the database makes no difference."""
    return _begun(Office(sqlite_database, tmp_path, owners=[KARI, TOM, VERA], manager=MANAGER))


def _begun(office: Office) -> Office:
    office.submit("demo", first_name="Mona", last_name="Berg", company="Mill")
    qualify_due(office.ports)
    accept(office.ports, 1, "kari", Given("yes", "unknown"))
    told(office)
    return office


def told(office: Office) -> list[tuple[str, str]]:
    climb(office.ports)
    deliver(office.ports)
    found = [(email.to.address, email.subject) for email in office.alerts]
    office.mailer.emails.clear()
    return sorted(found)


def on_list(office: Office, owner: str) -> Item:
    with office.database.reading() as connection:
        (item,) = worklist(connection, office.ports, owner, office.clock.now())
    return item


def test_who_gets_an_accepted_lead_is_told_at_once_then_reminded_then_the_backup_is_told(team: Office) -> None:
    team.pass_time(days=1, microseconds=535167)
    reassign(team.ports, 1, "kari", "tom")
    deliver(team.ports)
    [alert] = team.alerts
    assert (alert.to.address, alert.subject) == ("tom@example.com", f"Given on: {MONA}")
    for text in (alert.text, alert.html):
        assert "Wed 4 Mar 13:00 UTC (in 4 hours)" in text
        assert "each out by" in text.lower() and "answer by" not in text.lower() and "or reject" not in text
    told(team)
    team.pass_time(minutes=119)
    assert told(team) == []
    team.pass_time(minutes=1)
    assert told(team) == [("tom@example.com", f"Still waiting: {MONA}")]
    team.pass_time(hours=2)
    assert told(team) == [("tom@example.com", f"Past the promised time: {MONA}"),
                          ("vera@example.com", f"Past the promised time: {MONA}")]  # fmt: skip
    team.pass_time(days=3)
    assert told(team) == []


def test_a_reminder_that_leaves_later_is_on_no_way_yet(crew: Office) -> None:
    reassign(crew.ports, 1, "kari", "tom")
    told(crew)
    assert status(crew.ports, crew.clock.now()).outbox == {}
    crew.pass_time(hours=2)
    assert status(crew.ports, crew.clock.now()).outbox["pending"].count == 1


def test_the_reminder_says_what_it_asks(crew: Office) -> None:
    reassign(crew.ports, 1, "kari", "tom")
    told(crew)
    crew.pass_time(hours=4)
    deliver(crew.ports)
    to = {alert.to.address: alert.text for alert in crew.alerts if "Past" in alert.subject}
    assert "This lead has been yours since Tue 3 Mar 09:00 UTC, and nothing was logged." in to["tom@example.com"]
    assert "Tom Becker has had this lead since Tue 3 Mar 09:00 UTC, and nothing was logged." in to["vera@example.com"]
    assert "First touch due Tue 3 Mar 13:00 UTC" in to["tom@example.com"]
    assert "Answer due" not in to["tom@example.com"]


def test_it_stands_on_the_list_by_that_clock(team: Office) -> None:
    before = on_list(team, "kari")
    assert before.due_for == "first touch"
    log_touch(team.ports, 1, "kari", "call", "reached")
    assert on_list(team, "kari").due_for == "verdict"
    team.pass_time(days=1)
    reassign(team.ports, 1, "kari", "tom")
    item = on_list(team, "tom")
    assert (item.due_for, item.due_at - team.clock.now(), item.overdue) == ("first touch", timedelta(hours=4), False)
    team.pass_time(hours=5)
    assert on_list(team, "tom").overdue
    log_touch(team.ports, 1, "tom", "call", "no_answer")
    assert on_list(team, "tom").due_for == "verdict"


def _wants_no_calls(office: Office) -> None:
    with office.database.transaction("said so") as connection:
        connection.execute(write("UPDATE lead SET no_sales_contact = TRUE"))


ACTS: dict[str, Callable[[Office], object]] = {
    "a call": lambda office: log_touch(office.ports, 1, "tom", "call", "no_answer"),
    "a day chosen": lambda office: snooze(office.ports, 1, "tom", office.clock.now() + timedelta(days=2)),
    "a verdict": lambda office: judge(office.ports, 1, "tom", "yes", "yes", "yes"),
    "a sale": lambda office: win(office.ports, 1, "tom"),
    "a wish for no calls": _wants_no_calls,
}


@pytest.mark.parametrize("act", ACTS)
def test_nobody_is_reminded_once_something_was_done(crew: Office, act: str) -> None:
    reassign(crew.ports, 1, "kari", "tom")
    told(crew)
    crew.pass_time(hours=1)
    ACTS[act](crew)
    crew.pass_time(days=1)
    assert told(crew) == []


def test_given_on_once_more_the_clock_is_the_last_ones(crew: Office) -> None:
    reassign(crew.ports, 1, "kari", "tom")
    crew.pass_time(hours=1)
    reassign(crew.ports, 1, "tom", "kari")
    crew.pass_time(minutes=30)
    reassign(crew.ports, 1, "kari", "tom")
    told(crew)
    crew.pass_time(minutes=45)
    assert told(crew) == []
    crew.pass_time(minutes=75)
    assert told(crew) == [("tom@example.com", f"Still waiting: {MONA}")]


def test_who_takes_it_from_the_pool_has_chosen_it_and_is_not_reminded(crew: Office) -> None:
    reassign(crew.ports, 1, "kari", "pool")
    take(crew.ports, 1, "tom")
    told(crew)
    crew.pass_time(days=1)
    assert told(crew) == []


def test_a_lead_that_was_called_and_not_answered_gets_a_clock_as_well(
    sqlite_database: Database, tmp_path: Path
) -> None:
    office = Office(sqlite_database, tmp_path, owners=[KARI, TOM, VERA], manager=MANAGER)
    office.submit("demo", first_name="Mona", last_name="Berg", company="Mill")
    qualify_due(office.ports)
    log_touch(office.ports, 1, "kari", "call", "no_answer")
    reassign(office.ports, 1, "kari", "tom")
    assert told(office) == [("tom@example.com", f"Given on: {MONA}")]
    office.pass_time(hours=2)
    assert told(office) == [("tom@example.com", f"Still waiting: {MONA}")]
    accept(office.ports, 1, "tom", Given("yes", "yes"))
    office.pass_time(hours=2)
    assert told(office) == []


def test_who_asks_for_a_person_then_is_told_of_as_one_that_asks(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path, owners=[KARI, TOM, VERA], manager=MANAGER)
    office.add_lead(**IDEAL)
    office.earn()
    qualify_due(office.ports)
    log_touch(office.ports, 1, "kari", "call", "no_answer")
    reassign(office.ports, 1, "kari", "tom")
    assert told(office) == [("tom@example.com", "Given on: Mona Berg, Managing Director, Mill")]
    assert not on_list(office, "tom").asks
    office.pass_time(hours=1)
    office.submit("demo", message="please call me")
    qualify_due(office.ports)
    assert told(office) == [("tom@example.com", "Asks for a person: Mona Berg, Managing Director, Mill")]
    assert on_list(office, "tom").asks
    log_touch(office.ports, 1, "tom", "call", "reached")
    assert not on_list(office, "tom").asks


def test_who_was_called_and_then_asks_for_a_person_stands_first_until_somebody_calls(crew: Office) -> None:
    crew.add_lead("ida@dairy.example", **IDEAL)
    crew.earn("ida@dairy.example")
    qualify_due(crew.ports)
    owner = crew.one("SELECT owner FROM handoff WHERE id = 2").owner
    log_touch(crew.ports, 2, owner, "call", "no_answer")
    crew.submit("demo", "ida@dairy.example", message="please call me")
    qualify_due(crew.ports)
    assert on_list(crew, owner).asks
    log_touch(crew.ports, 2, owner, "call", "no_answer")
    assert not on_list(crew, owner).asks


def test_how_the_first_promise_was_kept_stays_as_it_was(crew: Office) -> None:
    columns = "clock_from, due_at, touched_at, decided_at, decided_by, rung, rung_due_at"
    before: Any = crew.one(f"SELECT {columns} FROM handoff")
    crew.pass_time(days=1)
    reassign(crew.ports, 1, "kari", "tom")
    assert crew.one(f"SELECT {columns} FROM handoff") == before


def test_while_the_rep_is_away_by_then_its_backup_is_reminded(crew: Office) -> None:
    """Given on in the afternoon before a day off: the reminder falls on that day."""
    config = crew.ports.project.config
    day = (START + timedelta(days=1)).date()
    absences = (Absence.model_validate({"owner": "tom", "from": day, "until": day}),)
    project = replace(crew.ports.project, config=config.model_copy(update={"absences": absences}))
    crew.ports = replace(crew.ports, project=project)
    crew.pass_time(hours=7)
    reassign(crew.ports, 1, "kari", "tom")
    told(crew)
    crew.pass_time(hours=19)
    assert told(crew) == [("vera@example.com", f"Still waiting: {MONA}")]
