"""What the gate says, and what would change it, over agreements, leads and acts drawn at random."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.agreement import Agreement
from nurture.core.facts import Engagement
from nurture.core.lifecycle import STAGES
from nurture.core.qualify import Qualification
from nurture.core.score import acts_of
from nurture.core.signals import REFUSALS
from nurture.core.whatif import Case, what_if
from tests.core.agreements import IDEAL, NOW, TERMS, agreement, click, days_ago, form

SIGNALS: dict[str, Any] = TERMS["signals"] | {
    "reply": {"about": "answered a mail", "kind": "replied", "points": 20, "half_life_days": 30},
    "jobs": {"about": "looked at our jobs", "kind": "visited", "page": "/jobs", "points": 0, "half_life_days": 30,
             "flag": "job seeker"},
    "visit": {"about": "visited the site", "kind": "visited", "page": "/", "points": 1, "half_life_days": 14,
              "at_most": {"points": 1, "per": "day"}},
}  # fmt: skip
NAMES = ["click", "form", "visit", "event", "reply", "hand-raise", "intent", "guide", "webinar", "prices", "visit"]
SPANS = st.sampled_from([1, 7, 14, 30, 90])
OF = st.lists(st.sampled_from(NAMES), max_size=2)


def _kind(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(fields)


RULES = st.one_of(
    _kind(fit_at_least=st.sampled_from([1, 30, 60, 100])),
    _kind(score_at_least=st.sampled_from([1, 15, 40])),
    _kind(cell_in=st.lists(st.sampled_from(["A1", "A2", "A3", "B1", "B2", "C3", "D4"]), min_size=1)),
    _kind(kinds_at_least=st.integers(1, 3), within_days=SPANS),
    _kind(days_at_least=st.integers(1, 3), within_days=SPANS),
    _kind(acted_within_days=SPANS),
    _kind(known=st.lists(st.sampled_from(["name", "company", "phone", "reachable"]), min_size=1)),
    _kind(did_at_least=st.integers(1, 3), of=OF, within_days=SPANS, on_different_days=st.booleans()),
    _kind(first=st.sampled_from(NAMES), then=st.sampled_from(NAMES), within_days=SPANS),
    _kind(nothing_within_days=SPANS, of=OF),
    _kind(attribute=st.just("country"), one_of=st.just(["NO", "SE"])),
    _kind(attribute=st.just("employees"), at_least=st.just(50)),
    _kind(answers_at_least=st.integers(1, 2)),
    _kind(open_within_days=SPANS),
    _kind(surge_of=st.integers(2, 4), within_days=SPANS),
)
INTENT = _kind(intent_within_days=SPANS)


def _texts(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"text": f"Rule {number}", **rule} for number, rule in enumerate(rules)]


@st.composite
def agreements(draw: st.DrawFn) -> Agreement:
    mql = draw(st.lists(RULES, min_size=1, max_size=3))
    sql = [draw(INTENT), *draw(st.lists(RULES, max_size=3))]
    alone = draw(st.sampled_from([None, None, 40, 90]))
    return agreement(signals=SIGNALS, mql=_texts(mql), sql=_texts(sql), fit=TERMS["fit"] | {"alone_at_least": alone})


ACTS = st.lists(
    st.builds(
        Engagement,
        kind=st.sampled_from(["clicked", "submitted", "submitted", "visited", "replied"]),
        at=st.sampled_from([0, 0.01, 0.5, 1, 1.5, 2, 5, 6.9, 8, 13, 20, 29, 45, 100]).map(days_ago),
        url=st.sampled_from(["/pricing", "/jobs", "/blog", "https://s.example/guide"]),
        name=st.sampled_from(["ebook", "webinar", "pricing", "demo", "survey", "question", "call-me", "stop"]),
        key=st.binary(min_size=1, max_size=2),
    ),
    max_size=8,
)
LEADS = st.fixed_dictionaries(
    {"email": st.sampled_from(["a@mill.example", "spy@rival.example", None])},
    optional={
        "first_name": st.just("Mona"), "company": st.just("Mill"), "title": st.sampled_from(["CEO", "Student", "Poet"]),
        "employees": st.sampled_from([3, 120]), "country": st.sampled_from(["NO", "FR", "KP"]),
        "industry": st.just("Food"), "need": st.just("less waste"), "answered_at": st.just(days_ago(3)),
        "no_sales_contact": st.booleans(),
    },
)  # fmt: skip


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Half of them with a lead that fits and did a lot, so that both gates are met often enough."""
    hot = draw(st.booleans())
    acts = [*draw(ACTS), *((form("webinar", 3), form("ebook", 5), click(days=2), form("pricing", 1)) if hot else ())]
    lead = (IDEAL if hot else {}) | draw(LEADS)
    return Case(
        engagements=acts, lead=lead, agreement=draw(agreements()), now=NOW,
        stage=draw(st.sampled_from(["iql", "iql", "mql", "recycled", *STAGES])),
        rejected_times=draw(st.sampled_from([0, 0, 1, 3])), zone=draw(st.sampled_from([None, "Europe/Oslo"])),
    )  # fmt: skip


