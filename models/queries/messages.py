"""Every SELECT about mails that wait for a person's word: which they are, and one of them under lock."""

from __future__ import annotations

from models.statement import read

#: mails in doubt (unknown, held), and refused ones whose lead stands still because of it; the oldest first. (What is
#: asked of `a.state` first is the condition of the index on unsettled attempts, word for word.)
WAITING = read(
    """
    SELECT id, lead_id, enrollment_id, sequence, step, state, since, reason, mailer FROM (
        SELECT m.id, m.lead_id, m.enrollment_id, e.sequence, m.step, m.state,
               COALESCE(e.ended_at, a.started_at, m.planned_at) AS since, m.reason, a.mailer
        FROM message m JOIN enrollment e ON e.id = m.enrollment_id
        LEFT JOIN attempt a ON a.message_id = m.id AND a.n = (SELECT MAX(b.n) FROM attempt b WHERE b.message_id = m.id)
        WHERE m.state IN ('held', 'rejected') AND (m.state = 'held' OR e.state = 'dead')
        UNION ALL
        SELECT m.id, m.lead_id, m.enrollment_id, e.sequence, m.step, a.state, a.started_at, a.reason, a.mailer
        FROM attempt a JOIN message m ON m.id = a.message_id JOIN enrollment e ON e.id = m.enrollment_id
        WHERE a.state IN ('posting', 'unknown') AND a.state = 'unknown' AND m.state = 'handed_over'
    ) AS waiting
    WHERE state IN :states* ORDER BY since, id LIMIT :limit
    """
)

#: taken before anything is said about a message, so that what is read next still holds when it is written
LOCK = read(
    """
    SELECT e.id FROM enrollment e JOIN message m ON m.enrollment_id = e.id WHERE m.id = :id
    FOR NO KEY UPDATE OF e
    """
)

#: a message, where its lead stands, and the attempt that nobody knows the end of
IN_DOUBT = read(
    """
    SELECT m.id, m.lead_id, m.step, m.state, m.reason, e.id AS enrollment_id, e.sequence, e.version,
           e.pinned, e.state AS enrollment_state, e.reason AS enrollment_reason, e.entered_at, l.timezone, l.country,
           a.id AS attempt_id
    FROM message m JOIN enrollment e ON e.id = m.enrollment_id JOIN lead l ON l.id = m.lead_id
    LEFT JOIN attempt a ON a.message_id = m.id AND a.state = 'unknown'
    WHERE m.id = :id
    """
)
