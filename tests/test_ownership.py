"""Whose a lead is: stand-ins take over nothing, turns go by the first offer, and nobody's lead is forgotten."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.database import Database
from nurture.alerts import deliver
from nurture.content import load_project
from nurture.errors import UsageError
from nurture.handoff import Given, accept, qualify_due, reject
from nurture.handoff.comeback import comes_back
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.take import take
from nurture.handoff.touches import log_touch
from nurture.report import report, timeline
from tests.office import Office
from tests.support import START

KARI = {"key": "kari", "name": "Kari Lund", "address": "kari@example.com", "backup": "tom"}
NAMED = KARI | {"accounts": ["mill.example"]}
TOM = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"}
NILS = {"key": "nils", "name": "Nils Dahl", "address": "nils@example.com"}
TEAM: dict[str, Any] = {
    "owners": [KARI, TOM],
    "manager": {"name": "Jonas Brekke", "address": "jonas@example.com"},
    "alert_to": "sales@example.com",
}
YES = Given("yes", "yes")


@pytest.fixture
def two(database: Database, tmp_path: Path) -> Office:
    """Kari, whose backup is Tom, and Tom."""
    return Office(database, tmp_path, **TEAM)


@pytest.fixture
def quick(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same, where the database makes no difference."""
    return Office(sqlite_database, tmp_path, **TEAM)


def change(office: Office, *reps: dict[str, Any], away: tuple[str, str, str] | None = None) -> None:
    """From now on these are the reps, and this one is away between these days of March 2026."""
    file = office.ports.project.root / "nurture.yaml"
    told = json.loads(file.read_text())
    if reps:
        told["agreement"]["owners"] = list(reps)
    if away:
        told["absences"] = [{"owner": away[0], "from": f"2026-03-{away[1]}", "until": f"2026-03-{away[2]}"}]
    file.write_text(json.dumps(told))
    office.ports = replace(office.ports, project=load_project(file.parent))


def ask(office: Office, email: str = "mona@mill.example", form: str = "demo") -> str:
    """Somebody asks for a person; whose it is."""
    office.submit(form, email, first_name="Mona", last_name="Berg", company="Mill", message="Please call me")
    assert qualify_due(office.ports) == 1
    return str(newest(office).owner)


def newest(office: Office) -> Any:
    return office.rows("SELECT * FROM handoff ORDER BY id DESC LIMIT 1")[0]


def told(office: Office) -> list[tuple[str, str]]:
    """Who was mailed by now, and what; what was told is read."""
    deliver(office.ports)
    found = [(email.to.address, email.subject.split(":")[0]) for email in office.alerts]
    office.mailer.emails.clear()
    return sorted(found)


def owned(office: Office) -> tuple[str, str]:
    """Whose the lead is, and whose its company."""
    return office.one("SELECT owner FROM lead").owner, office.one("SELECT owner FROM account").owner


# --- stand-ins --------------------------------------------------------------------------------------------------


def test_a_day_of_absence_moves_no_named_account(two: Office) -> None:
    change(two, NAMED, TOM, away=("kari", "03", "03"))
    assert ask(two, "a@mill.example") == "tom", "the backup steps in"
    reject(two.ports, 1, "tom", "not_ready")
    two.pass_time(days=3)
    assert ask(two, "b@mill.example") == "kari"
    assert newest(two).assigned_because == "its company is a named account"


def test_a_lead_that_a_stand_in_gives_back_is_its_reps_again(quick: Office) -> None:
    assert ask(quick) == "kari"
    reject(quick.ports, 1, "kari", "not_ready")
    change(quick, away=("kari", "04", "05"))
    quick.pass_time(days=1)
    assert ask(quick, form="call-me") == "tom"
    assert quick.one("SELECT owner FROM lead").owner == "kari"
    reject(quick.ports, 2, "tom", "not_ready")
    quick.pass_time(days=10)
    assert ask(quick) == "kari"
    assert newest(quick).assigned_because == "already the lead's owner"


def test_a_stand_in_that_accepts_a_lead_keeps_it_but_not_its_company(quick: Office) -> None:
    change(quick, NAMED, TOM, away=("kari", "03", "03"))
    ask(quick, "a@mill.example")
    accept(quick.ports, 1, "tom", YES)
    assert quick.one("SELECT owner FROM lead").owner == "tom"
    assert quick.one("SELECT owner FROM account").owner == "kari"


def test_while_its_rep_is_away_the_ladder_gives_a_lead_on_for_the_time_being(quick: Office) -> None:
    ask(quick)
    change(quick, away=("kari", "03", "03"))
    quick.pass_time(minutes=8)
    climb(quick.ports)
    assert newest(quick).owner == "tom"
    assert (quick.one("SELECT owner FROM lead").owner, quick.one("SELECT owner FROM account").owner) == ("kari", "kari")


