"""kill -9 anywhere: nobody is mailed twice, nobody is forgotten, nothing is stuck."""

from __future__ import annotations

import os
from itertools import combinations

import pytest

from tests.crash.invariants import violations
from tests.crash.schedules import boundaries_of, broken, dies_at, run_random

SCHEDULES = int(os.environ.get("CRASH_SCHEDULES", "100"))
FIRST_SEED = int(os.environ.get("CRASH_SEED", "0"))
#: random schedules that failed once, kept for good
ONCE_FAILED = (36, 237)


@pytest.mark.parametrize(("leads", "mails"), [(1, 1), (2, 1), (2, 2)])
def test_dying_at_any_single_point_is_harmless(leads: int, mails: int) -> None:
    points = boundaries_of(leads, mails)
    assert points > 15
    assert broken((dies_at(n) for n in range(1, points + 1)), leads, mails) == []


def test_dying_at_any_two_points_is_harmless() -> None:
    """The second point is counted in the run after the first death, which is longer than one without faults."""
    points = 2 * boundaries_of(1, 1)
    assert broken((dies_at(*pair) for pair in combinations(range(1, points + 1), 2)), 1, 1) == []


@pytest.mark.parametrize("idempotent", [False, True], ids=["sendgrid", "outbox"])
def test_random_schedules_keep_every_promise(idempotent: bool) -> None:
    """Deaths, lost answers, late and repeated events, opt-outs, clocks that jump, processes that overlap."""
    seeds = [*ONCE_FAILED, *range(FIRST_SEED + idempotent, FIRST_SEED + SCHEDULES, 2)]
    crashes = taken = 0
    for seed in seeds:
        world = run_random(seed, idempotent=idempotent)
        assert violations(world, 2) == [], f"seed {seed}"
        crashes += world.crashes
        taken += len(world.provider.taken)
    assert crashes > len(seeds) / 2
    assert taken > len(seeds)
