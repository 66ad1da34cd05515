"""What a few kinds of leads answer to a condition holds for all leads: nothing possible is ever called impossible."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.content.worlds import Worlds, choices
from nurture.core.conditions import parse_condition
from nurture.core.facts import Engagement, Facts
from nurture.core.lifecycle import STAGES, funnel
from tests.content.projects import shipped

NOW = datetime(2026, 3, 3, 9, 0, tzinfo=UTC)
TEXTS = ["ebook", "book", "e", "NO", "Nordvik"]
MAILS = ["tofu/night-load", "night-load", "mofu/proof", "proof"]
FIELDS = ["lead.source", "lead.company", "lead.country"]
numbers = st.sampled_from([0, 1, 39, 40, 41, 99, 100, 101])
config = shipped().config


def _quoted(values: list[str]) -> st.SearchStrategy[str]:
    return st.sampled_from(values).map(lambda value: f"'{value}'")


def _comparison(field: str, value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    one = st.builds(f"{field} {{}} {{}}".format, st.sampled_from(["==", "!=", "<", ">=", ">", "<="]), value)
    several = st.builds(f"{field} {{}} [{{}}]".format, st.sampled_from(["in", "not in"]), value)
    return st.one_of(one, several)


calls = st.one_of(
    st.sampled_from(["clicked()", "submitted()", "submitted('ebook')", "tagged('a')", "tagged('b')"]),
    st.builds("clicked({})".format, _quoted(MAILS)),
    st.builds("clicked({}, link={})".format, _quoted(MAILS), _quoted(["price", "prices"])),
)
atoms = st.one_of(
    calls,
    st.one_of([_comparison(f"lead.{name}", numbers.map(str)) for name in ("score", "fit", "employees")]),
    st.one_of([_comparison(field, _quoted(TEXTS)) for field in FIELDS]),
    st.builds("{} in {}".format, _quoted(TEXTS), st.sampled_from(FIELDS)),
    _comparison("lead.stage", _quoted([*STAGES])),
    _comparison("lead.funnel", _quoted(["tofu", "mofu", "bofu", "loyalty"])),
    st.sampled_from(["lead.is_customer", "lead.company", "lead.company == none", "lead.grade in ['A1', 'B2']",
                     "lead.owner == 'kari'", "lead.fit == lead.score", "10 < lead.score < 40", "lead.score"]),
)  # fmt: skip
conditions = st.recursive(
    atoms,
    lambda inner: st.one_of(
        st.builds("({}) and ({})".format, inner, inner),
        st.builds("({}) or ({})".format, inner, inner),
        st.builds("not ({})".format, inner),
    ),
    max_leaves=3,
)
acts = st.one_of(
    st.builds(
        lambda template, url: Engagement("clicked", NOW, template=template, url=url),
        st.sampled_from(["tofu/night-load", "mofu/proof", "bofu/proof", "bofu/other"]),
        st.sampled_from(["", "https://acme.example/prices", "https://acme.example/x"]),
    ),
    st.builds(lambda name: Engagement("submitted", NOW, name=name), st.sampled_from(["ebook", "pricing"])),
)


@st.composite
def leads(draw: st.DrawFn) -> Facts:
    """A lead as the database could hold it."""
    stage = draw(st.sampled_from(STAGES))
    text = st.one_of(st.none(), st.sampled_from([*TEXTS, "another", "zz"]))
    percent = st.one_of(st.integers(0, 100), st.sampled_from([0, 39, 40, 41, 99, 100]))
    lead = {
        "source": draw(text), "company": draw(text), "country": draw(text), "stage": stage,
        "is_customer": stage in ("customer", "advocate"), "funnel": funnel(stage, None, intent=draw(st.booleans())),
        "score": draw(percent), "fit": draw(percent), "employees": draw(st.one_of(st.none(), st.integers(0, 9_999))),
        "grade": draw(st.sampled_from(choices("grade", config) or ())),
        "owner": draw(st.sampled_from([None, "kari", "x"])),
    }  # fmt: skip
    tags = draw(st.frozensets(st.sampled_from(["a", "b", "c"])))
    return Facts(lead=lead, engagements=tuple(draw(st.lists(acts, max_size=3))), tags=tags)


@settings(deadline=None, max_examples=100)
@given(text=conditions, facts=st.lists(leads(), min_size=12, max_size=12))
def test_what_any_lead_answers_is_known_to_be_possible(text: str, facts: list[Facts]) -> None:
    condition, possible = parse_condition(text), Worlds(config).truths(text)
    assert {condition.holds(one) for one in facts} <= possible
