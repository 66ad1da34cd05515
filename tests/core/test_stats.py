"""Shares with intervals: exact values from the literature and from hand, and what must hold for all numbers."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.stats import contest, median, needed, newcombe, percent, rate, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 30, 0.0, 0.1135),  # none of 30 may still be 11.4 %
        (12, 20, 0.3866, 0.7812),  # "60 %" alone would lie
        (30, 30, 0.8865, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (29, 29, 0.8830, 1.0),
        (0, 0, 0.0, 1.0),  # nobody knows
    ],
)
def test_wilson_intervals(part: int, whole: int, low: float, high: float) -> None:
    assert wilson(part, whole) == pytest.approx((low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("first", "second", "seen", "low", "high"),
    [
        # Newcombe 1998 (differences), table II, method 10
        ((56, 70), (48, 80), 0.2, 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.6, 0.1705, 0.8090),
        ((6, 7), (2, 7), 0.5714, 0.0582, 0.8062),
        ((5, 56), (0, 29), 0.0893, -0.0381, 0.1926),
        ((0, 10), (0, 20), 0.0, -0.1611, 0.2775),
        ((10, 10), (0, 20), 1.0, 0.6791, 1.0),
    ],
)
def test_differences(first: tuple[int, int], second: tuple[int, int], seen: float, low: float, high: float) -> None:
    found = newcombe(rate(*first), rate(*second))
    assert (found.seen, found.low, found.high) == pytest.approx((seen, low, high), abs=6e-5)


@pytest.mark.parametrize(
    ("one", "other", "each"),
    [(0.03, 0.045, 2517), (0.03, 0.036, 13914), (0.20, 0.25, 1094), (0.25, 0.20, 1094), (0.2, 0.2, None)],
)
def test_how_many_it_takes(one: float, other: float, each: int | None) -> None:
    assert needed(one, other) == each


def test_below_thirty_nothing_is_told_but_the_interval() -> None:
    assert rate(12, 20).in_words == "too few to tell (12 of 20: 39 to 78 %)"
    assert rate(0, 29).tells is False and rate(0, 30).tells is True
    assert rate(0, 30).in_words == "0 % (0 to 11)"
    assert rate(3, 1000).in_words == "0.3 % (0.1 to 0.9)"
    assert rate(0, 0).in_words == "none yet"


@pytest.mark.parametrize(
    ("rates", "ahead", "more"),
    [
        (((30, 1000), (45, 1000)), None, 2517 - 1000),  # not enough yet
        (((90, 3000), (135, 3000)), 1, 0),
        (((10, 10), (0, 10)), None, 20),  # never on fewer than thirty
        (((5, 100), (5, 100)), None, None),  # no number will tell
        (((300, 1000), (100, 1000), (100, 1000)), 0, 0),
    ],
)
def test_a_contest_has_a_winner_only_when_it_can_be_told(
    rates: tuple[tuple[int, int], ...], ahead: int | None, more: int | None
) -> None:
    found = contest(tuple(rate(*one) for one in rates))
    assert (found.ahead, found.more) == (ahead, more)


@pytest.mark.parametrize(
    ("ended", "still", "after"),
    [
        ([1, 2, 3, 4], [], 2),
        ([1, 2, 3], [], 2),
        # the textbook case: remission in weeks, 21 patients (Freireich 1963): half after 23
        ([6, 6, 6, 7, 10, 13, 16, 22, 23], [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], 23),
        ([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], [], 8),
        ([1], [5, 5, 5], None),  # most are not through
        ([], [3, 4], None),
        ([], [], None),
        # the mean of those that are through would be 2
        ([1, 2, 3], [10, 10], 3),
    ],
)
def test_medians_count_those_that_still_run(ended: list[int], still: list[int], after: int | None) -> None:
    assert median(Counter(ended), Counter(still)) == after


@given(st.integers(0, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole))))
def test_the_share_lies_in_its_interval(numbers: tuple[int, int]) -> None:
    found = rate(*numbers)
    assert 0 <= found.low <= found.high <= 1
    if found.share is not None:
        assert found.low <= found.share <= found.high


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_difference_turned_round_is_its_opposite(one: int, other: int, data: st.DataObject) -> None:
    first = rate(data.draw(st.integers(0, one)), one)
    second = rate(data.draw(st.integers(0, other)), other)
    there, back = newcombe(first, second), newcombe(second, first)
    assert (there.low, there.high) == pytest.approx((-back.high, -back.low))
    assert -1 - 1e-9 <= there.low <= there.seen <= there.high <= 1 + 1e-9


@given(st.lists(st.integers(0, 50), min_size=1), st.lists(st.integers(0, 50)))
def test_whoever_still_runs_never_makes_it_sooner(ended: list[int], still: list[int]) -> None:
    sooner = median(Counter(ended), Counter())
    later = median(Counter(ended), Counter([max(ended) + 1 for _ in still]))
    assert sooner is not None and (later is None or later >= sooner)


@pytest.mark.parametrize(("share", "text"), [(0.0, "0"), (0.004, "0.4"), (0.0996, "10"), (0.5, "50"), (1.0, "100")])
def test_hundredths(share: float, text: str) -> None:
    assert percent(share) == text
