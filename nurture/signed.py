"""The agreement in force: the one that both departments have signed, whatever nurture.yaml says meanwhile.

The database says which version that is, and only `nurture apply` changes it, once both signatures cover the change.
The first agreement that a database sees comes into force by itself. Workers with other files on their disks go on
with the one in force, as they do with sequences.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, Row

from models.database import Database
from models.queries import agreement as queries
from models.statement import write
from nurture.content import Project, version_of
from nurture.core.agreement import Agreement
from nurture.core.signing import Change, Unsigned, changes, unsigned
from nurture.errors import UsageError, UserError

log = logging.getLogger(__name__)

KNOW = write(
    """
    INSERT INTO agreement_version (version, source, first_used_at) VALUES (:version, :source, :now)
    ON CONFLICT (version) DO NOTHING
    """
)
#: two workers that start at once agree on the first
_BEGIN = write(
    """
    INSERT INTO live_agreement (id, version, applied_at) VALUES (1, :version, :now) ON CONFLICT (id) DO NOTHING
    """
)
#: nobody has put another one in force since it was looked at
_FOLLOW = write("UPDATE live_agreement SET version = :version, applied_at = :now WHERE version = :seen")
_MARK = write("UPDATE agreement_version SET applied_at = :now WHERE version = :version")
#: what to do where nobody has signed
SIGN = "write both names and dates at agreed_by in nurture.yaml, then `nurture apply`"


@dataclass(frozen=True, slots=True)
class Pending:
    """An edited agreement that is not in force: what it changes, and whose signature is still missing.

    No changes: only the signatures differ.
    """

    changes: tuple[Change, ...]
    unsigned: tuple[Unsigned, ...]

    def __str__(self) -> str:
        number = len(self.changes)
        what = f"{number} terms differ" if number > 1 else "one term differs" if number else "only signatures differ"
        told = f"the agreement in nurture.yaml is not the one in force: {what}"
        return "; ".join((told, *map(str, self.unsigned)))

    @property
    def do(self) -> str:
        """What to do about it."""
        return "get both signatures, then `nurture apply`" if self.unsigned else "`nurture plan`, then `nurture apply`"


@dataclass(frozen=True, slots=True)
class Version:
    """An agreement that is or was in force `since` (UTC) and `until`; None: to this day, and not understood any more.

    `changes` are against the one before it.
    """

    version: str
    since: datetime
    until: datetime | None
    terms: Agreement | None
    changes: tuple[Change, ...]


def look(database: Database, project: Project) -> Project:
    """The project with the agreement in force; its own waits as `draft` where it differs. Writes nothing."""
    with database.reading() as connection:
        return _bind(project, connection.execute(queries.LIVE).first())


def follow(database: Database, project: Project, now: datetime) -> Project:
    """The same; where there never was an agreement, or nobody can read the one in force, that of the file holds."""
    with database.reading() as connection:
        row = connection.execute(queries.LIVE).first()
    if row is None or read(row.source) is None:
        if row is not None:
            log.warning("agreement %s cannot be read by this version of nurture: the one on disk holds", row.version)
        with database.transaction("agree") as connection:
            _put(connection, project.config.agreement, row.version if row else None, now)
        return look(database, project)
    return _bind(project, row)


def current(database: Database, project: Project) -> Project:
    """The same project by the agreement that is in force by now: a process may run for months."""
    with database.reading() as connection:
        row = connection.execute(queries.LIVE).first()
    if row is None or row.version == project.agreement_version:
        return project
    file = project.config.model_copy(update={"agreement": project.draft or project.config.agreement})
    return _bind(replace(project, config=file), row)


def pending(project: Project, now: datetime) -> Pending | None:
    """How the file's agreement differs from the one in force; None if it does not."""
    if project.draft is None:
        return None
    terms = project.config.agreement
    return Pending(changes(terms, project.draft), unsigned(terms, project.draft, now))


def apply(database: Database, project: Project, now: datetime) -> None:
    """Put the project's draft in force.

    Raises UserError while a department has not signed it, and UsageError if somebody has applied meanwhile.
    """
    waiting = pending(project, now)
    if waiting is None or project.draft is None:
        return
    if waiting.unsigned:
        raise UserError(str(waiting))
    with database.transaction("agree") as connection:
        if not _put(connection, project.draft, project.agreement_version, now):
            raise UsageError("somebody else has applied an agreement meanwhile; look at `nurture plan` again")


def versions(database: Database) -> list[Version]:
    """Every agreement that was ever in force, the newest first."""
    with database.reading() as connection:
        rows = connection.execute(queries.LOG).all()
    return list(_versions(rows))[::-1]


def read(source: str) -> Agreement | None:
    """An agreement as it was written down; None if this version of nurture does not understand it any more."""
    try:
        return Agreement.model_validate_json(source)
    except ValidationError:
        return None


def _bind(project: Project, row: Row[Any] | None) -> Project:
    terms = read(row.source) if row else None
    if row is None or terms is None:
        return project
    file = project.config.agreement
    draft = None if file == terms else file
    config = project.config.model_copy(update={"agreement": terms})
    return replace(project, config=config, agreement_version=row.version, draft=draft)


def _put(connection: Connection, terms: Agreement, seen: str | None, now: datetime) -> bool:
    """Whether this transaction was the one to do it."""
    row = {"version": version_of(terms), "source": terms.model_dump_json(), "now": now, "seen": seen}
    connection.execute(KNOW, row)
    done = connection.execute(_BEGIN if seen is None else _FOLLOW, row).rowcount == 1
    if done:
        connection.execute(_MARK, row)
    return done


def _versions(rows: Sequence[Row[Any]]) -> Iterator[Version]:
    before: Agreement | None = None
    for row, after in zip(rows, [*rows[1:], None], strict=False):
        terms = read(row.source)
        differs = changes(before, terms) if before and terms else ()
        yield Version(row.version, row.applied_at, after.applied_at if after else None, terms, differs)
        before = terms
