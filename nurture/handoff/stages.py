"""Moving a lead from stage to stage: the only place that does it, and it always leaves a trace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.statement import write
from nurture.announce import announce, announce_left
from nurture.core.lifecycle import ENGINE, Stage, check_move
from nurture.core.project import ProjectConfig
from nurture.gather import OWNED_BY_SALES
from nurture.suppress import silence

_SET_STAGE = write("UPDATE lead SET stage = :to_stage, stage_since = :at WHERE id = :lead_id")
_NOT_WARM = write("UPDATE lead SET kept_warm = FALSE WHERE id = :lead_id")
_TRACE = write(
    """
    INSERT INTO transition (lead_id, from_stage, to_stage, at, actor, because, decision_id, agreement_version,
        handoff_id)
    VALUES (:lead_id, :from_stage, :to_stage, :at, :actor, :because, :decision_id, :agreement_version, :handoff_id)
    """
)


def move(
    connection: Connection,
    config: ProjectConfig,
    lead_id: int,
    source: Stage,
    target: Stage,
    at: datetime,
    *,
    actor: str,
    because: str,
    decision_id: int | None = None,
    handoff_id: int | None = None,
    agreement_version: str | None = None,
) -> None:
    """Move a lead that is locked by this transaction. Raises IllegalMove where the lifecycle has no such move.

    `handoff_id` is the handoff by which it crosses between the departments, `agreement_version` the agreement in force.
    """
    check_move(source, target, by=ENGINE if actor == ENGINE else None)
    row = {"lead_id": lead_id, "from_stage": source, "to_stage": target, "at": at}
    cause = {"decision_id": decision_id, "handoff_id": handoff_id, "agreement_version": agreement_version}
    connection.execute(_SET_STAGE, row)
    connection.execute(_TRACE, row | cause | {"actor": actor, "because": because})
    if source in OWNED_BY_SALES and target not in OWNED_BY_SALES:
        _leave_sales(connection, config, lead_id, at)
    told = {"from": source, "to": target, "because": because}
    key = f"{lead_id}:{target}:{at.isoformat()}"
    announce(connection, config, "lead.stage_changed", lead_id, told, key=key, now=at)


def _leave_sales(connection: Connection, config: ProjectConfig, lead_id: int, at: datetime) -> None:
    """What its rep let it get while it was with sales ends; what begins now is for whoever moves it to start."""
    connection.execute(_NOT_WARM, {"lead_id": lead_id})
    silence(connection, [lead_id], "is with sales no more", at)
    announce_left(connection, config, [lead_id], at)
