"""What sales' pages show beside the brief: links, the log of a handoff, the verdict, the deal, and what was written."""

from __future__ import annotations

from models.queries.sales import HANDOFF_COLUMNS
from models.statement import read

#: the handoff that a link opened once, by the hash of its token
FORMERLY = read(
    f"""
    SELECT {HANDOFF_COLUMNS} FROM handoff
    WHERE id = (SELECT handoff_id FROM former_link WHERE hash = :hash)
    """
)

#: all that was logged of a handoff, oldest first
LOG = read("SELECT id, at, by, kind, outcome, note FROM touch WHERE handoff_id = :handoff_id ORDER BY at, id")

#: the same entry, logged after the one that the rep saw last
LOGGED_SINCE = read(
    """
    SELECT id FROM touch WHERE handoff_id = :handoff_id AND id > :seen AND by = :by AND kind = :kind
      AND outcome = :outcome AND coalesce(note, '') = :note LIMIT 1
    """
)

#: sales' verdict on a handoff
VERDICT = read(
    """
    SELECT at, by, project, budget, right_person, ready, helpful, note FROM disposition
    WHERE handoff_id = :handoff_id
    """
)

#: whether marketing may write to a lead in hand
KEPT_WARM = read("SELECT kept_warm FROM lead WHERE id = :lead_id")

#: what a lead wrote by mail, the latest first; only mails of which it is sure that they are the lead's
WRITTEN = read(
    """
    SELECT received_at, subject, text FROM reply
    WHERE lead_id = :lead_id AND kind = 'human' AND proved AND text IS NOT NULL
    ORDER BY received_at DESC, id DESC LIMIT :limit
    """
)

#: leads with a deal that a rep still works on: its handoff's, or one that the CRM opened. While the verdict is owed and
#: its own deal is open, a lead stands on the worklist instead. The pool has those of reps who have left the agreement
DEALS_IN_HAND = read(
    """
    SELECT h.id AS handoff_id, h.token, h.token_until, MIN(o.opened_at) AS opened_at, l.first_name, l.last_name,
        l.title, l.company, a.email
    FROM opportunity o JOIN handoff h ON h.id = coalesce(o.handoff_id, (
        SELECT MAX(t.id) FROM handoff t WHERE t.lead_id = o.lead_id AND t.state = 'accepted'))
    JOIN lead l ON l.id = o.lead_id JOIN address a ON a.id = l.address_id
    LEFT JOIN disposition d ON d.handoff_id = h.id
    WHERE o.state = 'open' AND h.state = 'accepted'
      AND (o.handoff_id IS NOT NULL OR NOT EXISTS (
        SELECT 1 FROM handoff n WHERE n.lead_id = o.lead_id AND n.state = 'offered'))
      AND (d.right_person IS NOT NULL
        OR EXISTS (SELECT 1 FROM opportunity c WHERE c.handoff_id = h.id AND c.state <> 'open'))
      AND (h.owner = :owner OR (:owner = 'pool' AND h.owner NOT IN :names*))
      AND (a.suppressed IS NULL OR a.suppressed <> 'erased')
    GROUP BY h.id, l.id, a.id ORDER BY MIN(o.opened_at), h.id LIMIT 200
    """
)

#: whose list a link opens
REP_BY_TOKEN = read("SELECT owner FROM rep WHERE token = :token")
REP = read("SELECT token, since FROM rep WHERE owner = :owner")

#: how many leads each list has in hand, and how many of them wait for an answer past the promised time
IN_HAND = read(
    """
    SELECT owner, COUNT(*) AS offered, SUM(CASE WHEN due_at < :now THEN 1 ELSE 0 END) AS late FROM handoff
    WHERE state = 'offered' AND (snoozed_until IS NULL OR snoozed_until <= :now) GROUP BY owner
    """
)
