"""What is known about a lead when a decision is made: plain values, gathered beforehand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nurture.core.cadence import Cap


@dataclass(frozen=True, slots=True)
class Engagement:
    """One thing a lead did that counts: by a human, and settled.

    `kind` is "clicked", "submitted", "replied", or on the site "visited" or "tracked". `template` is the mail it
    happened in ("tofu/welcome"), `url` the link or the page's path, `name` the form, the event or what a reply asks
    for. `key` makes it unique for good.
    """

    kind: str
    at: datetime
    template: str = ""
    url: str = ""
    name: str = ""
    key: bytes = b""


@dataclass(frozen=True, slots=True)
class Facts:
    """A lead as a sequence sees it at one moment.

    `lead` maps each name of the field catalogue (`nurture.core.fields`) to its value, None where unknown.
    `engagements` are those since the enrollment began, oldest first (for entry rules: all of them).
    `mailed_at` are the starts of recent attempts in any sequence that were or may have been accepted (UTC).
    `caps` are the frequency caps that hold across all sequences.
    `barred` says why this lead must not be mailed at all, or is None; what it asked for itself may go all the same
    if `on_request`, and where it is barred only because it belongs to sales, what its rep lets it get if `kept_warm`.
    `held` is until when the lead wants none or may not get any, and why; what it asked for may go.
    `done` are the mails of this enrollment that were handed over already, by step id.
    `trigger` is what brought the lead in, while an entry rule is asked.
    `received` are the templates of all mails it ever got, `refused` the topics it declined, `tags` the words
    that sequences put on it.
    """

    lead: Mapping[str, object] = field(default_factory=dict)
    zone: str | None = None
    engagements: tuple[Engagement, ...] = ()
    mailed_at: tuple[datetime, ...] = ()
    caps: tuple[Cap, ...] = ()
    barred: str | None = None
    on_request: bool = False
    held: tuple[datetime, str] | None = None
    done: frozenset[str] = frozenset()
    goal_met: bool = False
    trigger: str = ""
    received: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()
    kept_warm: bool = False

    def had(self, template: str) -> bool:
        """Whether the lead ever got this mail; one named without its funnel stage means that of any stage."""
        return any(template in (name, name.rpartition("/")[2]) for name in self.received)

    @property
    def country(self) -> str | None:
        """Where the lead is (ISO 3166), which says what its public holidays are."""
        country = self.lead.get("country")
        return str(country) if country else None
