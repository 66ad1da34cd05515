"""Every SELECT about the rights of leads: erased addresses, wishes to be erased, what is old enough to go."""

from __future__ import annotations

from models.statement import read

#: whether anybody was ever erased
ANY_ERASED = read("SELECT hash FROM erasure LIMIT 1")

HASHES = read("SELECT hash FROM erasure")

#: which of these hashes are those of erased addresses
ERASED = read("SELECT hash FROM erasure WHERE hash IN :names*")

#: by which keys addresses were hashed, and how many
ERASURE_KEYS = read("SELECT key_id, COUNT(*) AS number FROM erasure GROUP BY key_id ORDER BY key_id")

#: wishes that were not done yet, the oldest first
REQUESTS = read(
    """
    SELECT r.address_id, l.id AS lead_id, r.requested_at
    FROM erasure_request r LEFT JOIN lead l ON l.address_id = r.address_id ORDER BY r.requested_at, r.address_id
    """
)

#: who is to be erased
PERSON = read(
    """
    SELECT a.id AS address_id, a.email, a.token, a.suppressed, l.id AS lead_id, l.source, l.ground_source,
        l.first_name, l.last_name
    FROM address a LEFT JOIN lead l ON l.address_id = a.id WHERE a.id = :id
    """
)
VISITORS_OF_LEAD = read("SELECT key FROM visitor WHERE lead_id = :lead_id ORDER BY id")
#: replies that it sent, under whatever tag of its mailbox
FROM_THEM = """
    lower(sender) IN (:email, :mailbox) OR (
        substr(lower(sender), 1, length(CAST(:tagged AS TEXT))) = :tagged
        AND substr(lower(sender), length(sender) - length(CAST(:at_domain AS TEXT)) + 1) = :at_domain
    )
"""
#: the raw requests that its replies came in
REPLY_REQUESTS = read(
    f"""
    SELECT inbox_id FROM reply WHERE inbox_id IS NOT NULL AND (
        lead_id = :lead_id OR {FROM_THEM}
        OR message_id IN (SELECT id FROM message WHERE lead_id = :lead_id)
    )
    """
)
ADDRESS_OF_LEAD = read("SELECT address_id FROM lead WHERE id = :id")
ADDRESS_OF_EMAIL = read(
    """
    SELECT id FROM address WHERE email = :email OR mailbox = :mailbox
    ORDER BY CASE WHEN email = :email THEN -1 ELSE twin END LIMIT 1
    """
)
#: the other addresses of its mailbox
TWINS = read(
    "SELECT t.id FROM address o JOIN address t ON t.mailbox = o.mailbox WHERE o.id = :id AND t.id <> o.id ORDER BY t.id"
)

#: until when a hand-over about this lead may still be under way, to the lead itself or to others
UNDER_WAY = read(
    """
    SELECT MAX(deadline) AS until FROM attempt
    WHERE state = 'posting' AND deadline > :now AND (
        message_id IN (SELECT id FROM message WHERE lead_id = :lead_id)
        OR outbox_id IN (
            SELECT id FROM outbox WHERE CAST(payload ->> 'lead_id' AS INTEGER) = :lead_id
            OR CAST(payload ->> 'handoff_id' AS INTEGER) IN (SELECT id FROM handoff WHERE lead_id = :lead_id)
        )
    )
    """
)

#: who outside was told of a lead: providers that carried its mail, webhooks, chat channels
MAILERS = read(
    """
    SELECT DISTINCT t.mailer AS name FROM attempt t JOIN message m ON m.id = t.message_id
    WHERE m.lead_id = :lead_id ORDER BY t.mailer
    """
)
WEBHOOKS = read(
    """
    SELECT DISTINCT payload ->> 'webhook' AS name FROM outbox
    WHERE kind = 'webhook' AND CAST(payload ->> 'lead_id' AS INTEGER) = :lead_id ORDER BY name
    """
)
CHANNELS = read(
    """
    SELECT DISTINCT payload ->> 'channel' AS name FROM outbox
    WHERE kind = 'channel_alert' AND (
        CAST(payload ->> 'lead_id' AS INTEGER) = :lead_id
        OR CAST(payload ->> 'handoff_id' AS INTEGER) IN (SELECT id FROM handoff WHERE lead_id = :lead_id)
    )
    ORDER BY name
    """
)
REPS = read("SELECT DISTINCT owner AS name FROM handoff WHERE lead_id = :lead_id ORDER BY owner")

#: raw requests after a number
BODIES = read(
    """
    SELECT i.id, i.source, b.body, i.received_at FROM inbox i JOIN inbox_body b ON b.id = i.id
    WHERE i.id > :after ORDER BY i.id LIMIT :limit
    """
)
#: both rows: of one that is not locked, somebody else's change may be missing
LOCK_BODY = read(
    """
    SELECT i.id, i.source, b.body FROM inbox i JOIN inbox_body b ON b.id = i.id WHERE i.id = :id
    FOR NO KEY UPDATE
    """
)
#: the same without what they say
RECEIVED = read("SELECT id, state, received_at FROM inbox WHERE id > :after ORDER BY id LIMIT :limit")

#: who wrote the replies that came in requests after a number
SENDERS = read("SELECT id, sender FROM reply WHERE inbox_id > :after AND sender IS NOT NULL ORDER BY id")

#: what was told to the outside, after a number
TOLD = read("SELECT id, state, created_at, delivered_at FROM outbox WHERE id > :after ORDER BY id LIMIT :limit")

#: events from a number on, by when they came
EVENTS = read("SELECT id, received_at FROM event WHERE id >= :after ORDER BY id LIMIT :limit")

#: mails that came in, from a number on
REPLIES = read("SELECT id, received_at FROM reply WHERE id >= :after ORDER BY id LIMIT :limit")
LAST_REPLY = read("SELECT MAX(id) AS id FROM reply")

#: visitors who never said who they are, and of whom nothing is left
GONE_VISITORS = read(
    """
    SELECT id FROM visitor WHERE lead_id IS NULL AND first_seen_at < :until AND id > :after
    AND NOT EXISTS (SELECT 1 FROM event WHERE event.visitor_id = visitor.id) ORDER BY id LIMIT :limit
    """
)

#: the last of the raw requests, and of the events
LAST_REQUEST = read("SELECT MAX(id) AS id FROM inbox")
#: how far a chore has come
TIDIED = read("SELECT last_id FROM tidied WHERE chore = :chore")
LAST_EVENT = read("SELECT MAX(id) AS id FROM event")

#: the folder-independent names of the files an outbox mailer wrote about a lead
MESSAGES = read("SELECT id FROM message WHERE lead_id = :lead_id ORDER BY id")
_COMPANYS = """
    SELECT o.id FROM lead l JOIN lead o ON o.id = l.id OR o.account = l.account WHERE l.id = :lead_id
"""
#: alerts about it, or about a colleague, which may name it
ALERTS = read(
    f"""
    SELECT id FROM outbox WHERE CAST(payload ->> 'lead_id' AS INTEGER) IN ({_COMPANYS})
    OR CAST(payload ->> 'handoff_id' AS INTEGER) IN (SELECT id FROM handoff WHERE lead_id IN ({_COMPANYS}))
    """
)
