"""What must hold whatever happens: checked against the provider's own log, not against what the engine believes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row
from sqlalchemy.exc import IntegrityError

from models.statement import read, write
from tests.crash.world import World

_ATTEMPTS = read(
    """
    SELECT a.id, a.message_id, a.state, a.address_version, l.id AS lead_id, d.version, d.suppressed
    FROM attempt a JOIN message m ON m.id = a.message_id JOIN lead l ON l.id = m.lead_id
    JOIN address d ON d.id = l.address_id
    """
)
_MESSAGES = read("SELECT id, enrollment_id, lead_id, step, state FROM message")
_ENROLLMENTS = read("SELECT id, lead_id, state, reason FROM enrollment")
#: of each lead that went all the way; an outbox row is one for each dedupe key, so keys are counted by lead
_DEEDS = read(
    """
    SELECT l.id, l.industry, (SELECT COUNT(*) FROM lead_tag t WHERE t.lead_id = l.id) AS tags,
        (SELECT COUNT(*) FROM outbox o WHERE o.kind = 'note_alert' AND o.dedupe_key LIKE 'note:' || e.id || ':%')
            AS alerts,
        (SELECT COUNT(*) FROM outbox o WHERE o.kind = 'webhook' AND o.dedupe_key LIKE 'webhook:' || e.id || ':%')
            AS webhooks
    FROM lead l JOIN enrollment e ON e.lead_id = l.id WHERE e.state = 'done'
    """
)
_DONE = (1, "food", 1, 1)
_OPEN = ("posting", "unknown", "accepted")


def violations(world: World, mails: int) -> list[str]:
    """Every broken promise, in words."""
    with world.database.reading() as connection:
        attempts = connection.execute(_ATTEMPTS).all()
        messages = connection.execute(_MESSAGES).all()
        enrollments = connection.execute(_ENROLLMENTS).all()
    found = []
    by_message = Counter(one.message_id for one in world.provider.taken)
    steps = {str(row.id): (row.enrollment_id, row.step) for row in messages}
    by_step = Counter(steps[one.message_id] for one in world.provider.taken)
    found += [f"message {id_} was taken {n} times" for id_, n in by_message.items() if n > 1]
    found += [f"{step} was mailed {n} times" for step, n in by_step.items() if n > 1]
    rows = Counter((row.enrollment_id, row.step) for row in messages)
    found += [f"{step} has {n} messages" for step, n in rows.items() if n > 1]
    known = {row.id for row in attempts}
    found += [
        f"{one.attempt_id} was posted without an attempt row"
        for one in world.provider.taken
        if one.attempt_id not in known
    ]
    open_attempts = Counter(row.message_id for row in attempts if row.state in _OPEN)
    found += [f"message {id_} has {n} open attempts" for id_, n in open_attempts.items() if n > 1]
    found += [
        f"attempt {row.id} was handed over after the opt-out"
        for row in attempts
        if row.suppressed and row.address_version >= row.version
    ]
    found += [] if barrier_stands(world) else ["the database takes a second open attempt"]
    return found + _forgotten(world, mails, messages, enrollments)


def undone(world: World) -> list[str]:
    """What a sequence was to do beside mailing, and did not do, or did twice, in words."""
    with world.database.reading() as connection:
        rows = connection.execute(_DEEDS).all()
    return [f"lead {row.id}: {row}" for row in rows if (row.tags, row.industry, row.alerts, row.webhooks) != _DONE]


def _forgotten(world: World, mails: int, messages: Sequence[Row[Any]], enrollments: Sequence[Row[Any]]) -> list[str]:
    taken = {one.message_id for one in world.provider.taken}
    found = [f"lead {lead} was never enrolled" for lead in set(range(1, world.leads + 1)) - _known(world, enrollments)]
    found += [
        f"message {row.id} is {row.state} but was never taken"
        for row in messages
        if row.state == "accepted" and str(row.id) not in taken
    ]
    done = {row.id for row in enrollments if row.state == "done"}
    accepted = Counter(row.enrollment_id for row in messages if row.state == "accepted")
    found += [
        f"enrollment {id_} is done after {accepted[id_]} of {mails} mails" for id_ in done if accepted[id_] != mails
    ]
    found += [
        f"message {row.id} was taken but is {row.state}"
        for row in messages
        if str(row.id) in taken and row.state in ("planned", "held", "rejected")
    ]
    return found


_SUPPRESSED = read("SELECT l.id FROM lead l JOIN address a ON a.id = l.address_id WHERE a.suppressed IS NOT NULL")


def _known(world: World, enrollments: Sequence[Row[Any]]) -> set[int]:
    """Leads that were enrolled, or that opted out before they could be."""
    with world.database.reading() as connection:
        suppressed = {row.id for row in connection.execute(_SUPPRESSED)}
    return {row.lead_id for row in enrollments} | suppressed


_SECOND = write(
    """
    INSERT INTO attempt (id, message_id, n, serial, state, mailer, address_version, started_at, deadline)
    SELECT 'second', message_id, n + 1000, serial, 'posting', mailer, address_version, started_at, deadline
    FROM attempt WHERE state IN ('posting', 'unknown', 'accepted') AND message_id IS NOT NULL LIMIT 1
    """
)


def barrier_stands(world: World) -> bool:
    """Whether the database itself refuses a second open attempt beside one that may have reached the provider."""
    with world.database.reading() as connection:
        try:
            return connection.execute(_SECOND).rowcount == 0
        except IntegrityError:
            return True