@pytest.mark.parametrize("way", ["given on", "through the pool"])
def test_what_a_stand_in_gives_on_by_hand_stays_its_reps_until_somebody_accepts(quick: Office, way: str) -> None:
    """Who has a lead for a while gives it on for a while; a colleague who accepts it keeps it, not its company."""
    change(quick, KARI, TOM, NILS)
    assert ask(quick) == "kari"
    reject(quick.ports, 1, "kari", "not_ready")
    change(quick, away=("kari", "04", "05"))
    quick.pass_time(days=1)
    assert ask(quick, form="call-me") == "tom"
    if way == "given on":
        reassign(quick.ports, 2, "tom", "nils")
    else:
        reassign(quick.ports, 2, "tom", "pool")
        take(quick.ports, 2, "nils")
    assert newest(quick).owner == "nils"
    assert owned(quick) == ("kari", "kari")
    accept(quick.ports, 2, "nils", YES)
    assert owned(quick) == ("nils", "kari")


def test_what_a_rep_gives_on_by_hand_is_given_for_good(quick: Office) -> None:
    assert ask(quick) == "kari"
    reassign(quick.ports, 1, "kari", "tom")
    assert owned(quick) == ("tom", "tom")


def test_what_belongs_to_a_rep_who_has_left_is_given_for_good(quick: Office) -> None:
    change(quick, away=("kari", "03", "03"))
    assert ask(quick) == "tom"
    with quick.database.transaction("hers") as connection:
        connection.execute(text("UPDATE lead SET owner = 'kari'"))
    change(quick, {**TOM}, NILS)
    reassign(quick.ports, 1, "tom", "nils")
    assert owned(quick) == ("nils", "nils")


def test_named_accounts_rank_before_what_the_ladder_has_moved(quick: Office) -> None:
    change(quick, NAMED, TOM)
    ask(quick, "a@mill.example")
    quick.pass_time(minutes=8)
    climb(quick.ports)
    accept(quick.ports, 1, "tom", YES)
    assert ask(quick, "b@mill.example") == "kari"


# --- turns ------------------------------------------------------------------------------------------------------


def first_offers(office: Office, names: range, **step: float) -> list[str]:
    """To whom leads of different companies are offered, one after the other; the others take what they are given."""
    found = []
    for number in names:
        found.append(ask(office, f"lead{number}@company{number}.example"))
        accept(office.ports, newest(office).id, newest(office).owner, YES)
        office.pass_time(**step)
    return found


def test_who_does_not_answer_gets_no_more_than_its_turn(quick: Office) -> None:
    """What the ladder takes from a rep counts as its own all the same."""
    found = []
    for number in range(8):
        found.append(ask(quick, f"lead{number}@company{number}.example"))
        if newest(quick).owner == "kari":
            quick.pass_time(minutes=8)
            climb(quick.ports)
        assert newest(quick).owner == "tom"
        accept(quick.ports, newest(quick).id, "tom", YES)
        quick.pass_time(minutes=2)
    assert found == ["kari", "tom"] * 4


def test_a_newcomer_starts_where_the_team_stands(two: Office) -> None:
    first_offers(two, range(8), minutes=5)
    change(two, KARI, TOM, NILS)
    found = first_offers(two, range(8, 17), minutes=5)
    assert {key: found.count(key) for key in ("kari", "tom", "nils")} == {"kari": 3, "tom": 3, "nils": 3}


def test_two_newcomers_at_once_start_there_both(quick: Office) -> None:
    first_offers(quick, range(6), minutes=5)
    change(quick, KARI, TOM, NILS, NILS | {"key": "aisha", "name": "Aisha"})
    found = first_offers(quick, range(6, 14), minutes=5)
    assert [found.count(key) for key in ("kari", "tom", "nils", "aisha")] == [2, 2, 2, 2]


def test_who_comes_back_makes_up_for_nothing(quick: Office) -> None:
    change(quick, away=("kari", "03", "05"))
    assert set(first_offers(quick, range(8), minutes=5)) == {"tom"}
    quick.clock.move_to(datetime(2026, 3, 6, 10, tzinfo=UTC))
    assert sorted(first_offers(quick, range(8, 14), minutes=5)) == ["kari"] * 3 + ["tom"] * 3


def test_the_days_share_counts_what_was_offered_and_what_was_given(quick: Office) -> None:
    """Neither a lead that was taken away makes room for another, nor one that came by the ladder."""
    capped = [KARI | {"at_most_per_day": 1}, TOM | {"at_most_per_day": 1}]
    change(quick, *capped)
    ask(quick, "a@one.example")
    quick.pass_time(minutes=8)
    climb(quick.ports)
    assert newest(quick).owner == "tom"
    assert ask(quick, "b@two.example") == "pool"


# --- accepting what is somebody else's --------------------------------------------------------------------------


