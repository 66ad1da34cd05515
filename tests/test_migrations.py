"""The migrations lead to exactly the tables of the models, on both databases."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from models.base import SQLModel
from models.database import Database
from models.migrate import config_for, current, is_current, upgrade

_SQLITE_SCHEMA = "SELECT name || ' ' || coalesce(sql, '') FROM sqlite_master"
_POSTGRES_SCHEMA = """
    SELECT concat_ws(' ', table_name, column_name, data_type, is_nullable, column_default)
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace"""
_WAITING = "SELECT COUNT(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


@pytest.fixture(params=["sqlite", "postgres"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables."""
    on_sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path}/empty.db" if on_sqlite else request.getfixturevalue("empty_postgres_url")
    database = Database(url)
    yield database
    database.close()


@pytest.fixture
def created(empty: Database, request: pytest.FixtureRequest) -> Database:
    """The same kind of database, its tables made by `create`."""
    kind = "sqlite" if empty.is_sqlite else "postgres"
    database: Database = request.getfixturevalue(f"{kind}_database")
    return database


def test_migrating_an_empty_database_gives_the_tables_indexes_and_constraints_of_the_models(
    empty: Database, created: Database
) -> None:
    upgrade(empty)
    assert schema(empty) == schema(created)


def test_the_open_attempt_barrier_is_a_partial_unique_index(empty: Database) -> None:
    upgrade(empty)
    (barrier,) = [line for line in schema(empty) if "INDEX uq_attempt_open" in line]
    assert "UNIQUE" in barrier
    assert "WHERE" in barrier


def test_no_revision_is_missing(empty: Database) -> None:
    upgrade(empty)
    with empty.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_a_database_is_current_after_the_upgrade_and_twice_is_harmless(empty: Database) -> None:
    assert current(empty) is None
    assert not is_current(empty)
    upgrade(empty)
    before = (current(empty), schema(empty), name(empty))
    upgrade(empty)
    assert is_current(empty)
    assert (current(empty), schema(empty), name(empty)) == before


def test_a_failed_upgrade_leaves_nothing_behind(empty: Database) -> None:
    def lose_power(moment: str) -> None:
        if moment == "migrate: inside":
            raise KeyboardInterrupt

    empty.hook = lose_power
    with pytest.raises(KeyboardInterrupt):
        upgrade(empty)
    assert schema(empty) == []


def schema(database: Database) -> list[str]:
    """Every table, column, index and constraint in the database's own words, without alembic's bookkeeping."""
    statement = _SQLITE_SCHEMA if database.is_sqlite else _POSTGRES_SCHEMA
    with database.reading() as connection:
        lines = connection.execute(text(statement)).scalars().all()
    return sorted(_in_order(line) for line in lines if "alembic_version" not in line)


def _in_order(line: str) -> str:
    """SQLite keeps the text of CREATE TABLE: constraints stand in any order, a table that was copied in quotes."""
    plain = re.sub(r'CREATE TABLE "(\w+)"', r"CREATE TABLE \1", " ".join(line.split()))
    return ", ".join(sorted(plain.removesuffix(" )").split(", ")))


def name(database: Database) -> str:
    """What the installation is called; given once."""
    with database.reading() as connection:
        return str(connection.execute(text("SELECT environment FROM installation")).scalar_one())


def test_what_was_in_force_before_sequences_were_applied_is_live_afterwards(empty: Database) -> None:
    with empty.transaction("old") as connection:
        command.upgrade(config_for(connection), "0001")
    versions = [("a", "welcome", 1), ("b", "welcome", 2), ("c", "loyalty", 1)]
    with empty.transaction("old") as connection:
        for version, sequence, day in versions:
            connection.execute(
                text("INSERT INTO sequence_version VALUES (:version, :sequence, '', :at)"),
                {"version": version, "sequence": sequence, "at": f"2026-03-0{day} 09:00:00.000000"},
            )
    upgrade(empty)
    with empty.reading() as connection:
        live = connection.execute(text("SELECT sequence, version FROM live_sequence ORDER BY sequence")).all()
    assert [tuple(row) for row in live] == [("loyalty", "c"), ("welcome", "b")]


