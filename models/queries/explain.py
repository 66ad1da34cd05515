"""Every SELECT that shows a lead to a person: where it stands now, and all that happened to it."""

from __future__ import annotations

from models.statement import read

#: the running enrollments of these leads, what comes first on top; in flight (no due time) last
RUNNING = read(
    """
    SELECT id, lead_id, sequence, version, pinned, step, since, until, waiting, entered_at, goal_at, fence, due_at,
           why, lease_until
    FROM enrollment WHERE lead_id IN :ids* AND state = 'active'
    ORDER BY lead_id, CASE WHEN due_at IS NULL THEN 1 ELSE 0 END, due_at, id
    """
)

#: what will happen to a lead by itself and may start a sequence
TO_COME = read("SELECT name, due_at FROM lead_trigger WHERE lead_id = :lead_id AND done_at IS NULL ORDER BY due_at, id")

ENROLLMENTS_OF_LEAD = read(
    """
    SELECT id, sequence, state, step, entered_at, due_at, why, goal_at, ended_at, reason
    FROM enrollment WHERE lead_id = :lead_id ORDER BY entered_at, id
    """
)

#: the mails of a lead, with the last attempt at each
MAILS_OF_LEAD = read(
    """
    SELECT m.id, e.sequence, m.step, m.template, m.state, m.planned_at, m.reason, a.started_at, a.mailer,
           a.state AS attempt_state
    FROM message m JOIN enrollment e ON e.id = m.enrollment_id
    LEFT JOIN attempt a ON a.message_id = m.id AND a.n = (SELECT MAX(b.n) FROM attempt b WHERE b.message_id = m.id)
    WHERE m.lead_id = :lead_id ORDER BY m.planned_at, m.id
    """
)

#: what a lead did and what became of its mails, oldest first
EVENTS_OF_LEAD = read(
    """
    SELECT e.occurred_at, e.kind, m.template, e.name, e.url, e.verdict, e.because, e.counts_at, e.reason
    FROM event e LEFT JOIN message m ON m.id = e.message_id
    WHERE e.lead_id = :lead_id ORDER BY e.occurred_at, e.id
    """
)

HANDOFFS_OF_LEAD = read(
    """
    SELECT id, state, owner, first_owner, offered_at, due_at, decided_at, decided_by, reason, note, recycle_at
    FROM handoff WHERE lead_id = :lead_id ORDER BY offered_at, id
    """
)

#: what the gate was asked about a lead and answered, the newest first
DECISIONS_OF_LEAD = read(
    """
    SELECT id, at, asked_by, outcome, because, agreement_version FROM decision
    WHERE lead_id = :lead_id ORDER BY at DESC, id DESC LIMIT :limit
    """
)
#: one of them with its evidence, and the agreement it was made by
DECISION_OF_LEAD = read(
    """
    SELECT d.id, d.at, d.asked_by, d.outcome, d.because, d.agreement_version, d.evidence AS evidence_json, v.source
    FROM decision d JOIN agreement_version v ON v.version = d.agreement_version
    WHERE d.lead_id = :lead_id AND d.id = :id
    """
)

#: words that sequences put on a lead
TAGS_OF_LEAD = read("SELECT tag, since FROM lead_tag WHERE lead_id = :lead_id ORDER BY tag")

#: topics that a lead does not want mail about
DECLINED_BY_LEAD = read(
    """
    SELECT r.topic, r.since, r.source FROM topic_refusal r JOIN lead l ON l.address_id = r.address_id
    WHERE l.id = :lead_id ORDER BY r.topic
    """
)
