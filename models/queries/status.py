"""Every SELECT that counts: where leads stand, what is due, what waits for a person."""

from __future__ import annotations

from models.statement import read

STAGES = read("SELECT stage, COUNT(*) AS number FROM lead GROUP BY stage")

#: running enrollments by the step they stand at: waiting, due by now, claimed or in flight; when the next is due, and
#: since when the first has been
STEPS = read(
    """
    SELECT sequence, step,
           SUM(CASE WHEN due_at > :now AND lease_until IS NULL THEN 1 ELSE 0 END) AS waiting,
           SUM(CASE WHEN due_at <= :now THEN 1 ELSE 0 END) AS due,
           SUM(CASE WHEN due_at IS NULL OR (due_at > :now AND lease_until IS NOT NULL) THEN 1 ELSE 0 END) AS in_flight,
           MIN(CASE WHEN lease_until IS NULL THEN due_at END) AS next_at,
           MIN(CASE WHEN due_at <= :now THEN due_at END) AS due_since
    FROM enrollment WHERE state = 'active' GROUP BY sequence, step ORDER BY sequence, step
    """
)

#: what is stopped now
CLOSED = read(
    "SELECT name, reason, closed_at, until, closed_by FROM gate WHERE until IS NULL OR until > :now ORDER BY name"
)

#: alerts on their way, and those given up; what is to leave at a later hour is on no way yet
OUTBOX = read(
    """
    SELECT state, COUNT(*) AS number, MIN(created_at) AS since
    FROM outbox WHERE state IN ('pending', 'dead') AND kind NOT IN ('webhook', 'prefect_event') AND created_at <= :now
    GROUP BY state
    """
)

#: requests not worked yet, and those of late that could not be read
INBOX = read(
    """
    SELECT state, COUNT(*) AS number, MIN(received_at) AS since
    FROM inbox WHERE state = 'new' OR (state = 'quarantined' AND received_at > :after_at) GROUP BY state
    """
)
#: requests of late in which something could not be used
FAULTS = read("SELECT COUNT(*) AS number FROM inbox WHERE received_at > :after_at AND CAST(faults AS TEXT) <> '[]'")

#: handoffs that sales has not answered in time
OVERDUE = read(
    """
    SELECT id, lead_id, owner, due_at FROM handoff
    WHERE state = 'offered' AND due_at < :now ORDER BY due_at, id LIMIT :limit
    """
)
