"""how many links a mail has; accounts that the site's server vouches for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Added as they are: a batch would copy the tables for nothing.
    op.add_column("message", sa.Column("links", sa.Integer(), nullable=True))
    op.add_column("visitor", sa.Column("vouched", sa.Boolean(), server_default=sa.false(), nullable=False))
