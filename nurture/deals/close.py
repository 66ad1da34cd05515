"""Closing a deal: won or lost, with what follows for the lead, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import deals, sales
from models.statement import write
from models.words import OpportunityState
from nurture.announce import announce, announce_left
from nurture.core import money
from nurture.core.announced import Announced
from nurture.core.lifecycle import Stage
from nurture.enroll import trigger
from nurture.errors import UsageError
from nurture.handoff.answer import TRACKS, Given, check_reason, rests_until, take_on
from nurture.handoff.open import log, read
from nurture.handoff.stages import move
from nurture.ports import Ports
from nurture.suppress import silence

WON, LOST = OpportunityState.WON, OpportunityState.LOST

_CLOSE = write(
    """
    UPDATE opportunity SET state = :state, closed_at = :closed_at, reason = :reason, amount = coalesce(:amount, amount),
        currency = coalesce(:currency, currency)
    WHERE id = :id
    """
)
_REST = write("UPDATE lead SET cycle = cycle + 1, recycled_at = :now WHERE id = :lead_id")
_EVENTS: Mapping[OpportunityState, Announced] = {WON: "opportunity.won", LOST: "opportunity.lost"}


@dataclass(frozen=True, slots=True)
class Closed:
    """A deal after it was closed. `fresh` is False where it stood like that already."""

    deal: Row[Any]
    fresh: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a deal ended, who says so and when it did. `back_at` is when nurture starts again after a loss."""

    state: OpportunityState
    by: str
    closed_at: datetime
    amount: int | None = None
    currency: str | None = None
    reason: str | None = None
    back_at: datetime | None = None
    note: str = ""


def win(ports: Ports, opportunity_id: int, by: str, amount: int | None = None, currency: str | None = None) -> Closed:
    """A deal is won: its lead is a customer from this moment on. `amount` is in hundredths of `currency`.

    Raises UsageError for a deal that there is none of, and for an amount without a currency.
    """
    if (amount is None) != (currency is None):
        raise UsageError("an amount and its currency go together")
    end = End(state=WON, by=by, closed_at=ports.clock.now(), amount=amount, currency=currency)
    return _close(ports, opportunity_id, end)


def lose(
    ports: Ports, opportunity_id: int, by: str, reason: str, note: str = "", until: datetime | None = None
) -> Closed:
    """A deal is lost: the reason's track decides, as with a rejection; `until` is the day that the lead named itself.

    Raises UsageError for a deal that there is none of, and where the reason or the day is no good.
    """
    now = ports.clock.now()
    terms = check_reason(ports, reason, note)
    end = End(state=LOST, by=by, closed_at=now, reason=reason, back_at=rests_until(terms, until, now), note=note)
    return _close(ports, opportunity_id, end)


def _close(ports: Ports, opportunity_id: int, end: End) -> Closed:
    with ports.database.transaction("close deal") as connection:
        deal = connection.execute(deals.DEAL, {"id": opportunity_id}).first()
        if deal is None:
            raise UsageError(f"there is no deal {opportunity_id}; `nurture deals list` shows those there are")
        connection.execute(sales.LOCK_LEAD, {"id": deal.lead_id})
        deal = connection.execute(deals.DEAL, {"id": opportunity_id}).one()
        fresh = deal.state != end.state
        if fresh:
            close(connection, ports, deal, end, end.closed_at)
        return Closed(connection.execute(deals.DEAL, {"id": opportunity_id}).one(), fresh)


def close(connection: Connection, ports: Ports, deal: Row[Any], end: End, now: datetime) -> None:
    """Write down how a deal ended, and move its lead, which this transaction holds."""
    lead = connection.execute(deals.LEAD, {"id": deal.lead_id}).one()
    if end.state == WON and lead.stage == "sql":
        lead = _with_sales(connection, ports, lead, end.by, now)
        deal = connection.execute(deals.DEAL, {"id": deal.id}).one()
    about = {"id": deal.id, "state": end.state, "closed_at": end.closed_at, "reason": end.reason}
    connection.execute(_CLOSE, {**about, "amount": end.amount, "currency": end.currency})
    if end.state == WON:
        _won(connection, ports, lead, end, now)
    elif _was_its_last_hope(connection, deal, lead):
        _lost(connection, ports, lead, end, now)
    if deal.handoff_id:
        log(connection, read(connection, deal.handoff_id), end.state, end.by, now, note=end.note)
    _tell(connection, ports, deal, end, now)


