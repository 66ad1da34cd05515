"""The outbox: what is to be told to the outside, written with its cause, delivered at least once under one id."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from models.statement import write

_ENQUEUE = write(
    """
    INSERT INTO outbox (dedupe_key, kind, payload, state, due_at, tries, created_at)
    VALUES (:dedupe_key, :kind, :payload_json, 'pending', :now, 0, :now) ON CONFLICT (dedupe_key) DO NOTHING
    """
)

#: dedupe key, kind, payload
Entry = tuple[str, str, dict[str, Any]]


def enqueue(connection: Connection, dedupe_key: str, kind: str, payload: dict[str, Any], now: datetime) -> None:
    """Put something in the outbox, in the transaction that causes it. The same key twice is the same thing."""
    enqueue_all(connection, [(dedupe_key, kind, payload)], now)


def enqueue_all(connection: Connection, entries: Sequence[Entry], now: datetime) -> None:
    """The same for many."""
    rows = [{"dedupe_key": key, "kind": kind, "payload_json": payload, "now": now} for key, kind, payload in entries]
    if rows:
        connection.execute(_ENQUEUE, rows)
