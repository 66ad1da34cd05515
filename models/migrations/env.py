"""Run by alembic: the connection comes from `models.migrate`, the target from `models.tables`."""

from __future__ import annotations

from typing import Literal

from alembic import context
from sqlmodel import UTCDateTime
from sqlmodel.sql.sqltypes import AutoString

import models.tables  # noqa: F401  (so that the metadata is whole)
from models.base import SQLModel


def in_plain_types(kind: str, item: object, _context: object) -> str | Literal[False]:
    """Write SQLModel's own types as what they are, so that old revisions need no SQLModel."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_item=in_plain_types,
    # SQLite alters a table by copying it
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
