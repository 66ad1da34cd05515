"""A `promote:` step: the agreement's gate is asked in the transaction that moves the lead past the step."""

from __future__ import annotations

from sqlalchemy import Connection

from models.queries import journey
from models.statement import write
from models.words import EnrollmentState
from nurture.advance.claim import Claim
from nurture.advance.report import Report
from nurture.core.decide import Act, arrive
from nurture.handoff import qualify_lead
from nurture.ports import Ports
from nurture.suppress import hold_leads

_PASS = write(
    """
    UPDATE enrollment SET step = :step, since = :since, until = :until, waiting = :waiting, due_at = :due_at,
        why = :why, lease_until = NULL
    WHERE id = :id AND fence = :fence AND state = 'active'
    """
)


def promote(ports: Ports, one: Claim, report: Report) -> None:
    """Ask the gate, record its answer with the checklist, and let the lead go on where it said no."""
    assert isinstance(one.decision, Act)
    step = one.decision.step
    assert step is not None
    now = ports.clock.now()
    with ports.database.transaction("promote") as connection:
        hold_leads(connection, [one.row.lead_id])
        if not _still_ours(connection, one):
            return
        answer = qualify_lead(connection, ports, one.row.lead_id, now, asked_by=f"{one.sequence.name}/{step.id}")
        position = arrive(one.sequence, step.next, one.position.since, one.position.entered_at, one.facts.zone)
        connection.execute(
            _PASS,
            {"id": one.row.id, "fence": one.fence} | position.columns(now),
        )
    report.add(one.outcome("promoted" if answer.to else "refused", answer.because))


def _still_ours(connection: Connection, one: Claim) -> bool:
    row = connection.execute(journey.ENROLLMENT, {"id": one.row.id}).one()
    return bool(row.state == EnrollmentState.ACTIVE and row.fence == one.fence)
