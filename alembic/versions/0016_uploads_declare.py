"""A file that comes in parts declares its rows and totals, or is a partial correction, as any other."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "resumable_upload",
        sa.Column("is_correction", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )
    op.add_column("resumable_upload", sa.Column("declared", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("resumable_upload", "declared")
    op.drop_column("resumable_upload", "is_correction")
