"""The ladder: what happens while a handed lead waits for sales, on both databases."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, Row

from models.database import Database
from models.queries import sales
from models.statement import write
from nurture.alerts import deliver
from nurture.content import load_project
from nurture.handoff import Given, accept, qualify_due
from nurture.handoff.ladder import climb
from nurture.handoff.reassign import reassign
from nurture.handoff.snooze import snooze
from nurture.handoff.touches import log_touch
from tests.office import START, Office
from tests.support import make_ports

KARI = {"key": "kari", "name": "Kari Lund", "address": "kari@example.com", "backup": "tom"}
TOM = {"key": "tom", "name": "Tom Becker", "address": "tom@example.com"}
VERA = {"key": "vera", "name": "Vera Vik", "address": "vera@example.com"}
MANAGER = {"name": "Jonas Brekke", "address": "jonas@example.com"}
TEAM: dict[str, Any] = {"owners": [KARI, TOM, VERA], "manager": MANAGER, "alert_to": "sales@example.com"}


@pytest.fixture
def team(database: Database, tmp_path: Path) -> Office:
    """Three reps and a manager; Mona has just asked for a person, and she is Kari's."""
    return _at_work(Office(database, tmp_path, **TEAM))


@pytest.fixture
def crew(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same, where the database makes no difference."""
    return _at_work(Office(sqlite_database, tmp_path, **TEAM))


def _at_work(office: Office) -> Office:
    _ask(office)
    deliver(office.ports)
    office.mailer.emails.clear()
    return office


def _ask(office: Office, email: str = "mona@mill.example", form: str = "demo") -> None:
    office.submit(form, email, first_name="Mona", last_name="Berg", company="Mill", phone="+47 22 00 00 00")
    assert qualify_due(office.ports) == 1


def _handoff(office: Office, number: int = 1) -> Row[Any]:
    with office.database.reading() as connection:
        return connection.execute(sales.HANDOFF, {"id": number}).one()


def _told(office: Office, *, by_ladder: bool = True) -> list[tuple[str, str]]:
    """Who was told by now, by the ladder or of a lead that is theirs; what was told is read."""
    deliver(office.ports)
    told = [(email.to.address, email.subject) for email in office.alerts]
    office.mailer.emails.clear()
    return sorted(one for one in told if one[1].startswith("Asks for a person") != by_ladder)


def _climb_at(office: Office, minutes: float) -> int:
    """So many minutes after the lead asked for a person; five were promised."""
    office.clock.move_to(START + timedelta(minutes=minutes))
    return climb(office.ports)


def test_an_untouched_lead_climbs_rung_by_rung(team: Office) -> None:
    """Statements 67, 78, 86: each breach escalates once per level."""
    mona = "Mona Berg, Mill"
    assert _climb_at(team, 2.4) == 0
    assert _climb_at(team, 2.5) == 1
    assert _told(team) == [("kari@example.com", f"Still waiting: {mona}")]
    assert _climb_at(team, 5) == 1
    assert _told(team) == [
        ("kari@example.com", f"Past the promised time: {mona}"),
        ("tom@example.com", f"Past the promised time: {mona}"),
    ]
    assert _climb_at(team, 7.5) == 1
    assert _handoff(team).owner == "tom"
    assert _told(team) == [
        ("jonas@example.com", f"Changes hands: {mona}"),
        ("kari@example.com", f"Changes hands: {mona}"),
    ]
    assert _climb_at(team, 15) == 1
    assert _handoff(team).owner == "pool"
    assert _told(team) == [
        ("jonas@example.com", f"Back in the pool: {mona}"),
        ("tom@example.com", f"Back in the pool: {mona}"),
    ]
    assert _climb_at(team, 60 * 24 * 30) == 0
    assert _told(team) == []
    assert (_handoff(team).rung, _handoff(team).rung_due_at) == (4, None)


def test_who_gets_the_lead_by_the_ladder_is_told_as_of_any_other(crew: Office) -> None:
    _climb_at(crew, 7.5)
    assert ("tom@example.com", "Asks for a person: Mona Berg, Mill") in _told(crew, by_ladder=False)


def test_each_rung_is_told_once_however_often_and_late_one_looks(crew: Office) -> None:
    for minutes in (3, 3, 4, 6, 6, 8, 9, 16, 17):
        _climb_at(crew, minutes)
    deliver(crew.ports)
    rows = crew.rows("SELECT dedupe_key FROM outbox WHERE kind = 'sla_alert' ORDER BY id")
    assert [row.dedupe_key.removeprefix("handoff:1:rung:") for row in rows] == [
        "1:owner", "2:owner", "2:backup", "3:former", "3:manager", "4:former", "4:manager"
    ]  # fmt: skip


def test_what_nobody_saw_to_in_time_is_not_made_up_for_in_one_minute(crew: Office) -> None:
    assert _climb_at(crew, 8) == 1
    assert (_handoff(crew).rung, _handoff(crew).owner) == (3, "tom")
    assert climb(crew.ports) == 0
    assert _handoff(crew).rung_due_at == START + timedelta(minutes=15)
    assert _climb_at(crew, 16) == 1
    assert _handoff(crew).owner == "pool"


def _accept(office: Office) -> object:
    """By whoever forgot to take it off the ladder."""
    with office.database.transaction("accept") as connection:
        return connection.execute(write("UPDATE handoff SET state = 'accepted', decided_at = offered_at"))


ACTS: dict[str, Callable[[Office], object]] = {
    "a call": lambda office: log_touch(office.ports, 1, "kari", "call", "no_answer"),
    "an answer": lambda office: accept(office.ports, 1, "kari", Given("unknown", "unknown")),
    "an answer that left it there": _accept,
    "a day chosen": lambda office: snooze(office.ports, 1, "kari", START + timedelta(days=2)),
}


@pytest.mark.parametrize("act", ACTS)
def test_a_lead_that_sales_sees_to_climbs_no_further(team: Office, act: str) -> None:
    """Statement 16: a logged call stops the clock. Statement 78: touched does not climb."""
    assert _climb_at(team, 3) == 1
    ACTS[act](team)
    assert _climb_at(team, 60) == 0
    assert _handoff(team).owner == "kari"
    assert _handoff(team).rung == 1


def test_a_lead_that_was_put_off_climbs_again_when_it_is_back(crew: Office) -> None:
    snooze(crew.ports, 1, "kari", START + timedelta(days=2))
    due_at = START + timedelta(days=2, minutes=2.5)
    assert _handoff(crew).rung_due_at == due_at
    crew.clock.move_to(due_at)
    assert climb(crew.ports) == 1


def test_an_alert_that_is_no_news_any_more_is_not_sent(crew: Office) -> None:
    _climb_at(crew, 5)
    log_touch(crew.ports, 1, "kari", "call", "reached")
    assert _told(crew) == []
    reasons = {row.reason for row in crew.rows("SELECT reason FROM outbox WHERE kind = 'sla_alert'")}
    assert reasons == {"answered before the alert left"}


def test_a_reminder_to_whom_the_lead_was_taken_from_is_not_sent(crew: Office) -> None:
    _climb_at(crew, 3)
    reassign(crew.ports, 1, "kari", "vera")
    assert _told(crew) == []


def test_the_time_runs_on_when_a_lead_changes_hands(crew: Office) -> None:
    reassign(crew.ports, 1, "kari", "tom")
    assert _handoff(crew).due_at == START + timedelta(minutes=5)
    assert _climb_at(crew, 2.5) == 1
    assert _told(crew) == [("tom@example.com", "Still waiting: Mona Berg, Mill")]


def test_two_workers_at_once_climb_a_rung_once(team: Office) -> None:
    team.clock.move_to(START + timedelta(minutes=5))
    with ThreadPoolExecutor(2) as pool:
        climbed = list(pool.map(climb, [team.ports] * 2))
    assert sum(climbed) == 1
    assert len(team.rows("SELECT id FROM outbox WHERE kind = 'sla_alert'")) == 2


class Killed(BaseException):
    """kill -9."""


def _killed_at(statement: int, monkeypatch: pytest.MonkeyPatch, work: Callable[[], object]) -> bool:
    """Whether the process was killed at its so many-th statement, before it was through."""
    left, execute = statement, Connection.execute

    def counted(*given: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if left == 0:
            raise Killed
        return execute(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(Connection, "execute", counted)
        try:
            work()
        except Killed:
            return True
    return False


def test_a_kill_at_any_point_leaves_all_of_a_rung_or_nothing(crew: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """Statement 86: the ladder survives a restart. Each lead is killed one statement later."""
    number, killed = 1, True
    while killed:
        due_at, told = _handoff(crew, number).clock_from + timedelta(minutes=7.5), f"handoff:{number}:rung:3:%"
        crew.clock.move_to(due_at)
        killed = _killed_at(number, monkeypatch, lambda: climb(crew.ports))
        alerts = crew.rows("SELECT id FROM outbox WHERE dedupe_key LIKE :told", told=told)
        assert (_handoff(crew, number).rung, len(alerts)) in ((0, 0), (3, 2))
        climb(crew.ports)
        assert _handoff(crew, number).rung == 3
        assert len(crew.rows("SELECT id FROM outbox WHERE dedupe_key LIKE :told", told=told)) == 2
        assert (
            len(crew.rows("SELECT id FROM outbox WHERE dedupe_key LIKE :given", given=f"handoff:{number}:given:%")) == 1
        )
        log_touch(crew.ports, number, "tom", "call", "reached")
        number += 1
        _ask(crew, f"lead{number}@site{number}.example")
    assert number > 15


def test_what_the_alert_of_the_ladder_says(crew: Office) -> None:
    _climb_at(crew, 2.5)
    _climb_at(crew, 5)
    crew.pass_time(minutes=1)
    deliver(crew.ports)
    to_backup = next(email for email in crew.alerts if email.to.address == "tom@example.com")
    token = _handoff(crew).token
    for body in (to_backup.text, to_backup.html):
        for told in (
            "Past the promised time" if body is to_backup.html else "PAST THE PROMISED TIME",
            "Mona Berg",
            "+47 22 00 00 00",
            "Kari Lund has not answered. Please step in: call the lead, or see to it that somebody does.",
            "Asked for a person. Answer due Tue 3 Mar 09:05 UTC (1 minute ago)",
            f"https://nurture.acme.example/h/{token}",
            "Backup told: Tom Becker",
            "Reminded: Kari Lund",
            "Asked for a person; offered to sales",
            "Tue 3 Mar 09:07 UTC, if nobody answers, Tom Becker gets the lead.",
        ):
            assert told in body
    assert to_backup.headers["Auto-Submitted"] == "auto-generated"


def _rewrite(office: Office, **changes: Any) -> None:
    """The agreement, put differently, in force at once; keys beside it are those of nurture.yaml."""
    path = office.ports.project.root / "nurture.yaml"
    config = json.loads(path.read_text())
    config |= {"absences": changes.pop("absences", [])}
    config["agreement"] |= changes
    path.write_text(json.dumps(config))
    ports = make_ports(office.database, office.clock, office.mailer, load_project(office.ports.project.root))
    office.ports = replace(ports, new_id=office.ports.new_id)


def test_while_the_backup_is_away_the_manager_is_told_and_whose_turn_it_is_gets_the_lead(crew: Office) -> None:
    _rewrite(crew, absences=[{"owner": "tom", "from": START.date().isoformat(), "until": "2026-03-20"}])
    _climb_at(crew, 5)
    assert [to for to, _ in _told(crew)] == ["jonas@example.com", "kari@example.com"]
    _climb_at(crew, 7.5)
    assert _handoff(crew).owner == "vera"


def test_where_nobody_is_left_the_lead_goes_to_the_pool_at_once(crew: Office) -> None:
    away = {"from": START.date().isoformat(), "until": "2026-03-20"}
    _rewrite(crew, absences=[{"owner": "tom"} | away, {"owner": "vera"} | away])
    _climb_at(crew, 7.5)
    assert _handoff(crew).owner == "pool"
    _told(crew)
    _climb_at(crew, 15)
    assert _told(crew) == [("jonas@example.com", "Back in the pool: Mona Berg, Mill")]


def test_the_team_is_told_of_a_lead_that_waits_in_the_pool(crew: Office) -> None:
    reassign(crew.ports, 1, "kari", "pool")
    _told(crew)
    _climb_at(crew, 2.5)
    assert [to for to, _ in _told(crew)] == ["jonas@example.com", "sales@example.com"]


def test_a_manager_who_has_the_lead_is_told_once(crew: Office) -> None:
    _rewrite(crew, manager={"name": "Kari Lund", "address": "Kari@example.com"})
    _climb_at(crew, 7.5)
    assert _told(crew) == [("kari@example.com", "Changes hands: Mona Berg, Mill")]


def test_one_person_who_signs_for_both_departments_has_reps_who_climb(crew: Office) -> None:
    signed = {key: {"name": "Ida Solberg", "date": "2026-01-12"} for key in ("marketing", "sales")}
    _rewrite(crew, agreed_by=signed)
    _climb_at(crew, 7.5)
    assert _handoff(crew).owner == "tom"


def test_who_works_alone_is_reminded_and_nothing_else(crew: Office) -> None:
    """Statement 4: no escalation to oneself, no alert loop."""
    _rewrite(crew, owners=[{key: value for key, value in KARI.items() if key != "backup"}], manager=MANAGER)
    _ask(crew, "olga@mill.example")
    told = []
    for hour in range(200):
        crew.clock.move_to(START + timedelta(hours=hour))
        climb(crew.ports)
        told += _told(crew)
    about_olga = [to for to, subject in told if subject.startswith("Still waiting")]
    assert len(about_olga) == 2  # one for each of the two leads
    assert {row.owner for row in crew.rows("SELECT owner FROM handoff")} == {"kari"}
    assert {row.rung for row in crew.rows("SELECT rung FROM handoff")} == {1}


def test_the_clock_of_a_lead_that_comes_at_night_starts_at_opening(crew: Office) -> None:
    """Statement 86: over a weekend and a public holiday."""
    # Maundy Thursday and Good Friday, Easter Monday: the office opens on Tuesday 7 April
    easter = [KARI | {"timezone": "Europe/Oslo", "country": "NO"}, TOM, VERA]
    _rewrite(crew, owners=easter)
    crew.clock.move_to(datetime.fromisoformat("2026-04-01T15:30:00+00:00"))
    _ask(crew, "olga@bakery.example")
    reassign(crew.ports, 2, "tom", "kari")
    assert "kari@example.com" in {to for to, _ in _told(crew, by_ladder=False)}
    assert _handoff(crew, 2).rung_due_at == datetime.fromisoformat("2026-04-07T07:02:30+00:00")


def test_one_handoff_that_cannot_climb_does_not_keep_the_others_waiting(
    crew: Office, caplog: pytest.LogCaptureFixture
) -> None:
    _ask(crew, "olga@bakery.example")
    with crew.database.transaction("break") as connection:
        connection.execute(
            write(
                "UPDATE handoff SET decision_id = decision_id, clock_from = '9999-12-31 23:59:00.000000' WHERE id = 1"
            )
        )
        connection.execute(write("UPDATE handoff SET rung_due_at = :now WHERE id = 1"), {"now": START})
    assert _climb_at(crew, 3) == 1
    assert "handoff 1 cannot climb its ladder" in caplog.text
    assert crew.one("SELECT rung FROM handoff WHERE id = 2").rung == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 300), min_size=1, max_size=12), st.integers(0, 12), st.sampled_from(["call", "snooze"]))
def test_whenever_one_looks_rungs_only_go_up_and_none_follows_a_touch(
    crew: Office, seconds: list[int], touched_after: int, act: str
) -> None:
    """Statement 78: each example is another lead of the same office."""
    crew.clock.move_to((crew.clock.now() + timedelta(days=1)).replace(hour=9, minute=0, second=0))
    number = len(crew.rows("SELECT id FROM handoff")) + 1
    crew.submit("demo", f"lead{number}@site{number}.example", first_name="Mona", last_name="Berg", company="Mill")
    qualify_due(crew.ports)
    seen, touched = [0], False
    for turn, pause in enumerate(seconds):
        if turn == touched_after:
            touched = True
            _see_to(crew, number, act)
        crew.pass_time(seconds=pause)
        climb(crew.ports)
        seen.append(_handoff(crew, number).rung)
        assert seen[-1] == seen[-2] if touched else seen[-1] >= seen[-2]
    told = crew.rows("SELECT dedupe_key FROM outbox WHERE dedupe_key LIKE :of", of=f"handoff:{number}:rung:%")
    rungs = {int(row.dedupe_key.split(":")[3]) for row in told}
    assert rungs == set(seen) - {0}
    assert (_handoff(crew, number).owner == "pool") == (4 in seen)
    log_touch(crew.ports, number, "kari", "call", "reached")


def _see_to(office: Office, number: int, act: str) -> None:
    if act == "call":
        log_touch(office.ports, number, "kari", "call", "no_answer")
    else:
        snooze(office.ports, number, "kari", office.clock.now() + timedelta(days=3))


def test_many_are_seen_to_in_one_go(crew: Office) -> None:
    for number in range(5):
        _ask(crew, f"lead{number}@site{number}.example")
    crew.ports = replace(crew.ports, limits=replace(crew.ports.limits, claim=2))
    assert _climb_at(crew, 3) == 6
