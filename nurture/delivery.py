"""The ledger of the outbox: what is told to the outside goes out at least once, each time under the same id.

    [ claim: lease and attempt row, committed ] -> tell -> settle

Whatever dies in between leaves the row pending: it is due again when its lease ends. What could not be delivered in
three days is dead, which `nurture status` shows.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import outbox
from models.statement import write
from models.words import OutboxState
from nurture import gates
from nurture.mail import Outcome, Receipt
from nurture.ports import Ports

log = logging.getLogger(__name__)

#: after the n-th try
BACKOFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120))
GIVE_UP = timedelta(days=3)
LOST = "no answer came back"

_LOSE = write(
    """
    UPDATE attempt SET state = 'unknown', settled_at = :now, reason = :reason
    WHERE outbox_id IN :ids* AND state = 'posting' AND deadline < :now
    """
)
_ATTEMPT = write(
    """
    INSERT INTO attempt (id, outbox_id, n, serial, state, mailer, address_version, started_at, deadline)
    VALUES (:id, :outbox_id, :n, :serial, 'posting', :mailer, 0, :now, :deadline)
    """
)
_LEASE = write("UPDATE outbox SET tries = :n, due_at = :deadline WHERE id = :outbox_id")
_WAIT = write("UPDATE outbox SET due_at = :due_at WHERE id = :outbox_id")
_SETTLE_ATTEMPT = write(
    """
    UPDATE attempt SET state = :state, settled_at = :now, provider_id = :provider_id, reason = :reason
    WHERE id = :id AND state = 'posting'
    """
)
_SETTLE = write(
    """
    UPDATE outbox SET state = :state, due_at = :due_at, delivered_at = :delivered_at, reason = :reason
    WHERE id = :outbox_id AND state = 'pending'
    """
)

#: of a row before it leaves: None, why it is no news any more, or how long it waits until this is asked again
Answer = str | timedelta | None
Look = Callable[[Connection, Row[Any], datetime], Answer]
#: takes the locks on what `look` asks about, which come before those on the outbox
Hold = Callable[[Connection, Sequence[int]], None]


def _nothing(_connection: Connection, _ids: Sequence[int]) -> None:
    """What is told is true whatever happens at the same moment."""


@dataclass(frozen=True, slots=True)
class Route:
    """A way out of the house: what goes (for the names of transactions), who carries it, and the gate that stops it."""

    what: str
    carrier: str
    gate: str


@dataclass(frozen=True, slots=True)
class Leased:
    """One row of the outbox under lease: its n-th attempt. `key` is the same for good."""

    outbox_id: int
    key: str
    kind: str
    payload: Mapping[str, Any]
    n: int
    attempt_id: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of the rows that were due: sent, to be tried again, given up."""

    sent: int = 0
    again: int = 0
    dead: int = 0

    def __add__(self, other: Delivered) -> Delivered:
        return Delivered(self.sent + other.sent, self.again + other.again, self.dead + other.dead)


def claim(
    ports: Ports, route: Route, ids: Sequence[int], look: Look = lambda *_: None, hold: Hold = _nothing
) -> list[Leased] | None:
    """Lease what nobody else has and write its attempts; None where the route is stopped, or others have it all.

    `look` says of a row whether it is to leave now; `hold` keeps that answer true until the attempt is written. Raises
    StaleDatabase before anything is leased.
    """
    serials = ports.watermark.take(ports.database, len(ids))
    now = ports.clock.now()
    with ports.database.transaction(f"claim {route.what}") as connection:
        if {gates.EVERYTHING, route.gate} & gates.hold(connection, now).keys():
            return None
        hold(connection, ids)
        connection.execute(_LOSE, {"ids": list(ids), "now": now, "reason": LOST})
        rows = connection.execute(outbox.CLAIM, {"ids": list(ids), "now": now}).all()
        if not rows:
            return None
        leased = [_leased(ports, row) for row in rows if _leaves(connection, row, look(connection, row, now), now)]
        deadline = now + timedelta(seconds=ports.limits.lease)
        for one, serial in zip(leased, serials, strict=False):
            lease = {"outbox_id": one.outbox_id, "n": one.n, "now": now, "deadline": deadline}
            connection.execute(_ATTEMPT, lease | {"id": one.attempt_id, "serial": serial, "mailer": route.carrier})
            connection.execute(_LEASE, lease)
    return leased


def settle(ports: Ports, route: Route, leased: Sequence[Leased], receipts: Sequence[Receipt]) -> Delivered:
    """Write down what came of each attempt, and when the next one is due."""
    now = ports.clock.now()
    by_attempt = {receipt.attempt_id: receipt for receipt in receipts}
    rows = [_settled(one, by_attempt[one.attempt_id], now) for one in leased]
    if rows:
        with ports.database.transaction(f"settle {route.what}") as connection:
            connection.execute(_SETTLE_ATTEMPT, [_attempt(by_attempt[one.attempt_id], now) for one in leased])
            connection.execute(_SETTLE, rows)
    states = [row["state"] for row in rows]
    return Delivered(*(states.count(state) for state in (OutboxState.DELIVERED, OutboxState.PENDING, OutboxState.DEAD)))


def _leaves(connection: Connection, row: Row[Any], answer: Answer, now: datetime) -> bool:
    if answer is None:
        return True
    if isinstance(answer, timedelta):
        connection.execute(_WAIT, {"outbox_id": row.id, "due_at": now + answer})
    else:
        done = {"outbox_id": row.id, "state": OutboxState.DELIVERED, "due_at": now, "delivered_at": now}
        connection.execute(_SETTLE, done | {"reason": answer})
    return False


def _leased(ports: Ports, row: Row[Any]) -> Leased:
    return Leased(row.id, row.dedupe_key, row.kind, row.payload_json, row.tries + 1, ports.new_id(), row.created_at)


def _attempt(receipt: Receipt, now: datetime) -> dict[str, object]:
    return {
        "id": receipt.attempt_id,
        "state": str(receipt.outcome),
        "now": now,
        "provider_id": receipt.provider_id or None,
        "reason": receipt.reason or None,
    }


def _settled(one: Leased, receipt: Receipt, now: datetime) -> dict[str, object]:
    row = {"outbox_id": one.outbox_id, "due_at": now, "delivered_at": None, "reason": receipt.reason}
    if receipt.outcome is Outcome.ACCEPTED:
        return row | {"state": OutboxState.DELIVERED, "delivered_at": now, "reason": None}
    given_up = one.n > len(BACKOFF) and now - one.created_at > GIVE_UP
    if receipt.outcome is Outcome.REJECTED or given_up:
        log.error("%s %s is given up after %s tries", one.kind, one.outbox_id, one.n)
        return row | {"state": OutboxState.DEAD}
    return row | {"state": OutboxState.PENDING, "due_at": now + BACKOFF[min(one.n, len(BACKOFF)) - 1]}
