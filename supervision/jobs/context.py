"""What a job's function is handed: the register, the settings, the clock, and a way to say how far it is."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from supervision.db import begin
from supervision.jobs import lease
from supervision.settings import Clock, Settings

BETWEEN_REPORTS = dt.timedelta(milliseconds=500)  # a page that polls sees no more than this


class LeaseLost(Exception):
    """Another worker has the job now (this one was silent for too long): nothing of this try may be written."""


class WorkerStopping(Exception):
    """The worker was asked to stop: the job goes back into the queue and another start continues it."""


class JobContext:
    """The hold on one job while its function runs. A function lets LeaseLost and WorkerStopping pass."""

    def __init__(
        self,
        engine: Engine,
        settings: Settings,
        clock: Clock,
        held: lease.Claim,
        lease_time: dt.timedelta,
        stop: threading.Event,
    ) -> None:
        self.engine = engine
        self.settings = settings
        self.clock = clock
        self.job_id = held.id
        self.tries = held.tries
        self.is_done = False
        self._held = held
        self._lease_time = lease_time
        self._stop = stop
        self._session: Session | None = None
        self._stage = ""
        self._reported_at: dt.datetime | None = None

    @contextmanager
    def transaction(self, *, final: bool = False) -> Iterator[Session]:
        """One writing transaction that commits only while this worker holds the job; raises LeaseLost otherwise.
        With ``final`` the job is done in the same commit: what is written here is written exactly once."""
        if self._session is not None or self.is_done:
            raise RuntimeError("a job has one transaction at a time, and none after its final one")
        with begin(self.engine) as session:
            self._hold(session)
            self._session = session
            try:
                yield session
            finally:
                self._session = None
            session.flush()
            if final:
                if not lease.finish(session, self._held, self.clock.now()):
                    raise LeaseLost(self.job_id)
            else:
                self._hold(session)  # a long transaction must not end with its lease run out
        self.is_done = self.is_done or final

    def progress(self, stage: str, done: int, total: int | None = None) -> None:
        """Pages see ``stage`` (a code of the feature) and ``done`` of ``total``; written at most twice a second, and
        always when the stage changes or its end is reached. Inside ``transaction`` it is seen after the commit.
        Raises LeaseLost, and WorkerStopping outside ``transaction``, so call it between steps that may end here."""
        if self.is_done:
            return
        if self._session is None and self._stop.is_set():
            raise WorkerStopping(self.job_id)
        now = self.clock.now()
        is_news = stage != self._stage or done == total
        if not is_news and self._reported_at is not None and now - self._reported_at < BETWEEN_REPORTS:
            return
        self._stage, self._reported_at = stage, now
        if self._session is not None:
            self._report(self._session, stage, done, total)
        else:
            with begin(self.engine) as session:
                self._report(session, stage, done, total)

    def _report(self, session: Session, stage: str, done: int, total: int | None) -> None:
        news = {"stage": stage, "progress_done": done, "progress_total": total}
        if not lease.hold(session, self._held, self.clock, self._lease_time, **news):
            raise LeaseLost(self.job_id)

    def _hold(self, session: Session) -> None:
        if not lease.hold(session, self._held, self.clock, self._lease_time):
            raise LeaseLost(self.job_id)
