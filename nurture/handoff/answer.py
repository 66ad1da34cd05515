"""Sales' answer: accept, or reject with a reason that says where the lead goes and when it may come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import sales
from models.statement import write
from models.words import HandoffState
from nurture.announce import announce
from nurture.core.agreement import RejectReason
from nurture.core.lifecycle import Stage
from nurture.core.suggest import did_you_mean
from nurture.enroll import trigger
from nurture.errors import UsageError
from nurture.handoff.stages import move
from nurture.ports import Ports

_ANSWER = write(
    """
    UPDATE handoff SET state = :state, decided_at = :now, decided_by = :by, reason = :reason, note = :note,
        recycle_at = :recycle_at
    WHERE id = :id AND state = 'offered'
    """
)
_REST = write(
    """
    UPDATE lead SET cycle = cycle + 1, rejected_times = rejected_times + 1, recycled_at = :now WHERE id = :lead_id
    """
)


@dataclass(frozen=True, slots=True)
class Answered:
    """What a handoff says after an answer. `fresh` is False where it had been answered before; that answer stands."""

    handoff: Row[Any]
    fresh: bool


def accept(ports: Ports, handoff_id: int, by: str, note: str = "") -> Answered:
    """Sales takes the lead: it becomes an opportunity, and marketing stays silent."""
    now, config = ports.clock.now(), ports.project.config
    with ports.database.transaction("accept") as connection:
        lead = _lock(connection, handoff_id)
        if not _write(connection, handoff_id, HandoffState.ACCEPTED, by, now, note=note):
            return Answered(_read(connection, handoff_id), fresh=False)
        move(connection, config, lead.id, lead.stage, "opportunity", now, actor=by, because="accepted by sales")
        told = {"handoff_id": handoff_id, "by": by}
        announce(connection, config, "handoff.accepted", lead.id, told, key=str(handoff_id), now=now)
        return Answered(_read(connection, handoff_id), fresh=True)


def reject(ports: Ports, handoff_id: int, by: str, reason: str, note: str = "") -> Answered:
    """Sales gives the lead back. The reason's track decides: nurtured again after its delay, or never.

    Raises UsageError for a reason that is not in the agreement, or one that needs a note and has none.
    """
    terms, config = _check_reason(ports, reason, note), ports.project.config
    now = ports.clock.now()
    with ports.database.transaction("reject") as connection:
        lead = _lock(connection, handoff_id)
        back_at = now + timedelta(days=terms.after_days) if terms.after_days else None
        rejected = HandoffState.REJECTED
        if not _write(connection, handoff_id, rejected, by, now, note=note, reason=reason, recycle_at=back_at):
            return Answered(_read(connection, handoff_id), fresh=False)
        target = _TRACKS[terms.track]
        move(connection, config, lead.id, lead.stage, target, now, actor=by, because=f"rejected: {terms.label}")
        told = {"handoff_id": handoff_id, "by": by, "reason": reason, "track": terms.track}
        announce(connection, config, "handoff.rejected", lead.id, told, key=str(handoff_id), now=now)
        connection.execute(_REST, {"lead_id": lead.id, "now": now})
        if back_at:
            trigger(connection, [lead.id], "handoff_rejected", back_at)
        return Answered(_read(connection, handoff_id), fresh=True)


_TRACKS: Mapping[str, Stage] = {"recycle": "recycled", "disqualify": "disqualified"}


def _check_reason(ports: Ports, reason: str, note: str) -> RejectReason:
    """The agreement's terms for a reason code."""
    reasons = ports.project.config.agreement.reject_reasons
    if reason not in reasons:
        raise UsageError(f"unknown reason '{reason}'{did_you_mean(reason, reasons)}; there are: {', '.join(reasons)}")
    if reasons[reason].needs_note and not note.strip():
        raise UsageError(f"reason '{reason}' needs a note that says more")
    return reasons[reason]


def _lock(connection: Connection, handoff_id: int) -> Row[Any]:
    """The lead of a handoff, which nobody else decides about until the transaction ends."""
    handoff = connection.execute(sales.HANDOFF, {"id": handoff_id}).first()
    if handoff is None:
        raise UsageError(f"there is no handoff {handoff_id}; `nurture handoffs list` shows those there are")
    return connection.execute(sales.LOCK_LEAD, {"id": handoff.lead_id}).one()


def _write(
    connection: Connection,
    handoff_id: int,
    state: HandoffState,
    by: str,
    now: datetime,
    *,
    note: str = "",
    reason: str | None = None,
    recycle_at: datetime | None = None,
) -> bool:
    """Whether this is the answer; a second one, whoever gives it, changes nothing."""
    values = {"state": state, "now": now, "by": by, "reason": reason, "note": note or None, "recycle_at": recycle_at}
    return connection.execute(_ANSWER, values | {"id": handoff_id}).rowcount == 1


def _read(connection: Connection, handoff_id: int) -> Row[Any]:
    return connection.execute(sales.HANDOFF, {"id": handoff_id}).one()
