"""Moving a lead from stage to stage: the only place that does it, and it always leaves a trace."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from models.statement import write
from nurture.announce import announce
from nurture.core.lifecycle import Stage, check_move
from nurture.core.project import ProjectConfig

_SET_STAGE = write("UPDATE lead SET stage = :to_stage, stage_since = :at WHERE id = :lead_id")
_TRACE = write(
    """
    INSERT INTO transition (lead_id, from_stage, to_stage, at, actor, because, decision_id)
    VALUES (:lead_id, :from_stage, :to_stage, :at, :actor, :because, :decision_id)
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
) -> None:
    """Move a lead that is locked by this transaction. Raises IllegalMove where the lifecycle has no such move."""
    check_move(source, target)
    row = {"lead_id": lead_id, "from_stage": source, "to_stage": target, "at": at}
    connection.execute(_SET_STAGE, row)
    connection.execute(_TRACE, row | {"actor": actor, "because": because, "decision_id": decision_id})
    told = {"from": source, "to": target, "because": because}
    key = f"{lead_id}:{target}:{at.isoformat()}"
    announce(connection, config, "lead.stage_changed", lead_id, told, key=key, now=at)
