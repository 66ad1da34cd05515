"""Many rows written at once, and which of them were not there before."""

from __future__ import annotations

from datetime import UTC, datetime

from models.bulk import Insert, stored
from models.database import Database

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
_EVENTS = Insert(
    "event", ("key", "kind", "occurred_at", "received_at", "machine"), "ON CONFLICT (key) DO NOTHING"
)  # fmt: skip


def _keep(database: Database, numbers: range) -> set[bytes]:
    with database.transaction("keep") as connection:
        moment = stored(connection, NOW)
        return _EVENTS.new(connection, [(_key(n), "clicked", moment, moment, False) for n in numbers], "key")


def _key(n: int) -> bytes:
    return n.to_bytes(16, "big")


def test_of_rows_written_those_are_told_that_were_not_there(database: Database) -> None:
    """In one statement and in several; what is told of an INSERT is not what another one wrote."""
    assert _keep(database, range(0)) == set()
    assert _keep(database, range(3)) == {_key(0), _key(1), _key(2)}
    assert _keep(database, range(2, 900)) == {_key(n) for n in range(3, 900)}
    assert _keep(database, range(900)) == set()
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT COUNT(*) FROM event").scalar_one() == 900


def test_a_row_that_comes_twice_is_written_and_told_once(database: Database) -> None:
    with database.transaction("keep") as connection:
        moment = stored(connection, NOW)
        rows = [(_key(7), "clicked", moment, moment, False)] * 2
        assert _EVENTS.new(connection, rows, "key") == {_key(7)}
