"""People are told of what happened, and by e-mail what they choose."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

STATES = ("waiting", "handing_over", "sent", "uncertain", "dead", "dropped")


def upgrade() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=True),
        sa.Column("title_zh", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("path", sa.String(length=200), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("read_at", UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk__message__user_id__portal_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__message")),
        sa.UniqueConstraint("public_id", name=op.f("uq__message__public_id")),
        sa.UniqueConstraint("user_id", "key", name=op.f("uq__message__user_id_key")),
    )
    op.create_index(op.f("ix__message_user_id_message_read_at"), "message", ["user_id", "read_at"])
    op.create_table(
        "mail_choice",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk__mail_choice__user_id__portal_user")
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk__mail_choice")),
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("message_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=False),
        sa.Column("sent_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck__outgoing_mail__sent")),
        sa.CheckConstraint(
            f"state IN ({', '.join(repr(state) for state in STATES)})", name=op.f("ck__outgoing_mail__state")
        ),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk__outgoing_mail__message_id__message")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__outgoing_mail")),
        sa.UniqueConstraint("message_id", name=op.f("uq__outgoing_mail__message_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq__outgoing_mail__public_id")),
    )
    op.create_index(op.f("ix__outgoing_mail_state_outgoing_mail_id"), "outgoing_mail", ["state", "id"])


def downgrade() -> None:
    op.drop_table("outgoing_mail")
    op.drop_table("mail_choice")
    op.drop_table("message")
