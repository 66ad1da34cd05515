"""What waits for sales: handoffs that are offered and not answered, the latest on top. Ids and keys only."""

from __future__ import annotations

from models.queries import sales
from models.words import HandoffState
from nurture.ports import Ports


def waiting_for_sales(ports: Ports, most: int = 200) -> list[dict[str, object]]:
    """One row for each handoff without an answer, the most urgent first; `late` where the SLA has passed."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        offered = connection.execute(sales.HANDOFFS, {"states": [HandoffState.OFFERED], "limit": most}).all()
    return [
        {
            "handoff": row.id,
            "lead": row.lead_id,
            "owner": row.owner,
            "asked for a person": "yes" if row.hand_raise else "no",
            "offered": f"{row.offered_at:%a %d %b %H:%M} UTC",
            "answer due": f"{row.due_at:%a %d %b %H:%M} UTC",
            "late": "yes" if row.due_at < now else "no",
        }
        for row in offered
    ]
