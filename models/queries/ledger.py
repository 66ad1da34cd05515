"""Every SELECT about mails handed over: what is in flight, what is not settled, what is stopped."""

from __future__ import annotations

from models.statement import read

#: the enrollments of attempts, locked before anything about the attempts is read: what was read while waiting is old
LOCK_ENROLLMENTS = read(
    """
    SELECT e.id FROM attempt a JOIN message m ON m.id = a.message_id JOIN enrollment e ON e.id = m.enrollment_id
    WHERE a.id IN :attempts* ORDER BY e.id
    FOR NO KEY UPDATE OF e
    """
)

#: attempts with the enrollment they belong to
SETTLE = read(
    """
    SELECT a.id, a.state, a.n, a.started_at, m.id AS message_id, m.state AS message_state, m.step,
           e.id AS enrollment_id, e.state AS enrollment_state, e.version, e.pinned, e.sequence, e.entered_at,
           e.lead_id, m.template, l.timezone, l.country
    FROM attempt a JOIN message m ON m.id = a.message_id JOIN enrollment e ON e.id = m.enrollment_id
    JOIN lead l ON l.id = e.lead_id
    WHERE a.id IN :attempts* ORDER BY e.id
    """
)

#: how often each message has been tried
TRIES = read("SELECT message_id, MAX(n) AS n FROM attempt WHERE message_id IN :ids* GROUP BY message_id")

#: which of these attempts were written
WRITTEN = read("SELECT id FROM attempt WHERE id IN :attempts*")

#: attempts that never came back, past their deadline (the first condition is the index's, in its own words)
LOST_SIGHT = read(
    """
    SELECT id, mailer FROM attempt
    WHERE state IN ('posting', 'unknown') AND state = 'posting' AND deadline < :now AND message_id IS NOT NULL
    ORDER BY deadline LIMIT :limit
    """
)

#: attempts nobody knows the end of, started before `before_at`, whose message still waits for an answer
UNKNOWN = read(
    """
    SELECT a.id, a.message_id, a.started_at FROM attempt a JOIN message m ON m.id = a.message_id
    WHERE a.state IN ('posting', 'unknown') AND a.state = 'unknown' AND a.started_at < :before_at
      AND m.state = 'handed_over'
    ORDER BY a.started_at LIMIT :limit
    """
)

#: when verified event batches arrived in a span
HEARD = read(
    """
    SELECT received_at FROM inbox
    WHERE source = 'sendgrid' AND received_at BETWEEN :from_at AND :to_at ORDER BY received_at
    """
)

#: requests of a span that nobody has read to the end: what they say is not known yet
UNREAD = read(
    """
    SELECT COUNT(*) AS count FROM inbox
    WHERE source = 'sendgrid' AND state <> 'done' AND received_at BETWEEN :from_at AND :to_at
    """
)

#: accepted mails around a moment of which no event was ever heard
SILENT_NEIGHBORS = read(
    """
    SELECT COUNT(*) AS count FROM attempt a
    WHERE a.state = 'accepted' AND a.mailer = 'sendgrid' AND a.message_id IS NOT NULL
      AND a.started_at BETWEEN :from_at AND :to_at
      AND NOT EXISTS (SELECT 1 FROM event e WHERE e.message_id = a.message_id)
    """
)

#: every gate there is or was; one whose `until` has passed is open
GATES = read("SELECT name, until, reason FROM gate")
#: taken before the gates are read: whoever closes one waits for it, and one that was closed while we waited is seen
HOLD_GATES = read("SELECT name FROM gate WHERE name = 'everything' FOR SHARE")
LOCK_GATES = read(
    """
    SELECT name FROM gate WHERE name = 'everything'
    FOR NO KEY UPDATE
    """
)

#: gates that keep all mail in until a person opens them
STOPS_MAIL = read("SELECT name FROM gate WHERE name IN ('everything', :mailer) AND until IS NULL")

QUOTA_USED = read("SELECT used FROM quota WHERE sender = :sender AND day = :day")

RESERVED = read("SELECT attempts_reserved FROM installation WHERE id = 1")
INSTALLATION = read("SELECT environment, demo FROM installation WHERE id = 1")
