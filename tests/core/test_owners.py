"""Who gets the lead."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nurture.core.agreement import Owner
from nurture.core.owners import assign
from tests.core.agreements import days_ago


def rep(key: str, *countries: str) -> Owner:
    return Owner(key=key, name=key.title(), address=f"{key}@example.com", countries=countries)


KARI, LARS, TOM, AISHA = rep("kari", "NO", "SE"), rep("lars", "NO"), rep("tom"), rep("aisha")
ALL = (KARI, LARS, TOM, AISHA)

KEPT = "already the lead's owner"
CHOICES: list[tuple[str, tuple[Owner, ...], dict[str, object], dict[str, tuple[int, datetime | None]], str, str]] = [
    ("keeps its owner", ALL, {"owner": "aisha", "country": "NO"}, {"aisha": (9, None)}, "aisha", KEPT),
    ("an owner who left", ALL, {"owner": "olga", "country": "SE"}, {}, "kari", "territory SE"),
    ("a territory of one", ALL, {"country": "se"}, {"kari": (9, None)}, "kari", "territory SE"),
    ("a territory of two", ALL, {"country": "NO"}, {"kari": (1, None)}, "lars", "territory NO, next in turn"),
    ("nobody's territory", ALL, {"country": "DE"}, {}, "aisha", "next in turn"),
    ("an unknown country", ALL, {}, {"aisha": (1, None)}, "tom", "next in turn"),
    ("only territories, none fits", (KARI, LARS), {"country": "DE"}, {"kari": (1, None)}, "lars", "next in turn"),
    ("the longest wait", (TOM, AISHA), {}, {"tom": (2, days_ago(3)), "aisha": (2, days_ago(1))}, "tom", "next in turn"),
    ("never had one", (TOM, AISHA), {}, {"tom": (0, None), "aisha": (0, days_ago(9))}, "tom", "next in turn"),
    ("equal: by key", (TOM, AISHA), {}, {"tom": (1, days_ago(1)), "aisha": (1, days_ago(1))}, "aisha", "next in turn"),
]


@pytest.mark.parametrize(
    ("owners", "lead", "load", "key", "why"), [row[1:] for row in CHOICES], ids=[row[0] for row in CHOICES]
)
def test_the_first_match_wins(
    owners: tuple[Owner, ...],
    lead: dict[str, object],
    load: dict[str, tuple[int, datetime | None]],
    key: str,
    why: str,
) -> None:
    assert assign(owners, lead, load) == (key, why)


@given(st.integers(1, 5), st.integers(0, 40), st.permutations(range(5)))
def test_turns_are_fair_and_do_not_depend_on_the_order_of_the_list(count: int, leads: int, order: list[int]) -> None:
    owners = [rep(f"rep-{n}") for n in range(count)]
    shuffled = [owners[n] for n in order if n < count]
    load: dict[str, tuple[int, datetime | None]] = {}
    for turn in range(leads):
        key, _ = assign(owners, {}, load)
        assert key == assign(shuffled, {}, load)[0]
        load[key] = (load.get(key, (0, None))[0] + 1, days_ago(50 - turn))
    counts = [load.get(owner.key, (0, None))[0] for owner in owners]
    assert max(counts) - min(counts) <= 1
