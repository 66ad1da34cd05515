"""How points are counted: two axes, fading, capped, and the same in whatever order things are told."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from math import fsum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.facts import Engagement
from nurture.core.score import Score, score
from tests.core.agreements import AGREEMENT, IDEAL, NOW, agreement, click, days_ago, form

ENGAGEMENTS = st.lists(
    st.builds(
        Engagement,
        kind=st.sampled_from(["clicked", "submitted", "attended"]),
        at=st.integers(-5 * 24, 60 * 24).map(lambda hours: NOW - timedelta(hours=hours)),
        template=st.sampled_from(["", "tofu/welcome", "mofu/compare"]),
        url=st.sampled_from(["", "https://site.example/pricing", "https://site.example/guide"]),
        name=st.sampled_from(["", "ebook", "checklist", "webinar", "pricing", "demo", "survey"]),
        key=st.sampled_from([b"", b"", b"", b"1", b"2"]),
    ),
    max_size=12,
)
LEADS = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from([None, "", "a@mill.example", "a@gmail.com", "no address"]),
        "title": st.sampled_from([None, "", "CEO", "Plant Manager", "Poet"]) | st.text("aeCEO å-", max_size=9),
        "employees": st.sampled_from([None, 3, 120, 9000, "many"]),
        "industry": st.sampled_from([None, "", "Food", "Shipping"]),
        "country": st.sampled_from([None, "", "no", "NO", "FR"]),
    },
)


def engagement(*acts: Engagement, **changes: Any) -> int:
    return score(acts, {}, agreement(**changes), NOW).engagement


def test_a_lead_nobody_knows_starts_at_the_base_and_everything_is_listed_as_unknown() -> None:
    nobody = score((), {}, AGREEMENT, NOW)
    assert (nobody.fit, nobody.engagement, nobody.grade) == (20, 0, "D4")
    assert nobody.unknown == ("title", "employees", "industry", "country")


def test_an_ideal_lead_fits_fully() -> None:
    ideal = score((), IDEAL, AGREEMENT, NOW)
    assert (ideal.fit, ideal.grade, ideal.unknown) == (100, "A4", ())


def test_what_the_agreement_does_not_ask_for_is_not_unknown() -> None:
    asks_title_only = agreement(fit={"base": 20, "titles": [{"words": ["ceo"], "points": 30}]})
    assert score((), {}, asks_title_only, NOW).unknown == ("title",)


CELLS = [
    (100, 100, "A1"),
    (70, 60, "A1"),
    (69, 59, "B2"),
    (50, 35, "B2"),
    (49, 34, "C3"),
    (30, 15, "C3"),
    (29, 14, "D4"),
]


@pytest.mark.parametrize(("fit", "digit", "cell"), CELLS)
def test_a_bar_is_reached_by_standing_on_it(fit: int, digit: int, cell: str) -> None:
    assert AGREEMENT.grid.cell(fit, digit) == cell


FITS: list[tuple[dict[str, object], int]] = [
    ({"title": "Plant Manager"}, 40),
    # known and wrong gives as much as unknown; it is only not listed any more
    ({"industry": "Shipping"}, 20),
    ({"country": "no"}, 30),
    ({"employees": 120, "country": "SE"}, 50),
    ({"employees": "many"}, 20),
    ({"email": "mona@gmail.com"}, 10),
]


@pytest.mark.parametrize(("lead", "fit"), FITS)
def test_fit_adds_up_what_is_known(lead: dict[str, object], fit: int) -> None:
    assert score((), lead, AGREEMENT, NOW).fit == fit


def test_what_is_known_and_does_not_fit_is_not_unknown() -> None:
    assert score((), {"industry": "Shipping"}, AGREEMENT, NOW).unknown == ("title", "employees", "country")


POINTS: list[tuple[tuple[Engagement, ...], int]] = [
    ((form("webinar"),), 15),
    # half after one half-life, a quarter after two
    ((form("pricing", days=10),), 10),
    ((form("pricing", days=20),), 5),
    # each form by its own signal; a hand-raise and an unknown form give nothing
    ((form("webinar"), form("pricing"), form("demo"), form("survey")), 35),
    # a click counts for the first signal that fits
    ((click("https://site.example/pricing"),), 5),
    ((click(),), 3),
    # at most 6 a week for mail clicks: the third adds nothing, and what the cap cuts is the oldest
    ((click(), click("https://site.example/b"), click("https://site.example/c")), 6),
    # two forms of one signal share its cap of 4 a day; a day later it counts again
    ((form("ebook"), form("checklist")), 4),
    ((form("ebook"), form("checklist", days=1)), 8),
    # an act before its time is not there yet
    ((form("webinar", days=-0.001),), 0),
    # opens are nothing
    ((Engagement("opened", NOW, template="tofu/welcome"),), 0),
]


@pytest.mark.parametrize(("acts", "points"), POINTS)
def test_engagement_adds_up_what_was_done(acts: tuple[Engagement, ...], points: int) -> None:
    assert engagement(*acts) == points


def test_the_cap_slides_so_a_new_week_does_not_forget_sunday() -> None:
    binge = [click(f"https://site.example/{hour}", days=hour / 24) for hour in range(24 * 14)]
    nominal = {0: 6, 7: 6, 14: 0}
    given_by_day = [addend.points * 2 ** ((NOW - addend.at).total_seconds() / 86400 / 21)  # type: ignore[operator]
                    for addend in score(binge, {}, AGREEMENT, NOW).addends if addend.axis == "engagement"]  # fmt: skip
    assert round(fsum(given_by_day), 6) == sum(nominal.values())


def test_a_score_stays_within_a_hundred() -> None:
    assert engagement(*(form("webinar", days=n) for n in range(30))) == 100


def test_a_capped_act_is_still_shown_and_says_why_it_gives_less() -> None:
    shown = score([form("ebook"), form("checklist", days=0.5)], {}, AGREEMENT, NOW).addends[-1]
    assert (shown.text, shown.points) == ("asked for a guide (checklist), at most 4 points a day", 0)


def test_each_addend_says_what_it_is_for() -> None:
    told = score([click(), form("webinar", days=1)], {"title": "CEO", "email": "a@gmail.com"}, AGREEMENT, NOW).addends
    assert [addend.text for addend in told] == [
        "where every lead starts",
        "title: CEO",
        "a private mailbox",
        "clicked a link in a mail (tofu/welcome)",
        "signed up for the webinar",
    ]
    assert [addend.at for addend in told] == [None, None, None, NOW, days_ago(1)]


def test_the_newest_intent_is_remembered_and_a_hand_raise_is_one() -> None:
    assert score([form("pricing", days=9), form("webinar")], {}, AGREEMENT, NOW).intent_at == days_ago(9)
    assert score([form("pricing", days=9), form("demo", days=1)], {}, AGREEMENT, NOW).intent_at == days_ago(1)
    assert score([form("webinar"), click()], {}, AGREEMENT, NOW).intent_at is None


@given(ENGAGEMENTS, LEADS, st.randoms())
def test_order_and_repetition_change_nothing(told: list[Engagement], lead: dict[str, object], random: Any) -> None:
    again = told + random.sample(told, len(told) // 2)
    random.shuffle(again)
    assert score(again, lead, AGREEMENT, NOW) == score(told, lead, AGREEMENT, NOW)


@given(ENGAGEMENTS, LEADS)
def test_the_addends_are_the_score(told: list[Engagement], lead: dict[str, object]) -> None:
    found: Score = score(told, lead, AGREEMENT, NOW)
    for axis, total in (("fit", found.fit), ("engagement", found.engagement)):
        summed = sum(addend.points for addend in found.addends if addend.axis == axis)
        assert total == min(100, max(0, round(summed)))
    assert found.grade == AGREEMENT.grid.cell(found.fit, found.engagement)


@given(ENGAGEMENTS, LEADS)
def test_one_more_act_never_lowers_a_score(told: list[Engagement], lead: dict[str, object]) -> None:
    keyed = [replace(each, key=b"%d" % n) for n, each in enumerate(told)]
    scores = [score(keyed[:n], lead, AGREEMENT, NOW).engagement for n in range(len(keyed) + 1)]
    assert scores == sorted(scores)


@given(ENGAGEMENTS, st.integers(0, 400))
def test_points_only_fade_while_nothing_happens(told: list[Engagement], days: int) -> None:
    past = [each for each in told if each.at <= NOW]
    later = NOW + timedelta(days=days)
    assert score(past, {}, AGREEMENT, later).engagement <= score(past, {}, AGREEMENT, NOW).engagement


@given(ENGAGEMENTS)
def test_no_week_gives_more_mail_clicks_than_the_cap(told: list[Engagement]) -> None:
    clicks = [
        addend for addend in score(told, {}, AGREEMENT, NOW).addends if addend.text.startswith("clicked a link in")
    ]
    for start in clicks:
        week = [each for each in clicks if timedelta() <= each.at - start.at < timedelta(days=7)]  # type: ignore[operator]
        fresh = fsum(each.points * 2 ** ((NOW - each.at) / timedelta(days=21)) for each in week)  # type: ignore[operator]
        assert fresh <= 6 + 1e-9
