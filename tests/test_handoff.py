"""A lead in sales' hands: whose it becomes, whose turn it is, given on, put off, called."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from models.queries import sales
from nurture import alerts
from nurture.core.owners import POOL
from nurture.core.sales import Absence
from nurture.errors import UsageError
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.link import renew_link
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from tests.office import KARI, TOM, Office
from tests.support import START

AISHA = {"key": "aisha", "name": "Aisha Khan", "address": "aisha@example.com"}
TWO = [KARI, TOM]


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Office:
    """A company with two reps."""
    return Office(database, tmp_path, owners=TWO)


@pytest.fixture
def pair(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same on SQLite only, where the database makes no difference."""
    return Office(sqlite_database, tmp_path, owners=TWO)


def away(office: Office, key: str, day: str) -> None:
    absence = Absence.model_validate({"owner": key, "from": day, "until": day})
    project = office.ports.project
    config = project.config.model_copy(update={"absences": (absence,)})
    office.ports = replace(office.ports, project=replace(project, config=config))


def ask_for_a_person(office: Office, count: int = 1, *, first: int = 1, **fields: object) -> None:
    """So many leads, each with a mailbox of its own, ask for a demo and are handed over."""
    for number in range(first, first + count):
        office.submit("demo", f"lead{number}@company{number}.example", **fields)
        qualify_due(office.ports)


def handoff(office: Office, number: int = 1) -> Any:
    with office.database.reading() as connection:
        return connection.execute(sales.HANDOFF, {"id": number}).one()


def owner(office: Office, number: int = 1) -> str:
    return str(handoff(office, number).owner)


# --- offering ---------------------------------------------------------------------------------------------------


def test_one_transaction_hands_a_lead_over_with_all_that_belongs_to_it(office: Office) -> None:
    """Statement 15, and 22: the move between the departments names its handoff and the agreement it was made by."""
    office.submit("demo")
    qualify_due(office.ports)
    given = handoff(office)
    assert (given.state, given.owner, given.hand_raise) == ("offered", "kari", True)
    assert given.account == "mill.example"
    assert given.token_until == START + timedelta(days=30)
    assert given.offered_at <= given.clock_from < given.due_at
    moved = office.one("SELECT to_stage, handoff_id, agreement_version FROM transition")
    assert tuple(moved) == ("sql", 1, office.ports.project.agreement_version)
    assert [row.dedupe_key for row in office.rows("SELECT dedupe_key FROM outbox")] == ["handoff:1:1:mail"]
    assert office.one("SELECT owner FROM lead").owner == "kari"


def test_a_move_inside_marketing_alerts_nobody(office: Office) -> None:
    """Statement 22: no handoff and no alert for what needs no person."""
    office.add_lead(title="Managing Director", employees=120, industry="Food", country="NO")
    office.submit("ebook")
    office.pass_time(days=1)
    office.submit("webinar")
    qualify_due(office.ports)
    assert [row.to_stage for row in office.rows("SELECT to_stage FROM transition")] == ["mql"]
    assert office.rows("SELECT id FROM handoff") == office.rows("SELECT id FROM outbox") == []


def test_leads_go_to_the_reps_in_turn(two: Office) -> None:
    ask_for_a_person(two, 5)
    assert Counter(owner(two, number) for number in range(1, 6)) == {"kari": 3, "tom": 2}
    assert handoff(two).assigned_because == "next in turn"


def test_who_is_away_gets_none_and_what_nobody_can_take_goes_to_the_pool(pair: Office) -> None:
    away(pair, "kari", "2026-03-03")
    ask_for_a_person(pair, 2)
    assert {owner(pair, 1), owner(pair, 2)} == {"tom"}
    alone = pair.ports.project.config.agreement.model_copy(
        update={"owners": pair.ports.project.config.agreement.owners[:1]}
    )
    config = pair.ports.project.config.model_copy(update={"agreement": alone})
    pair.ports = replace(pair.ports, project=replace(pair.ports.project, config=config))
    ask_for_a_person(pair, first=3)
    assert (owner(pair, 3), handoff(pair, 3).assigned_because) == (POOL, "nobody is free to take it")
    assert pair.rows("SELECT owner FROM lead WHERE id = 3")[0].owner is None


