"""Every kind of rule, at its edges: what is yes, what is no, what is unknown, and how far it is from yes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from nurture.core.evidence import Evidence, Finding, ask
from nurture.core.facts import Engagement
from nurture.core.rules import RULE_KINDS, Rule, in_terms
from nurture.core.score import acts_of, score_of
from tests.core.agreements import AGREEMENT, IDEAL, NOW, TERMS, agreement, click, days_ago, form

SITE: dict[str, Any] = TERMS["signals"] | {
    "visit": {"about": "visited the site", "kind": "visited", "page": "/", "points": 1, "half_life_days": 14,
              "at_most": {"points": 1, "per": "day"}},
    "trial": {"about": "started a trial", "kind": "tracked", "events": ["trial_started"], "points": 5,
              "half_life_days": 14, "at_most": {"points": 5, "per": "day"}},
}  # fmt: skip
RULES: TypeAdapter[Rule] = TypeAdapter(Rule)


def visit(days: float = 0) -> Engagement:
    return Engagement("visited", days_ago(days), url="/blog", key=str(days).encode())


def reply(wish: str, days: float = 0) -> Engagement:
    return Engagement("replied", days_ago(days), name=wish)


def asked(
    rule: dict[str, Any], *acts: Engagement, zone: str | None = None, signals: dict[str, Any] = SITE, **lead: object
) -> Finding:
    terms, known = agreement(signals=signals), IDEAL | lead
    counted = acts_of(acts, terms, NOW)
    result = score_of(counted, known, terms, NOW)
    of = Evidence(terms, known, "iql", 0, NOW, zone, counted, result, None)
    return ask(RULES.validate_python({"text": "The rule", **rule}), of)


THREE_VISITS = {"did_at_least": 3, "of": ["visit"], "within_days": 7}
SURGE = {"surge_of": 3, "within_days": 7}
TIMES = tuple(visit(n) for n in (0, 1, 2))

ANSWERS: list[tuple[dict[str, Any], tuple[Engagement, ...], str, str]] = [
    # Statement 77: three visits in seven days, not in eight
    (THREE_VISITS, (visit(0), visit(3), visit(7)), "yes", ""),
    (THREE_VISITS, (visit(0), visit(3), visit(7.001)), "no", "1 more time"),
    (THREE_VISITS, (visit(), form("ebook"), click()), "no", "2 more times"),
    # Statement 47: what is done in one session is one occasion
    (THREE_VISITS, tuple(visit(minute / 1440) for minute in range(30)), "no", "2 more times"),
    (THREE_VISITS | {"of": ["click"]}, tuple(click(f"https://s.example/{n}") for n in range(9)), "no", "2 more times"),
    (THREE_VISITS, tuple(visit(minute / 1440) for minute in (0, 31, 62)), "yes", ""),
    (THREE_VISITS | {"on_different_days": True}, tuple(visit(n / 24) for n in range(9)), "no", "2 more days"),
    (THREE_VISITS | {"on_different_days": True}, TIMES, "yes", ""),
    # names are signals, kinds of doings, or anything at all
    ({"did_at_least": 1, "of": ["guide"], "within_days": 7}, (form("checklist"),), "yes", ""),
    ({"did_at_least": 1, "of": ["guide"], "within_days": 7}, (form("webinar"),), "no", "1 more time"),
    ({"did_at_least": 1, "of": ["form"], "within_days": 7}, (form("webinar"),), "yes", ""),
    ({"did_at_least": 1, "of": ["intent"], "within_days": 7}, (form("pricing"),), "yes", ""),
    ({"did_at_least": 1, "of": ["hand-raise"], "within_days": 7}, (form("demo"),), "yes", ""),
    (
        {"did_at_least": 1, "of": ["event"], "within_days": 7},
        (Engagement("tracked", NOW, name="trial_started"),),
        "yes",
        "",
    ),
    ({"did_at_least": 1, "of": ["reply"], "within_days": 7}, (reply("question"),), "yes", ""),
    ({"did_at_least": 2, "within_days": 7}, (form("webinar"), click()), "yes", ""),
    # one thing and then the other; at the same moment is not after it
    ({"first": "webinar", "then": "prices", "within_days": 14}, (form("webinar", 3), form("pricing", 1)), "yes", ""),
    (
        {"first": "webinar", "then": "prices", "within_days": 14},
        (form("webinar", 1), form("pricing", 3)),
        "no",
        "prices after that",
    ),
    (
        {"first": "webinar", "then": "prices", "within_days": 14},
        (form("webinar"), form("pricing")),
        "no",
        "prices after that",
    ),
    ({"first": "webinar", "then": "prices", "within_days": 14}, (form("pricing"),), "no", "webinar, and then prices"),
    (
        {"first": "webinar", "then": "prices", "within_days": 14},
        (form("webinar", 15), form("pricing", 1)),
        "no",
        "webinar, and then prices",
    ),
    ({"first": "form", "then": "form", "within_days": 14}, (form("webinar"),), "no", "form after that"),
    ({"first": "form", "then": "form", "within_days": 14}, (form("webinar", 1), form("ebook")), "yes", ""),
    # nothing of the sort
    ({"nothing_within_days": 30}, (), "yes", ""),
    ({"nothing_within_days": 30}, (form("webinar", 30.001),), "yes", ""),
    ({"nothing_within_days": 30}, (form("webinar", 30),), "no", "1 more quiet day"),
    ({"nothing_within_days": 30}, (form("webinar", 27.5),), "no", "3 more quiet days"),
    ({"nothing_within_days": 30, "of": ["prices"]}, (form("webinar"),), "yes", ""),
    # Statement 48: open to a talk is who means to buy, answers, replies, or asks for a person; nobody else
    ({"open_within_days": 14}, (form("webinar"), click(), visit()), "no", "has not happened yet"),
    ({"open_within_days": 14}, (form("pricing", 14),), "yes", ""),
    ({"open_within_days": 14}, (form("pricing", 15.5),), "no", "2 days too long ago"),
    ({"open_within_days": 14}, (reply("question"),), "yes", ""),
    ({"open_within_days": 14}, (reply("not-now"), reply("stop")), "no", "has not happened yet"),
    ({"open_within_days": 14}, (reply("not-interested"),), "no", "has not happened yet"),
    ({"open_within_days": 14}, (form("demo", 3),), "yes", ""),
    # Statement 31: much of late, and twice as much as before
    (SURGE, TIMES, "yes", ""),
    (SURGE, TIMES[:2], "no", "1 more time"),
    (SURGE, (*TIMES, visit(8), visit(9)), "no", "1 more time"),
    (SURGE, (*TIMES, visit(8)), "yes", ""),
    (SURGE, (*TIMES, visit(15), visit(16), visit(17)), "yes", ""),
    # how far from yes
    ({"fit_at_least": 100}, (), "yes", ""),
    ({"score_at_least": 17}, (form("webinar"),), "no", "2 more points"),
    ({"kinds_at_least": 3, "within_days": 9}, (form("webinar"), form("ebook")), "no", "1 more kind"),
    ({"days_at_least": 3, "within_days": 9}, (form("webinar"), form("ebook", 1)), "no", "1 more day"),
    ({"acted_within_days": 9}, (form("webinar", 9.5),), "no", "1 day too long ago"),
    ({"intent_within_days": 9}, (form("webinar"),), "no", "has not happened yet"),
    ({"cell_in": ["A2"]}, (form("webinar"), form("ebook")), "no", "16 more points of engagement"),
]


@pytest.mark.parametrize(
    ("rule", "acts", "answer", "near"), ANSWERS, ids=[f"{n}-{next(iter(row[0]))}" for n, row in enumerate(ANSWERS)]
)
def test_a_rule_answers(rule: dict[str, Any], acts: tuple[Engagement, ...], answer: str, near: str) -> None:
    """Statement 31: a surge. Statement 47: one session is one occasion. Statement 48: openness. Statement 77: so often
    in a window that slides.
    """
    found = asked(rule, *acts)
    assert (found.answer, found.near) == (answer, near)


KNOWN: list[tuple[dict[str, Any], dict[str, object], str, str]] = [
    ({"attribute": "country", "one_of": ["NO", "SE"]}, {}, "yes", ""),
    ({"attribute": "country", "one_of": ["SE"]}, {}, "no", ""),
    ({"attribute": "country", "one_of": ["SE"]}, {"country": None}, "unknown", "country unknown"),
    ({"attribute": "title", "one_of": ["director"]}, {}, "yes", ""),
    ({"attribute": "title", "one_of": ["direct"]}, {}, "no", ""),
    ({"attribute": "employees", "at_least": 120, "at_most": 120}, {}, "yes", ""),
    ({"attribute": "employees", "at_least": 121}, {}, "no", ""),
    ({"attribute": "employees", "at_most": 119}, {}, "no", ""),
    ({"attribute": "employees", "at_least": 1}, {"employees": None}, "unknown", "employees unknown"),
    # Statement 92: so many of the four answers; what was not asked yet is unknown, never no
    ({"answers_at_least": 2}, {"need": "less waste", "timing": "soon"}, "yes", ""),
    ({"answers_at_least": 2}, {"need": "less waste"}, "unknown", "1 more answer (timing or authority or budget)"),
    ({"answers_at_least": 1, "of": ["budget"]}, {"need": "less waste"}, "unknown", "1 more answer (budget)"),
    ({"answers_at_least": 4}, {"need": "x", "timing": "soon", "budget": "no", "authority": "share"}, "yes", ""),
    ({"open_within_days": 14}, {"need": "less waste", "answered_at": days_ago(14)}, "yes", ""),
    ({"open_within_days": 14}, {"need": "less waste", "answered_at": days_ago(14.5)}, "no", "1 day too long ago"),
    # Statement 33: unknown is no "no", and nothing is taken away for it
    ({"fit_at_least": 100}, {"country": None}, "unknown", "10 more points; country unknown"),
    ({"known": ["name", "phone"]}, {}, "unknown", "phone unknown"),
]


@pytest.mark.parametrize(("rule", "lead", "answer", "near"), KNOWN, ids=[str(n) for n in range(len(KNOWN))])
def test_what_is_not_known_is_unknown(rule: dict[str, Any], lead: dict[str, object], answer: str, near: str) -> None:
    """Statement 33: unknown is no "no". Statement 83: the least we must know. Statement 92: so many answers."""
    found = asked(rule, **dict[str, Any](lead))
    assert (found.answer, found.near) == (answer, near)


def test_every_kind_of_rule_was_asked_here() -> None:
    assert {kind for row in (*ANSWERS, *KNOWN) for kind in row[0]} >= set(RULE_KINDS)


@pytest.mark.parametrize(
    ("zone", "answer"),
    # 23:30 and 00:30 of the next day in Oslo are 22:30 and 23:30 of one day in UTC, and one evening in New York
    [("Europe/Oslo", "yes"), ("America/New_York", "no"), (None, "no")],
)
def test_days_are_those_of_the_leads_own_zone(zone: str | None, answer: str) -> None:
    """Statement 77, where days meet zones."""
    late, later = (
        replace(visit(), at=datetime(2026, 3, 1, hour, 30, tzinfo=UTC), key=bytes([hour])) for hour in (22, 23)
    )
    for rule in (
        {"days_at_least": 2, "within_days": 7},
        {"did_at_least": 2, "of": ["visit"], "within_days": 7, "on_different_days": True},
    ):
        assert asked(rule, late, later, zone=zone).answer == answer


def test_a_day_on_which_clocks_change_is_one_day() -> None:
    """In Oslo, 29 March 2026 had 23 hours."""
    before, after = (datetime(2026, 3, day, 22, 30, tzinfo=UTC) for day in (28, 29))
    acts = [Engagement("visited", at, url="/", key=str(at).encode()) for at in (before, before + timedelta(hours=1))]
    terms = agreement(signals=SITE)
    result = score_of((), {}, terms, after)
    of = Evidence(terms, {}, "iql", 0, after, "Europe/Oslo", acts_of(acts, terms, after), result, None)
    assert {str(of.day(act)) for act in of.acts} == {"2026-03-28", "2026-03-29"}


def test_more_visits_never_make_fewer_times() -> None:
    """Half an hour after the first of an occasion the next begins, however many there are in between."""
    sparse = [visit(minute / 1440) for minute in (0, 40)]
    dense = [visit(minute / 1440) for minute in (0, 20, 40)]
    assert asked(THREE_VISITS, *sparse).near == asked(THREE_VISITS, *dense).near == "1 more time"


def test_a_rule_is_told_in_its_terms() -> None:
    rule = RULES.validate_python({"text": "Came often", **THREE_VISITS})
    assert in_terms(rule) == "did_at_least: 3, of: visit, within_days: 7"
    assert in_terms(AGREEMENT.mql[0]) == "fit_at_least: 30"
