"""The alert about a company of which several people are warm: who they are, and who is still cold."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, journey
from nurture.accounts import Colleague, colleagues
from nurture.alerts.kind import Kind, Words, mailbox_of
from nurture.brief import Line, ago
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.ports import Ports

SURGE_ALERT = "surge_alert"
#: of each kind of people; the rest are counted
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Company:
    """A company as sales reads it. `more` is how many of each kind are not shown."""

    name: str
    days: int
    warm: tuple[Line, ...]
    cold: tuple[Line, ...]
    more_warm: int
    more_cold: int

    @property
    def headline(self) -> str:
        """The company in one line, for a subject."""
        return f"{self.name} warms up: {len(self.warm) + self.more_warm} people in {self.days} days"


def _look(connection: Connection, _ports: Ports, row: Row[Any], _now: datetime) -> str | None:
    """That a company warmed up stays true, as long as we may know of it."""
    lead = connection.execute(alerts.LEAD, {"id": row.payload_json["lead_id"]}).first()
    return None if lead else "the lead is not there any more"


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    config = ports.project.config
    about = _company(connection, ports, alert, now)
    to = mailbox_of(config.agreement, alert.payload["owner"]) or _team(ports)
    plain = f"A company warms up (lead {alert.payload['lead_id']} and {len(about.warm) + about.more_warm - 1} more)."
    warm = "; ".join(line.text for line in about.warm)
    return Words(to, about.headline, "surge", {"about": about}, f"Warm: {warm}.", plain)


def _team(ports: Ports) -> Mailbox:
    """Whom to tell where no rep is free: the team; without an address of its own, the first rep."""
    agreement = ports.project.config.agreement
    first = agreement.owners[0]
    return Mailbox(agreement.alert_to) if agreement.alert_to else Mailbox(first.address, first.name)


def _company(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Company:
    (lead,) = connection.execute(journey.LEADS, {"ids": [alert.payload["lead_id"]]})
    people = colleagues(connection, ports.project, lead.account, 0, now)
    warm = [_warm(one, ports, now) for one in people if one.warm]
    cold = [Line(one.who, one.title) for one in people if not one.warm]
    days = ports.project.config.agreement.surge.within_days
    return Company(
        lead.company or lead.account,
        days,
        tuple(warm[:SHOWN]),
        tuple(cold[:SHOWN]),
        len(warm[SHOWN:]),
        len(cold[SHOWN:]),
    )


def _warm(one: Colleague, ports: Ports, now: datetime) -> Line:
    times = "once" if one.acts == 1 else f"{one.acts} times"
    last = f", last {ago(now - one.last_at)}" if one.last_at else ""
    stage = ports.project.config.agreement.stages[one.stage].name
    return Line(", ".join(filter(None, (one.who, one.title))), f"did something {times}{last}; {stage}")


KIND = Kind(_look, _write)
