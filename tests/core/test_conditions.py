"""What can be asked of a lead, what the answer is, and what is refused with its place."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.conditions import ConditionError, parse_condition
from nurture.core.facts import Engagement, Facts
from nurture.core.fields import LEAD_FIELDS

NOW = datetime(2026, 11, 24, tzinfo=UTC)
CLICK = Engagement("clicked", NOW, template="tofu/welcome", url="https://example.com/Pricing?from=mail")
FORM = Engagement("submitted", NOW, name="checklist")
LEAD = {"score": 40, "source": "ebook", "company": "Ås Verk", "is_customer": False, "fit": None, "grade": "B2"}
FACTS = Facts(lead=LEAD, engagements=(CLICK, FORM), trigger="form_submitted")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("lead.score >= 40", True),
        ("lead.score > 40", False),
        ("lead.score <= 40 and lead.score < 41", True),
        ("30 < lead.score < 50", True),
        ("30 < lead.score < 35", False),
        ("-5 < lead.score", True),
        ("lead.source == 'ebook'", True),
        ("lead.source != 'ebook'", False),
        ("lead.source in ['ebook', 'webinar']", True),
        ("lead.source not in ('webinar', 'tradeshow')", True),
        ("'Verk' in lead.company", True),
        ("lead.is_customer", False),
        ("not lead.is_customer", True),
        ("lead.company", True),  # known and not empty
        ("lead.score >= 90 or lead.source == 'ebook'", True),
        ("not (lead.score >= 90 or lead.source == 'ebook')", False),
        ("trigger == 'form_submitted'", True),
        ("true", True),
        # what is not known is neither more nor less than anything, and in no list
        ("lead.fit >= 0", False),
        ("lead.fit < 100", False),
        ("0 < lead.fit", False),
        ("not lead.fit >= 60", True),
        ("lead.fit == none", True),
        ("lead.fit in [none, 1]", False),
        ("lead.fit not in ['a']", True),
        ("'a' in lead.fit", False),
        ("lead.phone == none", True),  # a field nobody gathered
        # what cannot be compared makes the question false
        ("lead.company > 3", False),
        ("lead.score in 'abc'", False),
        ("3 in lead.score", False),
        # what the lead did
        ("clicked()", True),
        ("clicked('tofu/welcome')", True),
        ("clicked('welcome')", True),  # the mail of whatever stage
        ("clicked('mofu/welcome')", False),
        ("clicked('come')", False),
        ("clicked('tofu/welcome', link='pricing')", True),  # in any case
        ("clicked(link='demo')", False),
        ("submitted()", True),
        ("submitted('checklist')", True),
        ("submitted('demo')", False),
    ],
)
def test_a_condition_is_answered(text: str, answer: bool) -> None:
    assert parse_condition(text).holds(FACTS) is answer


def test_a_condition_knows_what_it_asks_for() -> None:
    condition = parse_condition("lead.score >= 40 and (clicked() or trigger == 'x') and not lead.is_customer")
    assert condition.names == {"lead.score", "lead.is_customer", "clicked", "trigger"}


@pytest.mark.parametrize(
    ("text", "column", "hint"),
    [
        # a slip of the pen is answered with the right word
        ("lead.scor >= 40", 1, "did you mean 'lead.score'?"),
        ("lead.fit > 3 and laed.score > 3", 18, "did you mean 'lead.score'?"),
        ("clikced()", 1, "did you mean 'clicked'?"),
        ("lead.fit > 3 and clicked", 18, "write clicked()"),
        ("score >= 40", 1, "'lead.score'"),
        ("lead", 1, "'lead.score'"),
        ("lead.stage == mql", 15, "texts stand in quotes"),
        # habits from other languages
        ("lead.stage = 'mql'", 12, "'=='"),
        ("(lead.stage = 'mql')", 13, "'=='"),
        ("lead.fit && lead.score", 10, "'and'"),
        ("lead.fit || lead.score", 11, "'or'"),
        ("!lead.fit", 1, "'not'"),
        ("lead.fit AND lead.score", 10, "'and'"),
        ("NOT lead.fit", 1, "'not'"),
        ("{{ lead.fit }}", 1, "without braces"),
        ("lead.fit }} {{ lead.score", 10, "without braces"),
        ("lead.fit, lead.score", 1, "one question"),
        ("lead.fit is none", 10, "== none"),
        # unfinished
        ("", 1, "empty"),
        ("   ", 1, "empty"),
        ("lead.score >=", 14, "stops too early"),
        ("(lead.score", 12, "stops too early"),
        ("lead.stage == 'mql", 15, "never closed"),
        # opens prove nothing
        ("opened()", 1, "mail programs open mails by themselves"),
        # arguments
        ("clicked(tofu)", 9, "in quotes"),
        ("clicked(lead.asset)", 13, "in quotes"),
        ("clicked('a', 'b')", 1, "clicked is asked like this"),
        ("clicked(url='a')", 1, "clicked is asked like this"),
        ("submitted('a', link='b')", 1, "submitted is asked like this"),
        ("clicked(*lead.asset)", 1, "clicked is asked like this"),
        # attacks, and more than a question
        ("lead.__class__", 1, "unknown field"),
        ("lead.score.__class__", 11, "cannot stand here"),
        ("lead['score']", 5, "cannot be used"),
        ("lead.company|upper", 14, "cannot be used"),
        ("lead|attr('score')", 6, "cannot be used"),
        ("lipsum()", 1, "unknown question"),
        ("range(9)", 1, "unknown question"),
        ("cycler", 1, "unknown word"),
        ("'a' * 2000000000", 1, "arithmetic"),
        ("2 ** 99999999", 1, "arithmetic"),
        ("lead.score + 1 > 3", 1, "arithmetic"),
        ("'a' ~ 'b'", 1, "arithmetic"),
        ("1 if lead.fit else 2", 1, "cannot be used"),
        ("{'a': 1}", 1, "cannot be used"),
        ("'%s'.format(1)", 5, "only these can be asked"),
        ("clicked()()", 8, "only these can be asked"),
        ("-lead.score", 1, "minus"),
        ("(" * 200 + "1" + ")" * 200, 1, "nested too deeply"),
        ("not " * 100 + "lead.fit", 1, "nested too deeply"),
        ("lead.fit or " * 60 + "lead.fit", 1, "at most 500"),
        ("\x00", 1, "cannot read"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_its_place(text: str, column: int, hint: str) -> None:
    with pytest.raises(ConditionError) as refused:
        parse_condition(text)
    assert hint in refused.value.message
    assert refused.value.column == column


_values = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=5),
    st.lists(st.integers(), max_size=2),
    st.datetimes(),
)
_facts = st.builds(
    Facts,
    lead=st.dictionaries(st.sampled_from(sorted(LEAD_FIELDS)), _values),
    engagements=st.lists(
        st.builds(Engagement, kind=st.sampled_from(["clicked", "submitted"]), at=st.just(NOW), url=st.text(max_size=5)),
        max_size=3,
    ).map(tuple),
)
_operands = st.one_of(
    st.sampled_from(sorted(LEAD_FIELDS)).map("lead.{}".format),
    st.sampled_from(["1", "-2.5", "'a'", "none", "true", "trigger", "[1, 'a', none]", "clicked()", "submitted('a')"]),
)
_operators = st.sampled_from(["==", "!=", "<", "<=", ">", ">=", "in", "not in"])
_questions = st.recursive(
    st.one_of(_operands, st.tuples(_operands, _operators, _operands).map(" ".join)),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(lambda parts: f"({' '.join(parts)})"),
        inner.map("not ({})".format),
    ),
    max_leaves=6,
)


@given(_questions, _facts)
def test_every_question_has_an_answer_for_every_lead(text: str, facts: Facts) -> None:
    assert parse_condition(text).holds(facts) in (True, False)


@given(st.text(alphabet="lead.score()'\"<>=![]{}|&% andortn,1-~#\n", max_size=60))
def test_any_text_is_read_or_refused_with_a_column_inside_it(text: str) -> None:
    assert 1 <= _column_at_fault(text) <= len(text) + 1


def _column_at_fault(text: str) -> int:
    """Where the text was refused; 1 if it was read."""
    try:
        parse_condition(text)
    except ConditionError as refused:
        return refused.column
    return 1
