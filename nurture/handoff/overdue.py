"""What waits for sales: handoffs that are offered and not answered, the latest on top. Ids and keys only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.queries import sales, sla
from models.words import HandoffState
from nurture.core.office_hours import worked
from nurture.handoff.sla import calendar_of
from nurture.ports import Ports

#: rows of a table that people read
MOST = 200


@dataclass(frozen=True, slots=True)
class Overdue:
    """A handoff that sales had promised to answer by now."""

    handoff_id: int
    lead_id: int
    owner: str
    hand_raise: bool
    due_at: datetime
    #: business hours since then, on the calendar of whoever has it
    late: timedelta
    #: a call, a mail or a meeting was logged: what is missing is the answer
    touched: bool
    #: how many rungs of the ladder it has climbed, and when the next is due
    rung: int
    rung_due_at: datetime | None


def overdue(connection: Connection, ports: Ports, now: datetime) -> list[Overdue]:
    """Handoffs past their promised time without an answer, the longest overdue first."""
    config = ports.project.config
    return [
        Overdue(
            handoff_id=row.id,
            lead_id=row.lead_id,
            owner=row.owner,
            hand_raise=bool(row.hand_raise),
            due_at=row.due_at,
            late=worked(*calendar_of(config, row.owner), row.due_at, now),
            touched=row.touched_at is not None,
            rung=row.rung,
            rung_due_at=row.rung_due_at,
        )
        for row in connection.execute(sla.OVERDUE, {"now": now, "limit": MOST})
    ]


def waiting_for_sales(ports: Ports) -> list[dict[str, object]]:
    """One row for each handoff without an answer, the most urgent first; `late` where the SLA has passed."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        offered = connection.execute(sales.HANDOFFS, {"states": [HandoffState.OFFERED], "limit": MOST}).all()
    return [
        {
            "handoff": row.id,
            "lead": row.lead_id,
            "owner": row.owner,
            "asked for a person": "yes" if row.hand_raise else "no",
            "offered": f"{row.offered_at:%a %d %b %H:%M} UTC",
            "answer due": f"{row.due_at:%a %d %b %H:%M} UTC",
            "late": "yes" if row.due_at < now else "no",
        }
        for row in offered
    ]
