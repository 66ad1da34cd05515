"""Whether a change of the agreement is signed, for who looks at files: a database is asked, where there is one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from nurture.content.faults import check
from nurture.content.load import CONFIG
from nurture.content.source import read_file
from nurture.core.agreement import Agreement
from nurture.core.project import ProjectConfig
from nurture.core.signing import unsigned
from nurture.errors import Problem

# Read by the databases' own drivers, because loading all that nurture needs takes longer than all other checks.
_IN_FORCE = "SELECT v.source FROM live_agreement l JOIN agreement_version v ON v.version = l.version"
#: seconds to wait for a server: a project is valid without one, too
_PATIENCE = 2


def missing_signatures(root: Path, database_url: str, now: datetime) -> Iterator[Problem]:
    """The signatures that nurture.yaml lacks, each with its place. Where no database answers, or there is none yet,
    only those of a day to come."""
    document = read_file(root / CONFIG, CONFIG)
    config, _ = check(ProjectConfig, document)
    if config is None:  # told already
        return
    draft = config.agreement
    terms = _in_force(database_url) or draft
    for one in unsigned(terms, draft, now):
        yield document.problem(("agreement", "agreed_by", one.department, "date"), str(one), "unsigned")


def _in_force(url: str) -> Agreement | None:
    kind, _, path = url.partition(":///")
    source = _of_file(Path(path)) if kind == "sqlite" else _of_server(url)
    try:
        return Agreement.model_validate_json(source) if source else None
    except ValidationError:  # an agreement of other times
        return None


def _of_file(path: Path) -> str | None:
    if not path.is_file():
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(_IN_FORCE).fetchone()
    except sqlite3.Error:  # an older database
        return None
    return str(row[0]) if row else None


def _of_server(url: str) -> str | None:
    kind, colon, rest = url.partition("://")
    if kind.partition("+")[0] != "postgresql":
        return None
    import psycopg  # takes as long as all of sqlite

    try:
        options = f"-c statement_timeout={_PATIENCE}s -c default_transaction_read_only=on"
        with psycopg.connect(f"postgresql{colon}{rest}", connect_timeout=_PATIENCE, options=options) as connection:
            row = connection.execute(_IN_FORCE).fetchone()
    except psycopg.Error:  # not reached, no tables yet, or none of ours
        return None
    return str(row[0]) if row else None
