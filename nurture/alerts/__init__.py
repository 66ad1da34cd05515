"""Alerts to our own people: at least once, each under one id. A lost hot lead costs more than a mail that comes twice.

One way out for all kinds (nurture.delivery); a kind adds its words and whether it is still news (nurture.alerts.kind).
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import outbox
from models.statement import write
from nurture import gates
from nurture.alerts import channels, confirm
from nurture.alerts.account import ACCOUNT_ALERT
from nurture.alerts.kind import Words
from nurture.alerts.kinds import KINDS
from nurture.alerts.note import NOTE_ALERT
from nurture.alerts.sales import SALES_ALERT
from nurture.alerts.turned_down import TURNED_DOWN_ALERT
from nurture.clock import Budget
from nurture.delivery import Answer, Delivered, Leased, Route, claim, settle
from nurture.mail import Email, Mailbox, Outcome, Receipt
from nurture.ports import Ports
from nurture.views import render

__all__ = ["NOTE_ALERT", "SALES_ALERT", "deliver", "heard"]

log = logging.getLogger(__name__)

#: what tells that a mailer is stopped is tried through the stopped mailer: its own people may be reached all the same
PASSING = frozenset({ACCOUNT_ALERT})
#: what is mailed to marketing, and to nobody else
_MARKETINGS = frozenset({ACCOUNT_ALERT, TURNED_DOWN_ALERT})

NOBODY = "there is nobody to tell: set alert_to in nurture.yaml"

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


def deliver(ports: Ports) -> Delivered:
    """Mail every alert that is due, and write what chat channels get of it (channels.deliver posts that).

    Safe to call at any time, from several places at once.
    """
    held = Route("alerts", ports.mailer.name, gates.mailer_gate(ports.mailer.name))
    passing = Route("urgent alerts", ports.mailer.name, gates.EVERYTHING)
    return _deliver(ports, passing, PASSING) + _deliver(ports, held, KINDS.keys() - PASSING)


def _deliver(ports: Ports, route: Route, kinds: Collection[str]) -> Delivered:
    total = Delivered()

    def look(connection: Connection, row: Row[Any], now: datetime) -> Answer:
        return KINDS[row.kind].look(connection, ports, row, now) or _unmailed(connection, ports, row)

    while ids := _due(ports, kinds):
        channels.copy(ports, ids)
        budget = Budget.of(ports.clock, ports.limits.budget)
        claimed = claim(ports, route, ids, look, confirm.hold)
        if claimed is None:
            break
        total += settle(ports, route, claimed, _post(ports, claimed, budget))
    return total


def _unmailed(connection: Connection, ports: Ports, row: Row[Any]) -> str | None:
    """Why marketing is mailed nothing: without an address, it reads a chat channel, or the status."""
    if row.kind not in _MARKETINGS or ports.project.config.alert_to:
        return None
    if channels.has_copies(connection, ports, row):
        return "told in chat channels; nurture.yaml names no alert_to"
    return "nurture.yaml names no alert_to; `nurture status` shows them" if row.kind == TURNED_DOWN_ALERT else None


def heard(connection: Connection, attempt_ids: Collection[str], failed: Mapping[str, str], now: datetime) -> None:
    """The provider reported on attempts, so it had them. Those that `failed` (attempt -> why) are dead."""
    if attempt_ids:
        ids = {"ids": sorted(attempt_ids), "now": now}
        connection.execute(_PROVEN_ATTEMPTS, ids)
        connection.execute(_PROVEN, ids)
    for attempt_id, reason in sorted(failed.items()):
        log.error("the alert of attempt %s did not arrive", attempt_id)
        connection.execute(_FAILED, {"attempt_id": attempt_id, "reason": f"did not arrive: {reason}"})


def _due(ports: Ports, kinds: Collection[str]) -> list[int]:
    due = {"names": sorted(kinds), "now": ports.clock.now(), "limit": ports.limits.claim}
    with ports.database.reading() as connection:
        return [row.id for row in connection.execute(outbox.DUE, due)]


def _post(ports: Ports, claimed: Sequence[Leased], budget: Budget) -> list[Receipt]:
    written = [_write(ports, alert) for alert in claimed]
    emails = [email for email in written if isinstance(email, Email)]
    sent = ports.mailer.send(emails, budget) if emails else []
    return [each for each in written if isinstance(each, Receipt)] + sent


def _write(ports: Ports, alert: Leased) -> Email | Receipt:
    """The mail, or why there is none. One that cannot be written is tried again: its template can be mended."""
    now = ports.clock.now()
    try:
        with ports.database.reading() as connection:
            words = KINDS[alert.kind].write(connection, ports, alert, now)
        if words.to is None:
            return Receipt(alert.attempt_id, Outcome.REJECTED, reason=NOBODY)
        return _compose(ports, alert, words, words.to)
    # Whatever is wrong with one alert, the others must go out. A traceback may quote personal data.
    except Exception as error:  # noqa: BLE001
        log.error("alert %s cannot be written: %s", alert.outbox_id, type(error).__name__)  # noqa: TRY400
        return Receipt(alert.attempt_id, Outcome.NOT_ACCEPTED, reason=f"cannot be written: {type(error).__name__}")


def _compose(ports: Ports, alert: Leased, words: Words, to: Mailbox) -> Email:
    config = ports.project.config
    values = {"brand": config.brand, "alert_id": alert.key, "n": alert.n, **words.values}
    return Email(
        message_id=f"alert-{alert.outbox_id}",
        attempt_id=alert.attempt_id,
        sender=Mailbox(config.sender.address, config.sender.name),
        to=to,
        subject=words.subject + (" (repeat)" if alert.n > 1 else ""),
        text=render(ports.project.root, f"alerts/{words.template}.txt", **values),
        html=render(ports.project.root, f"alerts/{words.template}.html", **values),
        headers={"Auto-Submitted": "auto-generated"},
        categories=("alert",),
    )