@settings(max_examples=300)
@given(cases())
def test_the_explanation_agrees_with_the_decision(case: Case) -> None:
    """Statement 39, for any agreement: what people read is what was decided, and nothing else decides."""
    said = case.answer()
    assert (said.to == "sql") == (said.passes("sql") or said.passes("hand-raise"))
    assert (said.to == "mql") == (said.to != "sql" and (said.passes("mql") or said.passes("fit")))
    assert said.because
    for check in said.checklist:
        assert check.answer != "yes" or not check.near


@settings(max_examples=300)
@given(cases())
def test_nobody_reaches_sales_without_criteria_or_a_hand_raise(case: Case) -> None:
    """Statements 71, 74, 84: whatever the agreement, the source and the score."""
    said = case.answer()
    if said.to != "sql":
        return
    acts = acts_of(case.engagements, case.agreement, NOW)
    intent = [act for act in acts if act.intent]
    assert intent, "TOFU, clicks and points alone reach nobody"
    assert said.hand_raise is not None or all(check.answer == "yes" for check in said.checks("sql"))
    assert said.disqualified is None
    assert not case.lead.get("no_sales_contact")
    assert case.rejected_times < 3 or said.hand_raise is not None


@settings(max_examples=300)
@given(cases())
def test_nothing_is_done_by_fit_alone_but_mql(case: Case) -> None:
    """Statement 73."""
    still = Case((), case.lead, case.agreement, NOW, case.stage)
    said = still.answer()
    assert said.to in (None, "mql")
    assert said.to is None or (case.stage == "iql" and said.passes("fit"))


@settings(max_examples=200)
@given(cases())
def test_what_if_tells_only_what_the_gate_would_answer(case: Case) -> None:
    said = case.answer()
    for one in what_if(case, said):
        assert said.to != "sql"
        assert (said.to, one.to) in {(None, "mql"), (None, "sql"), ("mql", "sql")}
        assert one.change


#: what a lead may do next, as it is told
PROBES = {
    "it clicked through to the prices": click("pricing"), "it clicked a link in a mail": click(""),
    "it asked for a guide": form("ebook"), "it signed up for the webinar": form("webinar"),
    "it asked for prices": form("pricing"), "it answered a mail": Engagement("replied", NOW, name="question"),
    "it visited the site": Engagement("visited", NOW, url="/"), "it asked for a person": form("demo"),
}  # fmt: skip


@settings(max_examples=200)
@given(cases())
def test_what_if_leaves_nothing_out_that_one_act_would_do(case: Case) -> None:
    """What is not put to the gate could not have helped."""
    said = case.answer()
    told = {one.change: one.to for one in what_if(case, said)}
    for change, act in PROBES.items():
        to = replace(case, engagements=[*case.engagements, replace(act, key=b"probe")]).answer().to
        if said.checklist and said.to != "sql" and to not in (None, said.to):
            assert told.get(change) == to


