"""Who may work on a job, and until when. Every change names the holder it was decided on and must hit one row."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Engine, and_, case, or_, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.orm import Session

from supervision.db import begin, read
from supervision.jobs.models import Job, JobState

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
    now: dt.datetime,
    lease: dt.timedelta,
    first: Iterable[str] = (),
) -> Claim | None:
    """The oldest job that is due, of those called ``first`` if there is one, is now this worker's until
    ``now + lease``; None when there is none. A job whose worker died on each of its tries is parked instead of killing
    another one."""
    known, preferred = sorted(names), sorted(first)
    order = (case((Job.name.in_(preferred), 0), else_=1), Job.number) if preferred else (Job.number,)
    while True:
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
        taken = {"state": JobState.RUNNING, "worker": holder, "lease_until": now + lease, "due_at": None}
        with begin(engine) as session:
            is_ours = _change(session, is_unchanged, taken, tries=found.tries + 1, started_at=now)
        if is_ours:
            return Claim(found.number, found.id, found.name, found.arguments, found.tries + 1, holder)


def hold(session: Session, held: Claim, until: dt.datetime, **changes: Any) -> bool:
    """The lease runs until ``until``, and nobody else takes the job before this transaction ends; False when it is
    no longer this worker's."""
    return _change(session, _holds(held), {"lease_until": until}, **changes)


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
