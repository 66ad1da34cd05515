"""Every SELECT about alerts on their way to sales."""

from __future__ import annotations

from models.statement import read

#: alerts whose time has come
DUE = read(
    """
    SELECT id FROM outbox WHERE state = 'pending' AND kind = :kind AND due_at <= :now ORDER BY due_at, id LIMIT :limit
    """
)

#: the same rows, for this worker alone
CLAIM = read(
    """
    SELECT id, dedupe_key, payload AS payload_json, tries, created_at FROM outbox
    WHERE id IN :ids* AND state = 'pending' AND due_at <= :now ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
    """
)

#: the lead of a handoff, as sales is told of it
LEAD = read(
    """
    SELECT l.id, a.email, a.suppressed, l.first_name, l.last_name, l.company, l.title, l.industry, l.employees,
           l.country, l.language, l.timezone, l.phone, l.legal_ground, l.ground_since, l.ground_source,
           l.no_sales_contact, l.recycled_at
    FROM lead l JOIN address a ON a.id = l.address_id WHERE l.id = :id
    """
)

#: what a lead last wrote to us in a form
LAST_SAID = read(
    """
    SELECT reason, occurred_at FROM event
    WHERE lead_id = :lead_id AND kind = 'submitted' AND reason IS NOT NULL ORDER BY occurred_at DESC LIMIT 1
    """
)
