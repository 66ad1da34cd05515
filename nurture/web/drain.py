"""After a request that brought something in: work it at once, so that a call for a person reaches sales in seconds.

The flows do the same on their schedule; this only does it sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock

from nurture import alerts, webhooks
from nurture.engage import fold
from nurture.handoff import qualify_due
from nurture.ports import Ports

log = logging.getLogger(__name__)


class Drain:
    """Fold, qualify, alert; then webhooks: in this order, each of the two one at a time for a process.

    Whoever calls while one runs does not wait for it; the one that runs goes round once more. So a flood of requests
    never ties up more than two threads, and a slow receiver of webhooks never keeps sales waiting.
    """

    def __init__(self, ports: Ports) -> None:
        sales = _Turn(ports, {"fold": fold, "qualify": qualify_due, "alerts": alerts.deliver})
        self._turns = (sales, _Turn(ports, {"webhooks": webhooks.deliver}))

    def __call__(self) -> None:
        for turn in self._turns:
            turn()


@dataclass(frozen=True, slots=True)
class _Turn:
    """Work for one at a time."""

    ports: Ports
    steps: dict[str, Callable[[Ports], object]]
    wanted: Event = field(default_factory=Event)
    running: Lock = field(default_factory=Lock)

    def __call__(self) -> None:
        self.wanted.set()
        while self.wanted.is_set() and self.running.acquire(blocking=False):
            try:
                self.wanted.clear()
                self._round()
            finally:
                self.running.release()

    def _round(self) -> None:
        for name, step in self.steps.items():
            try:
                step(self.ports)
            # The request is answered already, and the flow will try again. A traceback may quote personal data.
            except Exception as error:  # noqa: BLE001
                log.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400
