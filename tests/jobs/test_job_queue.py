"""What the queue promises to the transaction that asks for work, and to whoever looks at it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, event, select, text

from supervision.db import begin, read
from supervision.jobs import (
    JobContext,
    JobStatus,
    NoSuchJob,
    UnknownJob,
    enqueue,
    find,
    job,
    parked,
    retry,
    status,
    waiting,
)
from supervision.jobs import lease as leases
from supervision.jobs.models import Job, JobState
from supervision.settings import FixedClock

LEASE = dt.timedelta(seconds=60)
NAMES = ["weigh"]


@job("weigh")
def weigh(context: JobContext, **arguments: object) -> None:
    """A name to enqueue; these tests hold the leases themselves."""


def test_a_job_is_on_record_once_its_callers_transaction_is_committed(register: Engine) -> None:
    with begin(register) as session:
        identifier = enqueue(session, "weigh", filing=7, lines=["a", None, True])
    with read(register) as session:
        found = status(session, identifier)
        assert waiting(session) == 1
    assert (found.name, found.arguments) == ("weigh", {"filing": 7, "lines": ["a", None, True]})
    assert (found.state, found.tries, found.is_over) == (JobState.QUEUED, 0, False)


def test_a_job_is_gone_when_its_callers_transaction_is_rolled_back(register: Engine) -> None:
    asked: list[str] = []
    with pytest.raises(ZeroDivisionError), begin(register) as session:
        asked.append(enqueue(session, "weigh", filing=7))
        session.execute(text("INSERT INTO effect (bill) VALUES ('7')"))
        raise ZeroDivisionError
    with read(register) as session:
        assert waiting(session) == 0
        with pytest.raises(NoSuchJob):
            status(session, asked[0])


def test_a_key_stands_for_one_job_however_often_it_is_asked_for(register: Engine) -> None:
    with begin(register) as session:
        first = enqueue(session, "weigh", key="weigh:7", filing=7)
        assert enqueue(session, "weigh", key="weigh:7", filing=7) == first
    with begin(register) as session:
        assert enqueue(session, "weigh", key="weigh:7", filing=7) == first
        assert waiting(session) == 1
        found = find(session, "weigh:7")
        assert found is not None
        assert found.id == first
        assert find(session, "weigh:8") is None


def test_a_key_that_stands_for_other_work_is_refused(register: Engine) -> None:
    with begin(register) as session:
        enqueue(session, "weigh", key="weigh:7", filing=7)
        with pytest.raises(ValueError, match="weigh:7"):
            enqueue(session, "weigh", key="weigh:7", filing=8)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (1.5, "arguments.value"),
        ([dt.date(2025, 11, 24)], r"arguments.value\[0\]"),
        ({1: "a"}, "arguments.value"),
        ((1, 2), "arguments.value"),
    ],
    ids=["float", "date in a list", "number as a name", "tuple"],
)
def test_an_argument_that_cannot_be_kept_exactly_is_refused(
    sqlite_engine: Engine, value: object, where: str
) -> None:
    with begin(sqlite_engine) as session, pytest.raises(TypeError, match=where):
        enqueue(session, "weigh", value=value)


def test_a_name_no_feature_has_registered_is_refused_at_once(sqlite_engine: Engine) -> None:
    with begin(sqlite_engine) as session, pytest.raises(UnknownJob, match="'wiegh'"):
        enqueue(session, "wiegh")


def test_two_functions_cannot_share_a_name() -> None:
    def other(context: JobContext) -> None: ...

    with pytest.raises(ValueError, match="weigh"):
        job("weigh")(other)


@pytest.fixture
def asked(register: Engine) -> str:
    with begin(register) as session:
        return enqueue(session, "weigh", filing=7)


@pytest.fixture
def take(register: Engine, clock: FixedClock) -> Callable[[str], leases.Claim | None]:
    return lambda worker: leases.claim(register, worker, NAMES, clock, LEASE)


@pytest.fixture
def look(register: Engine, asked: str) -> Callable[[], JobStatus]:
    def now() -> JobStatus:
        with read(register) as session:
            return status(session, asked)

    return now


Take = Callable[[str], leases.Claim | None]
Look = Callable[[], JobStatus]


def test_jobs_are_taken_in_the_order_they_came(register: Engine, take: Take) -> None:
    with begin(register) as session:
        expected = [enqueue(session, "weigh", filing=filing) for filing in range(5)]
    taken = [take("a") for _ in range(5)]
    assert [held.id for held in taken if held] == expected
    assert take("a") is None


def test_a_worker_takes_only_what_it_knows(register: Engine, asked: str, clock: FixedClock) -> None:
    assert leases.claim(register, "a", ["other"], clock, LEASE) is None
    assert leases.claim(register, "a", NAMES, clock, LEASE) is not None


def test_a_job_is_one_workers_until_its_lease_has_run_out(take: Take, asked: str, clock: FixedClock) -> None:
    first = take("a")
    assert first is not None
    clock.move(LEASE - dt.timedelta(microseconds=1))
    assert take("b") is None
    clock.move(dt.timedelta(microseconds=1))
    second = take("b")
    assert second is not None
    assert (second.id, second.tries) == (first.id, 2)


def test_a_renewed_lease_runs_anew(register: Engine, take: Take, asked: str, clock: FixedClock) -> None:
    held = take("a")
    assert held is not None
    clock.move(LEASE / 2)
    with begin(register) as session:
        assert leases.hold(session, held, clock, LEASE)
    clock.move(LEASE / 2)
    assert take("b") is None


def test_a_lease_is_counted_from_when_it_could_be_written(
    register: Engine, asked: str, take: Take, clock: FixedClock
) -> None:
    """Other writers keep this one waiting: each transaction takes two thirds of a lease to begin."""

    def wait_for_the_others(_connection: Any) -> None:
        clock.move(LEASE * 2 / 3)

    event.listen(register, "begin", wait_for_the_others)
    try:
        held = take("a")
        assert held is not None
        lease_end = clock.now() + LEASE
        with begin(register) as session:
            assert leases.hold(session, held, clock, LEASE)
    finally:
        event.remove(register, "begin", wait_for_the_others)
    with read(register) as session:
        renewed = session.scalar(select(Job.lease_until))
    assert renewed == clock.now() + LEASE == lease_end + LEASE * 2 / 3


def test_a_beat_that_comes_late_takes_nothing_back_from_the_lease(
    register: Engine, take: Take, asked: str, clock: FixedClock
) -> None:
    """What the job's own long transaction asked for at its end stands, though a beat from before is written after it."""
    late = FixedClock(clock.now())
    held = take("a")
    assert held is not None
    clock.move(LEASE * 3)
    with begin(register) as session:
        assert leases.hold(session, held, clock, LEASE)
    with begin(register) as session:
        assert leases.hold(session, held, late, LEASE)
    clock.move(LEASE - dt.timedelta(microseconds=1))
    assert take("b") is None


