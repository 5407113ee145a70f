"""Who may work on a job, and until when. Every change names the holder it was decided on and must hit one row."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, literal, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from supervision.db import begin, read
from supervision.jobs.models import Job, JobState
from supervision.settings import Clock

TRIES = 5
LONGEST_ERROR = 8000  # characters kept of an error; its end says what happened


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this worker holds. ``worker`` is unique to the claim, so a lost lease never comes back by chance."""

    number: int
    id: str
    name: str
    arguments: dict[str, Any]
    tries: int
    worker: str


def claim(
    engine: Engine,
    worker: str,
    names: Iterable[str],
    clock: Clock,
    lease: dt.timedelta,
    first: Iterable[str] = (),
) -> Claim | None:
    """The oldest job that is due, of those called ``first`` if there is one, is this worker's for ``lease`` from the moment
    it could be written; None when there is none. A job whose worker died on each of its tries is parked instead of
    killing another one."""
    known, preferred = sorted(names), sorted(first)
    order = (case((Job.name.in_(preferred), 0), else_=1), Job.number) if preferred else (Job.number,)
    while True:
        now = clock.now()
        with read(engine) as session:  # looking does not queue behind the writers
            found = session.execute(
                select(Job.number, Job.id, Job.name, Job.arguments, Job.tries, Job.worker, Job.state)
                .where(Job.name.in_(known), _is_free(now))
                .order_by(*order)
                .limit(1)
            ).one_or_none()
        if found is None:
            return None
        is_unchanged = (
            Job.number == found.number,
            Job.state == found.state,
            Job.tries == found.tries,
            _is_free(now),
        )
        if found.tries >= TRIES:
            with begin(engine) as session:
                error = f"the worker {found.worker} ended without a word on try {found.tries} of {TRIES}"
                _change(session, is_unchanged, _over(JobState.PARKED, now), error=error)
            continue
        holder = f"{worker}/{secrets.token_hex(6)}"
        with begin(engine) as session:
            began = _writing_since(session, clock)
            taken = {
                "state": JobState.RUNNING,
                "worker": holder,
                "lease_until": began + lease,
                "due_at": None,
            }
            is_ours = _change(session, is_unchanged, taken, tries=found.tries + 1, started_at=began)
        if is_ours:
            return Claim(found.number, found.id, found.name, found.arguments, found.tries + 1, holder)


def hold(session: Session, held: Claim, clock: Clock, lease: dt.timedelta, **changes: Any) -> bool:
    """The lease runs for ``lease`` from now, and nobody else takes the job before this transaction ends; False when it is
    no longer this worker's. A lease is never shortened: the beat of a worker that had to wait for the job's own long
    transaction comes late, and must not take back what that transaction asked for at its end."""
    until = literal(_writing_since(session, clock) + lease, Job.lease_until.type)
    longest = case((Job.lease_until < until, until), else_=Job.lease_until)
    return _change(session, _holds(held), {"lease_until": longest}, **changes)


def finish(session: Session, held: Claim, now: dt.datetime) -> bool:
    """The job is done; False when it is no longer this worker's."""
    return _change(session, _holds(held), _over(JobState.DONE, now), error=None)


def give_back(session: Session, held: Claim) -> bool:
    """The job waits again as if this try had not been: the worker stops, the job is not at fault."""
    waiting = {"state": JobState.QUEUED, "worker": None, "lease_until": None, "tries": held.tries - 1}
    return _change(session, _holds(held), waiting)


def fail(session: Session, held: Claim, now: dt.datetime, error: str, is_final: bool) -> bool:
    """The try failed: the next one is due after a pause that grows (10 s, 40 s, 90 s, 160 s), or the job is parked
    when ``is_final`` or after five tries. The error is kept. False when it is no longer this worker's."""
    error = error[-LONGEST_ERROR:]
    if is_final or held.tries >= TRIES:
        return _change(session, _holds(held), _over(JobState.PARKED, now), error=error)
    pause = dt.timedelta(seconds=10 * held.tries**2)
    waiting = {"state": JobState.QUEUED, "worker": None, "lease_until": None, "due_at": now + pause}
    return _change(session, _holds(held), waiting, error=error)


def _writing_since(session: Session, clock: Clock) -> dt.datetime:
    """Now, after the wait for other writers: on SQLite the first connection of a transaction queues for as long as the busy
    timeout, and a lease counted from before that wait could have run out before it was written."""
    session.connection()
    return clock.now()


def _is_free(now: dt.datetime) -> ColumnElement[bool]:
    return or_(
        and_(Job.state == JobState.QUEUED, or_(Job.due_at.is_(None), Job.due_at <= now)),
        and_(Job.state == JobState.RUNNING, Job.lease_until <= now),
    )


def _holds(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return (Job.number == held.number, Job.worker == held.worker, Job.state == JobState.RUNNING)


def _over(state: JobState, now: dt.datetime) -> dict[str, Any]:
    return {"state": state, "worker": None, "lease_until": None, "finished_at": now}


def _change(
    session: Session, conditions: tuple[ColumnElement[bool], ...], values: dict[str, Any], **more: Any
) -> bool:
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(Job).where(*conditions).values(values | more).execution_options(synchronize_session=False)
    )
    return changed.rowcount == 1
