"""Bring a database to the tables of this version, and tell whether it is there already.

The revisions lie in `models/migrations` and travel in the wheel. There is no way down: a step back is a
restored backup.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from models.database import Database, install

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(7264737)")


def upgrade(database: Database) -> None:
    """Make or alter the tables, and give a new database its name, all in one transaction. Twice is harmless."""
    with database.transaction("migrate") as connection:
        if not database.is_sqlite:
            # SQLite's transactions exclude each other anyway
            connection.execute(_ONE_AT_A_TIME)
        command.upgrade(config_for(connection), "head")
        install(connection)


def current(database: Database) -> str | None:
    """The revision the database stands at; None before the first `upgrade`."""
    with database.reading() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_current(database: Database) -> bool:
    """Whether the tables are those of this version."""
    return current(database) == head()


@cache
def head() -> str | None:
    """The revision of this version; read once, because the files do not change under a running program."""
    return ScriptDirectory.from_config(config_for()).get_current_head()


def config_for(connection: Connection | None = None) -> Config:
    """Alembic's settings, without an alembic.ini: where the revisions lie, and what to run them on."""
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
