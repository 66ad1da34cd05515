"""Mentions of a person in what is about others, such as "my colleague anna@mill.example told me": the words stay, the
address goes out of them.

Every column with words is searched that the registry lists, whoever it is about; but not our own texts, such as
sequences.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import JSON, Column, Row, String, TextClause
from sqlmodel import AutoString

from models.statement import Select, read, write
from models.tables import Lead
from nurture.core.mailbox import mailbox_of
from nurture.ports import Ports
from nurture.rights.bodies import blanked
from nurture.rights.registry import REGISTRY

_WORDY = (AutoString, String, JSON)
_TABLES = Lead.metadata.tables
#: about nobody, but with words of others
_OTHERS = ("gate", "inbox")
#: who somebody is: an erasure finds whole rows by them
_IDENTITY = frozenset({("address", "email"), ("address", "mailbox"), ("address", "token"), ("reply", "sender")})


@dataclass(frozen=True, slots=True)
class _Place:
    """A table with words: how to find rows that may mention somebody, and how to change one column of one."""

    columns: tuple[Column[Any], ...]
    find: Select
    changes: tuple[TextClause, ...]


def _places() -> Iterator[_Place]:
    for name, table in REGISTRY.items():
        columns = tuple(column for column in _TABLES[name].columns if _has_words(name, column))
        if columns and (table.persons or name in _OTHERS):
            keys = [key.name for key in _TABLES[name].primary_key.columns]
            yield _Place(columns, _find(name, keys, columns), tuple(_change(name, keys, one) for one in columns))


def _has_words(table: str, column: Column[Any]) -> bool:
    return isinstance(column.type, _WORDY) and not column.primary_key and (table, column.name) not in _IDENTITY


def _find(table: str, keys: list[str], columns: tuple[Column[Any], ...]) -> Select:
    texts = ", ".join(f"CAST({column.name} AS TEXT) AS said_{number}" for number, column in enumerate(columns))
    where = " OR ".join(f"lower(CAST({column.name} AS TEXT)) LIKE :written" for column in columns)
    return read(f"SELECT {', '.join(keys)}, {texts} FROM {table} WHERE {where}")


def _change(table: str, keys: list[str], column: Column[Any]) -> TextClause:
    told = ":said_json" if isinstance(column.type, JSON) else ":said"
    row = " AND ".join(f"{key} = :{key}" for key in keys)
    return write(f"UPDATE {table} SET {column.name} = {told} WHERE {row} AND CAST({column.name} AS TEXT) = :was")


PLACES = tuple(_places())


def blank_mentions(ports: Ports, email: str) -> int:
    """Take an address, in each of its forms, out of the words of others; how many texts were changed.

    Each is a transaction of its own. What somebody else changes in that moment is left for the next call.
    """
    changed, written = 0, {"written": _roughly(email)}
    for place in PLACES:
        with ports.database.reading() as connection:
            found = connection.execute(place.find, written).all()
        for row in found:
            for number, column in enumerate(place.columns):
                changed += _blank(ports, row, row._mapping[f"said_{number}"], column, place.changes[number], email)
    return changed


def _roughly(email: str) -> str:
    """A LIKE for whatever may mention the address: with a tag, with escapes, with a domain as it is typed."""
    local, _, domain = mailbox_of(email).rpartition("@")
    ascii_ = [label for label in domain.split(".") if not label.startswith("xn--")]
    return re.sub(r"[^a-z0-9]+", "%", f"%{local}%{'%'.join(ascii_)}%")


def _blank(ports: Ports, row: Row[Any], was: str | None, column: Column[Any], change: TextClause, email: str) -> int:
    if was is None:
        return 0
    is_json = isinstance(column.type, JSON)
    before = orjson.loads(was) if is_json else was
    left = _without(before, email)
    if left == before:
        return 0
    if column.unique:
        left = f"{left}-{ports.new_id()}"
    values = {**row._mapping, "was": was, "said_json" if is_json else "said": left}
    with ports.database.transaction("blank mention") as connection:
        used = {name: value for name, value in values.items() if name in change._bindparams}
        return connection.execute(change, used).rowcount


def _without(value: Any, email: str) -> Any:
    """A text, or JSON of ours, which is never deep."""
    if isinstance(value, dict):
        return {blanked(key, email): _without(told, email) for key, told in value.items()}
    if isinstance(value, list):
        return [_without(one, email) for one in value]
    return blanked(value, email) if isinstance(value, str) else value
