"""Explanations are given hit by hit, and carried to later filings while the value stays the same."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filing", sa.Column("explanations_digest", sa.String(length=64), nullable=True))
    op.add_column("filing", sa.Column("explained", sa.JSON(), server_default=sa.text("'{}'"), nullable=False))
    op.create_table(
        "given_explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("edit_id", sa.String(length=20), nullable=True),
        sa.Column("code", sa.String(length=30), nullable=True),
        sa.Column("text", sa.String(length=2000), nullable=True),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("report_digest", sa.String(length=64), nullable=True),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.Column("given_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("way IN ('edit', 'hits', 'report')", name=op.f("ck__given_explanation__way")),
        sa.CheckConstraint(
            "(way = 'edit') = (edit_id IS NOT NULL AND text IS NOT NULL)",
            name=op.f("ck__given_explanation__edit"),
        ),
        sa.CheckConstraint(
            "(way = 'report') = (report_digest IS NOT NULL)", name=op.f("ck__given_explanation__report")
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__given_explanation__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__given_explanation")),
    )
    op.create_index(op.f("ix__given_explanation_filing_id"), "given_explanation", ["filing_id"])
    op.execute(
        "INSERT INTO given_explanation (filing_id, way, edit_id, text, given_by, given_at) "
        "SELECT filing_id, 'edit', edit_id, text, explained_by, explained_at FROM filing_explanation ORDER BY id"
    )
    op.drop_table("filing_explanation")


def downgrade() -> None:
    op.create_table(
        "filing_explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("edit_id", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("explained_by", sa.String(length=80), nullable=False),
        sa.Column("explained_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__filing_explanation__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__filing_explanation")),
        sa.UniqueConstraint("filing_id", "edit_id", name=op.f("uq__filing_explanation__filing_id_edit_id")),
    )
    op.execute(
        "INSERT INTO filing_explanation (filing_id, edit_id, text, explained_by, explained_at) "
        "SELECT filing_id, edit_id, text, given_by, given_at FROM given_explanation one WHERE way = 'edit' AND "
        "id = (SELECT max(id) FROM given_explanation WHERE filing_id = one.filing_id AND edit_id = one.edit_id)"
    )
    op.drop_index(op.f("ix__given_explanation_filing_id"), table_name="given_explanation")
    op.drop_table("given_explanation")
    op.drop_column("filing", "explained")
    op.drop_column("filing", "explanations_digest")