def test_the_log_of_consent_begins_with_the_grounds_that_were_known(empty: Database) -> None:
    with empty.transaction("old") as connection:
        command.upgrade(config_for(connection), "0002")
    with empty.transaction("old") as connection:
        connection.execute(
            text("INSERT INTO address (id, email, token, version, suppressed_by) VALUES (1, 'a@b.example', 't', 0, '')")
        )
        connection.execute(
            text(
                """
                INSERT INTO lead (id, address_id, legal_ground, ground_since, ground_source, no_sales_contact, stage,
                    stage_since, cycle, rejected_times, created_at)
                VALUES (1, 1, 'consent', '2026-03-01 09:00:00', 'form ebook', FALSE, 'iql', '2026-03-01 09:00:00', 1, 0,
                    '2026-03-01 09:00:00')
                """
            )
        )
    upgrade(empty)
    with empty.reading() as connection:
        entries = connection.execute(text("SELECT address_id, act, ground, source FROM consent")).all()
    assert [tuple(row) for row in entries] == [(1, "given", "consent", "form ebook")]


def test_handoffs_of_before_were_offered_first_to_whom_they_are_with(empty: Database) -> None:
    at = "'2026-03-01 09:00:00'"
    with empty.transaction("old") as connection:
        command.upgrade(config_for(connection), "0007")
    with empty.transaction("old") as connection:
        for sql in (
            "INSERT INTO address (id, email, token, version, suppressed_by) VALUES (1, 'a@b.example', 't', 0, '')",
            f"""INSERT INTO lead (id, address_id, no_sales_contact, stage, stage_since, cycle, rejected_times,
                    created_at) VALUES (1, 1, FALSE, 'sql', {at}, 1, 0, {at})""",
            f"INSERT INTO agreement_version (version, source, first_used_at) VALUES ('v', '', {at})",
            f"""INSERT INTO decision (id, lead_id, at, asked_by, because, agreement_version, evidence)
                VALUES (1, 1, {at}, 'engagement', 'asked', 'v', '{{}}')""",
            f"""INSERT INTO handoff (lead_id, cycle, decision_id, state, owner, assigned_because, hand_raise, token,
                    offered_at, due_at) VALUES (1, 1, 1, 'offered', 'kari', 'next in turn', FALSE, 'h', {at}, {at})""",
        ):
            connection.execute(text(sql))
    upgrade(empty)
    with empty.reading() as connection:
        assert connection.execute(text("SELECT first_owner FROM handoff")).scalar_one() == "kari"


def test_requests_of_before_keep_what_they_said_and_what_became_of_them(empty: Database) -> None:
    """More than are moved in one go, with gaps where tidying was, the largest read by nobody yet."""
    old = {n: (f"mail {n} \0".encode() * (20_000 if n == 1_400 else 1), "new" if n > 1_300 else "done")
           for n in range(3, 1_401) if n % 400}  # fmt: skip
    with empty.transaction("old") as connection:
        command.upgrade(config_for(connection), "0008")
    with empty.transaction("old") as connection:
        connection.execute(
            text(
                """
                INSERT INTO inbox (id, source, body, received_at, state, faults)
                VALUES (:id, 'inbound', :body, '2026-03-01 09:00:00', :state, '[1]')
                """
            ),
            [{"id": n, "body": body, "state": state} for n, (body, state) in old.items()],
        )
    upgrade(empty)
    with empty.reading() as connection:
        rows = connection.execute(
            text("SELECT i.id, b.body, i.state FROM inbox i JOIN inbox_body b ON b.id = i.id ORDER BY i.id")
        ).all()
        faults = connection.execute(text("SELECT DISTINCT CAST(faults AS TEXT) AS told FROM inbox")).scalars().all()
    assert {row.id: (bytes(row.body), row.state) for row in rows} == old
    assert faults == ["[1]"]


def test_the_web_app_of_before_may_be_at_work_while_requests_are_moved(empty_postgres_url: str) -> None:
    """It looks at a request, and later writes that it was worked: the migration waits, and neither is killed."""
    database = Database(empty_postgres_url)
    with database.transaction("old") as connection:
        command.upgrade(config_for(connection), "0008")
        connection.execute(
            text("INSERT INTO inbox VALUES (1, 'inbound', 'hello', '2026-03-01 09:00:00', 'new', NULL, '[]')")
        )
    migrating = Thread(target=upgrade, args=[database])
    with database.transaction("old fold") as connection:
        connection.execute(text("SELECT id FROM inbox FOR NO KEY UPDATE"))
        migrating.start()
        while migrating.is_alive() and not _seen(database, _WAITING):
            pass
        connection.execute(text("UPDATE inbox SET state = 'done'"))
    migrating.join(30)
    assert _seen(database, "SELECT state FROM inbox JOIN inbox_body ON inbox_body.id = inbox.id") == "done"
    database.close()


def _seen(database: Database, sql: str) -> object:
    with database.reading() as connection:
        return connection.execute(text(sql)).scalar_one()
