"""Every SELECT about who the leads are: found by address, found by number, listed."""

from __future__ import annotations

from models.statement import read

#: the addresses, held until the transaction ends, so that nobody else makes their leads meanwhile
LOCK = read(
    """
    SELECT id, email FROM address WHERE email IN :emails* ORDER BY id
    FOR NO KEY UPDATE
    """
)

#: what is known of the leads at these addresses
KNOWN = read(
    """
    SELECT id, address_id, first_name, last_name, company, title, industry, employees, country, language, timezone,
           phone, legal_ground
    FROM lead WHERE address_id IN :ids*
    """
)

_LEADS = """
    SELECT l.id, l.address_id, a.email, l.first_name, l.last_name, l.company, l.title, l.industry, l.employees,
           l.country, l.language, l.timezone, l.phone, l.source, l.asset, l.legal_ground, l.ground_source,
           l.ground_until, l.confirm_until, a.suppressed, a.suppressed_until, a.paused_until, a.pace_days, l.stage,
           l.stage_since, l.owner, l.created_at
    FROM lead l JOIN address a ON a.id = l.address_id
    """
#: one lead as a person looks at it, by address or by number
BY_EMAIL = read(f"{_LEADS} WHERE a.email = :email")
BY_ID = read(f"{_LEADS} WHERE l.id = :id")

#: the next leads after a number, all of them or those of one stage
LIST = read(f"{_LEADS} WHERE l.id > :after ORDER BY l.id LIMIT :limit")
LIST_STAGE = read(f"{_LEADS} WHERE l.stage = :stage AND l.id > :after ORDER BY l.id LIMIT :limit")
