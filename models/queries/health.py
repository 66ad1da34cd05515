"""Every SELECT that is asked each few seconds: each reads the first rows of an index, however large the tables are."""

from __future__ import annotations

from models.statement import read

#: running enrollments that are due and that nobody works on: since when the first one is
OLDEST_DUE = read(
    """
    SELECT due_at FROM enrollment
    WHERE state = 'active' AND due_at IS NOT NULL AND due_at <= :now ORDER BY due_at, id LIMIT 1
    """
)

#: mails that nobody knows the end of; up to :limit
UNKNOWN = read(
    """
    SELECT COUNT(*) AS number FROM (
        SELECT 1 AS one FROM attempt WHERE state IN ('posting', 'unknown') AND state = 'unknown' LIMIT :limit) AS few
    """
)

#: mails that wait for a person's word; up to :limit
HELD = read(
    """
    SELECT COUNT(*) AS number FROM (
        SELECT 1 AS one FROM message WHERE state IN ('held', 'rejected') AND state = 'held' LIMIT :limit) AS few
    """
)

#: alerts and webhooks on their way, and those given up; up to :limit each
PENDING = read(
    "SELECT COUNT(*) AS number FROM (SELECT 1 AS one FROM outbox WHERE state = 'pending' LIMIT :limit) AS few"
)
DEAD = read("SELECT COUNT(*) AS number FROM (SELECT 1 AS one FROM outbox WHERE state = 'dead' LIMIT :limit) AS few")

#: since when the next alert or webhook is due
OLDEST_PENDING = read(
    "SELECT due_at FROM outbox WHERE state = 'pending' AND due_at <= :now ORDER BY due_at, id LIMIT 1"
)

#: the oldest request that nobody has worked yet
OLDEST_REQUEST = read("SELECT received_at FROM inbox WHERE state = 'new' ORDER BY id LIMIT 1")

#: the last genuine batch of events
LAST_HEARD = read(
    "SELECT received_at FROM inbox WHERE source = 'sendgrid' ORDER BY source DESC, received_at DESC LIMIT 1"
)

#: when the provider first took a mail; read from the oldest attempts on
FIRST_MAILED = read(
    "SELECT started_at FROM attempt WHERE state = 'accepted' AND mailer = 'sendgrid' ORDER BY started_at LIMIT 1"
)

#: when the provider last took a mail; read from the newest attempts on
LAST_MAILED = read(
    "SELECT started_at FROM attempt WHERE state = 'accepted' AND mailer = 'sendgrid' ORDER BY started_at DESC LIMIT 1"
)

#: events of ours since :after_at that belong to no mail we know of; up to :limit
ORPHANS = read(
    """
    SELECT COUNT(*) AS number FROM (
        SELECT 1 AS one FROM event
        WHERE lead_id IS NULL AND visitor_id IS NULL AND because = 'orphan' AND received_at > :after_at LIMIT :limit
    ) AS few
    """
)
