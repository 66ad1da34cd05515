"""Letting the quiet go: who got mail for half a year and did nothing at all is not mailed any more (sunset).

Mailbox providers judge a sender by how many of its readers read. Whoever does something itself is mailed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from models.queries import consent as queries
from models.queries import engagement
from models.words import Suppression
from nurture.announce import announce_suppressed
from nurture.ports import Ports
from nurture.suppress import came_back, suppress

_BATCH = 500


def let_go(ports: Ports) -> int:
    """Suppress who has been quiet for too long, by `sunset` of nurture.yaml; gives how many. Once a day is enough.

    Who came back first is mailed again first. Safe to call at any time, from several places at once.
    """
    rules = ports.project.config.sunset
    since = ports.clock.now() - timedelta(days=rules.days)
    _take_back(ports, since)
    asked = {"since": since, "mails": rules.mails, "sequence": rules.after}
    total, last = 0, 0
    while True:
        with ports.database.reading() as connection:
            page = {**asked, "after": last, "limit": _BATCH}
            found = {row.id: row.address_id for row in connection.execute(queries.QUIET, page)}
        if not found:
            return total
        total += _suppress(ports, found, asked)
        last = max(found)


def _suppress(ports: Ports, found: Mapping[int, int], asked: Mapping[str, object]) -> int:
    """Ask again under the locks: somebody may have clicked just now."""
    with ports.database.transaction("let go") as connection:
        connection.execute(engagement.LOCK_ADDRESSES, {"ids": sorted(found.values())})
        quiet = connection.execute(queries.STILL_QUIET, {**asked, "ids": sorted(found)}).all()
        now, addresses = ports.clock.now(), [row.address_id for row in quiet]
        suppress(connection, addresses, Suppression.SUNSET, "sunset", now)
        announce_suppressed(connection, ports.project.config, addresses, now)
    return len(quiet)


def _take_back(ports: Ports, since: datetime) -> None:
    now = ports.clock.now()
    with ports.database.transaction("take back") as connection:
        back = connection.execute(queries.CAME_BACK, {"now": now, "since": since}).scalars().all()
        came_back(connection, back, "own act", now)
