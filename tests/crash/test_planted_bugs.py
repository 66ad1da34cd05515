"""The schedules bite: each classic mistake of such an engine, planted on purpose, is caught."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from sqlalchemy import text

import nurture.advance
from nurture.advance import settle_receipts
from nurture.clock import Budget
from nurture.core.decide import Send
from nurture.ledger import hand_over as ledger
from nurture.ledger import recover
from nurture.mail import Email, Outcome, Receipt
from tests.crash.invariants import violations
from tests.crash.provider import UnreliableProvider
from tests.crash.schedules import Setup, run_random
from tests.crash.world import World

SEEDS = 100
Plant = Callable[[pytest.MonkeyPatch], Setup]


def _nothing(_: World) -> None:
    """No change to the world itself."""


def send_before_commit(patch: pytest.MonkeyPatch) -> Setup:
    """Post while the attempt row is not on disk yet."""

    def deliver(ports, chunk, report):  # type: ignore[no-untyped-def]
        serials = ports.watermark.take(ports.database, len(chunk))
        with ports.database.transaction("hand over") as connection:
            handed = ledger.hand_over(connection, ports, chunk, serials, ports.clock.now())
            receipts = ports.mailer.send(handed.emails, Budget.of(ports.clock, 20))
        settle_receipts(ports, receipts)

    patch.setattr(nurture.advance, "deliver", deliver)
    return _nothing


def no_unique_index(_: pytest.MonkeyPatch) -> Setup:
    """Trust the code alone to never open a second attempt."""

    def drop(world: World) -> None:
        with world.database.transaction("drop") as connection:
            connection.execute(text("DROP INDEX uq_attempt_open"))

    return drop


def retry_on_timeout(patch: pytest.MonkeyPatch) -> Setup:
    """Take a time-out for a failure, in the client and in recovery."""
    post = UnreliableProvider.send

    def send(self: UnreliableProvider, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        receipts = post(self, emails, budget)
        return [
            replace(one, outcome=Outcome.NOT_ACCEPTED) if one.outcome is Outcome.UNKNOWN else one for one in receipts
        ]

    patch.setattr(UnreliableProvider, "send", send)
    patch.setattr(recover, "is_idempotent", lambda _: True)
    return _nothing


def no_recheck_of_suppression(patch: pytest.MonkeyPatch) -> Setup:
    """Trust the check that was made when the mail was planned."""
    patch.setattr(ledger, "_still_ours", lambda one, row, now: row is not None and row.fence == one.fence)
    patch.setattr(ledger, "recheck", lambda ports, one, known, now: Send(one.step))
    return _nothing


def lease_only(patch: pytest.MonkeyPatch) -> Setup:
    """Post under the lease of the claim, and write the attempt down afterwards."""

    def deliver(ports, chunk, report):  # type: ignore[no-untyped-def]
        ports.mailer.send([one.email for one in chunk], Budget.of(ports.clock, 20))
        serials = ports.watermark.take(ports.database, len(chunk))
        with ports.database.transaction("hand over") as connection:
            handed = ledger.hand_over(connection, ports, chunk, serials, ports.clock.now())
        settle_receipts(ports, [Receipt(email.attempt_id, Outcome.ACCEPTED) for email in handed.emails])

    patch.setattr(nurture.advance, "deliver", deliver)
    return _nothing


@pytest.mark.parametrize(
    "plant", [send_before_commit, no_unique_index, retry_on_timeout, no_recheck_of_suppression, lease_only]
)
def test_a_planted_bug_is_caught(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    setup = plant(monkeypatch)
    assert any(_goes_wrong(seed, setup) for seed in range(SEEDS))


def _goes_wrong(seed: int, setup: Setup) -> bool:
    try:
        world = run_random(seed, setup=setup)
    except AssertionError:  # something is stuck
        return True
    return bool(violations(world, 2))
