"""Events of Prefect: `nurture.lead.promoted`, with ids only, at least once.

They are told by a request that is answered, because `emit_event` forgets what it could not get rid of.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5

import httpx
from prefect.client.orchestration import get_client
from prefect.events import Event

from nurture.delivery import Leased, settle
from nurture.handoff.promoted import ROUTE, claim_events
from nurture.mail import Outcome, Receipt
from nurture.ports import Ports

PROMOTED = "nurture.lead.promoted"


async def tell_promotions(ports: Ports) -> int:
    """Tell Prefect of every promotion that it has not heard of. Returns how many; what fails is told the next time."""
    told = 0
    while leased := await asyncio.to_thread(claim_events, ports):
        outcome, reason = await _post([_event(ports, one) for one in leased])
        receipts = [Receipt(one.attempt_id, outcome, reason=reason) for one in leased]
        delivered = await asyncio.to_thread(settle, ports, ROUTE, leased, receipts)
        told += delivered.sent
    return told


def _event(ports: Ports, one: Leased) -> Event:
    """The same id however often it is told."""
    lead_id, handoff_id = one.payload["lead_id"], one.payload["handoff_id"]
    return Event.model_validate(
        {
            "id": uuid5(NAMESPACE_URL, f"{ports.public_url}/{one.key}"),
            "occurred": one.created_at,
            "event": PROMOTED,
            "resource": {"prefect.resource.id": f"nurture.lead.{lead_id}"},
            "payload": {"lead_id": lead_id, "handoff_id": handoff_id},
        }
    )


async def _post(events: Sequence[Event]) -> tuple[Outcome, str]:
    try:
        async with get_client() as client:
            told = [event.model_dump(mode="json") for event in events]
            response = await client.request("POST", "/events", json=told)
            response.raise_for_status()
    except (httpx.HTTPError, RuntimeError) as error:
        return Outcome.NOT_ACCEPTED, f"Prefect did not take it ({type(error).__name__})"
    return Outcome.ACCEPTED, ""
