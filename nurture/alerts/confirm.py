"""The mail that asks a lead to confirm that it wants mail (double opt-in): one button, and nothing that sells."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import consent, engagement
from nurture.alerts.kind import Kind, Words
from nurture.delivery import Leased
from nurture.gather import is_on_request
from nurture.mail import Mailbox
from nurture.ports import Ports

CONFIRM_MAIL = "confirm_mail"


def hold(connection: Connection, outbox_ids: Sequence[int]) -> None:
    """Nobody of whom one of these asks to confirm opts out until this transaction ends: as for every mail to a lead."""
    asked = sorted(connection.execute(consent.ASKED_BY_MAIL, {"ids": list(outbox_ids)}).scalars())
    if asked:
        connection.execute(engagement.LOCK_ADDRESSES, {"ids": asked})


def _look(connection: Connection, _ports: Ports, row: Row[Any], now: datetime) -> str | None:
    asked = connection.execute(consent.REQUEST, {"id": row.payload_json["consent_id"]}).first()
    if asked is None:
        return "the lead is not there any more"
    if not is_on_request(asked, now):
        return "the lead must not be mailed any more"
    if asked.confirm_until is None or asked.confirm_until <= now:
        return "it was confirmed, or is too old"
    return None


def _write(connection: Connection, ports: Ports, alert: Leased, _now: datetime) -> Words:
    asked = connection.execute(consent.REQUEST, {"id": alert.payload["consent_id"]}).one()
    values = {"link": f"{ports.public_url}/c/{asked.token}", "wording": asked.wording}
    return Words(
        Mailbox(asked.email), f"Please confirm: mail from {ports.project.config.brand.name}", "confirm", values
    )


KIND = Kind(_look, _write)
