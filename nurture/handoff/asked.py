"""A lead that sales got by its points, and that asks for a person before anybody has answered: a shorter promise.

Whichever ends first holds, the one that was given or the one for whoever asks. The ladder goes on from the rung it
stands on, in the time of the shorter promise; a rep who has reached out already is told, and no clock starts again.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.queries import sla
from models.statement import write
from nurture.alerts.sales import SALES_ALERT, request_key
from nurture.handoff.open import log, read
from nurture.handoff.sla import clock, next_rung
from nurture.outbox import enqueue
from nurture.ports import Ports

_ASKS = write("UPDATE handoff SET hand_raise = TRUE, snoozed_until = NULL WHERE id = :id")
_PROMISE = write("UPDATE handoff SET clock_from = :clock_from, due_at = :due_at WHERE id = :id")
_SET_RUNG = write("UPDATE handoff SET rung_due_at = :due_at WHERE id = :id")


def asks_for_a_person(connection: Connection, ports: Ports, lead_id: int, now: datetime) -> None:
    """Whoever has the lead is told, and what is promised to those who ask holds from now on. The caller holds the lead;
    where sales has answered, or knows that it asks, this changes nothing."""
    handoff = connection.execute(sla.OFFERED_BY_POINTS, {"lead_id": lead_id}).first()
    if handoff is None:
        return
    config = ports.project.config
    connection.execute(_ASKS, {"id": handoff.id})
    if handoff.touched_at is None:
        promised = clock(config, handoff.owner, True, now)
        due_at = min(handoff.due_at, promised.due_at)
        connection.execute(_PROMISE, {"id": handoff.id, "clock_from": promised.clock_from, "due_at": due_at})
        rungs = (handoff.rung_due_at, next_rung(config, read(connection, handoff.id), now))
        first = min((rung for rung in rungs if rung), default=None)
        connection.execute(_SET_RUNG, {"id": handoff.id, "due_at": first})
    log(connection, handoff, "asked", "lead", now)
    payload = {"handoff_id": handoff.id, "owner": handoff.owner, "asks": True}
    enqueue(connection, request_key(handoff.id), SALES_ALERT, payload, now)


def asks_key(lead_id: int, now: datetime) -> str:
    """The alert to whoever has the lead that it asks for a person: one a day, where there are no words in it."""
    return f"asks:{lead_id}:{now:%Y-%m-%d}"
