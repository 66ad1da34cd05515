"""The flow `sales`: settle what hangs, take in what came back, promote who is ready, see to what waits for sales, get
every alert and webhook out.

The web app does the same at once when something comes in; this is the sweeper that forgets nothing.
"""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from flows.events import tell_promotions
from nurture import alerts, webhooks
from nurture.alerts import channels
from nurture.engage import fold
from nurture.handoff import qualify_due
from nurture.handoff.ladder import climb
from nurture.handoff.overdue import waiting_for_sales
from nurture.ledger.recover import recover
from nurture.redaction import discreet
from nurture.runtime import current


@flow(flow_run_name=lambda: f"sales {current().clock.now():%a %d %b %H:%M}", persist_result=False)
@discreet
async def sales() -> dict[str, int]:
    """Bring sales up to date. Returns counts, and keeps the handoffs that wait for an answer as an artifact."""
    ports = current()
    recovered = await asyncio.to_thread(recover, ports)
    folded = await asyncio.to_thread(fold, ports)
    promoted = await asyncio.to_thread(qualify_due, ports)
    climbed = await asyncio.to_thread(climb, ports)
    alerted = await asyncio.to_thread(alerts.deliver, ports)
    posted = await asyncio.to_thread(channels.deliver, ports)
    events = await tell_promotions(ports)
    told = await asyncio.to_thread(webhooks.deliver, ports)
    waiting = await asyncio.to_thread(waiting_for_sales, ports)
    counts = {
        "recovered": recovered.again,
        "unknown": recovered.unknown,
        "held": recovered.held,
        "events": folded.events,
        "promoted": promoted,
        "climbed the ladder": climbed,
        "alerts": alerted.sent,
        "posted to channels": posted.sent,
        "webhooks": told.sent,
        "Prefect events": events,
        "handoffs waiting": len(waiting),
        "past their SLA": sum(row["late"] == "yes" for row in waiting),
    }
    description = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to do"
    await acreate_table_artifact(waiting, key="sales", description=description)
    get_run_logger().info(description)
    return counts
