"""One round of everything: what `nurture run` does on its own and the Prefect flows do piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nurture import alerts, webhooks
from nurture.advance import Report, tick
from nurture.delivery import Delivered
from nurture.engage import Folded, fold
from nurture.enroll import Enrolled, enroll
from nurture.handoff import qualify_due
from nurture.ledger.recover import Recovered, recover
from nurture.ports import Ports


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to."""

    recovered: Recovered
    folded: Folded
    promoted: int
    enrolled: Enrolled
    report: Report
    delivered: Delivered
    webhooks: Delivered


def run_round(ports: Ports, progress: Callable[[int], None] = lambda _: None) -> Round:
    """Settle what hangs, take in what came back, promote who is ready, enroll, mail, alert, webhooks: in this order.

    What comes back goes first, so that an opt-out or a promotion of this minute stops a mail of this minute.
    Raises StaleDatabase before anything is sent.
    """
    ports.watermark.check(ports.database)
    recovered = recover(ports)
    folded = fold(ports)
    promoted = qualify_due(ports)
    enrolled = enroll(ports)
    report = tick(ports, progress)
    delivered = alerts.deliver(ports)
    return Round(recovered, folded, promoted, enrolled, report, delivered, webhooks.deliver(ports))
