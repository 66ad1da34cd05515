"""Databases for tests: both kinds, each test its own, none started before a test asks."""

from __future__ import annotations

import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import settings

from models.database import Database
from tests import postgres
from tests.office import Office
from tests.receiver import Receiver

for _name in [name for name in os.environ if name.startswith(("NURTURE_", "PREFECT_"))]:
    del os.environ[_name]

# what a script starts in its background is deaf to Ctrl-C, and so is all that it starts; tests send it
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long one example takes depends on what else the machine does; where speed matters, a test measures it itself.
# The same commit gives the same verdict: examples by chance are the business of `make deep`.
settings.register_profile("nurture", deadline=None, derandomize=True)
settings.load_profile("nurture")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the test server, without a database name."""
    with postgres.running() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """The name of a database with all tables, to be copied."""
    _administer(postgres_server, "CREATE DATABASE template_nurture")
    _created(f"{postgres_server}/template_nurture")
    return "template_nurture"


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """A fresh database without tables."""
    yield from _postgres_copy(postgres_server, "template1")


@pytest.fixture
def postgres_url(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """A fresh database with all tables."""
    yield from _postgres_copy(postgres_server, postgres_template)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "template.db"
    _created(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """A fresh database file with all tables."""
    path = tmp_path / "nurture.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    yield from _opened(sqlite_url)


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[Database]:
    yield from _opened(postgres_url)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """The same test on both databases."""
    database: Database = request.getfixturevalue(f"{request.param}_database")
    return database


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    """A company at work, on both databases."""
    return Office(database, tmp_path)


@pytest.fixture
def here(sqlite_database: Database, tmp_path: Path) -> Office:
    """The same on SQLite only, where the database makes no difference."""
    return Office(sqlite_database, tmp_path)


@pytest.fixture
def crm() -> Iterator[Receiver]:
    """Somebody else's system, which webhooks tell."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture
def erp() -> Iterator[Receiver]:
    """Another one."""
    with Receiver() as receiver:
        yield receiver


_numbers = itertools.count(1)


def _postgres_copy(server: str, template: str) -> Iterator[str]:
    name = f"test_{next(_numbers)}"
    _administer(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
    yield f"{server}/{name}"
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


def _administer(server: str, command: str) -> None:
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(command.encode())


def _created(url: str) -> None:
    database = Database(url)
    database.create()
    database.close()


def _opened(url: str) -> Iterator[Database]:
    database = Database(url)
    yield database
    database.close()
