"""What moves or lifts what a company owes: extensions, exemptions, declarations that there is nothing, outages."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.db import Base, UTCDateTime, new_public_id


class FilingExtension(Base):
    """A company may file later than the rule says; of several for one filing the latest day counts."""

    __tablename__ = "filing_extension"

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    feed: Mapped[str] = mapped_column(String(30))
    period: Mapped[str] = mapped_column(String(10))
    due_on: Mapped[dt.date] = mapped_column(doc="the new last day")
    reason: Mapped[str] = mapped_column(String(500))
    granted_by: Mapped[str] = mapped_column(String(80))
    granted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class Outage(Base):
    """The portal could not be used from ``began_at`` to ``ended_at``: whose last day fell into it is not late."""

    __tablename__ = "outage"
    __table_args__ = (CheckConstraint("began_at <= ended_at", name="order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    reason: Mapped[str] = mapped_column(String(500))
    entered_by: Mapped[str] = mapped_column(String(80))
    entered_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class FilingExemption(Base):
    """A company need not file a feed for the days from ``first_day`` to ``last_day``, or until further notice: it is not yet
    connected, it has no such plant. A period is lifted where all of it lies within."""

    __tablename__ = "filing_exemption"
    __table_args__ = (
        CheckConstraint("last_day IS NULL OR first_day <= last_day", name="order"),
        CheckConstraint("(ended_by IS NULL) = (ended_at IS NULL)", name="ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    feed: Mapped[str] = mapped_column(String(30))
    first_day: Mapped[dt.date]
    last_day: Mapped[dt.date | None] = mapped_column(doc="none: until further notice")
    reason: Mapped[str] = mapped_column(String(500))
    granted_by: Mapped[str] = mapped_column(String(80))
    granted_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    ended_by: Mapped[str | None] = mapped_column(
        String(80), doc="who ended it before its day, with its last day"
    )
    ended_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)

    def covers(self, first: dt.date, last: dt.date) -> bool:
        """Whether all of these days lie within."""
        return self.first_day <= first and (self.last_day is None or last <= self.last_day)


class NothingToReport(Base):
    """A signatory's declaration that a company has nothing to report of a feed for a period (一期无数据的声明). Of a month that
    is owed by its days it answers for those to ``through`` that nothing was filed for. What is filed counts before it."""

    __tablename__ = "nothing_to_report"
    __table_args__ = (UniqueConstraint("company_id", "feed", "period", "through"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    feed: Mapped[str] = mapped_column(String(30))
    period: Mapped[str] = mapped_column(String(10))
    through: Mapped[dt.date] = mapped_column(doc="the last day it speaks of")
    signed_by: Mapped[str] = mapped_column(String(80))
    signed_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
