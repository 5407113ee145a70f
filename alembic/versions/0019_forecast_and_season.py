"""A published tariff keeps what the first season under it shows beside the forecast it was approved with."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

COLUMNS = ("realised_of", "realised_digest")


def upgrade() -> None:
    for name in COLUMNS:
        op.add_column("tariff_draft", sa.Column(name, sa.String(length=64), nullable=True))


def downgrade() -> None:
    for name in reversed(COLUMNS):
        op.drop_column("tariff_draft", name)
