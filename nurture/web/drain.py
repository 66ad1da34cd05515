"""After a request that brought something in: work it at once, so that a call for a person reaches sales in seconds.

The flows do the same on their schedule; this only does it sooner.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event, Lock

from nurture import alerts, webhooks
from nurture.advance import tick
from nurture.alerts import channels
from nurture.engage import fold
from nurture.enroll import enroll
from nurture.handoff import qualify_due
from nurture.ports import Ports

log = logging.getLogger(__name__)


class Drain:
    """Fold, qualify, alert; then chat channels; then what was asked for; then webhooks: in this order, each of the four
    one at a time for a process.

    Whoever calls while one runs does not wait for it; the one that runs goes round once more. So a flood of requests
    never ties up more than four threads, and neither slow mail nor a slow receiver keeps sales waiting. With
    `mails=False` leads come into sequences when the flow says so.
    """

    def __init__(self, ports: Callable[[], Ports], *, mails: bool = True) -> None:
        sales = _Turn(ports, {"fold": fold, "qualify": qualify_due, "alerts": alerts.deliver})
        chat = _Turn(ports, {"channels": channels.deliver})
        asked_for = _Turn(ports, {"mails": _mail_who_came_in} if mails else {})
        self._turns = (sales, chat, asked_for, _Turn(ports, {"webhooks": webhooks.deliver}))

    def __call__(self) -> None:
        for turn in self._turns:
            turn()


def _mail_who_came_in(ports: Ports) -> None:
    """Whoever asked for a guide gets it now; where nobody came into a sequence, nothing is due sooner than it was."""
    if enroll(ports).begun:
        tick(ports)


@dataclass(frozen=True, slots=True)
class _Turn:
    """Work for one at a time."""

    ports: Callable[[], Ports]
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
                step(self.ports())
            # The request is answered already, and the flow will try again. A traceback may quote personal data.
            except Exception as error:  # noqa: BLE001
                log.error("%s failed: %s", name, type(error).__name__)  # noqa: TRY400