def test_a_day_of_absence_is_one_of_the_reps_own_calendar(sqlite_database: Database, tmp_path: Path) -> None:
    """At 23:30 in London it is the next day in Oslo."""
    office = Office(sqlite_database, tmp_path, owners=[KARI | {"timezone": "Europe/Oslo"}, TOM | {"timezone": "UTC"}])
    office.clock.move_to(datetime(2026, 3, 3, 23, 30, tzinfo=UTC))
    away(office, "kari", "2026-03-04")
    ask_for_a_person(office, 2)
    assert {owner(office, 1), owner(office, 2)} == {"tom"}


def test_no_more_leads_than_a_rep_takes_in_a_day(sqlite_database: Database, tmp_path: Path) -> None:
    office = Office(sqlite_database, tmp_path, owners=[KARI | {"at_most_per_day": 1}, TOM | {"at_most_per_day": 1}])
    ask_for_a_person(office, 3)
    assert [owner(office, number) for number in (1, 2, 3)] == ["kari", "tom", POOL]
    office.pass_time(days=1)
    ask_for_a_person(office, first=4)
    assert owner(office, 4) in ("kari", "tom")


def test_two_workers_at_once_keep_the_turns(postgres_database: Database, tmp_path: Path) -> None:
    """Two offers at once do not both see the same rep as the next in turn."""
    office = Office(postgres_database, tmp_path, owners=[KARI, TOM, AISHA])
    for number in range(1, 13):
        office.submit("demo", f"lead{number}@company{number}.example")
    with ThreadPoolExecutor(4) as workers:
        for done in [workers.submit(qualify_due, office.ports) for _ in range(4)]:
            done.result()
    counts = Counter(row.owner for row in office.rows("SELECT owner FROM handoff"))
    assert counts == {"kari": 4, "tom": 4, "aisha": 4}
    assert len(office.rows("SELECT id FROM transition WHERE to_stage = 'sql'")) == 12


def test_workers_that_judge_one_lead_at_once_hand_it_over_once(office: Office) -> None:
    """One promotion in each cycle, whatever happens at the same moment."""
    office.submit("demo")
    office.submit("ebook")
    with ThreadPoolExecutor(3) as workers:
        for done in [workers.submit(qualify_due, office.ports) for _ in range(3)]:
            done.result()
    assert len(office.rows("SELECT id FROM handoff")) == 1
    assert len(office.rows("SELECT id FROM transition")) == 1
    assert len(office.rows("SELECT id FROM outbox WHERE kind = 'sales_alert'")) == 1


def test_a_lead_that_was_given_back_returns_once_on_its_date_to_the_same_rep(two: Office) -> None:
    """Statement 31: with its history, in a new cycle, when it qualifies anew."""
    ask_for_a_person(two, 2)
    before = owner(two, 2)
    reject(two.ports, 2, before, "not_ready")
    (back,) = two.rows("SELECT due_at FROM lead_trigger WHERE name = 'handoff_rejected' AND done_at IS NULL")
    assert str(back.due_at)[:10] == str(START + timedelta(days=90))[:10]
    two.pass_time(days=91)
    ask_for_a_person(two, first=2, message="now")
    assert (handoff(two, 3).cycle, handoff(two, 3).assigned_because) == (2, "already the lead's owner")
    assert owner(two, 3) == before
    assert len(two.rows("SELECT id FROM handoff WHERE lead_id = 2")) == 2


# --- giving on --------------------------------------------------------------------------------------------------


def test_a_lead_given_on_is_on_the_other_list_with_a_link_of_its_own(two: Office) -> None:
    ask_for_a_person(two)
    alerts.deliver(two.ports)
    before = handoff(two)
    given = reassign(two.ports, 1, by="kari", to="tom")
    assert (given.owner, given.assigned_because, given.state) == ("tom", "given by Kari Lund", "offered")
    assert given.token != before.token
    assert given.due_at == before.due_at, "the time that sales promised runs on"
    with two.database.reading() as connection:
        assert connection.execute(sales.HANDOFF_BY_TOKEN, {"token": before.token}).first() is None
    assert two.one("SELECT owner FROM lead").owner == "tom"
    (noted,) = two.rows("SELECT kind, by, note FROM touch")
    assert tuple(noted) == ("given", "kari", "kari to tom: given by Kari Lund")
    alerts.deliver(two.ports)
    assert [mail.to.address for mail in two.alerts] == ["kari@example.com", "tom@example.com"]
    assert given.token in two.alerts[-1].text


def test_a_lead_given_on_before_its_alert_left_is_told_to_its_new_rep_only(pair: Office) -> None:
    ask_for_a_person(pair)
    reassign(pair.ports, 1, by="kari", to="tom")
    alerts.deliver(pair.ports)
    assert [mail.to.address for mail in pair.alerts] == ["tom@example.com"]


