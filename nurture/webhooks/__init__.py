"""Webhooks: other systems are told what happens to leads, at least once, each event under one id and signed.

Standard Webhooks (standardwebhooks.com): headers webhook-id, -timestamp and -signature, body {type, timestamp, data}.
The event is written with its cause; what it says of the lead is filled in when it goes out. The order is not promised.
What receivers have to know stands in docs/webhooks.md.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sqlalchemy import Connection

from models.queries import outbox
from models.statement import write
from nurture import gates
from nurture.announce import WEBHOOK, tell
from nurture.delivery import Delivered
from nurture.ports import Ports
from nurture.webhooks.setup import Endpoint, endpoint

__all__ = ["STEP_REACHED", "WEBHOOK", "deliver", "enqueue_step", "retry"]

STEP_REACHED = "lead.step_reached"

_RETRY = write(
    """
    UPDATE outbox SET state = 'pending', due_at = :now, created_at = :now
    WHERE state = 'dead' AND kind = 'webhook' AND payload ->> 'webhook' = :name
    """
)


def enqueue_step(
    connection: Connection, *, webhook: str, enrollment_id: int, lead_id: int, sequence: str, step: str, now: datetime
) -> None:
    """A lead has reached a `webhook:` step: once for each enrollment and step."""
    data = {"enrollment_id": enrollment_id, "sequence": sequence, "step": step}
    tell(connection, webhook, STEP_REACHED, lead_id=lead_id, data=data, key=f"{enrollment_id}:{step}", now=now)


def deliver(ports: Ports) -> Delivered:
    """Post every event that is due. Each receiver has a lane of its own, so that a slow one holds up no other.

    Safe to call at any time, from several places at once. What has no secret stays where it is: nothing goes out
    unsigned.
    """
    ready = _ready(ports)
    if not ready:
        return Delivered()
    # Imported here because its HTTP client takes a quarter of a second, and mostly there is nothing to post.
    from nurture.webhooks.lane import deliver_to

    with ThreadPoolExecutor(len(ready), thread_name_prefix="webhook") as pool:
        return sum(pool.map(lambda one: deliver_to(ports, one), ready), Delivered())


def retry(ports: Ports, webhook: str) -> int:
    """What was given up is due again, under its old ids, for as long as something new. Returns how many."""
    with ports.database.transaction("retry webhooks") as connection:
        return connection.execute(_RETRY, {"name": webhook, "now": ports.clock.now()}).rowcount


def _ready(ports: Ports) -> list[Endpoint]:
    """The receivers that something is due for and that may be posted to."""
    if not ports.webhook_secrets:
        return []
    now = ports.clock.now()
    with ports.database.reading() as connection:
        stopped = gates.closed(connection, now)
        due = [row.name for row in connection.execute(outbox.WEBHOOKS_DUE, {"now": now})]
    if gates.EVERYTHING in stopped:
        return []
    open_now = [name for name in sorted(due) if gates.webhook_gate(name) not in stopped]
    found = [endpoint(ports.project.config, ports.webhook_secrets, name) for name in open_now]
    return [one for one in found if isinstance(one, Endpoint)]
