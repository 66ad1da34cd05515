"""Whether a change of the agreement is signed, for who looks at files alone: asked of a database that is a file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from nurture.content.load import CONFIG, load_project
from nurture.content.source import read_file
from nurture.core.agreement import Agreement
from nurture.core.signing import unsigned
from nurture.errors import ContentError, Problem

# Read by Python's own sqlite3, because loading all that a database needs takes longer than all other checks.
_IN_FORCE = "SELECT v.source FROM live_agreement l JOIN agreement_version v ON v.version = l.version"


def missing_signatures(root: Path, database_url: str, now: datetime) -> Iterator[Problem]:
    """The signatures that nurture.yaml lacks, each with its place. Nothing where the database is a server's, or where
    there is none yet."""
    kind, _, path = database_url.partition(":///")
    terms = _in_force(Path(path)) if kind == "sqlite" and Path(path).is_file() else None
    if terms is None:
        return
    try:
        draft = load_project(root).config.agreement
    except ContentError:  # told already
        return
    document = read_file(root / CONFIG, CONFIG)
    for one in unsigned(terms, draft, now):
        yield document.problem(("agreement", "agreed_by", one.department, "date"), str(one), "unsigned")


def _in_force(path: Path) -> Agreement | None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            row = connection.execute(_IN_FORCE).fetchone()
        return Agreement.model_validate_json(row[0]) if row else None
    except (sqlite3.Error, ValidationError):  # an older database, or an agreement of other times
        return None
