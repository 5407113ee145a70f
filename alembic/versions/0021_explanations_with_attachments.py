"""What a company explains it can prove: a file attached to the explanation of an edit."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "explanation_attachment",
        sa.Column("given_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["given_id"],
            ["given_explanation.id"],
            name=op.f("fk__explanation_attachment__given_id__given_explanation"),
        ),
        sa.PrimaryKeyConstraint("given_id", name=op.f("pk__explanation_attachment")),
    )


def downgrade() -> None:
    op.drop_table("explanation_attachment")
