"""Settling: what came of an attempt is written down, and the lead moves on. Facts are never fenced.

Whoever learns something about an attempt may say it here: the worker with its receipt, an event of the
provider, recovery, a person. Saying it twice, late or in the wrong order changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, TextClause

from models.queries import ledger
from models.statement import write
from models.words import AttemptState, EnrollmentState, MessageState
from nurture import gates
from nurture.announce import Happened, announce_all, announce_left
from nurture.library import Library, Live
from nurture.mail import Outcome, Receipt
from nurture.suppress import NOT_TAKEN

#: after the n-th attempt that the provider certainly does not have
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
#: this many unknown ends and nothing accepted: the provider is in trouble, so wait before making more of them
UNKNOWN_IN_A_ROW = 3
TROUBLE = timedelta(minutes=5)

_SETTLE_ATTEMPT = write(
    """
    UPDATE attempt SET state = :state, settled_at = :now, reason = :reason,
        provider_id = COALESCE(:provider_id, provider_id)
    WHERE id = :id AND state = :seen
    """
)
_SETTLE_MESSAGE = write("UPDATE message SET state = :state, reason = :reason WHERE id = :id AND state = :seen")
_MOVE_ON = write(
    """
    UPDATE enrollment
    SET version = :version, step = :step, since = :since, until = :until, waiting = :waiting, due_at = :due_at,
        why = :why, lease_until = NULL
    WHERE id = :id AND step = :at_step AND state = 'active'
    """
)
_TRY_AGAIN = write(
    """
    UPDATE enrollment SET due_at = :due_at, why = :why, lease_until = NULL
    WHERE id = :id AND step = :at_step AND state = 'active'
    """
)
_BURY = write(
    """
    UPDATE enrollment SET state = 'dead', ended_at = :now, reason = :reason, due_at = NULL, lease_until = NULL
    WHERE id = :id AND step = :at_step AND state = 'active'
    """
)

_MESSAGE_AFTER = {
    Outcome.ACCEPTED: MessageState.ACCEPTED,
    Outcome.NOT_ACCEPTED: MessageState.PLANNED,
    Outcome.REJECTED: MessageState.REJECTED,
    Outcome.UNKNOWN: MessageState.HANDED_OVER,
}


def settle(connection: Connection, library: Library, receipts: Sequence[Receipt], now: datetime) -> int:
    """Write down a chunk of receipts: attempts, messages, and where each lead goes from here.

    Returns how many of them said something new.
    """
    by_id = {receipt.attempt_id: receipt for receipt in receipts}
    if not by_id:
        return 0
    attempts = {"attempts": sorted(by_id)}
    connection.execute(ledger.LOCK_ENROLLMENTS, attempts)
    rows = connection.execute(ledger.SETTLE, attempts).all()
    pairs = [(row, by_id[row.id]) for row in rows if _says_something_new(row, by_id[row.id])]
    if pairs:
        connection.execute(_SETTLE_ATTEMPT, [_attempt(row, receipt, now) for row, receipt in pairs])
        connection.execute(_SETTLE_MESSAGE, [_message(row, receipt) for row, receipt in pairs])
    live = library.hold(connection, rows)
    for outcome, (statement, change) in _AFTERWARDS.items():
        changes = [change(live, row, receipt, now) for row, receipt in pairs if receipt.outcome is outcome]
        if changes:
            connection.execute(statement, changes)
    _announce(connection, library, pairs, now)
    return len(pairs)


def _announce(
    connection: Connection, library: Library, pairs: Sequence[tuple[Row[Any], Receipt]], now: datetime
) -> None:
    """Tell other systems which mails went out, and whom the provider's refusal ended a sequence for."""
    config = library.project.config
    sent = (_sent(row) for row, receipt in pairs if receipt.outcome is Outcome.ACCEPTED)
    announce_all(connection, config, "email.sent", sent, now)
    refused = (row.lead_id for row, receipt in pairs if receipt.outcome is Outcome.REJECTED)
    announce_left(connection, config, refused, now)


