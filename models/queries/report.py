"""Every SELECT of the report. What is counted by people counts each once; moments from `from_at` to `now`, both in."""

from __future__ import annotations

from models.statement import read

#: how every lead went through the stages, oldest move first; a lead without a move is where it began
WAYS = read(
    """
    SELECT l.id AS lead_id, l.stage, l.created_at, t.from_stage, t.to_stage, t.at, t.actor
    FROM lead l LEFT JOIN transition t ON t.lead_id = l.id AND t.at <= :now
    WHERE l.created_at <= :now ORDER BY l.id, t.at, t.id
    """
)

#: mails that the provider took in this time, each with all that came back of it
_MAILS = """
    attempt a JOIN message m ON m.id = a.message_id JOIN enrollment n ON n.id = m.enrollment_id
    LEFT JOIN event v ON v.message_id = m.id AND v.occurred_at <= :now
    WHERE a.state = 'accepted' AND a.started_at >= :from_at AND a.started_at <= :now
    """
#: it was delivered, or what came back proves it
_ARRIVED = "v.kind IN ('delivered', 'opened', 'clicked', 'complained', 'opted_out', 'replied')"
_BY_A_HUMAN = "v.kind = 'clicked' AND v.verdict = 'human' AND v.counts_at <= :now"


def _people(what: str) -> str:
    return f"COUNT(DISTINCT CASE WHEN {what} THEN m.lead_id END)"


#: what came of each step's mails, in people
STEPS = read(
    f"""
    SELECT n.sequence, m.step, COUNT(DISTINCT m.id) AS mails, COUNT(DISTINCT m.lead_id) AS people,
           {_people(_ARRIVED)} AS arrived, {_people(_BY_A_HUMAN)} AS clicked,
           {_people("v.kind = 'clicked' AND v.verdict = 'machine'")} AS machine,
           {_people("v.kind = 'clicked' AND v.verdict = 'suspect'")} AS suspect,
           {_people("v.kind = 'replied' AND v.verdict = 'human'")} AS replied,
           {_people("v.kind = 'complained'")} AS complained, {_people("v.kind = 'bounced'")} AS bounced
    FROM {_MAILS} GROUP BY n.sequence, m.step ORDER BY n.sequence, m.step
    """
)
#: the same by subject, where there is a test of subjects
SUBJECTS = read(
    f"""
    SELECT n.sequence, m.step, m.variant, {_people(_ARRIVED)} AS arrived, {_people(_BY_A_HUMAN)} AS clicked
    FROM {_MAILS} AND m.variant IS NOT NULL
    GROUP BY n.sequence, m.step, m.variant ORDER BY n.sequence, m.step, m.variant
    """
)
#: whoever took back consent after a mail of this time, which was the last one before that. Who called it spam is
#: counted there; what a list told us is nobody's answer to a mail
OPTED_OUT = read(
    """
    SELECT n.sequence, m.step, COUNT(DISTINCT m.lead_id) AS opted_out
    FROM consent c JOIN lead l ON l.address_id = c.address_id
    JOIN message m ON m.id = (
        SELECT p.id FROM message p JOIN attempt q ON q.message_id = p.id
        WHERE p.lead_id = l.id AND q.state = 'accepted' AND q.started_at <= c.at
        ORDER BY q.started_at DESC, p.id DESC LIMIT 1)
    JOIN attempt a ON a.message_id = m.id AND a.state = 'accepted' AND a.started_at >= :from_at
    JOIN enrollment n ON n.id = m.enrollment_id
    WHERE c.act = 'withdrawn' AND c.at >= :from_at AND c.at <= :now AND c.source NOT LIKE 'import%'
      AND NOT EXISTS (SELECT 1 FROM event v WHERE v.message_id = m.id AND v.kind = 'complained')
    GROUP BY n.sequence, m.step
    """
)

#: what became of those who came into each sequence in this time
ENTERED = read(
    """
    SELECT sequence, state, reason, COUNT(*) AS number, COUNT(goal_at) AS goal FROM enrollment
    WHERE entered_at >= :from_at AND entered_at <= :now
    GROUP BY sequence, state, reason ORDER BY sequence, state, reason
    """
)

