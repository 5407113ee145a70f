"""Companies' programs file with tokens; wrong ones are counted like wrong passwords."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op
from supervision.db.types import UTCDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

OLD, NEW = ("password", "code"), ("password", "code", "token")


def upgrade() -> None:
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("feeds", sa.JSON(), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("periods", sa.JSON(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("made_at", UTCDateTime(), nullable=False),
        sa.Column("made_by", sa.String(length=80), nullable=False),
        sa.Column("last_used_at", UTCDateTime(), nullable=True),
        sa.Column("last_address", sa.String(length=45), nullable=True),
        sa.Column("revoked_at", UTCDateTime(), nullable=True),
        sa.Column("revoked_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("made_at < expires_at", name=op.f("ck__api_token__life")),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoked_by IS NULL)", name=op.f("ck__api_token__revoked")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__api_token__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__api_token")),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq__api_token__company_id_name")),
        sa.UniqueConstraint("digest", name=op.f("uq__api_token__digest")),
        sa.UniqueConstraint("public_id", name=op.f("uq__api_token__public_id")),
    )
    _allow(NEW)


def downgrade() -> None:
    op.execute("DELETE FROM sign_in_attempt WHERE kind = 'token'")
    _allow(OLD)
    op.drop_table("api_token")


def _allow(kinds: tuple[str, ...]) -> None:
    """Attempts are of these kinds. SQLite cannot change a constraint: its table is made anew and keeps its rows."""
    condition = f"kind IN ({', '.join(repr(kind) for kind in kinds)})"
    if op.get_bind().dialect.name != "sqlite":
        op.drop_constraint(op.f("ck__sign_in_attempt__kind"), "sign_in_attempt", type_="check")
        op.create_check_constraint(op.f("ck__sign_in_attempt__kind"), "sign_in_attempt", condition)
        return
    op.execute(f"""CREATE TABLE sign_in_attempt_anew (
        id INTEGER NOT NULL, kind VARCHAR(20) NOT NULL, name VARCHAR(40) NOT NULL, address VARCHAR(45) NOT NULL,
        at DATETIME NOT NULL, success BOOLEAN NOT NULL,
        CONSTRAINT pk__sign_in_attempt PRIMARY KEY (id),
        CONSTRAINT ck__sign_in_attempt__kind CHECK ({condition}))""")
    op.execute(
        "INSERT INTO sign_in_attempt_anew SELECT id, kind, name, address, at, success FROM sign_in_attempt"
    )
    op.drop_table("sign_in_attempt")
    op.rename_table("sign_in_attempt_anew", "sign_in_attempt")
    op.create_index("ix__sign_in_attempt__name__at", "sign_in_attempt", ["name", "at"])
    op.create_index(op.f("ix__sign_in_attempt_at"), "sign_in_attempt", ["at"])
