"""Every SELECT about mails that come in: what they answer, and what they say."""

from __future__ import annotations

from models.statement import read

_ANSWERED = "m.id AS message_id, m.enrollment_id, m.lead_id, m.step, e.sequence, l.address_id, a.email, a.token"
_MAILS = """
    message m JOIN enrollment e ON e.id = m.enrollment_id JOIN lead l ON l.id = m.lead_id
    JOIN address a ON a.id = l.address_id
"""

#: mails by number, with the secret that proves who may answer them
BY_MESSAGE = read(f"SELECT {_ANSWERED} FROM {_MAILS} WHERE m.id IN :ids*")

#: mails by the provider's number of them, which its Message-IDs begin with
BY_THREAD = read(
    f"""
    SELECT {_ANSWERED}, t.provider_id FROM {_MAILS} JOIN attempt t ON t.message_id = m.id
    WHERE t.provider_id IN :names*
    """
)

#: the lead behind an address, else behind another of its mailbox, with the mail that it got last, if any
BY_SENDER = read(
    """
    SELECT m.id AS message_id, m.enrollment_id, l.id AS lead_id, m.step, e.sequence, l.address_id, a.email, a.token
    FROM address a JOIN lead l ON l.address_id = a.id
    LEFT JOIN message m ON m.id = (
        SELECT MAX(id) FROM message WHERE lead_id = l.id AND state IN ('handed_over', 'accepted', 'held')
    )
    LEFT JOIN enrollment e ON e.id = m.enrollment_id
    WHERE a.email = :email OR a.mailbox = :mailbox
    ORDER BY CASE WHEN a.email = :email THEN -1 ELSE a.twin END LIMIT 1
    """
)

#: an enrollment as the library understands it
ENROLLMENT = read("SELECT id, sequence, version, pinned, step FROM enrollment WHERE id = :id AND state = 'active'")

#: what a person wrote
WRITTEN = read(
    """
    SELECT r.id, r.sender, r.intent, r.proved, r.text, a.email
    FROM reply r JOIN lead l ON l.id = r.lead_id JOIN address a ON a.id = l.address_id WHERE r.id = :id
    """
)

#: how many people's mails about a lead came in lately
LATELY = read(
    "SELECT COUNT(*) AS replies FROM reply WHERE lead_id = :lead_id AND kind = 'human' AND received_at > :after_at"
)

OF_LEAD = read(
    """
    SELECT id, received_at, kind, matched_by, proved, sender, subject, intent, because, resume_at, text FROM reply
    WHERE lead_id = :lead_id ORDER BY received_at, id
    """
)
LATEST = read(
    """
    SELECT id, received_at, kind, lead_id, matched_by, proved, intent FROM reply
    ORDER BY received_at DESC, id DESC LIMIT :limit
    """
)
#: what people wrote that nobody could be found for: they are in no alert
UNMATCHED = read(
    """
    SELECT id, received_at, kind, lead_id, matched_by, proved, intent FROM reply
    WHERE lead_id IS NULL AND kind = 'human' ORDER BY received_at DESC, id DESC LIMIT :limit
    """
)
ONE = read(
    """
    SELECT id, received_at, kind, sorted_by, lead_id, message_id, matched_by, proved, sender, subject, intent, because,
           resume_at, text
    FROM reply WHERE id = :id
    """
)
