"""SQL as text constants: quick to run, plain to read, the same on SQLite and PostgreSQL.

A name that ends in `_at`, `_until` or `since`, or is `at`, `until`, `deadline`, `now` or `clock_from`, is a moment in
UTC, whether it goes in as a parameter or comes out as a column; one that ends in `_json` is JSON. A parameter written
`IN :ids*` is a list.
"""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import JSON, String, TextClause, bindparam, column, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlalchemy.types import TypeEngine
from sqlmodel import UTCDateTime

_MOMENT = re.compile(r"(?:_at|_until|since|^at|^until|^deadline|^now|^clock_from)$")
_PARAMETER = re.compile(r"(?<!:):([a-z_]+)(\*?)")
_PARTS = re.compile(r"\w+|\W")
_NAME = re.compile(r"\w+")

Select = TextualSelect

#: lists of texts: an empty one must still be a list of texts to PostgreSQL
_TEXT_LISTS = frozenset({"attempts", "emails", "mailboxes", "names", "paused", "states"})


def _type_of(name: str) -> TypeEngine[Any] | None:
    if _MOMENT.search(name):
        return UTCDateTime()
    if name in _TEXT_LISTS:
        return String()
    return JSON() if name.endswith("_json") else None


def write(sql: str) -> TextClause:
    """An INSERT, UPDATE or DELETE with typed parameters."""
    names = dict(_PARAMETER.findall(sql))
    clause = text(_PARAMETER.sub(r":\1", sql))
    for name, many in names.items():
        clause = clause.bindparams(bindparam(name, type_=_type_of(name), expanding=bool(many)))
    return clause


def read(sql: str) -> Select:
    """A SELECT. Its columns go by the names they have in the text, so what has none needs an AS."""
    names = [_NAME.findall(item)[-1] for item in _items(sql)]
    return write(sql).columns(*(column(name, _type_of(name)) for name in names))


def _items(sql: str) -> list[str]:
    """What stands between SELECT and its FROM, split at the commas outside of parentheses."""
    depth, item, items = 0, "", list[str]()
    for part in _PARTS.findall(sql.split("SELECT", 1)[1]):
        depth += (part == "(") - (part == ")")
        if depth == 0 and part.upper() == "FROM":
            break
        if depth == 0 and part == ",":
            items, item = [*items, item], ""
        else:
            item += part
    return [*items, item]
