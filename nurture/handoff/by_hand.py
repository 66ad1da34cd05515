"""Moving a lead by hand: what a person knows and no rule sees, along the lifecycle's own table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from models.queries import deals, sales
from nurture.announce import announce_left
from nurture.core.lifecycle import CRM, ENGINE, Stage, check_move
from nurture.enroll import trigger
from nurture.errors import IllegalMove, UsageError
from nurture.gather import OWNED_BY_SALES
from nurture.handoff.qualify import reconsider
from nurture.handoff.stages import move
from nurture.ports import Ports
from nurture.suppress import silence

#: characters of a sentence on why
LONGEST = 500
#: stage -> why all that was meant for the lead ends when a person takes it there
_ENDS: dict[Stage, str] = {"customer": "has bought", "disqualified": "was ruled out"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A lead that a person has moved: from which stage to which."""

    lead_id: int
    source: Stage
    target: Stage


def move_by_hand(ports: Ports, lead_id: int, target: Stage, by: str, because: str) -> Moved:
    """Take a lead to another stage by a move that whoever runs nurture may make. The record names `by` and `because`.

    Raises UsageError for a move that there is none of or that others make, and where nobody says why.
    """
    because = " ".join(because.split())
    if not because or len(because) > LONGEST:
        raise UsageError(f"say why in a sentence of at most {LONGEST} characters")
    if by.strip() in ("", ENGINE, CRM):
        raise UsageError("say who moves it: a person's name or key")
    now = ports.clock.now()
    with ports.database.transaction("move by hand") as connection:
        connection.execute(sales.LOCK_LEAD, {"id": lead_id})
        source: Stage = connection.execute(deals.LEAD, {"id": lead_id}).one().stage
        _check(source, target)
        move(
            connection, ports.project.config, lead_id, source, target, now, actor=by, because=because,
            agreement_version=ports.project.agreement_version,
        )  # fmt: skip
        _follow(connection, ports, lead_id, target, now)
    return Moved(lead_id, source, target)


def _check(source: Stage, target: Stage) -> None:
    if source in OWNED_BY_SALES:
        raise UsageError(
            f"sales has this lead ({source}): answer with `nurture handoffs`, or close its deal with `nurture deals`"
        )
    try:
        check_move(source, target, by="operator")
    except IllegalMove as error:
        raise UsageError(str(error)) from None


def _follow(connection: Connection, ports: Ports, lead_id: int, target: Stage, now: datetime) -> None:
    """What a lead was to get at the stage that it leaves ends before anything for the new one begins."""
    if target in _ENDS:
        silence(connection, [lead_id], _ENDS[target], now)
        announce_left(connection, ports.project.config, [lead_id], now)
    trigger(connection, [lead_id], "stage_changed", now)
    if target == "customer":
        trigger(connection, [lead_id], "handoff_won", now)
    reconsider(connection, [lead_id], now)
