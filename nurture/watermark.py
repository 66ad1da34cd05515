"""The mark outside the database: how far the numbers of attempts have gone.

A restored backup does not know the mail that was sent after it was made, and would send it again. So the
numbers of each chunk are reserved first: their end is committed in the database, then written to a file beside it,
and only then are they used. A database that is behind its file is older than the mail already sent: nothing may leave.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from models.database import Database
from models.queries import ledger
from models.statement import write
from nurture.errors import StaleDatabase

_RESERVE = write("UPDATE installation SET attempts_reserved = attempts_reserved + :count WHERE id = 1")


@dataclass(slots=True)
class Watermark:
    """Hands out attempt numbers that no older database can hand out again.

    `path` None keeps the mark in memory only (tests, simulations).
    """

    path: Path | None = None
    _seen: int = field(default=0)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def check(self, database: Database) -> None:
        """Raise StaleDatabase if mail was sent that this database does not know of."""
        environment = self._environment(database)
        # The mark first: it is written after the database, so read after it, it may be ahead of a sound one.
        mark = self._read(environment)
        with database.reading() as connection:
            self._compare(connection.execute(ledger.RESERVED).scalar_one(), mark)

    def take(self, database: Database, count: int) -> range:
        """`count` fresh numbers, no more: what is reserved and not used would hide a restored backup.

        Must be called outside of any transaction. Raises StaleDatabase.
        """
        with self._lock:
            environment = self._environment(database)
            mark = self._read(environment)
            with database.transaction("reserve") as connection:
                connection.execute(_RESERVE, {"count": count})
                end = int(connection.execute(ledger.RESERVED).scalar_one())
                self._compare(end - count, mark)
            self._write(environment, end)
            return range(end - count, end)

    def _environment(self, database: Database) -> str:
        """Whose mark it is: one file may serve several installations. In memory there is only one."""
        if self.path is None:
            return ""
        with database.reading() as connection:
            return str(connection.execute(ledger.INSTALLATION).one().environment)

    def _compare(self, reserved: int, mark: int) -> None:
        if reserved < mark:
            raise StaleDatabase(
                f"The database is older than the mail already sent: it has reserved {reserved} attempt numbers, "
                f"but {self.path} says {mark} were used. Restore a newer backup; nothing is sent from this one."
            )

    def _read(self, environment: str) -> int:
        if self.path is None or not self.path.exists():
            return self._seen
        return int(json.loads(self.path.read_text()).get(environment, 0))

    def _write(self, environment: str, end: int) -> None:
        self._seen = max(self._seen, end)
        if self.path is None:
            return
        with _only_one(self.path) as path:
            marks = json.loads(path.read_text()) if path.exists() else {}
            marks[environment] = max(marks.get(environment, 0), end)
            draft = path.with_suffix(".tmp")
            with draft.open("w") as file:
                json.dump(marks, file)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)


@contextmanager
def _only_one(path: Path) -> Iterator[Path]:
    """Keep other processes from writing the mark meanwhile: it must never go back."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield path
