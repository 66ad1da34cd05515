"""A mail provider that goes wrong on purpose: the truth about what reached it is `taken`."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nurture.clock import Budget, VirtualClock
from nurture.mail import Email, Outcome, Receipt


class Crash(BaseException):
    """kill -9: nothing catches it, nothing is cleaned up but what the database rolls back."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail the provider has."""

    message_id: str
    attempt_id: str
    at: datetime


@dataclass(slots=True)
class UnreliableProvider:
    """Takes mails or refuses them, loses answers, fails after taking; then tells the truth by webhook.

    `faults` is the chance of something other than a plain "accepted", 0 to 1.
    """

    clock: VirtualClock
    hook: Callable[[str], None]
    rng: random.Random
    faults: float = 0.0
    idempotent: bool = False
    name: str = "sendgrid"
    connections: int = 1
    taken: list[Taken] = field(default_factory=list)
    #: events to be told, with when they are due
    events: list[tuple[datetime, Taken, str]] = field(default_factory=list)

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        return [self._post(email, budget) for email in emails]

    def close(self) -> None:
        """Nothing to let go of."""

    def _post(self, email: Email, budget: Budget) -> Receipt:
        self.hook("provider: before")
        if budget.spent():
            return Receipt(email.attempt_id, Outcome.NOT_ACCEPTED, reason="not started in time")
        outcome, takes = self._fate()
        if takes:
            self._take(email)
            self.hook("provider: has it")
        self.hook("provider: answers")
        return Receipt(email.attempt_id, outcome, reason="" if outcome is Outcome.ACCEPTED else "fault")

    def _fate(self) -> tuple[Outcome, bool]:
        if self.rng.random() >= self.faults:
            return Outcome.ACCEPTED, True
        return self.rng.choice(
            [
                (Outcome.UNKNOWN, True),  # it took it, and the answer was lost
                (Outcome.UNKNOWN, False),  # 5xx, and it has nothing
                (Outcome.NOT_ACCEPTED, False),  # refused before a byte left
            ]
        )

    def _take(self, email: Email) -> None:
        known = self.idempotent and any(one.message_id == email.message_id for one in self.taken)
        if known:
            return
        one = Taken(email.message_id, email.attempt_id, self.clock.now())
        self.taken.append(one)
        for kind in ("processed", "delivered"):
            delay = timedelta(seconds=self.rng.choice([1, 30, 600, 7200, 80000]))
            self.events.append((self.clock.now() + delay, one, kind))

    def due_events(self, *, everything: bool = False) -> list[tuple[Taken, str]]:
        """Events whose time has come, in any order, some of them twice."""
        due = [(one, kind) for at, one, kind in self.events if everything or at <= self.clock.now()]
        due += [event for event in due if self.rng.random() < 0.3]
        self.rng.shuffle(due)
        return due

    def heard(self, told: Sequence[tuple[Taken, str]]) -> None:
        """These events were answered with 2xx: they are not told again."""
        self.events = [event for event in self.events if event[1:] not in told]
