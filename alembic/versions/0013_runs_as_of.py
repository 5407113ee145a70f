"""A run can rest on what was known at a time, says whose its differences to the run before are, and what hangs on how parts
of a season are counted."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

COLUMNS = (
    ("readings_digest", sa.String(length=64)),
    ("within", sa.JSON()),
    ("flips", sa.JSON()),
    ("flips_digest", sa.String(length=64)),
    ("moved", sa.JSON()),
    ("moved_digest", sa.String(length=64)),
    ("law_as_of", sa.Date()),
    ("data_as_of", sa.DateTime(timezone=True)),
    ("asked_by", sa.String(length=80)),
)


def upgrade() -> None:
    for name, kind in COLUMNS:
        op.add_column("check_run", sa.Column(name, kind, nullable=True))


def downgrade() -> None:
    op.execute(sa.text("DELETE FROM check_run WHERE asked_by IS NOT NULL"))
    for name, _ in reversed(COLUMNS):
        op.drop_column("check_run", name)
