from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base, UTCDateTime, new_public_id


class Heartbeat(Base):
    """When a part of the service (``web`` or ``worker``) last said that it runs, whichever of its processes it was."""

    __tablename__ = "heartbeat"

    part: Mapped[str] = mapped_column(String(10), primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(UTCDateTime)


class Silence(Base):
    """A time in which a part of the service said nothing. Whether it was an outage for anybody, a person says
    (``settled_by``); nothing is assumed."""

    __tablename__ = "silence"
    __table_args__ = (
        CheckConstraint("began_at < ended_at", name="order"),
        CheckConstraint("(settled_by IS NULL) = (settled_at IS NULL)", name="settled"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(24), unique=True, default=new_public_id)
    part: Mapped[str] = mapped_column(String(10))
    began_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="the last beat before it")
    ended_at: Mapped[dt.datetime] = mapped_column(UTCDateTime, doc="the first beat after it")
    settled_by: Mapped[str | None] = mapped_column(String(80))
    settled_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
