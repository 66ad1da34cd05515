"""Is this lead ready? The gate's answer from what is known of it, now or at an earlier moment."""

from __future__ import annotations

from datetime import datetime

from nurture.content import Project
from nurture.core.agreement import Agreement
from nurture.core.lifecycle import Stage, since_recycled
from nurture.core.qualify import Qualification
from nurture.core.whatif import Case
from nurture.gather import Known, lead_fields


def readiness(
    known: Known,
    lead_id: int,
    project: Project,
    now: datetime,
    *,
    agreement: Agreement | None = None,
    stage: Stage | None = None,
) -> tuple[dict[str, object], Qualification]:
    """What is known of a lead, and the gate's answer to it. Writes nothing; explanations ask it too.

    `agreement` and `stage` are those of now, unless an earlier decision is asked again.
    """
    case = case_of(known, lead_id, project, now, agreement=agreement, stage=stage)
    return dict(case.lead), case.answer()


def case_of(
    known: Known,
    lead_id: int,
    project: Project,
    now: datetime,
    *,
    agreement: Agreement | None = None,
    stage: Stage | None = None,
) -> Case:
    """All that the gate is asked about a lead. Its days are those of its own zone, where that is known."""
    row = known.leads[lead_id]
    acts = since_recycled(known.engagements.get(lead_id, []), row.recycled_at)
    more = {"no_sales_contact": row.no_sales_contact, "answered_at": row.answered_at}
    return Case(
        engagements=acts,
        lead=lead_fields(row, acts, project, now, frozenset()) | more,
        agreement=agreement or project.config.agreement,
        now=now,
        stage=stage or row.stage,
        rejected_times=row.rejected_times,
        zone=row.timezone or project.config.window.zone,
    )
