"""Every SELECT about deals: what sales works on, what was won and lost."""

from __future__ import annotations

from models.statement import read

_COLUMNS = "id, lead_id, handoff_id, external_id, state, name, amount, currency, opened_at, closed_at, reason, source"

DEAL = read(f"SELECT {_COLUMNS} FROM opportunity WHERE id = :id")
OF_HANDOFF = read(f"SELECT {_COLUMNS} FROM opportunity WHERE handoff_id = :handoff_id")
#: the deal that a handoff is about now: its own; once that is closed, another one that is open with the lead whom sales
#: took by it last
SHOWN = read(
    f"""
    SELECT {_COLUMNS} FROM opportunity
    WHERE handoff_id = :handoff_id OR (handoff_id IS NULL AND state = 'open' AND lead_id = (
        SELECT h.lead_id FROM handoff h
        WHERE h.id = :handoff_id AND h.state = 'accepted' AND NOT EXISTS (
            SELECT 1 FROM handoff t
            WHERE t.lead_id = h.lead_id AND (t.state = 'offered' OR (t.state = 'accepted' AND t.id > h.id)))
    ))
    ORDER BY CASE WHEN state = 'open' THEN 0 ELSE 1 END, CASE WHEN handoff_id IS NULL THEN 1 ELSE 0 END, id LIMIT 1
    """
)
#: by the CRM's number
BY_EXTERNAL_ID = read(f"SELECT {_COLUMNS} FROM opportunity WHERE external_id = :external_id")
#: what sales has opened with a lead and the CRM has not told of yet, the latest first
WITHOUT_NUMBER = read(
    """
    SELECT o.id, o.lead_id, o.opened_at, h.offered_at FROM opportunity o LEFT JOIN handoff h ON h.id = o.handoff_id
    WHERE o.lead_id = :lead_id AND o.external_id IS NULL AND o.state = 'open'
    ORDER BY o.opened_at DESC, o.id DESC LIMIT 1
    """
)
#: whose deal it is
LEAD = read("SELECT id, stage, cycle FROM lead WHERE id = :id")
#: how many other deals with a lead are in a state
OTHERS = read("SELECT COUNT(*) AS number FROM opportunity WHERE lead_id = :lead_id AND id <> :id AND state = :state")
#: the deals in some states, the latest first
LIST = read(
    f"""
    SELECT {_COLUMNS} FROM opportunity WHERE state IN :states*
    ORDER BY coalesce(closed_at, opened_at) DESC, id DESC LIMIT :limit
    """
)

#: the handoff of a lead that waits for sales' answer
OFFERED = read("SELECT id, offered_at FROM handoff WHERE lead_id = :lead_id AND state = 'offered'")

#: how often a rep has tried to reach a lead it was handed
ATTEMPTS = read(
    "SELECT COUNT(*) AS made FROM touch WHERE handoff_id = :handoff_id AND kind IN ('call', 'mail', 'meeting')"
)

#: the leads that a CRM may mean: by our number, their address, or the number by which the site knows them; never one
#: that was erased, or asked for it
LEADS_BY_ID = read(
    """
    SELECT l.id FROM lead l JOIN address a ON a.id = l.address_id
    WHERE l.id IN :ids* AND (a.suppressed IS NULL OR a.suppressed <> 'erased')
    """
)
#: accounts of the site that its server says are leads; a browser's word makes nobody a customer
LEADS_BY_USER = read("SELECT key, lead_id FROM visitor WHERE key IN :names* AND lead_id IS NOT NULL AND vouched")

#: the deals that a CRM told of before
KNOWN = read("SELECT external_id, lead_id FROM opportunity WHERE external_id IN :names*")

#: what the CRM told of deals that could not all be taken in, the latest first
LEFT_OUT = read(
    """
    SELECT id, received_at, state, faults AS faults_json FROM inbox
    WHERE source = 'deals' AND state <> 'new' AND CAST(faults AS TEXT) <> '[]' ORDER BY id DESC LIMIT :limit
    """
)
