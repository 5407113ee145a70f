"""Every feed has its calendar: officers exempt a company from one, signatories declare that there is nothing to report."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "filing_exemption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=30), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("granted_by", sa.String(length=80), nullable=False),
        sa.Column("granted_at", UTCDateTime(), nullable=False),
        sa.Column("ended_by", sa.String(length=80), nullable=True),
        sa.Column("ended_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "last_day IS NULL OR first_day <= last_day", name=op.f("ck__filing_exemption__order")
        ),
        sa.CheckConstraint(
            "(ended_by IS NULL) = (ended_at IS NULL)", name=op.f("ck__filing_exemption__ended")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__filing_exemption__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__filing_exemption")),
        sa.UniqueConstraint("public_id", name=op.f("uq__filing_exemption__public_id")),
    )
    op.create_index(op.f("ix__filing_exemption_company_id"), "filing_exemption", ["company_id"])
    op.create_table(
        "nothing_to_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=30), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("through", sa.Date(), nullable=False),
        sa.Column("signed_by", sa.String(length=80), nullable=False),
        sa.Column("signed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__nothing_to_report__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__nothing_to_report")),
        sa.UniqueConstraint(
            "company_id",
            "feed",
            "period",
            "through",
            name=op.f("uq__nothing_to_report__company_id_feed_period_through"),
        ),
    )
    op.create_index(op.f("ix__nothing_to_report_company_id"), "nothing_to_report", ["company_id"])


def downgrade() -> None:
    op.drop_table("nothing_to_report")
    op.drop_table("filing_exemption")
