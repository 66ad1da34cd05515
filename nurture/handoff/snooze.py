"""Putting a lead off until a day: it comes back to the rep's list then, and what was promised is promised anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.statement import write
from models.words import HandoffState
from nurture.core.project import ProjectConfig
from nurture.errors import UsageError
from nurture.handoff.open import hold_open, log, read
from nurture.handoff.sla import clock, next_rung
from nurture.ports import Ports

#: further off, a lead is better rejected with a date on which nurture starts again
LONGEST = timedelta(days=30)

_SNOOZE = write("UPDATE handoff SET snoozed_until = :until WHERE id = :id")
_PROMISE = write("UPDATE handoff SET clock_from = :clock_from, due_at = :due_at WHERE id = :id")
_SET_RUNG = write("UPDATE handoff SET rung_due_at = :due_at WHERE id = :id")


def snooze(ports: Ports, handoff_id: int, by: str, until: datetime) -> Row[Any]:
    """Put an open handoff off until a moment (UTC) within the next 30 days; the ladder stands still until then.

    Raises UsageError for a moment that has passed or is too far off, and for a handoff that sales has no more.
    """
    config, now = ports.project.config, ports.clock.now()
    if not now < until <= now + LONGEST:
        days = LONGEST.days
        raise UsageError(f"choose a day within the next {days}; for later, reject the lead with a reason that rests it")
    with ports.database.transaction("snooze") as connection:
        handoff = hold_open(connection, handoff_id)
        if handoff.snoozed_until == until:
            return handoff
        connection.execute(_SNOOZE, {"id": handoff_id, "until": until})
        if handoff.state == HandoffState.OFFERED:
            promise_anew(connection, config, handoff, handoff.owner, until)
            due_at = next_rung(config, read(connection, handoff_id), now)
            connection.execute(_SET_RUNG, {"id": handoff_id, "due_at": due_at})
        log(connection, handoff, "snoozed", by, now, note=f"until {until.isoformat(timespec='minutes')}")
        return read(connection, handoff_id)


def promise_anew(connection: Connection, config: ProjectConfig, handoff: Row[Any], owner: str, since: datetime) -> None:
    """An answer to an offered handoff is due as if it had been offered to `owner` at `since`."""
    promised = clock(config, owner, bool(handoff.hand_raise), since)
    times = {"clock_from": promised.clock_from, "due_at": promised.due_at}
    connection.execute(_PROMISE, {"id": handoff.id, **times})
