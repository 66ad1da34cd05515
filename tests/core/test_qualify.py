"""Who gets through the gates, who does not, and that the reasons given are the reasons."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.facts import Engagement
from nurture.core.lifecycle import MOVES, STAGES, Stage
from nurture.core.qualify import Answer, Qualification
from nurture.core.whatif import Case
from tests.core.agreements import AGREEMENT, IDEAL, NOW, agreement, click, form
from tests.core.test_score import ENGAGEMENTS, LEADS

WARM = (form("webinar", days=3), form("ebook", days=10), click(days=2))
HOT = (*WARM, form("pricing", days=1))


def ask(*acts: Engagement, stage: Stage = "iql", rejected_times: int = 0, **lead: object) -> Qualification:
    return Case(acts, IDEAL | lead, AGREEMENT, NOW, stage=stage, rejected_times=rejected_times).answer()


def answer(q: Qualification, gate: str, text: str) -> tuple[Answer, str]:
    found = next(check for check in q.checklist if (check.gate, check.text) == (gate, text))
    return found.answer, found.detail


DECISIONS: list[tuple[str, tuple[Engagement, ...], dict[str, Any], str | None]] = [
    ("fits and keeps coming back", WARM, {}, "mql"),
    ("fits, keeps coming back and means to buy", HOT, {}, "sql"),
    ("an MQL that means to buy", HOT, {"stage": "mql"}, "sql"),
    ("an MQL that only stays warm", WARM, {"stage": "mql"}, None),
    ("a recycled lead with new evidence", HOT, {"stage": "recycled"}, "sql"),
    # each half alone fails: engaged without fit, fit without engagement
    ("engaged, and does not fit", HOT, {"title": "Poet", "industry": "Art", "employees": 2, "country": "FR"}, None),
    ("fits, and did nothing", (), {}, None),
    # mail clicks alone never promote, however many
    ("clicks in mails all month", tuple(click(f"https://s.example/pricing{n}", days=n) for n in range(29)), {}, None),
    # points without intent stay marketing's
    ("a fan of webinars", (*(form("webinar", days=n) for n in range(9)), form("ebook")), {}, "mql"),
    # intent that is too old is no intent
    ("asked for prices 14 days ago", (*WARM, form("webinar"), form("pricing", days=14)), {"stage": "mql"}, "sql"),
    ("asked for prices 15 days ago", (*WARM, form("webinar"), form("pricing", days=15)), {"stage": "mql"}, None),
    # one session is one occasion
    ("did it all in one day", (form("webinar"), form("ebook"), click()), {}, None),
    ("only a name and an address", HOT, {"stage": "mql", "company": None}, None),
    # a hand-raise bypasses the score ...
    ("a stranger asks for a demo", (form("demo"),), {"title": None, "company": None, "employees": None}, "sql"),
    ("an MQL asks to be called", (form("call-me"),), {"stage": "mql"}, "sql"),
    # ... but not this
    ("a competitor asks for a demo", (form("demo"),), {"email": "spy@rival.example"}, None),
    ("a student asks for a demo", (form("demo"),), {"title": "Student"}, None),
    ("no way to reach who asks", (form("demo"),), {"email": None}, None),
    ("a phone number is a way", (form("demo"),), {"email": None, "phone": "+47 22 00 00 00"}, "sql"),
    ("asked sales to stay away", (*HOT, form("demo")), {"no_sales_contact": True}, "mql"),
    # rules say yes, the disqualifier says no
    ("a competitor reads everything", HOT, {"email": "spy@rival.example"}, None),
    # sent back again and again
    ("second return", HOT, {"stage": "recycled", "rejected_times": 2}, "sql"),
    ("third return", HOT, {"stage": "recycled", "rejected_times": 3}, None),
    ("third return, asks for a demo", (form("demo"),), {"stage": "recycled", "rejected_times": 3}, "sql"),
    # no way back, no second time
    ("already with sales", (*HOT, form("demo")), {"stage": "sql"}, None),
    ("has bought", (*HOT, form("demo")), {"stage": "customer"}, None),
    ("is out", (*HOT, form("demo")), {"stage": "disqualified"}, None),
]


@pytest.mark.parametrize(("acts", "facts", "to"), [row[1:] for row in DECISIONS], ids=[row[0] for row in DECISIONS])
def test_the_gate_decides(acts: tuple[Engagement, ...], facts: dict[str, Any], to: str | None) -> None:
    assert ask(*acts, **facts).to == to


def test_mail_clicks_alone_never_promote_even_if_the_agreed_rules_would_let_them() -> None:
    lax = agreement(mql=[{"text": "Did anything", "score_at_least": 1}])
    clicks = [click(f"https://s.example/{n}", days=n) for n in range(20)]
    q = Case(clicks, IDEAL, lax, NOW, stage="iql").answer()
    assert (q.to, q.because) == (None, '"Did something beyond reading mail" is no')
    assert Case([*clicks, form("ebook")], IDEAL, lax, NOW, stage="iql").answer().to == "mql"


def test_an_mql_is_judged_by_the_sql_rules_alone_so_faded_points_do_not_take_it_back() -> None:
    assert ask(form("pricing"), form("webinar"), stage="iql").to is None  # one day only: not MQL, so not SQL
    assert ask(form("pricing"), form("webinar"), stage="mql").to == "sql"


def test_the_reason_names_what_the_lead_did() -> None:
    assert ask(*HOT).because == "meets every rule for SQL: asked for prices, 1 Mar 2026 12:00 UTC"
    assert ask(form("demo")).because == "asked for a person (demo), 2 Mar 2026 12:00 UTC"


def test_the_reason_names_the_first_thing_in_the_way() -> None:
    assert ask(form("ebook")).because == '"Is engaged" is no (engagement is 4 of 15)'
    assert ask(*WARM).because == (
        'meets every rule for MQL; not SQL because "Means to buy" is no (nothing in that time)'
    )
    assert ask(form("demo"), country="KP").because == (
        '"Is someone we want to sell to" is no (we do not serve the country)'
    )
    assert ask(stage="sql").because == "a lead at SQL is past both gates or out of them"


def test_a_hand_raise_that_is_stopped_is_still_told_so_that_a_person_can_look() -> None:
    stopped = ask(form("demo", days=1), form("call-me", days=2), email="spy@rival.example")
    assert (stopped.hand_raise, stopped.disqualified) == (form("demo", days=1), "works for a competitor")


def test_what_is_not_known_is_unknown_where_it_could_still_matter_and_no_where_it_could_not() -> None:
    stranger = {"title": None, "employees": 2, "industry": None, "country": "FR"}
    assert answer(ask(**stranger), "mql", "Could be our customer") == (
        "unknown",
        "fit is 20 of 30; not known: title, industry",
    )
    known = {"title": "Poet", "employees": 2, "industry": "Art", "country": None}
    assert answer(ask(**known), "mql", "Could be our customer")[0] == "unknown"
    assert answer(ask(**known | {"country": "FR"}), "mql", "Could be our customer") == ("no", "fit is 20 of 30")


def test_what_sales_must_know_is_asked_for_by_name() -> None:
    assert answer(ask(*HOT, first_name=None, company=""), "sql", "We know whom to call") == (
        "unknown",
        "not known: name, company",
    )
    assert answer(ask(*HOT, first_name=None, last_name="Moe"), "sql", "We know whom to call") == ("yes", "")


def test_all_mail_clicks_are_one_kind() -> None:
    q = ask(click(), click("https://s.example/pricing"), form("ebook"))
    assert answer(q, "mql", "Did two different kinds of things") == ("yes", "2 of 2: guide, mail")


def test_an_act_on_the_last_day_of_the_span_counts_and_one_before_it_does_not() -> None:
    assert answer(ask(form("ebook"), form("ebook", days=30)), "mql", "Came back on another day")[0] == "yes"
    assert answer(ask(form("ebook"), form("ebook", days=30.01)), "mql", "Came back on another day")[0] == "no"


def test_a_lead_past_the_gates_is_asked_nothing() -> None:
    assert ask(*HOT, stage="opportunity").checklist == ()
    assert not ask(*HOT, stage="opportunity").passes("sql")


CASES = st.tuples(
    ENGAGEMENTS,
    LEADS,
    st.fixed_dictionaries({}, optional={"first_name": st.just("Mona"), "company": st.just("Mill"),
                                        "no_sales_contact": st.booleans()}),
    st.sampled_from(("iql", "recycled", "mql", *STAGES)),
    st.integers(0, 4),
    st.booleans(),
)  # fmt: skip


def _ask(case: tuple[list[Engagement], dict[str, object], dict[str, object], Stage, int, bool]) -> Qualification:
    """Half of the cases begin with an ideal, hot lead, so that both gates are met often enough."""
    acts, lead, more, stage, rejected_times, hot = case
    told, known = (*acts, *(HOT if hot else ())), (IDEAL if hot else {}) | lead | more
    return Case(told, known, AGREEMENT, NOW, stage=stage, rejected_times=rejected_times).answer()


@given(CASES)
def test_the_checklist_always_agrees_with_the_decision(case: Any) -> None:
    q = _ask(case)
    assert (q.to == "sql") == (q.passes("sql") or q.passes("hand-raise"))
    assert (q.to == "mql") == (q.passes("mql") and q.to != "sql")
    assert q.because


@given(CASES)
def test_only_legal_moves_are_proposed(case: Any) -> None:
    q, stage = _ask(case), case[3]
    assert q.to is None or (stage, q.to) in MOVES


@given(CASES)
def test_nobody_disqualified_or_unwilling_or_known_from_mail_alone_reaches_sales(case: Any) -> None:
    q = _ask(case)
    forms = [act for act in (*case[0], *(HOT if case[5] else ())) if act.kind == "submitted" and act.at <= NOW]
    assert q.to is None or (q.disqualified is None and forms)
    assert q.to != "sql" or not case[2].get("no_sales_contact")


@given(CASES, st.randoms())
def test_the_order_in_which_things_are_told_does_not_matter(case: Any, random: Any) -> None:
    acts = list(case[0])
    random.shuffle(acts)
    assert _ask((acts + acts, *case[1:])) == _ask(case)


def test_sales_gets_no_lead_whose_last_act_is_long_ago() -> None:
    late, old = ask(form("pricing", days=14), stage="mql"), ask(form("pricing", days=15), stage="mql")
    assert answer(late, "sql", "Did something of late")[0] == "yes"
    assert answer(old, "sql", "Did something of late") == ("no", "nothing in that time")
