"""Telling other systems what happens to leads: each event to every webhook of nurture.yaml that asks for it.

It is written in the transaction of its cause, and posted by nurture.webhooks. Where nobody asks, nothing is written and
nothing is looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import site
from models.words import EnrollmentState, Suppression
from nurture.core.announced import Announced
from nurture.core.project import ProjectConfig
from nurture.outbox import Entry, enqueue_all

#: the kind of an outbox row that goes to a webhook
WEBHOOK = "webhook"
#: a lead, what names the event among those of its name for good, and what is told beside the lead
Happened = tuple[int, str, Mapping[str, object]]

_OWN_WILL = frozenset({Suppression.OPT_OUT, Suppression.COMPLAINT})


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
    announce_all(connection, config, event, [(lead_id, key, data)], now)


def announce_all(
    connection: Connection, config: ProjectConfig | None, event: Announced, happened: Iterable[Happened], now: datetime
) -> None:
    """Tell of an event that happened to many leads at once. Without a project nobody is told."""
    webhooks = _who_ask(config, event)
    if webhooks:
        told = list(happened)
        enqueue_all(
            connection,
            [
                _entry(webhook, event, lead_id, data, f"{webhook}:{event}:{key}", now)
                for lead_id, key, data in told
                for webhook in webhooks
            ],
            now,
        )


def announce_suppressed(
    connection: Connection, config: ProjectConfig | None, address_ids: Iterable[int], now: datetime
) -> None:
    """Tell of the leads at these addresses that have just been suppressed: why, and what they left by it.

    Once for each time; whose suppression is an old one has been told before.
    """
    ids = sorted(set(address_ids))
    if not ids or not _asked(config, "lead.opted_out", "lead.suppressed", "sequence.left"):
        return
    rows = connection.execute(site.SUPPRESSED, {"ids": ids}).all()
    chosen = [row for row in rows if row.suppressed in _OWN_WILL]
    announce_all(connection, config, "lead.opted_out", map(_suppressed, chosen), now)
    others = [row for row in rows if row.suppressed not in _OWN_WILL]
    announce_all(connection, config, "lead.suppressed", map(_suppressed, others), now)
    announce_left(connection, config, (row.lead_id for row in rows), now)


def announce_wish(
    connection: Connection,
    config: ProjectConfig,
    event: Announced,
    lead_ids: Iterable[int],
    told: Mapping[str, object],
    now: datetime,
) -> None:
    """Tell what these leads wish from `now` on; what they wish is not told again for the same moment."""
    announce_all(connection, config, event, ((id_, f"{id_}:{now.isoformat()}", told) for id_ in lead_ids), now)


def announce_pause(
    connection: Connection, config: ProjectConfig, lead_ids: Iterable[int], until: datetime, by: str, now: datetime
) -> None:
    """Tell that these leads want no mail until a moment; one that was told of is not told again."""
    told = {"until": until.isoformat(), "by": by}
    paused = ((id_, f"{id_}:{until.isoformat()}", told) for id_ in lead_ids)
    announce_all(connection, config, "lead.paused", paused, now)


def announce_left(connection: Connection, config: ProjectConfig | None, lead_ids: Iterable[int], now: datetime) -> None:
    """Tell of the sequences that these leads have left at `now`, the moment that this transaction works at."""
    ids = sorted(set(lead_ids)) if _asked(config, "sequence.left") else []
    if ids:
        rows = connection.execute(site.LEFT_AT, {"ids": ids, "now": now})
        announce_all(connection, config, "sequence.left", (_left(row, now) for row in rows), now)


def _who_ask(config: ProjectConfig | None, event: Announced) -> list[str]:
    return [name for name, webhook in config.webhooks.items() if event in webhook.events] if config else []


def _asked(config: ProjectConfig | None, *events: Announced) -> bool:
    return any(_who_ask(config, event) for event in events)


def _suppressed(row: Row[Any]) -> Happened:
    told = {"because": row.suppressed, "by": row.suppressed_by}
    return row.lead_id, f"{row.lead_id}:{row.suppressed_at.isoformat()}", told


def _left(row: Row[Any], now: datetime) -> Happened:
    # what the mail provider or a template says of a mail that failed may quote an address
    because = "a mail could not be sent" if row.state == EnrollmentState.DEAD else row.reason
    told = {"sequence": row.sequence, "how": row.state, "because": because, "step": row.step}
    return row.lead_id, f"{row.id}:{now.isoformat()}", told


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
    enqueue_all(connection, [_entry(webhook, event, lead_id, data, key, now)], now)


def _entry(webhook: str, event: str, lead_id: int, data: Mapping[str, object], key: str, now: datetime) -> Entry:
    payload = {"webhook": webhook, "type": event, "lead_id": lead_id, "at": now.isoformat(), "data": dict(data)}
    return f"webhook:{key}", WEBHOOK, payload