@pytest.mark.parametrize("left", [False, True], ids=["in the pool", "its rep has left"])
def test_accepting_a_lead_that_nobody_has_takes_it(two: Office, left: bool) -> None:
    ask(two)
    if left:
        change(two, TOM, NILS)
    else:
        reassign(two.ports, 1, "kari", "pool")
    assert accept(two.ports, 1, "tom", YES).fresh
    assert (newest(two).owner, newest(two).state, newest(two).decided_by) == ("tom", "accepted", "tom")
    assert two.one("SELECT owner FROM lead").owner == "tom"


def test_nobody_accepts_for_somebody_else(quick: Office) -> None:
    ask(quick)
    with pytest.raises(UsageError, match=r"Kari Lund has handoff 1.*give it to tom.*--by kari --to tom"):
        accept(quick.ports, 1, "tom", YES)
    assert newest(quick).state == "offered"
    reassign(quick.ports, 1, "kari", "tom")
    assert accept(quick.ports, 1, "tom", YES).fresh


def test_an_answer_that_was_given_stands_whoever_comes_later(quick: Office) -> None:
    ask(quick)
    accept(quick.ports, 1, "kari", YES)
    again = accept(quick.ports, 1, "tom", YES)
    assert (again.fresh, again.handoff.decided_by) == (False, "kari")


# --- absences ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "back"),
    [
        ("2026-03-06", "2026-03-06"),
        ("2026-03-10", "2026-03-23"),
        ("next week", "2026-03-23"),
        ("tomorrow", "2026-03-04"),
    ],
)
def test_a_lead_that_is_put_off_comes_back_when_its_rep_is_there(quick: Office, word: str, back: str) -> None:
    """The 21st and 22nd are a weekend."""
    change(quick, away=("kari", "09", "20"))
    until = comes_back(quick.ports.project.config, "kari", word, START)
    assert until.date().isoformat() == back


def test_reminders_of_who_is_away_go_to_the_backup_at_once(quick: Office) -> None:
    ask(quick)
    told(quick)
    change(quick, away=("kari", "03", "05"))
    quick.pass_time(minutes=2, seconds=30)
    assert climb(quick.ports) == 1
    assert told(quick) == [("tom@example.com", "Still waiting")]
    quick.pass_time(minutes=2, seconds=30)
    assert climb(quick.ports) == 1
    assert told(quick) == [("tom@example.com", "Past the promised time")]


# --- reps who have left -----------------------------------------------------------------------------------------


def test_leads_of_a_rep_who_has_left_are_the_teams_at_once(two: Office) -> None:
    ask(two)
    told(two)
    change(two, TOM, NILS)
    two.pass_time(seconds=10)
    assert climb(two.ports) == 1
    assert newest(two).owner == "pool"
    assert told(two) == [("sales@example.com", "Asks for a person")]
    assert climb(two.ports) == 0, "once"
    two.pass_time(minutes=3)
    climb(two.ports)
    assert told(two) == [("jonas@example.com", "Still waiting"), ("sales@example.com", "Still waiting")]


def test_that_is_told_to_a_rep_where_there_is_nobody_else(sqlite_database: Database, tmp_path: Path) -> None:
    office = Office(sqlite_database, tmp_path, owners=[KARI, TOM])
    ask(office)
    told(office)
    change(office, TOM, NILS)
    climb(office.ports)
    assert told(office) == [("tom@example.com", "Asks for a person")]


def test_a_lead_that_the_rep_had_called_before_it_left_is_not_forgotten_either(quick: Office) -> None:
    ask(quick)
    log_touch(quick.ports, 1, "kari", "call", "no_answer")
    told(quick)
    change(quick, TOM, NILS)
    climb(quick.ports)
    assert newest(quick).owner == "pool"
    assert told(quick) == [("sales@example.com", "Asks for a person")]


# --- what is told of it -----------------------------------------------------------------------------------------


def test_the_report_and_the_timeline_name_whom_a_lead_was_offered_to_first(two: Office) -> None:
    ask(two)
    two.pass_time(minutes=8)
    climb(two.ports)
    accept(two.ports, 1, "tom", YES)
    found = report(two.ports, two.clock.now() + timedelta(days=1))
    assert [group.name for group in found.promotions.reps] == ["kari"]
    texts = [entry.what for entry in timeline(two.ports, 1).entries]
    assert "offered to kari (handoff 1)" in texts


def test_who_stands_in_hears_that_the_lead_wants_no_calls(two: Office) -> None:
    """The account is Kari's, who is away; Tom has called, and is about to call again."""
    change(two, NAMED, TOM, away=("kari", "03", "20"))
    assert ask(two) == "tom"
    deliver(two.ports)
    log_touch(two.ports, newest(two).id, "tom", "call", "no_answer")
    two.mailer.emails.clear()
    two.submit("ebook", no_sales_contact="yes")
    qualify_due(two.ports)
    assert [to for to, _ in told(two)] == ["tom@example.com"]
