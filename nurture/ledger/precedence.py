"""Who goes first where a frequency cap lets only one mail through to a lead: the sequence with the smaller priority."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from models.queries import journey
from nurture import gates
from nurture.core import steps
from nurture.ports import Ports

if TYPE_CHECKING:
    from nurture.ledger.hand_over import Planned


def before(
    connection: Connection, ports: Ports, batch: Sequence[Planned], stopped: Mapping[str, str], now: datetime
) -> Mapping[int, str]:
    """By enrollment, the sequence that its mail must let go first.

    That sequence has something for the lead at this moment: it is due, or another worker has it. What is in the same
    batch does not count, because the batch is in order already.
    """
    priorities = _priorities(ports.library.in_force.values(), stopped)
    if len(set(priorities.values())) < 2:
        return {}
    ours = {one.enrollment_id for one in batch}
    limited = any(one.limits for one in ports.library.in_force.values())
    capped = [one for one in batch if _yields(ports, one, limited=limited)]
    rivals = defaultdict[int, list[str]](list)
    for row in connection.execute(journey.RIVALS, {"ids": sorted({one.lead_id for one in capped}), "now": now}):
        if row.id not in ours and row.sequence in priorities:
            rivals[row.lead_id].append(row.sequence)
    first = {one.enrollment_id: min(rivals[one.lead_id], key=priorities.__getitem__, default="") for one in capped}
    return {
        one.enrollment_id: first[one.enrollment_id]
        for one in capped
        if priorities.get(first[one.enrollment_id], one.sequence.priority) < one.sequence.priority
    }


def _yields(ports: Ports, one: Planned, *, limited: bool) -> bool:
    """Whether a cap can hold up this mail, or, once it has gone, one of another sequence."""
    return bool(ports.project.config.caps or limited or one.sequence.limits) and not one.step.transactional


def _priorities(sequences: Iterable[steps.Sequence], stopped: Mapping[str, str]) -> dict[str, int]:
    return {
        one.name: one.priority for one in sequences if not one.paused and gates.sequence_gate(one.name) not in stopped
    }
