"""Mail to nowhere: for simulations and load tests, where the mail itself does not matter."""

from __future__ import annotations

from collections.abc import Sequence

from nurture.clock import Budget
from nurture.mail import Email, Outcome, Receipt
from nurture.mail.headers import screen


class NullMailer:
    """Accepts every mail that another mailer would accept, and forgets it."""

    name = "null"
    idempotent = True
    connections = 100

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        return [screen(email, budget) or Receipt(email.attempt_id, Outcome.ACCEPTED) for email in emails]

    def close(self) -> None:
        """Nothing is held open."""
