"""Each figure of the report equals what raw rows come to, reckoned in plain Python without its statements."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nurture.core.stats import rate
from nurture.core.steps import EmailStep
from nurture.ports import Ports
from nurture.report import Report, report
from tests.report import plain
from tests.report.conftest import NOW

SPAN, WITHIN = timedelta(days=90), timedelta(days=30)


@pytest.fixture
def found(filled: Ports) -> Report:
    return report(filled, NOW, SPAN, WITHIN)


@pytest.fixture(scope="module")
def read() -> dict[int, plain.Rows]:
    """Raw rows by database, read once."""
    return {}


@pytest.fixture
def rows(filled: Ports, read: dict[int, plain.Rows]) -> plain.Rows:
    if id(filled) not in read:
        read[id(filled)] = plain.Rows(filled.database, NOW - SPAN, NOW)
    return read[id(filled)]


def test_the_funnel(found: Report, rows: plain.Rows) -> None:
    """Statement 5: the conversion from stage to stage, by cohort; statement 82: recomputed from raw events."""
    assert {one.stage: one.leads for one in found.stages if one.leads} == plain.stages(rows)
    assert len(found.conversions) > 10
    for one in found.conversions:
        entered, open_, on, of = plain.conversion(rows, one.stage, WITHIN, one.month)
        assert (one.entered, one.open, one.rate) == (entered, open_, rate(on, of)), one
    by_month = [one for one in found.conversions if one.stage == "iql" and one.month]
    assert sum(one.entered for one in by_month) == next(one.entered for one in found.conversions if one.stage == "iql")


def test_time_in_stage_counts_those_still_there(found: Report, rows: plain.Rows) -> None:
    assert [one.stage for one in found.stays] == ["iql", "mql", "sql", "opportunity", "recycled"]
    for one in found.stays:
        assert (one.visits, one.still, one.median_days) == plain.half_left_after(rows, one.stage)
    assert any(one.median_days for one in found.stays)


def test_every_step_in_people(found: Report, rows: plain.Rows) -> None:
    expected = plain.steps(rows)
    assert {(one.sequence, one.step) for one in found.steps} == expected.keys()
    for one in found.steps:
        raw = expected[one.sequence, one.step]
        assert (one.mails, one.sent, one.machine, one.suspect) == (
            raw["mails"], raw["sent"], raw["machine"], raw["suspect"]
        )  # fmt: skip
        assert (one.delivered, one.bounced) == (rate(raw["delivered"], raw["sent"]), rate(raw["bounced"], raw["sent"]))
        for name in ("clicked", "replied", "complained"):
            assert getattr(one, name) == rate(raw[name], raw["delivered"]), (one, name)
        assert one.opted_out.part == raw["opted_out"]
    assert sum(one.opted_out.part for one in found.steps) > 0


def test_steps_come_in_the_order_of_the_file_and_those_it_has_no_more_come_last(found: Report) -> None:
    of = {name: [one.step for one in found.steps if one.sequence == name] for name in ("welcome", "other", "taken-out")}
    assert of["taken-out"] == ["tofu/gone"]
    assert [step for step in of["welcome"] if step != "tofu/was-here-once"] == ["tofu/one", "tofu/two"]
    gone = [steps for steps in of.values() if "tofu/was-here-once" in steps]
    assert gone[0][-1] == "tofu/was-here-once"


def test_subjects_beside_each_other(found: Report, rows: plain.Rows) -> None:
    expected = plain.subjects(rows)
    told = {
        (one.sequence, one.step, number): (arm.part, arm.whole)
        for one in found.subjects
        for number, arm in zip(one.subjects, one.clicked, strict=True)
    }
    assert told == expected and len(told) == 5
    assert all("too few to tell" in one.in_words or "no difference" in one.in_words for one in found.subjects)


def test_sequences(found: Report, rows: plain.Rows) -> None:
    expected = plain.courses(rows)
    assert {one.sequence for one in found.sequences} == {"welcome", "other", "taken-out"}
    for one in found.sequences:
        raw = expected[one.sequence]
        assert (one.entered, one.active, one.done, one.stuck) == (
            raw["entered"], raw["active"], raw["done"], raw["dead"]
        )  # fmt: skip
        assert one.left == raw["left"] and one.goal == rate(raw["goal"], raw["entered"])
        assert one.entered == one.active + one.done + one.stuck + sum(one.left.values())


def test_what_sales_said(found: Report, rows: plain.Rows) -> None:
    """Statement 49: project and budget in the report. Statement 93: each of the three questions has its own figure."""
    told, raw = found.promotions, plain.answers(rows, plain.handed(rows))
    assert (told.promoted, told.rejected, told.withdrawn, told.late, told.pending) == (
        raw["promoted"], raw["rejected"], raw["withdrawn"], raw["late"], raw["pending"]
    )  # fmt: skip
    assert told.accepted == rate(raw["accepted"], raw["of"])
    rejected = [row for row in plain.handed(rows) if row["state"] == "rejected"]
    for reason in told.reasons:
        assert reason.share == rate(sum(row["reason"] == reason.code for row in rejected), len(rejected))
    assert {one.code: one.label for one in told.reasons} == {
        "not_ready": "Not ready yet", "wrong_fit": "Wrong fit", "other": "Something else", "gone_code": "gone_code",
        "unreachable": "unreachable",
    }  # fmt: skip
    for one in told.verdicts:
        raw_said = plain.verdicts(rows, one.question)
        assert one.yes == rate(raw_said["yes"], raw_said["yes"] + raw_said["no"])
        assert (one.unknown, one.unsaid) == (raw_said["unknown"], raw_said[None])


def test_where_marketing_and_sales_disagree(found: Report, rows: plain.Rows) -> None:
    """Statement 17: the table of two by two, and the leads in dispute."""
    table, raw = found.promotions.disagreement, plain.opinions(rows)
    assert (table.hot_accepted, table.hot_rejected, table.cold_accepted, table.cold_rejected) == (
        raw[True, "accepted"], raw[True, "rejected"], raw[False, "accepted"], raw[False, "rejected"]
    )  # fmt: skip
    assert (table.asked_accepted, table.asked_rejected) == (raw["asked", "accepted"], raw["asked", "rejected"])
    assert table.asked_accepted > 0
    assert len(table.disputed) == min(50, table.hot_rejected + table.cold_accepted) > 3
    assert table.agree.part == table.hot_accepted + table.cold_rejected


def test_acceptance_by_source_and_by_rep(found: Report, rows: plain.Rows) -> None:
    sources = {lead["id"]: lead["source"] or "not known" for lead in rows["lead"]}
    for groups, of in (
        (found.promotions.sources, lambda row: sources[row["lead_id"]]),
        (found.promotions.reps, lambda row: row["first_owner"]),
    ):
        assert sum(one.promoted for one in groups) == found.promotions.promoted
        for one in groups:
            raw = plain.answers(rows, [row for row in plain.handed(rows) if of(row) == one.name])
            assert (one.promoted, one.pending, one.accepted) == (
                raw["promoted"], raw["pending"], rate(raw["accepted"], raw["of"])
            )  # fmt: skip


def test_deals(found: Report, rows: plain.Rows) -> None:
    """Statement 25: won, lost and money, each currency on its own."""
    raw = plain.deals(rows)
    told = found.deals
    assert (told.opened, told.lost, told.won) == (
        raw["opened"],
        raw["lost"],
        rate(raw["won"], raw["won"] + raw["lost"]),
    )
    assert {one.currency: one.hundredths for one in told.amounts} == raw["money"] and raw["money"]
    assert {one.code: one.share.part for one in told.reasons} == raw["reasons"]
    for one in told.sources:
        of = plain.deals(rows, one.name, every=False)
        assert (one.opened, one.won) == (of["opened"], rate(of["won"], of["won"] + of["lost"]))
        assert {each.currency: each.hundredths for each in one.amounts} == of["money"]


def test_interest_and_scanners(found: Report, rows: plain.Rows, filled: Ports) -> None:
    """Statement 23: a topic counts once for each person; scanners add none."""
    topic_of = {
        (name, step.id): step.topic
        for name, text in filled.library.in_force.items()
        for step in text.steps.values()
        if isinstance(step, EmailStep) and step.topic
    }
    assert {one.topic: (one.people, one.machine) for one in found.topics} == plain.topics(rows, topic_of)
    assert {one.topic for one in found.topics} == {"guides", "offers", "no topic"}
    assert {one.form: (one.people, one.sent) for one in found.forms} == plain.forms(rows)
    expected = plain.scanned(rows)
    assert {one.domain: (one.people, one.machine.part, one.machine.whole) for one in found.scanners} == expected
    assert "bank.example" in expected and not any(name.startswith("solo") for name in expected)


def test_answers_tell_what_was_chosen_and_nothing_that_was_written(found: Report, rows: plain.Rows) -> None:
    given = [row for row in rows["answer"] if rows.lately(row["answered_at"])]
    assert sum(one.people for one in found.answers) == len(given)
    assert {one.answer for one in found.answers if one.question == "need"} == {"in their own words"}
    soon = sum(row["value"] == "soon" for row in given)
    assert next(one.people for one in found.answers if one.answer == "Within three months") == soon


def test_promises_are_those_of_the_agreement(found: Report, rows: plain.Rows) -> None:
    """Statements 67 and 86: attainment of both sides. (Business hours are reckoned in the tests of attainment.)"""
    told = {one.text: one for one in found.promises.promises}
    for name, text in {
        "answered": "Leads answered or touched in time",
        "asked": "Those who asked for a person, in 5 minutes",
        "tried": "Leads reached, or tried 5 times in 10 working days",
        "taken": "Handed leads that sales takes",
        "complete": "Handed leads with name, company, reason and a way to reach them",
    }.items():
        kept, of, pending = plain.promises(rows)[name]
        assert (told[text].kept, told[text].pending) == (rate(kept, of), pending), name
        assert of, name
    assert sum(number for _, number in found.promises.handoffs) == found.promotions.promoted
