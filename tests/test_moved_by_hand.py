"""Moves by hand: what a person may undo or declare, by the same table as the engine, and with a record."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture.core.lifecycle import MOVES, STAGES, Stage
from nurture.errors import UsageError
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.by_hand import move_by_hand
from tests.office import Office
from tests.test_deals import stage, welcoming

WHY = "the customer said so on the phone"
REFUSED = r"sales has this lead|no lifecycle move|is not made by whoever runs nurture"


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return welcoming(Office(database, tmp_path))


@pytest.fixture
def office_here(here: Office) -> Office:
    here.add_lead()
    return here


def put(office: Office, at: str) -> None:
    with office.database.transaction("stage") as connection:
        connection.exec_driver_sql(f"UPDATE lead SET stage = '{at}'")


def trace(office: Office) -> list[tuple[Any, ...]]:
    return [
        tuple(row) for row in office.rows("SELECT from_stage, to_stage, actor, because FROM transition ORDER BY id")
    ]


@pytest.mark.parametrize("source", STAGES)
def test_a_person_moves_what_the_table_gives_to_whoever_runs_nurture(office_here: Office, source: Stage) -> None:
    made = []
    for target in STAGES:
        put(office_here, source)
        move = MOVES.get((source, target))
        if move and "operator" in move.by and source not in ("sql", "opportunity"):
            move_by_hand(office_here.ports, 1, target, "kari", WHY)
            assert stage(office_here) == target
            made.append((source, target, "kari", WHY))
        else:
            with pytest.raises(UsageError, match=REFUSED):
                move_by_hand(office_here.ports, 1, target, "kari", WHY)
            assert stage(office_here) == source
    assert trace(office_here) == made


@pytest.mark.parametrize(
    ("by", "because"), [("", WHY), ("engine", WHY), ("CRM", WHY), ("kari", " "), ("kari", "x" * 501)]
)
def test_who_and_why_are_said(office_here: Office, by: str, because: str) -> None:
    with pytest.raises(UsageError, match=r"say who|say why"):
        move_by_hand(office_here.ports, 1, "disqualified", by, because)
    assert trace(office_here) == []


def test_whoever_is_ruled_out_gets_no_more_mail_and_may_be_taken_back_in(office: Office) -> None:
    office.add_lead()
    office.mail()
    move_by_hand(office.ports, 1, "disqualified", "kari", "a student")
    assert tuple(office.one("SELECT state, reason FROM enrollment")) == ("stopped", "was ruled out")
    office.submit("demo")
    qualify_due(office.ports)
    assert (stage(office), office.rows("SELECT 1 FROM handoff")) == ("disqualified", [])
    move_by_hand(office.ports, 1, "iql", "kari", "not a student after all")
    office.pass_time(hours=1)
    qualify_due(office.ports)
    assert stage(office) == "sql", "the gate is asked again, by what it did before"


def test_a_rejection_for_good_can_be_undone(office: Office) -> None:
    office.add_lead()
    office.submit("demo")
    qualify_due(office.ports)
    reject(office.ports, 1, "kari", "wrong_fit")
    move_by_hand(office.ports, 1, "iql", "kari", "wrong button")
    office.pass_time(days=1)
    office.submit("demo")
    qualify_due(office.ports)
    assert [row.state for row in office.rows("SELECT state FROM handoff ORDER BY id")] == ["rejected", "offered"]


def test_a_customer_by_hand_is_welcomed_like_any_other(office: Office) -> None:
    office.add_lead()
    first = office.mail()
    move_by_hand(office.ports, 1, "customer", "kari", "bought in the shop")
    office.pass_time(days=30)
    office.mail()
    assert [mail.subject for mail in office.mailer.emails if mail is not first] == ["About loyalty/one"]


def test_what_sales_has_is_moved_by_its_answers(office: Office) -> None:
    office.submit("demo")
    qualify_due(office.ports)
    accept(office.ports, 1, "kari", Given("yes", "yes"))
    with pytest.raises(UsageError, match="nurture deals"):
        move_by_hand(office.ports, 1, "customer", "kari", WHY)
