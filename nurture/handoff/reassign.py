"""Giving a lead that sales has in hand to another rep, or back to the whole team."""

from __future__ import annotations

from collections.abc import Container
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import alerts
from models.statement import write
from models.words import HandoffState
from nurture.accounts import belongs_to
from nurture.alerts import SALES_ALERT
from nurture.announce import announce
from nurture.brief import owner_name
from nurture.core.agreement import Agreement
from nurture.core.owners import POOL
from nurture.core.project import ProjectConfig
from nurture.core.suggest import did_you_mean
from nurture.errors import UsageError
from nurture.handoff.former import retire
from nurture.handoff.given import remind_later
from nurture.handoff.open import hold_open, log, read
from nurture.handoff.sla import next_rung
from nurture.handoff.snooze import promise_anew
from nurture.handoff.team import away
from nurture.outbox import enqueue
from nurture.ports import Ports

#: the link in an alert opens the page for so long
LINK_LASTS = timedelta(days=30)

_GIVE = write(
    """
    UPDATE handoff SET owner = :owner, assigned_because = :because, token = :token, token_until = :until,
        snoozed_until = NULL
    WHERE id = :id AND state IN ('offered', 'accepted')
    """
)
_SET_RUNG = write("UPDATE handoff SET rung_due_at = :due_at WHERE id = :id")
_SET_OWNER = write("UPDATE lead SET owner = :owner WHERE id = :lead_id")


def reassign(ports: Ports, handoff_id: int, by: str, to: str) -> Row[Any]:
    """A rep gives a lead to another one, or to the `pool`: the list of the whole team, from which anybody may take it.

    Raises UsageError where there is no such rep, it is away, has the lead already, or sales has it no more.
    """
    config, now = ports.project.config, ports.clock.now()
    keys = [owner.key for owner in config.agreement.owners]
    if to not in (*keys, POOL):
        raise UsageError(f"there is no rep '{to}'{did_you_mean(to, [*keys, POOL])}; there are: {', '.join(keys)}")
    if to in away(config, now):
        raise UsageError(f"{to} is away; give the lead to somebody who is there, or to the {POOL}")
    with ports.database.transaction("reassign") as connection:
        handoff = hold_open(connection, handoff_id)
        if handoff.owner == to:
            raise UsageError(f"{to} has handoff {handoff_id} already")
        give_to(connection, ports, handoff, to, _why(config.agreement, by, to, handoff.owner), now, by)
        return read(connection, handoff_id)


def give_to(
    connection: Connection,
    ports: Ports,
    handoff: Row[Any],
    to: str,
    because: str,
    now: datetime,
    by: str,
    *,
    absent: Container[str] = (),
) -> None:
    """Move an open handoff to another list, within a transaction that holds its lead.

    What somebody only stands in for is not given away for good: the lead and its company stay its rep's, until somebody
    accepts it. The same is true of what is taken from a rep who is `absent`.

    Links to it that were mailed before open nothing any more. The time that sales promised runs on; where the lead had
    been put off, it is promised anew, because the day was that rep's. Of a lead that a rep has begun with, whoever gets
    it without having taken it is reminded.
    """
    config = ports.project.config
    stands_in = _is_anothers(connection, config, handoff, absent)
    values = {"owner": to, "because": because, "token": ports.new_id(), "until": now + LINK_LASTS}
    retire(connection, handoff)
    connection.execute(_GIVE, {"id": handoff.id, **values})
    if handoff.snoozed_until and handoff.snoozed_until > now and handoff.state == HandoffState.OFFERED:
        promise_anew(connection, config, handoff, to, now)
    given = read(connection, handoff.id)
    connection.execute(_SET_RUNG, {"id": handoff.id, "due_at": next_rung(config, given, now)})
    if given.touched_at and to not in (POOL, by):
        remind_later(connection, config, given, handoff.owner, now)
    if not stands_in:
        connection.execute(_SET_OWNER, {"lead_id": handoff.lead_id, "owner": None if to == POOL else to})
    if to != POOL and not stands_in:
        belongs_to(connection, handoff.account, to)
    log(connection, handoff, "given", by, now, note=f"{handoff.owner} to {to}: {because}")
    told = {"handoff_id": handoff.id, "from": handoff.owner, "to": to, "by": by}
    key = f"{handoff.id}:{now.isoformat()}:{to}"
    announce(connection, config, "handoff.reassigned", handoff.lead_id, told, key=key, now=now)
    payload = {"handoff_id": handoff.id, "owner": to, "given": True}
    enqueue(connection, f"handoff:{handoff.id}:given:{now.isoformat()}:{to}", SALES_ALERT, payload, now)


def _is_anothers(connection: Connection, config: ProjectConfig, handoff: Row[Any], absent: Container[str]) -> bool:
    """Whether the lead is the rep's for whom somebody stands in, or of one who is away."""
    whose = connection.execute(alerts.LEAD, {"id": handoff.lead_id}).one().owner
    is_there = any(owner.key == whose for owner in config.agreement.owners)
    return is_there and (whose != handoff.owner or whose in absent)


def _why(agreement: Agreement, by: str, to: str, owner: str) -> str:
    return "taken from the pool" if by == to and owner == POOL else f"given by {owner_name(agreement, by)}"
