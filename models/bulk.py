"""Statements about hundreds of rows at once, handed straight to the driver.

`models.statement` gives each parameter a type by its name, which is safe and plain; for a list of hundreds it costs
more than the database does. What is here is for the fold alone, which sees thousands of events a second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any

from sqlalchemy import Connection, CursorResult, Row

#: values in one statement; SQLite takes 32,766
_MOST = 30_000
#: rows in one INSERT, or to go by: so many that their number costs nothing, so few that the driver keeps the statement
_ROWS = 200


@dataclass(frozen=True, slots=True)
class Lookup:
    """A SELECT with one list in it, written `IN :values*`. Moments come as the database has them: see `moment`."""

    sql: str

    def __call__(self, connection: Connection, values: Sequence[object]) -> Iterator[Row[Any]]:
        if connection.dialect.name == "postgresql":
            if values:
                sql = self.sql.replace("IN :values*", "= ANY(%s)")
                yield from connection.exec_driver_sql(sql, (list(values),)).all()
            return
        for start in range(0, len(values), _MOST):
            some = tuple(values[start : start + _MOST])
            yield from connection.exec_driver_sql(_spread(self.sql, len(some)), some).all()


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT of many rows, each a tuple in the order of `columns`."""

    table: str
    columns: tuple[str, ...]
    #: what to do with a row that is there already
    conflict: str

    def __call__(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        for _ in self._run(connection, rows):
            pass

    def new(self, connection: Connection, rows: Sequence[tuple[object, ...]], name: str) -> set[Any]:
        """Write the rows, into a table with an `id`; of those that were not there before, what they have in a column.

        RETURNING takes SQLite a sixth of such an INSERT. It has one writer, who knows the new ones by their numbers.
        """
        if connection.dialect.name == "postgresql":
            told = self._run(connection, rows, f" RETURNING {name}")
            return {value for result in told for (value,) in result}
        last = connection.exec_driver_sql(f"SELECT COALESCE(MAX(id), 0) FROM {self.table}").scalar_one()
        self(connection, rows)
        return set(connection.exec_driver_sql(f"SELECT {name} FROM {self.table} WHERE id > ?", (last,)).scalars())

    def _run(
        self, connection: Connection, rows: Sequence[tuple[object, ...]], told: str = ""
    ) -> Iterator[CursorResult[Any]]:
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            yield connection.exec_driver_sql(self.text(mark, len(some)) + told, tuple(chain.from_iterable(some)))

    @lru_cache(maxsize=512)  # noqa: B019 - there are a few, for good
    def text(self, mark: str, rows: int) -> str:
        """The statement for so many rows."""
        row = f"({', '.join([mark] * len(self.columns))})"
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}) VALUES {', '.join([row] * rows)} {self.conflict}"


@dataclass(frozen=True, slots=True)
class Match:
    """A SELECT that goes by a list of rows, written `(VALUES :rows*)`. Moments come as the database has them."""

    sql: str
    #: values in a row
    width: int

    def __call__(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> Iterator[Row[Any]]:
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        for start in range(0, len(rows), _ROWS):
            some = rows[start : start + _ROWS]
            yield from connection.exec_driver_sql(self.text(mark, len(some)), tuple(chain.from_iterable(some))).all()

    @lru_cache(maxsize=512)  # noqa: B019 - there are a few, for good
    def text(self, mark: str, rows: int) -> str:
        """The statement for so many rows."""
        row = f"({', '.join([mark] * self.width)})"
        return self.sql.replace(":rows*", ", ".join([row] * rows))


@dataclass(frozen=True, slots=True)
class Update:
    """An UPDATE for each of many rows, its values marked by `?`, in their order."""

    sql: str

    def __call__(self, connection: Connection, rows: Sequence[tuple[object, ...]]) -> None:
        sql = self.sql.replace("?", "%s") if connection.dialect.name == "postgresql" else self.sql
        if rows:
            connection.exec_driver_sql(sql, list(rows))


def stored(connection: Connection, moment: datetime | None) -> object:
    """A moment (UTC) as the driver stores it: SQLite has none, so it is text there."""
    if moment is None or connection.dialect.name == "postgresql":
        return moment
    return _text(moment)


def moment(told: object) -> datetime | None:
    """What a column of moments told, as UTC."""
    if told is None:
        return None
    return told.replace(tzinfo=UTC) if isinstance(told, datetime) else _moment(str(told))


@lru_cache(maxsize=4096)
def _text(moment: datetime) -> str:
    """Cut off where it would say that this is UTC."""
    return moment.isoformat(" ", "microseconds")[:26]


@lru_cache(maxsize=4096)
def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@lru_cache(maxsize=512)
def _spread(sql: str, count: int) -> str:
    return sql.replace(":values*", f"({', '.join('?' * count)})")
