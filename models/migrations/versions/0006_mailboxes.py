"""one person is behind all tags of a mailbox"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ADDRESSES = sa.text("SELECT id, email FROM address WHERE email LIKE '%_@%' ORDER BY id")
_PUT_DOWN = sa.text("UPDATE address SET mailbox = :mailbox, twin = :twin WHERE id = :id")


def upgrade() -> None:
    # Added as they are: a batch would copy the table for nothing.
    op.add_column("address", sa.Column("mailbox", sa.String(), nullable=True))
    op.add_column("address", sa.Column("twin", sa.Integer(), server_default="0", nullable=False))
    known = op.get_bind().execute(_ADDRESSES).all()
    rows = list(_rows((row.id, row.email) for row in known))
    if rows:
        op.get_bind().execute(_PUT_DOWN, rows)
    op.create_index("ix_address_mailbox", "address", ["mailbox", "twin"], unique=True)


def _rows(addresses: Iterable[tuple[int, str]]) -> Iterator[dict[str, Any]]:
    """Of several addresses of one mailbox the plain one goes first, else the oldest; the others stay what they are."""
    told = sorted((_mailbox(email), email != _mailbox(email), id_) for id_, email in addresses)
    for mailbox, behind in groupby(told, lambda one: one[0]):
        for place, (_, _, id_) in enumerate(behind):
            yield {"id": id_, "mailbox": mailbox, "twin": id_ if place else 0}


def _mailbox(email: str) -> str:
    """As nurture.core.mailbox had it when this was written."""
    local, at, domain = email.rpartition("@")
    name = local.partition("+")[0]
    return f"{name}{at}{domain}" if name and not local.startswith('"') else email
