"""Making edits live, and taking the leads that wait along, some hundred at a time.

The version that is live changes in one short transaction. From its commit on nobody decides by the old one: whoever
claims, settles or enrolls holds `live_sequence` until it is done. Then each lead that waits by another version is
decided anew and gets the live one, so what is left to do can always be told from the rows: `apply` again finishes what
was cut short, and until then every lead follows when its own time comes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import journey
from models.queries import plan as queries
from models.statement import write
from nurture.advance.claim import PLACE, write_down
from nurture.announce import announce_left
from nurture.core.decide import Exit, Wait
from nurture.errors import UsageError
from nurture.ledger.hand_over import end
from nurture.plan.anew import Anew, decide_anew, mails_of
from nurture.plan.edits import refuse_faults
from nurture.ports import Ports

#: enrollments of one transaction
BATCH = 500

_PIN = write("UPDATE enrollment SET pinned = TRUE WHERE id = :id")
#: whoever has it under lease finds that it is somebody else's now
_TAKE_LEASE = write("UPDATE enrollment SET fence = fence + 1 WHERE id = :id")


@dataclass(frozen=True, slots=True)
class Applied:
    """What was done: sequences that went live or were taken out, and how many leads were decided anew, left because
    of that, or finish the text they have."""

    sequences: tuple[str, ...]
    decided: int = 0
    left: int = 0
    pinned: int = 0


def apply(
    ports: Ports,
    names: Collection[str],
    seen: Mapping[str, str],
    *,
    pin: bool = False,
    progress: Callable[[int], None] = lambda _: None,
) -> Applied:
    """Make the files of these sequences live, and decide anew about the leads that wait in them.

    `seen` are the live versions that the plan was made from; raises UsageError if somebody has applied meanwhile, and
    ContentError while a file has faults. With `pin`, leads under way finish the text they have.
    """
    refuse_faults(ports.project)
    changed = sorted(set(names) & set(ports.library.edits))
    expected = {name: seen.get(name) for name in names}
    pinned = _pin(ports, changed, expected) if pin and changed else 0
    with ports.database.transaction("apply") as connection:
        _refuse_others(connection.execute(journey.LOCK_LIVE), expected)
        ports.library.apply(connection, changed, ports.clock.now())
    ports.library.look(ports.project)
    decided, left = _take_along(ports, sorted(names), progress)
    return Applied(tuple(changed), decided, left, pinned)


def _refuse_others(rows: Iterable[Row[Any]], expected: Mapping[str, str | None]) -> None:
    """Raise UsageError where something else is live than the plan was made from."""
    live = {row.sequence: row.version for row in rows}
    if any(live.get(name) != version for name, version in expected.items()):
        raise UsageError("somebody else has applied meanwhile; look at `nurture plan` again")


def _pin(ports: Ports, names: Sequence[str], expected: Mapping[str, str | None]) -> int:
    pinned = 0
    while True:
        with ports.database.transaction("pin") as connection:
            rows = connection.execute(queries.TO_PIN, {"names": names, "limit": BATCH}).all()
            if not rows:
                return pinned
            _refuse_others(connection.execute(journey.HOLD_LIVE), expected)
            connection.execute(_PIN, [{"id": row.id} for row in rows])
            pinned += len(rows)


def _take_along(ports: Ports, names: Sequence[str], progress: Callable[[int], None]) -> tuple[int, int]:
    after = decided = left = 0
    while True:
        with ports.database.transaction("take along") as connection:
            rows = connection.execute(queries.LEFT, {"names": names, "after": after, "limit": BATCH}).all()
            if not rows:
                return decided, left
            some = _decide_some(connection, ports, rows)
        after = rows[-1].id
        decided += len(some)
        left += sum(one.exit is not None for one in some)
        progress(decided)


def _decide_some(connection: Connection, ports: Ports, rows: Sequence[Row[Any]]) -> list[Anew]:
    live = ports.library.hold(connection, rows)
    now = ports.clock.now()
    some = decide_anew(connection, ports, live, rows, mails_of(connection, rows), now)
    if leased := [{"id": one.row.id} for one in some if one.row.lease_until is not None]:
        connection.execute(_TAKE_LEASE, leased)
    write_down(connection, [one.claim for one in some if one.claim], now)
    if placed := [_place(one) for one in some if _is_placed(one)]:
        connection.execute(PLACE, placed)
    for one in some:
        if one.exit and not one.claim:
            end(connection, one.row.id, one.exit, one.version, one.position.step, now)
    left = (one.row.lead_id for one in some if one.exit)
    announce_left(connection, ports.project.config, left, now)
    return some


def _is_placed(one: Anew) -> bool:
    """Whether it stands, and no wait has been written down for it."""
    return one.exit is None and not (one.claim and isinstance(one.claim.decision, Wait | Exit))


def _place(one: Anew) -> dict[str, object]:
    where = one.position
    return {
        "id": one.row.id,
        "version": one.version,
        "step": where.step,
        "since": where.since,
        "until": where.until,
        "waiting": where.waiting,
        "due_at": one.due_at,
        "why": one.row.why if one.due_at == one.row.due_at else "the sequence was edited",
    }
