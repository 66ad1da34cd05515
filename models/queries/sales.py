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

#: how many leads each of these reps was offered first in this time, and when the last one was
LOAD = read(
    """
    SELECT first_owner, COUNT(*) AS handed, MAX(offered_at) AS last_at FROM handoff
    WHERE first_owner IN :names* AND offered_at > :after_at AND offered_at <= :until GROUP BY first_owner
    """
)

#: what these reps were offered, or have now of what was offered, since `after_at`
OFFERED_SINCE = read(
    """
    SELECT owner, first_owner, offered_at FROM handoff WHERE owner IN :names* AND offered_at > :after_at
    UNION ALL SELECT owner, first_owner, offered_at FROM handoff
    WHERE first_owner IN :names* AND owner <> first_owner AND offered_at > :after_at
    """
)

#: offered to somebody who is none of these (any more)
LEFT_BEHIND = read("SELECT id FROM handoff WHERE state = 'offered' AND owner NOT IN :names* ORDER BY id LIMIT :limit")

#: taken while it is decided whose turn it is
LOCK_REPS = read(
    """
    SELECT owner, since FROM rep ORDER BY owner
    FOR NO KEY UPDATE
    """
)

HANDOFF_COLUMNS = (
    "id, lead_id, cycle, decision_id, state, owner, assigned_because, hand_raise, token, offered_at, due_at, "
    "decided_at, decided_by, reason, note, recycle_at, account, token_until, clock_from, rung, rung_due_at, "
    "snoozed_until, touched_at, first_owner"
)
HANDOFF = read(f"SELECT {HANDOFF_COLUMNS} FROM handoff WHERE id = :id")
HANDOFF_BY_TOKEN = read(f"SELECT {HANDOFF_COLUMNS} FROM handoff WHERE token = :token")
HANDOFF_OF_CYCLE = read(f"SELECT {HANDOFF_COLUMNS} FROM handoff WHERE lead_id = :lead_id AND cycle = :cycle")
#: handoffs in these states: what is still offered first, the most urgent on top
HANDOFFS = read(
    f"""
    SELECT {HANDOFF_COLUMNS} FROM handoff WHERE state IN :states*
    ORDER BY CASE WHEN state = 'offered' THEN 0 ELSE 1 END, due_at, id LIMIT :limit
    """
)

#: sales' verdict on a lead that it was handed
DISPOSITION = read(
    "SELECT handoff_id, lead_id, at, by, project, budget, right_person, ready, helpful, note FROM disposition "
    "WHERE handoff_id = :handoff_id"
)

DECISION = read("SELECT because, evidence AS evidence_json FROM decision WHERE id = :id")

#: the decision by which a lead came to the stage it is at, in this round
PROMOTION = read(
    """
    SELECT t.from_stage, d.id AS decision_id, d.at, d.evidence AS evidence_json, v.source
    FROM transition t JOIN decision d ON d.id = t.decision_id JOIN lead l ON l.id = t.lead_id
    JOIN agreement_version v ON v.version = d.agreement_version
    WHERE t.lead_id = :lead_id AND t.to_stage = :stage AND (l.recycled_at IS NULL OR t.at > l.recycled_at)
    ORDER BY t.id DESC LIMIT 1
    """
)

#: clicks of leads that are not taken for a person's (any more)
FALSE_CLICKS = read(
    "SELECT lead_id, occurred_at FROM event WHERE lead_id IN :ids* AND kind = 'clicked' AND verdict <> 'human' "
    "ORDER BY lead_id"
)

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

#: the next leads after a number, with their stored scores
SCORES_AFTER = read(
    """
    SELECT l.id AS lead_id, s.fit, s.engagement, s.grade, s.intent FROM lead l LEFT JOIN score s ON s.lead_id = l.id
    WHERE l.id > :after ORDER BY l.id LIMIT :limit
    """
)
LEAD_COUNT = read("SELECT COUNT(*) AS number FROM lead")
