"""The mark outside the database: numbers of attempts never come twice, and an old backup sends nothing."""

from __future__ import annotations

import json
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from models.database import Database
from nurture.advance import tick
from nurture.errors import StaleDatabase
from nurture.library import Library
from nurture.watermark import Watermark
from tests.engine.interleave import after, another, at
from tests.office import Office


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the mark is kept; the folder is not there yet."""
    return tmp_path / "state" / "attempts.json"


def backup(database: Database, path: Path) -> str:
    """A copy of a SQLite database as it is now; its URL."""
    with closing(sqlite3.connect(database.engine.url.database or "")) as source, closing(sqlite3.connect(path)) as copy:
        source.backup(copy)
    return f"sqlite:///{path}"


def test_numbers_never_repeat_whoever_takes_them(database: Database, path: Path) -> None:
    first, second = Watermark(path), Watermark(path)
    taken = [n for mark in (first, second, first, Watermark()) for n in mark.take(database, 2)]
    assert taken == list(range(8))


def test_no_more_is_reserved_than_is_taken(database: Database, path: Path) -> None:
    Watermark(path).take(database, 3)
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT attempts_reserved FROM installation").scalar_one() == 3
    assert list(json.loads(path.read_text()).values()) == [3]


def test_two_threads_take_each_number_once(database: Database, path: Path) -> None:
    watermark = Watermark(path)
    with ThreadPoolExecutor(max_workers=2) as threads:
        taken = [n for numbers in threads.map(lambda _: watermark.take(database, 2), range(10)) for n in numbers]
    assert sorted(taken) == list(range(20))
    watermark.check(database)


def test_a_mark_is_kept_for_each_environment(sqlite_database: Database, path: Path, tmp_path: Path) -> None:
    fresh = Database(f"sqlite:///{tmp_path / 'fresh.db'}")
    with closing(fresh):
        fresh.create()
        Watermark(path).take(sqlite_database, 5)
        assert Watermark(path).take(fresh, 1) == range(1)
        Watermark(path).check(fresh)
    assert sorted(json.loads(path.read_text()).values()) == [1, 5]


def test_the_mark_never_goes_back(database: Database, path: Path) -> None:
    """Whoever reserved first writes the mark last."""
    at(database, "reserve: after", lambda: Watermark(path).take(database, 1))
    assert Watermark(path).take(database, 1) == range(1)
    assert list(json.loads(path.read_text()).values()) == [2]


def test_a_restored_backup_sends_nothing_twice(sqlite_database: Database, path: Path, tmp_path: Path) -> None:
    office = Office(sqlite_database, tmp_path / "project")
    office.ports = replace(office.ports, watermark=Watermark(path))
    office.add_lead()
    office.mail()
    url = backup(sqlite_database, tmp_path / "backup.db")
    office.pass_time(days=5)
    tick(office.ports)
    assert [email.subject for email in office.mailer.emails] == ["About tofu/one", "About tofu/two"]
    with closing(Database(url)) as restored:
        library = Library(restored, office.ports.project)
        library.publish(office.ports.project, office.clock.now())
        fresh = replace(office.ports, database=restored, watermark=Watermark(path), library=library)
        with pytest.raises(StaleDatabase, match="older than the mail already sent: it has reserved 1 "):
            fresh.watermark.check(restored)
        with pytest.raises(StaleDatabase):
            tick(fresh)
    assert len(office.mailer.emails) == 2


def test_a_process_that_reserves_during_a_check_raises_no_false_alarm(database: Database, path: Path) -> None:
    """The mark and the database are not read at one moment."""
    Watermark(path).take(database, 1)
    with closing(another(database)) as other:
        after(database, "SELECT attempts_reserved", lambda: Watermark(path).take(other, 1))
        Watermark(path).check(database)
    assert list(json.loads(path.read_text()).values()) == [2]
