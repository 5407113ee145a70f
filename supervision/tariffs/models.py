from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import (
    DDL,
    JSON,
    CheckConstraint,
    Date,
    Enum,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
    event,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base, UTCDateTime, new_public_id
from supervision.tariffs.lifecycle import STANDING, DraftState

OPEN_START = dt.date(1, 1, 1)  # since before the earliest source anybody saw
OPEN_END = dt.date(9999, 12, 31)


class TariffEntry(Base):
    """One tariff record as entered, never changed afterwards; a correction is a new entry that supersedes it."""

    __tablename__ = "tariff_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    tariff_id: Mapped[str] = mapped_column(
        String(80), unique=True, doc="the stable id of the record: hrb-res-2015"
    )
    digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the canonical record")
    record: Mapped[dict[str, Any]] = mapped_column(JSON, doc="the record as checks.tariffs writes it")
    province: Mapped[str] = mapped_column(String(40))
    city: Mapped[str] = mapped_column(String(40), index=True)
    category: Mapped[str] = mapped_column(String(40), index=True)
    standing: Mapped[str] = mapped_column(String(20))
    confidence: Mapped[str] = mapped_column(String(10))
    valid_from: Mapped[dt.date | None] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date)
    known_from: Mapped[dt.date] = mapped_column(Date)
    entered_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    entered_by: Mapped[str] = mapped_column(String(80))
    published_at: Mapped[dt.datetime | None] = mapped_column(
        UTCDateTime, doc="null: approved and not public yet; nothing is priced by it"
    )
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, doc="prices nothing any more")
    ends_on: Mapped[dt.date | None] = mapped_column(
        Date, doc="last day before the version that follows takes over; holds once that one is public"
    )
    followed_by: Mapped[str | None] = mapped_column(String(80), doc="tariff_id of the version that follows")
    bindings: Mapped[list[TariffBinding]] = relationship(back_populates="entry", cascade="all, delete-orphan")

    __table_args__ = (
        CheckConstraint("valid_to IS NULL OR valid_from IS NULL OR valid_from <= valid_to", name="dates"),
        CheckConstraint("confidence IN ('high', 'medium')", name="confidence"),
    )


class TariffScope(Base):
    """What exactly one tariff prices on any one day: city, service area, category and billing method."""

    __tablename__ = "tariff_scope"
    __table_args__ = (
        UniqueConstraint("city", "service_area", "category", "method", name="uq__tariff_scope__all"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    city: Mapped[str] = mapped_column(String(40))
    service_area: Mapped[str] = mapped_column(String(40))
    category: Mapped[str] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(20))


class TariffBinding(Base):
    """On these days this entry prices this scope. Two bindings of one scope on one day are refused by the
    database: an exclusion constraint on PostgreSQL, a trigger on SQLite."""

    __tablename__ = "tariff_binding"
    __table_args__ = (CheckConstraint("valid_from <= valid_to", name="dates"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("tariff_entry.id"), index=True)
    scope_id: Mapped[int] = mapped_column(ForeignKey("tariff_scope.id"), index=True)
    valid_from: Mapped[dt.date] = mapped_column(Date)
    valid_to: Mapped[dt.date] = mapped_column(Date)
    entry: Mapped[TariffEntry] = relationship(back_populates="bindings")
    scope: Mapped[TariffScope] = relationship()


_STATE = Enum(
    DraftState, native_enum=False, length=12, values_callable=lambda states: [one.value for one in states]
)


def _listed(states: Iterable[DraftState]) -> str:
    return ", ".join(f"'{state}'" for state in states)


_LIVE = text(f"state NOT IN ({_listed((DraftState.WITHDRAWN, DraftState.DISCARDED))})")


class TariffDraft(Base):
    """A tariff on its way into the register: what was entered, the notice it was entered from, what its approval would
    do, and who did what. Three different natural persons enter, review and approve it."""

    __tablename__ = "tariff_draft"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(DraftState)})", name="state"),
        CheckConstraint("reviewed_by_person <> drafted_by_person", name="reviewer_is_not_author"),
        CheckConstraint("approved_by_person <> drafted_by_person", name="approver_is_not_author"),
        CheckConstraint("approved_by_person <> reviewed_by_person", name="approver_is_not_reviewer"),
        CheckConstraint(
            "state NOT IN ('reviewed', 'approved', 'published', 'withdrawn') OR reviewed_by_person IS NOT NULL",
            name="reviewed",
        ),
        CheckConstraint(
            "(state IN ('approved', 'published', 'withdrawn')) = "
            "(approved_by_person IS NOT NULL AND entry_id IS NOT NULL AND effect_digest IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "state NOT IN ('approved', 'published', 'withdrawn') OR notice_digest IS NOT NULL OR has_link",
            name="approved_from_a_source",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name="withdrawn",
        ),
        Index(
            "uq__tariff_draft__tariff_id",
            "tariff_id",
            unique=True,
            sqlite_where=_LIVE,
            postgresql_where=_LIVE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    tariff_id: Mapped[str] = mapped_column(String(80), doc="the id it will have in the register")
    city: Mapped[str] = mapped_column(String(40), index=True)
    state: Mapped[DraftState] = mapped_column(_STATE, default=DraftState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    record: Mapped[dict[str, Any]] = mapped_column(JSON, doc="as written so far; a draft may lack fields")
    record_digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the canonical record")
    has_link: Mapped[bool] = mapped_column(doc="a source of it has an address")
    notice_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the notice as published")
    notice_name: Mapped[str | None] = mapped_column(String(200))
    notice_type: Mapped[str | None] = mapped_column(String(40), doc="media type, told from the bytes")
    publish_on: Mapped[dt.date | None] = mapped_column(Date, doc="null: at approval")
    warnings: Mapped[list[str]] = mapped_column(JSON, doc="codes of the plausibility test acknowledged")
    warnings_reason: Mapped[str | None] = mapped_column(Text, doc="why it is right all the same")
    effect_of: Mapped[str | None] = mapped_column(String(64), doc="digest of the record the effect is of")
    effect_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: what its approval changes, JSON"
    )
    realised_of: Mapped[str | None] = mapped_column(String(64), doc="digest of what the comparison rests on")
    realised_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: what the first season under it shows, JSON"
    )
    drafted_by: Mapped[str] = mapped_column(String(80), doc="sign-in name")
    drafted_by_person: Mapped[str] = mapped_column(String(40), doc="the natural person behind it")
    drafted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    reviewed_by: Mapped[str | None] = mapped_column(String(80))
    reviewed_by_person: Mapped[str | None] = mapped_column(String(40))
    reviewed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_by_person: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)
    entry_id: Mapped[int | None] = mapped_column(ForeignKey("tariff_entry.id"), unique=True)

    entry: Mapped[TariffEntry | None] = relationship()
    events: Mapped[list[TariffEvent]] = relationship(back_populates="draft", order_by="TariffEvent.id")

    @property
    def supersedes(self) -> str | None:
        found: str | None = self.record.get("supersedes")
        return found


