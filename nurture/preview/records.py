"""Real leads to show mails for: from the database, or from a row of a file that was not imported yet."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from models.database import Database
from nurture.content import Project
from nurture.core.fields import SCORED_FIELDS
from nurture.errors import IntakeError, UsageError
from nurture.gather import facts_of, lead_fields, read_leads
from nurture.leads import columns
from nurture.leads.draft import Draft, read_row
from nurture.leads.table import opened
from nurture.preview.people import Person

#: numbers of leads begin at 1
_NO_NUMBER = 0


def from_database(database: Database, number: int, project: Project, now: datetime) -> Person:
    """A lead as its next mail would know it. Raises UsageError when there is no such number."""
    with database.reading() as connection:
        known = read_leads(connection, [number], project, now)
    if number not in known.leads:
        raise UsageError(f"there is no lead {number}; see `nurture leads list`")
    return Person(f"lead {number}", facts_of(known, number, project, now).lead)


def from_file(path: Path, line: int, project: Project, now: datetime) -> Person:
    """The lead in the row that begins at `line` (the heading is line 1), as it would be right after the import.

    Raises UsageError when there is no such file or row, IntakeError when the row would be left out.
    """
    try:
        with path.open("rb") as stream, opened(stream, path.name) as table:
            matched = columns.match(table.header, path.name)
            row = next((row for row in table.rows if row.line == line), None)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    if row is None:
        raise UsageError(f"no row begins at line {line} of {path}; the heading is line 1")
    draft = read_row(row, matched, now)
    if isinstance(draft, list):
        raise IntakeError("\n".join(f"{path}: {fault}" for fault in draft))
    return Person(f"line {line} of {path.name}", _as_new(draft, project, now))


def _as_new(draft: Draft, project: Project, now: datetime) -> dict[str, object]:
    row = SimpleNamespace(**asdict(draft), id=_NO_NUMBER, stage="iql", owner=None, recycled_at=None, recommend=None)
    return lead_fields(cast("Any", row), [], project, now, SCORED_FIELDS)
