"""Handing over: the last check, and the attempt row that must be on disk before the first byte leaves."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import journey, ledger
from models.statement import write
from models.words import EnrollmentState, MessageState
from nurture import gates
from nurture.announce import announce_left
from nurture.core import steps
from nurture.core.decide import Exit, Send, Wait, may_send, unwanted
from nurture.core.links import links_of, places
from nurture.gather import Known, facts_of, read_leads
from nurture.ledger.precedence import before
from nurture.mail import Email
from nurture.ports import Ports

_ATTEMPT = write(
    """
    INSERT INTO attempt (id, message_id, n, serial, state, mailer, address_version, started_at, deadline)
    VALUES (:id, :message_id, :n, :serial, 'posting', :mailer, :address_version, :now, :deadline)
    ON CONFLICT DO NOTHING
    """
)
_HANDED_OVER = write(
    """
    UPDATE message SET state = 'handed_over', content_hash = :content_hash, links = :links, reason = NULL
    WHERE id = :id AND state = 'planned'
    """
)
_IN_FLIGHT = write("UPDATE enrollment SET due_at = NULL, lease_until = NULL, why = :why WHERE id = :id")
_RE_TIME = write("UPDATE enrollment SET due_at = :due_at, why = :why, lease_until = NULL WHERE id = :id")
_END = write(
    """
    UPDATE enrollment SET state = :state, version = :version, step = :step, ended_at = :now, reason = :reason,
        due_at = NULL, lease_until = NULL
    WHERE id = :id
    """
)
_DROP_PLANNED = write(
    "UPDATE message SET state = 'suppressed', reason = :reason WHERE enrollment_id = :id AND state = 'planned'"
)
#: what is used up of a day, which nobody else uses until the transaction ends
_USED = write(
    """
    INSERT INTO quota (sender, day, used) VALUES (:sender, :day, 0)
    ON CONFLICT (sender, day) DO UPDATE SET used = quota.used RETURNING used
    """
)
_COUNT = write(
    """
    INSERT INTO quota (sender, day, used) VALUES (:sender, :day, :count)
    ON CONFLICT (sender, day) DO UPDATE SET used = quota.used + :count
    """
)


@dataclass(frozen=True, slots=True)
class Planned:
    """A mail that is rendered and wants to leave: what was claimed, under which fence, and the mail itself."""

    enrollment_id: int
    lead_id: int
    message_id: int
    fence: int
    sequence: steps.Sequence
    step: steps.EmailStep
    template: str
    email: Email


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What may be posted now, and what may not after all: enrollment -> the answer it got instead."""

    emails: tuple[Email, ...]
    refused: Mapping[int, Wait | Exit]


def hand_over(
    connection: Connection, ports: Ports, batch: Sequence[Planned], serials: range, now: datetime
) -> HandedOver:
    """Decide once more, under locks, which of these mails leave; write their attempts. Nothing is posted here.

    Checked again: the gates, the lease and fence, opt-outs and every other bar, the window, the caps, the
    day's quota. What must wait is re-timed, what must not go out ends its enrollment.
    """
    stopped = gates.hold(connection, now)
    leads = sorted({one.lead_id for one in batch})
    enrollments = {"ids": sorted(one.enrollment_id for one in batch)}
    connection.execute(journey.LOCK_ADDRESSES, {"ids": leads})
    connection.execute(journey.LOCK_ENROLLMENTS, enrollments)
    sequences = {one.sequence.version: one.sequence for one in batch}
    known = read_leads(connection, leads, ports.project, now, sequences.values())
    held = {row.id: row for row in connection.execute(journey.HELD, enrollments)}
    ours = [one for one in batch if _still_ours(one, held.get(one.enrollment_id), now)]
    held_up = _held_up(connection, ports, ours, stopped, now)
    answers = _ask(ports, ours, known, held_up, _quota_left(connection, ports, now), now)
    leaving = [one for one, answer in zip(ours, answers, strict=True) if isinstance(answer, Send)]
    refused = {
        one.enrollment_id: answer for one, answer in zip(ours, answers, strict=True) if not isinstance(answer, Send)
    }
    _refuse(connection, ours, refused, now)
    left = (one.lead_id for one in ours if isinstance(refused.get(one.enrollment_id), Exit))
    announce_left(connection, ports.project.config, left, now)
    return HandedOver(tuple(_write_attempts(connection, ports, leaving, known, serials, now)), refused)


def _still_ours(one: Planned, row: Row[Any] | None, now: datetime) -> bool:
    return (
        row is not None
        and row.state == EnrollmentState.ACTIVE
        and row.fence == one.fence
        and row.lease_until is not None
        and row.lease_until > now
        and row.step == one.step.id
        and row.message_state == MessageState.PLANNED
    )


def _ask(
    ports: Ports, batch: Sequence[Planned], known: Known, held_up: Mapping[int, Wait], quota_left: int, now: datetime
) -> list[Send | Wait | Exit]:
    """One answer per mail. A mail that leaves counts at once against the caps of its lead and the quota of the day."""
    answers: list[Send | Wait | Exit] = []
    for one in batch:
        answer = held_up.get(one.enrollment_id) or recheck(ports, one, known, now)
        if isinstance(answer, Send):
            if quota_left == 0:
                answer = Wait(_tomorrow(now), "the day's quota is used up")
            else:
                quota_left -= 1
                known.mailed_at.setdefault(one.lead_id, []).append(now)
                known.received[one.lead_id].add(one.template)
        answers.append(answer)
    return answers


