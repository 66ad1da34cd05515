"""Soft bounces: mail to an address that failed for now, again and again, is not worth sending.

Three on three different mails, seven days or more apart, with nothing delivered in between, count as one verdict on the
address. What the provider blames on us (content, reputation, volume) says nothing about an address. The count is made
anew from what is stored, so the order in which events arrive does not matter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection

from models.queries import engagement
from nurture.suppress import soft_bounced

#: so many mails, over so long, and how far back they are looked for
MAILS, SPREAD, LOOKBACK = 3, timedelta(days=7), timedelta(days=90)

#: the provider's classes of a bounce that are the sender's own fault
OURS = ("content", "reputation", "frequency", "technical")


def count_again(connection: Connection, address_ids: Collection[int], now: datetime) -> None:
    """Suppress those of these addresses that have had enough."""
    if not address_ids:
        return
    told = {"ids": sorted(address_ids), "from_at": now - LOOKBACK}
    failed: dict[int, dict[int, datetime]] = defaultdict(dict)
    for row in connection.execute(engagement.SOFT_AND_DELIVERED, told):
        if row.kind == "delivered":
            failed[row.address_id].clear()
        elif not is_ours(row.name or ""):
            failed[row.address_id].setdefault(row.message_id, row.occurred_at)
    soft_bounced(connection, [id_ for id_, mails in failed.items() if _is_enough(list(mails.values()))], now)


def is_ours(classification: str) -> bool:
    """Whether a bounce of this class is the sender's fault, not the address's."""
    return classification.lower().startswith(OURS)


def _is_enough(moments: list[datetime]) -> bool:
    return len(moments) >= MAILS and max(moments) - min(moments) >= SPREAD
