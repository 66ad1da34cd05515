"""The alert that the mail provider changed our account: nothing is mailed, and only a person can find out why."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from nurture import gates
from nurture.alerts.kind import Kind, Words
from nurture.core.cadence import local
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.outbox import enqueue
from nurture.ports import Ports

ACCOUNT_ALERT = "account_alert"


def tell(connection: Connection, key: str, gate: str, what: str, now: datetime) -> None:
    """Our own people hear that `gate` is closed, because of `what` the provider says of the account.

    `key` names the provider's event: told twice, it is one alert.
    """
    enqueue(connection, f"account:{key}", ACCOUNT_ALERT, {"gate": gate, "what": what}, now)


def _look(connection: Connection, _ports: Ports, row: Row[Any], now: datetime) -> str | None:
    if row.payload_json["gate"] in gates.closed(connection, now):
        return None
    return "the gate was opened before the alert left"


def _write(_connection: Connection, ports: Ports, alert: Leased, _now: datetime) -> Words:
    config = ports.project.config
    values = {
        "what": alert.payload["what"],
        "since": local(alert.created_at, config.window.zone),
        "command": f"nurture gate open {alert.payload['gate']}",
    }
    to = Mailbox(config.alert_to) if config.alert_to else None
    told = f"No mail leaves: the mail provider changed our account ({values['what']})"
    return Words(to, told, "account", values, f"Settle it there, then: {values['command']}", told)


KIND = Kind(_look, _write)