@settings(max_examples=200)
@given(cases())
def test_a_flag_moves_nobody(case: Case) -> None:
    """A look at the jobs page counts for nothing, but is told."""
    jobs = Engagement("visited", days_ago(0.3), url="/jobs/9", key=b"jobs")
    before, after = case.answer(), replace(case, engagements=[*case.engagements, jobs]).answer()
    assert (before.to, before.checklist) == (after.to, after.checklist)
    assert "job seeker" in after.score.flags


# --- tables ---------------------------------------------------------------------------------------------------

WARM = (form("webinar", days=3), form("ebook", days=10), click(days=2))


def case(*acts: Engagement, stage: Any = "iql", terms: Agreement | None = None, **lead: object) -> Case:
    return Case(acts, IDEAL | lead, terms or agreement(), NOW, stage)


def changes(given_case: Case) -> set[tuple[str, str]]:
    return {(one.to, one.change) for one in what_if(given_case, given_case.answer())}


def test_a_second_day_is_all_that_is_missing() -> None:
    told = changes(case(form("webinar"), form("ebook")))
    assert ("mql", "it came back on another day") in told
    assert ("sql", "it asked for a person") in told
    assert not any("clicked" in change for _, change in told), "one more click today is no other day"


def test_intent_is_all_that_is_missing() -> None:
    told = changes(case(*WARM, form("webinar", 1), stage="mql"))
    assert told == {("sql", "it asked for prices"), ("sql", "it asked for a person")}


def test_what_nobody_knows_may_be_all_that_is_missing() -> None:
    told = changes(case(*WARM, form("pricing", 1), stage="mql", company=None))
    assert ("sql", "we knew its company") in told
    told = changes(case(*WARM, title=None, employees=3, industry="Law", country="FR"))
    assert ("mql", "its title turned out to be ceo") in told


def test_where_two_things_are_missing_no_single_one_is_named() -> None:
    assert changes(case(click(), stage="iql", no_sales_contact=True)) == set()


def test_who_is_ruled_out_is_helped_by_nothing() -> None:
    assert changes(case(*WARM, form("pricing", 1), email="spy@rival.example")) == set()


def test_an_answer_or_quiet_can_be_what_is_missing() -> None:
    sql = [*TERMS["sql"][:1], {"text": "Told us something", "answers_at_least": 1}]
    told = changes(case(*WARM, form("pricing", 1), stage="mql", terms=agreement(sql=sql)))
    assert ("sql", "it answered one more question (need)") in told
    quiet = [*TERMS["mql"][:2], {"text": "Is quiet", "nothing_within_days": 4, "of": ["webinar"]}]
    told = changes(case(*WARM, terms=agreement(mql=quiet)))
    assert ("mql", "it were quiet for 1 more day") in told


def test_who_is_ready_needs_nothing() -> None:
    ready = case(*WARM, form("pricing", 1))
    assert (ready.answer().to, what_if(ready, ready.answer())) == ("sql", ())


# --- statements of the trade ----------------------------------------------------------------------------------


def _ask(*acts: Engagement, stage: Any = "iql", terms: dict[str, Any] | None = None, **lead: object) -> Qualification:
    return case(*acts, stage=stage, terms=agreement(signals=SIGNALS, **terms or {}), **lead).answer()


def test_points_without_dealings_are_not_handed_over() -> None:
    """Statement 2: warm by points alone is not presold, and the explanation says so."""
    rule = {"text": "Has dealt with us three times", "did_at_least": 3, "within_days": 90}
    terms = {"sql": [TERMS["sql"][0], rule, *TERMS["sql"][1:]]}
    said = _ask(form("pricing", 1), form("webinar", 1.01), stage="mql", terms=terms)
    assert (said.to, said.because) == (None, '"Has dealt with us three times" is no (2 of 3 times)')
    assert _ask(form("pricing", 1), form("webinar", 1), click(), stage="mql", terms=terms).to == "sql"
    assert _ask(form("demo"), stage="mql", terms=terms).to == "sql", "who asks for a person is heard at once"


