"""The register as the portal began."""

from __future__ import annotations

import sqlalchemy as sa

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# What the tables cannot say: the journal is append-only, no two tariffs price one scope on one day, and what was
# issued or released never changes.
GUARDS: dict[str, tuple[str, ...]] = {
    "sqlite": (
        """CREATE TRIGGER journal_no_update BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
        """CREATE TRIGGER journal_no_delete BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END""",
        """CREATE TRIGGER issued_document_frozen BEFORE UPDATE OF id, public_id, kind, series, year, serial, number, title_zh, title_en, object_type, object_id, company_id, content, content_digest, annex_digest, drafted_by, approved_by, issued_at ON issued_document
BEGIN SELECT RAISE(ABORT, 'an issued document never changes'); END""",
        """CREATE TRIGGER issued_document_rendered_once BEFORE UPDATE ON issued_document WHEN OLD.bytes_digest IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'an issued document never changes'); END""",
        """CREATE TRIGGER issued_document_kept BEFORE DELETE ON issued_document
BEGIN SELECT RAISE(ABORT, 'an issued document never changes'); END""",
        """CREATE TRIGGER tariff_binding_no_overlap_insert BEFORE INSERT ON tariff_binding BEGIN SELECT RAISE(ABORT, 'tariff_binding_overlap') WHERE EXISTS (
  SELECT 1 FROM tariff_binding AS other WHERE other.scope_id = NEW.scope_id AND other.id IS NOT NEW.id
  AND other.valid_from <= NEW.valid_to AND other.valid_to >= NEW.valid_from); END""",
        """CREATE TRIGGER tariff_binding_no_overlap_update BEFORE UPDATE ON tariff_binding BEGIN SELECT RAISE(ABORT, 'tariff_binding_overlap') WHERE EXISTS (
  SELECT 1 FROM tariff_binding AS other WHERE other.scope_id = NEW.scope_id AND other.id IS NOT NEW.id
  AND other.valid_from <= NEW.valid_to AND other.valid_to >= NEW.valid_from); END""",
        """CREATE TRIGGER company_rating_frozen BEFORE UPDATE OF id, release_id, company_id, company_code, name_zh, name_en, score, exact, grade, grade_before_limiters, rank, rank_low, rank_high, is_tied, alike, lines, limiters, groups, gap, consequence_zh, consequence_en, is_escalated ON company_rating
BEGIN SELECT RAISE(ABORT, 'a rating is frozen'); END""",
        """CREATE TRIGGER company_rating_one_card BEFORE UPDATE OF card_id ON company_rating
WHEN OLD.card_id IS NOT NULL BEGIN SELECT RAISE(ABORT, 'a rating has its card'); END""",
        """CREATE TRIGGER company_rating_stays BEFORE DELETE ON company_rating
BEGIN SELECT RAISE(ABORT, 'a rating is frozen'); END""",
    ),
    "postgresql": (
        """CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
        """CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()""",
        """CREATE FUNCTION issued_document_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an issued document never changes'; END $$""",
        """CREATE TRIGGER issued_document_frozen BEFORE UPDATE OF id, public_id, kind, series, year, serial, number, title_zh, title_en, object_type, object_id, company_id, content, content_digest, annex_digest, drafted_by, approved_by, issued_at ON issued_document
FOR EACH STATEMENT EXECUTE FUNCTION issued_document_frozen()""",
        """CREATE TRIGGER issued_document_rendered_once BEFORE UPDATE ON issued_document
FOR EACH ROW WHEN (OLD.bytes_digest IS NOT NULL) EXECUTE FUNCTION issued_document_frozen()""",
        """CREATE TRIGGER issued_document_kept BEFORE DELETE OR TRUNCATE ON issued_document
FOR EACH STATEMENT EXECUTE FUNCTION issued_document_frozen()""",
        """ALTER TABLE tariff_binding ADD CONSTRAINT tariff_binding_overlap EXCLUDE USING gist
(int8range(scope_id, scope_id, '[]') WITH &&, daterange(valid_from, valid_to, '[]') WITH &&)""",
        """CREATE FUNCTION company_rating_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a rating is frozen'; END $$""",
        """CREATE TRIGGER company_rating_frozen BEFORE UPDATE OF id, release_id, company_id, company_code, name_zh, name_en, score, exact, grade, grade_before_limiters, rank, rank_low, rank_high, is_tied, alike, lines, limiters, groups, gap, consequence_zh, consequence_en, is_escalated ON company_rating
FOR EACH ROW EXECUTE FUNCTION company_rating_frozen()""",
        """CREATE TRIGGER company_rating_one_card BEFORE UPDATE OF card_id ON company_rating
FOR EACH ROW WHEN (OLD.card_id IS NOT NULL) EXECUTE FUNCTION company_rating_frozen()""",
        """CREATE TRIGGER company_rating_stays BEFORE DELETE OR TRUNCATE ON company_rating
FOR EACH STATEMENT EXECUTE FUNCTION company_rating_frozen()""",
    ),
}


# Dropping a table drops its triggers, but not what they call.
FUNCTIONS = ("journal_append_only", "issued_document_frozen", "company_rating_frozen")


