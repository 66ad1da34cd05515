"""Everything about one person as one document that machines read (GDPR Art. 15 and 20), and nothing about others.

What it holds is what the registry lists: a column that is added there is in the next export.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select, text

from models.base import SQLModel
from models.queries import rights
from nurture.ports import Ports
from nurture.rights.forget import Person, find_person, find_stranger, requests_about
from nurture.rights.registry import REGISTRY, Table

#: numbers by which our tables find each other
_LINKS = ("_id", "id")
#: what the engine counts for itself; it says nothing of the person
_MACHINERY = frozenset(
    (
        "twin", "version", "cycle", "stalled_cycle", "fence", "lease_until", "pinned", "variant", "links", "n",
        "serial", "address_version", "deadline", "crowd", "token_until", "clock_from", "rung", "tries",
    )
)  # fmt: skip

Document = dict[str, Any]


def personal_data(ports: Ports, address_id: int) -> Document:
    """What we know about the person with this address, table by table, each column with what it is; beside it that of
    another lead of the same mailbox.

    Raises UsageError where nobody is there (any more).
    """
    with ports.database.reading() as connection:
        document = _document(connection, ports, find_person(connection, address_id))
        twins = connection.execute(rights.TWINS, {"id": address_id}).scalars().all()
        others = [_document(connection, ports, find_person(connection, one)) for one in twins]
    return document | ({"other_leads": others} if others else {})


def strangers_data(ports: Ports, email: str) -> Document:
    """The same about somebody who is no lead: what it wrote to us. Raises UsageError where there is nobody."""
    with ports.database.reading() as connection:
        return _document(connection, ports, find_stranger(connection, email))


def _document(connection: Connection, ports: Ports, person: Person) -> Document:
    tables = {name: _part(connection, name, table, person) for name, table in REGISTRY.items() if table.persons}
    tables["inbox"] = _requests(connection, person)
    lead: Document = next(iter(tables["lead"]["rows"]), {})
    return {
        "about": person.email,
        "lead": person.lead_id,
        "made_at": _plain(ports.clock.now()),
        "held_by": {"name": ports.project.config.brand.name, "address": ports.project.config.brand.address},
        "where_from": {"source": lead.get("source"), "asked_for": lead.get("asset"), "since": lead.get("created_at")},
        "legal_ground": {
            "ground": lead.get("legal_ground"),
            "since": lead.get("ground_since"),
            "known_by": lead.get("ground_source"),
        },
        "times": "UTC",
        "data": {name: part for name, part in tables.items() if part["rows"]},
    }


def _part(connection: Connection, name: str, table: Table, person: Person) -> Document:
    """The person's rows of one table, and what their columns hold."""
    columns = [column for column in SQLModel.metadata.tables[name].columns if _is_shown(column.name, table)]
    wanted = text(table.persons)
    keys = {key: person.keys[key] for key in wanted.compile().params}
    found = connection.execute(select(*columns).where(wanted.bindparams(**keys)).order_by(text("1"))) if columns else ()
    holds = {column.name: _holds(column.name, table) for column in columns}
    rows = [{key: _plain(value) for key, value in row._mapping.items() if value is not None} for row in found]
    return {"about": table.about, "columns": holds, "rows": rows}


def _is_shown(column: str, table: Table) -> bool:
    if column in table.columns:
        return table.columns[column].shown
    return column not in _MACHINERY and not column.endswith(_LINKS)


def _holds(column: str, table: Table) -> str:
    """What a column holds; numbers and times are called by what they are."""
    return table.columns[column].holds if column in table.columns else column.replace("_", " ").removesuffix(" at")


def _requests(connection: Connection, person: Person) -> Document:
    """What raw requests say of the person; in a list, its own entries alone."""
    rows = [
        {"received_at": _plain(row.received_at), "source": row.source, "told": found.theirs}
        for row, found in requests_about(connection, person)
    ]
    return {
        "about": REGISTRY["inbox"].about,
        "columns": {"told": REGISTRY["inbox_body"].columns["body"].holds},
        "rows": rows,
    }


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return value
