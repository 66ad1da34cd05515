"""Who gets the lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture.core.owners import POOL, Load, Team, assign, rep_of
from nurture.core.sales import Owner
from tests.core.agreements import NOW, days_ago


def rep(key: str, *countries: str, **terms: Any) -> Owner:
    return Owner(key=key, name=key.title(), address=f"{key}@example.com", countries=countries, **terms)


KARI, LARS, TOM, AISHA = rep("kari", "NO", "SE"), rep("lars", "NO"), rep("tom"), rep("aisha", backup="tom")
ALL = (KARI, LARS, TOM, AISHA)
BIG_FOOD = rep("berit", "NO", industries=("food", "dairy"), employees={"at_least": 200})
NAMED = rep("olav", "DE", accounts=("mill.example",))

KEPT = "already the lead's owner"
CHOICES: list[tuple[str, Team, dict[str, object], dict[str, str], str, str]] = [
    ("keeps its owner", Team(ALL, loads={"aisha": Load(9)}), {"owner": "aisha", "country": "NO"}, {}, "aisha", KEPT),
    ("an owner who left", Team(ALL), {"owner": "olga", "country": "SE"}, {}, "kari", "territory SE"),
    ("its owner is away", Team(ALL, frozenset({"aisha"})), {"owner": "aisha"}, {}, "tom",
     f"stands in for Aisha, who is away ({KEPT})"),
    ("its owner is away, and so is the backup", Team(ALL, frozenset({"aisha", "tom"})),
     {"owner": "aisha", "country": "SE"}, {}, "kari", "territory SE"),
    ("its company's rep", Team(ALL), {"country": "NO"}, {"tom": "works on a deal with its company"}, "tom",
     "works on a deal with its company"),
    ("its own rep before its company's", Team(ALL), {"owner": "lars"}, {"tom": "its company's rep"}, "lars", KEPT),
    ("a named account", Team((*ALL, NAMED)), {"email": "mona@north.mill.example", "country": "NO"}, {}, "olav",
     "its company is a named account"),
    ("the named one before its own and its company's", Team((*ALL, NAMED)),
     {"email": "mona@mill.example", "owner": "lars"}, {"tom": "has it"}, "olav", "its company is a named account"),
    ("a territory of one", Team(ALL, loads={"kari": Load(9)}), {"country": "se"}, {}, "kari", "territory SE"),
    ("a territory of two", Team(ALL, loads={"kari": Load(1)}), {"country": "NO"}, {}, "lars",
     "territory NO, next in turn"),
    ("all of a territory's conditions", Team((BIG_FOOD, TOM)),
     {"country": "NO", "industry": "Food & drink", "employees": 200}, {}, "berit",
     "territory NO, Food & drink, 200 people"),
    ("one condition of a territory is not met", Team((BIG_FOOD, TOM)),
     {"country": "NO", "industry": "Food", "employees": 199}, {}, "tom", "next in turn"),
    ("what is not known is in no territory", Team((BIG_FOOD, TOM)), {"country": "NO", "industry": "Food"}, {}, "tom",
     "next in turn"),
    ("the territory's only rep is away", Team(ALL, frozenset({"kari"})), {"country": "SE"}, {}, "aisha",
     "next in turn"),
    ("the territory's only rep has had enough today",
     Team((rep("kari", "SE", at_most_per_day=2), TOM), loads={"kari": Load(2, NOW, 2)}), {"country": "SE"}, {}, "tom",
     "next in turn"),
    ("enough for today, but the lead is its own",
     Team((rep("kari", at_most_per_day=1),), loads={"kari": Load(1, NOW, 1)}), {"owner": "kari"}, {}, "kari", KEPT),
    ("nobody's territory", Team(ALL), {"country": "DE"}, {}, "aisha", "next in turn"),
    ("an unknown country", Team(ALL, loads={"aisha": Load(1)}), {}, {}, "tom", "next in turn"),
    ("only territories, none fits", Team((KARI, LARS)), {"country": "DE"}, {}, POOL, "nobody is free to take it"),
    ("all are away", Team(ALL, frozenset({"kari", "lars", "tom", "aisha"})), {"owner": "tom"}, {}, POOL,
     "nobody is free to take it"),
    ("the longest wait", Team((TOM, AISHA), loads={"tom": Load(2, days_ago(3)), "aisha": Load(2, days_ago(1))}), {}, {},
     "tom", "next in turn"),
    ("never had one", Team((TOM, AISHA), loads={"tom": Load(0), "aisha": Load(0, days_ago(9))}), {}, {}, "tom",
     "next in turn"),
    ("equal: by key", Team((TOM, AISHA), loads={"tom": Load(1, days_ago(1)), "aisha": Load(1, days_ago(1))}), {}, {},
     "aisha", "next in turn"),
    ("half the share", Team((rep("half"), rep("whole", weight=2)), loads={"half": Load(2), "whole": Load(3)}), {}, {},
     "whole", "next in turn"),
    ("who came late has nothing to make up for",
     Team((TOM, AISHA), loads={"tom": Load(3), "aisha": Load(1, None, 0, 3)}), {}, {}, "tom", "next in turn"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("team", "lead", "company", "key", "why"), [row[1:] for row in CHOICES], ids=[row[0] for row in CHOICES]
)
def test_the_first_match_wins(team: Team, lead: dict[str, object], company: dict[str, str], key: str, why: str) -> None:
    assert assign(team, lead, company) == (key, why)


def test_whose_a_lead_is_does_not_depend_on_who_is_away() -> None:
    team = Team((*ALL, NAMED), frozenset({"olav", "aisha"}))
    assert rep_of(team, {"email": "mona@mill.example", "owner": "aisha"}) == "olav"
    assert rep_of(team, {"owner": "aisha"}, {"tom": "has it"}) == "aisha"
    assert rep_of(team, {"owner": "olga"}, {"tom": "has it"}) == "tom"
    assert rep_of(team, {"country": "NO"}) is None


def test_who_is_new_is_behind_those_who_have_a_territory_as_it_has_or_none_as_it_has() -> None:
    loads = {"kari": Load(0), "tom": Load(6), "aisha": Load(4), "lars": Load(1)}
    team = Team(ALL, frozenset({"lars"}), loads)
    assert team.behind("aisha") == 0
    new = Team((*ALL, rep("new"), rep("twice", weight=2)), frozenset({"new", "twice"}), loads)
    assert (new.behind("new"), new.behind("twice"), new.behind("nobody")) == (4, 8, 0)


def handed(team: Team, key: str, turn: int) -> Team:
    """The team after one more lead of today."""
    load = team.loads.get(key, Load())
    more = Load(load.handed + 1, NOW + timedelta(minutes=turn), load.today + 1)
    return replace(team, loads={**team.loads, key: more})


@settings(deadline=None)
@given(st.integers(1, 5), st.integers(0, 40), st.permutations(range(5)), st.sets(st.sampled_from(["rep-0", "rep-1"])))
def test_turns_are_fair_among_those_present_and_do_not_depend_on_the_order_of_the_list(
    count: int, leads: int, order: list[int], away: set[str]
) -> None:
    """Whoever is away gets none; of the others nobody is more than one ahead."""
    owners = [rep(f"rep-{n}") for n in range(count)]
    team = Team(owners, frozenset(away))
    for turn in range(leads):
        key, _ = assign(team, {})
        assert key == assign(replace(team, owners=[owners[n] for n in order if n < count]), {})[0]
        team = handed(team, key, turn)
    counts = {owner.key: team.load(owner).handed for owner in owners}
    assert all(counts[key] == 0 for key in away & counts.keys())
    present = [counts[key] for key in counts.keys() - away]
    assert max(present) - min(present) <= 1 if present else team.loads.keys() <= {POOL}


@settings(deadline=None)
@given(st.lists(st.integers(1, 5), min_size=1, max_size=4), st.integers(1, 60))
def test_shares_follow_the_weights(weights: Sequence[int], leads: int) -> None:
    """Nobody is ever further than one lead from its share, as near as whole leads allow."""
    team = Team([rep(f"rep-{n}", weight=weight) for n, weight in enumerate(weights)])
    for turn in range(leads):
        team = handed(team, assign(team, {})[0], turn)
    per_weight = [team.load(owner).handed / owner.weight for owner in team.owners]
    assert max(per_weight) - min(per_weight) <= 1


@settings(deadline=None)
@given(st.lists(st.integers(1, 4), min_size=1, max_size=3), st.integers(0, 20))
def test_nobody_gets_more_than_its_share_of_a_day(most: Sequence[int], leads: int) -> None:
    """What nobody may take today goes to the pool."""
    team = Team([rep(f"rep-{n}", at_most_per_day=cap) for n, cap in enumerate(most)])
    given_to: Mapping[str, int] = {}
    for turn in range(leads):
        key, _ = assign(team, {})
        given_to = {**given_to, key: given_to.get(key, 0) + 1}
        team = handed(team, key, turn)
    assert all(given_to.get(owner.key, 0) <= int(owner.at_most_per_day or 0) for owner in team.owners)
    assert given_to.get(POOL, 0) == max(0, leads - sum(most))
