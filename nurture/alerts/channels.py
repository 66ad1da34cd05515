"""Alerts to chat channels: each alert and channel is a row of the outbox of its own, with its own id and its own tries.

It is written before the mail may leave, so that neither waits for the other: a channel that is down keeps nobody
else waiting, and where mail is stopped, the channels go on.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts, outbox, sales
from nurture import gates
from nurture.alerts.account import ACCOUNT_ALERT
from nurture.alerts.chat import Address, Chat, Missing, find
from nurture.alerts.day import DAY_ALERT
from nurture.alerts.kind import Words
from nurture.alerts.kinds import KINDS
from nurture.alerts.note import NOTE_ALERT, rep_of
from nurture.alerts.sales import SALES_ALERT
from nurture.alerts.sla import SLA_ALERT
from nurture.alerts.surge import SURGE_ALERT
from nurture.alerts.turned_down import TURNED_DOWN_ALERT
from nurture.alerts.verdicts import VERDICT_ALERT
from nurture.clock import Budget
from nurture.core.agreement import Agreement
from nurture.core.channels import MANAGER, MARKETING, About, Channel
from nurture.delivery import Answer, Delivered, Leased, Route, claim, settle
from nurture.mail import Outcome, Receipt
from nurture.outbox import Entry, enqueue_all
from nurture.ports import Ports

CHANNEL_ALERT = "channel_alert"
#: posted one after the other, before it is looked again what is due
AT_ONCE = 10
#: how long a channel is left alone that did not take something
PAUSE = timedelta(minutes=1)

_ABOUT: Mapping[str, About] = {
    SALES_ALERT: "handoff",
    SLA_ALERT: "sla",
    VERDICT_ALERT: "sla",
    DAY_ALERT: "handoff",
    SURGE_ALERT: "surge",
    NOTE_ALERT: "note",
    ACCOUNT_ALERT: "account",
    TURNED_DOWN_ALERT: "note",
}
#: what no rep is told of goes to no channel that reps may read
_MARKETING_ONLY = frozenset({TURNED_DOWN_ALERT})
_LEFT_ALONE = "left alone, because it did not take another"

log = logging.getLogger(__name__)


# --- what goes where --------------------------------------------------------------------------------------------


def copy(ports: Ports, ids: Sequence[int]) -> None:
    """Write what channels get of these alerts, each once; before the mail is claimed, which may be the last of them."""
    if not ports.project.config.alerts:
        return
    now = ports.clock.now()
    with ports.database.transaction("copy alerts") as connection:
        for row in connection.execute(outbox.WAITING, {"ids": list(ids)}).all():
            if entries := list(_copies(connection, ports, row, now)):
                enqueue_all(connection, entries, now)


def _copies(connection: Connection, ports: Ports, row: Row[Any], now: datetime) -> Iterator[Entry]:
    about = _ABOUT.get(row.kind)
    wanted = [channel for channel in ports.project.config.alerts if about in channel.about]
    if row.kind in _MARKETING_ONLY:
        wanted = [channel for channel in wanted if channel.for_ == MARKETING]
    if not wanted or row.payload_json.get("to_team") or KINDS[row.kind].look(connection, ports, row, now):
        return
    role, rep = _reader(connection, ports.project.config.agreement, row)
    for channel in wanted:
        if _is_for(channel, about, role, rep):
            # the ids stay in sight, so that it goes with the lead when that is erased
            ids = {name: row.payload_json[name] for name in ("lead_id", "handoff_id") if name in row.payload_json}
            payload = {"channel": channel.name, "outbox_id": row.id} | ids
            yield _key(row, channel), CHANNEL_ALERT, payload


def has_copies(connection: Connection, ports: Ports, row: Row[Any]) -> bool:
    """Whether a channel gets this alert, too."""
    keys = [_key(row, channel) for channel in ports.project.config.alerts]
    return bool(keys) and connection.execute(outbox.NAMED, {"names": keys}).first() is not None


def _key(row: Row[Any], channel: Channel) -> str:
    return f"{row.dedupe_key}:channel:{channel.name}"


def _reader(connection: Connection, agreement: Agreement, row: Row[Any]) -> tuple[str, str | None]:
    """Whom the mail is for: in which role, and for a rep its key."""
    payload = row.payload_json
    if row.kind == SLA_ALERT:
        return payload["role"], payload["rep"]
    if row.kind == SALES_ALERT and "owner" not in payload:
        return "owner", connection.execute(sales.HANDOFF, {"id": payload["handoff_id"]}).one().owner
    if row.kind == NOTE_ALERT:
        lead = connection.execute(alerts.LEAD, {"id": payload["lead_id"]}).first()
        rep = rep_of(connection, agreement, lead, payload) if lead else None
        return MARKETING if payload["to"] == MARKETING else "owner", rep
    return ("owner", payload["owner"]) if "owner" in payload else (MARKETING, None)


def _is_for(channel: Channel, about: About | None, role: str, rep: str | None) -> bool:
    """A rep's channel gets what is mailed to that rep. Of a promise that runs out, the manager's gets what is mailed
    to the manager, and the others get what is mailed to the owner: so that no rung is told twice in one place.
    """
    if channel.for_ not in (MANAGER, MARKETING, "team"):
        return rep == channel.for_
    if about != "sla":
        return True
    return role == MANAGER if channel.for_ == MANAGER else role in ("owner", "team")


# --- getting it there -------------------------------------------------------------------------------------------


def deliver(ports: Ports) -> Delivered:
    """Post what is due, each channel in a lane of its own. Safe to call at any time, from several places at once."""
    ready = _ready(ports)
    if not ready:
        return Delivered()
    with ThreadPoolExecutor(len(ready), thread_name_prefix="channel") as pool:
        return sum(pool.map(lambda one: _lane(ports, *one), ready), Delivered())


def _ready(ports: Ports) -> list[tuple[Channel, Address]]:
    """The channels that something is due for and that may be posted to."""
    if not ports.alert_channels:
        return []
    now = ports.clock.now()
    with ports.database.reading() as connection:
        due = {row.name for row in connection.execute(outbox.CHANNELS_DUE, {"now": now})}
        stopped = gates.closed(connection, now) if due else {}
    if gates.EVERYTHING in stopped:
        return []
    channels = [one for one in ports.project.config.alerts if one.name in due]
    found = [(one, find(ports.alert_channels, one.name)) for one in channels]
    return [(one, at) for one, at in found
            if not isinstance(at, Missing) and gates.channel_gate(one.name) not in stopped]  # fmt: skip


def _lane(ports: Ports, channel: Channel, address: Address) -> Delivered:
    gate = gates.channel_gate(channel.name)
    route = Route("channel alerts", carrier=gate, gate=gate)
    budget = Budget.of(ports.clock, ports.limits.budget)
    chat = Chat(address, ports.reach)
    total = Delivered()

    def look(connection: Connection, row: Row[Any], now: datetime) -> Answer:
        told = connection.execute(outbox.ROW, {"id": row.payload_json["outbox_id"]}).first()
        return KINDS[told.kind].look(connection, ports, told, now) if told else "the alert is not there any more"

    # a channel that does not answer closes its gate for a while, so nothing more is claimed
    while not budget.spent() and (ids := _due(ports, channel.name)):
        claimed = claim(ports, route, ids, look)
        if claimed is None:
            break
        total += settle(ports, route, claimed, _post(ports, channel, chat, claimed))
    return total


def _due(ports: Ports, name: str) -> list[int]:
    due = {"now": ports.clock.now(), "name": name, "limit": AT_ONCE}
    with ports.database.reading() as connection:
        return [row.id for row in connection.execute(outbox.CHANNEL_DUE, due)]


def _post(ports: Ports, channel: Channel, chat: Chat, claimed: Sequence[Leased]) -> list[Receipt]:
    """One after the other; once one is not taken, the others wait."""
    receipts: list[Receipt] = []
    refused = ""
    for one in claimed:
        reason = _LEFT_ALONE if refused else _post_one(ports, channel, chat, one)
        refused = refused or reason
        outcome = Outcome.NOT_ACCEPTED if reason else Outcome.ACCEPTED
        receipts.append(Receipt(one.attempt_id, outcome, reason=reason))
    if refused:
        now = ports.clock.now()
        with ports.database.transaction("pause channel") as connection:
            gates.close(connection, gates.channel_gate(channel.name), refused, now, until=now + PAUSE)
    return receipts


def _post_one(ports: Ports, channel: Channel, chat: Chat, one: Leased) -> str:
    """Why it was not taken; empty when it was."""
    try:
        title, body = _text(channel, _words(ports, one), one)
    # Whatever is wrong with one alert, the others must go out. A traceback may quote personal data.
    except Exception as error:  # noqa: BLE001
        log.error("channel alert %s cannot be written: %s", one.outbox_id, type(error).__name__)  # noqa: TRY400
        return f"cannot be written: {type(error).__name__}"
    return chat.post(title, body)


def _words(ports: Ports, one: Leased) -> Words:
    with ports.database.reading() as connection:
        row = connection.execute(outbox.ROW, {"id": one.payload["outbox_id"]}).one()
        told = replace(one, outbox_id=row.id, key=row.dedupe_key, kind=row.kind, payload=row.payload_json)
        return KINDS[row.kind].write(connection, ports, told, ports.clock.now())


def _text(channel: Channel, words: Words, one: Leased) -> tuple[str, str]:
    """Title and body. The id is in the text, so that whoever reads it twice knows it for the same."""
    title = words.subject if channel.personal else words.plain
    lines = (words.glance if channel.personal else "", words.link, f"Alert {one.key}")
    return title + (" (repeat)" if one.n > 1 else ""), "\n".join(filter(None, lines))
