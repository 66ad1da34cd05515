"""Alerts to sales: at least once, each under one id. A lost hot lead costs more than a mail that comes twice.

    [ claim: lease and attempt row, committed ] -> write the mail -> post -> settle

Whatever dies in between leaves the alert pending: it is due again when its lease ends. An alert that could not be
delivered in three days is dead, which `nurture status` shows.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, sales
from models.statement import write
from models.words import HandoffState, OutboxState
from nurture import gates
from nurture.brief import Brief, brief
from nurture.clock import Budget
from nurture.core.agreement import Agreement
from nurture.mail import Email, Mailbox, Outcome, Receipt
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.views import render

log = logging.getLogger(__name__)

#: the kind of an outbox row that is delivered here
SALES_ALERT = "sales_alert"
#: after the n-th try
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
GIVE_UP = timedelta(days=3)
LOST = "no answer came back"

_LOSE = write(
    """
    UPDATE attempt SET state = 'unknown', settled_at = :now, reason = :reason
    WHERE outbox_id IN :ids* AND state = 'posting' AND deadline < :now
    """
)
_ATTEMPT = write(
    """
    INSERT INTO attempt (id, outbox_id, n, serial, state, mailer, address_version, started_at, deadline)
    VALUES (:id, :outbox_id, :n, :serial, 'posting', :mailer, 0, :now, :deadline)
    """
)
_LEASE = write("UPDATE outbox SET tries = :n, due_at = :deadline WHERE id = :outbox_id")
_SETTLE_ATTEMPT = write(
    """
    UPDATE attempt SET state = :state, settled_at = :now, provider_id = :provider_id, reason = :reason
    WHERE id = :id AND state = 'posting'
    """
)
_SETTLE = write(
    """
    UPDATE outbox SET state = :state, due_at = :due_at, delivered_at = :delivered_at, reason = :reason
    WHERE id = :outbox_id AND state = 'pending'
    """
)
_PROVEN_ATTEMPTS = write(
    """
    UPDATE attempt SET state = 'accepted', settled_at = :now, reason = 'the provider reports on it'
    WHERE id IN :ids* AND state IN ('posting', 'unknown')
    """
)
_PROVEN = write(
    """
    UPDATE outbox SET state = 'delivered', delivered_at = :now, reason = NULL
    WHERE state = 'pending' AND id IN (SELECT outbox_id FROM attempt WHERE id IN :ids*)
    """
)
_FAILED = write(
    """
    UPDATE outbox SET state = 'dead', reason = :reason
    WHERE id = (SELECT outbox_id FROM attempt WHERE id = :attempt_id)
    """
)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the alerts that were due: sent, to be tried again, given up."""

    sent: int = 0
    again: int = 0
    dead: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(self.sent + other.sent, self.again + other.again, self.dead + other.dead)


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert under lease: its n-th attempt. `key` is the same for good and stands in the text."""

    outbox_id: int
    key: str
    handoff_id: int
    #: the team's copy, not the owner's
    to_team: bool
    n: int
    attempt_id: str
    created_at: datetime


def deliver(ports: Ports) -> Delivered:
    """Send every alert that is due. Safe to call at any time, from several places at once."""
    total = Delivered()
    while ids := _due(ports):
        serials = ports.watermark.take(ports.database, len(ids))
        budget = Budget.of(ports.clock, ports.limits.budget)
        claimed = _claim(ports, ids, serials)
        if claimed is None:
            break
        total += _settle(ports, claimed, _post(ports, claimed, budget))
    return total


def heard(connection: Connection, attempt_ids: Collection[str], failed: Mapping[str, str], now: datetime) -> None:
    """The provider reported on attempts, so it had them. Those that `failed` (attempt -> why) are dead."""
    if attempt_ids:
        ids = {"ids": sorted(attempt_ids), "now": now}
        connection.execute(_PROVEN_ATTEMPTS, ids)
        connection.execute(_PROVEN, ids)
    for attempt_id, reason in sorted(failed.items()):
        log.error("the alert of attempt %s did not arrive", attempt_id)
        connection.execute(_FAILED, {"attempt_id": attempt_id, "reason": f"did not arrive: {reason}"})


def _due(ports: Ports) -> list[int]:
    now = ports.clock.now()
    with ports.database.reading() as connection:
        rows = connection.execute(alerts.DUE, {"kind": SALES_ALERT, "now": now, "limit": ports.limits.claim})
        return [row.id for row in rows]


def _claim(ports: Ports, ids: Sequence[int], serials: range) -> list[Alert] | None:
    """Lease what nobody else has and write its attempts; None where mail is stopped, or others have it all."""
    now = ports.clock.now()
    with ports.database.transaction("claim alerts") as connection:
        if gates.stops_mail(gates.hold(connection, now), ports.mailer.name):
            return None
        connection.execute(_LOSE, {"ids": list(ids), "now": now, "reason": LOST})
        rows = connection.execute(alerts.CLAIM, {"ids": list(ids), "now": now}).all()
        if not rows:
            return None
        wanted = [row for row in rows if _still_wanted(connection, row, now)]
        claimed = [_alert(ports, row) for row in wanted]
        deadline = now + timedelta(seconds=ports.limits.lease)
        for alert, serial in zip(claimed, serials, strict=False):
            _lease(connection, ports, alert, serial, now, deadline)
    return claimed


def _still_wanted(connection: Connection, row: Row[Any], now: datetime) -> bool:
    """An alert about a handoff that sales has answered meanwhile is no news."""
    handoff = connection.execute(sales.HANDOFF, {"id": row.payload_json["handoff_id"]}).first()
    if handoff and handoff.state == HandoffState.OFFERED:
        return True
    done = {"outbox_id": row.id, "state": OutboxState.DELIVERED, "due_at": now, "delivered_at": now}
    connection.execute(_SETTLE, done | {"reason": "answered before the alert left"})
    return False


def _alert(ports: Ports, row: Row[Any]) -> Alert:
    payload = row.payload_json
    to_team = bool(payload.get("to_team"))
    return Alert(row.id, row.dedupe_key, payload["handoff_id"], to_team, row.tries + 1, ports.new_id(), row.created_at)


def _lease(connection: Connection, ports: Ports, alert: Alert, serial: int, now: datetime, deadline: datetime) -> None:
    row = {"outbox_id": alert.outbox_id, "n": alert.n, "now": now, "deadline": deadline}
    connection.execute(_ATTEMPT, row | {"id": alert.attempt_id, "serial": serial, "mailer": ports.mailer.name})
    connection.execute(_LEASE, row)
    if ports.project.config.agreement.alert_to and not alert.to_team:
        # The team's copy is an alert of its own, so that the one never repeats or holds up the other.
        payload = {"handoff_id": alert.handoff_id, "to_team": True}
        enqueue(connection, f"{alert.key}:team", SALES_ALERT, payload, now)


def _post(ports: Ports, claimed: Sequence[Alert], budget: Budget) -> list[Receipt]:
    written = [_write(ports, alert) for alert in claimed]
    emails = [email for email in written if isinstance(email, Email)]
    sent = ports.mailer.send(emails, budget) if emails else []
    return [each for each in written if isinstance(each, Receipt)] + sent


def _write(ports: Ports, alert: Alert) -> Email | Receipt:
    """The mail, or why there is none. One that cannot be written is tried again: its template can be mended."""
    now = ports.clock.now()
    try:
        with ports.database.reading() as connection:
            about = brief(connection, ports, alert.handoff_id, now)
            owner = connection.execute(sales.HANDOFF, {"id": alert.handoff_id}).one().owner
        return _compose(ports, alert, about, _recipient(ports.project.config.agreement, owner, alert))
    # Whatever is wrong with one alert, the others must go out. A traceback may quote personal data.
    except Exception as error:  # noqa: BLE001
        log.error("alert %s cannot be written: %s", alert.outbox_id, type(error).__name__)  # noqa: TRY400
        return Receipt(alert.attempt_id, Outcome.NOT_ACCEPTED, reason=f"cannot be written: {type(error).__name__}")


def _compose(ports: Ports, alert: Alert, about: Brief, to: Mailbox) -> Email:
    config = ports.project.config
    values = {"brief": asdict(about), "brand": config.brand, "alert_id": alert.key, "n": alert.n}
    return Email(
        message_id=f"alert-{alert.outbox_id}",
        attempt_id=alert.attempt_id,
        sender=Mailbox(config.sender.address, config.sender.name),
        to=to,
        subject=about.headline + (" (repeat)" if alert.n > 1 else ""),
        text=render(ports.project.root, "alerts/sales.txt", **values),
        html=render(ports.project.root, "alerts/sales.html", **values),
        headers={"Auto-Submitted": "auto-generated"},
        categories=("alert",),
    )


def _recipient(agreement: Agreement, owner_key: str, alert: Alert) -> Mailbox:
    """The owner; for an owner who has left the agreement whoever is there."""
    owner = next((owner for owner in agreement.owners if owner.key == owner_key), None)
    if agreement.alert_to and (alert.to_team or owner is None):
        return Mailbox(agreement.alert_to)
    owner = owner or agreement.owners[0]
    return Mailbox(owner.address, owner.name)


def _settle(ports: Ports, claimed: Sequence[Alert], receipts: Sequence[Receipt]) -> Delivered:
    now = ports.clock.now()
    by_attempt = {receipt.attempt_id: receipt for receipt in receipts}
    rows = [_settled(alert, by_attempt[alert.attempt_id], now) for alert in claimed]
    if rows:
        with ports.database.transaction("settle alerts") as connection:
            attempts = [_attempt(by_attempt[alert.attempt_id], now) for alert in claimed]
            connection.execute(_SETTLE_ATTEMPT, attempts)
            connection.execute(_SETTLE, rows)
    states = [row["state"] for row in rows]
    return Delivered(*(states.count(state) for state in (OutboxState.DELIVERED, OutboxState.PENDING, OutboxState.DEAD)))


def _attempt(receipt: Receipt, now: datetime) -> dict[str, object]:
    return {
        "id": receipt.attempt_id,
        "state": str(receipt.outcome),
        "now": now,
        "provider_id": receipt.provider_id or None,
        "reason": receipt.reason or None,
    }


def _settled(alert: Alert, receipt: Receipt, now: datetime) -> dict[str, object]:
    row = {"outbox_id": alert.outbox_id, "due_at": now, "delivered_at": None, "reason": receipt.reason}
    if receipt.outcome is Outcome.ACCEPTED:
        return row | {"state": OutboxState.DELIVERED, "delivered_at": now, "reason": None}
    given_up = alert.n > len(BACKOFF) and now - alert.created_at > GIVE_UP
    if receipt.outcome is Outcome.REJECTED or given_up:
        log.error("alert %s is given up after %s tries", alert.outbox_id, alert.n)
        return row | {"state": OutboxState.DEAD}
    return row | {"state": OutboxState.PENDING, "due_at": now + BACKOFF[min(alert.n, len(BACKOFF)) - 1]}
