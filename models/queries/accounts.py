"""Every SELECT about companies: who is known of one, who of them is warm, and whose it is."""

from __future__ import annotations

from models.statement import read

#: accepted, without a verdict, and its deal not closed; or not answered yet
OPEN = """
    (h.state = 'offered' OR (
        h.state = 'accepted'
        AND NOT EXISTS (SELECT 1 FROM disposition d WHERE d.handoff_id = h.id AND d.right_person IS NOT NULL)
        AND NOT EXISTS (SELECT 1 FROM opportunity o WHERE o.handoff_id = h.id AND o.state <> 'open')
    ))
"""

#: the other people of a company who came last, the warmest first, with what they did themselves since then; without
#: those whom sales must leave alone
COLLEAGUES = read(
    """
    SELECT l.id AS id, l.stage AS stage, l.first_name AS first_name, l.last_name AS last_name, l.title AS title,
        l.email AS email, COUNT(e.id) AS acts, MAX(e.occurred_at) AS last_at
    FROM (
        SELECT p.id, p.stage, p.first_name, p.last_name, p.title, a.email
        FROM lead p JOIN address a ON a.id = p.address_id
        WHERE p.account = :account AND p.id <> :but AND NOT p.no_sales_contact AND p.stage <> 'disqualified'
        ORDER BY p.id DESC LIMIT :limit
    ) l
    LEFT JOIN event e ON e.lead_id = l.id AND e.verdict = 'human' AND e.occurred_at >= :since AND e.counts_at <= :now
    GROUP BY l.id, l.stage, l.first_name, l.last_name, l.title, l.email
    ORDER BY CASE WHEN COUNT(e.id) > 0 THEN 0 ELSE 1 END, COUNT(e.id) DESC, MAX(e.occurred_at) DESC, l.id
    """
)

#: who works on a deal with a colleague, the latest first
DEALS = read(
    """
    SELECT l.owner AS owner, 'works on a deal with a colleague' AS why
    FROM lead l JOIN opportunity o ON o.lead_id = l.id
    WHERE l.account = :account AND l.id <> :but AND o.state = 'open' AND l.owner IS NOT NULL
    ORDER BY o.opened_at DESC, o.id DESC
    """
)

#: whose the company is
OWNER = read(
    "SELECT owner, 'its company belongs to this rep' AS why FROM account WHERE key = :account AND owner IS NOT NULL"
)

#: what of a colleague a rep was mailed since then, or is about to be, and has not answered or put off; what has left
#: first
TOLD_OF_COLLEAGUE = read(
    """
    SELECT h.id AS id, x.state AS state FROM handoff h
    JOIN outbox x ON x.dedupe_key = 'handoff:' || h.lead_id || ':' || h.cycle || CAST(:suffix AS VARCHAR)
    WHERE h.account = :account AND h.owner = :owner AND h.id < :id
      AND h.state = 'offered' AND (h.snoozed_until IS NULL OR h.snoozed_until <= :now)
      AND x.payload ->> 'owner' = :owner
      AND (x.state = 'pending' OR (x.state = 'delivered' AND x.reason IS NULL AND x.delivered_at >= :since))
    ORDER BY x.delivered_at IS NULL, h.id LIMIT 1
    """
)

#: the people of these companies who did something themselves since then, and since sales last heard of all of them, the
#: warmest first; without those at these stages, and those whom sales must leave alone
WARM = read(
    """
    SELECT l.account AS account, l.id AS lead_id
    FROM lead l JOIN event e ON e.lead_id = l.id LEFT JOIN account k ON k.key = l.account
    WHERE l.account IN :names* AND l.stage NOT IN :states* AND NOT l.no_sales_contact
      AND e.verdict = 'human' AND e.occurred_at >= :since AND e.counts_at <= :now
    GROUP BY l.account, l.id, k.surged_at HAVING k.surged_at IS NULL OR MAX(e.occurred_at) > k.surged_at
    ORDER BY COUNT(e.id) DESC, MAX(e.occurred_at) DESC, l.id
    """
)

#: whether sales has somebody of the company in hand
IN_HAND = read(
    f"""
    SELECT h.id AS id FROM handoff h
    WHERE h.account = :account AND h.state IN ('offered', 'accepted') AND {OPEN} LIMIT 1
    """
)

#: leads without an account, with their addresses
WITHOUT = read(
    """
    SELECT l.id AS id, a.email AS email FROM lead l JOIN address a ON a.id = l.address_id
    WHERE l.account IS NULL AND l.id > :after ORDER BY l.id LIMIT :limit
    """
)
