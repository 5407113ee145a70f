"""Pages of the administrators: the journal, whole and checked, and how the portal itself is doing."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config
from sqlalchemy import select

from supervision.jobs import parked
from supervision.jobs.models import Job, JobState
from supervision.journal import Journal, JournalEntry
from supervision.security import Permission
from supervision.users import UserService
from supervision.users.forms import ROLE_NAMES
from supervision.web.paging import page_number, paged


@view_config(
    route_name="journal",
    request_method="GET",
    permission=Permission.JOURNAL_READ,
    renderer="portal/journal.jinja2",
)
def journal_page(request: Any) -> dict[str, Any]:
    """Every act, newest first; filtered by act, actor or object."""
    query = select(JournalEntry).order_by(JournalEntry.index.desc())
    wanted = {key: request.GET[key].strip() for key in ("act", "actor", "object_id") if request.GET.get(key)}
    for key, value in wanted.items():
        query = query.where(getattr(JournalEntry, key) == value)
    acts = request.db.scalars(select(JournalEntry.act).distinct().order_by(JournalEntry.act)).all()
    page = paged(request.db, query, page_number(request))
    return {
        "page": page,
        "people": request.service(UserService).display_names(entry.actor for entry in page.items),
        "role_names": ROLE_NAMES,
        "query": wanted,
        "acts": acts,
        "head": request.journal.head(),
    }


@view_config(
    route_name="journal_check",
    request_method="GET",
    permission=Permission.JOURNAL_READ,
    renderer="portal/journal_check.jinja2",
)
def journal_check(request: Any) -> dict[str, Any]:
    """The whole chain recomputed from its first entry."""
    journal = Journal(request.db, request.clock)
    return {"flaws": list(journal.flaws()), "head": journal.head()}


@view_config(
    route_name="system",
    request_method="GET",
    permission=Permission.SYSTEM_READ,
    renderer="portal/system.jinja2",
)
def system_page(request: Any) -> dict[str, Any]:
    """Waiting, running and parked jobs."""
    waiting = request.db.scalars(
        select(Job).where(Job.state.in_([JobState.QUEUED, JobState.RUNNING])).order_by(Job.number).limit(100)
    ).all()
    return {"waiting": waiting, "parked": parked(request.db), "conf": request.conf}
