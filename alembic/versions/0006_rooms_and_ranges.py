"""Every run says which measured rooms it rests on, and how many of its bills are known to a range only."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

COLUMNS = (("measured_digest", sa.String(length=64)), ("bounded", sa.Integer()))


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("check_run", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in reversed(COLUMNS):
        op.drop_column("check_run", name)
