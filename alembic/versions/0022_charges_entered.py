"""Charges beside the heat price are entered and approved in the portal; runs keep the register they rested on, and the
names that it did not know."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

# What was approved is what stands.
_KEPT = (
    "public_id, code, record, record_digest, known_from, drafted_by_person, approved_by_person, approved_at"
)
GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        f"""CREATE TRIGGER fee_entry_frozen BEFORE UPDATE OF {_KEPT} ON fee_entry WHEN OLD.state IN ('approved', 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'an approved charge never changes'); END""",
        """CREATE TRIGGER fee_entry_kept BEFORE DELETE ON fee_entry
BEGIN SELECT RAISE(ABORT, 'a charge entered is never deleted'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION fee_entry_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an approved charge never changes'; END $$""",
        f"""CREATE TRIGGER fee_entry_frozen BEFORE UPDATE OF {_KEPT} ON fee_entry
FOR EACH ROW WHEN (OLD.state IN ('approved', 'withdrawn')) EXECUTE FUNCTION fee_entry_frozen()""",
        """CREATE TRIGGER fee_entry_kept BEFORE DELETE OR TRUNCATE ON fee_entry
FOR EACH STATEMENT EXECUTE FUNCTION fee_entry_frozen()""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "fee_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "approved",
                "withdrawn",
                "discarded",
                name="entrystate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("record_digest", sa.String(length=64), nullable=False),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("drafted_by_person", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_by_person", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'approved', 'withdrawn', 'discarded')",
            name=op.f("ck__fee_entry__state"),
        ),
        sa.CheckConstraint(
            "approved_by_person <> drafted_by_person", name=op.f("ck__fee_entry__approver_is_not_author")
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'withdrawn')) = (approved_by_person IS NOT NULL AND approved_at IS NOT NULL)",
            name=op.f("ck__fee_entry__approved"),
        ),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name=op.f("ck__fee_entry__withdrawn"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__fee_entry")),
        sa.UniqueConstraint("public_id", name=op.f("uq__fee_entry__public_id")),
    )
    op.create_index(op.f("ix__fee_entry_code"), "fee_entry", ["code"], unique=False)
    op.create_table(
        "fee_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("by_role", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["fee_entry.id"], name=op.f("fk__fee_event__entry_id__fee_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__fee_event")),
    )
    op.create_index(op.f("ix__fee_event_entry_id"), "fee_event", ["entry_id"], unique=False)
    for guard in GUARDS[op.get_bind().dialect.name]:
        op.execute(guard)
    op.add_column("check_run", sa.Column("fees_digest", sa.String(length=64), nullable=True))
    op.add_column("check_run", sa.Column("unknown_fees", sa.JSON(), nullable=True))


def downgrade() -> None:
    op.drop_column("check_run", "unknown_fees")
    op.drop_column("check_run", "fees_digest")
    op.drop_table("fee_event")
    op.drop_table("fee_entry")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION fee_entry_frozen()")