#: leads offered to sales in this time, the grade marketing gave, and what sales said
HANDED = read(
    """
    SELECT h.id, h.lead_id, h.state, h.first_owner, h.hand_raise, h.offered_at, h.due_at, h.reason,
           d.evidence ->> 'grade' AS grade, l.source, v.handoff_id AS verdict,
           v.project, v.budget, v.right_person, v.ready, v.helpful
    FROM handoff h JOIN decision d ON d.id = h.decision_id JOIN lead l ON l.id = h.lead_id
    LEFT JOIN disposition v ON v.handoff_id = h.id
    WHERE h.offered_at >= :from_at AND h.offered_at <= :now ORDER BY h.offered_at, h.id
    """
)

#: deals that were opened or closed in this time
DEALS = read(
    """
    SELECT o.id, o.state, o.amount, o.currency, o.opened_at, o.closed_at, o.reason, l.source
    FROM opportunity o JOIN lead l ON l.id = o.lead_id
    WHERE o.opened_at <= :now AND (o.opened_at >= :from_at OR o.closed_at >= :from_at) ORDER BY o.id
    """
)

#: whose mails of this time were clicked in, and by whom; a lead's rows come together
CLICKED = read(
    f"""
    SELECT DISTINCT m.lead_id, n.sequence, m.step, v.verdict FROM {_MAILS}
      AND v.kind = 'clicked' AND (v.verdict = 'machine' OR (v.verdict = 'human' AND v.counts_at <= :now))
    ORDER BY m.lead_id
    """
)
#: forms that people sent
FORMS = read(
    """
    SELECT name, COUNT(DISTINCT lead_id) AS people, COUNT(*) AS sent FROM event
    WHERE kind = 'submitted' AND verdict = 'human' AND lead_id IS NOT NULL
      AND occurred_at >= :from_at AND occurred_at <= :now
    GROUP BY name ORDER BY people DESC, name
    """
)
#: what was answered; needs are told in people's own words, which are theirs
ANSWERS = read(
    """
    SELECT question, CASE WHEN question = 'need' THEN '' ELSE value END AS said, COUNT(*) AS people FROM answer
    WHERE answered_at >= :from_at AND answered_at <= :now GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2
    """
)
#: mails by address, and in how many of them machines followed links
SCANNED = read(
    """
    SELECT w.email, COUNT(DISTINCT m.id) AS mails,
           COUNT(DISTINCT CASE WHEN v.kind = 'clicked' AND v.verdict = 'machine' THEN m.id END) AS machine
    FROM address w JOIN lead l ON l.address_id = w.id JOIN message m ON m.lead_id = l.id
    JOIN attempt a ON a.message_id = m.id LEFT JOIN event v ON v.message_id = m.id AND v.occurred_at <= :now
    WHERE a.state = 'accepted' AND a.started_at >= :from_at AND a.started_at <= :now
    GROUP BY w.id, w.email ORDER BY w.id
    """
)

#: what is told of one lead beside its history
LEAD = read("SELECT id, stage, stage_since, created_at, source, asset, owner FROM lead WHERE id = :lead_id")
DECISIONS_OF_LEAD = read(
    """
    SELECT id, at, asked_by, outcome, because, agreement_version, evidence AS evidence_json FROM decision
    WHERE lead_id = :lead_id ORDER BY at, id
    """
)
TOUCHES_OF_LEAD = read("SELECT at, by, kind, outcome FROM touch WHERE lead_id = :lead_id ORDER BY at, id")
VERDICTS_OF_LEAD = read(
    """
    SELECT handoff_id, at, by, project, budget, right_person, ready, helpful FROM disposition
    WHERE lead_id = :lead_id ORDER BY at, handoff_id
    """
)
DEALS_OF_LEAD = read(
    """
    SELECT id, state, amount, currency, opened_at, closed_at, reason FROM opportunity
    WHERE lead_id = :lead_id ORDER BY opened_at, id
    """
)
