"""The alert about a lead that is handed to sales, with the evidence and the link to answer it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import sales
from models.words import HandoffState
from nurture.accounts import joined
from nurture.alerts.day import list_tomorrow
from nurture.alerts.kind import Kind, Words, rep_or_team
from nurture.brief import brief
from nurture.core.agreement import Agreement
from nurture.delivery import Leased
from nurture.mail import Mailbox
from nurture.outbox import enqueue
from nurture.ports import Ports

SALES_ALERT = "sales_alert"

_OFFERED = frozenset({HandoffState.OFFERED})
#: a lead that is given on may be one that sales has accepted
_GIVEN = _OFFERED | {HandoffState.ACCEPTED}


def _look(connection: Connection, ports: Ports, row: Row[Any], now: datetime) -> str | None:
    """An alert about a handoff that sales has answered meanwhile is no news; nor is it to a rep who has it no more."""
    payload = row.payload_json
    handoff = connection.execute(sales.HANDOFF, {"id": payload["handoff_id"]}).first()
    given = bool(payload.get("given"))
    if not handoff or handoff.state not in (_GIVEN if given else _OFFERED):
        return "answered before the alert left"
    if payload.get("owner", handoff.owner) != handoff.owner:
        return "somebody else has it by now"
    if not given and (with_id := joined(connection, ports.project, handoff, now)):
        return f"told with handoff {with_id}"
    if ports.project.config.agreement.tell_sales == "daily" and not (handoff.hand_raise or given):
        list_tomorrow(connection, ports, handoff.owner, now)
        return "told in the list of the day"
    if ports.project.config.agreement.alert_to and not payload.get("to_team") and not given:
        # The team's copy is an alert of its own, so that the one never repeats or holds up the other.
        copy = {"handoff_id": payload["handoff_id"], "to_team": True}
        enqueue(connection, f"{row.dedupe_key}:team", SALES_ALERT, copy, now)
    return None


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    handoff_id = alert.payload["handoff_id"]
    about = brief(connection, ports, handoff_id, now)
    owner = connection.execute(sales.HANDOFF, {"id": handoff_id}).one().owner
    to = _recipient(ports.project.config.agreement, owner, to_team=bool(alert.payload.get("to_team")))
    glance = f"{about.why_now}. Answer by {about.due}."
    what = "asks for a person" if about.hand_raise else "is ready for sales"
    plain = f"A lead {what} (handoff {handoff_id}). Answer by {about.due}."
    return Words(to, about.headline, "sales", {"brief": about}, glance, plain, about.link)


def _recipient(agreement: Agreement, owner_key: str, *, to_team: bool) -> Mailbox:
    if agreement.alert_to and to_team:
        return Mailbox(agreement.alert_to)
    return rep_or_team(agreement, owner_key)


KIND = Kind(_look, _write)
