"""Every statement we ship is one that both databases understand, with the columns that its text names."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pkgutil import walk_packages
from types import ModuleType
from typing import Any, TypeVar

from sqlalchemy import TextClause, text

import models.queries
import nurture
from models.database import Database
from models.statement import Select, read

S = TypeVar("S", Select, TextClause)


def constants(package: ModuleType, kind: type[S]) -> Iterator[tuple[str, S]]:
    """Every statement of a kind that stands in a module of the package, by name."""
    for module in walk_packages(package.__path__, f"{package.__name__}."):
        for name, value in vars(import_module(module.name)).items():
            if isinstance(value, kind):
                yield f"{module.name}.{name}", value


def values_of(clause: TextClause) -> dict[str, Any]:
    """Nothing for each parameter, which fits every type."""
    values = {name: 1 if name == "limit" else None for name in clause.compile().params}
    return {name: [None] if clause._bindparams[name].expanding else value for name, value in values.items()}


def test_every_select_runs_and_has_the_columns_that_were_read_from_its_text(database: Database) -> None:
    selects = dict(constants(models.queries, Select))
    assert len(selects) > 50
    with database.reading() as connection:
        for name, select in selects.items():
            found = connection.execute(select, values_of(select.element)).cursor.description
            assert [column[0] for column in found] == [column.name for column in select.selected_columns], name


def test_every_write_can_be_planned(database: Database) -> None:
    """EXPLAIN reads a statement to the end, with all its tables and columns, and changes nothing."""
    writes = dict(constants(nurture, TextClause))
    assert len(writes) > 40
    with database.reading() as connection:
        for write in writes.values():
            explained = text(f"EXPLAIN {write.text}").bindparams(*write._bindparams.values())
            assert connection.execute(explained, values_of(write)).first()


def test_columns_go_by_the_last_name_they_have() -> None:
    select = read("SELECT DISTINCT a.id, COUNT(*) AS n, COALESCE(b.at, (SELECT MAX(at) FROM c)) AS since FROM a")
    assert [column.name for column in select.selected_columns] == ["id", "n", "since"]
