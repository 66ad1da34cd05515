"""What every use case is given: where to read and write, what time it is, what we say, and who carries it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from pydantic import SecretStr

from models.database import Database
from nurture.clock import Clock
from nurture.content import Project
from nurture.erasure import Erasures
from nurture.library import Library
from nurture.mail import Mailer
from nurture.netguard import Reach
from nurture.signed import current
from nurture.watermark import Watermark


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is done at once, and for how long it may take (seconds)."""

    #: enrollments claimed in one transaction
    claim: int = 500
    #: a mail of a chunk must start this long after the chunk was begun
    budget: float = 20
    #: the longest a mailer waits for an answer
    request: float = 20
    #: how long nobody else touches what was claimed, or looks for what was handed over
    grace: float = 50

    @property
    def lease(self) -> float:
        return self.budget + self.request + self.grace


@dataclass(frozen=True, slots=True)
class Ports:
    """The outside world, as the engine sees it. Tests hand in a virtual clock, seeded ids and a fake provider."""

    database: Database
    clock: Clock
    project: Project
    library: Library
    mailer: Mailer
    watermark: Watermark
    #: makes random opaque names for attempts and links
    new_id: Callable[[], str]
    #: where the web app is reached from outside, without a slash at the end
    public_url: str = "http://localhost:8000"
    #: where mails ask for replies: reply+...@this; empty: at the sender
    reply_domain: str = ""
    limits: Limits = field(default_factory=Limits)
    #: webhook -> what its events are signed with; without one, nothing is posted to it
    webhook_secrets: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    #: channel -> its address for apprise; without one, its alerts wait
    alert_channels: Mapping[str, SecretStr] = field(default_factory=dict, repr=False)
    #: whether Prefect is told of promotions (the flows do it)
    prefect_events: bool = False
    #: where webhooks may be posted to
    reach: Reach = field(default_factory=Reach)
    #: who was erased and must not come back
    erasures: Erasures = field(default_factory=Erasures)

    def in_force(self) -> Ports:
        """The same by the agreement that is in force by now: a process may run for months."""
        return replace(self, project=current(self.database, self.project))
