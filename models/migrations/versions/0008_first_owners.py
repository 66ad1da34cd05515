"""whom a lead was offered to first"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_AS_FAR_AS_IS_KNOWN = sa.text("UPDATE handoff SET first_owner = owner")


def upgrade() -> None:
    # Added as it is: a batch would copy the table for nothing.
    op.add_column("handoff", sa.Column("first_owner", sa.String(), server_default="", nullable=False))
    op.get_bind().execute(_AS_FAR_AS_IS_KNOWN)
    op.create_index("ix_handoff_first_owner", "handoff", ["first_owner", "offered_at"])
