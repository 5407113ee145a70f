"""Filings on the desk of the company that files them."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.companies import CompanyService
from supervision.filings.calendar import FilingCalendar
from supervision.filings.lifecycle import UNDER_WAY, State
from supervision.filings.obligations import Obligation, Timeliness
from supervision.filings.service import FilingService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Tone, Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if not request.may(Permission.OWN_FILING_READ):
        return
    counts = request.service(FilingService).counts(request.viewer)
    path = request.route_path("company_filings")
    tone: Tone = "now" if request.may(Permission.FILING_SIGN) else "watch"
    yield Waiting("等待签署的报送", counts[State.READY], path, tone)
    yield Waiting("等待说明的报送", counts[State.NEEDS_EXPLANATION], path, tone)
    yield Waiting("正在审核的报送", sum(counts[state] for state in UNDER_WAY), path, "watch")


def due_days(request: Request) -> Iterator[Waiting]:
    """What is overdue or due within seven days: of the own company, or of all for those who may extend it."""
    calendar = request.service(FilingCalendar)
    season = calendar.seasons()[0]
    if request.may(Permission.OWN_FILING_READ) and request.viewer.company_id is not None:
        company = request.service(CompanyService).by_id(request.viewer.company_id)
        owed, path = calendar.of_company(company, season), request.route_path("company_calendar")
        yield Waiting("逾期未报的数据", _overdue(owed), path, "late", request.say("请尽快报送。"))
        yield Waiting("七日内到期的报送", sum(one.is_soon for one in owed), path, "now")
    elif request.may(Permission.FILING_EXTEND):
        owed = [one.obligation for one in calendar.of_all(season)]
        query = {"standing": "overdue"}
        path = request.route_path("officer_calendar", _query=query)
        yield Waiting("企业逾期未报的数据", _overdue(owed), path, "watch")


def _overdue(owed: list[Obligation]) -> int:
    return sum(one.timeliness is Timeliness.MISSING for one in owed)
