"""Every rule can be read as a sentence, and the page of an agreement names them all."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter

from nurture.contract import page, sections
from nurture.core.agreement import NOBODY
from nurture.core.lifecycle import STAGES
from nurture.core.project import Brand
from nurture.core.rules import RULE_KINDS, Rule
from nurture.core.sentences import sentence
from nurture.core.signing import unsigned
from nurture.signed import Pending
from tests.core.agreements import AGREEMENT, NOW, TERMS, agreement

ASKED: list[tuple[dict[str, Any], str]] = [
    ({"fit_at_least": 30}, "Fit is 30 or more of 100."),
    ({"score_at_least": 15}, "Engagement is 15 or more of 100."),
    ({"cell_in": ["A1", "B1"]}, "Stands in A1 or B1 of the grid."),
    ({"kinds_at_least": 2, "within_days": 30}, "Did 2 different kinds of things within 30 days."),
    ({"days_at_least": 1, "within_days": 1}, "Did something on 1 day within 1 day."),
    ({"acted_within_days": 14}, "Did something itself within the last 14 days."),
    ({"intent_within_days": 14}, "Within the last 14 days it asked for prices or asked for a person."),
    ({"known": ["name", "reachable"]}, "We know its name and an address or a phone number."),
    (
        {"did_at_least": 1, "of": ["form", "guide"], "within_days": 9},
        "It sent a form or asked for a guide, once or more within 9 days.",
    ),
    (
        {"did_at_least": 3, "within_days": 9, "on_different_days": True},
        "It did anything, on 3 different days or more within 9 days.",
    ),
    (
        {"first": "guide", "then": "prices", "within_days": 9},
        "It first asked for a guide and then asked for prices, within 9 days.",
    ),
    ({"nothing_within_days": 9, "of": ["reply"]}, "In the last 9 days it never answered a mail."),
    ({"attribute": "industry", "one_of": ["food", "wood"]}, "Its industry is food or wood."),
    ({"attribute": "employees", "at_least": 50}, "Its company has 50 or more people."),
    (
        {"answers_at_least": 2, "of": ["need", "budget", "timing"]},
        "It answered 2 questions at least, of need, budget or timing.",
    ),
    ({"open_within_days": 21}, "Within the last 21 days it showed intent, answered us or a question, or asked"),
    ({"surge_of": 5, "within_days": 7}, "Did 5 things or more within 7 days, and at least twice as many as"),
]


@pytest.mark.parametrize(("asked", "told"), ASKED)
def test_a_rule_is_a_sentence(asked: dict[str, Any], told: str) -> None:
    rule: Any = TypeAdapter(Rule).validate_python({"text": "As we say", **asked})
    assert sentence(rule, AGREEMENT).startswith(told)


def test_every_kind_of_rule_has_one() -> None:
    assert {next(kind for kind in RULE_KINDS if kind in asked) for asked, _ in ASKED} == set(RULE_KINDS)


BRAND = Brand(name="Acme", site="https://acme.example", address="Storgata 1, 0155 Oslo")
WHOLE = agreement(
    manager={"name": "Mia <b>Boss</b>", "address": "mia@example.com"},
    sla={"hand_raise_minutes": 5, "accept_hours": 4, "marketing": {"handoffs_per_week": 5, "accepted_percent": 60}},
)


def test_statement_20_the_page_names_every_stage_and_rule() -> None:
    html = page(BRAND, WHOLE, "v1")
    for stage in STAGES:
        assert WHOLE.stages[stage].name in html
    for rule in (*WHOLE.mql, *WHOLE.sql):
        assert rule.text in html
        assert sentence(rule, WHOLE) in html
    for reason in WHOLE.reject_reasons.values():
        assert reason.label in html
    for signal in WHOLE.signals.values():
        assert signal.about in html
    for owner in WHOLE.owners:
        assert owner.name in html
    for signature in (WHOLE.agreed_by.marketing, WHOLE.agreed_by.sales):
        assert signature.name in html
    assert "<b>Boss" not in html


def test_the_grid_shows_who_may_come_how_far() -> None:
    html = page(BRAND, WHOLE, "v1")
    for reach, cells in {"sales": ["A1", "A2", "B1"], "marketing": ["A3", "C1"], "nurture": ["A4", "D1"]}.items():
        for cell in cells:
            assert f'<td class="cell {reach}">{cell}</td>' in html


def test_a_draft_says_that_it_is_none_yet() -> None:
    draft = agreement(settle_minutes=20)
    html = page(BRAND, draft, "v2", Pending((), unsigned(AGREEMENT, draft, NOW)))
    assert "A draft, not in force" in html
    assert html.count("has not signed this") == 2
    assert "A draft" not in page(BRAND, AGREEMENT, "v1")


def test_a_draft_that_one_department_has_signed_says_who_has_not() -> None:
    """The first signature in a new project: the terms are as they were, so none is needed, and one is missing."""
    nobody = AGREEMENT.agreed_by.model_dump() | {"sales": {"name": NOBODY, "date": NOW.date()}}
    half = agreement(agreed_by=nobody)
    html = page(BRAND, half, "v2", Pending((), ()))
    assert html.count("has not signed this") == 1


def test_statement_21_stages_go_by_the_companys_own_names() -> None:
    names = {stage: {"name": f"Zone {number}", "department": AGREEMENT.stages[stage].department}
             for number, stage in enumerate(STAGES, start=1)}  # fmt: skip
    told = str(sections(agreement(stages=names))) + page(BRAND, agreement(stages=names), "v1")
    for number in range(1, len(STAGES) + 1):
        assert f"Zone {number}" in told
    for name in ("IQL", "MQL", "SQL"):
        assert name not in told


def test_every_term_of_the_agreement_has_a_place_in_the_sections() -> None:
    whole = " ".join(cell for section in sections(WHOLE) for row in section.rows for cell in row)
    for disqualifier in WHOLE.disqualify:
        assert disqualifier.because in whole
    assert TERMS["sla"]["accept_hours"] == 4
    assert "4 hours" in whole
    assert "60 %" in whole


def test_the_page_lists_the_rungs_that_will_be_climbed() -> None:
    def rungs(*owners: str) -> list[tuple[str, ...]]:
        team = [{"key": key, "name": key, "address": f"{key}@example.com"} for key in owners]
        shown = sections(agreement(owners=team))
        return [row for section in shown if section.title == "While nobody answers" for row in section.rows]

    assert {told for _, told in rungs("kari")} == {"the rep is reminded"}
    assert len(rungs("kari", "tom")) == len(agreement().sla.ladder) > 1
