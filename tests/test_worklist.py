"""The list of a rep: who is on it, in which order, and what is to be done next."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.database import Database
from nurture.core.owners import POOL
from nurture.errors import UsageError
from nurture.handoff import Given, accept, judge, qualify_due, reject
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from nurture.handoff.worklist import Item, worklist
from tests.office import IDEAL, KARI, TOM, Office
from tests.support import START

REASONS = {
    "not_ready": {"label": "Not ready yet", "track": "recycle", "after_days": 90},
    "unreachable": {"label": "Nobody answers", "track": "recycle", "after_days": 45},
}


def list_of(office: Office, owner: str = "kari", now: datetime | None = None) -> list[Item]:
    with office.database.reading() as connection:
        return worklist(connection, office.ports, owner, now or office.clock.now())


def ids(items: list[Item]) -> list[int]:
    return [item.handoff_id for item in items]


def ask_for_a_person(office: Office, number: int) -> None:
    office.submit("demo", f"lead{number}@company{number}.example", first_name=f"Lead{number}")
    qualify_due(office.ports)


def earn(office: Office, number: int) -> None:
    """A lead becomes ready by points: in two days, with intent."""
    email = f"lead{number}@company{number}.example"
    office.add_lead(email, **IDEAL)
    office.earn(email)
    qualify_due(office.ports)


def test_the_list_has_who_waits_and_leaves_out_who_is_not_ready(office: Office) -> None:
    """Statement 29: an MQL below the bar is not on it. Statement 3: whom sales has done with is not, either."""
    office.add_lead("mql@company9.example", **IDEAL)
    office.submit("ebook", "mql@company9.example")
    office.pass_time(days=1)
    office.submit("webinar", "mql@company9.example")
    for number in (1, 2, 3):
        ask_for_a_person(office, number)
    assert ids(list_of(office)) == [1, 2, 3]
    assert office.one("SELECT stage FROM lead WHERE id = 1").stage == "mql"
    reject(office.ports, 1, "kari", "not_ready")
    accept(office.ports, 2, "kari", Given("unknown", "unknown"))
    assert ids(list_of(office)) == [3, 2]
    judge(office.ports, 2, "kari", "yes", "yes", "unknown")
    assert ids(list_of(office)) == [3]


def test_the_most_urgent_comes_first(office: Office) -> None:
    """Who asked for a person and was not called, what is overdue, then by time; what is put off comes last."""
    earn(office, 1)
    office.pass_time(hours=1)
    ask_for_a_person(office, 2)
    ask_for_a_person(office, 3)
    ask_for_a_person(office, 4)
    log_touch(office.ports, 3, "kari", "call", "no_answer")
    snooze(office.ports, 4, "kari", office.clock.now() + timedelta(days=2))
    earn(office, 5)
    items = list_of(office, now=START + timedelta(days=1, hours=6))
    assert items[0].handoff_id == 2 and items[-1].handoff_id == 4
    assert [item.urgency for item in items] == sorted(item.urgency for item in items)
    assert all(not item.overdue for item in items if item.snoozed_until)
    back = list_of(office, now=office.clock.now() + timedelta(days=3))
    assert next(item for item in back if item.handoff_id == 4).snoozed_until is None
    assert back[0].handoff_id in (2, 4)


def test_of_two_that_are_due_at_the_same_time_the_warmer_comes_first(here: Office) -> None:
    ask_for_a_person(here, 1)
    here.submit("demo", "lead2@company2.example")
    here.submit("pricing", "lead2@company2.example")
    qualify_due(here.ports)
    first, second = list_of(here)
    assert (first.lead_id, second.lead_id) == (2, 1)
    assert first.engagement > second.engagement and first.due_at == second.due_at


def test_the_playbook_says_what_to_do_next_until_the_lead_is_reached(office: Office) -> None:
    """Statement 78: a call on the day itself, a mail a working day later, and so on."""
    ask_for_a_person(office, 1)
    (item,) = list_of(office)
    assert item.attempt and (item.attempt.day, item.attempt.do, item.attempts) == (0, "call", 0)
    log_touch(office.ports, 1, "kari", "call", "no_answer")
    (item,) = list_of(office)
    assert item.attempt and item.attempt_at
    assert (item.attempt.do, item.attempt_at.date()) == ("mail", (START + timedelta(days=1)).date())
    log_touch(office.ports, 1, "kari", "mail", "reached")
    (item,) = list_of(office)
    assert (item.attempts, item.attempt, item.suggested) == (2, None, None)


def test_after_the_agreed_attempts_it_is_suggested_that_nobody_answers(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path, reject_reasons=REASONS)
    ask_for_a_person(office, 1)
    for _ in range(5):
        assert list_of(office)[0].suggested is None
        log_touch(office.ports, 1, "kari", "call", "left_message")
    assert list_of(office)[0].suggested == "unreachable"


def test_an_accepted_lead_waits_for_a_touch_then_for_a_verdict(office: Office) -> None:
    ask_for_a_person(office, 1)
    accept(office.ports, 1, "kari", Given("unknown", "unknown"))
    before = list_of(office)[0]
    log_touch(office.ports, 1, "kari", "call", "reached")
    after = list_of(office)[0]
    assert (before.state, after.due_for) == ("accepted", "verdict")
    assert after.due_at > before.due_at


_ACTS = st.lists(
    st.tuples(st.sampled_from(["accept", "reject", "tom", "kari", POOL, "snooze"]), st.integers(1, 4)), max_size=8
)


@cache
def crowded() -> tuple[Office, bytes]:
    """A company of two reps with four leads in hand, and its database, to begin anew from."""
    database = Database("sqlite://")
    database.create()
    with TemporaryDirectory() as folder:
        office = Office(database, Path(folder), owners=[KARI, TOM])
    for number in range(1, 5):
        ask_for_a_person(office, number)
    return office, bytes(database.engine.raw_connection().driver_connection.serialize())  # type: ignore[union-attr]


@settings(max_examples=25, deadline=None)
@given(acts=_ACTS, left=st.booleans())
def test_whatever_sales_does_every_lead_in_hand_is_on_exactly_one_list(acts: list[tuple[str, int]], left: bool) -> None:
    """Statement 3: also when a rep leaves the agreement."""
    office, beginning = crowded()
    office.database.engine.raw_connection().driver_connection.deserialize(beginning)  # type: ignore[union-attr]
    everybody = office.ports
    for what, number in acts:
        with suppress(UsageError):
            do(office, what, number)
    if left:
        config = everybody.project.config
        agreement = config.agreement.model_copy(update={"owners": config.agreement.owners[1:]})
        config = config.model_copy(update={"agreement": agreement})
        office.ports = replace(everybody, project=replace(everybody.project, config=config))
    on_lists = [number for owner in ("kari", "tom", POOL) for number in ids(list_of(office, owner))]
    in_hand = [row.id for row in office.rows("SELECT id FROM handoff WHERE state IN ('offered', 'accepted')")]
    office.ports = everybody
    assert sorted(on_lists) == in_hand


def do(office: Office, what: str, number: int) -> None:
    match what:
        case "accept":
            accept(office.ports, number, "kari", Given("unknown", "unknown"))
        case "reject":
            reject(office.ports, number, "kari", "not_ready")
        case "snooze":
            snooze(office.ports, number, "kari", office.clock.now() + timedelta(days=1))
        case _:
            reassign(office.ports, number, "kari", what)


@pytest.mark.parametrize("owner", ["olga", ""])
def test_nobody_else_has_a_list(here: Office, owner: str) -> None:
    ask_for_a_person(here, 1)
    assert list_of(here, owner) == []
