"""The day's list: one mail each working morning with all leads that wait for a rep, where the agreement wants that
instead of an alert for each. Who asks for a person is never kept waiting for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, sales
from nurture.alerts.kind import Kind, Words, rep_or_team
from nurture.brief import name_of, role_of
from nurture.core.cadence import local
from nurture.core.office_hours import working_day
from nurture.core.promise import calendar_of
from nurture.delivery import Leased
from nurture.outbox import enqueue
from nurture.ports import Ports

DAY_ALERT = "day_alert"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A lead that waits for an answer."""

    who: str
    role: str
    email: str
    #: "answer by Tue 24 Nov 12:00 Oslo"
    due: str
    link: str


def list_tomorrow(connection: Connection, ports: Ports, owner: str, now: datetime) -> None:
    """See that the rep gets a list when the next working day begins; one, however many leads ask for it."""
    calendar = calendar_of(ports.project.config, owner)
    opening = working_day(*calendar, now, 0)
    if opening == now:
        opening = working_day(*calendar, now, 1)
    enqueue(connection, f"day:{owner}:{opening:%Y-%m-%d}", DAY_ALERT, {"owner": owner}, opening)


def _look(connection: Connection, _ports: Ports, row: Row[Any], now: datetime) -> str | None:
    return None if _waiting(connection, row.payload_json["owner"], now) else "everybody has been answered"


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    owner = alert.payload["owner"]
    waiting = [_told(connection, ports, row) for row in _waiting(connection, owner, now)]
    what = "1 lead waits for you" if len(waiting) == 1 else f"{len(waiting)} leads wait for you"
    to = rep_or_team(ports.project.config.agreement, owner)
    who = ", ".join(one.who for one in waiting)
    return Words(to, what, "day", {"waiting": waiting}, who, what, waiting[0].link if waiting else "")


def _waiting(connection: Connection, owner: str, now: datetime) -> list[Row[Any]]:
    return list(connection.execute(alerts.WAIT_FOR, {"owner": owner, "now": now}))


def _told(connection: Connection, ports: Ports, row: Row[Any]) -> Waiting:
    handoff = connection.execute(sales.HANDOFF, {"id": row.id}).one()
    lead = connection.execute(alerts.LEAD, {"id": row.lead_id}).one()
    zone = calendar_of(ports.project.config, handoff.owner).zone or ports.project.config.window.zone
    return Waiting(
        who=name_of(lead) or lead.email,
        role=role_of(lead),
        email=lead.email,
        due=f"answer by {local(handoff.due_at, zone)}",
        link=f"{ports.public_url}/h/{handoff.token}",
    )


KIND = Kind(_look, _write)
