"""Every SELECT that fills in an alert."""

from __future__ import annotations

from models.statement import read

#: a lead, as our own people are told of it
LEAD = read(
    """
    SELECT l.id, a.email, a.suppressed, a.suppressed_until, l.first_name, l.last_name, l.company, l.title, l.industry,
           l.employees, l.country, l.language, l.timezone, l.phone, l.legal_ground, l.ground_since, l.ground_source,
           l.ground_until, l.no_sales_contact, l.owner, l.recycled_at, l.stage, l.asset, l.account
    FROM lead l JOIN address a ON a.id = l.address_id WHERE l.id = :id
    """
)

#: what a lead wrote to us until then, in a form or in a reply, the latest first
SAID = read(
    """
    SELECT e.reason AS words, e.occurred_at FROM event e
    WHERE e.lead_id = :lead_id AND e.occurred_at <= :until AND e.kind = 'submitted' AND e.reason IS NOT NULL
    UNION ALL
    SELECT r.text AS words, r.received_at AS occurred_at FROM reply r
    WHERE r.lead_id = :lead_id AND r.received_at <= :until AND r.proved AND r.kind = 'human' AND r.text IS NOT NULL
    ORDER BY occurred_at DESC LIMIT :limit
    """
)

#: who waits for a rep's answer, the most urgent first; not those that were put off
WAIT_FOR = read(
    """
    SELECT h.id, h.lead_id FROM handoff h JOIN lead l ON l.id = h.lead_id JOIN address a ON a.id = l.address_id
    WHERE h.owner = :owner AND h.state = 'offered' AND (h.snoozed_until IS NULL OR h.snoozed_until <= :now)
        AND (a.suppressed IS NULL OR a.suppressed <> 'erased')
    ORDER BY h.due_at, h.id
    """
)

#: an alert about a handoff that has left, or may have: by itself, or since then in its rep's list of the day
HAS_LEFT = read(
    """
    SELECT x.id FROM outbox x
    WHERE (
        x.kind IN ('sales_alert', 'sla_alert', 'channel_alert') AND CAST(x.payload ->> 'handoff_id' AS INTEGER) = :id
        OR x.kind = 'day_alert' AND x.payload ->> 'owner' = :owner AND x.due_at >= :since
    ) AND EXISTS (
        SELECT 1 FROM attempt t WHERE t.outbox_id = x.id AND t.state IN ('posting', 'unknown', 'accepted')
    )
    LIMIT 1
    """
)

#: the page of the last handoff of a lead that was not taken back, while its link is good
LAST_PAGE = read(
    """
    SELECT token FROM handoff
    WHERE lead_id = :lead_id AND state IN ('offered', 'accepted') AND (token_until IS NULL OR token_until > :now)
    ORDER BY id DESC LIMIT 1
    """
)

#: what was written in a form
FORM = read("SELECT reason AS words FROM event WHERE key = :key")
