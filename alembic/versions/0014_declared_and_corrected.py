"""What is declared with a filing, the parts it comes in, and partial corrections with the whole that they make."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

COLUMNS = {
    "declared": sa.JSON(),
    "parts": sa.JSON(),
    "manifests": sa.JSON(),
    "correction": sa.JSON(),
    "corrects": sa.String(length=24),
    "whole_digest": sa.String(length=64),
}


def upgrade() -> None:
    for name, kind in COLUMNS.items():
        op.add_column("filing", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name in COLUMNS:
        op.drop_column("filing", name)