def _won(connection: Connection, ports: Ports, lead: Row[Any], end: End, now: datetime) -> None:
    """Whatever was meant for a prospect ends before anything for the customer begins."""
    if lead.stage in ("customer", "advocate"):
        return
    _move(connection, ports, lead, "customer", end.by, "a deal was won", now)
    silence(connection, [lead.id], "has bought", now)
    announce_left(connection, ports.project.config, [lead.id], now)
    for name in ("stage_changed", "handoff_won"):
        trigger(connection, [lead.id], name, now)


def _with_sales(connection: Connection, ports: Ports, lead: Row[Any], by: str, now: datetime) -> Row[Any]:
    """A deal is won while sales is asked: that is its answer. After one that had been lost, its rep goes on with what
    the lead wants now, in a deal of its own."""
    handoff = connection.execute(sales.HANDOFF_OF_CYCLE, {"lead_id": lead.id, "cycle": lead.cycle}).one()
    take_on(connection, ports, handoff, by, Given("unknown", "unknown"), now)
    return connection.execute(deals.LEAD, {"id": lead.id}).one()


def _was_its_last_hope(connection: Connection, deal: Row[Any], lead: Row[Any]) -> bool:
    """Whether the loss moves the lead: no other deal with it is open, or with a customer none was won after all."""
    other = {"opportunity": OpportunityState.OPEN, "customer": WON}.get(lead.stage)
    if other is None or (lead.stage == "customer" and deal.state != WON):
        return False
    return not connection.execute(deals.OTHERS, {"lead_id": lead.id, "id": deal.id, "state": other}).one().number


def _lost(connection: Connection, ports: Ports, lead: Row[Any], end: End, now: datetime) -> None:
    terms = ports.project.config.agreement.reject_reasons[end.reason or ""]
    back_at = end.back_at or (now + timedelta(days=terms.after_days) if terms.after_days else None)
    _move(connection, ports, lead, TRACKS[terms.track], end.by, f"lost: {terms.label}", now)
    silence(connection, [lead.id], "the deal was lost", now)
    announce_left(connection, ports.project.config, [lead.id], now)
    connection.execute(_REST, {"lead_id": lead.id, "now": now})
    if back_at:
        trigger(connection, [lead.id], "handoff_rejected", back_at)


def _move(
    connection: Connection, ports: Ports, lead: Row[Any], to: Stage, by: str, because: str, now: datetime
) -> None:
    """A lead that leaves sales closes the handoff by which it came."""
    handoff = connection.execute(sales.HANDOFF_OF_CYCLE, {"lead_id": lead.id, "cycle": lead.cycle}).first()
    with_sales = lead.stage == "opportunity" and handoff is not None
    move(
        connection, ports.project.config, lead.id, lead.stage, to, now, actor=by, because=because,
        handoff_id=handoff.id if with_sales and handoff else None, agreement_version=ports.project.agreement_version,
    )  # fmt: skip


def _tell(connection: Connection, ports: Ports, deal: Row[Any], end: End, now: datetime) -> None:
    config, amount = ports.project.config, end.amount if end.amount is not None else deal.amount
    told = {
        "opportunity_id": deal.id,
        "handoff_id": deal.handoff_id,
        "by": end.by,
        "amount": money.plain(amount) if amount is not None else None,
        "currency": end.currency or deal.currency,
        "reason": end.reason,
    }
    key = f"{deal.id}:{end.closed_at.isoformat()}"
    announce(connection, config, _EVENTS[end.state], deal.lead_id, told, key=key, now=now)
