"""Visits and events of the site as signals and in conditions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from nurture.core.conditions import ConditionError, parse_condition
from nurture.core.facts import Engagement, Facts
from nurture.core.matching import event_name, is_page
from nurture.core.questions import QUESTIONS, next_question
from nurture.core.score import score
from tests.core.agreements import IDEAL, NOW, TERMS, agreement

VISIT: dict[str, Any] = {"about": "looked at the prices", "kind": "visited", "page": "/pricing", "points": 5,
                         "half_life_days": 14, "at_most": {"points": 10, "per": "day"}}  # fmt: skip
TRIAL: dict[str, Any] = VISIT | {"about": "started a trial", "kind": "tracked", "page": "", "events": ["trial_started"]}


@pytest.mark.parametrize(
    ("text", "name"),
    [("Form Submitted", "form_submitted"), ("formSubmitted", "form_submitted"), (" Trial  started! ", "trial_started"),
     ("trial_started", "trial_started"), ("B2B-Demo", "b2_b_demo"), ("***", "")],
)  # fmt: skip
def test_events_go_by_one_name(text: str, name: str) -> None:
    assert event_name(text) == name
    assert event_name(name) == name


@pytest.mark.parametrize(
    ("path", "page", "same"),
    [("/pricing", "/pricing", True), ("/Pricing/", "/pricing", True), ("/pricing/eu", "/pricing", True),
     ("/pricing-old", "/pricing", False), ("/", "/pricing", False), ("/anything", "/", True), ("/", "/", True)],
)  # fmt: skip
def test_a_page_is_itself_and_what_lies_below(path: str, page: str, same: bool) -> None:
    assert is_page(path, page) is same


@pytest.mark.parametrize(
    "wrong",
    [VISIT | {"page": ""}, VISIT | {"page": "pricing"}, VISIT | {"forms": ["ebook"]}, VISIT | {"at_most": None},
     VISIT | {"intent": True}, TRIAL | {"events": []}, TRIAL | {"link": "x"}, TRIAL | {"events": ["Trial Started"]}],
)  # fmt: skip
def test_a_signal_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        agreement(signals=TERMS["signals"] | {"wrong": wrong})


def test_a_wide_page_above_a_narrow_one_is_refused() -> None:
    with pytest.raises(ValidationError, match="already takes every visit"):
        agreement(signals={"any": VISIT | {"page": "/"}, "prices": VISIT})


def test_a_flood_of_visits_is_one_kind_and_gives_its_cap() -> None:
    terms = agreement(signals=TERMS["signals"] | {"prices-page": VISIT, "any-page": VISIT | {"page": "/"}})
    flood = [Engagement("visited", NOW - timedelta(seconds=n), url="/pricing", key=bytes([n // 256, n % 256]))
             for n in range(5000)]  # fmt: skip
    result = score(flood, IDEAL, terms, NOW)
    assert result.engagement == 10
    assert result.intent_at is None


@pytest.mark.parametrize("text", ["visited('demo')", "did()", "did('Trial Started')", "visited(1)", "visitd('/x')"])
def test_a_question_that_cannot_be_asked_says_why(text: str) -> None:
    with pytest.raises(ConditionError):
        parse_condition(text)


def test_what_was_answered_can_be_asked() -> None:
    condition = parse_condition("lead.budget == 'yes' and lead.timing in ['soon', 'year']")
    assert condition.holds(Facts(lead={"budget": "yes", "timing": "soon"}))
    assert not condition.holds(Facts(lead={"budget": "yes", "timing": None}))


def test_an_answer_is_a_code_or_its_words() -> None:
    budget = QUESTIONS["budget"]
    assert (budget.read(" YES "), budget.read("not yet, but it is planned")) == ("yes", "planned")
    with pytest.raises(ValueError, match="there are: yes, planned, no"):
        budget.read("perhaps")


def test_questions_are_asked_in_order_and_none_twice() -> None:
    answered: list[str] = []
    while name := next_question(answered):
        answered.append(name)
    assert answered == ["need", "timing", "authority", "budget"]
