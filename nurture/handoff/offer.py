"""Offering a lead to sales: owner, SLA clock, marketing's silence and the alert, all in one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import sales
from models.statement import write
from nurture.alerts import SALES_ALERT
from nurture.announce import announce
from nurture.core.agreement import Agreement
from nurture.core.owners import assign
from nurture.core.qualify import Qualification
from nurture.outbox import enqueue
from nurture.ports import Ports
from nurture.suppress import silence

#: handoffs of this span count when it is decided whose turn it is
LOOK_BACK = timedelta(days=90)

_OFFER = write(
    """
    INSERT INTO handoff (lead_id, cycle, decision_id, state, owner, assigned_because, hand_raise, token,
        offered_at, due_at)
    VALUES (:lead_id, :cycle, :decision_id, 'offered', :owner, :assigned_because, :hand_raise, :token,
        :offered_at, :due_at)
    """
)
_GIVE = write("UPDATE lead SET owner = :owner WHERE id = :lead_id")


def offer(
    connection: Connection,
    ports: Ports,
    lead: Row[Any],
    fields: dict[str, object],
    answer: Qualification,
    decision_id: int,
    now: datetime,
) -> None:
    """Hand a lead over: once for each of its cycles, which a unique constraint makes sure of."""
    agreement = ports.project.config.agreement
    load = {
        row.owner: (row.handed, row.last_at) for row in connection.execute(sales.LOAD, {"after_at": now - LOOK_BACK})
    }
    owner, why = assign(agreement.owners, fields, load)
    handoff = {
        "lead_id": lead.id,
        "cycle": lead.cycle,
        "decision_id": decision_id,
        "owner": owner,
        "assigned_because": why,
        "hand_raise": answer.hand_raise is not None,
        "token": ports.new_id(),
        "offered_at": now,
        "due_at": now + _promised(agreement, answer),
    }
    connection.execute(_OFFER, handoff)
    connection.execute(_GIVE, {"lead_id": lead.id, "owner": owner})
    silence(connection, [lead.id], "handed to sales", now)
    offered = connection.execute(sales.HANDOFF_OF_CYCLE, {"lead_id": lead.id, "cycle": lead.cycle}).one()
    told = {"handoff_id": offered.id, "owner": owner, "hand_raise": handoff["hand_raise"]}
    announce(connection, ports.project.config, "handoff.offered", lead.id, told, key=str(offered.id), now=now)
    enqueue(connection, f"handoff:{lead.id}:{lead.cycle}:mail", SALES_ALERT, {"handoff_id": offered.id}, now)


def _promised(agreement: Agreement, answer: Qualification) -> timedelta:
    if answer.hand_raise:
        return timedelta(minutes=agreement.sla.hand_raise_minutes)
    return timedelta(hours=agreement.sla.accept_hours)
