"""The database: SQLite for one machine, PostgreSQL for many, the same transactions on both.

Every write runs in a named transaction. The name is for people who read logs, and for tests, which let
things happen before, inside and after each one (`hook`). On SQLite a transaction takes the write lock at its
start (BEGIN IMMEDIATE) and survives a power cut once committed (WAL, synchronous=FULL): the send protocol
rests on it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import StaticPool

import models.tables as tables
from models.base import SQLModel

#: asked before, inside (all done, not committed) and after each transaction
Hook = Callable[[str], None]

_BUSY_SECONDS = 30
#: errors and logs show statements, never the values in them: those are people's names and addresses
_DISCREET: dict[str, Any] = {"hide_parameters": True}
_ROW_LOCK = re.compile(r"\s+FOR (NO KEY UPDATE|SHARE)( OF \w+)?( SKIP LOCKED)?\s*$")
_EPOCH = datetime.fromtimestamp(0, UTC)
_POSTGRES_OPTIONS = (
    "-c timezone=UTC -c synchronous_commit=on -c statement_timeout=120s -c lock_timeout=30s "
    "-c idle_in_transaction_session_timeout=120s"
)


def _nothing(_: str) -> None:
    """The production hook."""


class Database:
    """A connection pool and the two ways to use it: `transaction` to write, `reading` to look."""

    def __init__(self, url: str) -> None:
        self.engine = _engine(url)
        self.hook: Hook = _nothing
        self.is_sqlite = self.engine.dialect.name == "sqlite"
        self._looking = self.engine.execution_options(begin="BEGIN")

    @contextmanager
    def transaction(self, name: str) -> Iterator[Connection]:
        """Do several things or none. `name` says what for."""
        self.hook(f"{name}: before")
        with self.engine.begin() as connection:
            yield connection
            self.hook(f"{name}: inside")
        self.hook(f"{name}: after")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Look at one consistent state without keeping writers out."""
        with self._looking.connect() as connection:
            yield connection

    def now(self) -> datetime:
        """The database's own clock, UTC."""
        with self.reading() as connection:
            moment = connection.execute(text("SELECT CURRENT_TIMESTAMP")).scalar_one()
        return moment.astimezone(UTC) if isinstance(moment, datetime) else datetime.now(UTC)

    def create(self) -> None:
        """Make all tables in an empty database at once (tests, demo); `migrate` does it for keeps."""
        SQLModel.metadata.create_all(self.engine)
        with self.transaction("install") as connection:
            install(connection)

    def close(self) -> None:
        self.engine.dispose()


def install(connection: Connection) -> None:
    """Give the database its name, and the gate that can stop everything, once."""
    if connection.execute(select(tables.Installation.id)).first() is None:  # type: ignore[call-overload]
        row = {"id": 1, "environment": secrets.token_hex(4), "attempts_reserved": 0, "demo": False}
        connection.execute(tables.Installation.__table__.insert(), row)  # type: ignore[attr-defined]
        gate = {"name": "everything", "closed_at": _EPOCH, "until": _EPOCH, "reason": "", "closed_by": ""}
        connection.execute(tables.Gate.__table__.insert(), gate)  # type: ignore[attr-defined]


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, parsed.database)
    return create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        **_DISCREET,
        connect_args={"options": _POSTGRES_OPTIONS, "keepalives_idle": 30, "connect_timeout": 10},
    )


def _sqlite(url: str, path: str | None) -> Engine:
    in_memory = path in (None, "", ":memory:")
    if path and not in_memory:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    pool: dict[str, Any] = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(
        url, connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False}, **_DISCREET, **pool
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    event.listen(engine, "before_cursor_execute", _without_row_locks, retval=True)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-65536"):
        connection.execute(f"PRAGMA {pragma}")


def _without_row_locks(_c: Any, _cursor: Any, statement: str, parameters: Any, _context: Any, _many: bool) -> Any:
    """SQLite has no row locks and needs none: whoever writes is alone."""
    return _ROW_LOCK.sub("", statement) if " FOR " in statement else statement, parameters


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get("begin", "BEGIN IMMEDIATE"))
