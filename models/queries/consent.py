"""Every SELECT about what people agreed to and what they wish: the log, their preferences, who has gone quiet."""

from __future__ import annotations

from models.statement import read

#: what an address wishes, by the token in its links
PREFERENCES = read(
    """
    SELECT id, suppressed, suppressed_until, paused_until, pace_days FROM address WHERE token = :token
    """
)
REFUSED = read("SELECT topic FROM topic_refusal WHERE address_id = :address_id")

#: on what ground a lead may be mailed, and what stands against it
PERSON = read(
    """
    SELECT l.id, l.address_id, l.legal_ground, l.ground_until, l.confirm_until, a.suppressed, a.suppressed_at,
           a.suppressed_until
    FROM lead l JOIN address a ON a.id = l.address_id WHERE l.id = :id
    """
)

#: a request to confirm, by its token
ASKED = read("SELECT id, address_id, at, source, wording FROM consent WHERE token = :token")
#: whether it was confirmed before
ANSWERED = read("SELECT id FROM consent WHERE address_id = :address_id AND act = 'confirmed' AND proof = :proof")
#: the same by its number, with whom it is sent to
REQUEST = read(
    """
    SELECT c.id, c.token, c.at, c.source, c.wording, a.email, a.suppressed, a.suppressed_until, l.first_name,
           l.confirm_until
    FROM consent c JOIN address a ON a.id = c.address_id JOIN lead l ON l.address_id = a.id WHERE c.id = :id
    """
)
#: whom the requests to confirm among these rows of the outbox go to
ASKED_BY_MAIL = read(
    """
    SELECT DISTINCT c.address_id AS id FROM consent c
    WHERE c.id IN (SELECT CAST(o.payload ->> 'consent_id' AS INTEGER) FROM outbox o
                   WHERE o.id IN :ids* AND o.kind = 'confirm_mail')
    """
)

#: the log of a lead, oldest first
OF_LEAD = read(
    """
    SELECT c.at, c.act, c.ground, c.source, c.wording, c.proof FROM consent c JOIN lead l ON l.address_id = c.address_id
    WHERE l.id = :lead_id ORDER BY c.at, c.id
    """
)

_QUIET = """
    SELECT l.id, l.address_id FROM lead l JOIN address a ON a.id = l.address_id
    WHERE a.suppressed IS NULL AND l.created_at <= :since AND l.stage IN ('iql', 'mql', 'recycled')
      AND NOT EXISTS (SELECT 1 FROM event e WHERE e.lead_id = l.id AND e.occurred_at > :since AND e.verdict = 'human')
      AND NOT EXISTS (
          SELECT 1 FROM enrollment n WHERE n.lead_id = l.id AND n.state = 'active' AND n.sequence = :sequence)
      AND (SELECT COUNT(DISTINCT d.message_id) FROM event d
           WHERE d.lead_id = l.id AND d.occurred_at > :since AND d.kind = 'delivered') >= :mails
    """
#: who may be mailed, got so many mails since then, did nothing itself, and is not being asked at the moment
QUIET = read(f"{_QUIET} AND l.id > :after ORDER BY l.id LIMIT :limit")
STILL_QUIET = read(f"{_QUIET} AND l.id IN :ids* ORDER BY l.id")

#: who was let go and did something itself afterwards, or shortly before without our having heard of it
CAME_BACK = read(
    """
    SELECT DISTINCT a.id FROM address a JOIN lead l ON l.address_id = a.id JOIN event e ON e.lead_id = l.id
    WHERE a.suppressed = 'sunset' AND e.verdict = 'human' AND e.counts_at <= :now
      AND (e.occurred_at > a.suppressed_at OR (e.occurred_at > :since AND e.received_at > a.suppressed_at))
    ORDER BY a.id
    """
)
