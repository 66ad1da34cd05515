"""The flow `daily`: what has to be done once a day: let the quiet go, learn whose mail is scanned, find
out who works for whom, let leads that make no progress change track, ask reps for verdicts that are overdue, remove
what is old.

It can be run at any time, twice, and from several places; what it did not finish it does the next day.
"""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger

from models.queries import rights
from nurture import accounts
from nurture.engage.domains import learn
from nurture.handoff.reminders import remind_verdicts
from nurture.quiet import let_go
from nurture.redaction import discreet
from nurture.rights.retention import tidy
from nurture.runtime import current
from nurture.stall import change_track


@flow(flow_run_name=lambda: f"daily {current().clock.now():%a %d %b}", persist_result=False)
@discreet
async def daily() -> dict[str, int]:
    """Returns counts by chore, and warns while somebody waits to be erased."""
    ports = current()
    counts = {"let go": await asyncio.to_thread(let_go, ports)}
    counts["domains judged anew"] = await asyncio.to_thread(learn, ports)
    counts["companies found"] = await asyncio.to_thread(accounts.fill_in, ports)
    counts["changed track"] = await asyncio.to_thread(change_track, ports)
    counts["asked for verdicts"] = await asyncio.to_thread(remind_verdicts, ports)
    counts |= (await asyncio.to_thread(tidy, ports)).counts
    with ports.database.reading() as connection:
        waiting = len(connection.execute(rights.REQUESTS).all())
    told = ", ".join(f"{count} {what}" for what, count in counts.items() if count) or "nothing to do"
    get_run_logger().info(told)
    if waiting:
        get_run_logger().warning("%s asked to be erased: `nurture leads forget --requested`", waiting)
    return {**counts, "asked to be erased": waiting}
