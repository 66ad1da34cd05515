"""Every SELECT about what is to be told to the outside."""

from __future__ import annotations

from models.statement import read

#: rows of these kinds whose time has come
DUE = read(
    """
    SELECT id FROM outbox WHERE state = 'pending' AND kind IN :names* AND due_at <= :now
    ORDER BY due_at, id LIMIT :limit
    """
)

#: the same rows, for this worker alone
CLAIM = read(
    """
    SELECT id, dedupe_key, kind, payload AS payload_json, tries, created_at FROM outbox
    WHERE id IN :ids* AND state = 'pending' AND due_at <= :now ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
    """
)

#: alerts that wait, whatever stops them
WAITING = read(
    """
    SELECT id, dedupe_key, kind, payload AS payload_json, tries, created_at FROM outbox
    WHERE id IN :ids* AND state = 'pending' ORDER BY id
    """
)

#: one of them
ROW = read("SELECT id, dedupe_key, kind, payload AS payload_json, tries, created_at FROM outbox WHERE id = :id")

#: rows by their names
NAMED = read("SELECT id, state FROM outbox WHERE dedupe_key IN :names*")

#: what became of the alerts about one handoff
OF_HANDOFF = read(
    """
    SELECT dedupe_key, kind, state FROM outbox
    WHERE kind IN ('sales_alert', 'channel_alert') AND CAST(payload ->> 'handoff_id' AS INTEGER) = :handoff_id
    ORDER BY id
    """
)

#: the chat channels that something is due for
CHANNELS_DUE = read(
    """
    SELECT DISTINCT payload ->> 'channel' AS name FROM outbox
    WHERE state = 'pending' AND kind = 'channel_alert' AND due_at <= :now
    """
)

#: every chat channel that anything was ever written for
CHANNEL_NAMES = read("SELECT DISTINCT payload ->> 'channel' AS name FROM outbox WHERE kind = 'channel_alert'")

#: what waits for each of them
CHANNELS_WAITING = read(
    """
    SELECT payload ->> 'channel' AS name, COUNT(*) AS number, MIN(created_at) AS since FROM outbox
    WHERE state = 'pending' AND kind = 'channel_alert' GROUP BY payload ->> 'channel' ORDER BY name
    """
)

#: what is due for one of them, the oldest first
CHANNEL_DUE = read(
    """
    SELECT id FROM outbox
    WHERE state = 'pending' AND kind = 'channel_alert' AND due_at <= :now AND payload ->> 'channel' = :name
    ORDER BY due_at, id LIMIT :limit
    """
)

#: the webhooks that something is due for
WEBHOOKS_DUE = read(
    """
    SELECT DISTINCT payload ->> 'webhook' AS name FROM outbox
    WHERE state = 'pending' AND kind = 'webhook' AND due_at <= :now
    """
)

#: every webhook that anything was ever written for
WEBHOOK_NAMES = read("SELECT DISTINCT payload ->> 'webhook' AS name FROM outbox WHERE kind = 'webhook'")

#: what is due for one of them, the oldest first
WEBHOOK_DUE = read(
    """
    SELECT id FROM outbox
    WHERE state = 'pending' AND kind = 'webhook' AND due_at <= :now AND payload ->> 'webhook' = :name
    ORDER BY due_at, id LIMIT :limit
    """
)

#: what waits and what is given up, by webhook
WEBHOOKS = read(
    """
    SELECT payload ->> 'webhook' AS name, state, COUNT(*) AS number, MIN(created_at) AS since, MAX(reason) AS reason
    FROM outbox WHERE state IN ('pending', 'dead') AND kind = 'webhook'
    GROUP BY payload ->> 'webhook', state ORDER BY name, state
    """
)
