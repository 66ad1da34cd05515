"""Taking a promotion back: clicks that it rested on turned out to be no person's, or the lead wants no sales contact.

After false clicks the gate is asked once more, by the agreement and as of the moment of that decision, without them.
Where it would not have let the lead through, the lead goes back to where it stood. It is not taken from a rep who has
begun to work on it, and a lead that asked for a person stays with sales in any case.

A lead that wants no sales contact goes back unless somebody has answered or reached out; a rep who has is told.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Set
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row

from models.queries import alerts, sales
from models.statement import write
from models.words import HandoffState
from nurture.alerts import NOTE_ALERT
from nurture.announce import announce
from nurture.core.agreement import Agreement, stage_name
from nurture.core.lifecycle import Stage
from nurture.enroll import trigger
from nurture.gather import OWNED_BY_SALES, read_leads
from nurture.handoff.readiness import readiness
from nurture.handoff.stages import move
from nurture.outbox import enqueue
from nurture.ports import Ports

BECAUSE = "clicks that it rested on were not made by a person"
UNWANTED = "it wants no sales contact"

log = logging.getLogger(__name__)

_WITHDRAW = write(
    """
    UPDATE handoff SET state = 'withdrawn', decided_at = :now, decided_by = 'engine', note = :note, rung_due_at = NULL,
        snoozed_until = NULL
    WHERE id = :id AND state = 'offered'
    """
)
_NEXT_CYCLE = write("UPDATE lead SET cycle = cycle + 1 WHERE id = :lead_id")


def take_back(connection: Connection, ports: Ports, leads: Iterable[Row[Any]], now: datetime) -> bool:
    """Take the last promotion of each of these leads back where it should not have been, or must not be any more;
    whether any was. The caller holds the leads."""
    unwanted = [_leave_alone(connection, ports, lead, now) for lead in leads if lead.no_sales_contact]
    promoted = {lead.id: lead for lead in leads if lead.stage in ("mql", "sql") and not lead.no_sales_contact}
    false_clicks = defaultdict[int, set[str]](set)
    if promoted:
        for row in connection.execute(sales.FALSE_CLICKS, {"ids": sorted(promoted)}):
            false_clicks[row.lead_id].add(row.occurred_at.isoformat())
    taken = [_take_back(connection, ports, promoted[id_], clicks, now) for id_, clicks in false_clicks.items()]
    return any((*unwanted, *taken))


def _leave_alone(connection: Connection, ports: Ports, lead: Row[Any], now: datetime) -> bool:
    """Take a lead that wants no sales contact back, or tell the rep who has answered or reached out; whether it was."""
    if lead.stage not in OWNED_BY_SALES:
        return False
    handoff = connection.execute(sales.HANDOFF_OF_CYCLE, {"lead_id": lead.id, "cycle": lead.cycle}).first()
    if handoff is None:
        return False
    if handoff.state != HandoffState.OFFERED or handoff.touched_at:
        _tell(connection, ports, handoff, lead.stage, "unwanted", "Wants no sales contact any more: do not call", now)
        return False
    promotion = connection.execute(sales.PROMOTION, {"lead_id": lead.id, "stage": lead.stage}).first()
    _move_back(connection, ports, lead, promotion.from_stage if promotion else "mql", handoff, UNWANTED, now)
    return True


def _take_back(connection: Connection, ports: Ports, lead: Row[Any], false_clicks: Set[str], now: datetime) -> bool:
    promotion = connection.execute(sales.PROMOTION, {"lead_id": lead.id, "stage": lead.stage}).first()
    if promotion is None or not _was_deceived(promotion, false_clicks):
        return False
    handoff = connection.execute(sales.HANDOFF_OF_CYCLE, {"lead_id": lead.id, "cycle": lead.cycle}).first()
    if lead.stage == "sql" and (handoff is None or not _is_untouched(handoff)):
        return False
    back = _stands(connection, ports, lead, promotion)
    if back == lead.stage:
        return False
    _move_back(connection, ports, lead, back, handoff if lead.stage == "sql" else None, BECAUSE, now)
    return True


def _was_deceived(promotion: Row[Any], false_clicks: Set[str]) -> bool:
    """Whether something that counted then was a click, and no person's as we know now."""
    return any(addend["at"] in false_clicks for addend in promotion.evidence_json["addends"])


def _is_untouched(handoff: Row[Any]) -> bool:
    begun = handoff.touched_at or handoff.snoozed_until
    return handoff.state == HandoffState.OFFERED and not begun and not handoff.hand_raise


def _stands(connection: Connection, ports: Ports, lead: Row[Any], promotion: Row[Any]) -> Stage:
    """The stage that the decision would have led to, by what is known now."""
    now: Stage = lead.stage
    try:
        terms = Agreement.model_validate_json(promotion.source)
    except ValidationError:
        log.warning("the agreement of decision %s is not understood any more; it stands", promotion.decision_id)
        return now
    known = read_leads(connection, [lead.id], ports.project, promotion.at)
    before: Stage = promotion.from_stage
    _, answer = readiness(known, lead.id, ports.project, promotion.at, agreement=terms, stage=before)
    if answer.to and now in (answer.to, "mql"):
        return now
    return answer.to or before


def _move_back(
    connection: Connection, ports: Ports, lead: Row[Any], to: Stage, handoff: Row[Any] | None, why: str, now: datetime
) -> None:
    config, handoff_id = ports.project.config, handoff.id if handoff else None
    move(
        connection, config, lead.id, lead.stage, to, now, actor="engine", because=f"taken back: {why}",
        handoff_id=handoff_id, agreement_version=ports.project.agreement_version,
    )  # fmt: skip
    if handoff:
        connection.execute(_WITHDRAW, {"id": handoff.id, "now": now, "note": why})
        connection.execute(_NEXT_CYCLE, {"lead_id": lead.id})
        told = {"handoff_id": handoff.id, "because": why}
        announce(connection, config, "handoff.withdrawn", lead.id, told, key=str(handoff.id), now=now)
        if _has_been_told(connection, handoff):
            _tell(connection, ports, handoff, to, "withdrawn", f"Taken back, there is nothing to do: {why}", now)
    trigger(connection, [lead.id], "stage_changed", now)


def _has_been_told(connection: Connection, handoff: Row[Any]) -> bool:
    """Whether anybody of sales may have been mailed about it, by itself or in a day's list."""
    asked = {"id": handoff.id, "owner": handoff.owner, "since": handoff.offered_at}
    return connection.execute(alerts.HAS_LEFT, asked).first() is not None


def _tell(
    connection: Connection, ports: Ports, handoff: Row[Any], stage: Stage, what: str, note: str, now: datetime
) -> None:
    """Whoever has the lead hears of it, once."""
    at = stage_name(ports.project.config.agreement, stage)
    place = {"lead_id": handoff.lead_id, "sequence": f"Handoff {handoff.id}", "step": at}
    told = {**place, "to": "sales", "rep": handoff.owner, "note": note}
    enqueue(connection, f"handoff:{handoff.id}:{what}", NOTE_ALERT, told, now)
