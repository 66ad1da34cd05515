"""Every SELECT about leads that ask for a person and do not get one."""

from __future__ import annotations

from models.statement import read

#: what these leads' last decisions heard of: which request, and when; and when a lead was ruled out
HEARD = read(
    """
    SELECT l.id AS lead_id, d.at, d.evidence ->> 'asked' AS asked,
        (SELECT MAX(t.at) FROM transition t WHERE t.lead_id = l.id AND t.to_stage = 'disqualified') AS ruled_out_at
    FROM lead l LEFT JOIN decision d ON d.id = (SELECT MAX(x.id) FROM decision x WHERE x.lead_id = l.id)
    WHERE l.id IN :ids*
    """
)

#: the newest decision so far
LAST_DECISION = read("SELECT COALESCE(MAX(id), 0) AS id FROM decision")

#: the payloads of the notes by these names
NOTES = read("SELECT payload AS payload_json FROM outbox WHERE dedupe_key IN :names*")

#: who was turned down in that time, and has not been moved since; by the decisions after that one
TURNED_DOWN = read(
    """
    SELECT d.lead_id, d.at, d.evidence ->> 'turned_down' AS why FROM decision d
    WHERE d.id > :after AND d.at >= :since_at AND d.at < :before_at AND d.evidence ->> 'turned_down' IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM transition t WHERE t.lead_id = d.lead_id AND t.at > d.at)
    ORDER BY d.id
    """
)
