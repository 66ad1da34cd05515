"""Taking a promotion back: clicks that it rested on turned out to be no person's.

The gate is asked once more, by the agreement and as of the moment of that decision, without them. Where it would not
have let the lead through, the lead goes back to where it stood. It is not taken from a rep who has begun to work on
it, and a lead that asked for a person stays with sales in any case.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Set
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row

from models.queries import sales
from models.statement import write
from models.words import HandoffState
from nurture.announce import announce
from nurture.core.agreement import Agreement
from nurture.core.lifecycle import Stage
from nurture.enroll import trigger
from nurture.gather import read_leads
from nurture.handoff.readiness import readiness
from nurture.handoff.stages import move
from nurture.ports import Ports

BECAUSE = "clicks that it rested on were not made by a person"

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
    """Take the last promotion of each of these leads back where it should not have been; whether any was. The caller
    holds the leads."""
    promoted = {lead.id: lead for lead in leads if lead.stage in ("mql", "sql")}
    false_clicks = defaultdict[int, set[str]](set)
    if promoted:
        for row in connection.execute(sales.FALSE_CLICKS, {"ids": sorted(promoted)}):
            false_clicks[row.lead_id].add(row.occurred_at.isoformat())
    taken = [_take_back(connection, ports, promoted[id_], clicks, now) for id_, clicks in false_clicks.items()]
    return any(taken)


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
    _move_back(connection, ports, lead, back, handoff if lead.stage == "sql" else None, now)
    return True


def _was_deceived(promotion: Row[Any], false_clicks: Set[str]) -> bool:
    """Whether something that counted then was a click, and no person's as we know now."""
    return any(addend["at"] in false_clicks for addend in promotion.evidence_json["addends"])


def _is_untouched(handoff: Row[Any]) -> bool:
    return handoff.state == HandoffState.OFFERED and handoff.touched_at is None and not handoff.hand_raise


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
    connection: Connection, ports: Ports, lead: Row[Any], to: Stage, handoff: Row[Any] | None, now: datetime
) -> None:
    config, handoff_id = ports.project.config, handoff.id if handoff else None
    move(
        connection, config, lead.id, lead.stage, to, now, actor="engine", because=f"taken back: {BECAUSE}",
        handoff_id=handoff_id, agreement_version=ports.project.agreement_version,
    )  # fmt: skip
    if handoff:
        connection.execute(_WITHDRAW, {"id": handoff.id, "now": now, "note": BECAUSE})
        connection.execute(_NEXT_CYCLE, {"lead_id": lead.id})
        told = {"handoff_id": handoff.id, "because": BECAUSE}
        announce(connection, config, "handoff.withdrawn", lead.id, told, key=str(handoff.id), now=now)
    trigger(connection, [lead.id], "stage_changed", now)
