"""Who hears by e-mail what is due soon also hears that a token of the company expires."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KIND, LIKE = "token_expires", "due_soon"
CHOICES = sa.table("mail_choice", sa.column("user_id", sa.Integer), sa.column("kinds", sa.JSON))


def upgrade() -> None:
    _change(lambda kinds: [*kinds, KIND] if LIKE in kinds and KIND not in kinds else kinds)


def downgrade() -> None:
    _change(lambda kinds: [kind for kind in kinds if kind != KIND])


def _change(chosen) -> None:
    register = op.get_bind()
    for user_id, kinds in register.execute(sa.select(CHOICES.c.user_id, CHOICES.c.kinds)).all():
        if chosen(kinds) != kinds:
            change = sa.update(CHOICES).where(CHOICES.c.user_id == user_id)
            register.execute(change.values(kinds=chosen(kinds)))
