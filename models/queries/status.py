"""Every SELECT that counts: where leads stand, what is due, what waits for a person."""

from __future__ import annotations

from models.statement import read

STAGES = read("SELECT stage, COUNT(*) FROM lead GROUP BY stage", "stage, number")

#: running enrollments by the step they stand at: waiting, due by now, claimed or in flight; and when the next is due
STEPS = read(
    """
    SELECT sequence, step,
           SUM(CASE WHEN due_at > :now AND lease_until IS NULL THEN 1 ELSE 0 END),
           SUM(CASE WHEN due_at <= :now THEN 1 ELSE 0 END),
           SUM(CASE WHEN due_at IS NULL OR (due_at > :now AND lease_until IS NOT NULL) THEN 1 ELSE 0 END),
           MIN(CASE WHEN lease_until IS NULL THEN due_at END)
    FROM enrollment WHERE state = 'active' GROUP BY sequence, step ORDER BY sequence, step
    """,
    "sequence, step, waiting, due, in_flight, next_at",
)

#: what is stopped now
CLOSED = read(
    "SELECT name, reason, closed_at, until, closed_by FROM gate WHERE until IS NULL OR until > :now ORDER BY name",
    "name, reason, closed_at, until, closed_by",
)

#: alerts on their way, and those given up
OUTBOX = read(
    "SELECT state, COUNT(*), MIN(created_at) FROM outbox WHERE state IN ('pending', 'dead') GROUP BY state",
    "state, number, since",
)

#: requests not worked yet, or not readable; and those of the last days in which something was wrong
INBOX = read(
    "SELECT state, COUNT(*), MIN(received_at) FROM inbox WHERE state IN ('new', 'quarantined') GROUP BY state",
    "state, number, since",
)
FAULTS = read(
    "SELECT COUNT(*) FROM inbox WHERE received_at > :after_at AND CAST(faults AS TEXT) <> '[]'",
    "count",
)

OVERDUE = read(
    """
    SELECT id, lead_id, owner, due_at FROM handoff
    WHERE state = 'offered' AND due_at < :now ORDER BY due_at, id LIMIT :limit
    """,
    "id, lead_id, owner, due_at",
)
