"""Every run says how many of its bills the checker computed a second time, drawn with which seed, by which checker."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

COLUMNS = (
    ("second_opinions", sa.Integer()),
    ("second_seed", sa.String(length=64)),
    ("checker_digest", sa.String(length=64)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("check_run", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in reversed(COLUMNS):
        op.drop_column("check_run", name)
