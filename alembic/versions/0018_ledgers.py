"""Money without a bill behind it and estimates never put right are checked for each company."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ledger_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("filings", sa.JSON(), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("payments", sa.Integer(), nullable=False),
        sa.Column("not_judged", sa.Integer(), nullable=False),
        sa.Column("excess_payments", sa.Integer(), nullable=False),
        sa.Column("excess_amount", sa.BigInteger(), nullable=False),
        sa.Column("excess", sa.JSON(), nullable=False),
        sa.Column("excess_digest", sa.String(length=64), nullable=False),
        sa.Column("estimates", sa.JSON(), nullable=False),
        sa.Column("estimates_amount", sa.BigInteger(), nullable=False),
        sa.Column("estimates_digest", sa.String(length=64), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "excess_amount >= 0 AND estimates_amount >= 0", name=op.f("ck__ledger_check__amounts")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__ledger_check__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__ledger_check")),
        sa.UniqueConstraint("company_id", "number", name=op.f("uq__ledger_check__company_id_number")),
        sa.UniqueConstraint("public_id", name=op.f("uq__ledger_check__public_id")),
    )
    op.create_index(
        "uq__ledger_check__current",
        "ledger_check",
        ["company_id"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )


def downgrade() -> None:
    op.drop_index("uq__ledger_check__current", table_name="ledger_check")
    op.drop_table("ledger_check")
