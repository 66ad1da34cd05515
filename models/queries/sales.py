"""Every SELECT about the meeting point of marketing and sales: handoffs, decisions, stages."""

from __future__ import annotations

from models.statement import read

#: taken before anything about a lead's stage is decided
LOCK_LEAD = read(
    """
    SELECT id, stage FROM lead WHERE id = :id
    FOR NO KEY UPDATE
    """
)

#: how many leads each rep was handed since `after_at`, and when the last one was
LOAD = read(
    """
    SELECT owner, COUNT(*) AS handed, MAX(offered_at) AS last_at FROM handoff
    WHERE offered_at > :after_at GROUP BY owner
    """
)

_HANDOFF_COLUMNS = (
    "id, lead_id, cycle, decision_id, state, owner, assigned_because, hand_raise, token, offered_at, due_at, "
    "decided_at, decided_by, reason, note, recycle_at"
)
HANDOFF = read(f"SELECT {_HANDOFF_COLUMNS} FROM handoff WHERE id = :id")
HANDOFF_BY_TOKEN = read(f"SELECT {_HANDOFF_COLUMNS} FROM handoff WHERE token = :token")
HANDOFF_OF_CYCLE = read(f"SELECT {_HANDOFF_COLUMNS} FROM handoff WHERE lead_id = :lead_id AND cycle = :cycle")
#: handoffs in these states: what is still offered first, the most urgent on top
HANDOFFS = read(
    f"""
    SELECT {_HANDOFF_COLUMNS} FROM handoff WHERE state IN :states*
    ORDER BY CASE WHEN state = 'offered' THEN 0 ELSE 1 END, due_at, id LIMIT :limit
    """
)

DECISION = read("SELECT because, evidence AS evidence_json FROM decision WHERE id = :id")

TRANSITIONS_OF_LEAD = read(
    """
    SELECT from_stage, to_stage, at, actor, because, decision_id FROM transition
    WHERE lead_id = :lead_id ORDER BY at, id
    """
)

#: leads whose readiness should be asked again
SCORES_DUE = read(
    "SELECT lead_id FROM score WHERE due_at IS NOT NULL AND due_at <= :now ORDER BY due_at, lead_id LIMIT :limit"
)