def test_an_accepted_lead_can_be_given_on_and_its_new_rep_is_told(pair: Office) -> None:
    ask_for_a_person(pair)
    accept(pair.ports, 1, "kari", Given("unknown", "unknown"))
    assert reassign(pair.ports, 1, by="kari", to="tom").state == "accepted"
    alerts.deliver(pair.ports)
    assert "tom@example.com" in {mail.to.address for mail in pair.alerts}


def test_the_pool_gives_to_whoever_takes_it(pair: Office) -> None:
    ask_for_a_person(pair)
    assert reassign(pair.ports, 1, by="kari", to=POOL).owner == POOL
    assert pair.one("SELECT owner FROM lead").owner is None
    taken = reassign(pair.ports, 1, by="tom", to="tom")
    assert (taken.owner, taken.assigned_because) == ("tom", "taken from the pool")


def test_a_lead_is_given_only_to_somebody_who_can_have_it(pair: Office) -> None:
    ask_for_a_person(pair)
    with pytest.raises(UsageError, match="did you mean 'tom'"):
        reassign(pair.ports, 1, by="kari", to="tomm")
    with pytest.raises(UsageError, match="has handoff 1 already"):
        reassign(pair.ports, 1, by="kari", to="kari")
    with pytest.raises(UsageError, match="there is no handoff 9"):
        reassign(pair.ports, 9, by="kari", to="tom")
    away(pair, "tom", "2026-03-03")
    with pytest.raises(UsageError, match="tom is away"):
        reassign(pair.ports, 1, by="kari", to="tom")
    reject(pair.ports, 1, "kari", "not_ready")
    with pytest.raises(UsageError, match="handoff 1 is rejected"):
        reassign(pair.ports, 1, by="kari", to=POOL)
    assert owner(pair) == "kari"


def test_a_new_link_ends_the_old_one(pair: Office) -> None:
    """Statement 87: links end after a while, and can be made anew."""
    ask_for_a_person(pair)
    pair.pass_time(days=40)
    before = handoff(pair)
    assert before.token_until < pair.clock.now()
    link = renew_link(pair.ports, 1)
    after = handoff(pair)
    assert link.endswith(f"/h/{after.token}") and after.token != before.token
    assert after.token_until == pair.clock.now() + timedelta(days=30)


# --- putting off, reaching out ----------------------------------------------------------------------------------


def test_what_is_put_off_is_promised_anew_from_that_day(office: Office) -> None:
    ask_for_a_person(office)
    friday = START + timedelta(days=3)
    put_off = snooze(office.ports, 1, "kari", friday)
    assert put_off.snoozed_until == friday
    assert put_off.clock_from >= friday and put_off.due_at > friday
    assert put_off.rung_due_at is None or put_off.rung_due_at > friday
    assert office.one("SELECT kind FROM touch").kind == "snoozed"


@pytest.mark.parametrize("days", [-1, 0, 31])
def test_a_lead_is_put_off_until_a_day_that_is_near(here: Office, days: int) -> None:
    ask_for_a_person(here)
    with pytest.raises(UsageError, match="within the next 30"):
        snooze(here.ports, 1, "kari", here.clock.now() + timedelta(days=days))


def test_the_first_touch_stops_the_ladder_and_stays_the_first(office: Office) -> None:
    """Statement 16: what is done by hand is written down, and stops the clock."""
    ask_for_a_person(office)
    touched = log_touch(office.ports, 1, "kari", "call", "no_answer", "engaged")
    assert (touched.touched_at, touched.rung_due_at) == (START, None)
    office.pass_time(hours=3)
    assert log_touch(office.ports, 1, "kari", "mail", "left_message").touched_at == START
    rows = office.rows("SELECT kind, outcome, note, by FROM touch ORDER BY id")
    assert [tuple(row) for row in rows] == [
        ("call", "no_answer", "engaged", "kari"), ("mail", "left_message", None, "kari"),
    ]  # fmt: skip


@pytest.mark.parametrize(("kind", "outcome"), [("cal", "reached"), ("call", "reachd")])
def test_a_touch_is_of_a_known_kind_with_a_known_outcome(here: Office, kind: str, outcome: str) -> None:
    ask_for_a_person(here)
    with pytest.raises(UsageError, match="did you mean"):
        log_touch(here.ports, 1, "kari", kind, outcome)
    assert here.rows("SELECT id FROM touch") == []
