"""Scores in the database: kept by the engine act by act, counted anew all at once, and what decisions rest on."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from models.words import LegalGround
from nurture.engage import fold, receive
from nurture.errors import UsageError
from nurture.explain import explain, explain_decision
from nurture.handoff import qualify_due, reject
from nurture.handoff.rescore import Rescored, how_many, rescore
from nurture.leads.draft import Draft
from nurture.leads.store import Intake, save
from nurture.ports import Ports
from tests.engine.interleave import at
from tests.office import Office

FORMS = ("ebook", "checklist", "webinar", "pricing", "survey")


def crowd(office: Office, leads: int) -> None:
    """So many leads, each with up to two forms in the last days, worked by the engine."""
    rng = random.Random(7)
    intake = Intake("test", office.clock.now(), office.ports.new_id)
    drafts = [
        Draft(
            email=f"lead{n}@mill.example", first_name="Mona", company="Mill", legal_ground=LegalGround.CONSENT,
            title=rng.choice(["CEO", "Plant Manager", "Poet", None]), country=rng.choice(["NO", "FR", None]),
            employees=rng.choice([3, 120, None]), industry=rng.choice(["Food", None]),
        )
        for n in range(leads)
    ]  # fmt: skip
    with office.database.transaction("add leads") as connection:
        save(connection, drafts, intake)
    for _ in range(2):
        for n in range(leads):
            if rng.random() < 0.6:
                body = {"email": f"lead{n}@mill.example"}
                receive(office.ports, f"form:{rng.choice(FORMS)}", json.dumps(body).encode())
        fold(office.ports)
        qualify_due(office.ports)
        office.pass_time(days=rng.choice([1, 2]), minutes=7)
    fold(office.ports)
    qualify_due(office.ports)


def scores(office: Office) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in office.rows("SELECT lead_id, fit, engagement, grade, intent FROM score ORDER BY 1")]


def test_counting_all_scores_anew_gives_what_the_engine_kept_act_by_act(office: Office) -> None:
    crowd(office, 200)
    rescore(office.ports)
    true = scores(office)
    assert len({row[3] for row in true}) > 4, "grades of many kinds"
    # the same leads, each asked by the engine itself
    with office.database.transaction("ask all") as connection:
        connection.exec_driver_sql("UPDATE score SET fit = 1, engagement = 1, grade = 'D4', due_at = '2026-01-01'")
    qualify_due(office.ports)
    assert scores(office) == true
    again = rescore(office.ports, dry_run=True)
    assert (again.leads, again.differ, how_many(office.ports)) == (200, 0, 200)


def test_what_is_wrong_is_told_and_mended_and_nothing_else_is_touched(office: Office, monkeypatch: Any) -> None:
    monkeypatch.setattr("nurture.handoff.rescore.BATCH", 7)
    crowd(office, 30)
    rescore(office.ports)
    true = scores(office)
    with office.database.transaction("spoil") as connection:
        connection.exec_driver_sql("UPDATE score SET engagement = 99, grade = 'A1' WHERE lead_id <= 9")
        connection.exec_driver_sql("DELETE FROM score WHERE lead_id = 20")
    stages, seen = office.rows("SELECT id, stage FROM lead ORDER BY id"), list[int]()
    told = rescore(office.ports, dry_run=True)
    assert scores(office) != true
    assert (told.leads, told.differ) == (30, 10)
    assert sum(told.grades.values()) <= 10
    assert {was for was, _ in told.grades} <= {"A1", "none"}
    assert rescore(office.ports, tick=seen.append) == told
    assert seen == [7, 14, 21, 28, 30]
    assert scores(office) == true
    assert rescore(office.ports) == Rescored(leads=30)
    assert office.rows("SELECT id, stage FROM lead ORDER BY id") == stages


def test_points_fade_and_counting_anew_writes_it_down(here: Office) -> None:
    here.add_lead()
    here.submit("webinar")
    qualify_due(here.ports)
    here.pass_time(days=30)
    assert here.one("SELECT engagement FROM score").engagement == 15
    assert rescore(here.ports).differ == 1
    assert here.one("SELECT engagement FROM score").engagement == 8


def test_a_score_that_is_counted_meanwhile_is_newer_and_stays(office: Office) -> None:
    lead = office.add_lead()
    office.submit("ebook")
    with office.database.transaction("spoil") as connection:
        connection.exec_driver_sql("UPDATE score SET engagement = 99")

    def meanwhile() -> None:
        office.pass_time(seconds=1)
        office.submit("webinar")
        qualify_due(office.ports)

    at(office.database, "rescore: before", meanwhile)
    rescore(office.ports)
    assert office.one("SELECT engagement FROM score WHERE lead_id = :id", id=lead).engagement == 19


def test_a_stage_once_reached_is_kept_until_sales_sends_the_lead_back(office: Office) -> None:
    """Statement 76: points fade below the bar and the lead stays; a rejection sets it back to nothing."""
    lead = office.add_lead(title="CEO", country="NO", employees=120, industry="Food")

    def stage() -> str:
        return str(office.one("SELECT stage FROM lead WHERE id = :id", id=lead).stage)

    office.submit("ebook")
    qualify_due(office.ports)
    assert stage() == "iql"
    office.pass_time(days=1)
    office.submit("webinar")
    qualify_due(office.ports)
    assert stage() == "mql"
    office.pass_time(days=100)
    office.submit("survey")
    qualify_due(office.ports)
    rescore(office.ports)
    assert office.one("SELECT engagement FROM score").engagement < 15
    assert stage() == "mql"
    office.submit("demo")
    qualify_due(office.ports)
    assert stage() == "sql"
    [handoff] = office.rows("SELECT id, owner FROM handoff")
    reject(office.ports, handoff.id, handoff.owner, "not_ready")
    office.pass_time(days=1)
    office.submit("webinar")
    qualify_due(office.ports)
    assert stage() == "recycled", "one webinar is one kind on one day: what it did before counts no more"


def reagreed(ports: Ports, **changes: Any) -> Ports:
    """The same company after both sides have agreed anew."""
    config = ports.project.config
    terms = config.agreement.model_copy(update=changes)
    project = replace(ports.project, config=config.model_copy(update={"agreement": terms}), agreement_version="newer")
    return replace(ports, project=project)


def test_an_old_decision_is_told_by_the_agreement_of_its_day(office: Office) -> None:
    """Statement 50: rules, bars and signatures are those it was made by."""
    lead = office.add_lead(title="CEO", country="NO", employees=120, industry="Food")
    office.submit("ebook")
    office.pass_time(days=1)
    office.submit("webinar")
    qualify_due(office.ports)
    agreement = office.ports.project.config.agreement
    later = reagreed(office.ports, mql=tuple(rule.model_copy(update={"text": "New"}) for rule in agreement.mql))
    [decision] = explain(later, lead, office.clock.now()).decisions
    past = explain_decision(later, lead, decision.id)
    assert (past.outcome, past.version) == ("mql", office.ports.project.agreement_version)
    assert past.signed == "Ida Solberg, 12 Jan 2026, for marketing and Jonas Brekke, 12 Jan 2026, for sales"
    assert past.rules[agreement.mql[0].text].startswith("fit_at_least: ")
    assert {check["text"] for check in past.evidence["checks"] if check["gate"] == "mql"} >= {
        rule.text for rule in agreement.mql
    }
    assert {"to": "sql", "change": "it asked for a person"} in past.evidence["what_if"]
    with pytest.raises(UsageError, match="has no decision 99"):
        explain_decision(later, lead, 99)


def test_a_decision_keeps_its_near_misses(office: Office) -> None:
    lead = office.add_lead(title="CEO", country="NO", employees=120, industry="Food", company=None)
    office.submit("ebook")
    office.pass_time(days=1)
    office.submit("webinar")
    qualify_due(office.ports)
    [decision] = explain(office.ports, lead, office.clock.now()).decisions
    checks = explain_decision(office.ports, lead, decision.id).evidence["checks"]
    near = {check["text"]: check["near"] for check in checks if check["answer"] != "yes" and check["near"]}
    assert "company unknown" in near.values()
    assert "has not happened yet" in near.values()


def test_days_are_counted_on_the_leads_own_clock(here: Office) -> None:
    """START is ten in the morning; two evenings in Oslo an hour apart are two days where midnight lies between."""
    lead = here.add_lead(timezone="Europe/Oslo", title="CEO", country="NO", employees=120, industry="Food")
    midnight = here.clock.now().replace(hour=23, minute=0)
    here.clock.move_to(midnight - timedelta(minutes=30))
    here.submit("webinar")
    here.clock.move_to(midnight + timedelta(minutes=30))
    here.submit("ebook")
    here.pass_time(minutes=1)
    assert explain(here.ports, lead, here.clock.now()).answer.to == "mql"
