"""What stands on sales' lists: every SELECT of the worklist."""

from __future__ import annotations

from models.statement import read

#: what accounts.OPEN says, as a database finds it quickest among very many
_IN_HAND = """
    SELECT id FROM handoff WHERE state = 'offered'
    UNION ALL
    SELECT t.id FROM handoff t WHERE t.state = 'accepted'
        AND NOT EXISTS (SELECT 1 FROM disposition d WHERE d.handoff_id = t.id AND d.right_person IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM opportunity o WHERE o.handoff_id = t.id AND o.state <> 'open')
"""

#: nobody has reached out to the lead since it asked for a person
_ASKS = """
    h.state = 'offered' AND EXISTS (
        SELECT 1 FROM touch q WHERE q.handoff_id = h.id AND q.kind = 'asked' AND NOT EXISTS (
            SELECT 1 FROM touch x WHERE x.handoff_id = h.id AND x.id > q.id AND x.kind IN ('call', 'mail', 'meeting')
        )
    )
"""

#: every handoff that sales has in hand: of this rep; or of the pool and of those who have left the agreement
OPEN_HANDOFFS = read(
    f"""
    SELECT h.id AS id, h.lead_id AS lead_id, h.state AS state, h.owner AS owner, h.hand_raise AS hand_raise,
        h.token AS token, h.token_until AS token_until, h.offered_at AS offered_at,
        h.clock_from AS clock_from, h.due_at AS due_at, h.decided_at AS decided_at,
        h.snoozed_until AS snoozed_until, h.touched_at AS touched_at, l.stage AS stage,
        l.first_name AS first_name, l.last_name AS last_name, l.title AS title, l.company AS company,
        a.email AS email, l.phone AS phone, l.kept_warm AS kept_warm,
        l.no_sales_contact AS no_sales_contact, s.grade AS grade,
        coalesce(s.engagement, 0) AS engagement, {_ASKS} AS asks
    FROM handoff h JOIN lead l ON l.id = h.lead_id JOIN address a ON a.id = l.address_id
    LEFT JOIN score s ON s.lead_id = h.lead_id
    WHERE h.id IN ({_IN_HAND}) AND (a.suppressed IS NULL OR a.suppressed <> 'erased')
      AND (h.owner = :owner OR (:owner = 'pool' AND h.owner NOT IN :names*))
    ORDER BY h.id
    """
)

#: how often reps have tried to reach out about these handoffs, and whether they reached anybody
ATTEMPTS = read(
    """
    SELECT handoff_id, COUNT(*) AS made, MAX(CASE WHEN outcome = 'reached' THEN 1 ELSE 0 END) AS reached,
        MAX(at) AS last_at
    FROM touch WHERE handoff_id IN :ids* AND kind IN ('call', 'mail', 'meeting') GROUP BY handoff_id
    """
)

#: which of these handoffs, whose leads may be called, were given on after a rep had begun with them, to one who did not
#: take it itself and has done nothing since, and when; and whether the lead asks for a person meanwhile
GIVEN_ON = read(
    f"""
    SELECT h.id AS handoff_id, t.at AS given_at, {_ASKS} AS asks
    FROM handoff h JOIN touch t ON t.handoff_id = h.id JOIN lead l ON l.id = h.lead_id
    WHERE h.id IN :ids* AND NOT l.no_sales_contact AND t.kind = 'given' AND t.by <> h.owner AND h.owner <> 'pool'
        AND h.state IN ('offered', 'accepted') AND h.touched_at <= t.at
        AND (h.decided_at IS NULL OR h.decided_at <= t.at)
        AND NOT EXISTS (
            SELECT 1 FROM touch x WHERE x.handoff_id = h.id AND x.id > t.id
                AND x.kind IN ('call', 'mail', 'meeting', 'given', 'snoozed')
        )
        AND NOT EXISTS (
            SELECT 1 FROM disposition d WHERE d.handoff_id = h.id AND d.right_person IS NOT NULL AND d.at > t.at
        )
        AND NOT EXISTS (SELECT 1 FROM opportunity o WHERE o.handoff_id = h.id AND o.state <> 'open')
    """
)
