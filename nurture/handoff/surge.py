"""A company warms up: several of its people did something themselves. Sales hears of it once, for all of them.

It hands nobody over, and promotes nobody. While sales has somebody of the company in hand, that page tells of the
others, and there is no alert.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection

from models.queries import accounts
from models.statement import write
from nurture.accounts import belongs_to, colleagues, in_hand, owners_of
from nurture.alerts.surge import SURGE_ALERT
from nurture.core.owners import POOL, assign
from nurture.gather import OWNED_BY_SALES, Known
from nurture.handoff.team import hold_team
from nurture.outbox import enqueue
from nurture.ports import Ports

#: sales hears nothing of these as a surge: it has them already, or does not want them
_NOT_SURGING = OWNED_BY_SALES | {"customer", "advocate", "disqualified"}

#: a company warms up when one of its people does something now; what an old list tells of last month is no news
_NEWS = timedelta(days=1)
_EVER = datetime.min.replace(tzinfo=UTC)

_SURGES = write(
    """
    INSERT INTO account (key, surged_at) VALUES (:account, :now)
    ON CONFLICT (key) DO UPDATE SET surged_at = excluded.surged_at
    WHERE account.surged_at IS NULL OR account.surged_at <= :before_at
    """
)


def tell_of_surge(
    connection: Connection, ports: Ports, known: Known, lead_id: int, fields: Mapping[str, object], now: datetime
) -> None:
    """Tell one rep of the company of a lead, where enough of its people were at it since it was last told of, and that
    was not of late.

    The caller holds the lead, which has just been judged and stays with marketing.
    """
    terms, lead = ports.project.config.agreement.surge, known.leads[lead_id]
    if not any(one.at >= now - _NEWS for one in known.engagements.get(lead_id, ())):
        return
    if lead.account is None or lead.stage in _NOT_SURGING or lead.no_sales_contact:
        return
    people = colleagues(connection, ports.project, lead.account, 0, now)
    told_at = connection.execute(accounts.SURGED, {"account": lead.account}).scalar() or _EVER
    warm = [one.lead_id for one in people if one.stage not in _NOT_SURGING and one.last_at and one.last_at > told_at]
    if lead.id not in warm or len(warm) < terms.people or in_hand(connection, lead.account):
        return
    team = hold_team(connection, ports, now)
    quiet = {"account": lead.account, "now": now, "before_at": now - timedelta(days=terms.quiet_days)}
    if not connection.execute(_SURGES, quiet).rowcount:
        return
    owner, _ = assign(team, {**fields, "owner": None}, owners_of(connection, lead.account, 0))
    if owner != POOL:
        belongs_to(connection, lead.account, owner)
    payload = {"lead_id": lead.id, "owner": owner, "people": warm}
    enqueue(connection, f"surge:{lead.id}:{now.isoformat()}", SURGE_ALERT, payload, now)
