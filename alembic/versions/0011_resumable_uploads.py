"""Files may come in parts: what has come of each, until it is whole and filed, or expires."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "resumable_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=30), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("is_test", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.String(length=80), nullable=False),
        sa.Column("begun_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "received BETWEEN 0 AND size AND size > 0", name=op.f("ck__resumable_upload__received")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__resumable_upload__company_id__company")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__resumable_upload__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__resumable_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq__resumable_upload__public_id")),
    )
    op.create_index(op.f("ix__resumable_upload_company_id"), "resumable_upload", ["company_id"])


def downgrade() -> None:
    op.drop_table("resumable_upload")