def _sent(row: Row[Any]) -> Happened:
    told = {"message_id": row.message_id, "sequence": row.sequence, "step": row.step, "template": row.template}
    return row.lead_id, str(row.message_id), told


def accepted(attempt_ids: Iterable[str], reason: str) -> list[Receipt]:
    """Proof from elsewhere (an event that carries our attempt id) as receipts."""
    return [Receipt(attempt_id, Outcome.ACCEPTED, reason=reason) for attempt_id in sorted(set(attempt_ids))]


def guard_provider(connection: Connection, mailer: str, receipts: Sequence[Receipt], now: datetime) -> None:
    """Stop sending when the receipts say that the fault is not in a single mail."""
    name = gates.mailer_gate(mailer)
    for receipt in receipts:
        if receipt.closes_gate:
            gates.close(connection, name, receipt.reason, now)
        elif receipt.retry_after is not None:
            until = now + timedelta(seconds=receipt.retry_after)
            gates.close(connection, name, receipt.reason, now, until=until)
    outcomes = [receipt.outcome for receipt in receipts]
    if outcomes.count(Outcome.UNKNOWN) >= UNKNOWN_IN_A_ROW and Outcome.ACCEPTED not in outcomes:
        reason = "the provider does not answer"
        gates.close(connection, name, reason, now, until=now + TROUBLE)


def _says_something_new(row: Row[Any], receipt: Receipt) -> bool:
    """Whether a receipt changes what is known.

    Proof of acceptance also overrules "the provider does not have it", as long as the message was not tried again.
    """
    if row.state in (AttemptState.POSTING, AttemptState.UNKNOWN):
        return bool(row.state != receipt.outcome)
    overruled = row.state == AttemptState.NOT_ACCEPTED and receipt.outcome is Outcome.ACCEPTED
    return overruled and bool(row.message_state == MessageState.PLANNED)


def _attempt(row: Row[Any], receipt: Receipt, now: datetime) -> dict[str, object]:
    return {
        "id": row.id,
        "seen": row.state,
        "state": AttemptState(receipt.outcome),
        "now": now,
        "provider_id": receipt.provider_id or None,
        "reason": receipt.reason,
    }


def _message(row: Row[Any], receipt: Receipt) -> dict[str, object]:
    state = _MESSAGE_AFTER[receipt.outcome]
    if state is MessageState.PLANNED and row.enrollment_state != EnrollmentState.ACTIVE:
        state = MessageState.SUPPRESSED
    return {
        "id": row.message_id,
        "seen": row.message_state,
        "state": state,
        "reason": receipt.reason or None,
    }


def _next(live: Live, row: Row[Any], _: Receipt, now: datetime) -> dict[str, Any]:
    """Past the mail: waits count from the start of the attempt."""
    version, position = live.past(row, row.started_at)
    why = f"{position.waiting} after {row.step}" if position.waiting else ""
    return _at(row) | {"version": version} | position.columns(now) | {"why": why}


def _at(row: Row[Any]) -> dict[str, Any]:
    """Which enrollment, and where it must still stand."""
    return {"id": row.enrollment_id, "at_step": row.step}


def _retry(_: Live, row: Row[Any], receipt: Receipt, now: datetime) -> dict[str, Any]:
    pause = BACKOFF[min(row.n, len(BACKOFF)) - 1]
    if receipt.retry_after is not None:
        pause = timedelta(seconds=receipt.retry_after)
    return _at(row) | {"due_at": now + pause, "why": f"{NOT_TAKEN} {row.n}: {receipt.reason}"}


def _buried(_: Live, row: Row[Any], receipt: Receipt, now: datetime) -> dict[str, Any]:
    return _at(row) | {"now": now, "reason": receipt.reason}


#: what each outcome means for the enrollment; an unknown one leaves it where it is, in sight
_AFTERWARDS: Mapping[Outcome, tuple[TextClause, Callable[[Live, Row[Any], Receipt, datetime], dict[str, Any]]]] = {
    Outcome.ACCEPTED: (_MOVE_ON, _next),
    Outcome.NOT_ACCEPTED: (_TRY_AGAIN, _retry),
    Outcome.REJECTED: (_BURY, _buried),
}
