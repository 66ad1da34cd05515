"""The reps at a moment: who is away, and what each was given of late."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection

from models.queries import sales
from models.statement import write
from nurture.core.cadence import instant
from nurture.core.owners import Load, Team
from nurture.core.project import ProjectConfig
from nurture.core.sales import Absence
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
    since = {row.owner: row.since for row in connection.execute(sales.LOCK_REPS)}
    return Team(config.agreement.owners, away(config, now), _loads(connection, config, since, now))


def _loads(
    connection: Connection, config: ProjectConfig, since: Mapping[str, datetime], now: datetime
) -> Mapping[str, Load]:
    """What each rep was offered of late and today; who came to the team in that time, or back to it, starts where those
    stood who were there."""
    begun = {key: at for key, at in _begun(config, since, now).items() if at > now - LOOK_BACK}
    started = dict[str, float]()
    for at in sorted({*begun.values()}):
        late = {key for key in begun if begun[key] >= at}
        team = Team(config.agreement.owners, away(config, at) | late, _offered(connection, config, at, now, started))
        started |= {key: team.behind(key) for key in begun if begun[key] == at}
    today = _today(connection, config, now)
    offered = _offered(connection, config, now, now, started)
    return {key: replace(load, today=today[key]) for key, load in offered.items()}


def _offered(
    connection: Connection, config: ProjectConfig, until: datetime, now: datetime, started: Mapping[str, float]
) -> Mapping[str, Load]:
    keys = [owner.key for owner in config.agreement.owners]
    about = {"names": keys, "after_at": now - LOOK_BACK, "until": until}
    rows = {row.first_owner: row for row in connection.execute(sales.LOAD, about)}
    return {
        key: Load(int(rows[key].handed) if key in rows else 0, rows[key].last_at if key in rows else None,
                  started=started.get(key, 0))
        for key in keys
    }  # fmt: skip


def _begun(config: ProjectConfig, since: Mapping[str, datetime], now: datetime) -> Mapping[str, datetime]:
    """When each rep came to the team, or back to it after an absence: the last of these moments."""
    found = dict(since)
    for absence in config.absences:
        back = _morning_after(config, absence)
        if absence.owner in found and back <= now:
            found[absence.owner] = max(found[absence.owner], back)
    return found


def _morning_after(config: ProjectConfig, absence: Absence) -> datetime:
    day = absence.until + timedelta(days=1)
    return instant(datetime.combine(day, time()), calendar_of(config, absence.owner).place)


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
    capped_of = ((key, row.offered_at) for row in rows for key in {row.owner, row.first_owner} & {*capped})
    return Counter(key for key, at in capped_of if _day(config, key, at) == _day(config, key, now))


def _day(config: ProjectConfig, owner_key: str, moment: datetime) -> date:
    return moment.astimezone(calendar_of(config, owner_key).place).date()
