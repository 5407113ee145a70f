"""A company says what its own headers and codes mean: mapping profiles, their signed versions, and the re-check of each."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("filing", sa.Column("profile_version", sa.Integer(), nullable=True))
    op.add_column("filing", sa.Column("profile_digest", sa.String(length=64), nullable=True))
    op.create_table(
        "mapping_profile",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=30), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("sample_name", sa.String(length=200), nullable=False),
        sa.Column("sample_period", sa.String(length=10), nullable=False),
        sa.Column("sample_digest", sa.String(length=64), nullable=False),
        sa.Column("looked", sa.JSON(), nullable=False),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("drafted_at", UTCDateTime(), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("signed_at", UTCDateTime(), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'in_force', 'superseded', 'discarded')",
            name=op.f("ck__mapping_profile__state"),
        ),
        sa.CheckConstraint(
            "(state IN ('in_force', 'superseded')) = (signed_at IS NOT NULL AND digest IS NOT NULL)",
            name=op.f("ck__mapping_profile__signed"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck__mapping_profile__number")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__mapping_profile__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__mapping_profile")),
        sa.UniqueConstraint("public_id", name=op.f("uq__mapping_profile__public_id")),
        sa.UniqueConstraint(
            "company_id", "feed", "number", name=op.f("uq__mapping_profile__company_id_feed_number")
        ),
    )
    for state in ("in_force", "draft"):
        op.create_index(
            f"uq__mapping_profile__{state}",
            "mapping_profile",
            ["company_id", "feed"],
            unique=True,
            sqlite_where=sa.text(f"state = '{state}'"),
            postgresql_where=sa.text(f"state = '{state}'"),
        )
    op.create_table(
        "profile_recheck",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", UTCDateTime(), nullable=False),
        sa.Column("done_at", UTCDateTime(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=True),
        sa.Column("removed", sa.Integer(), nullable=True),
        sa.Column("changed", sa.Integer(), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("pack_digest", sa.String(length=64), nullable=True),
        sa.Column("report_digest", sa.String(length=64), nullable=True),
        sa.Column("edits_digest", sa.String(length=64), nullable=True),
        sa.Column("table_digest", sa.String(length=64), nullable=True),
        sa.Column("difference_digest", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["mapping_profile.id"],
            name=op.f("fk__profile_recheck__profile_id__mapping_profile"),
        ),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__profile_recheck__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__profile_recheck")),
        sa.UniqueConstraint("profile_id", name=op.f("uq__profile_recheck__profile_id")),
    )


def downgrade() -> None:
    op.drop_table("profile_recheck")
    for state in ("draft", "in_force"):
        op.drop_index(f"uq__mapping_profile__{state}", table_name="mapping_profile")
    op.drop_table("mapping_profile")
    op.drop_column("filing", "profile_digest")
    op.drop_column("filing", "profile_version")
