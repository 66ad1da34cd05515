"""The alert about a lead that is handed to sales, with the evidence and the link to answer it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import sales
from models.words import HandoffState
from nurture.alerts.kind import Kind, Words, mailbox_of
from nurture.brief import brief
from nurture.core.agreement import Agreement
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.outbox import enqueue
from nurture.ports import Ports

SALES_ALERT = "sales_alert"


def _look(connection: Connection, ports: Ports, row: Row[Any], now: datetime) -> str | None:
    """An alert about a handoff that sales has answered meanwhile is no news."""
    payload = row.payload_json
    handoff = connection.execute(sales.HANDOFF, {"id": payload["handoff_id"]}).first()
    if not handoff or handoff.state != HandoffState.OFFERED:
        return "answered before the alert left"
    if ports.project.config.agreement.alert_to and not payload.get("to_team"):
        # The team's copy is an alert of its own, so that the one never repeats or holds up the other.
        copy = {"handoff_id": payload["handoff_id"], "to_team": True}
        enqueue(connection, f"{row.dedupe_key}:team", SALES_ALERT, copy, now)
    return None


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    handoff_id = alert.payload["handoff_id"]
    about = brief(connection, ports, handoff_id, now)
    owner = connection.execute(sales.HANDOFF, {"id": handoff_id}).one().owner
    to = _recipient(ports.project.config.agreement, owner, to_team=bool(alert.payload.get("to_team")))
    return Words(to, about.headline, "sales", {"brief": about})


def _recipient(agreement: Agreement, owner_key: str, *, to_team: bool) -> Mailbox:
    """The owner; for an owner who has left the agreement whoever is there."""
    owner = mailbox_of(agreement, owner_key)
    if agreement.alert_to and (to_team or owner is None):
        return Mailbox(agreement.alert_to)
    return owner or Mailbox(agreement.owners[0].address, agreement.owners[0].name)


KIND = Kind(_look, _write)
