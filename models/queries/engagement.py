"""Every SELECT about what comes back: raw requests, the mails they are about, what is known of them already."""

from __future__ import annotations

from models.statement import read

#: the next request that nobody is working on
REQUEST = read(
    """
    SELECT id, source, body, received_at FROM inbox
    WHERE state = 'new' AND id > :after_id ORDER BY id LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED
    """
)

#: attempts with the mail and the lead they were for; an alert's attempt has neither
ATTEMPTS = read(
    """
    SELECT a.id, a.message_id, a.outbox_id, m.lead_id, l.address_id
    FROM attempt a LEFT JOIN message m ON m.id = a.message_id LEFT JOIN lead l ON l.id = m.lead_id
    WHERE a.id IN :attempts*
    """
)

#: addresses of ours, with the lead behind each
ADDRESSES = read(
    """
    SELECT a.email, a.id AS address_id, l.id AS lead_id
    FROM address a LEFT JOIN lead l ON l.address_id = a.id WHERE a.email IN :emails*
    """
)

#: which of these events have been told before
KNOWN_EVENTS = read("SELECT key FROM event WHERE key IN :keys*")

#: who may be mailed and who may not is decided under the lock of the address
LOCK_ADDRESSES = read(
    """
    SELECT id, suppressed FROM address WHERE id IN :ids* ORDER BY id
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

#: every click in these mails, with the verdict it has
CLICKS = read(
    """
    SELECT id, key, lead_id, message_id, occurred_at, url, user_agent, machine, verdict, because, counts_at
    FROM event WHERE message_id IN :ids* AND kind = 'clicked'
    """
)

#: when the receiving server took these mails
DELIVERED = read(
    """
    SELECT message_id, MIN(occurred_at) AS delivered_at FROM event
    WHERE message_id IN :ids* AND kind = 'delivered' GROUP BY message_id
    """
)

#: when these leads last did something that only a person does
PROVED_HUMAN = read(
    """
    SELECT lead_id, MAX(occurred_at) AS proved_at FROM event
    WHERE lead_id IN :ids* AND kind = 'submitted' GROUP BY lead_id
    """
)

#: the mails of a lead in which a link was followed
CLICKED_MESSAGES = read(
    "SELECT DISTINCT message_id FROM event WHERE lead_id = :lead_id AND kind = 'clicked' AND message_id IS NOT NULL"
)
