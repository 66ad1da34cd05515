"""A line for each lead: where it stands, how warm it is now, and what comes next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from models.queries.explain import RUNNING
from nurture.core.agreement import stage_name
from nurture.core.cadence import local
from nurture.core.fields import SCORED_FIELDS
from nurture.gather import lead_fields, read_leads
from nurture.ports import Ports

HEADINGS = ("id", "stage", "who", "grade", "stands at", "next look", "owner")


@dataclass(frozen=True, slots=True)
class Line:
    """One lead. `sequence` and `step` are those that come first; `more` counts its other running enrollments."""

    id: int
    stage: str
    company: str | None
    name: str
    grade: str
    score: int
    sequence: str | None
    step: str | None
    next_at: datetime | None
    next_local: str
    more: int
    owner: str | None
    #: what the company calls the stage
    called: str = ""

    def cells(self) -> tuple[object, ...]:
        more = f" (+{self.more})" if self.more else ""
        at = f"{self.step or 'the end'}{more}" if self.sequence else ""
        warmth = f"{self.grade}/{self.score}"
        return (self.id, self.called or self.stage, self.company or self.name, warmth, at, self.next_local, self.owner)


def overview(ports: Ports, leads: Sequence[Row[Any]]) -> list[Line]:
    """These leads, as models.queries.leads lists them, with their score at this moment and their next step."""
    now = ports.clock.now()
    ids = [lead.id for lead in leads]
    with ports.database.reading() as connection:
        known = read_leads(connection, ids, ports.project, now)
        running: dict[int, list[Row[Any]]] = {lead_id: [] for lead_id in ids}
        for row in connection.execute(RUNNING, {"ids": ids}):
            running[row.lead_id].append(row)
    lines = []
    for lead in leads:
        acts = known.engagements.get(lead.id, [])
        fields = lead_fields(known.leads[lead.id], acts, ports.project, now, SCORED_FIELDS)
        called = stage_name(ports.project.config.agreement, lead.stage)
        lines.append(replace(_line(lead, fields, running[lead.id]), called=called))
    return lines


def _line(lead: Row[Any], fields: dict[str, Any], running: Sequence[Row[Any]]) -> Line:
    first = running[0] if running else None
    return Line(
        id=lead.id,
        stage=lead.stage,
        company=lead.company,
        name=" ".join(filter(None, (lead.first_name, lead.last_name))),
        grade=fields["grade"],
        score=fields["score"],
        sequence=first.sequence if first else None,
        step=first.step if first else None,
        next_at=first.due_at if first else None,
        next_local=_next(first, lead.timezone),
        more=max(len(running) - 1, 0),
        owner=lead.owner,
    )


def _next(first: Row[Any] | None, zone: str | None) -> str:
    if first is None:
        return ""
    return local(first.due_at, zone) if first.due_at else "with the mail provider"