class TariffEvent(Base):
    """One step of a draft: who, when, what, and why."""

    __tablename__ = "tariff_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    draft_id: Mapped[int] = mapped_column(ForeignKey("tariff_draft.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    act: Mapped[str] = mapped_column(String(20))
    by_name: Mapped[str] = mapped_column(String(80))
    by_role: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), doc="of the draft afterwards")
    reason: Mapped[str | None] = mapped_column(Text)

    draft: Mapped[TariffDraft] = relationship(back_populates="events")


_OVERLAP = """SELECT RAISE(ABORT, 'tariff_binding_overlap') WHERE EXISTS (
  SELECT 1 FROM tariff_binding AS other WHERE other.scope_id = NEW.scope_id AND other.id IS NOT NEW.id
  AND other.valid_from <= NEW.valid_to AND other.valid_to >= NEW.valid_from)"""
NO_OVERLAP_SQLITE = [
    f"CREATE TRIGGER tariff_binding_no_overlap_{verb.lower()} BEFORE {verb} ON tariff_binding BEGIN {_OVERLAP}; END"
    for verb in ("INSERT", "UPDATE")
]
NO_OVERLAP_POSTGRESQL = [
    # int8range makes an equality that gist knows without an extension
    """ALTER TABLE tariff_binding ADD CONSTRAINT tariff_binding_overlap EXCLUDE USING gist
(int8range(scope_id, scope_id, '[]') WITH &&, daterange(valid_from, valid_to, '[]') WITH &&)"""
]
# What was approved is what stands: from then on neither the record, nor its notice, nor who answers for it, changes.
_KEPT = (
    "tariff_id, record, record_digest, notice_digest, effect_digest, warnings_reason, drafted_by_person, "
    "reviewed_by_person, approved_by_person, approved_at, entry_id"
)
_APPROVED = f"OLD.state IN ({_listed((*STANDING, DraftState.WITHDRAWN))})"
FROZEN_SQLITE = [
    f"""CREATE TRIGGER tariff_draft_frozen BEFORE UPDATE OF {_KEPT} ON tariff_draft WHEN {_APPROVED}
BEGIN SELECT RAISE(ABORT, 'an approved tariff never changes'); END""",
    """CREATE TRIGGER tariff_draft_kept BEFORE DELETE ON tariff_draft
BEGIN SELECT RAISE(ABORT, 'a tariff draft is never deleted'); END""",
]
FROZEN_POSTGRESQL = [
    """CREATE FUNCTION tariff_draft_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an approved tariff never changes'; END $$""",
    f"""CREATE TRIGGER tariff_draft_frozen BEFORE UPDATE OF {_KEPT} ON tariff_draft
FOR EACH ROW WHEN ({_APPROVED}) EXECUTE FUNCTION tariff_draft_frozen()""",
    """CREATE TRIGGER tariff_draft_kept BEFORE DELETE OR TRUNCATE ON tariff_draft
FOR EACH STATEMENT EXECUTE FUNCTION tariff_draft_frozen()""",
]
for _model, _dialect, _statements in (
    (TariffBinding, "sqlite", NO_OVERLAP_SQLITE),
    (TariffBinding, "postgresql", NO_OVERLAP_POSTGRESQL),
    (TariffDraft, "sqlite", FROZEN_SQLITE),
    (TariffDraft, "postgresql", FROZEN_POSTGRESQL),
):
    _table: Table = _model.__table__  # type: ignore[assignment]
    for _statement in _statements:
        event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))
