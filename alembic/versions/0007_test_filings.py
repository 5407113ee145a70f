"""A filing may be a test: judged like any other, never signed, never counted."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NEVER_COUNTS = "NOT (is_test AND state IN ('signed', 'superseded'))"


def upgrade() -> None:
    if (
        op.get_bind().dialect.name == "sqlite"
    ):  # which cannot add a constraint to a table, but to a new column
        op.execute(
            "ALTER TABLE filing ADD COLUMN is_test BOOLEAN DEFAULT false NOT NULL "
            f"CONSTRAINT ck__filing__test_never_counts CHECK ({NEVER_COUNTS})"
        )
        return
    op.add_column(
        "filing", sa.Column("is_test", sa.Boolean(), server_default=sa.text("false"), nullable=False)
    )
    op.create_check_constraint(op.f("ck__filing__test_never_counts"), "filing", NEVER_COUNTS)


def downgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck__filing__test_never_counts"), "filing", type_="check")
    op.drop_column("filing", "is_test")
