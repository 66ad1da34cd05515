"""Every SELECT about promises between the departments: whose rung is due, what is overdue, how they were kept."""

from __future__ import annotations

from models.statement import read

#: handoffs whose next rung has come
RUNGS_DUE = read(
    """
    SELECT id, lead_id FROM handoff WHERE rung_due_at IS NOT NULL AND rung_due_at <= :now
    ORDER BY rung_due_at, id LIMIT :limit
    """
)

#: offered and not answered, though it was promised by now; the longest overdue first
OVERDUE = read(
    """
    SELECT id, lead_id, owner, hand_raise, offered_at, due_at, clock_from, rung, rung_due_at, snoozed_until, touched_at
    FROM handoff WHERE state = 'offered' AND due_at <= :now ORDER BY due_at, id LIMIT :limit
    """
)

#: what sales has of a lead that came by its points, and has not answered yet
OFFERED_BY_POINTS = read(
    """
    SELECT id, lead_id, owner, due_at, rung_due_at, touched_at FROM handoff
    WHERE lead_id = :lead_id AND state = 'offered' AND NOT hand_raise ORDER BY id DESC LIMIT 1
    """
)

#: accepted before a moment, and sales has not said yet what became of it
NO_VERDICT = read(
    """
    SELECT h.id, h.lead_id, h.owner, h.decided_at FROM handoff h
    JOIN lead l ON l.id = h.lead_id
    JOIN address a ON a.id = l.address_id
    WHERE h.state = 'accepted' AND h.decided_at <= :before_at AND (a.suppressed IS NULL OR a.suppressed <> 'erased')
        AND NOT EXISTS (
            SELECT 1 AS one FROM disposition d WHERE d.handoff_id = h.id AND d.right_person IS NOT NULL
        )
    ORDER BY h.owner, h.decided_at, h.id
    """
)

#: handoffs that were offered in a span of time, with all that says how the promises about them were kept; those that
#: an erasure has answered were answered by nobody. `tried_at`: when the lead was reached, or tried as often as promised
PROMISED = read(
    """
    SELECT h.id, h.lead_id, h.state, h.owner, h.hand_raise, h.offered_at, h.due_at, h.clock_from, h.decided_at,
           h.reason, h.touched_at, l.first_name, l.last_name, l.company, l.phone, a.suppressed, dc.because,
           (
               SELECT MIN(t.at) FROM touch t WHERE t.handoff_id = h.id AND t.kind IN ('call', 'mail', 'meeting')
           ) AS reached_at,
           (
               SELECT MIN(t.at) FROM touch t
               WHERE t.handoff_id = h.id AND t.kind IN ('call', 'mail', 'meeting') AND (
                   t.outcome = 'reached' OR :promised <= (
                       SELECT COUNT(*) FROM touch b
                       WHERE b.handoff_id = h.id AND b.id <= t.id AND b.kind IN ('call', 'mail', 'meeting')
                   )
               )
           ) AS tried_at,
           (
               SELECT d.at FROM disposition d WHERE d.handoff_id = h.id AND d.right_person IS NOT NULL
           ) AS verdict_at
    FROM handoff h
    JOIN lead l ON l.id = h.lead_id
    JOIN address a ON a.id = l.address_id
    JOIN decision dc ON dc.id = h.decision_id
    WHERE h.offered_at >= :since AND h.offered_at < :until AND (h.reason IS NULL OR h.reason <> 'erased')
    ORDER BY h.offered_at, h.id
    """
)

#: what was done about a handoff so far, the latest first
TOUCHES = read("SELECT at, by, kind, outcome, note FROM touch WHERE handoff_id = :handoff_id ORDER BY at DESC, id DESC")
