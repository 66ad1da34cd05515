"""What leads do away from the site comes in by lists: fairs and webinars, each act once."""

from __future__ import annotations

import io

import pytest

from nurture.leads import import_leads
from tests.office import Office


def take_in(office: Office, text: str) -> tuple[int, int, int, int]:
    """Created, updated, unchanged, left out."""
    report = import_leads(
        office.database, office.clock, io.BytesIO(text.encode()), file="list.csv", new_token=office.ports.new_id
    )
    return report.created, report.updated, report.unchanged, report.left_out


def acts(office: Office) -> list[tuple[str, str]]:
    return [(row.name, str(row.at)[:10]) for row in office.rows("SELECT name, occurred_at AS at FROM event ORDER BY 2")]


@pytest.mark.parametrize(
    ("source", "attendance", "act"),
    [
        ("Webinar", "registered", "webinar"),
        ("webinar", "No-show", "webinar"),
        ("webinar", "", "webinar"),
        ("webinar", "Attended", "webinar-attended"),
        ("webinar", "yes", "webinar-attended"),
        ("Trade show", "scan", "tradeshow"),
        ("tradeshow", "Booth demo", "tradeshow-demo"),
        ("Booth demo", "", "tradeshow-demo"),
        ("badge scan", "", "tradeshow"),
    ],
)
def test_what_was_done_there_is_told_apart(here: Office, source: str, attendance: str, act: str) -> None:
    take_in(here, f"email,source,attendance,date\nmona@mill.example,{source},{attendance},2026-02-10\n")
    assert acts(here) == [(act, "2026-02-10")]


def test_an_attendance_that_nobody_knows_is_a_fault_of_its_row(here: Office) -> None:
    assert take_in(here, "email,source,attendance\na@mill.example,webinar,maybe\nb@mill.example,webinar,yes\n") == (
        1, 0, 0, 1,
    )  # fmt: skip


def test_known_leads_gain_what_they_did_and_the_same_list_twice_changes_nothing(office: Office) -> None:
    take_in(office, "email,source,date\nmona@mill.example,tradeshow,2026-01-10\n")
    attended = "email,source,attendance,date\nmona@mill.example,webinar,attended,2026-02-10\n"
    for _ in range(2):
        take_in(office, attended)
    assert acts(office) == [("tradeshow", "2026-01-10"), ("webinar-attended", "2026-02-10")]
    assert office.one("SELECT source FROM lead").source == "tradeshow"


def test_answers_in_a_list_are_kept_with_where_they_come_from_and_the_first_stands(office: Office) -> None:
    take_in(office, "email,budget,timeline,date\nmona@mill.example,Yes,Within a year,2026-02-10\n")
    take_in(office, "email,budget,need\nmona@mill.example,no,Night load\n")
    rows = office.rows("SELECT question, value, source, answered_at FROM answer ORDER BY question")
    assert [(row.question, row.value, row.source) for row in rows] == [
        ("budget", "yes", "import list.csv"),
        ("need", "Night load", "import list.csv"),
        ("timing", "year", "import list.csv"),
    ]
    assert str(rows[0].answered_at)[:10] == "2026-02-10"
