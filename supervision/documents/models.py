from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.db import Base, UTCDateTime


class IssuedDocument(Base):
    """A document that left the building. What it says never changes (triggers); the PDF is made of it once, and its
    digest is the only thing that is ever added."""

    __tablename__ = "issued_document"
    __table_args__ = (
        UniqueConstraint("series", "year", "serial"),
        CheckConstraint("serial >= 1", name="serial"),
        CheckConstraint("(bytes_digest IS NULL) = (rendered_at IS NULL)", name="rendered"),
        CheckConstraint("(bytes_digest IS NULL) = (bytes_size IS NULL)", name="size"),
        Index(None, "object_type", "object_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(
        String(24), unique=True, doc="in the address that is printed on it"
    )
    kind: Mapped[str] = mapped_column(String(30), doc="code of the feature that issued it")
    series: Mapped[str] = mapped_column(String(20), doc="what stands before the year: 热监责改")
    year: Mapped[int]
    serial: Mapped[int] = mapped_column(doc="1, 2, … without a gap within (series, year)")
    number: Mapped[str] = mapped_column(String(60), unique=True, doc="文号: 热监责改〔2025〕1号")
    title_zh: Mapped[str] = mapped_column(String(300))
    title_en: Mapped[str] = mapped_column(String(300))
    object_type: Mapped[str] = mapped_column(String(40), doc="what it is about")
    object_id: Mapped[str] = mapped_column(String(80))
    company_id: Mapped[int] = mapped_column(
        ForeignKey("company.id"), index=True, doc="to whom it is addressed"
    )
    content: Mapped[dict[str, Any]] = mapped_column(JSON, doc="every field of the document, as it was frozen")
    content_digest: Mapped[str] = mapped_column(
        String(64), doc="SHA-256 of the canonical content; printed on it"
    )
    annex_digest: Mapped[str | None] = mapped_column(String(64), doc="evidence: the full annex as CSV")
    drafted_by: Mapped[str] = mapped_column(String(80))
    approved_by: Mapped[str] = mapped_column(String(80))
    issued_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    bytes_digest: Mapped[str | None] = mapped_column(
        String(64), doc="evidence: the PDF; null until it is made"
    )
    bytes_size: Mapped[int | None]
    rendered_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)


_ADDED_ONCE = ("bytes_digest", "bytes_size", "rendered_at")
_FROZEN = ", ".join(
    column.name for column in IssuedDocument.__table__.columns if column.name not in _ADDED_ONCE
)
_SAYS = "an issued document never changes"

FROZEN_SQLITE = [
    f"""CREATE TRIGGER issued_document_{name} BEFORE {when} ON issued_document{condition}
BEGIN SELECT RAISE(ABORT, '{_SAYS}'); END"""
    for name, when, condition in (
        ("frozen", f"UPDATE OF {_FROZEN}", ""),
        ("rendered_once", "UPDATE", " WHEN OLD.bytes_digest IS NOT NULL"),
        ("kept", "DELETE", ""),
    )
]
FROZEN_POSTGRESQL = [
    f"""CREATE FUNCTION issued_document_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{_SAYS}'; END $$""",
    f"""CREATE TRIGGER issued_document_frozen BEFORE UPDATE OF {_FROZEN} ON issued_document
FOR EACH STATEMENT EXECUTE FUNCTION issued_document_frozen()""",
    """CREATE TRIGGER issued_document_rendered_once BEFORE UPDATE ON issued_document
FOR EACH ROW WHEN (OLD.bytes_digest IS NOT NULL) EXECUTE FUNCTION issued_document_frozen()""",
    """CREATE TRIGGER issued_document_kept BEFORE DELETE OR TRUNCATE ON issued_document
FOR EACH STATEMENT EXECUTE FUNCTION issued_document_frozen()""",
]
for _dialect, _statements in (("sqlite", FROZEN_SQLITE), ("postgresql", FROZEN_POSTGRESQL)):
    for _statement in _statements:
        event.listen(IssuedDocument.__table__, "after_create", DDL(_statement).execute_if(dialect=_dialect))
