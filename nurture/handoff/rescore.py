"""Every stored score counted anew: after the agreement's points were changed, or to see that the stored ones are right.

A stored score is a copy of a pure function of what leads did, what is known of them, the agreement and the time; this
asks that function again. It moves nobody: the gate is asked when a lead does something.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models.queries import sales
from models.statement import write
from nurture.core.lifecycle import since_recycled
from nurture.core.score import Score, score
from nurture.gather import plain_fields, read_leads
from nurture.ports import Ports
from nurture.suppress import hold_leads

#: leads at a time
BATCH = 1000

#: what was scored meanwhile is newer, and stays
_STORE = write(
    """
    INSERT INTO score (lead_id, fit, engagement, grade, intent, computed_at)
    VALUES (:lead_id, :fit, :engagement, :grade, :intent, :now)
    ON CONFLICT (lead_id) DO UPDATE
    SET fit = :fit, engagement = :engagement, grade = :grade, intent = :intent, computed_at = :now
    WHERE score.computed_at IS NULL OR score.computed_at <= :now
    """
)


@dataclass(slots=True)
class Rescored:
    """How many leads were looked at, how many stored scores differ from what is true now, and which grades changed.

    Points fade, so scores differ by the time that has passed alone. `grades` counts moves such as ("B3", "A2").
    """

    leads: int = 0
    differ: int = 0
    grades: Counter[tuple[str, str]] = field(default_factory=Counter)


def rescore(ports: Ports, *, dry_run: bool = False, tick: Callable[[int], None] = lambda _: None) -> Rescored:
    """Count all scores anew and store those that differ, a batch of leads at a time; `dry_run` stores nothing.

    `tick` is told how many leads are through so far. The engine may work meanwhile.
    """
    done, after = Rescored(), 0
    while True:
        now = ports.clock.now()
        stored, counted = _counted(ports, after, now)
        if not stored:
            return done
        changed = [row for row in stored if _differs(row, counted[row.lead_id])]
        done.leads += len(stored)
        done.differ += len(changed)
        done.grades.update(
            (row.grade or "none", counted[row.lead_id].grade)
            for row in changed
            if row.grade != counted[row.lead_id].grade
        )
        if changed and not dry_run:
            _store(ports, {row.lead_id: counted[row.lead_id] for row in changed}, now)
        after = stored[-1].lead_id
        tick(done.leads)


def how_many(ports: Ports) -> int:
    """How many leads there are to score."""
    with ports.database.reading() as connection:
        return int(connection.execute(sales.LEAD_COUNT).scalar_one())


def _counted(ports: Ports, after: int, now: datetime) -> tuple[Sequence[Row[Any]], dict[int, Score]]:
    """The next leads with their stored scores, and what is true of them now."""
    agreement = ports.project.config.agreement
    with ports.database.reading() as connection:
        stored = connection.execute(sales.SCORES_AFTER, {"after": after, "limit": BATCH}).all()
        known = read_leads(connection, [row.lead_id for row in stored], ports.project, now)
    return stored, {
        lead_id: score(
            since_recycled(known.engagements.get(lead_id, ()), lead.recycled_at), plain_fields(lead), agreement, now
        )
        for lead_id, lead in known.leads.items()
    }


def _differs(stored: Row[Any], true: Score) -> bool:
    told = (stored.fit, stored.engagement, stored.grade, bool(stored.intent))
    return told != (true.fit, true.engagement, true.grade, true.intent_at is not None)


def _store(ports: Ports, scores: dict[int, Score], now: datetime) -> None:
    rows = [
        {
            "lead_id": lead_id,
            "fit": true.fit,
            "engagement": true.engagement,
            "grade": true.grade,
            "intent": true.intent_at is not None,
            "now": now,
        }
        for lead_id, true in sorted(scores.items())
    ]
    with ports.database.transaction("rescore") as connection:
        hold_leads(connection, scores)
        connection.execute(_STORE, rows)
