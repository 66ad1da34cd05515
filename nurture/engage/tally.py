"""What came of the requests worked: counts, and the faults worth keeping."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Folded:
    """Counts of a pass: requests worked; events new to us, told before, unreadable, and about no mail of ours.

    A request that cannot be read at all is one fault. Orphans are those of the foreign that carry our marks and an
    attempt that nobody made: there should be none.
    """

    requests: int = 0
    events: int = 0
    repeated: int = 0
    faults: int = 0
    foreign: int = 0
    orphans: int = 0

    def __add__(self, other: Folded) -> Folded:
        return Folded(
            self.requests + other.requests,
            self.events + other.events,
            self.repeated + other.repeated,
            self.faults + other.faults,
            self.foreign + other.foreign,
            self.orphans + other.orphans,
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What one request told: counts, and of each entry that could not be read its number (from 1) and why."""

    events: int = 0
    repeated: int = 0
    foreign: int = 0
    orphans: int = 0
    faults: tuple[tuple[int, str], ...] = ()
