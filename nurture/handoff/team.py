"""The reps at a moment: who is away, and what each was given of late."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Connection

from models.queries import sales
from models.statement import write
from nurture.core.cadence import place_of, zone_for
from nurture.core.owners import Load, Team
from nurture.core.project import ProjectConfig
from nurture.handoff.sla import calendar_of
from nurture.ports import Ports

#: handoffs of this span count when it is decided whose turn it is
LOOK_BACK = timedelta(days=90)
#: no calendar day of anybody began longer ago than this
_LONGEST_DAY = timedelta(days=2)

_ADD_REP = write("INSERT INTO rep (owner, token, since) VALUES (:owner, :token, :now) ON CONFLICT (owner) DO NOTHING")


def hold_team(connection: Connection, ports: Ports, now: datetime) -> Team:
    """The team, of whom nobody else is given a lead by turn until the transaction ends.

    Two offers at once would else both see the same rep as the next in turn.
    """
    config = ports.project.config
    keys = sorted(owner.key for owner in config.agreement.owners)
    connection.execute(_ADD_REP, [{"owner": key, "token": ports.new_id(), "now": now} for key in keys])
    connection.execute(sales.LOCK_REPS)
    rows = connection.execute(sales.LOAD, {"names": keys, "after_at": now - LOOK_BACK}).all()
    today = _today(connection, config, now)
    loads = {row.owner: Load(int(row.handed), row.last_at, today[row.owner]) for row in rows}
    return Team(config.agreement.owners, away(config, now), loads)


def away(config: ProjectConfig, now: datetime) -> frozenset[str]:
    """The reps who are away on this day of their own calendar."""
    return frozenset(
        owner.key
        for owner in config.agreement.owners
        if any(absence.covers(owner.key, _day(config, owner.key, now)) for absence in config.absences)
    )


def _today(connection: Connection, config: ProjectConfig, now: datetime) -> Counter[str]:
    """How many leads each rep whose day has a limit was given on this day of its own calendar."""
    capped = [owner.key for owner in config.agreement.owners if owner.at_most_per_day is not None]
    rows = connection.execute(sales.OFFERED_SINCE, {"names": capped, "after_at": now - _LONGEST_DAY})
    return Counter(row.owner for row in rows if _day(config, row.owner, row.offered_at) == _day(config, row.owner, now))


def _day(config: ProjectConfig, owner_key: str, moment: datetime) -> date:
    calendar = calendar_of(config, owner_key)
    place = place_of(zone_for(calendar.window, calendar.zone)) or UTC
    return moment.astimezone(place).date()
