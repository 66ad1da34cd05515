"""Retention: what is personal and no longer needed goes by itself, by `retention` of nurture.yaml.

Each chore goes through what is old, a batch in a transaction, and never through what is young: its cost is that of what
it removes. Safe to call at any time, from several places at once, and to kill.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import takewhile
from typing import Any

from sqlalchemy import Connection, Row, TextClause

from models.queries import rights
from models.statement import Select, write
from models.words import InboxState, OutboxState
from nurture.ports import Ports
from nurture.rights.bodies import addresses_in
from nurture.rights.forget import strip_requests

_BATCH = 500

_DROP_REQUESTS = write("DELETE FROM inbox WHERE id IN :ids*")
_DROP_ATTEMPTS = write("DELETE FROM attempt WHERE outbox_id IN :ids*")
_DROP_TOLD = write("DELETE FROM outbox WHERE id IN :ids*")
_DROP_ORPHANS = write(
    """
    DELETE FROM event WHERE id IN :ids* AND lead_id IS NULL AND visitor_id IS NULL AND message_id IS NULL
    """
)
_DROP_STRANGERS = write("DELETE FROM event WHERE id IN :ids* AND lead_id IS NULL AND visitor_id IS NOT NULL")
_DROP_VISITORS = write("DELETE FROM visitor WHERE id IN :ids*")
_DROP_LINKS = write("UPDATE consent SET token = NULL WHERE token IS NOT NULL AND at < :until")
#: machines' stay: they are nobody's, and judging the clicks of a mail again needs them
_BLUR = write(
    """
    UPDATE event SET ip = NULL, user_agent = NULL
    WHERE id IN :ids* AND (ip IS NOT NULL OR user_agent IS NOT NULL) AND (verdict IS NULL OR verdict <> 'machine')
    """
)
#: what people wrote who are no lead, and what machines did about nobody
_DROP_STRANGERS_MAILS = write("DELETE FROM reply WHERE id IN :ids* AND lead_id IS NULL")
_DROP_REPLIES = write("DELETE FROM reply WHERE id IN :ids*")
_NOBODYS = """
    SELECT l.id FROM address a JOIN lead l ON l.address_id = a.id
    WHERE a.suppressed = 'erased' AND a.email = 'erased-' || CAST(a.id AS TEXT)
    """
#: what was being written down about somebody in the very moment of the erasure
_DROP_LATE = (
    *(write(f"DELETE FROM {table} WHERE lead_id IN ({_NOBODYS})") for table in ("answer", "event", "reply")),
    write(f"UPDATE visitor SET lead_id = NULL WHERE lead_id IN ({_NOBODYS})"),
)
_COME = write(
    """
    INSERT INTO tidied (chore, last_id) VALUES (:chore, :last_id)
    ON CONFLICT (chore) DO UPDATE SET last_id = :last_id
    """
)


@dataclass(slots=True)
class Tidied:
    """How much went, by chore."""

    counts: dict[str, int] = field(default_factory=dict)


def tidy(ports: Ports) -> Tidied:
    """Do every chore. Once a day is enough. Raises ErasureKeyLost when the others are done."""
    days, now = ports.project.config.retention, ports.clock.now()

    def before(number: int) -> datetime:
        return now - timedelta(days=number)

    done = Tidied()
    done.counts["requests"] = _requests(ports, before(days.requests))
    done.counts["networks"] = _events(ports, "networks", before(days.network), _BLUR)
    done.counts["orphans"] = _events(ports, "orphans", before(days.orphans), _DROP_ORPHANS)
    done.counts["strangers"] = _events(ports, "strangers", before(days.strangers), _DROP_STRANGERS)
    done.counts["strangers' mails"] = _by_number(
        ports, "strangers' mails", before(days.strangers), _DROP_STRANGERS_MAILS, rights.REPLIES, rights.LAST_REPLY
    )
    done.counts["visitors"] = _visitors(ports, before(days.strangers))
    done.counts["delivered"] = _told(ports, before(days.delivered))
    done.counts["links"] = _links(ports, before(days.links))
    done.counts["erased again"] = _erased_again(ports)
    return done


def _requests(ports: Ports, until: datetime) -> int:
    """Raw requests; one that nobody has worked yet stays, whatever its age."""

    def is_done(row: Row[Any]) -> bool:
        return bool(row.state != InboxState.NEW)

    return _from_the_oldest(ports, rights.RECEIVED, lambda row: bool(row.received_at < until), is_done, _DROP_REQUESTS)


def _told(ports: Ports, until: datetime) -> int:
    """What reached whom it was for, with the attempts that it took. What was given up stays for a person."""

    def is_done(row: Row[Any]) -> bool:
        return bool(row.state == OutboxState.DELIVERED and (row.delivered_at or row.created_at) < until)

    def is_old(row: Row[Any]) -> bool:
        return bool(row.created_at < until)

    return _from_the_oldest(ports, rights.TOLD, is_old, is_done, _DROP_ATTEMPTS, _DROP_TOLD)


def _from_the_oldest(
    ports: Ports,
    rows: Select,
    is_old: Callable[[Row[Any]], bool],
    is_done: Callable[[Row[Any]], bool],
    *deletes: TextClause,
) -> int:
    """Delete rows by number, up to the first that is young; how many. The last of `deletes` is the table itself."""
    gone, after = 0, 0
    while True:
        with ports.database.transaction("tidy") as connection:
            page = connection.execute(rows, {"after": after, "limit": _BATCH}).all()
            old = list(takewhile(is_old, page))
            ids = {"ids": [row.id for row in old if is_done(row)]}
            gone += [connection.execute(delete, ids).rowcount for delete in deletes][-1]
        if len(old) < _BATCH:
            return gone
        after = old[-1].id


def _events(ports: Ports, chore: str, until: datetime, change: TextClause) -> int:
    return _by_number(ports, chore, until, change, rights.EVENTS, rights.LAST_EVENT)


def _by_number(ports: Ports, chore: str, until: datetime, change: TextClause, rows: Select, newest: Select) -> int:
    """Change what is old since the last time. An index would do it, too, but every row would have to pay for it."""
    changed = 0
    while True:
        with ports.database.transaction("tidy") as connection:
            start = _mark(connection, chore, newest)
            page = connection.execute(rows, {"after": start, "limit": _BATCH}).all()
            old = [row.id for row in takewhile(lambda row: row.received_at < until, page)]
            changed += connection.execute(change, {"ids": old}).rowcount
            if old:
                connection.execute(_COME, {"chore": chore, "last_id": old[-1]})
        if len(old) < _BATCH:
            return changed


def _visitors(ports: Ports, until: datetime) -> int:
    """Visitors who never said who they are, once nothing is left that they did."""
    gone, after = 0, 0
    while True:
        with ports.database.transaction("tidy") as connection:
            page = {"until": until, "after": after, "limit": _BATCH}
            ids = connection.execute(rights.GONE_VISITORS, page).scalars().all()
            gone += connection.execute(_DROP_VISITORS, {"ids": ids}).rowcount
        if len(ids) < _BATCH:
            return gone
        after = ids[-1]


def _links(ports: Ports, until: datetime) -> int:
    """Links to confirm an address, which have long stopped working."""
    with ports.database.transaction("tidy") as connection:
        return int(connection.execute(_DROP_LINKS, {"until": until}).rowcount)


def _erased_again(ports: Ports) -> int:
    """What arrived about people after they were erased: a provider's late events, a form, a mail. Told by hash."""
    with ports.database.reading() as connection:
        is_erased = ports.erasures.test(connection)
        start = _mark(connection, "erased again", rights.LAST_REQUEST)
        last = connection.execute(rights.LAST_REQUEST).scalar_one() or 0
    if is_erased is None:
        return 0
    mentions = partial(_mentions_erased, is_erased)
    # a little back, for requests that were numbered first and stored last
    after = max(0, start - _BATCH)
    stripped = strip_requests(ports, mentions, after=after)
    with ports.database.transaction("tidy") as connection:
        replies = connection.execute(rights.SENDERS, {"after": after})
        connection.execute(_DROP_REPLIES, {"ids": [row.id for row in replies if is_erased(row.sender)]})
        for statement in _DROP_LATE:
            connection.execute(statement)
        connection.execute(_COME, {"chore": "erased again", "last_id": last})
    return stripped


def _mentions_erased(is_erased: Callable[[str], bool], words: str) -> bool:
    return any(map(is_erased, addresses_in(words)))


def _mark(connection: Connection, chore: str, newest: Select) -> int:
    """The number from which on a chore is to be done: never ahead, because numbers of deleted rows may come again."""
    come = connection.execute(rights.TIDIED, {"chore": chore}).scalar_one_or_none() or 0
    return int(min(come, connection.execute(newest).scalar_one() or 0))
