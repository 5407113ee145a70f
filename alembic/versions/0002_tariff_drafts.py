"""Tariffs are entered, reviewed, approved and published in the portal."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# What was approved is what stands.
GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER tariff_draft_frozen BEFORE UPDATE OF tariff_id, record, record_digest, notice_digest, effect_digest, warnings_reason, drafted_by_person, reviewed_by_person, approved_by_person, approved_at, entry_id ON tariff_draft WHEN OLD.state IN ('approved', 'published', 'withdrawn')
BEGIN SELECT RAISE(ABORT, 'an approved tariff never changes'); END""",
        """CREATE TRIGGER tariff_draft_kept BEFORE DELETE ON tariff_draft
BEGIN SELECT RAISE(ABORT, 'a tariff draft is never deleted'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION tariff_draft_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an approved tariff never changes'; END $$""",
        """CREATE TRIGGER tariff_draft_frozen BEFORE UPDATE OF tariff_id, record, record_digest, notice_digest, effect_digest, warnings_reason, drafted_by_person, reviewed_by_person, approved_by_person, approved_at, entry_id ON tariff_draft
FOR EACH ROW WHEN (OLD.state IN ('approved', 'published', 'withdrawn')) EXECUTE FUNCTION tariff_draft_frozen()""",
        """CREATE TRIGGER tariff_draft_kept BEFORE DELETE OR TRUNCATE ON tariff_draft
FOR EACH STATEMENT EXECUTE FUNCTION tariff_draft_frozen()""",
    ),
}


def upgrade() -> None:
    op.create_table(
        "tariff_draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("tariff_id", sa.String(length=80), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "in_review",
                "reviewed",
                "approved",
                "published",
                "withdrawn",
                "discarded",
                name="draftstate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("record_digest", sa.String(length=64), nullable=False),
        sa.Column("has_link", sa.Boolean(), nullable=False),
        sa.Column("notice_digest", sa.String(length=64), nullable=True),
        sa.Column("notice_name", sa.String(length=200), nullable=True),
        sa.Column("notice_type", sa.String(length=40), nullable=True),
        sa.Column("publish_on", sa.Date(), nullable=True),
        sa.Column("warnings", sa.JSON(), nullable=False),
        sa.Column("warnings_reason", sa.Text(), nullable=True),
        sa.Column("effect_of", sa.String(length=64), nullable=True),
        sa.Column("effect_digest", sa.String(length=64), nullable=True),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("drafted_by_person", sa.String(length=40), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.String(length=80), nullable=True),
        sa.Column("reviewed_by_person", sa.String(length=40), nullable=True),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_by_person", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal_reason", sa.Text(), nullable=True),
        sa.Column("entry_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name=op.f("ck__tariff_draft__withdrawn"),
        ),
        sa.CheckConstraint(
            "(state IN ('approved', 'published', 'withdrawn')) = (approved_by_person IS NOT NULL AND entry_id IS NOT NULL AND effect_digest IS NOT NULL)",
            name=op.f("ck__tariff_draft__approved"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'in_review', 'reviewed', 'approved', 'published', 'withdrawn', 'discarded')",
            name=op.f("ck__tariff_draft__state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('approved', 'published', 'withdrawn') OR notice_digest IS NOT NULL OR has_link",
            name=op.f("ck__tariff_draft__approved_from_a_source"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('reviewed', 'approved', 'published', 'withdrawn') OR reviewed_by_person IS NOT NULL",
            name=op.f("ck__tariff_draft__reviewed"),
        ),
        sa.CheckConstraint(
            "approved_by_person <> drafted_by_person", name=op.f("ck__tariff_draft__approver_is_not_author")
        ),
        sa.CheckConstraint(
            "approved_by_person <> reviewed_by_person",
            name=op.f("ck__tariff_draft__approver_is_not_reviewer"),
        ),
        sa.CheckConstraint(
            "reviewed_by_person <> drafted_by_person", name=op.f("ck__tariff_draft__reviewer_is_not_author")
        ),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["tariff_entry.id"], name=op.f("fk__tariff_draft__entry_id__tariff_entry")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__tariff_draft")),
        sa.UniqueConstraint("entry_id", name=op.f("uq__tariff_draft__entry_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq__tariff_draft__public_id")),
    )
    op.create_index(op.f("ix__tariff_draft_city"), "tariff_draft", ["city"], unique=False)
    op.create_index(
        "uq__tariff_draft__tariff_id",
        "tariff_draft",
        ["tariff_id"],
        unique=True,
        sqlite_where=sa.text("state NOT IN ('withdrawn', 'discarded')"),
        postgresql_where=sa.text("state NOT IN ('withdrawn', 'discarded')"),
    )
    op.create_table(
        "tariff_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("by_role", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["draft_id"], ["tariff_draft.id"], name=op.f("fk__tariff_event__draft_id__tariff_draft")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__tariff_event")),
    )
    op.create_index(op.f("ix__tariff_event_draft_id"), "tariff_event", ["draft_id"], unique=False)
    op.add_column("tariff_entry", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tariff_entry", sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tariff_entry", sa.Column("ends_on", sa.Date(), nullable=True))
    op.add_column("tariff_entry", sa.Column("followed_by", sa.String(length=80), nullable=True))
    # What came with the portal, or was entered before there were drafts, is public since it was entered.
    op.execute("UPDATE tariff_entry SET published_at = entered_at")
    for guard in GUARDS[op.get_bind().dialect.name]:
        op.execute(guard)


def downgrade() -> None:
    op.drop_index(op.f("ix__tariff_event_draft_id"), table_name="tariff_event")
    op.drop_table("tariff_event")
    op.drop_index("uq__tariff_draft__tariff_id", table_name="tariff_draft")
    op.drop_index(op.f("ix__tariff_draft_city"), table_name="tariff_draft")
    op.drop_table("tariff_draft")
    # The register before knew no tariff that is not public, and none that was withdrawn.
    op.execute(
        "DELETE FROM tariff_binding WHERE entry_id IN "
        "(SELECT id FROM tariff_entry WHERE published_at IS NULL OR withdrawn_at IS NOT NULL)"
    )
    op.execute("DELETE FROM tariff_entry WHERE published_at IS NULL OR withdrawn_at IS NOT NULL")
    for column in ("followed_by", "ends_on", "withdrawn_at", "published_at"):
        op.drop_column("tariff_entry", column)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION tariff_draft_frozen()")
