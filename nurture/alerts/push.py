"""Seeing to it that the alerts about one handoff have left."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from models.queries import outbox
from models.statement import write
from nurture import alerts
from nurture.alerts import channels
from nurture.ports import Ports

_SOONER = write(
    """
    UPDATE outbox SET due_at = :now
    WHERE state = 'pending' AND kind IN ('sales_alert', 'channel_alert') AND due_at > :now
      AND CAST(payload ->> 'handoff_id' AS INTEGER) = :handoff_id
      AND NOT EXISTS (SELECT 1 FROM attempt a WHERE a.outbox_id = outbox.id AND a.state = 'posting')
    """
)


def push(ports: Ports, handoff_id: int) -> Mapping[str, int]:
    """Try what waits for its next turn now. What is on its way, or has arrived, is left alone: it is safe to repeat.

    Returns how many of its alerts there are by state: pending, delivered, dead.
    """
    with ports.database.transaction("push alerts") as connection:
        connection.execute(_SOONER, {"handoff_id": handoff_id, "now": ports.clock.now()})
    alerts.deliver(ports)
    channels.deliver(ports)
    with ports.database.reading() as connection:
        rows = connection.execute(outbox.OF_HANDOFF, {"handoff_id": handoff_id}).all()
    return dict(Counter(row.state for row in rows))
