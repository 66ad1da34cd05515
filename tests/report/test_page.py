"""The report as a page, and one lead on it: whole without the web, nothing of anybody, numbers told with care."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from time import process_time
from xml.etree import ElementTree

import pytest
from sqlalchemy import text

from models.database import Database
from models.queries import report as queries
from nurture.errors import UsageError
from nurture.ports import Ports
from nurture.report import report, timeline
from nurture.report.page import lead_page, page
from tests.report import plain
from tests.report.conftest import NOW, project_ports
from tests.report.world import fill


@pytest.fixture(scope="module")
def html(raw_year: Ports) -> str:
    return page(raw_year, report(raw_year, NOW), "/report/secret")


@pytest.fixture(scope="module")
def rows(raw_year: Ports) -> plain.Rows:
    return plain.Rows(raw_year.database, NOW - timedelta(days=90), NOW)


def test_the_page_needs_nothing_else_and_runs_nothing(html: str) -> None:
    assert "<script" not in html and "javascript:" not in html and " style=" not in html
    assert re.findall(r'(?:src|href)="([^"#]*)"', html) == re.findall(r'href="(/report/secret/lead/\d+)"', html)
    assert re.search(r"url\(|@import", html) is None


def test_every_chart_is_well_formed_and_says_what_it_shows(html: str) -> None:
    drawn = re.findall(r"<svg.*?</svg>", html, re.DOTALL)
    assert len(drawn) > 40
    for each in drawn:
        element = ElementTree.fromstring(each)
        assert element.get("aria-label") or element.get("aria-hidden")
    assert len([each for each in drawn if 'class="drawn"' in each]) == 2  # the trees of the two live sequences


def test_nobody_is_named_on_it(html: str, rows: plain.Rows) -> None:
    assert "Kim" not in html
    assert not [row["email"] for row in rows["address"] if row["email"] in html]
    assert not re.search(r"solo\d+\.example", html)  # a domain with one person is that person


def test_a_share_of_fewer_than_thirty_is_never_told_alone(html: str, raw_year: Ports) -> None:
    found = report(raw_year, NOW)
    few = [one.clicked for one in found.steps if not one.clicked.tells]
    few += [one.won for one in found.deals.sources if not one.won.tells]
    assert few and html.count("too few to tell</span>") >= len(few)
    assert all(one.in_words.startswith(("too few to tell", "none yet")) for one in few)


def test_own_names_of_stages_are_used(raw_year: Ports) -> None:
    """Statement 21: renamed stages appear in the report."""
    agreement = raw_year.project.config.agreement
    before = agreement.stages
    renamed = before | {"mql": before["mql"].model_copy(update={"name": "Zone 2"})}
    object.__setattr__(agreement, "stages", renamed)
    try:
        found = report(raw_year, NOW)
        assert [one.name for one in found.stages][1] == "Zone 2"
        assert "Zone 2" in page(raw_year, found)
    finally:
        object.__setattr__(agreement, "stages", before)


def test_a_company_without_a_past_has_a_report_too(sqlite_database: Database, tmp_path: Path) -> None:
    ports = project_ports(sqlite_database, tmp_path, NOW)
    found = report(ports, NOW)
    assert sum(one.leads for one in found.stages) == 0 and found.promotions.accepted.share is None
    assert "No mail left in this time." in page(ports, found)


def test_two_thousand_leads_take_less_than_three_seconds(sqlite_database: Database, tmp_path: Path) -> None:
    ports = project_ports(sqlite_database, tmp_path, NOW)
    fill(sqlite_database, ports, NOW, 2000)
    began = process_time()
    page(ports, report(ports, NOW))
    assert process_time() - began < 3


def test_mails_of_the_time_are_found_by_index(sqlite_database: Database) -> None:
    """Nothing of earlier years is read for the figures of mails."""
    with sqlite_database.reading() as connection:
        for query in (queries.STEPS, queries.SUBJECTS, queries.CLICKED):
            plan = connection.execute(
                text(f"EXPLAIN QUERY PLAN {query.element.text}"), {"from_at": "2026", "now": "2026"}
            )
            told = " ".join(str(row.detail) for row in plan)
            assert "ix_attempt_started" in told and "ix_event_message" in told, told
            assert "SCAN v" not in told and "SCAN m " not in told, told


# --- one lead


def busiest(rows: plain.Rows) -> int:
    """A lead that was handed over, and has both clicks of its own and those of machines."""
    handed = {row["lead_id"] for row in rows["handoff"]}
    clicks = Counter(
        (row["lead_id"], row["verdict"] == "human")
        for row in rows["event"]
        if row["lead_id"] in handed and row["kind"] in ("clicked", "replied")
    )
    both = [lead for lead in handed if clicks[lead, True] and clicks[lead, False]]
    return max(both, key=lambda lead: (clicks[lead, True] + clicks[lead, False], lead))


def test_all_that_was_recorded_of_a_lead_is_in_its_timeline(raw_year: Ports, rows: plain.Rows) -> None:
    """Statement 68: every human event can be reached; those of machines stand apart."""
    lead = busiest(rows)
    found = timeline(raw_year, lead)
    told = Counter(one.kind for one in found.entries)

    def of(table: str) -> list[plain.Raw]:
        return [row for row in rows[table] if row["lead_id"] == lead]

    acts = [row for row in of("event") if row["kind"] in ("clicked", "submitted", "replied")]
    assert told["act"] == sum(row["verdict"] == "human" for row in acts)
    assert len(found.machine) == sum(row["verdict"] != "human" for row in acts) > 0
    assert told["stage"] == len(of("transition")) + 1
    assert told["decision"] == len(of("decision"))
    assert told["handoff"] == len(of("handoff")) + sum(row["decided_at"] is not None for row in of("handoff"))
    assert told["answer"] == len(of("answer"))
    moments = [one.at for one in found.entries]
    assert moments == sorted(moments, reverse=True)


def test_decisions_say_why(raw_year: Ports, rows: plain.Rows) -> None:
    found = timeline(raw_year, busiest(rows))
    why = next(one.detail for one in found.entries if one.kind == "decision")
    assert re.match(r"meets every rule; [ABC][123]: fit 60, engagement 40; title \+20, asked for prices \+12.5; ", why)
    assert why.endswith("asked by engagement; agreement v1")


def test_at_one_moment_what_follows_stands_above_its_cause(raw_year: Ports, rows: plain.Rows) -> None:
    found = timeline(raw_year, busiest(rows))
    kinds = [one.kind for one in found.entries]
    offered = next(n for n, one in enumerate(found.entries) if one.what.startswith("offered to"))
    assert kinds[offered + 1 : offered + 3] == ["stage", "decision"]


def test_a_leads_page_names_nobody_and_keeps_what_people_wrote(raw_year: Ports, rows: plain.Rows) -> None:
    decided = {row["lead_id"] for row in rows["decision"]}
    lead = next(row["lead_id"] for row in rows["answer"] if row["question"] == "need" and row["lead_id"] in decided)
    shown = lead_page(raw_year, timeline(raw_year, lead))
    assert "answered: need" in shown and "less noise" not in shown
    assert "Kim" not in shown and "@mill" not in shown and f"p{lead}@" not in shown


def test_a_lead_that_is_not_there_is_a_wrong_word(raw_year: Ports) -> None:
    with pytest.raises(UsageError, match="there is no lead 4711"):
        timeline(raw_year, 4711)


def test_places_of_links_are_told_without_what_may_be_personal_in_them() -> None:
    from nurture.report.timeline import place

    assert place("https://acme.example/guide?email=kim@example.com#part") == "acme.example/guide"
    assert place(None) == "" and place("http://[") == ""


def test_moments_and_spans_are_written_for_people() -> None:
    from nurture.report.page import day, minutes, month

    assert day(datetime(2026, 11, 9)) == "9 Nov 2026"  # noqa: DTZ001
    assert month("2026-11") == "Nov 2026"
    assert [minutes(one) for one in (None, 4, 119, 300)] == [
        "a time that cannot be told yet", "4 minutes", "119 minutes", "5 business hours"
    ]  # fmt: skip
