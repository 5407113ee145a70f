"""What a worker does with a job that goes well, goes wrong, or is taken away from it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import threading
import time

import pytest
from sqlalchemy import Engine, select, text

from supervision.db import begin, read
from supervision.jobs import CannotSucceed, JobContext, JobStatus, LeaseLost, enqueue, job, status
from supervision.jobs import lease as leases
from supervision.jobs.models import Job, JobState
from supervision.jobs.worker import LEASE, work
from supervision.settings import FixedClock, Settings


@job("write_bill")
def write_bill(context: JobContext, bill: str) -> None:
    context.progress("writing", 0, 1)
    with context.transaction() as session:
        session.execute(text("INSERT INTO effect (bill) VALUES (:bill)"), {"bill": bill})
    context.progress("writing", 1, 1)


@job("write_notice", is_awaited=True)
def write_notice(context: JobContext, bill: str) -> None:
    write_bill(context, bill)


@job("write_bill_then_fail")
def write_bill_then_fail(context: JobContext, bill: str, is_hopeless: bool) -> None:
    with context.transaction(final=True) as session:
        session.execute(text("INSERT INTO effect (bill) VALUES (:bill)"), {"bill": bill})
        if is_hopeless:
            raise CannotSucceed(f"bill {bill} has no account")
        raise ZeroDivisionError(f"bill {bill}")


def look(register: Engine, identifier: str) -> JobStatus:
    with read(register) as session:
        return status(session, identifier)


def effects(register: Engine) -> list[str]:
    with read(register) as session:
        return list(session.scalars(text("SELECT bill FROM effect ORDER BY bill")))


def run(register: Engine, settings: Settings, clock: FixedClock) -> int:
    return work(register, settings, threading.Event(), clock=clock, until_idle=True)


def ask(register: Engine, name: str, **arguments: object) -> str:
    with begin(register) as session:
        return enqueue(session, name, **arguments)


def context_of(
    register: Engine, settings: Settings, clock: FixedClock, stop: threading.Event | None = None
) -> JobContext:
    """The hold of a worker that has just taken the oldest job."""
    held = leases.claim(register, "this", ["write_bill"], clock, LEASE)
    assert held is not None
    return JobContext(register, settings, clock, held, LEASE, stop or threading.Event())


def test_a_job_that_goes_well_is_done_with_its_progress_on_record(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill", bill="b1")
    assert run(register, settings, clock) == 1
    found = look(register, identifier)
    assert (found.state, found.stage, found.done, found.total) == (JobState.DONE, "writing", 1, 1)
    assert (found.started_at, found.finished_at, found.tries) == (clock.now(), clock.now(), 1)
    assert effects(register) == ["b1"]


def written_in_order(register: Engine) -> list[str]:
    query = text("SELECT bill FROM effect")
    with read(register) as session:  # rows of a table without a key come in the order they were written
        return list(session.scalars(query))


def test_what_a_person_waits_for_goes_before_older_work_that_nobody_waits_for(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    for number in range(6):
        ask(register, "write_bill", bill=f"receipt {number}")
    ask(register, "write_notice", bill="notice 0")
    ask(register, "write_notice", bill="notice 1")
    assert run(register, settings, clock) == 8
    assert written_in_order(register)[:3] == ["notice 0", "notice 1", "receipt 0"]


def test_work_that_nobody_waits_for_has_every_fourth_turn_however_much_is_waited_for(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    for number in range(3):
        ask(register, "write_bill", bill=f"receipt {number}")
    for number in range(12):
        ask(register, "write_notice", bill=f"notice {number}")
    assert run(register, settings, clock) == 15
    turns = written_in_order(register)
    assert [at for at, bill in enumerate(turns, start=1) if bill.startswith("receipt")] == [4, 8, 12]
    assert [bill for bill in turns if bill.startswith("notice")] == [
        f"notice {number}" for number in range(12)
    ]


def test_a_job_that_fails_leaves_no_half_of_its_transaction_and_says_what_happened(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill_then_fail", bill="b1", is_hopeless=False)
    after = ask(register, "write_bill", bill="b2")
    assert run(register, settings, clock) == 1
    found = look(register, identifier)
    assert (found.state, found.tries) == (JobState.QUEUED, 1)
    assert (found.error or "").endswith("ZeroDivisionError: bill b1\n")
    assert effects(register) == ["b2"]
    assert look(register, after).state == JobState.DONE


def test_a_job_that_keeps_failing_is_tried_five_times(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill_then_fail", bill="b1", is_hopeless=False)
    for _ in range(10):
        run(register, settings, clock)
        clock.move(dt.timedelta(hours=1))
    assert (look(register, identifier).state, look(register, identifier).tries) == (JobState.PARKED, 5)


def test_a_job_that_cannot_succeed_is_parked_at_its_first_try(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill_then_fail", bill="b1", is_hopeless=True)
    run(register, settings, clock)
    found = look(register, identifier)
    assert (found.state, found.tries) == (JobState.PARKED, 1)
    assert "bill b1 has no account" in (found.error or "")


def test_a_worker_that_lost_its_lease_cannot_write_beside_its_successor(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill", bill="b1")
    late = context_of(register, settings, clock)
    clock.move(LEASE)
    assert run(register, settings, clock) == 1
    with pytest.raises(LeaseLost), late.transaction() as session:
        session.execute(text("INSERT INTO effect (bill) VALUES ('b1')"))
    with pytest.raises(LeaseLost), late.transaction(final=True) as session:
        session.execute(text("INSERT INTO effect (bill) VALUES ('b1')"))
    with pytest.raises(LeaseLost):
        late.progress("writing", 5)
    assert effects(register) == ["b1"]
    assert look(register, identifier).state == JobState.DONE


def test_the_last_transaction_of_a_job_ends_it_and_nothing_follows(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill", bill="b1")
    context = context_of(register, settings, clock)
    with context.transaction(final=True) as session:
        session.execute(text("INSERT INTO effect (bill) VALUES ('b1')"))
        context.progress("writing", 1, 1)
    assert context.is_done
    context.progress("resting", 9, 9)
    assert (look(register, identifier).state, look(register, identifier).stage) == (JobState.DONE, "writing")
    with pytest.raises(RuntimeError), context.transaction():
        pass
    clock.move(LEASE)
    assert run(register, settings, clock) == 0


def test_a_transaction_that_outlasts_the_lease_keeps_the_job(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    ask(register, "write_bill", bill="b1")
    context = context_of(register, settings, clock)
    with context.transaction() as session:
        session.execute(text("INSERT INTO effect (bill) VALUES ('b1')"))
        clock.move(LEASE * 2)
    assert run(register, settings, clock) == 0


def test_progress_is_written_twice_a_second_at_most_and_always_at_a_new_stage_or_the_end(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    identifier = ask(register, "write_bill", bill="b1")
    context = context_of(register, settings, clock)
    seen = []
    for stage, done in (("reading", 1), ("reading", 2), ("judging", 3), ("judging", 4), ("judging", 9)):
        context.progress(stage, done, 9)
        seen.append(look(register, identifier).done)
    clock.move(dt.timedelta(seconds=1))
    context.progress("judging", 5, 9)
    seen.append(look(register, identifier).done)
    assert seen == [1, 1, 3, 3, 9, 5]


def test_a_worker_that_is_told_to_stop_gives_its_job_back_without_costing_a_try(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    stop = threading.Event()

    @job("stop_the_worker")
    def stop_the_worker(context: JobContext) -> None:
        stop.set()
        context.progress("second", 1, 2)

    identifier = ask(register, "stop_the_worker")
    assert work(register, settings, stop, clock=clock) == 0
    assert (look(register, identifier).state, look(register, identifier).tries) == (JobState.QUEUED, 0)
    # The next worker has no lease to wait for.
    assert leases.claim(register, "next", ["stop_the_worker"], clock, LEASE) is not None


def test_a_worker_killed_by_an_interrupt_leaves_no_lease_behind(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    @job("interrupt_the_worker")
    def interrupt_the_worker(context: JobContext) -> None:
        raise KeyboardInterrupt

    identifier = ask(register, "interrupt_the_worker")
    with pytest.raises(KeyboardInterrupt):
        run(register, settings, clock)
    assert look(register, identifier).state == JobState.QUEUED


def test_a_lease_is_renewed_while_a_job_is_busy(
    register: Engine, settings: Settings, clock: FixedClock
) -> None:
    term = dt.timedelta(milliseconds=300)
    patience = time.monotonic() + 30

    def lease_end() -> dt.datetime | None:
        with read(register) as session:
            return session.scalar(select(Job.lease_until))

    @job("wait_for_renewal")
    def wait_for_renewal(context: JobContext) -> None:
        assert lease_end() == clock.now() + term
        clock.move(dt.timedelta(hours=1))
        while lease_end() != clock.now() + term and time.monotonic() < patience:
            pass
        assert leases.claim(register, "other", ["wait_for_renewal"], clock, LEASE) is None

    identifier = ask(register, "wait_for_renewal")
    assert work(register, settings, threading.Event(), clock=clock, lease_time=term, until_idle=True) == 1
    assert look(register, identifier).tries == 1


def test_asking_for_work_loads_nothing_that_only_a_worker_needs() -> None:
    script = "import sys, supervision.jobs; print('supervision.jobs.worker' in sys.modules, 'structlog' in sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert loaded.stdout == "False False\n"


def test_a_worker_is_to_be_had_from_the_package_itself() -> None:
    import supervision.jobs

    assert supervision.jobs.work is work
    with pytest.raises(AttributeError, match="wrok"):
        supervision.jobs.wrok  # noqa: B018
