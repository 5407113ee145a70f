"""Whoever waits for a verdict is told how many are before and how long it takes, or nothing where nothing is known."""

from __future__ import annotations

import datetime as dt
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from supervision.db import begin, read
from supervision.filings import Filing
from supervision.filings.pace import FARTHEST, FEWEST, LAST, Wait, pace_of, wait_of
from supervision.jobs.models import Job, JobState
from tests.filings.filing_desk import JUDGING_JOBS, Desk, bill, csv_bytes


@given(
    st.integers(0, 600), st.fractions(0, 1), st.lists(st.integers(1, 2 << 30), min_size=FEWEST, unique=True)
)
def test_files_that_took_a_start_and_so_much_a_byte_give_just_that_pace(
    start: int, per_byte: Fraction, sizes: list[int]
) -> None:
    pace = pace_of([(size, start + per_byte * size) for size in sizes])
    if start == 0 and per_byte == 0:
        assert pace is None
        return
    assert pace is not None
    assert (pace.start, pace.per_byte) == (start, per_byte)
    assert pace.seconds(max(sizes)) == start + per_byte * max(sizes)
    assert pace.seconds(FARTHEST * max(sizes) + 1) is None


@given(st.lists(st.tuples(st.integers(0, 2 << 30), st.fractions(0, 3600)), max_size=LAST))
def test_no_pace_runs_backwards(judged: list[tuple[int, Fraction]]) -> None:
    pace = pace_of(judged)
    if pace is not None:
        assert pace.start >= 0
        assert pace.per_byte >= 0


def test_two_files_or_files_that_took_no_time_are_no_basis() -> None:
    assert pace_of([(10, Fraction(1)), (20, Fraction(2))]) is None
    assert pace_of([(10, Fraction(0))] * FEWEST) is None


def waits(desk: Desk, filing: Filing) -> Wait | None:
    with read(desk.engine) as session:
        return wait_of(session, session.get_one(Filing, filing.id), desk.clock.now())


def judge_in(desk: Desk, seconds: int, *, rows: int, number: int) -> Filing:
    """A filing of that many bills whose judgement took that long."""
    filing = desk.upload(csv_bytes("bills", [bill(number * 1000 + place) for place in range(rows)]))
    desk.work(JUDGING_JOBS)
    with begin(desk.engine) as session:
        job = session.query(Job).filter_by(id=filing.job_id).one()
        assert job.finished_at is not None
        job.started_at = job.finished_at - dt.timedelta(seconds=seconds)
    return filing


def hold(desk: Desk, filing: Filing) -> None:
    """A worker has begun with the filing."""
    with begin(desk.engine) as session:
        job = session.query(Job).filter_by(id=filing.job_id).one()
        now = desk.clock.now()
        job.state, job.worker = JobState.RUNNING, "another"
        job.started_at, job.lease_until = now, now + dt.timedelta(minutes=5)


def test_without_a_basis_the_place_in_the_queue_is_told_alone(desk: Desk) -> None:
    first, second = (desk.upload(csv_bytes("bills", [bill(number)])) for number in (1, 2))
    assert (waits(desk, first), waits(desk, second)) == (Wait(0, None), Wait(1, None))
    desk.work(JUDGING_JOBS)
    assert waits(desk, first) is None


def test_the_time_left_is_that_of_those_before_and_the_filings_own(desk: Desk) -> None:
    for number in range(FEWEST):
        judge_in(desk, 60, rows=1, number=number)
    first, second, third = (desk.upload(csv_bytes("bills", [bill(number)])) for number in (91, 92, 93))
    assert [waits(desk, one) for one in (first, second, third)] == [Wait(0, 60), Wait(1, 120), Wait(2, 180)]
    hold(desk, first)
    desk.clock.move(dt.timedelta(seconds=45))
    assert [waits(desk, one) for one in (first, second)] == [Wait(0, 15), Wait(1, 75)]
    hold(desk, second)  # by a second worker
    assert waits(desk, third) == Wait(2, 98)  # (15 + 60) / 2 + 60
    desk.clock.move(dt.timedelta(seconds=30))  # the first takes longer than was to be expected
    assert [waits(desk, one) for one in (first, third)] == [Wait(0, None), Wait(2, None)]


def test_a_larger_file_takes_longer_and_of_a_far_larger_one_nothing_is_said(desk: Desk) -> None:
    judged = [judge_in(desk, 60 + 10 * rows, rows=rows, number=rows) for rows in (1, 2, 3)]
    largest = max(filing.size for filing in judged)
    alike = desk.upload(csv_bytes("bills", [bill(place) for place in range(3)]))
    assert waits(desk, alike) == Wait(0, 90)
    far = desk.upload(csv_bytes("bills", [bill(place) for place in range(40)]))
    assert far.size > FARTHEST * largest
    assert waits(desk, far) == Wait(1, None)


def test_a_job_that_was_given_up_is_not_waited_for(desk: Desk) -> None:
    filing = desk.upload(csv_bytes("bills", [bill(1)]))
    with begin(desk.engine) as session:
        session.query(Job).filter_by(id=filing.job_id).one().state = JobState.PARKED
    assert waits(desk, filing) is None
