"""Two at once on one database, in an order of our choosing: one stands still until the other waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

from sqlalchemy import event, text

from models.database import Database
from nurture.ports import Ports

Action = Callable[[], object]

#: seconds; longer than PostgreSQL takes to find a deadlock, on a machine with much else to do
_LONGEST = 60.0
_WAITING = text(
    "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
)


def at(database: Database, moment: str, action: Action) -> None:
    """Once, at this moment of a transaction ("claim: inside"), something else happens first."""
    usual = database.hook

    def hook(name: str) -> None:
        if name == moment:
            database.hook = usual
            action()

    database.hook = hook


def before(database: Database, words: str, action: Action) -> None:
    """Once, before the first statement with these words, something else happens."""
    _at_statement(database, "before_cursor_execute", words, action)


def after(database: Database, words: str, action: Action) -> None:
    """Once, after the first statement with these words, something else happens."""
    _at_statement(database, "after_cursor_execute", words, action)


def another(database: Database) -> Database:
    """The same database, with connections of its own."""
    return Database(database.engine.url.render_as_string(hide_password=False))


class Worker:
    """Another worker on the same PostgreSQL database, in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self.database = another(database)
        self._thread = ThreadPoolExecutor(max_workers=1)
        self._paused, self._awaited = Event(), Event()
        self._work: Future[Any] | None = None

    def ports(self, ports: Ports) -> Ports:
        """The same ports over this worker's connections."""
        return replace(ports, database=self.database)

    def begin(self, work: Action) -> None:
        """Let it work until it is done, pauses, or waits for a lock."""
        begun = self._work = self._thread.submit(work)
        _until(lambda: begun.done() or self._paused.is_set() or self._somebody_waits())

    def pause(self) -> None:
        """Within its work: stand still until somebody waits for a lock, or for the work to end."""
        self._paused.set()
        _until(lambda: self._awaited.is_set() or self._somebody_waits())

    def end(self) -> Any:
        """What its work came to; an error in it is raised here."""
        assert self._work is not None, "the moment at which it was to begin never came"
        self._awaited.set()
        return self._work.result(timeout=_LONGEST)

    def close(self) -> None:
        self._awaited.set()
        self._thread.shutdown()
        self.database.close()

    def _somebody_waits(self) -> bool:
        with self.database.reading() as connection:
            return bool(connection.execute(_WAITING).scalar_one())


def _at_statement(database: Database, side: str, words: str, action: Action) -> None:
    waiting = [action]

    def listener(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if waiting and words in statement:
            waiting.pop()()

    event.listen(database.engine, side, listener)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _LONGEST
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)
