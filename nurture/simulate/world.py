"""The world of a simulation: the real engine over a database in memory, on a clock that obeys, with a post that
gives nothing to anyone."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from sqlalchemy import Connection, Table, select

from models.base import SQLModel
from models.database import Database
from models.queries import ledger, simulate
from nurture.clock import VirtualClock
from nurture.content import Project
from nurture.leads import ImportReport, import_leads
from nurture.ledger.settle import accepted, settle
from nurture.library import Library
from nurture.ports import Ports
from nurture.simulate.post import Post
from nurture.watermark import Watermark

_ROWS = 5_000
#: requests that were worked already say nothing more, and are most of a database
_LEFT_BEHIND = frozenset({"inbox", "inbox_body"})
#: where answers to simulated mails go
_REPLIES = "replies.example.com"


@dataclass(frozen=True, slots=True)
class World:
    """The ports of the engine, with what a simulation holds in its own hands."""

    ports: Ports
    clock: VirtualClock
    post: Post
    start: datetime

    @property
    def environment(self) -> str:
        with self.ports.database.reading() as connection:
            return str(connection.execute(ledger.INSTALLATION).one().environment)


def new_world(project: Project, start: datetime, seed: int, database: Database | None = None) -> World:
    """A world without leads, at `start` (UTC), in an empty `database`, or one of its own. The same seed makes the same
    ids."""
    database = database or _new_database()
    clock = VirtualClock(start)
    post = Post(clock)
    library = Library(database, project)
    watermark, ids = Watermark(), _ids(seed)
    ports = Ports(database, clock, project, library, post, watermark, ids, reply_domain=_REPLIES)
    library.publish(project, start)
    return World(ports, clock, post, start)


def _new_database() -> Database:
    database = Database("sqlite://")
    database.create()
    return database


def import_into(world: World, stream: BinaryIO, file: str) -> ImportReport:
    """Leads from a CSV file, as `nurture leads import` takes them in."""
    return import_leads(world.ports.database, world.clock, stream, file=file, new_token=world.ports.new_id)


def copy_into(world: World, source: Database) -> None:
    """Real leads as they stand, with all that happened to them. `source` is only read.

    A mail that is in flight there is taken to have arrived.
    """
    target = world.ports.database
    with _snapshot(source) as reading, target.transaction("copy") as connection:
        for table in reversed(SQLModel.metadata.sorted_tables):
            connection.execute(table.delete())
        for table in SQLModel.metadata.sorted_tables:
            if table.name not in _LEFT_BEHIND:
                _copy(reading, connection, table)
    library = world.ports.library
    library.publish(world.ports.project, world.start)
    with target.reading() as connection:
        open_attempts = [row.id for row in connection.execute(simulate.UNSETTLED)]
    with target.transaction("settle") as connection:
        settle(connection, library, accepted(open_attempts, "was in flight when it was copied"), world.start)


def close(world: World) -> None:
    """Forget it all."""
    world.ports.database.close()


def _copy(source: Connection, target: Connection, table: Table) -> None:
    rows = source.execute(select(table))
    while some := rows.fetchmany(_ROWS):
        target.execute(table.insert(), [dict(row._mapping) for row in some])


@contextmanager
def _snapshot(source: Database) -> Iterator[Connection]:
    """One state of the whole database, while others go on writing."""
    if source.is_sqlite:
        with source.reading() as connection:
            yield connection
        return
    with source.engine.connect() as connection:
        yield connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def _ids(seed: int) -> Callable[[], str]:
    chance = random.Random(seed)
    return lambda: base64.urlsafe_b64encode(chance.randbytes(16)).rstrip(b"=").decode()
