"""Every SELECT about what comes back: raw requests, the mails they are about, what is known of them already."""

from __future__ import annotations

from models.queries.leads import BEHIND
from models.statement import read

#: the next requests that nobody is working on, with how large they are (bytes)
WAITING = read(
    """
    SELECT i.id, i.source, LENGTH(b.body) AS size FROM inbox i JOIN inbox_body b ON b.id = i.id
    WHERE i.state = 'new' AND i.id > :after_id ORDER BY i.id LIMIT :limit
    FOR NO KEY UPDATE OF i SKIP LOCKED
    """
)
REQUESTS = read(
    """
    SELECT i.id, i.source, b.body, i.received_at FROM inbox i JOIN inbox_body b ON b.id = i.id
    WHERE i.id IN :ids* ORDER BY i.id
    """
)

#: addresses of ours and others of their mailboxes, with the lead behind each
ADDRESSES = read(
    f"""
    SELECT a.email, a.mailbox, a.twin, a.id AS address_id, l.id AS lead_id
    FROM address a LEFT JOIN lead l ON l.address_id = a.id WHERE {BEHIND}
    """
)

#: mails to leads by the provider's number of them
BY_NUMBER = read(
    """
    SELECT m.lead_id, a.provider_id, a.message_id FROM message m JOIN attempt a ON a.message_id = m.id
    WHERE m.lead_id IN :ids* AND a.provider_id IN :names*
    """
)

#: what became of mails to addresses lately, oldest first; of one moment the delivery last, in favor of the address
SOFT_AND_DELIVERED = read(
    """
    SELECT l.address_id, e.message_id, e.kind, e.occurred_at, e.name
    FROM lead l JOIN event e ON e.lead_id = l.id
    WHERE l.address_id IN :ids* AND e.kind IN ('blocked', 'delivered') AND e.message_id IS NOT NULL
      AND e.occurred_at > :from_at
    ORDER BY e.occurred_at, e.kind, e.id
    """
)

#: who may be mailed and who may not is decided under the lock of the address, and of all others of its mailbox
LOCK_ADDRESSES = read(
    """
    SELECT id, email, mailbox, suppressed, suppressed_until FROM address WHERE id IN (
        SELECT id FROM address WHERE id IN :ids*
        UNION SELECT t.id FROM address o JOIN address t ON t.mailbox = o.mailbox WHERE o.id IN :ids*
    )
    ORDER BY id
    FOR NO KEY UPDATE
    """
)
LOCK_LEADS = read(
    """
    SELECT id FROM lead WHERE id IN :ids* ORDER BY id
    FOR NO KEY UPDATE
    """
)
#: all enrollments of leads, in the order in which everybody locks them
LOCK_ENROLLMENTS = read(
    """
    SELECT id FROM enrollment WHERE lead_id IN :ids* ORDER BY id
    FOR NO KEY UPDATE
    """
)

#: the leads behind addresses
LEADS_AT = read("SELECT id FROM lead WHERE address_id IN :ids* ORDER BY id")

#: the address that a link names
ADDRESS_BY_TOKEN = read("SELECT id FROM address WHERE token = :token")

#: the mails of a lead in which a link was followed
CLICKED_MESSAGES = read(
    "SELECT DISTINCT message_id FROM event WHERE lead_id = :lead_id AND kind = 'clicked' AND message_id IS NOT NULL"
)

#: for each address: in how many of its mails machines followed links, and in how many people did. A click that is
#: doubted for its domain alone is taken for a person's here: what is known of a domain must not prove itself.
CLICKED_BY_WHOM = read(
    """
    SELECT a.email, COUNT(DISTINCT CASE WHEN e.verdict = 'machine' THEN e.message_id END) AS machine,
        COUNT(DISTINCT CASE WHEN e.verdict <> 'machine' THEN e.message_id END) AS human
    FROM event e JOIN lead l ON l.id = e.lead_id JOIN address a ON a.id = l.address_id
    WHERE e.kind = 'clicked' AND e.message_id IS NOT NULL AND e.occurred_at >= :from_at
      AND (e.verdict IN ('machine', 'human') OR (e.verdict = 'suspect' AND e.because = :because))
    GROUP BY a.email
    """
)

#: what was put down last of each domain
KNOWN_DOMAINS = read(
    """
    SELECT p.domain, p.scans FROM domain_prior p
    WHERE NOT EXISTS (SELECT 1 FROM domain_prior n WHERE n.domain = p.domain AND n.made_at > p.made_at)
    """
)
