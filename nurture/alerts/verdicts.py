"""The weekly reminder to a rep: what became of the leads that it took? One mail lists them all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, sales, sla
from nurture.alerts.kind import Kind, Words, rep_or_team
from nurture.brief import ago, name_of, role_of
from nurture.delivery import Leased
from nurture.ports import Ports

VERDICT_ALERT = "verdict_alert"


@dataclass(frozen=True, slots=True)
class Asked:
    """A lead of which sales has not said yet what became of it."""

    who: str
    role: str
    email: str
    #: "accepted 3 weeks ago"
    since: str
    link: str


def _look(connection: Connection, _ports: Ports, row: Row[Any], now: datetime) -> str | None:
    return None if _missing(connection, row.payload_json, now) else "all verdicts are in"


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    agreement = ports.project.config.agreement
    asked = [_asked(connection, ports, row, now) for row in _missing(connection, alert.payload, now)]
    to = rep_or_team(agreement, alert.payload["owner"])
    what = "1 lead waits" if len(asked) == 1 else f"{len(asked)} leads wait"
    subject, who = f"{what} for your verdict", ", ".join(one.who for one in asked)
    return Words(to, subject, "verdicts", {"asked": asked}, who, subject, asked[0].link if asked else "")


def _missing(connection: Connection, payload: Any, now: datetime) -> list[Row[Any]]:
    """Those of the reminder that have no verdict yet."""
    listed = set(payload["handoffs"])
    return [row for row in connection.execute(sla.NO_VERDICT, {"before_at": now}) if row.id in listed]


def _asked(connection: Connection, ports: Ports, row: Row[Any], now: datetime) -> Asked:
    handoff = connection.execute(sales.HANDOFF, {"id": row.id}).one()
    lead = connection.execute(alerts.LEAD, {"id": row.lead_id}).one()
    return Asked(
        who=name_of(lead) or lead.email,
        role=role_of(lead),
        email=lead.email,
        since=f"accepted {ago(now - row.decided_at)}",
        link=f"{ports.public_url}/h/{handoff.token}",
    )


KIND = Kind(_look, _write)
