"""what a request said apart from what becomes of it; a lease that no request has any more"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_NEXT = sa.text("SELECT MAX(id) FROM (SELECT id FROM inbox WHERE id > :after ORDER BY id LIMIT 500) AS page")
_MOVE = sa.text("INSERT INTO inbox_body (id, body) SELECT id, body FROM inbox WHERE id > :after AND id <= :last")


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        # At once: whoever works a request meanwhile would wait for us, and we for it.
        op.execute("LOCK TABLE inbox")
    op.create_table(
        "inbox_body",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["inbox.id"], name=op.f("fk_inbox_body_id_inbox"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inbox_body")),
    )
    _move()
    # Dropped as they are: a batch would copy the table for nothing.
    op.drop_column("inbox", "body")
    op.drop_column("inbox", "lease_until")


def _move() -> None:
    """Some at a time: a month of them is a gigabyte, and no statement may take as long as that."""
    connection, after = op.get_bind(), 0
    while last := connection.execute(_NEXT, {"after": after}).scalar_one():
        connection.execute(_MOVE, {"after": after, "last": last})
        after = last
