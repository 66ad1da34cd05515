"""The one place that reads a clock. Everything else is told what time it is.

`now()` is the time of the business (UTC, aware): on PostgreSQL the database's own clock, so that workers on
many machines agree. `elapsed()` counts seconds for time budgets only; it goes on counting while the machine
is suspended, which `time.monotonic()` on Linux does not, so a laptop that slept never trusts an old budget.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """What time it is, and how long something took."""

    def now(self) -> datetime: ...

    def elapsed(self) -> float: ...


@dataclass(frozen=True, slots=True)
class SystemClock:
    """The real clock. `source` overrides where `now` comes from: the database's clock on PostgreSQL."""

    source: Callable[[], datetime] | None = None

    def now(self) -> datetime:
        return self.source() if self.source else datetime.now(UTC)

    def elapsed(self) -> float:
        return time.clock_gettime(_BOOT_CLOCK)


@dataclass(slots=True)
class VirtualClock:
    """A clock that stands still until it is moved: months run in seconds through the same code."""

    current: datetime
    seconds: float = field(default=0.0)

    def now(self) -> datetime:
        return self.current

    def elapsed(self) -> float:
        return self.seconds

    def advance(self, by: timedelta) -> None:
        """Let `by` pass, for calendars and budgets alike."""
        self.current += by
        self.seconds += by.total_seconds()

    def move_to(self, moment: datetime) -> None:
        """Jump forward to `moment` (aware); a moment already past leaves the clock alone."""
        self.advance(max(moment - self.current, timedelta()))


@dataclass(frozen=True, slots=True)
class Budget:
    """A span of seconds in which something must start, counted from before the decision to do it."""

    clock: Clock
    ends: float

    @classmethod
    def of(cls, clock: Clock, seconds: float) -> Budget:
        return cls(clock, clock.elapsed() + seconds)

    def spent(self) -> bool:
        return self.clock.elapsed() >= self.ends
