"""The ladder: what happens while a handed lead waits and nobody answers. Each rung at most once, none after a touch.

A rung is due after its percent of the promised business hours, in the hours of whoever has the lead: the owner is
reminded, the backup is told as well, the lead goes to the backup (or to whose turn it is) and the manager is told, and
at last it goes back to the pool. What nobody saw to in time, because nothing ran, is not made up for rung by rung: the
handoff climbs the latest rung that is due, once, and the next one comes when it is due.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import InterfaceError, OperationalError

from models.queries import alerts, sales, sla
from models.statement import write
from models.words import HandoffState
from nurture.brief import owner_name
from nurture.core.agreement import Agreement
from nurture.core.office_hours import deadline
from nurture.core.owners import POOL, Team, assign
from nurture.core.project import ProjectConfig
from nurture.core.promise import calendar_of, ladder, part, promise
from nurture.core.sales import RungAction
from nurture.handoff.open import hold, log, read
from nurture.handoff.reassign import give_to
from nurture.handoff.sla import begun, next_rung
from nurture.handoff.team import away, hold_team
from nurture.handoff.told import Told, holders, stand_in, tell
from nurture.ports import Ports

#: who did it, in the log
ENGINE = "engine"
PUT_OFF = timedelta(hours=1)

_CLIMB = write("UPDATE handoff SET rung = :rung WHERE id = :id")
_SET_RUNG = write("UPDATE handoff SET rung_due_at = :due_at WHERE id = :id")

logger = logging.getLogger(__name__)


def climb(ports: Ports) -> int:
    """Let every handoff climb whose next rung has come; what waits for a rep who has left is the team's at once.

    Safe to call at any time, from several places at once. Returns how many climbed. Each is a transaction of its own:
    the rung and what it tells are written together.
    """
    ports = ports.in_force()  # who has left is whoever has left by now
    climbed = sum(_climb_one(ports, handoff_id) for handoff_id in _left_behind(ports))
    while ids := _due(ports):
        climbed += sum(_climb_one(ports, handoff_id) for handoff_id in ids)
    return climbed


def _due(ports: Ports) -> Sequence[int]:
    with ports.database.reading() as connection:
        rows = connection.execute(sla.RUNGS_DUE, {"now": ports.clock.now(), "limit": ports.limits.claim})
        return [row.id for row in rows]


def _left_behind(ports: Ports) -> Sequence[int]:
    with ports.database.reading() as connection:
        about = {"names": [POOL, *_reps(ports.project.config)], "limit": ports.limits.claim}
        return [row.id for row in connection.execute(sales.LEFT_BEHIND, about)]


def _reps(config: ProjectConfig) -> list[str]:
    return [owner.key for owner in config.agreement.owners]


def _climb_one(ports: Ports, handoff_id: int) -> bool:
    """One handoff that cannot climb is put off for an hour, and does not keep the others waiting."""
    try:
        with ports.database.transaction("climb") as connection:
            return _climb(connection, ports, hold(connection, handoff_id), ports.clock.now())
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception("handoff %s cannot climb its ladder; it is tried again in an hour", handoff_id)
        with ports.database.transaction("put off") as connection:
            connection.execute(_SET_RUNG, {"id": handoff_id, "due_at": ports.clock.now() + PUT_OFF})
        return False


def _climb(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> bool:
    """Whether the handoff, which this transaction holds, was still to climb: another worker may have been faster."""
    config = ports.project.config
    if handoff.state == HandoffState.OFFERED and handoff.owner not in (POOL, *_reps(config)):
        give_to(connection, ports, handoff, POOL, "its rep has left", now, ENGINE)
        return True
    if handoff.rung_due_at is None or handoff.rung_due_at > now:
        return False
    waits = _waits(config, handoff, now)
    if waits:
        rung = _latest_due(config, handoff, now)
        connection.execute(_CLIMB, {"id": handoff.id, "rung": rung + 1})
        _act(connection, ports, handoff, ladder(config.agreement)[rung].do, rung + 1, now)
    due_at = next_rung(config, read(connection, handoff.id), now)
    connection.execute(_SET_RUNG, {"id": handoff.id, "due_at": due_at})
    return waits


def _waits(config: ProjectConfig, handoff: Row[Any], now: datetime) -> bool:
    """Whether nobody has answered, reached out or put it off, and there is a rung left."""
    quiet = handoff.state == HandoffState.OFFERED and handoff.touched_at is None
    put_off = handoff.snoozed_until is not None and handoff.snoozed_until > now
    return quiet and not put_off and handoff.rung < len(ladder(config.agreement))


def _latest_due(config: ProjectConfig, handoff: Row[Any], now: datetime) -> int:
    """The place of the last rung whose time has come; at least the next one, for its moment was written down."""
    rungs, promised = ladder(config.agreement), promise(config.agreement, hand_raise=bool(handoff.hand_raise))
    calendar = calendar_of(config, handoff.owner)
    due = [place for place in range(handoff.rung, len(rungs))
           if deadline(*calendar, begun(handoff), part(rungs[place], promised)) <= now]  # fmt: skip
    return max(due, default=handoff.rung)


def _act(connection: Connection, ports: Ports, handoff: Row[Any], do: RungAction, rung: int, now: datetime) -> None:
    """Do what the rung says, and tell whom it concerns."""
    agreement, owner = ports.project.config.agreement, handoff.owner
    to = owner
    absent = away(ports.project.config, now)
    if do in ("reassign", "pool"):
        to = POOL if do == "pool" else _successor(connection, ports, handoff, now)
        if to != owner:
            give_to(connection, ports, handoff, to, "not answered in time", now, ENGINE, absent=absent)
        told = [("former", owner), ("manager", None)]
    elif do == "backup":
        told = list(dict.fromkeys([*holders(agreement, owner, absent), stand_in(agreement, owner, absent)]))
        log(connection, handoff, "backup", ENGINE, now, note=_names(agreement, told[-1:]))
    else:
        told = holders(agreement, owner, absent)
        log(connection, handoff, "reminded", ENGINE, now, note=_names(agreement, told))
    payload = {"handoff_id": handoff.id, "do": do, "was_with": owner, "now_with": to}
    tell(connection, agreement, told, payload, f"handoff:{handoff.id}:rung:{rung}", now)


def _successor(connection: Connection, ports: Ports, handoff: Row[Any], now: datetime) -> str:
    """Who gets the lead next: the backup, else whose turn it is among the others, else the pool."""
    agreement = ports.project.config.agreement
    team = hold_team(connection, ports, now)
    role, backup = stand_in(agreement, handoff.owner, team.away)
    if role == "backup" and backup:
        return backup
    lead = connection.execute(alerts.LEAD, {"id": handoff.lead_id}).one()._asdict() | {"owner": None}
    others = Team([owner for owner in team.owners if owner.key != handoff.owner], team.away, team.loads)
    return assign(others, lead)[0]


def _names(agreement: Agreement, told: Sequence[Told]) -> str:
    names = [owner_name(agreement, rep) if rep else f"the {role}" for role, rep in told]
    return ", ".join(names)
