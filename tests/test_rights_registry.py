"""The registry of personal data against the tables as they are: nothing is missing, nothing is gone."""

from __future__ import annotations

import pytest
from sqlalchemy import JSON, LargeBinary, String, Table, text
from sqlmodel import AutoString

import models.tables as tables
from models.base import SQLModel
from models.database import Database
from nurture.rights.forget import STATEMENTS, Person
from nurture.rights.registry import REGISTRY, as_page
from tests.support import REPOSITORY

#: what can hold words: everything a person can be read from
_WORDY = (AutoString, String, JSON, LargeBinary)


def tables_of_ours() -> dict[str, Table]:
    assert tables.Lead.__tablename__ == "lead"
    return dict(SQLModel.metadata.tables)


@pytest.mark.parametrize("name", sorted(tables_of_ours()))
def test_every_column_that_can_hold_words_says_what_becomes_of_it(name: str) -> None:
    told = REGISTRY[name].columns if name in REGISTRY else {}
    wordy = {column.name for column in tables_of_ours()[name].columns if isinstance(column.type, _WORDY)}
    assert wordy - told.keys() == set(), f"say in nurture/rights/registry.py what {name} holds in these columns"


def test_the_registry_names_no_table_and_no_column_that_is_gone() -> None:
    named = {(table, column) for table, it in REGISTRY.items() for column in it.columns}
    there = {(table, column.name) for table, it in tables_of_ours().items() for column in it.columns}
    assert named - there == set()
    assert set(REGISTRY) == set(tables_of_ours())


@pytest.mark.parametrize("name", sorted(tables_of_ours()))
def test_a_table_that_points_at_a_person_says_which_rows_are_theirs(name: str) -> None:
    targets = {key.column.table.name for column in tables_of_ours()[name].columns for key in column.foreign_keys}
    if targets & {"lead", "address", "message"}:
        assert REGISTRY[name].persons


@pytest.mark.parametrize(("name", "column"), [(t, c) for t, it in REGISTRY.items() for c in it.columns])
def test_every_column_says_what_it_holds_or_why_it_stays(name: str, column: str) -> None:
    it = REGISTRY[name].columns[column]
    assert it.holds
    assert bool(it.sql) == (it.fate == "blanked")
    assert it.fate != "blanked" or REGISTRY[name].blanked


def test_what_opens_doors_is_never_shown_and_always_renewed() -> None:
    tokens = [it.columns["token"] for it in REGISTRY.values() if it.persons and "token" in it.columns]
    assert len(tokens) >= 3
    assert all(token.fate == "blanked" and not token.shown for token in tokens)


def test_every_statement_of_an_erasure_is_one_that_both_databases_understand(database: Database) -> None:
    nobody = Person(0, None, "nobody@x.example", ()).keys | {"salt": "x"}
    with database.transaction("nobody") as connection:
        for _, statement in STATEMENTS:
            values = {name: nobody[name] for name in statement._bindparams}
            assert connection.execute(text(statement.text).bindparams(**values)).rowcount == 0


def test_the_page_on_privacy_shows_the_registry_as_it_is() -> None:
    page = (REPOSITORY / "docs" / "privacy.md").read_text(encoding="utf-8")
    assert as_page() in page, "python -m nurture.rights.registry prints it"
