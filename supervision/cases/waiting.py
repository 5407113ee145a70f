"""Cases on the desks of officers and of the company they were opened against."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.cases.lifecycle import CaseState
from supervision.cases.service import CaseService
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.web.request import Request
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if request.may(Permission.CASE_READ):
        yield from _of_officers(request)
    elif request.may(Permission.OWN_CASE_READ):
        yield from _of_a_company(request)


def _of_officers(request: Request) -> Iterator[Waiting]:
    counts = request.service(CaseService).counts(request.viewer, local_date(request.now()))

    def path(state: str) -> str:
        return request.route_path("officer_cases", _query={"state": state})

    yield Waiting("企业逾期未回复或未退款的案件", counts["overdue"], path("overdue"), "late")
    may_approve = request.may(Permission.CASE_APPROVE)
    submitted, replied = CaseState.SUBMITTED, CaseState.REPLIED
    yield Waiting("等待审批的决定", counts[submitted], path(submitted), "now" if may_approve else "watch")
    yield Waiting("起草中的案件", counts[CaseState.OPENED], path(CaseState.OPENED), "now")
    yield Waiting("企业已回复的案件", counts[replied], path(replied), "now")
    yield Waiting("等待企业回复的案件", counts[CaseState.NOTIFIED], path(CaseState.NOTIFIED), "watch")


def _of_a_company(request: Request) -> Iterator[Waiting]:
    counts = request.service(CaseService).counts(request.viewer, local_date(request.now()))
    path = request.route_path("company_cases")
    yield Waiting("逾期未回复或未退款的案件", counts["overdue"], path, "late")
    yield Waiting("等待贵公司回复的案件", counts[CaseState.NOTIFIED], path, "now")
