"""A person's word on a mail that the engine will not decide alone.

In doubt (unknown, held), nobody knows whether it went out: the person says `sent`, `resend` or `skip`. Refused
for good (rejected), its lead stands still: `resend` after mending the cause, or `skip` the mail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Connection, Row

from models.queries import messages
from models.statement import write
from models.words import EnrollmentState, MessageState
from nurture.core.decide import Position
from nurture.errors import UsageError
from nurture.ledger.settle import accepted, settle
from nurture.mail import Outcome, Receipt
from nurture.ports import Ports

Word = Literal["sent", "resend", "skip"]

_SET_MESSAGE = write("UPDATE message SET state = :state, reason = :reason WHERE id = :id AND state = :seen")
#: wakes a lead that stands still at a refused mail, unless it has come into the sequence anew meanwhile
_GO_ON = write(
    """
    UPDATE enrollment SET state = 'active', version = :version, step = :step, since = :since, until = :until,
        waiting = :waiting, due_at = :due_at, why = :why, lease_until = NULL, ended_at = NULL, reason = NULL
    WHERE id = :id AND state IN ('active', 'dead') AND step = :at_step AND NOT EXISTS (
        SELECT 1 FROM enrollment other
        WHERE other.lead_id = enrollment.lead_id AND other.sequence = enrollment.sequence
          AND other.state = 'active' AND other.id <> enrollment.id)
    """
)


@dataclass(frozen=True, slots=True)
class Resolved:
    """What became of a message by a person's word."""

    message_id: int
    lead_id: int
    sequence: str
    step: str
    was: str
    word: Word


def look(ports: Ports, message_id: int) -> Row[Any]:
    """The message as it stands. Raises UsageError when there is none."""
    with ports.database.reading() as connection:
        return _read(connection, message_id)


def in_doubt(message: Row[Any]) -> bool:
    """Whether it may have reached the lead already, so that sending it again may send it twice."""
    return message.attempt_id is not None and message.state in (MessageState.HANDED_OVER, MessageState.HELD)


def resolve(ports: Ports, message_id: int, word: Word, *, by: str, may_double: bool = False) -> Resolved:
    """Take `word` for what became of a message, and let its lead go on.

    `resend` of a mail in doubt may reach the lead twice and needs `may_double`. Raises UsageError where the word
    does not fit the message.
    """
    now = ports.clock.now()
    with ports.database.transaction("resolve") as connection:
        connection.execute(messages.LOCK, {"id": message_id})
        message = _read(connection, message_id)
        if in_doubt(message):
            _resolve_doubt(connection, ports, message, word, by, now, may_double=may_double)
        elif message.state == MessageState.REJECTED:
            _resolve_refusal(connection, ports, message, word, by, now)
        else:
            raise UsageError(f"message {message_id} is {message.state}; there is nothing to decide about it")
    was = MessageState(message.state) if message.state != MessageState.HANDED_OVER else "unknown"
    return Resolved(message.id, message.lead_id, message.sequence, message.step, str(was), word)


def _resolve_doubt(
    connection: Connection, ports: Ports, message: Row[Any], word: Word, by: str, now: datetime, *, may_double: bool
) -> None:
    if word == "skip":
        _skip(connection, ports, message, by, now)
        return
    if word == "resend":
        _check_resend(message, may_double=may_double)
        receipts = [Receipt(message.attempt_id, Outcome.NOT_ACCEPTED, reason=f"{by} says: send again", retry_after=0)]
    else:
        receipts = accepted([message.attempt_id], f"{by} says: it was sent")
    settle(connection, ports.library, receipts, now)


def _check_resend(message: Row[Any], *, may_double: bool) -> None:
    if message.enrollment_state != EnrollmentState.ACTIVE:
        left = f"its lead has left {message.sequence} ({message.enrollment_reason})"
        raise UsageError(f"message {message.id}: {left}; say sent or skip")
    if not may_double:
        raise UsageError(f"message {message.id} may have reached the lead; confirm that it may come twice")


def _resolve_refusal(
    connection: Connection, ports: Ports, message: Row[Any], word: Word, by: str, now: datetime
) -> None:
    if word == "sent":
        raise UsageError(
            f"message {message.id} was refused ({message.reason}); say resend once that is mended, or skip"
        )
    if word == "skip":
        _skip(connection, ports, message, by, now)
        return
    if message.enrollment_state != EnrollmentState.DEAD:
        raise UsageError(f"message {message.id}: its lead has left {message.sequence}; say skip")
    here = Position(message.step, now, message.entered_at)
    if not _go_on(connection, message, message.version, here, f"{by} says: send again", now):
        raise UsageError(f"message {message.id}: its lead is in {message.sequence} again already; say skip")
    _set(connection, message, MessageState.PLANNED, None)


def _skip(connection: Connection, ports: Ports, message: Row[Any], by: str, now: datetime) -> None:
    """The mail is given up; waits after it count from now. What is known of its attempt stays as it is."""
    _set(connection, message, MessageState.SUPPRESSED, f"{by} says: skip")
    version, position = ports.library.hold(connection, [message]).past(message, now)
    _go_on(connection, message, version, position, f"{by} says: skip {message.step}", now)


def _go_on(
    connection: Connection, message: Row[Any], version: str, position: Position, why: str, now: datetime
) -> bool:
    """Whether the lead goes on: one that has left the sequence, or is in it anew, does not."""
    about = {"id": message.enrollment_id, "at_step": message.step, "version": version}
    return connection.execute(_GO_ON, about | position.columns(now) | {"why": why}).rowcount == 1


def _set(connection: Connection, message: Row[Any], state: MessageState, reason: str | None) -> None:
    connection.execute(_SET_MESSAGE, {"id": message.id, "seen": message.state, "state": state, "reason": reason})


def _read(connection: Connection, message_id: int) -> Row[Any]:
    message = connection.execute(messages.IN_DOUBT, {"id": message_id}).first()
    if message is None:
        raise UsageError(f"there is no message {message_id}; `nurture messages list` shows those that wait for a word")
    return message
