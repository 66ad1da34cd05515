"""Handoffs that sales has in hand: holding one while something is done with it, and its log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import deals, sales
from models.statement import write
from models.words import HandoffState, OpportunityState
from nurture.errors import UsageError

_LOG = write(
    """
    INSERT INTO touch (lead_id, handoff_id, at, by, kind, outcome, note)
    VALUES (:lead_id, :handoff_id, :at, :by, :kind, :outcome, :note)
    """
)
_OPEN = frozenset({HandoffState.OFFERED, HandoffState.ACCEPTED})


def hold(connection: Connection, handoff_id: int) -> Row[Any]:
    """The handoff; nobody else decides about its lead until the transaction ends. Raises UsageError where none is."""
    handoff = connection.execute(sales.HANDOFF, {"id": handoff_id}).first()
    if handoff is None:
        raise UsageError(f"there is no handoff {handoff_id}; `nurture handoffs list` shows those there are")
    connection.execute(sales.LOCK_LEAD, {"id": handoff.lead_id})
    return read(connection, handoff_id)


def hold_open(connection: Connection, handoff_id: int) -> Row[Any]:
    """The same, of one that sales still has in hand. Raises UsageError for one that it gave back, won or lost."""
    handoff = hold(connection, handoff_id)
    if handoff.state not in _OPEN:
        raise UsageError(f"handoff {handoff_id} is {handoff.state}: sales has it no more")
    deal = connection.execute(deals.SHOWN, {"handoff_id": handoff_id}).first()
    if deal and deal.state != OpportunityState.OPEN:
        raise UsageError(f"the deal of handoff {handoff_id} is {deal.state}: sales has it no more")
    return handoff


def read(connection: Connection, handoff_id: int) -> Row[Any]:
    """The handoff as it is now."""
    return connection.execute(sales.HANDOFF, {"id": handoff_id}).one()


def log(
    connection: Connection, handoff: Row[Any], kind: str, by: str, at: datetime, *, outcome: str = "", note: str = ""
) -> None:
    """Write down what was done with a handoff: a call, a mail, a meeting; that it was given on, or put off."""
    told = {"by": by, "kind": kind, "outcome": outcome, "note": note or None}
    connection.execute(_LOG, {"lead_id": handoff.lead_id, "handoff_id": handoff.id, "at": at, **told})
