"""Cutting what is due into tasks, and telling what became of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nurture.advance import Due, Outcome, Report
from nurture.advance.batches import batches
from nurture.advance.report import SAMPLE
from nurture.advance.table import rows, summary

LATER = datetime(2026, 3, 4, 8, tzinfo=UTC)


def due(**counts: int) -> list[Due]:
    pairs = [(sequence, n) for sequence, count in counts.items() for n in range(count)]
    return [Due(number, 1000 + number, sequence) for number, (sequence, _) in enumerate(pairs)]


@pytest.mark.parametrize(
    ("waiting", "expected"),
    [
        ({}, []),
        ({"a": 3}, [1, 1, 1]),
        ({"a": 60, "b": 39}, [1] * 99),  # below 100 in all: one task is one lead
        ({"a": 100}, [100]),
        ({"a": 500}, [500]),
        ({"a": 501}, [251, 250]),
        ({"a": 450, "b": 50}, [450, 50]),  # a task is in one sequence
        ({"a": 60_000}, [600] * 100),  # never more than 100 tasks of a sequence
    ],
)
def test_how_many_leads_a_task_has(waiting: dict[str, int], expected: list[int]):
    assert [len(batch.ids) for batch in batches(due(**waiting))] == expected


@pytest.mark.parametrize("count", [7, 99, 100, 1234, 51_000])
def test_everybody_is_in_exactly_one_task(count: int):
    leads = due(a=count // 2, b=count - count // 2)
    ids = [id_ for batch in batches(leads) for id_ in batch.ids]
    assert sorted(ids) == [one.id for one in leads]


def test_a_task_is_named_by_its_lead_or_by_how_many():
    assert [batch.name for batch in batches(due(a=1))] == ["lead 1000"]
    assert [batch.name for batch in batches(due(a=600))] == ["a 1 of 2, 300 due", "a 2 of 2, 300 due"]


def test_like_outcomes_share_a_row_and_trouble_comes_first():
    report = Report()
    for number in range(12):
        report.add(Outcome(number, 100 + number, "a", "tofu/one", "sent"))
    report.add(Outcome(20, 120, "a", "tofu/one", "waiting", LATER, "it is night in Oslo"))
    report.add(Outcome(21, 121, "a", "tofu/one", "failed", why="no first name"))
    first, second, third = rows(report)
    assert (first["what"], first["why"], first["lead ids"]) == ("failed", "no first name", "121")
    assert (second["what"], second["leads"]) == ("sent", 12)
    assert str(second["lead ids"]).startswith("100, 101, ") and str(second["lead ids"]).endswith(" ...")
    assert (third["until"], third["why"]) == ("Wed 04 Mar 08:00 UTC", "it is night in Oslo")


def test_a_table_is_never_longer_than_people_read():
    report = Report()
    for number in range(500):
        report.add(Outcome(number, number, "a", "tofu/one", "skipped", why=f"reason {number}"))
    assert len(rows(report)) == 200


def test_counts_are_whole_where_outcomes_are_a_sample():
    parts = [Report(), Report()]
    for part in parts:
        for number in range(SAMPLE + 50):
            part.add(Outcome(number, number, "a", "tofu/one", "sent"))
        part.add(Outcome(999, 999, "a", "tofu/one", "waiting", LATER, "later"))
    whole = Report()
    for part in parts:
        whole.merge(part)
    assert [row["leads"] for row in rows(whole)] == [2 * (SAMPLE + 50), 2]
    assert summary(whole) == f"{2 * (SAMPLE + 50)} sent, 2 waiting"
    assert summary(Report()) == "nothing was due"