def test_whoever_lost_the_lease_changes_nothing_any_more(
    register: Engine, take: Take, look: Look, clock: FixedClock
) -> None:
    late = take("a")
    clock.move(LEASE)
    held = take("b")
    assert late is not None
    assert held is not None
    with begin(register) as session:
        assert not leases.hold(session, late, clock, LEASE)
        assert not leases.finish(session, late, clock.now())
        assert not leases.give_back(session, late)
        assert not leases.fail(session, late, clock.now(), "late", is_final=True)
        assert leases.finish(session, held, clock.now())
    assert (look().state, look().error) == (JobState.DONE, None)


def test_a_failed_job_waits_longer_each_time_and_is_parked_after_five_tries(
    register: Engine, take: Take, look: Look, clock: FixedClock
) -> None:
    for pause in (10, 40, 90, 160):
        held = take("a")
        assert held is not None
        with begin(register) as session:
            assert leases.fail(session, held, clock.now(), f"try {held.tries}", is_final=False)
        clock.move(dt.timedelta(seconds=pause) - dt.timedelta(microseconds=1))
        assert take("a") is None
        clock.move(dt.timedelta(microseconds=1))
    held = take("a")
    assert held is not None
    with begin(register) as session:
        assert leases.fail(session, held, clock.now(), "x" * 9000 + " try 5", is_final=False)
        (given_up,) = parked(session)
    assert given_up == look()
    assert (given_up.state, given_up.tries, given_up.is_over) == (JobState.PARKED, 5, True)
    assert given_up.error is not None
    assert given_up.error.endswith(" try 5")
    assert len(given_up.error) == 8000
    clock.move(dt.timedelta(days=30))
    assert take("a") is None


def test_a_job_whose_workers_died_five_times_is_parked_instead_of_killing_a_sixth(
    register: Engine, take: Take, look: Look, clock: FixedClock
) -> None:
    for _ in range(5):
        assert take("a") is not None
        clock.move(LEASE)
    assert take("a") is None
    assert look().state == JobState.PARKED
    assert "ended without a word on try 5 of 5" in (look().error or "")


def test_a_parked_job_that_is_retried_has_all_its_tries_again(
    register: Engine, take: Take, look: Look, asked: str, clock: FixedClock
) -> None:
    held = take("a")
    assert held is not None
    with begin(register) as session:
        assert not retry(session, asked)
        assert leases.fail(session, held, clock.now(), "no such tariff", is_final=True)
    with begin(register) as session:
        assert retry(session, asked)
        assert not retry(session, asked)
        assert parked(session) == []
    assert (look().state, look().tries, look().error) == (JobState.QUEUED, 0, "no such tariff")
    again = take("a")
    assert again is not None
    assert again.tries == 1
