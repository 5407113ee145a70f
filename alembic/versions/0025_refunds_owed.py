"""Refunds that fell due after their bills stand beside the money without a bill."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

COLUMNS = (
    ("refunds", sa.JSON()),
    ("refunds_amount", sa.BigInteger()),
    ("refunds_digest", sa.String(length=64)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("ledger_check", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    for name, _ in reversed(COLUMNS):
        op.drop_column("ledger_check", name)
