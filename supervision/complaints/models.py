from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.complaints.lifecycle import ComplaintState
from supervision.db import Base, FixedPoint, UTCDateTime

_STATE = Enum(
    ComplaintState, native_enum=False, length=12, values_callable=lambda states: [one.value for one in states]
)
_STATES = ", ".join(f"'{state}'" for state in ComplaintState)


class Complaint(Base):
    """One complaint. ``number`` is public and counts without a gap; the tracking code is kept as a hash only."""

    __tablename__ = "complaint"
    __table_args__ = (
        UniqueConstraint("year", "year_number"),
        CheckConstraint(f"state IN ({_STATES})", name="state"),
        CheckConstraint("(state IN ('answered', 'closed')) <= (answer IS NOT NULL)", name="answered"),
        CheckConstraint("(answer_kind = 'monetary') <= (answer_amount IS NOT NULL)", name="amount"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name="closed"),
        Index(None, "state", "answer_by"),
        Index(None, "company_id", "received_at"),
        Index(None, "sender_mark", "received_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(String(20), unique=True, doc="TS2025-000123")
    year: Mapped[int]
    year_number: Mapped[int]
    tracking_hash: Mapped[str] = mapped_column(String(64), doc="SHA-256 of number and tracking code")
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    topic: Mapped[str] = mapped_column(String(20))
    place: Mapped[str] = mapped_column(String(120), doc="estate and building as given")
    account_no: Mapped[str | None] = mapped_column(String(64))
    bill_no: Mapped[str | None] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)
    sender_mark: Mapped[str] = mapped_column(
        String(64), doc="keyed hash of the sender's address, for the limit"
    )
    received_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    on_site_by: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    answer_by: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    close_by: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    rule_zh: Mapped[str] = mapped_column(Text, doc="the rule behind the deadlines, as it stood on receipt")
    rule_en: Mapped[str] = mapped_column(Text)
    rule_source: Mapped[str] = mapped_column(Text)
    is_rule_assumed: Mapped[bool]
    state: Mapped[ComplaintState] = mapped_column(_STATE, default=ComplaintState.RECEIVED)
    version: Mapped[int] = mapped_column(default=1)
    answer: Mapped[str | None] = mapped_column(Text)
    answer_kind: Mapped[str | None] = mapped_column(
        String(16), doc="monetary, non_monetary, explanation, unfounded"
    )
    answer_amount: Mapped[Decimal | None] = mapped_column(FixedPoint(2), doc="CNY given back")
    first_answered_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    first_closed_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    reopened: Mapped[int] = mapped_column(default=0, doc="how often the complainant reopened it")

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)
    events: Mapped[list[ComplaintEvent]] = relationship(
        back_populates="complaint", order_by="ComplaintEvent.id", cascade="all, delete-orphan"
    )


class ComplaintContact(Base):
    """How to reach the complainant. Officers see it, companies and the public never; erasable on its own."""

    __tablename__ = "complaint_contact"

    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), primary_key=True)
    phone: Mapped[str] = mapped_column(String(30))


class ComplaintEvent(Base):
    """One step of a complaint, as its complainant reads it."""

    __tablename__ = "complaint_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    complaint_id: Mapped[int] = mapped_column(ForeignKey("complaint.id"), index=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    act: Mapped[str] = mapped_column(String(20))
    by_role: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(12))
    text: Mapped[str | None] = mapped_column(Text)
    complaint: Mapped[Complaint] = relationship(back_populates="events")


class ComplaintLookup(Base):
    """A wrong tracking code tried from an address; ten within ten minutes close the door for a while."""

    __tablename__ = "complaint_lookup"
    __table_args__ = (Index(None, "sender_mark", "at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sender_mark: Mapped[str] = mapped_column(String(64))
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
