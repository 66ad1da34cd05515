"""What all tables share: above all a naming convention, so that migrations can name what they change."""

from __future__ import annotations

from sqlalchemy import JSON, Column
from sqlmodel import SQLModel

__all__ = ["Row", "SQLModel", "json_column"]

SQLModel.metadata.naming_convention = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Row(SQLModel):
    """A row of ours."""


def json_column() -> Column[object]:
    """A column for small structured evidence."""
    return Column(JSON, nullable=False)
