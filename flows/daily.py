"""The flow `daily`: the chores of nurture.daily.

It can be run at any time, twice, and from several places; what it did not finish it does the next day.
"""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger

from models.queries import rights
from nurture import daily as chores
from nurture.redaction import discreet
from nurture.runtime import current


@flow(flow_run_name=lambda: f"daily {current().clock.now():%a %d %b}", persist_result=False)
@discreet
async def daily() -> dict[str, int]:
    """Returns counts by chore, and warns while somebody waits to be erased."""
    ports = current()
    counts = await asyncio.to_thread(chores.daily, ports)
    with ports.database.reading() as connection:
        waiting = len(connection.execute(rights.REQUESTS).all())
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to do"
    get_run_logger().info(told)
    if waiting:
        get_run_logger().warning("%s asked to be erased: `nurture leads forget --requested`", waiting)
    return {**counts, "asked to be erased": waiting}
