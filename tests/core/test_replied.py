"""`replied()` in conditions, and what a request for a person by mail is worth."""

from __future__ import annotations

import pytest

from nurture.core.conditions import ConditionError, parse_condition
from nurture.core.facts import Engagement, Facts
from nurture.core.whatif import Case
from tests.core.agreements import AGREEMENT, IDEAL, NOW, days_ago


def reply(intent: str, days: float = 0) -> Engagement:
    return Engagement("replied", days_ago(days), template="tofu/welcome", name=intent)


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("replied()", True),
        ("replied('question')", True),
        ("replied('stop')", False),
        ("not replied('call-me')", True),
        ("replied('question') and not clicked()", True),
    ],
)
def test_replied_asks_for_any_answer_or_for_one_that_wants_something(question: str, answer: bool) -> None:
    condition = parse_condition(question)
    assert condition.holds(Facts(engagements=(reply("question"),))) is answer
    assert "replied" in condition.names
    assert not parse_condition("replied()").holds(Facts(engagements=(Engagement("submitted", NOW, name="question"),)))


@pytest.mark.parametrize(
    ("question", "told", "column"),
    [
        ("replied('call_me')", "did you mean 'call-me'", 9),
        ("replied('xyzzy')", "there are: stop, call-me", 9),
        ("replied(call)", "put the name in quotes", 9),
    ],
)
def test_a_wish_that_nobody_can_have_is_refused_with_those_there_are(question: str, told: str, column: int) -> None:
    with pytest.raises(ConditionError) as refused:
        parse_condition(question)
    assert told in refused.value.message
    assert refused.value.column == column


@pytest.mark.parametrize(
    ("intent", "to"),
    [
        ("call-me", "sql"),
        ("question", None),
        ("stop", None),
        ("not-now", None),
        ("other", None),
        ("not-interested", None),
    ],
)
def test_only_a_reply_that_asks_for_a_person_is_a_hand_raise(intent: str, to: str | None) -> None:
    answer = Case([reply(intent)], IDEAL, AGREEMENT, NOW, stage="iql").answer()
    assert answer.to == to
    assert (answer.hand_raise is not None) == (to is not None)