def recheck(ports: Ports, one: Planned, known: Known, now: datetime) -> Send | Wait | Exit:
    """The same question as when the mail was planned, asked of what is true now."""
    facts = facts_of(known, one.lead_id, ports.project, now, names=frozenset())
    if why := unwanted(one.step, facts):
        return Wait(now, why)  # the next claim takes the lead past it
    answer = may_send(one.sequence, one.step, facts, now)
    if one.step.stale_after and isinstance(answer, Wait):
        return replace(answer, until=now)  # the next claim tells whether it would be stale by then
    return answer


def _held_up(
    connection: Connection, ports: Ports, batch: Sequence[Planned], stopped: Mapping[str, str], now: datetime
) -> Mapping[int, Wait]:
    """By enrollment, what keeps its mail back for a minute: something is stopped, or another sequence goes first."""
    everything = gates.stops_mail(stopped, ports.mailer.name)
    first = before(connection, ports, batch, stopped, now) if not everything else {}
    soon = now + timedelta(minutes=1)
    held: dict[int, Wait] = {}
    for one in batch:
        if why := everything or stopped.get(gates.sequence_gate(one.sequence.name)):
            held[one.enrollment_id] = Wait(soon, f"stopped: {why}")
        elif one.enrollment_id in first:
            held[one.enrollment_id] = Wait(soon, f"{first[one.enrollment_id]} goes first")
    return held


def _quota_left(connection: Connection, ports: Ports, now: datetime) -> int:
    key = {"sender": ports.mailer.name, "day": now.date().isoformat()}
    used = connection.execute(_USED, key).scalar_one()
    return max(ports.project.config.quota.per_day - int(used), 0)


def _tomorrow(now: datetime) -> datetime:
    return datetime.combine(now.date() + timedelta(days=1), time(), UTC)


def _refuse(
    connection: Connection, batch: Sequence[Planned], refused: Mapping[int, Wait | Exit], now: datetime
) -> None:
    waits = [{"id": id_, "due_at": one.until, "why": one.why} for id_, one in refused.items() if isinstance(one, Wait)]
    if waits:
        connection.execute(_RE_TIME, sorted(waits, key=lambda row: int(str(row["id"]))))
    exits = [(one, refused[one.enrollment_id]) for one in batch if isinstance(refused.get(one.enrollment_id), Exit)]
    for one, answer in exits:
        assert isinstance(answer, Exit)
        end(connection, one.enrollment_id, answer, one.sequence.version, one.step.id, now)


def end(
    connection: Connection, enrollment_id: int, answer: Exit, version: str, step: str | None, now: datetime
) -> None:
    """Close an enrollment and drop what it still had planned."""
    state = EnrollmentState.DONE if answer.done else EnrollmentState.STOPPED
    row = {"id": enrollment_id, "state": state, "version": version, "step": step, "now": now, "reason": answer.reason}
    connection.execute(_END, row)
    connection.execute(_DROP_PLANNED, {"id": enrollment_id, "reason": answer.reason})


def _write_attempts(
    connection: Connection,
    ports: Ports,
    leaving: Sequence[Planned],
    known: Known,
    serials: range,
    now: datetime,
) -> list[Email]:
    if not leaving:
        return []
    tries = {
        row.message_id: row.n for row in connection.execute(ledger.TRIES, {"ids": [one.message_id for one in leaving]})
    }
    attempts = [
        _attempt(ports, one, known, tries.get(one.message_id, 0) + 1, serial, now)
        for one, serial in zip(leaving, serials, strict=False)
    ]
    connection.execute(_ATTEMPT, attempts)
    written = {row.id for row in connection.execute(ledger.WRITTEN, {"attempts": [one["id"] for one in attempts]})}
    pairs = [(one, str(row["id"])) for one, row in zip(leaving, attempts, strict=True) if row["id"] in written]
    if not pairs:
        return []
    connection.execute(_HANDED_OVER, [{"id": one.message_id} | _what_is_in(one.email) for one, _ in pairs])
    connection.execute(
        _IN_FLIGHT, [{"id": one.enrollment_id, "why": f"handing over {one.step.id}"} for one, _ in pairs]
    )
    day = now.date().isoformat()
    connection.execute(_COUNT, {"sender": ports.mailer.name, "day": day, "count": len(pairs)})
    return [replace(one.email, attempt_id=attempt) for one, attempt in pairs]


def _attempt(ports: Ports, one: Planned, known: Known, n: int, serial: int, now: datetime) -> dict[str, object]:
    """The n-th attempt of a mail, as its row."""
    return {
        "id": ports.new_id(),
        "message_id": one.message_id,
        "n": n,
        "serial": serial,
        "mailer": ports.mailer.name,
        "address_version": known.leads[one.lead_id].address_version,
        "now": now,
        "deadline": now + timedelta(seconds=ports.limits.lease),
    }


def _what_is_in(email: Email) -> dict[str, object]:
    """What is kept of a mail: by which hash it is known again, and how many links there are to follow."""
    content = f"{email.subject}\0{email.text}\0{email.html}".encode()
    return {"content_hash": hashlib.sha256(content).hexdigest()[:16], "links": len(places(links_of(email.html)))}
