"""Crowds: one caller (address on the net, program) that clicks in mails to many leads within two minutes.

What makes a crowd may lie in mails of others, and whichever click comes last completes it for all. So each new click is
seen with what the same caller did around it; whatever is found to be of a crowd is marked for good, and its mail is
judged again. A mail is judged by its own clicks and their marks alone, in whatever order they came.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from sqlalchemy import Connection, Row

from models.bulk import Match, Update, moment, stored
from nurture.core.crowds import LEADS_OF_A_CROWD, TOGETHER, Seen, crowd

#: callers that look at each other's clicks wait for each other: PostgreSQL's advisory locks, a few for all of them
_LANE, _LANES = 7264738, 256
_WAIT = "SELECT pg_advisory_xact_lock(%s, lane) FROM unnest(%s::int[]) AS lane"

#: the clicks of addresses on the net in stretches of time (IN, not =: for many rows SQLite would read the whole index
#: each time to make a Bloom filter of it)
_AROUND = Match(
    """
    WITH stretch (ip, from_at, until_at) AS (VALUES :rows*)
    SELECT e.ip, e.user_agent, e.id, e.lead_id, e.message_id, e.occurred_at, e.crowd
    FROM stretch s CROSS JOIN event e
    WHERE e.kind = 'clicked' AND e.ip IN (s.ip) AND e.occurred_at BETWEEN s.from_at AND s.until_at
      AND e.lead_id IS NOT NULL AND e.message_id IS NOT NULL
    """,
    width=3,
)
_MARK = Update("UPDATE event SET crowd = TRUE WHERE id = ?")


@dataclass(frozen=True, slots=True)
class Joined:
    """Clicks that are found to be of a crowd, by what has just come in."""

    clicks: tuple[Seen, ...] = ()

    @property
    def leads(self) -> set[int]:
        return {click.lead_id for click in self.clicks}

    @property
    def messages(self) -> set[int]:
        return {click.message_id for click in self.clicks}

    def mark(self, connection: Connection) -> None:
        """Put it down, in the order of their numbers."""
        _MARK(connection, [(id_,) for id_ in sorted(click.id for click in self.clicks)])


def joined(connection: Connection, clicks: Iterable[tuple[str, datetime]]) -> Joined:
    """What these new clicks (address on the net, UTC), which are stored already, make a crowd of: they themselves and
    others around them. Nothing is asked where there are no clicks. Call it before leads are locked."""
    by_ip: dict[str, set[datetime]] = defaultdict(set)
    for ip, at in clicks:
        by_ip[ip].add(at)
    if not by_ip:
        return Joined()
    _wait_for_others(connection, by_ip)
    rows = [
        (ip, stored(connection, start), stored(connection, end))
        for ip, moments in sorted(by_ip.items())
        for start, end in _stretches(moments)
    ]
    by_caller: dict[tuple[str, str | None], list[Row[Any]]] = defaultdict(list)
    for row in _AROUND(connection, rows):
        by_caller[row.ip, row.user_agent].append(row)
    return Joined(tuple(click for some in by_caller.values() for click in _new_to_crowd(some)))


def _new_to_crowd(clicks: list[Row[Any]]) -> list[Seen]:
    """Of a caller's clicks, as `_AROUND` has them, those of a crowd that are not marked yet."""
    if len(clicks) < LEADS_OF_A_CROWD or all(marked for *_, marked in clicks):
        return []
    known = {id_ for _, _, id_, *_, marked in clicks if marked}
    seen = [
        Seen(id_, lead_id, message_id, at)
        for _, _, id_, lead_id, message_id, occurred_at, _ in clicks
        if (at := moment(occurred_at)) is not None
    ]
    return [click for click in crowd(seen) if click.id not in known]


def _wait_for_others(connection: Connection, ips: Collection[str]) -> None:
    """Two that fold at once must not each miss the other's part of a crowd. SQLite has one writer."""
    if connection.dialect.name == "postgresql":
        lanes = sorted({zlib.crc32(ip.encode()) % _LANES for ip in ips})
        connection.exec_driver_sql(_WAIT, (_LANE, lanes))


def _stretches(moments: Collection[datetime]) -> Iterator[tuple[datetime, datetime]]:
    """The time around these moments; what overlaps is one stretch, so that no click is found twice."""
    ordered = sorted(moments)
    start = before = ordered[0]
    for at in chain(ordered[1:], [None]):
        if at is None or at - before > 2 * TOGETHER:
            yield start - TOGETHER, before + TOGETHER
            start = at or start
        before = at or before
