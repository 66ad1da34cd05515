"""What a pass over the due leads came to: counts for everyone, a bounded sample for people to look at."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Kind = Literal["sent", "waiting", "promoted", "refused", "acted", "finished", "left", "skipped", "unknown", "failed"]

#: outcomes of each kind kept for tables; beyond this only the counts go on
SAMPLE = 300


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one enrollment: until when it waits and why, or what it did. Ids only."""

    enrollment_id: int
    lead_id: int
    sequence: str
    step: str
    kind: Kind
    until: datetime | None = None
    why: str = ""


@dataclass(slots=True)
class Report:
    """Counts by kind, and by sequence and step for mails sent, with the first few hundred outcomes of each kind."""

    counts: Counter[Kind] = field(default_factory=Counter)
    sent: Counter[tuple[str, str]] = field(default_factory=Counter)
    outcomes: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        self.counts[outcome.kind] += 1
        if outcome.kind == "sent":
            self.sent[outcome.sequence, outcome.step] += 1
        if self.counts[outcome.kind] <= SAMPLE:
            self.outcomes.append(outcome)

    def merge(self, other: Report) -> None:
        self.counts.update(other.counts)
        self.sent.update(other.sent)
        kept = Counter(one.kind for one in self.outcomes)
        for one in other.outcomes:
            kept[one.kind] += 1
            if kept[one.kind] <= SAMPLE:
                self.outcomes.append(one)
