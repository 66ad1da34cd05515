"""A company warms up: several of its people did something themselves. Sales hears of it once, for all of them.

It hands nobody over, and promotes nobody. While sales has somebody of the company in hand, that page tells of the
others, and there is no alert.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from models.queries import accounts
from models.statement import write
from nurture.accounts import belongs_to, in_hand, owners_of
from nurture.alerts.surge import SURGE_ALERT
from nurture.core.owners import POOL, assign, rep_of
from nurture.gather import OWNED_BY_SALES, Known, plain_fields
from nurture.handoff.team import hold_team
from nurture.outbox import enqueue
from nurture.ports import Ports

#: sales hears nothing of these as a surge: it has them already, or does not want them
_NOT_SURGING = OWNED_BY_SALES | {"customer", "advocate", "disqualified"}

#: a company warms up when one of its people does something now; what an old list tells of last month is no news
_NEWS = timedelta(days=1)

_SURGES = write(
    """
    INSERT INTO account (key, surged_at) VALUES (:account, :now)
    ON CONFLICT (key) DO UPDATE SET surged_at = excluded.surged_at
    WHERE account.surged_at IS NULL OR account.surged_at <= :before_at
    """
)


def tell_of_surges(connection: Connection, ports: Ports, known: Known, lead_ids: Iterable[int], now: datetime) -> None:
    """Tell one rep of each company of these leads, where enough of its people were at it since it was last told of, and
    that was not of late.

    The caller holds the leads, which have just been judged and stay with marketing.
    """
    fresh = [known.leads[id_] for id_ in lead_ids if _has_news(known, id_, now)]
    warm = _warm(connection, ports, {lead.account for lead in fresh}, now)
    for lead in fresh:
        if lead.id in warm[lead.account]:
            people = warm.pop(lead.account)
            if len(people) >= ports.project.config.agreement.surge.people and not in_hand(connection, lead.account):
                _tell(connection, ports, lead, people, now)


def _has_news(known: Known, lead_id: int, now: datetime) -> bool:
    """Whether a lead of some company did something just now, and sales may be told of it."""
    lead = known.leads[lead_id]
    if lead.account is None or lead.stage in _NOT_SURGING or lead.no_sales_contact:
        return False
    return any(one.at >= now - _NEWS for one in known.engagements.get(lead_id, ()))


def _warm(
    connection: Connection, ports: Ports, companies: Collection[str], now: datetime
) -> defaultdict[str, list[int]]:
    """By company, the people of whom sales may hear now, the warmest first."""
    warm = defaultdict[str, list[int]](list)
    if companies:
        since = now - timedelta(days=ports.project.config.agreement.surge.within_days)
        asked = {"names": sorted(companies), "states": sorted(_NOT_SURGING), "since": since, "now": now}
        for row in connection.execute(accounts.WARM, asked):
            warm[row.account].append(row.lead_id)
    return warm


def _tell(connection: Connection, ports: Ports, lead: Row[Any], people: Sequence[int], now: datetime) -> None:
    team = hold_team(connection, ports, now)
    before_at = now - timedelta(days=ports.project.config.agreement.surge.quiet_days)
    if not connection.execute(_SURGES, {"account": lead.account, "now": now, "before_at": before_at}).rowcount:
        return
    fields = plain_fields(lead) | {"owner": None}
    company = owners_of(connection, lead.account, 0)
    owner, _ = assign(team, fields, company)
    whose = rep_of(team, fields, company) or owner
    if whose != POOL:
        belongs_to(connection, lead.account, whose)
    payload = {"lead_id": lead.id, "owner": owner, "people": people}
    enqueue(connection, f"surge:{lead.id}:{now.isoformat()}", SURGE_ALERT, payload, now)
