"""Every SELECT that fills in an alert."""

from __future__ import annotations

from models.statement import read

#: a lead, as our own people are told of it
LEAD = read(
    """
    SELECT l.id, a.email, a.suppressed, l.first_name, l.last_name, l.company, l.title, l.industry, l.employees,
           l.country, l.language, l.timezone, l.phone, l.legal_ground, l.ground_since, l.ground_source,
           l.no_sales_contact, l.owner, l.recycled_at
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
