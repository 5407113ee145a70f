"""Work that outlives a request: put on record in the caller's own transaction, done by a worker, never lost.

A feature names its work in its own ``jobs.py``::

    @job("judge_filing")
    def judge_filing(context: JobContext, filing_id: int) -> None: ...

and asks for it where the act happens, ``enqueue(session, "judge_filing", filing_id=7)``. The job exists exactly when
that transaction is committed. ``@job(..., is_awaited=True)`` says that a person sits before a page until it is done, ``every=dt.timedelta(hours=1)`` that one begins in each hour. ``work`` carries jobs out; a worker that dies is replaced after
its lease, so a job may start more than once: what it does is either safe to repeat or stands in
``context.transaction(final=True)``, which commits the effect and the end of the job together.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from supervision.jobs.context import JobContext, LeaseLost, WorkerStopping
from supervision.jobs.queue import JobStatus, NoSuchJob, enqueue, find, parked, retry, status, waiting
from supervision.jobs.registry import CannotSucceed, UnknownJob, job

if TYPE_CHECKING:
    from supervision.jobs.worker import work

__all__ = [
    "CannotSucceed",
    "JobContext",
    "JobStatus",
    "LeaseLost",
    "NoSuchJob",
    "UnknownJob",
    "WorkerStopping",
    "enqueue",
    "find",
    "job",
    "parked",
    "retry",
    "status",
    "waiting",
    "work",
]


def includeme(config: Any) -> None:
    """The table of jobs is known to the register."""
    from supervision.jobs import models  # noqa: F401


def __getattr__(name: str) -> Any:
    # Only a worker process pays for what a worker needs.
    if name == "work":
        from supervision.jobs.worker import work

        return work
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
