"""Jobs as their callers and the pages see them: put on record, looked at, tried again."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from supervision.db import new_public_id
from supervision.jobs.models import Job, JobState
from supervision.jobs.registry import function_of
from supervision.settings.clock import SystemClock


class NoSuchJob(LookupError):
    """No job has this identifier."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """How a job stands. ``total`` is None while it is not known; ``error`` is of the last try that failed."""

    id: str
    name: str
    arguments: dict[str, Any]
    state: JobState
    stage: str
    done: int
    total: int | None
    tries: int
    error: str | None
    enqueued_at: dt.datetime
    started_at: dt.datetime | None
    finished_at: dt.datetime | None

    @property
    def is_over(self) -> bool:
        """Nothing more happens by itself: done, or parked until a person acts."""
        return self.state in (JobState.DONE, JobState.PARKED)


def enqueue(
    session: Session,
    name: str,
    /,
    *,
    key: str | None = None,
    enqueued_at: dt.datetime | None = None,
    due_at: dt.datetime | None = None,
    **arguments: Any,
) -> str:
    """The job is on record in the caller's transaction: committed with it, gone when it is rolled back. Returns the
    job's identifier.

    No worker begins it before ``due_at``. With ``key`` there is at most one such job ever: asking again returns the first one's identifier, whatever became
    of it. A key that stands for other work raises ValueError. Arguments are text, whole numbers, yes/no, None, and
    lists and mappings of these (no floats: money is never one); anything else raises TypeError. A name no feature has
    registered raises UnknownJob.
    """
    function_of(name)
    _check_json(arguments, "arguments")
    values = {
        "id": new_public_id(),
        "name": name,
        "arguments": arguments,
        "key": key,
        "state": JobState.QUEUED,
        "tries": 0,
        "stage": "",
        "progress_done": 0,
        "enqueued_at": enqueued_at or SystemClock().now(),
        "due_at": due_at,
    }
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    # A second transaction with the same key waits here for the first one to end.
    added = session.scalar(
        dialect.insert(Job).values(values).on_conflict_do_nothing(index_elements=["key"]).returning(Job.id)
    )
    if added is not None:
        return added
    known = session.execute(select(Job.id, Job.name, Job.arguments).where(Job.key == key)).one()
    if (known.name, known.arguments) != (name, arguments):
        raise ValueError(f"job key {key!r} stands for {known.name} {known.arguments} already")
    return str(known.id)


def _check_json(value: Any, where: str) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if not isinstance(name, str):
                raise TypeError(f"{where}: {name!r} is no text; names in a job's arguments are text")
            _check_json(inner, f"{where}.{name}")
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            _check_json(inner, f"{where}[{position}]")
    elif value is not None and type(value) not in (str, int, bool):
        raise TypeError(
            f"{where}: {type(value).__name__} cannot be kept in a job; pass text, a whole number or an identifier"
        )


def status(session: Session, job_id: str) -> JobStatus:
    """How the job stands. Raises NoSuchJob."""
    found = session.scalar(select(Job).where(Job.id == job_id).execution_options(populate_existing=True))
    if found is None:
        raise NoSuchJob(job_id)
    return _status(found)


def find(session: Session, key: str) -> JobStatus | None:
    """The job that has this key, if there is one."""
    found = session.scalar(select(Job).where(Job.key == key).execution_options(populate_existing=True))
    return None if found is None else _status(found)


def parked(session: Session) -> list[JobStatus]:
    """Every job that was given up, oldest first, each with the error of its last try."""
    found = select(Job).where(Job.state == JobState.PARKED).order_by(Job.number)
    return [_status(row) for row in session.scalars(found.execution_options(populate_existing=True))]


def waiting(session: Session) -> int:
    """How many jobs are not over: in the queue or being worked on."""
    unfinished = Job.state.in_([JobState.QUEUED, JobState.RUNNING])
    return session.scalar(select(func.count()).select_from(Job).where(unfinished)) or 0


def retry(session: Session, job_id: str) -> bool:
    """A parked job waits for a worker again, with all its tries; False when it is not parked (any more)."""
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(Job)
        .where(Job.id == job_id, Job.state == JobState.PARKED)
        .values(state=JobState.QUEUED, tries=0, due_at=None, finished_at=None)
        .execution_options(synchronize_session=False)
    )
    return changed.rowcount == 1


def _status(row: Job) -> JobStatus:
    return JobStatus(
        id=row.id,
        name=row.name,
        arguments=row.arguments,
        state=JobState(row.state),
        stage=row.stage,
        done=row.progress_done,
        total=row.progress_total,
        tries=row.tries,
        error=row.error,
        enqueued_at=row.enqueued_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
    )
