"""Every preset starts a project that is valid and runs; the one for founders does so with one person in every part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from nurture import alerts
from nurture import simulate as sim
from nurture.content import load_project, validate
from nurture.content.faults import check
from nurture.content.source import read_file
from nurture.core.project import ProjectConfig
from nurture.errors import UsageError
from nurture.handoff import qualify_due
from nurture.preset import HANDOFF, MQL, PRESETS, write
from tests.office import Office

MONDAY = datetime(2026, 11, 23, 8, tzinfo=UTC)
SOME = 40


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    found = {preset: tmp_path_factory.mktemp(preset) / "ours" for preset in PRESETS}
    for preset, folder in found.items():
        write(preset, folder)
    return found


def played(root: Path, days: int = 21) -> Iterator[sim.World]:
    """Some leads and readers who raise their hands more than is likely, for a few weeks."""
    project = load_project(root)
    world = sim.new_world(project, MONDAY, 7)
    lines = (root / "samples/leads.csv").read_bytes().splitlines(keepends=True)[: SOME + 1]
    sim.import_into(world, BytesIO(b"".join(lines)), "leads.csv")
    rates = sim.Rates(hand_raises=dict.fromkeys(("tofu", "mofu", "bofu"), 0.3))
    sim.play(world, sim.ByChance(7, project.config.agreement, rates), MONDAY + timedelta(days=days), lambda _: None)
    yield world
    sim.close(world)


def rows(world: sim.World, sql: str) -> list[Any]:
    with world.ports.database.reading() as connection:
        return list(connection.execute(text(sql)))


@pytest.mark.parametrize("preset", PRESETS)
def test_statement_80_each_preset_is_valid_and_runs(projects: dict[str, Path], preset: str) -> None:
    assert validate(projects[preset]) == []
    for world in played(projects[preset], days=7):
        assert rows(world, "SELECT id FROM message")
        assert rows(world, "SELECT id FROM handoff")
        assert sim.collect(world, MONDAY + timedelta(days=7)).failed == 0


def test_statement_4_one_person_is_alerted_once_about_each_lead_and_nobody_else_is(
    projects: dict[str, Path],
) -> None:
    for world in played(projects["founder"]):
        handoffs = rows(world, "SELECT id, owner, hand_raise FROM handoff")
        assert handoffs
        assert {row.owner for row in handoffs} == {"nora"}
        told = Counter(row.kind for row in rows(world, "SELECT kind FROM outbox"))
        assert told["sales_alert"] == len(handoffs)
        assert told["sla_alert"] == 0  # nobody is told that she herself is late
        days = rows(world, "SELECT dedupe_key FROM outbox WHERE kind = 'day_alert'")
        assert len(days) <= 15  # working days
        assert not rows(world, "SELECT id FROM touch WHERE kind IN ('backup', 'given')")


def test_the_list_of_the_day_holds_who_waits_and_goes_once(database: Any, tmp_path: Path) -> None:
    office = Office(database, tmp_path, tell_sales="daily", **EASY)
    for number in (1, 2):
        office.submit("pricing", f"lead{number}@mill{number}.example", first_name="Mona", last_name=f"Berg {number}")
    qualify_due(office.ports)
    office.submit("demo", "now@mill3.example", first_name="Ida", last_name="Now")
    qualify_due(office.ports)
    alerts.deliver(office.ports)
    (at_once,) = office.alerts  # who asks for a person
    assert "Ida Now" in at_once.text
    office.pass_time(days=1)
    alerts.deliver(office.ports)
    alerts.deliver(office.ports)
    (listed,) = office.alerts[1:]
    assert "leads wait for you" in listed.subject
    assert {"Mona Berg 1", "Mona Berg 2"} <= {line[2:13] for line in listed.text.splitlines()}


EASY = {
    "mql": [{"text": "Did something", "did_at_least": 1, "within_days": 30}],
    "sql": [{"text": "Means to buy", "intent_within_days": 14}],
}


@pytest.mark.parametrize("mql", MQL)
@pytest.mark.parametrize("handoff", HANDOFF)
@pytest.mark.parametrize("preset", PRESETS)
def test_statement_40_each_answer_to_init_makes_a_valid_agreement(
    tmp_path: Path, preset: str, mql: str, handoff: str
) -> None:
    write(preset, tmp_path / "ours", mql, handoff)
    config, problems = check(ProjectConfig, read_file(tmp_path / "ours" / "nurture.yaml", "nurture.yaml"))
    assert config is not None, problems
    terms = config.agreement
    names = {rule.text for rule in (*terms.mql, *terms.sql)}
    assert "Could be our customer" in names
    assert any("means to buy" in name for name in names)


def test_an_unknown_answer_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'answers'"):
        write("saas", tmp_path / "ours", None, "answer")
    assert not (tmp_path / "ours").exists()
