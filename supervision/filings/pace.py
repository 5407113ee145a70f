"""How long a filing that is not judged yet will still take: who is before it, and how fast the last ones were judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from supervision.filings.models import Filing
from supervision.jobs.models import Job, JobState

LAST = 20  # judgements that the pace is measured by
FEWEST = 3  # of which there must be, or nothing is said
FARTHEST = 4  # times the largest file of those; of a larger one nothing is known


@dataclass(frozen=True, slots=True)
class Wait:
    """``ahead`` filings are judged before this one; ``seconds`` until its verdict, None where nothing is known of it."""

    ahead: int
    seconds: int | None

    @property
    def minutes(self) -> int | None:
        """Rounded up."""
        return None if self.seconds is None else -(-self.seconds // 60)


@dataclass(frozen=True, slots=True)
class Pace:
    """A judgement takes ``start`` seconds and ``per_byte`` seconds for each byte of the file, up to ``largest`` bytes."""

    start: Fraction
    per_byte: Fraction
    largest: int

    def seconds(self, size: int) -> Fraction | None:
        """None where no file nearly as large was judged lately."""
        return self.start + self.per_byte * size if size <= FARTHEST * self.largest else None


def pace_of(judged: Sequence[tuple[int, Fraction]]) -> Pace | None:
    """The line of least squares through (bytes, seconds), neither of whose parts is below nothing; None without a basis."""
    taken = sum((seconds for _, seconds in judged), Fraction())
    sizes = sum(size for size, _ in judged)
    if len(judged) < FEWEST or taken <= 0 or sizes <= 0:
        return None
    squares = sum(size * size for size, _ in judged)
    products = sum((size * seconds for size, seconds in judged), Fraction())
    spread = len(judged) * squares - sizes * sizes
    per_byte = max((len(judged) * products - sizes * taken) / spread, Fraction()) if spread else Fraction()
    start = (taken - per_byte * sizes) / len(judged)
    if start < 0:
        start, per_byte = Fraction(), products / squares
    return Pace(start, per_byte, max(size for size, _ in judged))


def wait_of(session: Session, filing: Filing, now: dt.datetime) -> Wait | None:
    """How a filing waits whose judgement is not over; None where no worker will come to it by itself."""
    own = session.scalars(select(Job).where(Job.id == filing.job_id)).one_or_none()
    if own is None or own.state not in (JobState.QUEUED, JobState.RUNNING):
        return None
    pace = pace_of(_judged_last(session))
    if own.state == JobState.RUNNING:
        return Wait(0, _whole(_left(pace, own, filing.size, now)))
    before = session.scalars(
        select(Job)
        .where(Job.name == own.name, Job.number < own.number)
        .where(or_(Job.state == JobState.RUNNING, and_(Job.state == JobState.QUEUED, _is_due(now))))
    ).all()
    sizes = _sizes(session, before)
    left = [_left(pace, job, sizes[job.arguments["filing_id"]], now) for job in before]
    at_once = max(1, sum(job.state == JobState.RUNNING for job in before))
    expected = None if pace is None else pace.seconds(filing.size)
    if expected is None or any(one is None for one in left):
        return Wait(len(before), None)
    return Wait(len(before), _whole(sum((one for one in left if one), Fraction()) / at_once + expected))


def _left(pace: Pace | None, job: Job, size: int, now: dt.datetime) -> Fraction | None:
    """Seconds until the job is over; None of one that takes longer than was to be expected."""
    expected = None if pace is None else pace.seconds(size)
    if expected is None or job.state != JobState.RUNNING or job.started_at is None:
        return expected
    left = expected - _seconds(now - job.started_at)
    return left if left > 0 else None


def _judged_last(session: Session) -> list[tuple[int, Fraction]]:
    jobs = session.scalars(
        select(Job)
        .where(Job.state == JobState.DONE, Job.name == "judge_filing", Job.started_at.is_not(None))
        .order_by(Job.number.desc())
        .limit(LAST)
    ).all()
    sizes = _sizes(session, jobs)
    return [
        (sizes[number], _seconds(job.finished_at - job.started_at))
        for job in jobs
        if (number := job.arguments["filing_id"]) in sizes and job.finished_at and job.started_at
    ]


def _sizes(session: Session, jobs: Sequence[Job]) -> dict[int, int]:
    numbers = [job.arguments["filing_id"] for job in jobs]
    rows = session.execute(select(Filing.id, Filing.size).where(Filing.id.in_(numbers)))
    return {row.id: row.size for row in rows}


def _is_due(now: dt.datetime) -> ColumnElement[bool]:
    return or_(Job.due_at.is_(None), Job.due_at <= now)


def _seconds(span: dt.timedelta) -> Fraction:
    return Fraction(span // dt.timedelta(microseconds=1), 1_000_000)


def _whole(seconds: Fraction | None) -> int | None:
    """Rounded up."""
    return None if seconds is None else -(-seconds.numerator // seconds.denominator)
