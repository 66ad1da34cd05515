"""Every SELECT of plans and of applying them: who waits by which text, and what those leads have had."""

from __future__ import annotations

from models.queries.journey import POSITION
from models.statement import read

#: running enrollments of these sequences that go by another text than the live one: what is left to do of an `apply`.
#: Those in flight follow by themselves, and those that are pinned never do.
LEFT = read(
    f"""
    SELECT {POSITION}, due_at, why, lease_until FROM enrollment e
    WHERE state = 'active' AND due_at IS NOT NULL AND NOT pinned AND sequence IN :names* AND id > :after
      AND NOT EXISTS (SELECT 1 FROM live_sequence l WHERE l.sequence = e.sequence AND l.version = e.version)
    ORDER BY id LIMIT :limit
    FOR NO KEY UPDATE OF e
    """
)

#: the same, counted
BEHIND = read(
    """
    SELECT sequence, COUNT(*) AS number FROM enrollment e
    WHERE state = 'active' AND due_at IS NOT NULL AND NOT pinned
      AND NOT EXISTS (SELECT 1 FROM live_sequence l WHERE l.sequence = e.sequence AND l.version = e.version)
    GROUP BY sequence ORDER BY sequence
    """
)

#: running enrollments of these sequences that finish the text they have
TO_PIN = read(
    """
    SELECT id FROM enrollment
    WHERE state = 'active' AND NOT pinned AND sequence IN :names* ORDER BY id LIMIT :limit
    FOR NO KEY UPDATE
    """
)

#: leads that are under way in these sequences
LEADS = read("SELECT DISTINCT lead_id FROM enrollment WHERE state = 'active' AND sequence IN :names* ORDER BY lead_id")

#: the mails of these enrollments, with how often each was tried
MAILS = read(
    """
    SELECT m.enrollment_id, m.step, m.template, m.state, COALESCE(MAX(a.n), 0) AS tries
    FROM message m LEFT JOIN attempt a ON a.message_id = m.id
    WHERE m.enrollment_id IN :ids* GROUP BY m.enrollment_id, m.step, m.template, m.state
    ORDER BY m.enrollment_id, m.step
    """
)
