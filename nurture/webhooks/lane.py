"""One receiver's lane: what is due for it, a few at a time, until nothing is or the receiver is in trouble."""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

import orjson

from models.queries import ledger, outbox
from nurture import gates
from nurture.clock import Budget
from nurture.core.fields import SCORED_FIELDS
from nurture.delivery import Delivered, Leased, Route, claim, settle
from nurture.gather import Known, lead_fields, read_leads
from nurture.mail import Outcome, Receipt
from nurture.ports import Ports
from nurture.webhooks.post import Message, open_client, post
from nurture.webhooks.setup import Endpoint

log = logging.getLogger(__name__)

#: events on their way to one receiver at once
IN_FLIGHT = 10


def deliver_to(ports: Ports, to: Endpoint) -> Delivered:
    """Post what is due for one receiver. Call it in a thread of its own."""
    return asyncio.run(_lane(ports, to))


async def _lane(ports: Ports, to: Endpoint) -> Delivered:
    gate = gates.webhook_gate(to.name)
    route = Route("webhooks", carrier=gate, gate=gate)
    budget = Budget.of(ports.clock, ports.limits.budget)
    total = Delivered()
    async with open_client(IN_FLIGHT, ports.reach) as client:
        # In trouble, the receiver's gate is closed for a while, so nothing more is claimed.
        while not budget.spent() and (ids := _due(ports, to.name)):
            claimed = claim(ports, route, ids)
            if claimed is None:
                break
            written = write(ports, claimed)
            posts = (post(client, to, each, ports.clock.now()) for each in written if isinstance(each, Message))
            receipts = [each for each in written if isinstance(each, Receipt)] + await asyncio.gather(*posts)
            _leave_alone(ports, route, receipts)
            total += settle(ports, route, claimed, receipts)
    return total


def write(ports: Ports, claimed: Sequence[Leased]) -> list[Message | Receipt]:
    """The events as of now, or why there is none: three queries, however many there are."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        environment = connection.execute(ledger.INSTALLATION).one().environment
        known = read_leads(connection, (one.payload.get("lead_id", 0) for one in claimed), ports.project, now)
    return [_write(ports, known, environment, one, now) for one in claimed]


def event_id(environment: str, key: str) -> str:
    """The same for good, and no other installation's."""
    return f"msg_{hashlib.sha256(f'{environment}:{key}'.encode()).hexdigest()[:32]}"


def body_of(event: str, at: datetime, data: dict[str, object]) -> bytes:
    """{type, timestamp, data}, as the standard has it."""
    moment = at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return orjson.dumps({"type": event, "timestamp": moment, "data": data})


def _write(ports: Ports, known: Known, environment: str, one: Leased, now: datetime) -> Message | Receipt:
    payload = one.payload
    try:
        lead = known.leads.get(payload["lead_id"])
        if lead is None:
            return Receipt(one.attempt_id, Outcome.REJECTED, reason="the lead is gone")
        fields = lead_fields(lead, known.engagements.get(lead.id, []), ports.project, now, SCORED_FIELDS)
        told = {name: value for name, value in fields.items() if value is not None}
        body = body_of(payload["type"], datetime.fromisoformat(payload["at"]), {**payload["data"], "lead": told})
        return Message(event_id(environment, one.key), one.attempt_id, body)
    # Whatever is wrong with one event, the others must go out. A traceback may quote personal data.
    except Exception as error:  # noqa: BLE001
        log.error("webhook %s cannot be written: %s", one.outbox_id, type(error).__name__)  # noqa: TRY400
        return Receipt(one.attempt_id, Outcome.NOT_ACCEPTED, reason=f"cannot be written: {type(error).__name__}")


def _due(ports: Ports, name: str) -> list[int]:
    due = {"now": ports.clock.now(), "name": name, "limit": IN_FLIGHT}
    with ports.database.reading() as connection:
        return [row.id for row in connection.execute(outbox.WEBHOOK_DUE, due)]


def _leave_alone(ports: Ports, route: Route, receipts: Iterable[Receipt]) -> None:
    """A receiver that does not answer, or asks to slow down, is not posted to for a while."""
    pauses = [(receipt.retry_after, receipt.reason) for receipt in receipts if receipt.retry_after is not None]
    if not pauses:
        return
    seconds, reason = max(pauses)
    now = ports.clock.now()
    with ports.database.transaction("pause webhook") as connection:
        gates.close(connection, route.gate, reason, now, until=now + timedelta(seconds=seconds))
