"""A rule that wants quiet turns to yes by time alone: the gate is asked then, so that what was explained comes true."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from models.database import Database
from nurture.core.facts import Engagement
from nurture.core.whatif import Case, turns_at
from nurture.explain import explain
from nurture.handoff import qualify_due
from tests.core.agreements import IDEAL, NOW, agreement, form
from tests.office import Office

QUIET = {"text": "Quiet for 3 days", "nothing_within_days": 3, "of": ["webinar"]}
SURGE = {"text": "Is at it", "surge_of": 2, "within_days": 7}
MQL = [{"text": "Could be our customer", "fit_at_least": 30}, QUIET, {"text": "Is engaged", "score_at_least": 5}]
KNOWN = {"title": "CEO", "employees": 120, "industry": "Food", "country": "NO"}


def stage(office: Office) -> str:
    return str(office.one("SELECT stage FROM lead").stage)


def test_a_lead_is_promoted_when_it_has_been_quiet_for_as_long_as_the_explanation_says(
    database: Database, tmp_path: Path
) -> None:
    office = Office(database, tmp_path / "project", mql=MQL)
    lead_id = office.add_lead(**KNOWN)
    office.submit("webinar")
    qualify_due(office.ports)
    changes = [(one.to, one.change) for one in explain(office.ports, lead_id, office.clock.now()).what_if]
    assert ("mql", "it were quiet for 3 more days") in changes
    office.pass_time(days=2, hours=23)
    assert (qualify_due(office.ports), stage(office)) == (0, "iql")
    office.pass_time(hours=1, seconds=1)
    assert (qualify_due(office.ports), stage(office)) == (1, "mql")
    assert explain(office.ports, lead_id, office.clock.now()).answer.to is None


def test_whoever_is_not_quiet_is_asked_later(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path / "project", mql=MQL)
    office.add_lead(**KNOWN)
    office.submit("webinar")
    qualify_due(office.ports)
    office.pass_time(days=2)
    office.submit("webinar")
    qualify_due(office.ports)
    office.pass_time(days=1, seconds=2)
    assert (qualify_due(office.ports), stage(office)) == (0, "iql")
    office.pass_time(days=2)
    assert (qualify_due(office.ports), stage(office)) == (1, "mql")


@pytest.mark.parametrize(
    ("rules", "acts", "stage", "turns"),
    [
        ([QUIET], [form("webinar", days=1)], "iql", timedelta(days=2)),
        ([QUIET], [form("webinar", days=1), form("webinar", days=2)], "iql", timedelta(days=2)),
        ([QUIET], [form("webinar", days=4)], "iql", None),
        ([QUIET], [form("ebook", days=1)], "iql", None),
        ([QUIET], [form("webinar", days=1)], "customer", None),
        ([QUIET, QUIET | {"nothing_within_days": 2}], [form("webinar", days=1)], "recycled", timedelta(days=1)),
        ([SURGE], [form("ebook", days=10), form("ebook", days=1)], "iql", timedelta(days=4)),
        ([{"text": "Came of late", "acted_within_days": 14}], [form("webinar")], "iql", None),
    ],
)
def test_the_moment_is_the_first_at_which_time_alone_may_turn_a_rule_to_yes(
    rules: list[dict[str, Any]], acts: list[Engagement], stage: Any, turns: timedelta | None
) -> None:
    case = Case(acts, IDEAL, agreement(mql=rules), NOW, stage)
    assert turns_at(case) == (NOW + turns + timedelta(seconds=1) if turns else None)


def test_nothing_before_that_moment_and_yes_at_it() -> None:
    case = Case([form("webinar", days=1)], IDEAL, agreement(mql=[QUIET]), datetime(2026, 3, 2, 12, tzinfo=UTC), "iql")
    moment = turns_at(case)
    assert moment is not None
    assert case.at(moment - timedelta(seconds=1)).to is None
    assert case.at(moment).to == "mql"