def upgrade() -> None:
    op.create_table(
        "company",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("service_areas", sa.JSON(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("length(code) >= 2", name=op.f("ck__company__code_length")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__company")),
        sa.UniqueConstraint("code", name=op.f("uq__company__code")),
        sa.UniqueConstraint("name_zh", name=op.f("uq__company__name_zh")),
        sa.UniqueConstraint("public_id", name=op.f("uq__company__public_id")),
    )
    op.create_index(op.f("ix__company_city"), "company", ["city"], unique=False)
    op.create_table(
        "complaint_lookup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sender_mark", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__complaint_lookup")),
    )
    op.create_index(
        op.f("ix__complaint_lookup_sender_mark_complaint_lookup_at"),
        "complaint_lookup",
        ["sender_mark", "at"],
        unique=False,
    )
    op.create_table(
        "job",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("arguments", sa.JSON(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.String(length=120), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.String(length=60), nullable=False),
        sa.Column("progress_done", sa.Integer(), nullable=False),
        sa.Column("progress_total", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("enqueued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL AND worker IS NOT NULL)",
            name=op.f("ck__job__lease"),
        ),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'parked')", name=op.f("ck__job__state")),
        sa.PrimaryKeyConstraint("number", name=op.f("pk__job")),
        sa.UniqueConstraint("id", name=op.f("uq__job__id")),
        sa.UniqueConstraint("key", name=op.f("uq__job__key")),
    )
    op.create_index(op.f("ix__job_state_job_number"), "job", ["state", "number"], unique=False)
    op.create_table(
        "journal",
        sa.Column("index", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("role", sa.String(length=40), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("commitments", sa.JSON(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("index", name=op.f("pk__journal")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq__journal__entry_hash")),
    )
    op.create_index(op.f("ix__journal_act"), "journal", ["act"], unique=False)
    op.create_index(op.f("ix__journal_company_id"), "journal", ["company_id"], unique=False)
    op.create_index(op.f("ix__journal_object_id"), "journal", ["object_id"], unique=False)
    op.create_table(
        "rating_release",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "discarded",
                "released",
                "superseded",
                "withdrawn",
                name="releasestate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("scheme_code", sa.String(length=40), nullable=False),
        sa.Column("scheme_digest", sa.String(length=64), nullable=False),
        sa.Column("facts_digest", sa.String(length=64), nullable=False),
        sa.Column("computed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("computed_by", sa.String(length=80), nullable=False),
        sa.Column("computed_by_person", sa.String(length=40), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("released_by", sa.String(length=80), nullable=True),
        sa.Column("released_by_person", sa.String(length=40), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(length=80), nullable=True),
        sa.Column("withdrawal_reason", sa.String(length=2000), nullable=True),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=2000), nullable=True),
        sa.CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name=op.f("ck__rating_release__withdrawn"),
        ),
        sa.CheckConstraint(
            "(state IN ('released', 'superseded', 'withdrawn')) = (released_at IS NOT NULL AND released_by IS NOT NULL AND released_by_person IS NOT NULL)",
            name=op.f("ck__rating_release__released"),
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'discarded', 'released', 'superseded', 'withdrawn')",
            name=op.f("ck__rating_release__state"),
        ),
        sa.CheckConstraint(
            "(predecessor_id IS NULL) = (reason IS NULL)", name=op.f("ck__rating_release__erratum_has_reason")
        ),
        sa.CheckConstraint(
            "released_by_person <> computed_by_person", name=op.f("ck__rating_release__four_eyes")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"],
            ["rating_release.id"],
            name=op.f("fk__rating_release__predecessor_id__rating_release"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__rating_release")),
        sa.UniqueConstraint("public_id", name=op.f("uq__rating_release__public_id")),
        sa.UniqueConstraint("season", "number", name=op.f("uq__rating_release__season_number")),
    )
    op.create_index(
        "uq__rating_release__draft",
        "rating_release",
        ["season"],
        unique=True,
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "uq__rating_release__in_force",
        "rating_release",
        ["season"],
        unique=True,
        sqlite_where=sa.text("state = 'released'"),
        postgresql_where=sa.text("state = 'released'"),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("password", "code", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("success", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__sign_in_attempt")),
    )
    op.create_index("ix__sign_in_attempt__name__at", "sign_in_attempt", ["name", "at"], unique=False)
    op.create_index(op.f("ix__sign_in_attempt_at"), "sign_in_attempt", ["at"], unique=False)
    op.create_table(
        "tariff_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tariff_id", sa.String(length=80), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("record", sa.JSON(), nullable=False),
        sa.Column("province", sa.String(length=40), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("standing", sa.String(length=20), nullable=False),
        sa.Column("confidence", sa.String(length=10), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("known_from", sa.Date(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("entered_by", sa.String(length=80), nullable=False),
        sa.CheckConstraint("confidence IN ('high', 'medium')", name=op.f("ck__tariff_entry__confidence")),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to",
            name=op.f("ck__tariff_entry__dates"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__tariff_entry")),
        sa.UniqueConstraint("tariff_id", name=op.f("uq__tariff_entry__tariff_id")),
    )
    op.create_index(op.f("ix__tariff_entry_category"), "tariff_entry", ["category"], unique=False)
    op.create_index(op.f("ix__tariff_entry_city"), "tariff_entry", ["city"], unique=False)
    op.create_table(
        "tariff_scope",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("service_area", sa.String(length=40), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__tariff_scope")),
        sa.UniqueConstraint("city", "service_area", "category", "method", name="uq__tariff_scope__all"),
    )
    op.create_table(
        "complaint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("year_number", sa.Integer(), nullable=False),
        sa.Column("tracking_hash", sa.String(length=64), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("topic", sa.String(length=20), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("account_no", sa.String(length=64), nullable=True),
        sa.Column("bill_no", sa.String(length=64), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sender_mark", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_site_by", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("close_by", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rule_zh", sa.Text(), nullable=False),
        sa.Column("rule_en", sa.Text(), nullable=False),
        sa.Column("rule_source", sa.Text(), nullable=False),
        sa.Column("is_rule_assumed", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "answered",
                "returned",
                "closed",
                "reopened",
                name="complaintstate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answer_kind", sa.String(length=16), nullable=True),
        sa.Column("answer_amount", sa.BigInteger(), nullable=True),
        sa.Column("first_answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reopened", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(answer_kind = 'monetary') <= (answer_amount IS NOT NULL)", name=op.f("ck__complaint__amount")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck__complaint__closed")
        ),
        sa.CheckConstraint(
            "(state IN ('answered', 'closed')) <= (answer IS NOT NULL)", name=op.f("ck__complaint__answered")
        ),
        sa.CheckConstraint(
            "state IN ('received', 'answered', 'returned', 'closed', 'reopened')",
            name=op.f("ck__complaint__state"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__complaint__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__complaint")),
        sa.UniqueConstraint("number", name=op.f("uq__complaint__number")),
        sa.UniqueConstraint("year", "year_number", name=op.f("uq__complaint__year_year_number")),
    )
    op.create_index(
        op.f("ix__complaint_company_id_complaint_received_at"),
        "complaint",
        ["company_id", "received_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix__complaint_sender_mark_complaint_received_at"),
        "complaint",
        ["sender_mark", "received_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix__complaint_state_complaint_answer_by"), "complaint", ["state", "answer_by"], unique=False
    )
    op.create_table(
        "filing",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.String(length=30), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "received",
                "judging",
                "rejected",
                "needs_explanation",
                "ready",
                "signed",
                "superseded",
                "withdrawn",
                name="state",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("bytes_digest", sa.String(length=64), nullable=False),
        sa.Column("declared_digest", sa.String(length=64), nullable=True),
        sa.Column("repeat_digest", sa.String(length=64), nullable=True),
        sa.Column("idempotency_key", sa.String(length=80), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by", sa.String(length=80), nullable=False),
        sa.Column("job_id", sa.String(length=24), nullable=True),
        sa.Column("judged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=True),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("edit_count", sa.Integer(), nullable=True),
        sa.Column("not_evaluated", sa.JSON(), nullable=False),
        sa.Column("encoding", sa.String(length=20), nullable=True),
        sa.Column("delimiter", sa.String(length=10), nullable=True),
        sa.Column("pack_digest", sa.String(length=64), nullable=True),
        sa.Column("roster_digest", sa.String(length=64), nullable=True),
        sa.Column("table_digest", sa.String(length=64), nullable=True),
        sa.Column("edits_digest", sa.String(length=64), nullable=True),
        sa.Column("report_digest", sa.String(length=64), nullable=True),
        sa.Column("coercions_digest", sa.String(length=64), nullable=True),
        sa.Column("coercion_count", sa.Integer(), nullable=True),
        sa.Column("difference", sa.JSON(), nullable=True),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("signed_by", sa.String(length=80), nullable=True),
        sa.Column("receipt_no", sa.String(length=40), nullable=True),
        sa.Column("receipt", sa.JSON(), nullable=True),
        sa.Column("receipt_digest", sa.String(length=64), nullable=True),
        sa.Column("superseded_by", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('signed', 'superseded')) = (receipt_no IS NOT NULL AND signed_at IS NOT NULL)",
            name=op.f("ck__filing__receipt"),
        ),
        sa.CheckConstraint("is_current = (state = 'signed')", name=op.f("ck__filing__current_is_signed")),
        sa.CheckConstraint(
            "state IN ('received', 'judging', 'rejected', 'needs_explanation', 'ready', 'signed', 'superseded', 'withdrawn')",
            name=op.f("ck__filing__state"),
        ),
        sa.CheckConstraint("number >= 1", name=op.f("ck__filing__number")),
        sa.ForeignKeyConstraint(["company_id"], ["company.id"], name=op.f("fk__filing__company_id__company")),
        sa.ForeignKeyConstraint(
            ["superseded_by"], ["filing.id"], name=op.f("fk__filing__superseded_by__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__filing")),
        sa.UniqueConstraint(
            "company_id", "feed", "period", "number", name=op.f("uq__filing__company_id_feed_period_number")
        ),
        sa.UniqueConstraint("company_id", "feed", "period", "repeat_digest", name="uq__filing__repeat"),
        sa.UniqueConstraint("company_id", "idempotency_key", name="uq__filing__idempotency_key"),
        sa.UniqueConstraint("public_id", name=op.f("uq__filing__public_id")),
        sa.UniqueConstraint("receipt_no", name=op.f("uq__filing__receipt_no")),
    )
    op.create_index(op.f("ix__filing_bytes_digest"), "filing", ["bytes_digest"], unique=False)
    op.create_index(
        op.f("ix__filing_company_id_filing_state"), "filing", ["company_id", "state"], unique=False
    )
    op.create_index(op.f("ix__filing_season"), "filing", ["season"], unique=False)
    op.create_index(
        "uq__filing__in_force",
        "filing",
        ["company_id", "feed", "period"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "issued_document",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("series", sa.String(length=20), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=60), nullable=False),
        sa.Column("title_zh", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column("object_type", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=80), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("content_digest", sa.String(length=64), nullable=False),
        sa.Column("annex_digest", sa.String(length=64), nullable=True),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("approved_by", sa.String(length=80), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bytes_digest", sa.String(length=64), nullable=True),
        sa.Column("bytes_size", sa.Integer(), nullable=True),
        sa.Column("rendered_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(bytes_digest IS NULL) = (bytes_size IS NULL)", name=op.f("ck__issued_document__size")
        ),
        sa.CheckConstraint(
            "(bytes_digest IS NULL) = (rendered_at IS NULL)", name=op.f("ck__issued_document__rendered")
        ),
        sa.CheckConstraint("serial >= 1", name=op.f("ck__issued_document__serial")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__issued_document__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__issued_document")),
        sa.UniqueConstraint("number", name=op.f("uq__issued_document__number")),
        sa.UniqueConstraint("public_id", name=op.f("uq__issued_document__public_id")),
        sa.UniqueConstraint("series", "year", "serial", name=op.f("uq__issued_document__series_year_serial")),
    )
    op.create_index(op.f("ix__issued_document_company_id"), "issued_document", ["company_id"], unique=False)
    op.create_index(
        op.f("ix__issued_document_object_type_issued_document_object_id"),
        "issued_document",
        ["object_type", "object_id"],
        unique=False,
    )
    op.create_table(
        "journal_personal_value",
        sa.Column("index", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("salt", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["index"], ["journal.index"], name=op.f("fk__journal_personal_value__index__journal")
        ),
        sa.PrimaryKeyConstraint("index", "field", name=op.f("pk__journal_personal_value")),
    )
    op.create_table(
        "portal_user",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("display_name", sa.String(length=80), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "officer",
                "supervising_officer",
                "system_administrator",
                "security_administrator",
                "audit_administrator",
                "company_clerk",
                "company_signatory",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("person_no", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_password_one_time", sa.Boolean(), nullable=False),
        sa.Column("totp_secret", sa.String(length=64), nullable=True),
        sa.Column("totp_pending_secret", sa.String(length=64), nullable=True),
        sa.Column("last_totp_step", sa.Integer(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "(company_id IS NOT NULL) = (role IN ('company_clerk', 'company_signatory'))",
            name=op.f("ck__portal_user__company_of_role"),
        ),
        sa.CheckConstraint("length(name) >= 2", name=op.f("ck__portal_user__name_length")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__portal_user__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__portal_user")),
        sa.UniqueConstraint("name", name=op.f("uq__portal_user__name")),
    )
    op.create_index(op.f("ix__portal_user_company_id"), "portal_user", ["company_id"], unique=False)
    op.create_index(op.f("ix__portal_user_person_no"), "portal_user", ["person_no"], unique=False)
    op.create_table(
        "supervision_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("title_zh", sa.String(length=300), nullable=False),
        sa.Column("title_en", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "opened",
                "submitted",
                "notified",
                "replied",
                "closed",
                "withdrawn",
                name="casestate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_by", sa.String(length=80), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(state IN ('closed', 'withdrawn')) = (ended_at IS NOT NULL)",
            name=op.f("ck__supervision_case__ended"),
        ),
        sa.CheckConstraint(
            "(state IN ('notified', 'replied', 'closed')) = (notified_at IS NOT NULL)",
            name=op.f("ck__supervision_case__notified"),
        ),
        sa.CheckConstraint(
            "state IN ('opened', 'submitted', 'notified', 'replied', 'closed', 'withdrawn')",
            name=op.f("ck__supervision_case__state"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__supervision_case__company_id__company")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__supervision_case")),
        sa.UniqueConstraint("number", name=op.f("uq__supervision_case__number")),
        sa.UniqueConstraint("public_id", name=op.f("uq__supervision_case__public_id")),
        sa.UniqueConstraint("year", "serial", name=op.f("uq__supervision_case__year_serial")),
    )
    op.create_index(
        op.f("ix__supervision_case_company_id_supervision_case_season"),
        "supervision_case",
        ["company_id", "season"],
        unique=False,
    )
    op.create_index(
        op.f("ix__supervision_case_state_supervision_case_opened_at"),
        "supervision_case",
        ["state", "opened_at"],
        unique=False,
    )
    op.create_table(
        "tariff_binding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("scope_id", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.CheckConstraint("valid_from <= valid_to", name=op.f("ck__tariff_binding__dates")),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["tariff_entry.id"], name=op.f("fk__tariff_binding__entry_id__tariff_entry")
        ),
        sa.ForeignKeyConstraint(
            ["scope_id"], ["tariff_scope.id"], name=op.f("fk__tariff_binding__scope_id__tariff_scope")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__tariff_binding")),
    )
    op.create_index(op.f("ix__tariff_binding_entry_id"), "tariff_binding", ["entry_id"], unique=False)
    op.create_index(op.f("ix__tariff_binding_scope_id"), "tariff_binding", ["scope_id"], unique=False)
    op.create_table(
        "case_annex",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=False),
        sa.Column("total_rows", sa.Integer(), nullable=False),
        sa.Column("csv_digest", sa.String(length=64), nullable=False),
        sa.Column("csv_size", sa.Integer(), nullable=False),
        sa.Column("billed_total", sa.BigInteger(), nullable=False),
        sa.Column("recomputed_total", sa.BigInteger(), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=False),
        sa.Column("amount_under", sa.BigInteger(), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["supervision_case.id"], name=op.f("fk__case_annex__case_id__supervision_case")
        ),
        sa.PrimaryKeyConstraint("case_id", name=op.f("pk__case_annex")),
    )
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("by_name", sa.String(length=80), nullable=False),
        sa.Column("by_role", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["supervision_case.id"], name=op.f("fk__case_event__case_id__supervision_case")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__case_event")),
    )
    op.create_index(op.f("ix__case_event_case_id"), "case_event", ["case_id"], unique=False)
    op.create_table(
        "check_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("accounts_filing_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("previous_run_id", sa.Integer(), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False),
        sa.Column("bills_digest", sa.String(length=64), nullable=False),
        sa.Column("accounts_digest", sa.String(length=64), nullable=True),
        sa.Column("neighbours_digest", sa.String(length=64), nullable=True),
        sa.Column("tariffs", sa.JSON(), nullable=False),
        sa.Column("tariffs_digest", sa.String(length=64), nullable=False),
        sa.Column("rules_digest", sa.String(length=64), nullable=False),
        sa.Column("inputs_digest", sa.String(length=64), nullable=False),
        sa.Column("outcomes_digest", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("conforms", sa.Integer(), nullable=False),
        sa.Column("breaches", sa.Integer(), nullable=False),
        sa.Column("inconclusive", sa.Integer(), nullable=False),
        sa.Column("billed_total", sa.BigInteger(), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=False),
        sa.Column("amount_under", sa.BigInteger(), nullable=False),
        sa.Column("missing", sa.JSON(), nullable=False),
        sa.Column("delta", sa.JSON(), nullable=True),
        sa.CheckConstraint("amount_over >= 0 AND amount_under >= 0", name=op.f("ck__check_run__amounts")),
        sa.CheckConstraint(
            "bills = conforms + breaches + inconclusive", name=op.f("ck__check_run__outcomes_add_up")
        ),
        sa.ForeignKeyConstraint(
            ["accounts_filing_id"], ["filing.id"], name=op.f("fk__check_run__accounts_filing_id__filing")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__check_run__company_id__company")
        ),
        sa.ForeignKeyConstraint(["filing_id"], ["filing.id"], name=op.f("fk__check_run__filing_id__filing")),
        sa.ForeignKeyConstraint(
            ["previous_run_id"], ["check_run.id"], name=op.f("fk__check_run__previous_run_id__check_run")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__check_run")),
        sa.UniqueConstraint(
            "company_id", "period", "number", name=op.f("uq__check_run__company_id_period_number")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq__check_run__public_id")),
    )
    op.create_index(
        op.f("ix__check_run_company_id_check_run_season"), "check_run", ["company_id", "season"], unique=False
    )
    op.create_index(op.f("ix__check_run_filing_id"), "check_run", ["filing_id"], unique=False)
    op.create_index(
        "uq__check_run__current",
        "check_run",
        ["company_id", "period"],
        unique=True,
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_table(
        "company_rating",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("company_code", sa.String(length=40), nullable=False),
        sa.Column("name_zh", sa.String(length=120), nullable=False),
        sa.Column("name_en", sa.String(length=120), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("exact", sa.Text(), nullable=False),
        sa.Column("grade", sa.String(length=4), nullable=False),
        sa.Column("grade_before_limiters", sa.String(length=4), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("rank_low", sa.Integer(), nullable=False),
        sa.Column("rank_high", sa.Integer(), nullable=False),
        sa.Column("is_tied", sa.Boolean(), nullable=False),
        sa.Column("alike", sa.JSON(), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("limiters", sa.JSON(), nullable=False),
        sa.Column("groups", sa.JSON(), nullable=False),
        sa.Column("gap", sa.JSON(), nullable=False),
        sa.Column("consequence_zh", sa.Text(), nullable=False),
        sa.Column("consequence_en", sa.Text(), nullable=False),
        sa.Column("is_escalated", sa.Boolean(), nullable=False),
        sa.Column("card_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "rank >= 1 AND rank_low <= rank AND rank <= rank_high", name=op.f("ck__company_rating__rank")
        ),
        sa.CheckConstraint("score >= 0 AND score <= 100000000", name=op.f("ck__company_rating__score")),
        sa.ForeignKeyConstraint(
            ["card_id"], ["issued_document.id"], name=op.f("fk__company_rating__card_id__issued_document")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__company_rating__company_id__company")
        ),
        sa.ForeignKeyConstraint(
            ["release_id"], ["rating_release.id"], name=op.f("fk__company_rating__release_id__rating_release")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__company_rating")),
        sa.UniqueConstraint("card_id", name=op.f("uq__company_rating__card_id")),
        sa.UniqueConstraint(
            "release_id", "company_id", name=op.f("uq__company_rating__release_id_company_id")
        ),
    )
    op.create_index(op.f("ix__company_rating_company_id"), "company_rating", ["company_id"], unique=False)
    op.create_table(
        "complaint_contact",
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("phone", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk__complaint_contact__complaint_id__complaint")
        ),
        sa.PrimaryKeyConstraint("complaint_id", name=op.f("pk__complaint_contact")),
    )
    op.create_table(
        "complaint_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("complaint_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=20), nullable=False),
        sa.Column("by_role", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["complaint_id"], ["complaint.id"], name=op.f("fk__complaint_event__complaint_id__complaint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__complaint_event")),
    )
    op.create_index(
        op.f("ix__complaint_event_complaint_id"), "complaint_event", ["complaint_id"], unique=False
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "submitted",
                "sent_back",
                "approved",
                "withdrawn",
                name="decisionstate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column(
            "kind",
            sa.Enum(
                "rectification_order",
                "warning",
                "no_action",
                name="decisionkind",
                native_enum=False,
                length=24,
            ),
            nullable=False,
        ),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("demand", sa.Text(), nullable=False),
        sa.Column("summary_en", sa.Text(), nullable=False),
        sa.Column("refund_total", sa.BigInteger(), nullable=False),
        sa.Column("refund_due_on", sa.Date(), nullable=True),
        sa.Column("reply_due_on", sa.Date(), nullable=True),
        sa.Column("legal_basis", sa.JSON(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("text_digest", sa.String(length=64), nullable=False),
        sa.Column("drafted_by", sa.String(length=80), nullable=False),
        sa.Column("drafted_person_no", sa.String(length=40), nullable=False),
        sa.Column("drafter", sa.String(length=80), nullable=False),
        sa.Column("author_person_nos", sa.JSON(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_back_reason", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.String(length=80), nullable=True),
        sa.Column("approved_person_no", sa.String(length=40), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("document_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'approved') = (approved_by IS NOT NULL)", name=op.f("ck__decision__approved_by")
        ),
        sa.CheckConstraint(
            "(state = 'approved') = (document_id IS NOT NULL)",
            name=op.f("ck__decision__approved_has_document"),
        ),
        sa.CheckConstraint(
            "kind IN ('rectification_order', 'warning', 'no_action')", name=op.f("ck__decision__kind")
        ),
        sa.CheckConstraint(
            "state IN ('draft', 'submitted', 'sent_back', 'approved', 'withdrawn')",
            name=op.f("ck__decision__state"),
        ),
        sa.CheckConstraint(
            "(refund_total > 0) = (refund_due_on IS NOT NULL)", name=op.f("ck__decision__refund_has_day")
        ),
        sa.CheckConstraint("approved_person_no <> drafted_person_no", name=op.f("ck__decision__four_eyes")),
        sa.CheckConstraint("refund_total >= 0", name=op.f("ck__decision__refund_total")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["supervision_case.id"], name=op.f("fk__decision__case_id__supervision_case")
        ),
        sa.ForeignKeyConstraint(
            ["document_id"], ["issued_document.id"], name=op.f("fk__decision__document_id__issued_document")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__decision")),
        sa.UniqueConstraint("case_id", "revision", name=op.f("uq__decision__case_id_revision")),
        sa.UniqueConstraint("document_id", name=op.f("uq__decision__document_id")),
    )
    op.create_index(op.f("ix__decision_case_id"), "decision", ["case_id"], unique=False)
    op.create_index(
        "uq__decision__approved",
        "decision",
        ["case_id"],
        unique=True,
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.create_table(
        "filing_explanation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("filing_id", sa.Integer(), nullable=False),
        sa.Column("edit_id", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=2000), nullable=False),
        sa.Column("explained_by", sa.String(length=80), nullable=False),
        sa.Column("explained_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["filing_id"], ["filing.id"], name=op.f("fk__filing_explanation__filing_id__filing")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__filing_explanation")),
        sa.UniqueConstraint("filing_id", "edit_id", name=op.f("uq__filing_explanation__filing_id_edit_id")),
    )
    op.create_table(
        "ticket",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("awaits_code", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "signed_out",
                "signed_in_again",
                "code_given",
                "too_many_codes",
                "ended_by_owner",
                "ended_by_administrator",
                "password_changed",
                "factor_changed",
                "deactivated",
                name="reason",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["portal_user.id"], name=op.f("fk__ticket__user_id__portal_user")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__ticket")),
        sa.UniqueConstraint("digest", name=op.f("uq__ticket__digest")),
    )
    op.create_index(op.f("ix__ticket_user_id"), "ticket", ["user_id"], unique=False)
    op.create_table(
        "finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=24), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("predecessor_id", sa.Integer(), nullable=True),
        sa.Column("is_latest", sa.Boolean(), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("category", sa.String(length=40), nullable=False),
        sa.Column("tariff_id", sa.String(length=80), nullable=True),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("exposed_bills", sa.Integer(), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=False),
        sa.Column("amount_under", sa.BigInteger(), nullable=False),
        sa.Column("largest", sa.BigInteger(), nullable=False),
        sa.Column("first_seen", sa.Date(), nullable=True),
        sa.Column("last_seen", sa.Date(), nullable=True),
        sa.Column("distribution", sa.JSON(), nullable=False),
        sa.Column("rows_digest", sa.String(length=64), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "in_case",
                "closed",
                "dismissed",
                "superseded",
                name="findingstate",
                native_enum=False,
                length=12,
            ),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=30), nullable=True),
        sa.Column("reason_note", sa.String(length=2000), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "(state = 'dismissed') <= (reason IS NOT NULL)", name=op.f("ck__finding__dismissal_has_reason")
        ),
        sa.CheckConstraint(
            "state IN ('open', 'in_case', 'closed', 'dismissed', 'superseded')",
            name=op.f("ck__finding__state"),
        ),
        sa.CheckConstraint("amount_over >= 0 AND amount_under >= 0", name=op.f("ck__finding__amounts")),
        sa.CheckConstraint("bills >= 1 AND exposed_bills >= bills", name=op.f("ck__finding__bills")),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__finding__company_id__company")
        ),
        sa.ForeignKeyConstraint(
            ["predecessor_id"], ["finding.id"], name=op.f("fk__finding__predecessor_id__finding")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["check_run.id"], name=op.f("fk__finding__run_id__check_run")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__finding")),
        sa.UniqueConstraint("public_id", name=op.f("uq__finding__public_id")),
    )
    op.create_index(
        op.f("ix__finding_company_id_finding_season"), "finding", ["company_id", "season"], unique=False
    )
    op.create_index(op.f("ix__finding_run_id"), "finding", ["run_id"], unique=False)
    op.create_index(
        op.f("ix__finding_state_finding_amount_over"), "finding", ["state", "amount_over"], unique=False
    )
    op.create_table(
        "refund_order",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("decision_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("season", sa.String(length=7), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("ordered", "reported", "confirmed", name="refundstate", native_enum=False, length=12),
            nullable=False,
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reported_amount", sa.BigInteger(), nullable=True),
        sa.Column("reported_text", sa.Text(), nullable=True),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_amount", sa.BigInteger(), nullable=True),
        sa.Column("confirmed_text", sa.Text(), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint(
            "(state <> 'ordered') <= (reported_amount IS NOT NULL)", name=op.f("ck__refund_order__reported")
        ),
        sa.CheckConstraint(
            "(state = 'confirmed') = (confirmed_amount IS NOT NULL)", name=op.f("ck__refund_order__confirmed")
        ),
        sa.CheckConstraint(
            "(state = 'ordered') <= (confirmed_amount IS NULL)", name=op.f("ck__refund_order__ordered")
        ),
        sa.CheckConstraint(
            "state IN ('ordered', 'reported', 'confirmed')", name=op.f("ck__refund_order__state")
        ),
        sa.CheckConstraint(
            "confirmed_amount <= reported_amount", name=op.f("ck__refund_order__confirmed_at_most")
        ),
        sa.CheckConstraint("total > 0", name=op.f("ck__refund_order__total")),
        sa.ForeignKeyConstraint(
            ["case_id"], ["supervision_case.id"], name=op.f("fk__refund_order__case_id__supervision_case")
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["company.id"], name=op.f("fk__refund_order__company_id__company")
        ),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk__refund_order__decision_id__decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__refund_order")),
        sa.UniqueConstraint("case_id", name=op.f("uq__refund_order__case_id")),
        sa.UniqueConstraint("decision_id", name=op.f("uq__refund_order__decision_id")),
    )
    op.create_index(
        op.f("ix__refund_order_company_id_refund_order_season"),
        "refund_order",
        ["company_id", "season"],
        unique=False,
    )
    op.create_index(
        op.f("ix__refund_order_state_refund_order_due_on"), "refund_order", ["state", "due_on"], unique=False
    )
    op.create_table(
        "case_finding",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("finding_id", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=60), nullable=False),
        sa.Column("bills", sa.Integer(), nullable=False),
        sa.Column("amount_over", sa.BigInteger(), nullable=False),
        sa.Column("amount_under", sa.BigInteger(), nullable=False),
        sa.Column("rows_digest", sa.String(length=64), nullable=False),
        sa.Column("snapshot", sa.JSON(), nullable=False),
        sa.Column("snapshot_digest", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["supervision_case.id"], name=op.f("fk__case_finding__case_id__supervision_case")
        ),
        sa.ForeignKeyConstraint(
            ["finding_id"], ["finding.id"], name=op.f("fk__case_finding__finding_id__finding")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk__case_finding")),
        sa.UniqueConstraint("case_id", "finding_id", name=op.f("uq__case_finding__case_id_finding_id")),
    )
    op.create_index(op.f("ix__case_finding_case_id"), "case_finding", ["case_id"], unique=False)
    op.create_index(op.f("ix__case_finding_finding_id"), "case_finding", ["finding_id"], unique=False)
    for statement in GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix__case_finding_finding_id"), table_name="case_finding")
    op.drop_index(op.f("ix__case_finding_case_id"), table_name="case_finding")
    op.drop_table("case_finding")
    op.drop_index(op.f("ix__refund_order_state_refund_order_due_on"), table_name="refund_order")
    op.drop_index(op.f("ix__refund_order_company_id_refund_order_season"), table_name="refund_order")
    op.drop_table("refund_order")
    op.drop_index(op.f("ix__finding_state_finding_amount_over"), table_name="finding")
    op.drop_index(op.f("ix__finding_run_id"), table_name="finding")
    op.drop_index(op.f("ix__finding_company_id_finding_season"), table_name="finding")
    op.drop_table("finding")
    op.drop_index(op.f("ix__ticket_user_id"), table_name="ticket")
    op.drop_table("ticket")
    op.drop_table("filing_explanation")
    op.drop_index(
        "uq__decision__approved",
        table_name="decision",
        sqlite_where=sa.text("state = 'approved'"),
        postgresql_where=sa.text("state = 'approved'"),
    )
    op.drop_index(op.f("ix__decision_case_id"), table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix__complaint_event_complaint_id"), table_name="complaint_event")
    op.drop_table("complaint_event")
    op.drop_table("complaint_contact")
    op.drop_index(op.f("ix__company_rating_company_id"), table_name="company_rating")
    op.drop_table("company_rating")
    op.drop_index(
        "uq__check_run__current",
        table_name="check_run",
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_index(op.f("ix__check_run_filing_id"), table_name="check_run")
    op.drop_index(op.f("ix__check_run_company_id_check_run_season"), table_name="check_run")
    op.drop_table("check_run")
    op.drop_index(op.f("ix__case_event_case_id"), table_name="case_event")
    op.drop_table("case_event")
    op.drop_table("case_annex")
    op.drop_index(op.f("ix__tariff_binding_scope_id"), table_name="tariff_binding")
    op.drop_index(op.f("ix__tariff_binding_entry_id"), table_name="tariff_binding")
    op.drop_table("tariff_binding")
    op.drop_index(
        op.f("ix__supervision_case_state_supervision_case_opened_at"), table_name="supervision_case"
    )
    op.drop_index(
        op.f("ix__supervision_case_company_id_supervision_case_season"), table_name="supervision_case"
    )
    op.drop_table("supervision_case")
    op.drop_index(op.f("ix__portal_user_person_no"), table_name="portal_user")
    op.drop_index(op.f("ix__portal_user_company_id"), table_name="portal_user")
    op.drop_table("portal_user")
    op.drop_table("journal_personal_value")
    op.drop_index(
        op.f("ix__issued_document_object_type_issued_document_object_id"), table_name="issued_document"
    )
    op.drop_index(op.f("ix__issued_document_company_id"), table_name="issued_document")
    op.drop_table("issued_document")
    op.drop_index(
        "uq__filing__in_force",
        table_name="filing",
        sqlite_where=sa.text("is_current"),
        postgresql_where=sa.text("is_current"),
    )
    op.drop_index(op.f("ix__filing_season"), table_name="filing")
    op.drop_index(op.f("ix__filing_company_id_filing_state"), table_name="filing")
    op.drop_index(op.f("ix__filing_bytes_digest"), table_name="filing")
    op.drop_table("filing")
    op.drop_index(op.f("ix__complaint_state_complaint_answer_by"), table_name="complaint")
    op.drop_index(op.f("ix__complaint_sender_mark_complaint_received_at"), table_name="complaint")
    op.drop_index(op.f("ix__complaint_company_id_complaint_received_at"), table_name="complaint")
    op.drop_table("complaint")
    op.drop_table("tariff_scope")
    op.drop_index(op.f("ix__tariff_entry_city"), table_name="tariff_entry")
    op.drop_index(op.f("ix__tariff_entry_category"), table_name="tariff_entry")
    op.drop_table("tariff_entry")
    op.drop_index(op.f("ix__sign_in_attempt_at"), table_name="sign_in_attempt")
    op.drop_index("ix__sign_in_attempt__name__at", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_index(
        "uq__rating_release__in_force",
        table_name="rating_release",
        sqlite_where=sa.text("state = 'released'"),
        postgresql_where=sa.text("state = 'released'"),
    )
    op.drop_index(
        "uq__rating_release__draft",
        table_name="rating_release",
        sqlite_where=sa.text("state = 'draft'"),
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.drop_table("rating_release")
    op.drop_index(op.f("ix__journal_object_id"), table_name="journal")
    op.drop_index(op.f("ix__journal_company_id"), table_name="journal")
    op.drop_index(op.f("ix__journal_act"), table_name="journal")
    op.drop_table("journal")
    op.drop_index(op.f("ix__job_state_job_number"), table_name="job")
    op.drop_table("job")
    op.drop_index(op.f("ix__complaint_lookup_sender_mark_complaint_lookup_at"), table_name="complaint_lookup")
    op.drop_table("complaint_lookup")
    op.drop_index(op.f("ix__company_city"), table_name="company")
    op.drop_table("company")
    if op.get_bind().dialect.name == "postgresql":
        for function in FUNCTIONS:
            op.execute(f"DROP FUNCTION {function}()")
