"""Complaints on the desks of officers and companies."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.complaints.lifecycle import ComplaintState
from supervision.complaints.service import ComplaintService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if not request.may(Permission.COMPLAINT_READ):
        return
    counts = request.service(ComplaintService).counts(request.viewer, request.now())
    desk = request.route_path("complaint_desk")
    answered = request.route_path("complaint_desk", _query={"state": str(ComplaintState.ANSWERED)})
    yield Waiting("超过办结期限的投诉", counts["overdue"], desk, "late")
    if request.viewer.is_company:
        yield Waiting("等待贵公司答复的投诉", counts["unanswered"], desk, "now")
    else:
        yield Waiting("企业已答复、等待办结的投诉", counts["answered"], answered, "now")
        yield Waiting("等待企业答复的投诉", counts["unanswered"], desk, "watch")
