"""How a mail leaves the house: one `Email` in, one `Receipt` back, whoever carries it.

A mailer is small on purpose (docs/adding-a-mailer.md): it sends a chunk of mails, it never retries, and it
says honestly what it knows afterwards. What it does not know is `unknown`, and the engine deals with that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from nurture.clock import Budget


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A person or a department that mail comes from or goes to."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Email:
    """One rendered mail to one person, ready to hand over.

    `message_id` names the message for good (the same on each attempt), `attempt_id` this attempt; both are
    opaque, because providers keep such ids for ever. `headers` holds extra headers only (List-Unsubscribe and
    the like), never the ones a mailer writes itself.
    """

    message_id: str
    attempt_id: str
    sender: Mailbox
    to: Mailbox
    subject: str
    text: str
    html: str
    reply_to: Mailbox | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    categories: tuple[str, ...] = ()


class Outcome(StrEnum):
    """What a mailer knows about an attempt when it comes back."""

    #: the provider has it and answers for it
    ACCEPTED = "accepted"
    #: certain that the provider does not have it: safe to try again later
    NOT_ACCEPTED = "not_accepted"
    #: the provider looked at it and refused it for good: the same mail would fail again
    REJECTED = "rejected"
    #: it may or may not have it (time-out after writing, 5xx, crash): never sent again without proof
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one attempt.

    `retry_after` (seconds) slows the whole sender, not one mail. `closes_gate` means the fault is in our
    account, not in this mail: nobody is mailed until a person has looked.
    """

    attempt_id: str
    outcome: Outcome
    provider_id: str = ""
    reason: str = ""
    retry_after: float | None = None
    closes_gate: bool = False


class Mailer(Protocol):
    """Carries mails. Every implementation passes tests/mail/test_conformance.py."""

    #: stored with each attempt, so that recovery asks the right mailer's rule
    name: str
    #: sending the same message twice is harmless: an attempt that never came back is simply made again
    idempotent: bool
    #: mails in flight at once; the engine hands over chunks of about four times as many
    connections: int

    def send(self, emails: Sequence[Email], budget: Budget) -> list[Receipt]:
        """Send a chunk and return one receipt per mail, in the same order.

        A mail not started when `budget` is spent is NOT_ACCEPTED. Never raises for a single mail's trouble.
        """
        ...

    def close(self) -> None:
        """Let go of connections."""
        ...
