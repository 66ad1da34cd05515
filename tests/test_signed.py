"""The agreement in force is the one both departments have signed, whatever files say."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from time import monotonic
from typing import Any

import pytest

from models.database import Database
from nurture import signed
from nurture.content import Project, load_project, version_of
from nurture.content.signatures import missing_signatures
from nurture.errors import UsageError, UserError
from tests.support import START, write_project

SIGNED = {
    "agreed_by": {
        "marketing": {"name": "Ida Solberg", "date": "2026-03-02"},
        "sales": {"name": "Jonas Brekke", "date": "2026-03-03"},
    }
}
LATER = START + timedelta(days=1)
MORE = {"settle_minutes": 20}


def files(root: Path, **changed: Any) -> Project:
    return load_project(write_project(root, **changed))


@pytest.fixture
def first(database: Database, tmp_path: Path) -> Project:
    """A company whose first agreement came into force by itself."""
    return signed.follow(database, files(tmp_path), START)


def test_the_first_agreement_comes_into_force_by_itself(database: Database, tmp_path: Path) -> None:
    file = files(tmp_path)
    assert signed.look(database, file).draft is None
    assert signed.versions(database) == []  # looking writes nothing
    bound = signed.follow(database, file, START)
    assert (bound.agreement_version, bound.draft) == (version_of(file.config.agreement), None)
    (only,) = signed.versions(database)
    assert (only.version, only.since, only.until, only.terms) == (
        bound.agreement_version, START, None, file.config.agreement,
    )  # fmt: skip


def test_statement_50_an_unsigned_change_is_refused_and_the_engine_goes_on(
    database: Database, tmp_path: Path, first: Project
) -> None:
    edited = signed.follow(database, files(tmp_path, **MORE), START)
    assert edited.config.agreement == first.config.agreement
    assert edited.agreement_version == first.agreement_version
    assert edited.draft is not None
    assert edited.draft.settle_minutes == 20
    waiting = signed.pending(edited, START)
    assert waiting is not None
    assert "marketing has not signed the change" in str(waiting)
    assert "sales has not signed the change" in str(waiting)
    with pytest.raises(UserError, match="has not signed"):
        signed.apply(database, edited, START)
    assert signed.look(database, edited).agreement_version == first.agreement_version


def test_a_signed_change_waits_to_be_applied_and_then_holds_for_every_worker(
    database: Database, tmp_path: Path, first: Project
) -> None:
    edited = signed.follow(database, files(tmp_path / "new", **MORE, **SIGNED), START)
    assert edited.agreement_version == first.agreement_version
    signed.apply(database, edited, LATER)
    assert signed.look(database, files(tmp_path / "new")).config.agreement.settle_minutes == 20
    # a worker that still has the old files goes on by the new agreement, time and again: nobody takes turns
    for _ in range(2):
        old = signed.follow(database, files(tmp_path), START)
        assert old.config.agreement.settle_minutes == 20
    waiting = signed.pending(old, START)
    assert waiting is not None
    assert "older than the one in force" in str(waiting)
    newest, oldest = signed.versions(database)
    assert (oldest.version, oldest.until) == (first.agreement_version, LATER)
    assert [str(one) for one in newest.changes] == ["settle_minutes: 10 -> 20"]


def test_a_process_that_runs_on_decides_by_what_is_in_force_by_now(
    database: Database, tmp_path: Path, first: Project
) -> None:
    assert signed.current(database, first) is first
    signed.apply(database, signed.look(database, files(tmp_path / "new", **MORE, **SIGNED)), LATER)
    later = signed.current(database, first)
    assert (later.config.agreement.settle_minutes, later.agreement_version) != (10, first.agreement_version)
    assert later.draft == first.config.agreement
    assert signed.current(database, later) is later


def test_of_two_who_apply_at_once_one_is_told(database: Database, tmp_path: Path, first: Project) -> None:
    drafts = [
        signed.look(database, files(tmp_path / str(minutes), settle_minutes=minutes, **SIGNED)) for minutes in (20, 30)
    ]
    together, told = Barrier(2), list[str]()

    def put(draft: Project) -> None:
        together.wait()
        try:
            signed.apply(database, draft, START)
        except UsageError as error:
            told.append(str(error))

    workers = [Thread(target=put, args=(draft,)) for draft in drafts]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(told) == 1
    assert len(signed.versions(database)) == 2


def test_two_workers_that_start_at_once_agree_on_the_first(database: Database, tmp_path: Path) -> None:
    projects = [files(tmp_path / str(minutes), settle_minutes=minutes) for minutes in (20, 30)]
    together, seen = Barrier(2), list[str]()

    def start(project: Project) -> None:
        together.wait()
        seen.append(signed.follow(database, project, START).agreement_version)

    workers = [Thread(target=start, args=(project,)) for project in projects]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(seen) == 2
    assert len(set(seen)) == 1
    assert len(signed.versions(database)) == 1


def test_what_is_no_part_of_the_agreement_follows_the_file(database: Database, tmp_path: Path, first: Project) -> None:
    file = write_project(tmp_path, caps=["1 per 9 days"], **MORE)
    assert signed.follow(database, load_project(file), START).config.caps != first.config.caps


def url_of(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def test_validate_knows_of_a_missing_signature_from_the_database(first: Project, database: Database) -> None:
    root = first.root
    assert list(missing_signatures(root, url_of(database), START)) == []
    files(root, **MORE)
    found = list(missing_signatures(root, url_of(database), START))
    assert [(one.rule, one.severity) for one in found] == [("unsigned", "error")] * 2
    assert "marketing has not signed the change" in found[0].message
    assert found[0].line > 1
    files(root, **MORE, **SIGNED)
    assert list(missing_signatures(root, url_of(database), START)) == []


@pytest.mark.parametrize("url", ["sqlite:///nothing.db", "postgresql://nobody@127.0.0.1:9/none", "mysql://x/y", "?"])
def test_without_a_database_validate_takes_no_time_over_signatures(tmp_path: Path, url: str) -> None:
    root = files(tmp_path, **MORE).root
    begun = monotonic()
    assert list(missing_signatures(root, url, START)) == []
    assert monotonic() - begun < 10


def test_a_signature_of_a_day_to_come_is_told_without_a_database(tmp_path: Path) -> None:
    agreed = {side: {"name": "Ida", "date": "2026-01-12"} for side in ("marketing", "sales")}
    agreed["sales"]["date"] = f"{START + timedelta(days=2):%Y-%m-%d}"
    root = files(tmp_path, agreed_by=agreed).root
    (found,) = missing_signatures(root, "sqlite:///nothing.db", START)
    assert (found.rule, found.severity) == ("unsigned", "error")
    assert "a day to come: write the day it signed" in found.message
    assert f'"date": "{agreed["sales"]["date"]}"' in found.frame
