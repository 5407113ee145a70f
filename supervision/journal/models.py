from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import DDL, JSON, ForeignKey, String, event
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base, UTCDateTime


class JournalEntry(Base):
    """One act. ``entry_hash`` covers every other column and the hash before it; rows are never changed (triggers)."""

    __tablename__ = "journal"

    index: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    actor: Mapped[str] = mapped_column(String(80), doc="sign-in name, or public, or system")
    role: Mapped[str] = mapped_column(String(40))
    act: Mapped[str] = mapped_column(String(60), index=True, doc="object.verb, such as filing.signed")
    object_type: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(80), index=True)
    company_id: Mapped[int | None] = mapped_column(index=True)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON, doc="what changed; never a personal value")
    commitments: Mapped[dict[str, str]] = mapped_column(
        JSON, doc="field → SHA-256 of salt and personal value"
    )
    previous_hash: Mapped[str] = mapped_column(String(64))
    entry_hash: Mapped[str] = mapped_column(String(64), unique=True)


class JournalPersonalValue(Base):
    """The personal value behind a commitment. Erasing the row leaves every proof valid (PIPL art. 47)."""

    __tablename__ = "journal_personal_value"

    index: Mapped[int] = mapped_column(ForeignKey("journal.index"), primary_key=True)
    field: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str]
    salt: Mapped[str] = mapped_column(String(64))


APPEND_ONLY_SQLITE = [
    f"""CREATE TRIGGER journal_no_{verb.lower()} BEFORE {verb} ON journal
BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END"""
    for verb in ("UPDATE", "DELETE")
]
APPEND_ONLY_POSTGRESQL = [
    """CREATE FUNCTION journal_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the journal is append-only'; END $$""",
    """CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON journal
FOR EACH STATEMENT EXECUTE FUNCTION journal_append_only()""",
]
for dialect, statements in (("sqlite", APPEND_ONLY_SQLITE), ("postgresql", APPEND_ONLY_POSTGRESQL)):
    for statement in statements:
        event.listen(JournalEntry.__table__, "after_create", DDL(statement).execute_if(dialect=dialect))
