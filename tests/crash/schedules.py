"""Schedules: where the process dies, and what else happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.crash.invariants import violations
from tests.crash.provider import Crash
from tests.crash.world import World

Schedule = Callable[[World, int, str], None]
Setup = Callable[[World], None]


def dies_at(*boundaries: int) -> Schedule:
    """Killed at these boundaries, counted through the whole run; each new process goes on with the work."""
    doomed = set(boundaries)

    def schedule(world: World, number: int, name: str) -> None:
        if number in doomed:
            raise Crash(f"{number}: {name}")

    return schedule


def anything_goes(world: World, _: int, name: str) -> None:
    """Seeded chaos: death, time and other actors, wherever they can strike."""
    chance = world.rng.random()
    if chance < 0.06:
        raise Crash(name)
    if chance < 0.10:
        world.let_time_pass()
    elif chance < 0.22 and not name.endswith("inside"):
        world.in_between(world.rng.choice([world.work, world.work, world.hear, world.recover, world.opt_out]))


def run_small(
    schedule: Schedule, leads: int, mails: int, setup: Setup = lambda _: None, *, deeds: bool = False
) -> World:
    """One small case through to its end, with the faults of `schedule` on the way."""
    world = World(leads, mails, schedule=schedule, deeds=deeds)
    setup(world)
    world.armed = True
    for _ in range(mails + 2):  # a death may cost a round
        world.run(world.work)
        world.run(world.hear)
    world.settle()
    return world


def run_random(seed: int, *, idempotent: bool = False, setup: Setup = lambda _: None, deeds: bool = False) -> World:
    """A seeded run: several leads, an unreliable provider, chaos for a while, then peace."""
    leads = 1 + seed % 4
    mails = 1 if deeds else 2
    world = World(leads, mails, seed=seed, faults=0.35, idempotent=idempotent, deeds=deeds, schedule=anything_goes)
    setup(world)
    world.armed = True
    actors = [world.work, world.work, world.work, world.hear, world.recover, world.let_time_pass]
    for _ in range(12):
        world.run(world.rng.choice(actors))
        if world.rng.random() < 0.05:
            world.run(world.opt_out)
    world.settle()
    return world


def boundaries_of(leads: int, mails: int, *deaths: int, deeds: bool = False) -> int:
    """How many boundaries a run has that is killed at these."""
    return run_small(dies_at(*deaths), leads, mails, deeds=deeds).boundaries


def broken(schedules: Iterable[Schedule], leads: int, mails: int) -> list[str]:
    """Every violation over these schedules."""
    return [fault for one in schedules for fault in violations(run_small(one, leads, mails), mails)]
