"""What Prefect is told of a promotion, where its flows run: ids only, at least once, written with the promotion.

Prefect shows it and may start what the company wants to happen then. Nothing here waits for it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import outbox
from nurture import gates
from nurture.delivery import Leased, Route, claim
from nurture.outbox import enqueue
from nurture.ports import Ports

PREFECT_EVENT = "prefect_event"
ROUTE = Route("Prefect events", carrier="prefect", gate=gates.EVERYTHING)


def tell_prefect(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> None:
    """The lead of this handoff was promoted, in the caller's transaction; nothing where no flows of Prefect run."""
    if ports.prefect_events:
        payload = {"lead_id": handoff.lead_id, "handoff_id": handoff.id}
        enqueue(connection, f"handoff:{handoff.lead_id}:{handoff.cycle}:prefect", PREFECT_EVENT, payload, now)


def claim_events(ports: Ports) -> Sequence[Leased]:
    """What is to be told now, for this worker alone; it settles what it claims. Empty when there is nothing."""
    due = {"names": [PREFECT_EVENT], "now": ports.clock.now(), "limit": ports.limits.claim}
    with ports.database.reading() as connection:
        ids = [row.id for row in connection.execute(outbox.DUE, due)]
    return (claim(ports, ROUTE, ids) or ()) if ids else ()
