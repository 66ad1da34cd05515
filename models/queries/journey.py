"""Every SELECT about leads on their way: what is due, what is known of them, what is in flight."""

from __future__ import annotations

from models.statement import read

POSITION = "id, lead_id, sequence, version, pinned, step, since, until, waiting, entered_at, goal_at, fence"

#: running enrollments of these sequences whose time has come, the longest due first. Nobody moves in a paused one but
#: those who finish an older text.
DUE = read(
    """
    SELECT id, lead_id, sequence FROM enrollment
    WHERE state = 'active' AND due_at IS NOT NULL AND due_at <= :now AND sequence IN :names*
      AND (pinned OR sequence NOT IN :paused*)
    ORDER BY due_at, id LIMIT :limit
    """
)

CLAIM = read(
    f"""
    SELECT {POSITION} FROM enrollment
    WHERE state = 'active' AND due_at IS NOT NULL AND due_at <= :now AND id IN :ids*
    ORDER BY id
    FOR NO KEY UPDATE SKIP LOCKED
    """
)

#: taken for the last check before a hand-over, before anything is read: what was read while waiting is old
LOCK_ENROLLMENTS = read(
    """
    SELECT id FROM enrollment WHERE id IN :ids* ORDER BY id
    FOR NO KEY UPDATE
    """
)

#: enrollments with the message they are about
HELD = read(
    """
    SELECT e.id, e.step, e.fence, e.state, e.lease_until, m.state AS message_state
    FROM enrollment e JOIN message m ON m.enrollment_id = e.id AND m.step = e.step
    WHERE e.id IN :ids* ORDER BY e.id
    """
)

#: whether enrollments still are as they were claimed
FENCES = read(
    """
    SELECT id, state, fence FROM enrollment WHERE id IN :ids* ORDER BY id
    FOR NO KEY UPDATE
    """
)

#: leads with their address, as facts need them
LEADS = read(
    """
    SELECT l.id, a.email, a.token, a.version AS address_version, a.suppressed, a.suppressed_until,
           a.paused_until, a.pace_days, l.first_name, l.last_name, l.company, l.title, l.industry, l.employees,
           l.country, l.language, l.timezone, l.phone, l.source, l.asset, l.legal_ground, l.ground_until,
           l.confirm_until, l.no_sales_contact, l.stage, l.owner, l.cycle, l.rejected_times,
           l.recycled_at, l.account, l.kept_warm,
           (SELECT value FROM answer WHERE lead_id = l.id AND question = 'need') AS need,
           (SELECT value FROM answer WHERE lead_id = l.id AND question = 'budget') AS budget,
           (SELECT value FROM answer WHERE lead_id = l.id AND question = 'authority') AS authority,
           (SELECT value FROM answer WHERE lead_id = l.id AND question = 'timing') AS timing,
           (SELECT value FROM answer WHERE lead_id = l.id AND question = 'recommend') AS recommend,
           (SELECT MAX(answered_at) FROM answer WHERE lead_id = l.id AND question <> 'recommend') AS answered_at
    FROM lead l JOIN address a ON a.id = l.address_id
    WHERE l.id IN :ids*
    """
)

#: what leads did that counts by now, oldest first
ENGAGEMENTS = read(
    """
    SELECT e.lead_id, e.kind, e.occurred_at, m.template, e.url, e.name, e.key
    FROM event e LEFT JOIN message m ON m.id = e.message_id
    WHERE e.lead_id IN :ids* AND e.verdict = 'human' AND e.counts_at <= :now
    ORDER BY e.lead_id, e.occurred_at, e.key
    """
)

#: mails to leads that were or may have been accepted, in any sequence
MAILED = read(
    """
    SELECT m.lead_id, a.started_at FROM message m JOIN attempt a ON a.message_id = m.id
    WHERE m.lead_id IN :ids* AND a.started_at > :after_at AND a.state IN ('posting', 'unknown', 'accepted')
    ORDER BY a.started_at
    """
)

#: words that sequences put on leads, and topics that their addresses declined
TAGS = read("SELECT lead_id, tag FROM lead_tag WHERE lead_id IN :ids*")
REFUSED = read(
    """
    SELECT l.id, r.topic FROM topic_refusal r JOIN lead l ON l.address_id = r.address_id WHERE l.id IN :ids*
    """
)

#: every template that leads got or may have got
RECEIVED = read(
    """
    SELECT lead_id, template FROM message
    WHERE lead_id IN :ids* AND state IN ('handed_over', 'accepted', 'held')
    """
)

#: other mails that may be about to go to these leads
RIVALS = read(
    """
    SELECT id, lead_id, sequence FROM enrollment
    WHERE lead_id IN :ids* AND state = 'active' AND (lease_until > :now OR due_at <= :now)
    """
)

#: the mails of these enrollments, whatever became of them
MESSAGES = read("SELECT id, enrollment_id, step, state FROM message WHERE enrollment_id IN :ids*")

#: the addresses of leads, taken before every hand-over and every suppression: the rows that order the two
LOCK_ADDRESSES = read(
    """
    SELECT a.id FROM address a JOIN lead l ON l.address_id = a.id WHERE l.id IN :ids* ORDER BY a.id
    FOR NO KEY UPDATE OF a
    """
)

#: things that happened to leads and may start a sequence
TRIGGERS = read(
    """
    SELECT t.id, t.lead_id, t.name, t.due_at FROM lead_trigger t JOIN lead l ON l.id = t.lead_id
    WHERE t.done_at IS NULL AND t.due_at <= :now ORDER BY t.due_at, t.id LIMIT :limit
    FOR NO KEY UPDATE SKIP LOCKED
    """
)

#: which sequences these leads have been in, and how it ended
PAST = read("SELECT lead_id, sequence, state, entered_at, goal_at, reason FROM enrollment WHERE lead_id IN :ids*")

#: any text of a sequence by its version
VERSION = read("SELECT source FROM sequence_version WHERE version = :version")
#: what is live; the same while nothing else can go live; and while nobody decides by it
LIVE = read("SELECT sequence, version FROM live_sequence ORDER BY sequence")
HOLD_LIVE = read("SELECT sequence, version FROM live_sequence ORDER BY sequence FOR SHARE")
LOCK_LIVE = read(
    """
    SELECT sequence, version FROM live_sequence ORDER BY sequence
    FOR NO KEY UPDATE
    """
)
#: every sequence there ever was, with the version that is live, if one is
PUBLISHED = read(
    """
    SELECT DISTINCT v.sequence, l.version
    FROM sequence_version v LEFT JOIN live_sequence l ON l.sequence = v.sequence
    """
)
