"""The flow `handoff`: has sales heard of a lead that was promoted? Prefect runs it on the event nurture.lead.promoted.

It may run twice, or not at all: alerts leave without it. It is the place for what else a company wants to happen then.
"""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger

from nurture.alerts.push import push
from nurture.redaction import discreet
from nurture.runtime import current


@flow(flow_run_name="handoff {handoff_id} of lead {lead_id}", persist_result=False)
@discreet
async def handoff(lead_id: int, handoff_id: int) -> dict[str, int]:
    """See to it that the alerts about one handoff have left. Returns how many there are by state."""
    states = dict(await asyncio.to_thread(push, current(), handoff_id))
    told = ", ".join(f"{count} {state}" for state, count in sorted(states.items())) or "none"
    log = get_run_logger()
    if states.keys() - {"delivered"}:
        log.warning("alerts about lead %s (handoff %s): %s; `nurture status` says why", lead_id, handoff_id, told)
    else:
        log.info("alerts about lead %s (handoff %s): %s", lead_id, handoff_id, told)
    return states
