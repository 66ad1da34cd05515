"""Recovery: attempts that never came back, each by the rule of the mailer that had it.

An idempotent mailer is simply asked again. For the others the end is unknown: an event that carries our
attempt id settles it, proven silence settles it the other way, and what neither settles is held in sight of
a person. It is never sent again without proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import ledger
from models.statement import write
from nurture.ledger.settle import settle
from nurture.mail import Outcome, Receipt
from nurture.mail.registry import is_idempotent
from nurture.ports import Ports

#: webhook deliveries are retried for 24 h after the event; then silence begins to mean something
SILENCE = timedelta(hours=26)
#: a longer hole than this in what the webhook delivered proves nothing
HOLE = timedelta(hours=12)
NEIGHBORHOOD = timedelta(hours=1)
LOST = "no answer came back"

_HOLD = write("UPDATE message SET state = 'held', reason = :reason WHERE id = :id AND state = 'handed_over'")


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a pass found: attempts planned again, newly unknown, and messages now held for a person."""

    again: int = 0
    unknown: int = 0
    held: int = 0


def recover(ports: Ports) -> Recovered:
    """Look at every attempt whose deadline has passed."""
    now = ports.clock.now()
    with ports.database.reading() as connection:
        some = {"now": now, "before_at": now - SILENCE, "limit": ports.limits.claim}
        lost = connection.execute(ledger.LOST_SIGHT, some).all()
        old = connection.execute(ledger.UNKNOWN, some).all()
        silent = [row for row in old if silence_is_proven(connection, row.started_at, now)]
    receipts = [_verdict(row) for row in lost]
    receipts += [
        Receipt(row.id, Outcome.NOT_ACCEPTED, reason="26 h without an event, and the webhook was alive")
        for row in silent
    ]
    proven = {row.id for row in silent}
    doubtful = [row for row in old if row.id not in proven]
    if receipts or doubtful:
        with ports.database.transaction("recover") as connection:
            connection.execute(ledger.LOCK_ENROLLMENTS, {"attempts": [row.id for row in (*lost, *old)]})
            settle(connection, ports.library, receipts, now)
            _hold(connection, doubtful)
    again = sum(receipt.outcome is Outcome.NOT_ACCEPTED for receipt in receipts)
    return Recovered(again, len(receipts) - again, len(doubtful))


def _verdict(row: Row[Any]) -> Receipt:
    if is_idempotent(row.mailer):
        return Receipt(row.id, Outcome.NOT_ACCEPTED, reason=LOST, retry_after=0)
    return Receipt(row.id, Outcome.UNKNOWN, reason=LOST)


def silence_is_proven(connection: Connection, started_at: datetime, now: datetime) -> bool:
    """Whether no event about an attempt proves that the provider never had it.

    Only if verified batches arrived all the time since then with no hole of 12 h or more, each of them has been read
    to the end, and every mail accepted within an hour of it was heard of.
    """
    span = {"from_at": started_at, "to_at": now}
    if connection.execute(ledger.UNREAD, span).scalar_one():
        return False
    heard = [row.received_at for row in connection.execute(ledger.HEARD, span)]
    moments = [started_at, *heard, now]
    alive = bool(heard) and all(later - earlier < HOLE for earlier, later in pairwise(moments))
    around = {"from_at": started_at - NEIGHBORHOOD, "to_at": started_at + NEIGHBORHOOD}
    return alive and connection.execute(ledger.SILENT_NEIGHBORS, around).scalar_one() == 0


def _hold(connection: Connection, rows: Sequence[Row[Any]]) -> None:
    if rows:
        reason = "nobody knows whether it went out"
        connection.execute(_HOLD, [{"id": row.message_id, "reason": reason} for row in rows])
