"""Telling other systems what happens to leads: each event to every webhook of nurture.yaml that asks for it.

It is written in the transaction of its cause, and posted by nurture.webhooks. Where nobody asks, nothing is written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import Connection

from models.queries import site
from nurture.core.announced import Announced
from nurture.core.project import ProjectConfig
from nurture.outbox import enqueue

#: the kind of an outbox row that goes to a webhook
WEBHOOK = "webhook"


def announce(
    connection: Connection,
    config: ProjectConfig,
    event: Announced,
    lead_id: int,
    data: Mapping[str, object],
    *,
    key: str,
    now: datetime,
) -> None:
    """Tell all who ask of `event` (nurture.core.announced) about a lead. `key` names it among the events of its name:
    what is told twice goes out once."""
    for webhook, terms in config.webhooks.items():
        if event in terms.events:
            tell(connection, webhook, event, lead_id=lead_id, data=data, key=f"{webhook}:{event}:{key}", now=now)


def announce_opt_outs(connection: Connection, config: ProjectConfig, address_ids: Iterable[int], now: datetime) -> None:
    """Tell of the leads at these addresses that have opted out or complained: once for each time they did."""
    if not any("lead.opted_out" in webhook.events for webhook in config.webhooks.values()):
        return
    for row in connection.execute(site.OPTED_OUT, {"ids": sorted(address_ids)}):
        data = {"because": row.suppressed, "by": row.suppressed_by}
        key = f"{row.lead_id}:{row.suppressed_at.isoformat()}"
        announce(connection, config, "lead.opted_out", row.lead_id, data, key=key, now=now)


def tell(
    connection: Connection,
    webhook: str,
    event: str,
    *,
    lead_id: int,
    data: Mapping[str, object],
    key: str,
    now: datetime,
) -> None:
    """Tell one webhook of an event ("lead.promoted": dotted, past tense), in the transaction that causes it.

    `key` names the event for good: the same key is not told twice, so it holds the webhook's name where several are
    told. `data` are plain values and no personal data; the lead's fields are added when it goes out.
    """
    payload = {"webhook": webhook, "type": event, "lead_id": lead_id, "at": now.isoformat(), "data": dict(data)}
    enqueue(connection, f"webhook:{key}", WEBHOOK, payload, now)
