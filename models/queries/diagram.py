"""Every SELECT of the picture of a sequence: how many leads stand where, what was sent, and where they left."""

from __future__ import annotations

from models.statement import read

#: leads that stand at a step now (no step: past the end)
STANDING = read(
    """
    SELECT step, COUNT(*) AS number FROM enrollment
    WHERE sequence = :sequence AND state = 'active' GROUP BY step
    """
)

#: mails of a step that left, and how many of them people clicked in
MAILED = read(
    """
    SELECT m.step, COUNT(*) AS number,
           SUM(CASE WHEN EXISTS (
               SELECT 1 FROM event v WHERE v.message_id = m.id AND v.kind = 'clicked' AND v.verdict = 'human'
           ) THEN 1 ELSE 0 END) AS clicked
    FROM message m JOIN enrollment e ON e.id = m.enrollment_id
    WHERE e.sequence = :sequence AND m.state IN ('handed_over', 'accepted') GROUP BY m.step
    """
)

#: how enrollments ended, by the step they ended at
ENDED = read(
    """
    SELECT step, state, reason, COUNT(*) AS number FROM enrollment
    WHERE sequence = :sequence AND state <> 'active' GROUP BY step, state, reason
    """
)
