"""Every SELECT about who the leads are: found by address, found by number, listed."""

from __future__ import annotations

from models.statement import read

#: addresses and all others of their mailboxes; one without a mailbox was put in by a worker of an earlier version.
#: (Not `email IN ... OR mailbox IN ...`: PostgreSQL takes that for reason enough to read the whole table.)
BEHIND = "(mailbox IN :mailboxes* OR (mailbox IS NULL AND email IN :emails*))"

#: the addresses and all others of their mailboxes, held until the transaction ends, so that nobody else makes their
#: leads meanwhile
LOCK = read(
    f"""
    SELECT id, email, mailbox, twin, suppressed FROM address WHERE {BEHIND} ORDER BY id
    FOR NO KEY UPDATE
    """
)

#: the leads behind addresses, and behind others of their mailboxes
AT = read(
    f"""
    SELECT a.email, a.mailbox, a.twin, l.id AS lead_id FROM address a JOIN lead l ON l.address_id = a.id
    WHERE {BEHIND}
    """
)

#: addresses that a worker of an earlier version put in; who was erased has no address and no mailbox any more
WITHOUT_MAILBOX = read("SELECT id, email FROM address WHERE mailbox IS NULL AND email LIKE '%_@%' ORDER BY id")

#: what names the page of a lead's address
PAGE_TOKEN = read("SELECT a.token FROM address a JOIN lead l ON l.address_id = a.id WHERE l.id = :id")

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
#: one lead as a person looks at it, by number or by address, the very one before others of its mailbox
BY_EMAIL = read(
    f"""
    {_LEADS} WHERE a.email = :email OR a.mailbox = :mailbox
    ORDER BY CASE WHEN a.email = :email THEN -1 ELSE a.twin END LIMIT 1
    """
)
BY_ID = read(f"{_LEADS} WHERE l.id = :id")

#: the next leads after a number, all of them or those of one stage
LIST = read(f"{_LEADS} WHERE l.id > :after ORDER BY l.id LIMIT :limit")
LIST_STAGE = read(f"{_LEADS} WHERE l.stage = :stage AND l.id > :after ORDER BY l.id LIMIT :limit")
