"""The post of a simulation: it takes every mail that would leave, and gives it to nobody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from nurture.clock import Budget, Clock
from nurture.core.links import links_of, polls_of
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.null import NullMailer


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail to a lead, and when it was taken (UTC)."""

    at: datetime
    email: Email

    @property
    def links(self) -> tuple[str, ...]:
        """What a reader may follow, in the order of the mail."""
        return links_of(self.email.html)

    @property
    def polls(self) -> tuple[str, ...]:
        """The links behind which a question is answered."""
        return polls_of(self.email.html)


@dataclass(slots=True)
class Post(NullMailer):
    """The null mailer, with a memory: mails to leads wait in it until somebody looks; alerts are counted."""

    clock: Clock
    alerts: int = 0
    _fresh: list[Taken] = field(default_factory=list)

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        receipts = NullMailer.send(self, emails, budget)
        now = self.clock.now()
        for email, receipt in zip(emails, receipts, strict=True):
            if receipt.outcome is Outcome.ACCEPTED:
                self._keep(Taken(now, email))
        return receipts

    def fresh(self) -> list[Taken]:
        """The mails to leads since the last time."""
        taken, self._fresh = self._fresh, []
        return taken

    def _keep(self, taken: Taken) -> None:
        if taken.email.message_id.isdecimal():
            self._fresh.append(taken)
        else:
            self.alerts += 1
