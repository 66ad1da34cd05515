"""After a request that brought something in: work it at once, so that a call for a person reaches sales in seconds.

The flows do the same on their schedule; this only does it sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Lock

from nurture.alerts import deliver
from nurture.engage import fold
from nurture.handoff import qualify_due
from nurture.ports import Ports

log = logging.getLogger(__name__)

_STEPS: tuple[Callable[[Ports], object], ...] = (fold, qualify_due, deliver)


class Drain:
    """Fold, qualify, alert: in this order, one at a time for a process.

    Whoever calls while it runs does not wait; the one that runs goes round once more. So a flood of requests never
    ties up more than one thread.
    """

    def __init__(self, ports: Ports) -> None:
        self._ports = ports
        self._wanted = Event()
        self._running = Lock()

    def __call__(self) -> None:
        self._wanted.set()
        while self._wanted.is_set() and self._running.acquire(blocking=False):
            try:
                self._wanted.clear()
                self._round()
            finally:
                self._running.release()

    def _round(self) -> None:
        for step in _STEPS:
            try:
                step(self._ports)
            # The request is answered already, and the flow will try again. A traceback may quote personal data.
            except Exception as error:  # noqa: BLE001
                log.error("%s failed: %s", step.__name__, type(error).__name__)  # noqa: TRY400
