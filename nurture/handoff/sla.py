"""What sales promised about a handoff: until when, in whose hours, and when the ladder's next rung is due.

The promise is the department's: it runs on when a lead changes hands, in the hours of whoever has it now. A lead that
its rep puts off until a day is promised anew from that day on.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from models.words import HandoffState
from nurture.core.cadence import after
from nurture.core.office_hours import deadline, worked
from nurture.core.project import ProjectConfig
from nurture.core.promise import Calendar, calendar_of, ladder, part, promise
from nurture.core.steps import After

__all__ = [
    "Calendar",
    "Clock",
    "attempts_due",
    "begun",
    "calendar_of",
    "clock",
    "ladder",
    "next_rung",
    "promise",
    "touch_due",
    "used",
    "verdict_due",
]


@dataclass(frozen=True, slots=True)
class Clock:
    """A promise: when its time begins to run, when it is over, and when the first rung of the ladder is due."""

    clock_from: datetime
    due_at: datetime
    rung_due_at: datetime | None


def clock(config: ProjectConfig, owner_key: str, hand_raise: bool, now: datetime) -> Clock:
    """The promise about a lead that is offered at `now`, or comes back then. At night it begins to run at opening."""
    calendar, promised = calendar_of(config, owner_key), promise(config.agreement, hand_raise=hand_raise)
    rungs = ladder(config.agreement)
    return Clock(
        clock_from=deadline(*calendar, now, timedelta()),
        due_at=deadline(*calendar, now, promised),
        rung_due_at=deadline(*calendar, now, part(rungs[0], promised)) if rungs else None,
    )


def next_rung(config: ProjectConfig, handoff: Row[Any], now: datetime) -> datetime | None:
    """When a handoff climbs its next rung, in the hours of its owner; None where it climbs no more.

    A rung whose time has gone by already (the lead has changed hands, and it is another's day) is as far from now as
    it is from the rung before: whoever gets a lead late gets some time.
    """
    rungs = ladder(config.agreement)
    if handoff.state != HandoffState.OFFERED or handoff.touched_at or handoff.rung >= len(rungs):
        return None
    calendar, promised = calendar_of(config, handoff.owner), promise(config.agreement, hand_raise=handoff.hand_raise)
    due_at = deadline(*calendar, begun(handoff), part(rungs[handoff.rung], promised))
    if due_at > now:
        return due_at
    before = part(rungs[handoff.rung - 1], promised) if handoff.rung else timedelta()
    return deadline(*calendar, now, part(rungs[handoff.rung], promised) - before)


def used(config: ProjectConfig, handoff: Row[Any], now: datetime) -> timedelta:
    """How long the lead has waited for sales, in the business hours of its owner."""
    return worked(*calendar_of(config, handoff.owner), begun(handoff), now)


def begun(handoff: Row[Any]) -> datetime:
    """When the promised time began to run."""
    since: datetime = handoff.clock_from or handoff.offered_at
    return since


def touch_due(config: ProjectConfig, handoff: Row[Any]) -> datetime:
    """Until when sales reaches out to the lead for the first time."""
    due_at: datetime = handoff.due_at
    if handoff.hand_raise:
        return due_at
    hours = timedelta(hours=config.agreement.sla.touch_hours)
    return deadline(*calendar_of(config, handoff.owner), begun(handoff), hours)


def verdict_due(config: ProjectConfig, owner_key: str, accepted_at: datetime) -> datetime:
    """Until when sales says what became of a lead that it has accepted."""
    return _working_days(config, owner_key, config.agreement.sla.verdict_days, accepted_at)


def attempts_due(config: ProjectConfig, handoff: Row[Any]) -> datetime:
    """Until when the promised attempts to reach the lead are made."""
    return _working_days(config, handoff.owner, config.agreement.sla.attempts_days, begun(handoff))


def _working_days(config: ProjectConfig, owner_key: str, days: int, start: datetime) -> datetime:
    window, zone, country = calendar_of(config, owner_key)
    return after(After(days, "business days", f"{days} business days"), start, zone or window.zone, window, country)
