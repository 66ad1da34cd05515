"""How promises between the departments were kept, counted by the clock of a fixture, and the weekly reminder."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.database import Database
from models.queries import sla
from nurture.alerts import deliver
from nurture.content import load_project
from nurture.core.project import ProjectConfig
from nurture.handoff import Given, accept, judge, qualify_due, reject
from nurture.handoff.attainment import Attainment, Kept, Week, sla_attainment
from nurture.handoff.overdue import overdue
from nurture.handoff.reminders import remind_verdicts
from nurture.handoff.touches import log_touch
from tests.office import Office
from tests.support import make_ports, write_project

OWNERS = [
    {"key": "kari", "name": "Kari Lund", "address": "kari@example.com", "timezone": "Europe/Oslo", "country": "NO"},
    {"key": "tom", "name": "Tom Becker", "address": "tom@example.com", "timezone": "America/New_York", "country": "US"},
]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> ProjectConfig:
    """Five minutes for who asks for a person, four hours for others, 24 to the first touch, ten days to the verdict."""
    root = write_project(tmp_path_factory.mktemp("project"), owners=OWNERS)
    return load_project(root).config


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def handoff(offered: str, due: str, **told: Any) -> Any:
    """A handoff as the database tells of it; moments are texts."""
    row: dict[str, Any] = {
        "state": "offered", "owner": "kari", "hand_raise": False, "clock_from": None, "decided_at": None,
        "reason": None, "touched_at": None, "reached_at": None, "tried_at": None, "verdict_at": None,
        "first_name": "Mona", "last_name": None, "company": "Mill", "phone": None, "suppressed": None,
        "because": "meets every SQL rule",
    }  # fmt: skip
    moments = {name: utc(text) for name, text in told.items() if name.endswith("_at") or name == "clock_from"}
    return SimpleNamespace(**row | told | moments | {"offered_at": utc(offered), "due_at": utc(due)})


#: Easter 2026 in Norway: the office is closed from Thursday 2 April to Monday 6 April
EASTER = [
    # asked for a person on the eve after hours, called on Tuesday three minutes after opening
    handoff("2026-04-01 16:00", "2026-04-07 07:05", hand_raise=True, clock_from="2026-04-07 07:00", state="accepted",
            touched_at="2026-04-07 07:03", reached_at="2026-04-07 07:03", tried_at="2026-04-07 07:03",
            decided_at="2026-04-07 07:20", verdict_at="2026-04-20 10:00"),
    # offered in the last hour before Easter, accepted on Tuesday after three more: in time; never called
    handoff("2026-04-01 14:00", "2026-04-07 10:00", clock_from="2026-04-01 14:00", state="accepted",
            touched_at="2026-04-07 09:30", decided_at="2026-04-07 09:30"),
    # rejected an hour too late
    handoff("2026-04-07 07:00", "2026-04-07 11:00", state="rejected", touched_at="2026-04-07 12:00",
            decided_at="2026-04-07 12:00", company=None),
    # nobody has seen to it, and the time is up
    handoff("2026-04-08 07:00", "2026-04-08 11:00", phone="+47 22 00 00 00", suppressed="hard_bounce"),
    # offered just now
    handoff("2026-04-23 08:00", "2026-04-23 12:00"),
    # withdrawn before anybody looked
    handoff("2026-04-08 07:00", "2026-04-08 11:00", state="withdrawn"),
]  # fmt: skip
NOW = utc("2026-04-23 09:00")
ACCEPTED = {"state": "accepted", "decided_at": "2026-04-08 09:00"}


def test_both_departments_over_easter(config: ProjectConfig) -> None:
    """Statements 67 and 86: timers in business hours, over a weekend and holidays; both attainments from a fixture."""
    found = sla_attainment(EASTER, config, NOW)
    assert found.sales.answered == Kept(kept=2, of=4, pending=1)
    assert found.sales.hand_raises == Kept(kept=1, of=1)
    assert found.sales.reached == Kept(kept=1, of=2)
    assert found.sales.tried == Kept(kept=1, of=2)
    assert found.sales.verdicts == Kept(kept=1, of=2)
    # 3 minutes, 4.5 hours, 5 hours, never
    assert (found.sales.minutes_half, found.sales.minutes_most) == (210, None)
    assert found.marketing.accepted == Kept(kept=2, of=4, pending=1)
    assert found.marketing.complete == Kept(kept=4, of=5)
    assert found.marketing.weeks == (
        Week(date(2026, 3, 30), 2), Week(date(2026, 4, 6), 3), Week(date(2026, 4, 13), 0), Week(date(2026, 4, 20), 1)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("done", "kept"),
    [
        ("2026-04-22 09:19", Kept(kept=1, of=1)),
        ("2026-04-22 09:31", Kept(of=1)),
        (None, Kept(of=1)),
    ],
)
def test_a_verdict_is_promised_in_working_days(config: ProjectConfig, done: str | None, kept: Kept) -> None:
    """Accepted on the Tuesday before Easter: ten working days are over on Wednesday two weeks later."""
    row = handoff("2026-04-07 07:00", "2026-04-07 11:00", state="accepted", decided_at="2026-04-08 09:20")
    row.verdict_at = utc(done) if done else None
    assert sla_attainment([row], config, NOW).sales.verdicts == kept
    pending = sla_attainment([row], config, utc("2026-04-22 09:15")).sales.verdicts
    assert pending == (Kept(pending=1) if done is None else kept)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        (ACCEPTED, Kept(of=1)),
        (ACCEPTED | {"tried_at": "2026-04-21 15:00"}, Kept(kept=1, of=1)),
        (ACCEPTED | {"tried_at": "2026-04-22 15:00"}, Kept(of=1)),
        ({"reached_at": "2026-04-08 07:30"}, Kept(of=1)),  # called once, and never answered
        ({}, Kept()),  # nobody has taken it, which is counted elsewhere
        ({"state": "rejected", "reason": "unreachable"}, Kept(of=1)),
        ({"state": "rejected", "reason": "unreachable", "tried_at": "2026-04-09 15:00"}, Kept(kept=1, of=1)),
        ({"state": "rejected", "reason": "wrong_fit"}, Kept()),
        ({"state": "withdrawn", "reached_at": "2026-04-08 07:30"}, Kept()),
    ],
)
def test_a_lead_is_reached_or_tried_as_often_as_promised(
    config: ProjectConfig, told: dict[str, str], kept: Kept
) -> None:
    """Handed over on the Wednesday after Easter: ten working days are over two weeks later."""
    row = handoff("2026-04-08 07:00", "2026-04-08 11:00", **told)
    assert sla_attainment([row], config, NOW).sales.tried == kept


def test_who_can_still_be_tried_is_pending_unless_given_up(config: ProjectConfig) -> None:
    taken = handoff("2026-04-08 07:00", "2026-04-08 11:00", **ACCEPTED)
    given_up = handoff("2026-04-08 07:00", "2026-04-08 11:00", state="rejected", reason="unreachable")
    found = sla_attainment([taken, given_up], config, utc("2026-04-20 09:00"))
    assert found.sales.tried == Kept(of=1, pending=1)


def test_hours_are_those_of_whoever_has_the_lead(config: ProjectConfig) -> None:
    told = {"state": "rejected", "touched_at": "2026-04-08 14:00", "decided_at": "2026-04-08 14:00"}
    rows = [handoff("2026-04-08 07:00", "2026-04-08 11:00", owner=owner, **told) for owner in ("kari", "tom")]
    assert [sla_attainment([row], config, NOW).sales.minutes_half for row in rows] == [420, 60]


def test_nothing_handed_over_is_nothing_promised(config: ProjectConfig) -> None:
    found = sla_attainment([], config, NOW)
    assert found == Attainment(marketing=replace(found.marketing, weeks=(Week(date(2026, 4, 20), 0),)))


@given(st.lists(st.integers(0, len(EASTER) - 1)))
def test_every_handoff_is_kept_missed_or_pending_once(config: ProjectConfig, chosen: list[int]) -> None:
    rows = [EASTER[number] for number in chosen]
    found = sla_attainment(rows, config, NOW)
    answered = found.sales.answered
    assert answered.of + answered.pending == len([row for row in rows if row.state != "withdrawn"])
    assert 0 <= answered.kept <= answered.of
    assert sum(week.handoffs for week in found.marketing.weeks) == len(rows)


@pytest.fixture
def team(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path, owners=OWNERS)


def _ask(office: Office, email: str) -> None:
    office.submit("demo", email, first_name="Mona", last_name="Berg", company="Mill")
    assert qualify_due(office.ports) == 1


def test_what_the_database_tells_is_what_the_figures_need(team: Office) -> None:
    _ask(team, "mona@mill.example")
    _ask(team, "olga@bakery.example")
    _ask(team, "pia@site.example")
    team.pass_time(minutes=4)
    log_touch(team.ports, 1, "kari", "call", "reached")
    accept(team.ports, 1, "kari", Given("unknown", "unknown"))
    team.pass_time(days=1)
    reject(team.ports, 3, "kari", "not_ready")
    with team.database.reading() as connection:
        span = {"since": team.clock.now() - timedelta(days=7), "until": team.clock.now(), "promised": 5}
        rows = connection.execute(sla.PROMISED, span)
        found = sla_attainment(rows, team.ports.project.config, team.clock.now())
    assert found.sales.reached == Kept(kept=1, of=1)
    assert found.sales.tried == Kept(kept=1, of=1)
    assert found.sales.verdicts == Kept(pending=1)
    assert found.sales.answered.of + found.sales.answered.pending == 3
    assert found.marketing.complete == Kept(kept=3, of=3)


@pytest.mark.parametrize(
    ("outcomes", "tried"),
    [
        (["no_answer"] * 3, 3),
        (["no_answer", "reached", "left_message"], 2),
        (["no_answer", "left_message"], None),
        (["no_answer"] * 5, 3),
    ],
)
def test_the_attempt_that_kept_the_promise_is_the_last_one_promised_or_that_which_reached(
    team: Office, outcomes: list[str], tried: int | None
) -> None:
    _ask(team, "mona@mill.example")
    logged = []
    for outcome in outcomes:
        team.pass_time(minutes=1)
        log_touch(team.ports, 1, "kari", "call", outcome)
        logged.append(team.clock.now())
    with team.database.reading() as connection:
        span = {"since": team.clock.now() - timedelta(days=1), "until": team.clock.now(), "promised": 3}
        row = connection.execute(sla.PROMISED, span).one()
    assert row.tried_at == (logged[tried - 1] if tried else None)


def _remind(office: Office) -> list[tuple[str, str]]:
    office.mailer.emails.clear()
    remind_verdicts(office.ports)
    deliver(office.ports)
    return sorted((email.to.address, email.subject) for email in office.alerts if "verdict" in email.subject)


def test_a_rep_is_asked_for_overdue_verdicts_once_a_week_in_one_mail(team: Office) -> None:
    for email in ("mona@mill.example", "olga@bakery.example", "pia@site.example"):
        _ask(team, email)
    owners = {row.id: row.owner for row in team.rows("SELECT id, owner FROM handoff")}
    for number, owner in owners.items():
        accept(team.ports, number, owner, Given("unknown", "unknown"))
    team.pass_time(days=13)
    assert _remind(team) == []
    team.pass_time(days=2)
    assert _remind(team) == [
        ("kari@example.com", "2 leads wait for your verdict"),
        ("tom@example.com", "1 lead waits for your verdict"),
    ]
    team.pass_time(days=1)
    assert _remind(team) == []
    team.pass_time(days=6)
    (toms,) = [number for number, owner in owners.items() if owner == "tom"]
    judge(team.ports, toms, "tom", "yes", "yes", "no")
    assert _remind(team) == [("kari@example.com", "2 leads wait for your verdict")]


def test_the_links_of_the_reminder_open(here: Office) -> None:
    _ask(here, "mona@mill.example")
    accept(here.ports, 1, "kari", Given("unknown", "unknown"))
    here.pass_time(days=60)
    _remind(here)
    row = here.one("SELECT token, token_until FROM handoff")
    for told in (
        "Mona Berg, Mill (mona@mill.example): accepted 60 days ago",
        f"https://nurture.acme.example/h/{row.token}",
    ):
        assert told in here.alerts[-1].text
    assert str(row.token_until) > here.clock.now().strftime("%Y-%m-%d %H:%M:%S")


def test_a_rep_who_has_left_is_not_asked_but_the_team(here: Office) -> None:
    _ask(here, "mona@mill.example")
    accept(here.ports, 1, "kari", Given("unknown", "unknown"))
    here.pass_time(days=20)
    left = [{"key": "lise", "name": "Lise Moe", "address": "lise@example.com"}]
    root = write_project(here.ports.project.root, owners=left, alert_to="sales@example.com")
    here.ports = make_ports(here.database, here.clock, here.mailer, load_project(root))
    assert _remind(here) == [("sales@example.com", "1 lead waits for your verdict")]


def test_the_overdue_list_has_the_longest_overdue_on_top(team: Office) -> None:
    """Statement 86: the untouched list."""
    _ask(team, "mona@mill.example")
    team.pass_time(hours=7, minutes=1)
    _ask(team, "olga@bakery.example")
    team.pass_time(minutes=30)
    log_touch(team.ports, 2, "tom", "call", "no_answer")
    with team.database.reading() as connection:
        found = overdue(connection, team.ports, team.clock.now())
    assert [(one.handoff_id, one.owner, one.late, one.touched) for one in found] == [
        (1, "kari", timedelta(hours=6, minutes=55), False),  # it is five in Oslo
        (2, "tom", timedelta(minutes=25), True),
    ]
