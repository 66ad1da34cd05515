"""The inbox: requests are stored as they came, then worked a few in one transaction. None of them stops the others."""

from __future__ import annotations

import gc
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from models.queries import engagement
from models.statement import write
from models.words import InboxState
from nurture.deals import read_request, take_in
from nurture.engage.events import PROVIDER, fold_events
from nurture.engage.forms import fold_form
from nurture.engage.replies import fold_mail
from nurture.engage.site import fold_site
from nurture.engage.tally import Folded, Told
from nurture.ports import Ports

log = logging.getLogger(__name__)

_FORM, _SITE = "form:", "site:"
#: what the CRM tells of deals is stored under
DEALS = "deals"
#: where mails that come in are stored under
INBOUND = "inbound"

#: so many requests of events, and so many bytes of them, are worked in one go
_TOGETHER, _LARGEST = 20, 2_000_000

_RECEIVE = write(
    "INSERT INTO inbox (source, received_at, state, faults) VALUES (:source, :now, 'new', :faults_json) RETURNING id"
)
_STORE = write("INSERT INTO inbox_body (id, body) VALUES (:id, :body)")
_WORKED = write("UPDATE inbox SET state = :state, faults = :faults_json WHERE id = :id")


def receive(ports: Ports, source: str, body: bytes) -> int:
    """Store a request as it arrived: from "sendgrid", "form:<name>", "deals", ... Its number in the inbox."""
    row = {"source": source, "now": ports.clock.now(), "faults_json": []}
    with ports.database.transaction("receive") as connection:
        id_ = int(connection.execute(_RECEIVE, row).scalar_one())
        connection.execute(_STORE, {"id": id_, "body": body})
        return id_


def fold(ports: Ports) -> Folded:
    """Work every request that is new. Some of the mail provider's at once cost less than each by itself; if one of them
    is in the way of the others, each gets a transaction of its own."""
    total, last, singly_until = Folded(), 0, 0
    while worked := _fold_next(ports, last, 1 if last < singly_until else _TOGETHER):
        ids, folded = worked
        if folded is None:
            singly_until = ids[-1]
        else:
            last, total = ids[-1], total + folded
    return total


def _fold_next(ports: Ports, after_id: int, most: int) -> tuple[list[int], Folded | None] | None:
    """Work the next request, or the next few of the mail provider's in one go: which, and what came of it. None
    instead of what came of it: one of several is in the way, and nothing was done."""
    now, ids = ports.clock.now(), list[int]()
    try:
        with ports.database.transaction("fold") as connection, _undisturbed():
            waiting = connection.execute(engagement.WAITING, {"after_id": after_id, "limit": most}).all()
            ids = _go_together(waiting)
            if not ids:
                return None
            requests = connection.execute(engagement.REQUESTS, {"ids": ids}).all()
            work = _fold_together if len(requests) > 1 else _fold_one
            return ids, work(connection, ports, requests, now)
    except Exception as error:
        if not ids or not (_is_trouble(error) or len(ids) > 1):
            raise
        if not _is_trouble(error):
            return ids, None
        # The database's trouble, not the request's: it stays new, and the next one may be luckier.
        log.warning("requests %s wait: %s", ids, type(getattr(error, "orig", error)).__name__)
        return ids, Folded()


@contextmanager
def _undisturbed() -> Iterator[None]:
    """A fold makes thousands of objects and none in circles; to look for circles again and again is a tenth of it."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _go_together(waiting: Sequence[Row[Any]]) -> list[int]:
    """The numbers of those that are worked next: the first, and what follows of the same events, up to a size."""
    size, ids = 0, list[int]()
    for request in waiting:
        size += request.size
        if ids and (size > _LARGEST or not request.source == waiting[0].source == PROVIDER):
            break
        ids.append(request.id)
    return ids


def _fold_together(connection: Connection, ports: Ports, requests: Sequence[Row[Any]], now: datetime) -> Folded:
    told = fold_events(connection, ports, requests, now)
    return sum((_done(connection, request, one) for request, one in zip(requests, told, strict=True)), Folded())


def _fold_one(connection: Connection, ports: Ports, requests: Sequence[Row[Any]], now: datetime) -> Folded:
    """Work a request in a savepoint; what cannot be read is set aside for a person."""
    request = requests[0]
    try:
        with connection.begin_nested():
            told = _read(connection, ports, request, now)
    # Whatever a request from outside sets off is its own fault, and must not keep the rest waiting.
    except Exception as error:
        if _is_trouble(error):
            raise
        log.warning("request %s is quarantined: %s", request.id, type(error).__name__)
        reason = str(error) if isinstance(error, ValueError) else type(error).__name__
        _write_off(connection, request.id, InboxState.QUARANTINED, ((0, reason),))
        return Folded(requests=1, faults=1)
    return _done(connection, request, told)


def _is_trouble(error: Exception) -> bool:
    """Whether it is the database's own trouble; the rest is the fault of what came in."""
    return isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError)


def _done(connection: Connection, request: Row[Any], told: Told) -> Folded:
    _write_off(connection, request.id, InboxState.DONE, told.faults)
    return Folded(1, told.events, told.repeated, len(told.faults), told.foreign, told.orphans)


def _read(connection: Connection, ports: Ports, request: Row[Any], now: datetime) -> Told:
    if request.source == PROVIDER:
        return fold_events(connection, ports, [request], now)[0]
    if request.source == INBOUND:
        return fold_mail(connection, ports, request.body, request.received_at, now, request.id)
    if request.source == DEALS:
        return _fold_deals(connection, ports, request, now)
    if request.source.startswith(_FORM):
        return fold_form(connection, ports, request.source.removeprefix(_FORM), request.body, request.received_at, now)
    if request.source.startswith(_SITE):
        return fold_site(connection, ports, request.source, request.body, request.received_at, now)
    raise ValueError(f"nobody reads requests from '{request.source}'")


def _fold_deals(connection: Connection, ports: Ports, request: Row[Any], now: datetime) -> Told:
    facts, faults = read_request(request.body, ports.project.config, request.received_at)
    done = take_in(connection, ports, facts, "api", now)
    told = tuple((number, f"{field}: {reason}") for number, field, reason in (*done.faults, *done.doubts))
    return Told(done.created + done.updated, done.unchanged, faults=(*faults, *told))


def _write_off(connection: Connection, id_: int, state: InboxState, faults: tuple[tuple[int, str], ...]) -> None:
    entries = [{"entry": number, "reason": reason} for number, reason in faults]
    connection.execute(_WORKED, {"id": id_, "state": state, "faults_json": entries})
