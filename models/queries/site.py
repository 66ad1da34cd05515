"""Every SELECT about visitors of the site and what leads answered."""

from __future__ import annotations

from models.statement import read

#: visitors, held until the transaction ends, so that one message told twice at once is one act
LOCK_VISITORS = read(
    """
    SELECT id, key, lead_id, vouched FROM visitor WHERE key IN :names* ORDER BY id
    FOR NO KEY UPDATE
    """
)
#: the same without waiting for anybody
VISITORS = read("SELECT key, lead_id FROM visitor WHERE key IN :names*")

#: how much visitors have done since a moment
DONE_SINCE = read(
    """
    SELECT visitor_id, COUNT(*) AS done FROM event
    WHERE visitor_id IN :ids* AND received_at > :after_at GROUP BY visitor_id
    """
)

#: which of these acts have been told before
KNOWN_ACTS = read("SELECT key FROM event WHERE key IN :keys*")

#: those of the addresses, and of others of their mailboxes, whose leads must not be mailed, and why
SUPPRESSED = read(
    """
    SELECT l.id AS lead_id, a.suppressed, a.suppressed_at, a.suppressed_by FROM address a
    JOIN lead l ON l.address_id = a.id WHERE a.suppressed IS NOT NULL AND a.id IN (
        SELECT id FROM address WHERE id IN :ids*
        UNION SELECT t.id FROM address o JOIN address t ON t.mailbox = o.mailbox WHERE o.id IN :ids*
    )
    ORDER BY l.id
    """
)
#: what leads left at a moment
LEFT_AT = read(
    """
    SELECT id, lead_id, sequence, state, reason, step FROM enrollment
    WHERE lead_id IN :ids* AND ended_at = :now ORDER BY id
    """
)

#: what a lead has answered
ANSWERS = read(
    "SELECT question, value, answered_at, source FROM answer WHERE lead_id = :lead_id ORDER BY answered_at, question"
)
#: what the lead behind an opaque address token has answered
LEAD_BY_TOKEN = read("SELECT l.id AS lead_id FROM address a JOIN lead l ON l.address_id = a.id WHERE a.token = :token")
