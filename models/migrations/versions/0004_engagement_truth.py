"""what a machine does across mails"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "domain_prior",
        sa.Column("domain", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("machine", sa.Integer(), nullable=False),
        sa.Column("human", sa.Integer(), nullable=False),
        sa.Column("scans", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "made_at", name=op.f("pk_domain_prior")),
    )
    # Added as it is: a batch would copy the largest table for nothing.
    op.add_column("event", sa.Column("crowd", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name, columns, where in (
        ("ix_event_caller", ["ip", "occurred_at"], "kind = 'clicked' AND ip IS NOT NULL"),
        ("ix_event_proof", ["lead_id", "occurred_at"], "kind IN ('submitted', 'replied') AND verdict = 'human'"),
    ):
        op.create_index(name, "event", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    erased = sa.text("suppressed = 'erased'")
    op.create_index("ix_address_erased", "address", ["id"], sqlite_where=erased, postgresql_where=erased)
