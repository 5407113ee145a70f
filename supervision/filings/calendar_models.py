"""What moves the last day of a filing: an extension for one company, an outage of the portal for all."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base, UTCDateTime


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
