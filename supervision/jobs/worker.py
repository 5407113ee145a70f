"""The worker: takes one job after the other, keeps its lease alive, and puts on record how each ended."""

from __future__ import annotations

import datetime as dt
import os
import socket
import threading
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from supervision.db import begin
from supervision.jobs import lease
from supervision.jobs.context import JobContext, LeaseLost, WorkerStopping
from supervision.jobs.queue import enqueue
from supervision.jobs.registry import CannotSucceed, awaited, function_of, load, names, rounds
from supervision.settings import Clock, Settings, SystemClock

LEASE = dt.timedelta(seconds=60)
POLL = dt.timedelta(milliseconds=500)
TURN = 4  # every fourth job taken is the oldest of all, so that what nobody waits for is never starved

log = structlog.get_logger()


def work(
    engine: Engine,
    settings: Settings,
    stop: threading.Event,
    *,
    clock: Clock | None = None,
    lease_time: dt.timedelta = LEASE,
    poll: dt.timedelta = POLL,
    only: Iterable[str] | None = None,
    until_idle: bool = False,
    keeps_rounds: bool = False,
) -> int:
    """Carries out jobs one at a time until ``stop`` is set (or, with ``until_idle``, until none is due); returns how
    many ended done. Several workers, in one process or in many, share the work.

    A job is this worker's for ``lease_time``, renewed three times in that span while it runs; a worker that dies is
    replaced when the lease has run out. Machines that share a register keep their clocks within a few seconds of each
    other: more only costs a job a second start, never a second effect. ``only`` limits the worker to these names, so
    that long work need not stand before short. What a person waits for goes first, except at every fourth turn, which
    is the oldest job's: one with n older ones before it starts after at most 4 (n + 1) turns of a worker, whatever
    arrives meanwhile. A register that does not answer is waited for. ``keeps_rounds``: rounds are put in the queue when
    their time has come, once however many workers do it.
    """
    load()
    worker = f"{socket.gethostname()[:60]}:{os.getpid()}:{threading.get_ident()}"
    clock = clock or SystemClock()
    done = turns = 0
    begun: dict[str, dt.datetime] = {}
    while not stop.is_set():
        try:
            first = awaited() if (turns + 1) % TURN else ()
            known = names() if only is None else only
            if keeps_rounds:
                _ask_for_rounds(engine, clock.now(), begun)
            held = lease.claim(engine, worker, known, clock, lease_time, first)
            if held is not None:
                turns += 1
                done += _carry_out(engine, settings, stop, clock, held, lease_time)
                continue
        except DBAPIError as error:
            log.warning("register.unavailable", error=str(error.orig))
        if until_idle:
            break
        stop.wait(poll.total_seconds())
    return done


def _ask_for_rounds(engine: Engine, now: dt.datetime, begun: dict[str, dt.datetime]) -> None:
    """The round of each span that has begun is in the queue; ``begun`` says which this worker has seen to."""
    midnight = now.astimezone(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for name, every in rounds().items():
        start = midnight + (now - midnight) // every * every
        if begun.get(name) != start:
            with begin(engine) as session:
                enqueue(session, name, key=f"{name} {start:%Y-%m-%dT%H:%M}", enqueued_at=now)
            begun[name] = start


def _carry_out(
    engine: Engine,
    settings: Settings,
    stop: threading.Event,
    clock: Clock,
    held: lease.Claim,
    lease_time: dt.timedelta,
) -> bool:
    """The job has ended one way or another, and the register says which; True when it is done."""
    context = JobContext(engine, settings, clock, held, lease_time, stop)
    log.info("job.started", job=held.id, name=held.name, tries=held.tries)
    try:
        with _kept_alive(engine, clock, held, lease_time):
            function_of(held.name)(context, **held.arguments)
        if not context.is_done:
            with begin(engine) as session:
                if not lease.finish(session, held, clock.now()):
                    raise LeaseLost(held.id)
    except LeaseLost:
        log.warning("job.lease_lost", job=held.id, name=held.name)
    except WorkerStopping:
        with begin(engine) as session:
            lease.give_back(session, held)
        log.info("job.given_back", job=held.id, name=held.name)
    except Exception as error:  # whatever a job raises is kept with it, and the worker goes on
        with begin(engine) as session:
            text = traceback.format_exc()
            lease.fail(session, held, clock.now(), text, is_final=isinstance(error, CannotSucceed))
        log.error("job.failed", job=held.id, name=held.name, tries=held.tries, error=repr(error))
    except BaseException:  # the process is told to end at once: nobody need wait for the lease
        with begin(engine) as session:
            lease.give_back(session, held)
        raise
    else:
        log.info("job.done", job=held.id, name=held.name)
        return True
    return False


@contextmanager
def _kept_alive(engine: Engine, clock: Clock, held: lease.Claim, lease_time: dt.timedelta) -> Iterator[None]:
    """The lease is renewed from a thread of its own while the block runs."""
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lease_time.total_seconds() / 3):
            try:
                with begin(engine) as session:
                    if not lease.hold(session, held, clock, lease_time):
                        return  # taken over, or done in the job's own last transaction
            except DBAPIError as error:  # a busy register: the next beat may get through
                log.warning("job.lease_not_renewed", job=held.id, error=str(error.orig))

    thread = threading.Thread(target=renew, name=f"lease of {held.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
