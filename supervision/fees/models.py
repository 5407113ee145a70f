from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from sqlalchemy import DDL, JSON, CheckConstraint, Date, Enum, ForeignKey, String, Table, Text, event
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.db import Base, UTCDateTime, new_public_id
from supervision.fees.lifecycle import EntryState

_STATE = Enum(
    EntryState, native_enum=False, length=12, values_callable=lambda states: [one.value for one in states]
)


def _listed(states: Iterable[EntryState]) -> str:
    return ", ".join(f"'{state}'" for state in states)


class FeeEntry(Base):
    """A charge beside the heat price on its way into the register, or in it: a new charge, or more names and a ruling of one
    that is known. Two different natural persons enter and approve it."""

    __tablename__ = "fee_entry"
    __table_args__ = (
        CheckConstraint(f"state IN ({_listed(EntryState)})", name="state"),
        CheckConstraint("approved_by_person <> drafted_by_person", name="approver_is_not_author"),
        CheckConstraint(
            "(state IN ('approved', 'withdrawn')) = (approved_by_person IS NOT NULL AND approved_at IS NOT NULL)",
            name="approved",
        ),
        CheckConstraint(
            "(state = 'withdrawn') = (withdrawn_at IS NOT NULL AND withdrawal_reason IS NOT NULL)",
            name="withdrawn",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    code: Mapped[str] = mapped_column(String(40), index=True, doc="of the charge")
    state: Mapped[EntryState] = mapped_column(_STATE, default=EntryState.DRAFT)
    version: Mapped[int] = mapped_column(default=1)
    record: Mapped[dict[str, Any]] = mapped_column(JSON, doc="fee and source as checks.fees writes them")
    record_digest: Mapped[str] = mapped_column(String(64), doc="SHA-256 of the canonical record")
    known_from: Mapped[dt.date] = mapped_column(Date, doc="the day the notice was published")
    drafted_by: Mapped[str] = mapped_column(String(80), doc="sign-in name")
    drafted_by_person: Mapped[str] = mapped_column(String(40), doc="the natural person behind it")
    drafted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    approved_by_person: Mapped[str | None] = mapped_column(String(40))
    approved_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    withdrawal_reason: Mapped[str | None] = mapped_column(Text)

    events: Mapped[list[FeeEvent]] = relationship(back_populates="entry", order_by="FeeEvent.id")


class FeeEvent(Base):
    """One step of an entry: who, when, what, and why."""

    __tablename__ = "fee_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("fee_entry.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    act: Mapped[str] = mapped_column(String(20))
    by_name: Mapped[str] = mapped_column(String(80))
    by_role: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12), doc="of the entry afterwards")
    reason: Mapped[str | None] = mapped_column(Text)

    entry: Mapped[FeeEntry] = relationship(back_populates="events")


# What was approved is what stands: from then on neither the record nor who answers for it changes.
_KEPT = (
    "public_id, code, record, record_digest, known_from, drafted_by_person, approved_by_person, approved_at"
)
_APPROVED = f"OLD.state IN ({_listed((EntryState.APPROVED, EntryState.WITHDRAWN))})"
FROZEN_SQLITE = [
    f"""CREATE TRIGGER fee_entry_frozen BEFORE UPDATE OF {_KEPT} ON fee_entry WHEN {_APPROVED}
BEGIN SELECT RAISE(ABORT, 'an approved charge never changes'); END""",
    """CREATE TRIGGER fee_entry_kept BEFORE DELETE ON fee_entry
BEGIN SELECT RAISE(ABORT, 'a charge entered is never deleted'); END""",
]
FROZEN_POSTGRESQL = [
    """CREATE FUNCTION fee_entry_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'an approved charge never changes'; END $$""",
    f"""CREATE TRIGGER fee_entry_frozen BEFORE UPDATE OF {_KEPT} ON fee_entry
FOR EACH ROW WHEN ({_APPROVED}) EXECUTE FUNCTION fee_entry_frozen()""",
    """CREATE TRIGGER fee_entry_kept BEFORE DELETE OR TRUNCATE ON fee_entry
FOR EACH STATEMENT EXECUTE FUNCTION fee_entry_frozen()""",
]
for _dialect, _statements in (("sqlite", FROZEN_SQLITE), ("postgresql", FROZEN_POSTGRESQL)):
    _table: Table = FeeEntry.__table__  # type: ignore[assignment]
    for _statement in _statements:
        event.listen(_table, "after_create", DDL(_statement).execute_if(dialect=_dialect))
