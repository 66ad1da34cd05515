"""The promise about a handed lead: its clock, and when the rungs of the ladder are due."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.content import load_project
from nurture.core.project import ProjectConfig
from nurture.core.promise import ladder
from nurture.handoff.sla import clock, next_rung, used
from tests.core.agreements import agreement
from tests.support import write_project

OWNERS = [
    {"key": "kari", "name": "Kari Lund", "address": "kari@example.com", "timezone": "Europe/Oslo", "country": "NO"},
    {"key": "tom", "name": "Tom Becker", "address": "tom@example.com", "timezone": "America/New_York", "country": "US"},
    {"key": "asha", "name": "Asha Rao", "address": "asha@example.com", "timezone": "Asia/Kolkata", "country": "IN"},
]


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> ProjectConfig:
    """Five minutes for who asks for a person, four hours for others; three reps far from each other."""
    return load_project(write_project(tmp_path_factory.mktemp("project"), owners=OWNERS)).config


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def handoff(owner: str = "kari", **told: Any) -> Any:
    row = {"state": "offered", "owner": owner, "hand_raise": True, "touched_at": None, "rung": 0}
    return SimpleNamespace(
        **row | {"clock_from": utc("2026-11-24 08:00"), "offered_at": utc("2026-11-24 08:00")} | told
    )


@pytest.mark.parametrize(
    ("hand_raise", "now", "clock_from", "due", "first_rung"),
    [
        (True, "2026-11-24 09:00", "2026-11-24 09:00", "2026-11-24 09:05:00", "2026-11-24 09:02:30"),
        (False, "2026-11-24 09:00", "2026-11-24 09:00", "2026-11-24 13:00:00", "2026-11-24 11:00:00"),
        (True, "2026-11-24 15:58", "2026-11-24 15:58", "2026-11-25 08:03:00", "2026-11-25 08:00:30"),
        (True, "2026-11-28 22:00", "2026-11-30 08:00", "2026-11-30 08:05:00", "2026-11-30 08:02:30"),
        (False, "2026-11-27 14:00", "2026-11-27 14:00", "2026-11-30 10:00:00", "2026-11-27 16:00:00"),
        (False, "2026-12-24 15:00", "2026-12-24 15:00", "2026-12-28 11:00:00", "2026-12-28 09:00:00"),
    ],
)
def test_the_clock_runs_in_the_business_hours_of_the_owner(
    config: ProjectConfig, hand_raise: bool, now: str, clock_from: str, due: str, first_rung: str
) -> None:
    """Statements 67 and 86: nights, weekends and holidays do not count."""
    promised = clock(config, "kari", hand_raise, utc(now))
    assert (promised.clock_from, promised.due_at, promised.rung_due_at) == (utc(clock_from), utc(due), utc(first_rung))


@pytest.mark.parametrize("owner", ["pool", "who-has-left"])
def test_the_pool_works_by_the_hours_of_the_company(config: ProjectConfig, owner: str) -> None:
    assert clock(config, owner, True, utc("2026-11-24 09:00")).due_at == utc("2026-11-24 09:05")
    assert clock(config, owner, True, utc("2026-11-24 18:00")).due_at == utc("2026-11-25 09:05")


@pytest.mark.parametrize(
    ("rung", "due"),
    [(0, "2026-11-24 08:02:30"), (1, "2026-11-24 08:05"), (2, "2026-11-24 08:07:30"), (3, "2026-11-24 08:15")],
)
def test_each_rung_is_due_at_its_percent(config: ProjectConfig, rung: int, due: str) -> None:
    assert next_rung(config, handoff(rung=rung), utc("2026-11-24 08:00")) == utc(due)


@pytest.mark.parametrize(
    "told", [{"rung": 4}, {"touched_at": utc("2026-11-24 08:01")}, {"state": "accepted"}, {"state": "withdrawn"}]
)
def test_a_handoff_climbs_no_more(config: ProjectConfig, told: dict[str, Any]) -> None:
    assert next_rung(config, handoff(**told), utc("2026-11-24 08:01")) is None


def test_whoever_gets_a_lead_late_gets_some_time(config: ProjectConfig) -> None:
    """In Kolkata it is the afternoon, and far more than 300 % have gone by: the last rung is 150 % from now."""
    given = handoff("asha", rung=3, clock_from=utc("2026-11-25 05:00"), offered_at=utc("2026-11-25 05:00"))
    assert next_rung(config, given, utc("2026-11-25 08:00")) == utc("2026-11-25 08:07:30")


def test_in_another_zone_the_next_rung_waits_for_the_morning_there(config: ProjectConfig) -> None:
    assert next_rung(config, handoff("tom", rung=3), utc("2026-11-24 08:07:30")) == utc("2026-11-24 14:15")


def test_what_is_used_of_a_promise_is_business_hours(config: ProjectConfig) -> None:
    assert used(config, handoff(), utc("2026-11-25 09:00")) == timedelta(hours=9)


@given(
    st.sampled_from(["kari", "tom", "asha", "pool"]),
    st.integers(0, 4),
    st.booleans(),
    st.integers(0, 60 * 24 * 60),
    st.integers(0, 60 * 24 * 60),
)
def test_the_next_rung_is_never_now_and_never_comes_twice(
    config: ProjectConfig, owner: str, rung: int, hand_raise: bool, begun: int, later: int
) -> None:
    start = utc("2026-11-01 00:00") + timedelta(minutes=begun)
    now = start + timedelta(minutes=later)
    row = handoff(owner, rung=rung, hand_raise=hand_raise, clock_from=start)
    due_at = next_rung(config, row, now)
    assert (due_at is None) == (rung == 4)
    assert due_at is None or due_at > now


@pytest.mark.parametrize(
    ("terms", "rungs"),
    [
        ({"owners": OWNERS}, ["remind", "backup", "reassign", "pool"]),
        ({"owners": OWNERS[:1]}, ["remind"]),
        (
            {
                "owners": OWNERS,
                "agreed_by": {key: {"name": "Ida", "date": "2026-01-12"} for key in ("marketing", "sales")},
            },
            ["remind", "backup", "reassign", "pool"],
        ),
        ({"owners": OWNERS, "sla": {"hand_raise_minutes": 5, "accept_hours": 4, "ladder": []}}, []),
    ],
)
def test_who_works_alone_climbs_reminders_only(terms: dict[str, Any], rungs: list[str]) -> None:
    """Statement 4: no escalation to oneself."""
    assert [rung.do for rung in ladder(agreement(**terms))] == rungs
