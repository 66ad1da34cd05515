"""kill -9 anywhere: nobody is mailed twice, nobody is forgotten, nothing is stuck."""

from __future__ import annotations

import os

import pytest

from tests.crash.invariants import undone, violations
from tests.crash.schedules import boundaries_of, broken, dies_at, run_random, run_small

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
    """Every pair there is: the second point is counted in the run that died at the first."""
    firsts = range(1, boundaries_of(1, 1) + 1)
    pairs = [(first, second) for first in firsts for second in range(first + 1, boundaries_of(1, 1, first) + 1)]
    assert len(pairs) > 400
    assert broken((dies_at(*pair) for pair in pairs), 1, 1) == []


def test_dying_at_any_single_point_does_each_thing_once() -> None:
    """Tags, fields, alerts and webhooks: done in the transaction that moves the lead past them."""
    points = boundaries_of(2, 1, deeds=True)
    assert points > 40
    for point in range(1, points + 1):
        world = run_small(dies_at(point), 2, 1, deeds=True)
        assert violations(world, 1) + undone(world) == [], f"killed at {point}"


def test_random_schedules_do_each_thing_once() -> None:
    for seed in range(FIRST_SEED, FIRST_SEED + SCHEDULES // 4):
        world = run_random(seed, deeds=True)
        assert violations(world, 1) + undone(world) == [], f"seed {seed}"


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
