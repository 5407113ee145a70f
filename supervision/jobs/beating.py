"""The parts of the service say every minute that they run, and a time in which one said nothing is kept."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from supervision.db import begin, serialise
from supervision.jobs.beat_models import Heartbeat, Silence
from supervision.settings import Clock

WEB, WORKER = "web", "worker"
EVERY = dt.timedelta(minutes=1)
TOO_LONG = dt.timedelta(minutes=15)  # a restart takes seconds; a busy register a minute


def beat(engine: Engine, clock: Clock, part: str) -> None:
    """The part runs now. Where its last beat is more than TOO_LONG ago, whichever process made it, that silence is kept,
    once."""
    with begin(engine) as session:
        serialise(session, f"heartbeat {part}")
        now, last = clock.now(), session.get(Heartbeat, part)
        if last is None:
            session.add(Heartbeat(part=part, at=now))
            return
        if now - last.at > TOO_LONG:
            session.add(Silence(part=part, began_at=last.at, ended_at=now))
        last.at = max(last.at, now)


@contextmanager
def beating(engine: Engine, clock: Clock, part: str) -> Iterator[None]:
    """The part beats before the block and every minute while it runs. A register that does not answer is asked again with
    the next beat: a silence is what the register heard nothing in."""
    ended = threading.Event()

    def beat_on() -> None:
        while not ended.wait(EVERY.total_seconds()):
            _try(engine, clock, part)

    _try(engine, clock, part)
    thread = threading.Thread(target=beat_on, name=f"heartbeat of {part}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _try(engine: Engine, clock: Clock, part: str) -> None:
    try:
        beat(engine, clock, part)
    except DBAPIError as error:
        structlog.get_logger("supervision.jobs").warning(
            "heartbeat.unheard", part=part, error=str(error.orig)
        )
