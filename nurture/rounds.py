"""One round of everything: what `nurture run` does on its own and the Prefect flows do piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from nurture import alerts, webhooks
from nurture.advance import Report, tick
from nurture.alerts import channels
from nurture.delivery import Delivered
from nurture.engage import Folded, fold
from nurture.enroll import Enrolled, enroll
from nurture.handoff import qualify_due
from nurture.handoff.ladder import climb
from nurture.ledger.recover import Recovered, recover
from nurture.ports import Ports

Part = Literal["recover", "fold", "qualify", "climb", "enroll", "mail", "alert"]


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to."""

    recovered: Recovered
    folded: Folded
    promoted: int
    climbed: int
    enrolled: Enrolled
    report: Report
    delivered: Delivered
    webhooks: Delivered


def run_round(
    ports: Ports,
    progress: Callable[[int], None] = lambda _: None,
    is_idle: Callable[[Part], bool] = lambda _: False,
) -> Round:
    """Settle what hangs, take in what came back, promote who is ready, let what waits for sales climb, enroll, mail,
    alert (by mail, in chat channels), webhooks: in this order.

    What comes back goes first, so that an opt-out or a promotion of this minute stops a mail of this minute.
    `is_idle` may say of a part, when its turn comes, that nothing waits for it: then it is left out. Raises
    StaleDatabase before anything is sent.
    """
    ports.watermark.check(ports.database)
    recovered = Recovered() if is_idle("recover") else recover(ports)
    folded = Folded() if is_idle("fold") else fold(ports)
    promoted = 0 if is_idle("qualify") else qualify_due(ports)
    climbed = 0 if is_idle("climb") else climb(ports)
    enrolled = Enrolled(0, {}) if is_idle("enroll") else enroll(ports)
    report = Report() if is_idle("mail") else tick(ports, progress)
    delivered = Delivered() if is_idle("alert") else alerts.deliver(ports) + channels.deliver(ports)
    return Round(recovered, folded, promoted, climbed, enrolled, report, delivered, webhooks.deliver(ports))
