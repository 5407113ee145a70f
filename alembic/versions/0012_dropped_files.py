"""The register knows each file that was taken from the drop folder, so that none is filed twice."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dropped_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("filed_name", sa.String(length=120), nullable=False),
        sa.Column("taken_at", UTCDateTime(), nullable=False),
        sa.Column("told", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__dropped_file__company_id__company")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__dropped_file__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__dropped_file")),
        sa.UniqueConstraint("company_id", "key", name=op.f("uq__dropped_file__company_id_key")),
    )


def downgrade() -> None:
    op.drop_table("dropped_file")