@pytest.mark.parametrize("score", [15, 40, 100])
def test_high_engagement_and_bad_fit_never_promotes(score: int) -> None:
    """Statement 32: both axes are needed, at every bar."""
    acts = tuple(form(name, day) for day in range(9) for name in ("webinar", "ebook", "pricing"))
    misfit: dict[str, Any] = {"title": "Poet", "industry": "Art", "employees": 2, "country": "FR"}
    terms = {"mql": [TERMS["mql"][0], {"text": "Is engaged", "score_at_least": score}]}
    said = _ask(*acts, terms=terms, **misfit)
    assert (said.to, said.score.engagement) == (None, 100)
    assert _ask(*acts, terms=terms).to == "sql"
    assert _ask(*acts, stage="mql", terms=terms, **misfit).to is None


def test_engaged_and_fitting_are_both_needed() -> None:
    """Statement 34: each half alone fails, both pass."""
    misfit: dict[str, Any] = {"title": "Poet", "industry": "Art", "employees": 2, "country": "FR"}
    assert [_ask(*WARM, **misfit).to, _ask().to, _ask(*WARM).to] == [None, None, "mql"]


def test_guides_alone_never_reach_sales() -> None:
    """Statement 74."""
    guides = tuple(form(name, day) for day in range(20) for name in ("ebook", "checklist", "webinar"))
    assert _ask(*guides, stage="mql").to is None
    assert _ask(*guides).to == "mql"


def test_a_fit_that_is_enough_makes_an_mql_and_no_more() -> None:
    """Statement 73."""
    terms = {"fit": TERMS["fit"] | {"alone_at_least": 75}}
    said = _ask(terms=terms)
    assert (said.to, said.because) == ("mql", "fits so well that it is MQL by that alone (fit is 100 of 75)")
    assert _ask(terms=terms, stage="mql").to is None
    assert _ask(terms=terms, stage="recycled").to is None, "who was sent back is judged by what it does"
    [fits, *_] = _ask(terms=terms, country=None, employees=3).checks("fit")
    assert (fits.answer, fits.near) == ("unknown", "5 more points of fit; country unknown")
    assert _ask(country=None).checks("fit") == ()


def test_a_bar_is_crossed_once_and_a_lead_keeps_what_it_reached() -> None:
    """Statement 76: 99 no, 100 yes, and at 95 it stays."""
    terms = {"mql": [{"text": "Is hot", "score_at_least": 100}]}
    signals = SIGNALS | {
        "half": {"about": "did half of it", "kind": "submitted", "forms": ["half"], "points": 50, "half_life_days": 30},
        "less": {"about": "did less of it", "kind": "submitted", "forms": ["less"], "points": 49, "half_life_days": 30},
    }
    hot = agreement(signals=signals, **terms)

    def said(*acts: Engagement, stage: Any = "iql") -> Qualification:
        return case(*acts, stage=stage, terms=hot).answer()

    below, at = said(form("half"), form("less")), said(form("half"), form("half", 0.001))
    assert (below.score.engagement, below.to) == (99, None)
    assert below.checks("mql")[-1].near == "1 more point"
    assert (at.score.engagement, at.to) == (100, "mql")
    later = said(form("half", 2.2), form("half", 2.201), stage="mql")
    assert (later.score.engagement, later.to, later.checks("mql")) == (95, None, ()), "nothing takes it back"
    assert said(stage="recycled").to is None, "after a rejection it starts from nothing"


@pytest.mark.parametrize("wish", sorted(REFUSALS))
def test_replies_that_send_us_away_are_no_interest(wish: str) -> None:
    """Statement 35: a person's reply weighs most; one that sends us away nothing."""
    away, asks = (Engagement("replied", days_ago(1), name=name) for name in (wish, "question"))
    assert (_ask(away).score.engagement, _ask(asks).score.engagement) == (0, 20)


def test_a_reply_counts_in_an_agreement_that_does_not_name_it() -> None:
    terms = agreement(mql=[{"text": "Wrote back", "did_at_least": 1, "of": ["reply"], "within_days": 7}])
    said = case(Engagement("replied", days_ago(1), name="other"), terms=terms).answer()
    assert (said.to, said.score.engagement) == ("mql", 0)
