"""The inbox: requests are stored as they came, then worked one transaction each. None of them stops the others."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from models.queries import engagement
from models.statement import write
from models.words import InboxState
from nurture.engage.events import PROVIDER, fold_events
from nurture.engage.forms import fold_form
from nurture.engage.tally import Folded, Told
from nurture.ports import Ports

log = logging.getLogger(__name__)

_FORM = "form:"

_RECEIVE = write(
    """
    INSERT INTO inbox (source, body, received_at, state, faults) VALUES (:source, :body, :now, 'new', :faults_json)
    RETURNING id
    """
)
_WORKED = write("UPDATE inbox SET state = :state, faults = :faults_json WHERE id = :id")


def receive(ports: Ports, source: str, body: bytes) -> int:
    """Store a request as it arrived: from "sendgrid", or "form:<name>". Its number in the inbox."""
    row = {"source": source, "body": body, "now": ports.clock.now(), "faults_json": []}
    with ports.database.transaction("receive") as connection:
        return int(connection.execute(_RECEIVE, row).scalar_one())


def fold(ports: Ports) -> Folded:
    """Work every request that is new."""
    total, last = Folded(), 0
    while worked := _fold_next(ports, last):
        last, folded = worked
        total += folded
    return total


def _fold_next(ports: Ports, after_id: int) -> tuple[int, Folded] | None:
    now, request = ports.clock.now(), None
    try:
        with ports.database.transaction("fold") as connection:
            request = connection.execute(engagement.REQUEST, {"after_id": after_id}).first()
            return (request.id, _fold(connection, ports, request, now)) if request else None
    except DBAPIError as error:
        # The database's trouble, not the request's: it stays new, and the next one may be luckier.
        if request is None:
            raise
        log.warning("request %s waits: %s", request.id, type(error.orig).__name__)
        return request.id, Folded()


def _fold(connection: Connection, ports: Ports, request: Row[Any], now: datetime) -> Folded:
    """Work a request in a savepoint; what cannot be read is set aside for a person."""
    try:
        with connection.begin_nested():
            told = _read(connection, ports, request, now)
    # Whatever a request from outside sets off is its own fault, and must not keep the rest waiting.
    except Exception as error:
        if isinstance(error, DBAPIError) and not isinstance(error, DataError | IntegrityError):
            raise
        log.warning("request %s is quarantined: %s", request.id, type(error).__name__)
        reason = str(error) if isinstance(error, ValueError) else type(error).__name__
        _write_off(connection, request.id, InboxState.QUARANTINED, ((0, reason),))
        return Folded(requests=1, faults=1)
    _write_off(connection, request.id, InboxState.DONE, told.faults)
    return Folded(1, told.events, told.repeated, len(told.faults), told.foreign)


def _read(connection: Connection, ports: Ports, request: Row[Any], now: datetime) -> Told:
    if request.source == PROVIDER:
        return fold_events(connection, ports, request.body, request.received_at, now)
    if request.source.startswith(_FORM):
        return fold_form(connection, ports, request.source.removeprefix(_FORM), request.body, request.received_at, now)
    raise ValueError(f"nobody reads requests from '{request.source}'")


def _write_off(connection: Connection, id_: int, state: InboxState, faults: tuple[tuple[int, str], ...]) -> None:
    entries = [{"entry": number, "reason": reason} for number, reason in faults]
    connection.execute(_WORKED, {"id": id_, "state": state, "faults_json": entries})
