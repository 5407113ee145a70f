"""Rules of judgement have a life: they run in shadow before they bind, are counted, and may be withdrawn for a reason."""

from __future__ import annotations

import json

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

OPEN = "state IN ('proposed', 'approved')"


def upgrade() -> None:
    op.add_column("filing", sa.Column("shadow_digest", sa.String(length=64), nullable=True))
    op.add_column(
        "filing", sa.Column("shadow_report", sa.JSON(), server_default=sa.text("'[]'"), nullable=False)
    )
    op.create_table(
        "filing_edit",
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("edit_id", sa.String(length=20), nullable=False),
        sa.Column("is_shadow", sa.Boolean(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__filing_edit__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("filing_id", "edit_id", "is_shadow", name=op.f("pk__filing_edit")),
    )
    op.create_index(op.f("ix__filing_edit_edit_id"), "filing_edit", ["edit_id"])
    op.create_table(
        "rule_withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("edit_id", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=2000), nullable=False),
        sa.Column("proposed_by", sa.String(length=80), nullable=False),
        sa.Column("proposed_person", sa.String(length=40), nullable=False),
        sa.Column("proposed_at", UTCDateTime(), nullable=False),
        sa.Column("remark", sa.String(length=2000), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('proposed', 'approved', 'refused')", name=op.f("ck__rule_withdrawal__state")
        ),
        sa.CheckConstraint(
            "(state = 'proposed') = (decided_at IS NULL)", name=op.f("ck__rule_withdrawal__decided")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__rule_withdrawal")),
        sa.UniqueConstraint("public_id", name=op.f("uq__rule_withdrawal__public_id")),
    )
    op.create_index(
        "uq__rule_withdrawal__open",
        "rule_withdrawal",
        ["edit_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_table(
        "replaced_verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("withdrawal_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("judged_at", UTCDateTime(), nullable=True),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("edit_count", sa.Integer(), nullable=True),
        sa.Column("pack_digest", sa.String(length=64), nullable=True),
        sa.Column("edits_digest", sa.String(length=64), nullable=True),
        sa.Column("report_digest", sa.String(length=64), nullable=True),
        sa.Column("replaced_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__replaced_verdict__filing_id__filing")
        ),
        sa.ForeignKeyConstraint(
            ["withdrawal_id"],
            ["rule_withdrawal.id"],
            name=op.f("fk__replaced_verdict__withdrawal_id__rule_withdrawal"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__replaced_verdict")),
        sa.UniqueConstraint(
            "filing_id", "withdrawal_id", name=op.f("uq__replaced_verdict__filing_id_withdrawal_id")
        ),
    )
    _count_edits()


def downgrade() -> None:
    op.drop_table("replaced_verdict")
    op.drop_index("uq__rule_withdrawal__open", table_name="rule_withdrawal")
    op.drop_table("rule_withdrawal")
    op.drop_index(op.f("ix__filing_edit_edit_id"), table_name="filing_edit")
    op.drop_table("filing_edit")
    op.drop_column("filing", "shadow_report")
    op.drop_column("filing", "shadow_digest")


def _count_edits() -> None:
    """Every edit that hit a filing judged before stands in the new table."""
    connection = op.get_bind()
    insert = sa.text(
        "INSERT INTO filing_edit (filing_id, edit_id, is_shadow, count) VALUES (:filing, :edit, false, :count)"
    )
    for number, report in connection.execute(sa.text("SELECT id, report FROM filing")).all():
        entries = json.loads(report) if isinstance(report, str) else report
        for entry in entries or []:
            values = {"filing": number, "edit": entry["edit_id"], "count": entry["count"]}
            connection.execute(insert, values)
