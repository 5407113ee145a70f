"""A dropped file has the time it lay there complete, and the parts of the service have a heartbeat."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("dropped_file", sa.Column("complete_at", UTCDateTime(), nullable=True))
    op.create_table(
        "heartbeat",
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("pk__heartbeat")),
    )
    op.create_table(
        "silence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("part", sa.String(length=10), nullable=False),
        sa.Column("began_at", UTCDateTime(), nullable=False),
        sa.Column("ended_at", UTCDateTime(), nullable=False),
        sa.Column("settled_by", sa.String(length=80), nullable=True),
        sa.Column("settled_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("began_at < ended_at", name=op.f("ck__silence__order")),
        sa.CheckConstraint("(settled_by IS NULL) = (settled_at IS NULL)", name=op.f("ck__silence__settled")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__silence")),
        sa.UniqueConstraint("public_id", name=op.f("uq__silence__public_id")),
    )


def downgrade() -> None:
    op.drop_table("silence")
    op.drop_table("heartbeat")
    op.drop_column("dropped_file", "complete_at")
