"""What only the brief of a handed lead asks for."""

from __future__ import annotations

from models.statement import read

#: earlier rounds of a lead with sales, the latest first: who had it, what it answered, and what it wrote of it
EARLIER = read(
    """
    SELECT h.id AS id, h.cycle AS cycle, h.owner AS owner, h.state AS state, h.reason AS reason, h.note AS note,
        h.decided_by AS decided_by, h.decided_at AS decided_at, h.offered_at AS offered_at, d.note AS verdict_note
    FROM handoff h LEFT JOIN disposition d ON d.handoff_id = h.id
    WHERE h.lead_id = :lead_id AND h.cycle < :cycle AND h.state <> 'withdrawn'
    ORDER BY h.cycle DESC
    """
)

#: what reps wrote down when they reached out in those rounds, the latest first
NOTES = read(
    """
    SELECT handoff_id, at, by, kind, note FROM touch
    WHERE handoff_id IN :ids* AND note IS NOT NULL AND kind IN ('call', 'mail', 'meeting')
    ORDER BY at DESC, id DESC
    """
)
