from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.companies.models import Company
from supervision.db import Base, UTCDateTime, new_public_id


class ApiToken(Base):
    """What a company's program shows to file by itself. The program holds 256 random bits; the register holds only
    their digest. A name is never used twice in a company, so that it says for ever who filed."""

    __tablename__ = "api_token"
    __table_args__ = (
        UniqueConstraint("company_id", "name"),
        CheckConstraint("made_at < expires_at", name="life"),
        CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    name: Mapped[str] = mapped_column(String(40), doc="of the program: billing-system")
    digest: Mapped[str] = mapped_column(String(64), unique=True, doc="SHA-256 of the token, hexadecimal")
    feeds: Mapped[list[str]] = mapped_column(JSON)
    season: Mapped[str] = mapped_column(String(7))
    periods: Mapped[list[str]] = mapped_column(JSON, doc="within the season; empty: all of it")
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    made_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    made_by: Mapped[str] = mapped_column(String(80))
    last_used_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, doc="kept to the minute")
    last_address: Mapped[str | None] = mapped_column(String(45))
    revoked_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    revoked_by: Mapped[str | None] = mapped_column(String(80))

    company: Mapped[Company] = relationship(lazy="joined", innerjoin=True)

    def stands_at(self, now: dt.datetime) -> str:
        """``revoked``, ``expired`` or ``valid``."""
        if self.revoked_at is not None:
            return "revoked"
        return "valid" if now < self.expires_at else "expired"


class ResumableUpload(Base):
    """A file that comes in parts. What has come lies in the folder of uploads; how much of it is durable stands here.
    Once it is whole it is filed, and this says as what, until it expires."""

    __tablename__ = "resumable_upload"
    __table_args__ = (CheckConstraint("received BETWEEN 0 AND size AND size > 0", name="received"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"), index=True)
    feed: Mapped[str] = mapped_column(String(30))
    period: Mapped[str] = mapped_column(String(10))
    season: Mapped[str] = mapped_column(String(7))
    filename: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger, doc="bytes, as declared first")
    digest: Mapped[str] = mapped_column(String(64), doc="SHA-256, as declared first")
    is_test: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    is_correction: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), doc="it holds rows to change in the filing in force"
    )
    declared: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, doc="rows and totals, as in filing.declared"
    )
    received: Mapped[int] = mapped_column(BigInteger, default=0, doc="bytes that are on the disk")
    begun_by: Mapped[str] = mapped_column(String(80))
    begun_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="later with every part that comes")
    filing_id: Mapped[int | None] = mapped_column(ForeignKey("filing.id"), doc="once it is whole and filed")


class DroppedFile(Base):
    """A file that was taken from the drop folder and filed. ``key`` is of that very file, so it is filed once."""

    __tablename__ = "dropped_file"
    __table_args__ = (UniqueConstraint("company_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    company_id: Mapped[int] = mapped_column(ForeignKey("company.id"))
    key: Mapped[str] = mapped_column(String(40), doc="digest of its name, inode, size and times")
    filing_id: Mapped[int] = mapped_column(ForeignKey("filing.id"))
    filed_name: Mapped[str] = mapped_column(String(120), doc="what it is called among the filed ones")
    complete_at: Mapped[dt.datetime | None] = mapped_column(
        UTCDateTime,
        doc="when all of it lay there: the time of its filing; not kept of files taken before it counted",
    )
    taken_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="when a worker took it")
    told: Mapped[str | None] = mapped_column(String(20), doc="the state its verdict was last written for")
