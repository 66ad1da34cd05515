"""Every SELECT of simulations: when something happens next, what was sent, and what it all came to."""

from __future__ import annotations

from models.statement import read

#: the first moment after `after_at` at which the engine has something to do, and the newest handoff
NEXT = read(
    """
    SELECT MIN(due_at) AS next_at, (SELECT MAX(id) FROM handoff) AS newest FROM (
        SELECT MIN(due_at) AS due_at FROM enrollment
        WHERE state = 'active' AND due_at IS NOT NULL AND due_at > :after_at
        UNION ALL SELECT MIN(due_at) FROM lead_trigger WHERE done_at IS NULL AND due_at > :after_at
        UNION ALL SELECT MIN(due_at) FROM score WHERE due_at IS NOT NULL AND due_at > :after_at
        UNION ALL SELECT MIN(rung_due_at) FROM handoff WHERE rung_due_at IS NOT NULL AND rung_due_at > :after_at
        UNION ALL SELECT MIN(due_at) FROM outbox
        WHERE state = 'pending' AND kind NOT IN ('webhook', 'channel_alert') AND due_at > :after_at
        UNION ALL SELECT MIN(until) FROM gate WHERE until > :after_at
    ) AS moments
    """
)

#: for which parts of a round something waits
WAITING = read(
    """
    SELECT
        EXISTS (SELECT 1 FROM attempt WHERE state IN ('posting', 'unknown')) AS recover,
        EXISTS (SELECT 1 FROM inbox WHERE state = 'new') AS fold,
        EXISTS (SELECT 1 FROM score WHERE due_at IS NOT NULL AND due_at <= :now) AS qualify,
        EXISTS (SELECT 1 FROM handoff WHERE rung_due_at IS NOT NULL AND rung_due_at <= :now) AS climb,
        EXISTS (SELECT 1 FROM lead_trigger WHERE done_at IS NULL AND due_at <= :now) AS enroll,
        EXISTS (
            SELECT 1 FROM enrollment WHERE state = 'active' AND due_at IS NOT NULL AND due_at <= :now
        ) AS mail,
        EXISTS (
            SELECT 1 FROM outbox
            WHERE state = 'pending' AND kind NOT IN ('webhook', 'channel_alert') AND due_at <= :now
        ) AS alert
    """
)

#: why enrollments are looked at now: they are due, or they wait for the lead to do something, and it has. CROSS JOIN,
#: so that SQLite begins with the few scores
REASONS = read(
    """
    SELECT id, why FROM enrollment
    WHERE state = 'active' AND due_at IS NOT NULL AND due_at <= :now AND why <> '' AND lease_until IS NULL
    UNION SELECT e.id, e.why FROM score s CROSS JOIN enrollment e
    WHERE s.due_at IS NOT NULL AND s.due_at <= :now AND e.lead_id = s.lead_id
      AND e.state = 'active' AND e.lease_until IS NULL AND e.why LIKE 'waits for %'
    ORDER BY id
    """
)

#: addresses that belong to a lead
PEOPLE = read("SELECT a.email FROM lead l JOIN address a ON a.id = l.address_id ORDER BY l.id")

MAILS = read(
    """
    SELECT m.id, m.lead_id, e.sequence, m.step, m.template, s.fit
    FROM message m JOIN enrollment e ON e.id = m.enrollment_id LEFT JOIN score s ON s.lead_id = m.lead_id
    WHERE m.id IN :ids* ORDER BY m.id
    """
)

#: handoffs after a number that wait for an answer
OFFERS = read(
    """
    SELECT h.id, a.email, s.fit, h.offered_at, h.due_at
    FROM handoff h JOIN lead l ON l.id = h.lead_id JOIN address a ON a.id = l.address_id
    LEFT JOIN score s ON s.lead_id = l.id
    WHERE h.state = 'offered' AND h.id > :after ORDER BY h.id
    """
)

#: hand-overs whose end is not known
UNSETTLED = read("SELECT id FROM attempt WHERE state IN ('posting', 'unknown') AND message_id IS NOT NULL ORDER BY id")

#: mails that left since a moment
SENT = read(
    """
    SELECT m.id, m.lead_id, m.enrollment_id, e.sequence, m.step, m.template, a.started_at
    FROM attempt a JOIN message m ON m.id = a.message_id JOIN enrollment e ON e.id = m.enrollment_id
    WHERE a.state = 'accepted' AND a.started_at >= :from_at ORDER BY a.started_at, m.id
    """
)

#: moves from stage to stage since a moment
MOVES = read("SELECT lead_id, from_stage, to_stage, at, because FROM transition WHERE at >= :from_at ORDER BY at, id")

#: enrollments that ended since a moment
ENDED = read(
    """
    SELECT id, lead_id, sequence, step, state, reason, ended_at FROM enrollment
    WHERE ended_at >= :from_at ORDER BY ended_at, id
    """
)

#: what leads and mail systems did since a moment, by who did it
ACTS = read(
    """
    SELECT kind, verdict, COUNT(*) AS number FROM event WHERE occurred_at >= :from_at
    GROUP BY kind, verdict ORDER BY kind, verdict
    """
)

#: leads that did something only a person does
ENGAGED = read(
    """
    SELECT COUNT(DISTINCT lead_id) AS number FROM event WHERE occurred_at >= :from_at AND verdict = 'human'
    """
)

#: the enrollments of a lead, with what happened to it at the moment they began
BEGUN = read(
    """
    SELECT e.id, e.sequence, e.entered_at, t.name AS cause FROM enrollment e
    LEFT JOIN lead_trigger t ON t.lead_id = e.lead_id AND t.done_at = e.entered_at
    WHERE e.lead_id = :lead_id ORDER BY e.entered_at, e.id, t.id
    """
)
