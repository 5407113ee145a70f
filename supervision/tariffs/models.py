from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, Date, ForeignKey, String, Table, UniqueConstraint, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base, UTCDateTime

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
_TABLE: Table = TariffBinding.__table__  # type: ignore[assignment]
for _dialect, _statements in (("sqlite", NO_OVERLAP_SQLITE), ("postgresql", NO_OVERLAP_POSTGRESQL)):
    for _statement in _statements:
        event.listen(_TABLE, "after_create", DDL(_statement).execute_if(dialect=_dialect))
