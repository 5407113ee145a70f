from __future__ import annotations

import datetime as dt
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.db import Base, UTCDateTime


class JobState(StrEnum):
    QUEUED = "queued"  # waiting for a worker, or for its next try
    RUNNING = "running"  # leased to a worker; free again when the lease has run out
    DONE = "done"
    PARKED = "parked"  # given up; a person reads the error and retries it


class Job(Base):
    """One piece of background work. Who holds the lease owns the row; every change of state is a conditional UPDATE
    that names the holder it was decided on."""

    __tablename__ = "job"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'parked')", name="state"),
        CheckConstraint(
            "(state = 'running') = (lease_until IS NOT NULL AND worker IS NOT NULL)", name="lease"
        ),
        Index(None, "state", "number"),
    )

    number: Mapped[int] = mapped_column(primary_key=True, doc="order of arrival")
    id: Mapped[str] = mapped_column(String(24), unique=True, doc="public identifier")
    name: Mapped[str] = mapped_column(String(60), doc="which registered function")
    arguments: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str | None] = mapped_column(String(200), unique=True, doc="at most one job ever has it")
    state: Mapped[str] = mapped_column(String(10))
    tries: Mapped[int] = mapped_column(
        doc="how often a worker has begun it since it was last put in the queue"
    )
    due_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, doc="not before; null is at once")
    worker: Mapped[str | None] = mapped_column(String(120), doc="holder of the lease: worker and claim")
    lease_until: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
    stage: Mapped[str] = mapped_column(String(60), doc="what it is doing, a code of the feature")
    progress_done: Mapped[int]
    progress_total: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(Text, doc="of the last try that failed")
    enqueued_at: Mapped[dt.datetime] = mapped_column(UTCDateTime)
    started_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime, doc="of the last try")
    finished_at: Mapped[dt.datetime | None] = mapped_column(UTCDateTime)
