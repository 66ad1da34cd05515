"""The alert about a lead that is handed to sales, with the evidence and the link to answer it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import accounts, outbox, sales
from models.words import HandoffState, OutboxState
from nurture.alerts.day import list_tomorrow
from nurture.alerts.kind import UNWANTED, Kind, Words, rep_or_team, unwanted
from nurture.brief import brief, zone_of
from nurture.core.agreement import Agreement
from nurture.core.cadence import begin_of_day
from nurture.delivery import Answer, Leased
from nurture.mail import Mailbox
from nurture.outbox import enqueue
from nurture.ports import Ports

SALES_ALERT = "sales_alert"
#: until it is asked again whether a colleague's alert has left, and for how long at most
WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(minutes=15)

_OFFERED = frozenset({HandoffState.OFFERED})
#: a lead that is given on may be one that sales has accepted
_GIVEN = _OFFERED | {HandoffState.ACCEPTED}


def _look(connection: Connection, ports: Ports, row: Row[Any], now: datetime) -> Answer:
    """An alert about a handoff that sales has answered meanwhile is no news; nor is it to a rep who has it no more."""
    payload = row.payload_json
    handoff = connection.execute(sales.HANDOFF, {"id": payload["handoff_id"]}).first()
    given = bool(payload.get("given"))
    if not handoff or handoff.state not in (_GIVEN if given else _OFFERED):
        return "answered before the alert left"
    if payload.get("owner", handoff.owner) != handoff.owner:
        return "somebody else has it by now"
    if unwanted(connection, handoff):
        return UNWANTED
    if payload.get("to_team") or payload.get("asks"):
        return None
    asks = _asks_since(connection, row)
    if given:
        return asks
    if elsewhere := None if handoff.hand_raise else _told_elsewhere(connection, ports, handoff, row.created_at, now):
        return elsewhere
    if ports.project.config.agreement.alert_to:
        # The team's copy is an alert of its own, so that the one never repeats or holds up the other.
        copy = {"handoff_id": payload["handoff_id"], "to_team": True}
        enqueue(connection, f"{row.dedupe_key}:team", SALES_ALERT, copy, now)
    return asks


def request_key(handoff_id: int) -> str:
    """The alert that a lead, which its rep may have been told of, asks for a person now."""
    return f"handoff:{handoff_id}:asked"


def _asks_since(connection: Connection, row: Row[Any]) -> str | None:
    """An alert that still waits when its lead asks for a person is told with that: the rep gets one mail."""
    asks = connection.execute(outbox.NAMED, {"names": [request_key(row.payload_json["handoff_id"])]}).first()
    return "told as of one that asks" if asks and asks.id > row.id and asks.state != OutboxState.DEAD else None


def _told_elsewhere(
    connection: Connection, ports: Ports, handoff: Row[Any], written_at: datetime, now: datetime
) -> Answer:
    """In the list of the day, where there is one.

    Otherwise a colleague's alert is joined only if it was delivered today and its handoff still waits for an answer;
    while it is on its way, this one waits; else this one goes by itself.
    """
    if ports.project.config.agreement.tell_sales == "daily":
        list_tomorrow(connection, ports, handoff.owner, now)
        return "told in the list of the day"
    colleague = _colleague(connection, ports, handoff, now)
    if colleague and colleague.state == OutboxState.DELIVERED:
        return f"told with handoff {colleague.id}"
    return WAIT if colleague and now - written_at < LONGEST_WAIT else None


def _colleague(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> Row[Any] | None:
    """The handoff of a colleague that the same rep was mailed about today and has not answered, or is about to be."""
    midnight = begin_of_day(now, zone_of(ports, handoff.owner))
    asked = {"account": handoff.account, "owner": handoff.owner, "id": handoff.id, "since": midnight, "now": now}
    return connection.execute(accounts.TOLD_OF_COLLEAGUE, asked | {"suffix": ":mail"}).first()


def _write(connection: Connection, ports: Ports, alert: Leased, now: datetime) -> Words:
    handoff_id = alert.payload["handoff_id"]
    about = brief(connection, ports, handoff_id, now)
    owner = connection.execute(sales.HANDOFF, {"id": handoff_id}).one().owner
    to = _recipient(ports.project.config.agreement, owner, to_team=bool(alert.payload.get("to_team")))
    what = "was given on" if about.given else "asks for a person" if about.hand_raise else "is ready for sales"
    due = f"{'Reach out' if about.given else 'Answer'} by {about.due}."
    glance, plain = f"{about.why_now}. {due}", f"A lead {what} (handoff {handoff_id}). {due}"
    return Words(to, about.headline, "sales", {"brief": about}, glance, plain, about.link)


def _recipient(agreement: Agreement, owner_key: str, *, to_team: bool) -> Mailbox:
    if agreement.alert_to and to_team:
        return Mailbox(agreement.alert_to)
    return rep_or_team(agreement, owner_key)


KIND = Kind(_look, _write)
