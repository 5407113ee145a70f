"""The hourly round over the complaints that are open."""

from __future__ import annotations

from sqlalchemy import or_, select

from supervision.complaints import telling
from supervision.complaints.lifecycle import OPEN
from supervision.complaints.models import Complaint
from supervision.jobs import JobContext


def remind(context: JobContext) -> None:
    """Of each open complaint the last deadline that has passed is told once: that of closing it, or that of the first
    answer."""
    now = context.clock.now()
    late = or_(
        Complaint.close_by < now, (Complaint.first_answered_at.is_(None)) & (Complaint.answer_by < now)
    )
    with context.transaction() as session:
        query = select(Complaint).where(Complaint.state.in_(OPEN), late).order_by(Complaint.id)
        for complaint in session.scalars(query):
            deadline = complaint.close_by if complaint.close_by < now else complaint.answer_by
            telling.overdue(session, context.clock, complaint, deadline)
