"""Where tests are played: one database in memory, empty again before each."""

from __future__ import annotations

import sqlite3

from models.database import Database


class Stage:
    """Making tables and compiling statements takes longer than playing a test, so both are done once."""

    def __init__(self) -> None:
        self.database = Database("sqlite://")
        self.database.create()
        self._empty = sqlite3.connect(":memory:")
        self._connection().backup(self._empty)

    def clear(self) -> Database:
        """The database without a row in it."""
        self._empty.backup(self._connection())
        return self.database

    def close(self) -> None:
        self.database.close()
        self._empty.close()

    def _connection(self) -> sqlite3.Connection:
        """The only one there is: a database in memory is gone with its connection."""
        pooled = self.database.engine.raw_connection()
        connection = pooled.driver_connection
        pooled.close()
        assert isinstance(connection, sqlite3.Connection)
        return connection
