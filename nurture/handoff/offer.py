"""Offering a lead to sales: owner, SLA clock, marketing's silence and the alert, all in one transaction."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import sales
from models.statement import write
from nurture.accounts import belongs_to, owners_of
from nurture.alerts import SALES_ALERT
from nurture.announce import announce, announce_left
from nurture.core.owners import POOL, assign, rep_of
from nurture.core.qualify import Qualification
from nurture.handoff.promoted import tell_prefect
from nurture.handoff.reassign import LINK_LASTS
from nurture.handoff.sla import clock
from nurture.handoff.team import hold_team
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.suppress import silence

_OFFER = write(
    """
    INSERT INTO handoff (lead_id, cycle, decision_id, state, owner, first_owner, assigned_because, hand_raise, token,
        token_until, offered_at, due_at, clock_from, rung, rung_due_at, account)
    VALUES (:lead_id, :cycle, :decision_id, 'offered', :owner, :owner, :assigned_because, :hand_raise, :token,
        :token_until, :offered_at, :due_at, :clock_from, 0, :rung_due_at, :account)
    """
)
_GIVE = write("UPDATE lead SET owner = :owner, kept_warm = FALSE WHERE id = :lead_id")


def place(
    connection: Connection,
    ports: Ports,
    lead: Row[Any],
    fields: dict[str, object],
    answer: Qualification,
    decision_id: int,
    now: datetime,
) -> Row[Any]:
    """Put a ready lead on somebody's list: once for each of its cycles, which a unique constraint makes sure of.

    Who stands in for its rep has the handoff, and neither the lead nor the company.
    """
    team = hold_team(connection, ports, now)
    company = owners_of(connection, lead.account, lead.id)
    owner, why = assign(team, fields, company)
    whose = rep_of(team, fields, company) or owner
    hand_raise = answer.hand_raise is not None
    promised = clock(ports.project.config, owner, hand_raise, now)
    handoff = {
        "lead_id": lead.id,
        "cycle": lead.cycle,
        "decision_id": decision_id,
        "owner": owner,
        "assigned_because": why,
        "hand_raise": hand_raise,
        "token": ports.new_id(),
        "token_until": now + LINK_LASTS,
        "offered_at": now,
        "due_at": promised.due_at,
        "clock_from": promised.clock_from,
        "rung_due_at": promised.rung_due_at,
        "account": lead.account,
    }
    connection.execute(_OFFER, handoff)
    connection.execute(_GIVE, {"lead_id": lead.id, "owner": None if whose == POOL else whose})
    if whose != POOL:
        belongs_to(connection, lead.account, whose)
    return connection.execute(sales.HANDOFF_OF_CYCLE, {"lead_id": lead.id, "cycle": lead.cycle}).one()


def offer(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> None:
    """Marketing falls silent, and sales is told: one alert for each cycle of a lead."""
    config, lead_id = ports.project.config, handoff.lead_id
    silence(connection, [lead_id], "handed to sales", now)
    announce_left(connection, config, [lead_id], now)
    told = {"handoff_id": handoff.id, "owner": handoff.owner, "hand_raise": bool(handoff.hand_raise)}
    announce(connection, config, "handoff.offered", lead_id, told, key=str(handoff.id), now=now)
    payload = {"handoff_id": handoff.id, "owner": handoff.owner}
    enqueue(connection, f"handoff:{lead_id}:{handoff.cycle}:mail", SALES_ALERT, payload, now)
    tell_prefect(connection, ports, handoff, now)
