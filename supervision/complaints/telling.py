"""Who is told of a complaint: its company at once, company and officers when a deadline has passed. Numbers and days only;
whoever may read the complaint reads it in the portal."""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from supervision.complaints.models import Complaint
from supervision.notifications import Kind, officers, people_of, tell
from supervision.settings import Clock
from supervision.settings.clock import SHANGHAI


def forwarded(session: Session, clock: Clock, complaint: Complaint) -> None:
    """The company is told that it has a complaint to answer, and by when."""
    tell(
        session,
        clock,
        Kind.COMPLAINT_FORWARDED,
        people_of(session, complaint.company_id),
        path=_path(complaint),
        complaint=complaint.number,
        answer_by=_moment(complaint.answer_by),
    )


def overdue(session: Session, clock: Clock, complaint: Complaint, deadline: dt.datetime) -> None:
    """Company and officers are told, once, that the complaint is past ``deadline``."""
    tell(
        session,
        clock,
        Kind.COMPLAINT_OVERDUE,
        [*people_of(session, complaint.company_id), *officers(session)],
        path=_path(complaint),
        key=f"{Kind.COMPLAINT_OVERDUE} {complaint.number} {deadline:%Y-%m-%dT%H:%M}",
        complaint=complaint.number,
        deadline=_moment(deadline),
    )


def _path(complaint: Complaint) -> str:
    return f"/desk/complaints/{complaint.number}"


def _moment(at: dt.datetime) -> str:
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
