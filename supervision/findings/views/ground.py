"""What the pages of findings have in common: for whom a page is, its links, filters, and what is said of nothing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest
from pyramid.view import exception_view_config

from supervision.companies import CompanyService, NoSuchCompany
from supervision.findings.bills import BillView, CheckedBills, NoSuchBill
from supervision.findings.lifecycle import FindingState
from supervision.findings.models import CheckRun, Finding
from supervision.findings.reading import NoSuchFinding, NoSuchRun, QueueFilter
from supervision.findings.service import FindingService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.errors import not_found

AMOUNT = re.compile(r"[0-9]{1,12}(\.[0-9]{1,2})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of the things on a page, for its audience."""

    request: Request
    audience: str

    def to(self, name: str, **parts: Any) -> str:
        path: str = self.request.route_path(f"{self.audience}_{name}", **parts)
        return path

    def finding(self, finding: Finding) -> str:
        return self.to("finding", public_id=finding.public_id)

    def run(self, run: CheckRun) -> str:
        return self.to("run", public_id=run.public_id)

    def bill(self, run: CheckRun, bill_no: str, form: str = "bill") -> str:
        """The bill as that run saw it: as a page, as a document (``worksheet``) or as a ``certificate``."""
        parts: dict[str, Any] = {"bill_no": bill_no, "_query": {"run": run.public_id}}
        if self.audience == "officer":
            parts["company_code"] = run.company.code
        return self.to(form, **parts)


def page_of(request: Request, **values: Any) -> dict[str, Any]:
    """What every template of this feature is handed."""
    from supervision.findings import wording
    from supervision.findings.lifecycle import REASONS, STATES

    audience = audience_of(request)
    return {
        "audience": audience,
        "links": Links(request, audience),
        "wording": wording,
        "states": STATES,
        "reasons": REASONS,
        **values,
    }


def finding_of(request: Request) -> Finding:
    """Raises NoSuchFinding."""
    audience_of(request)
    return request.service(FindingService).finding(request.matchdict["public_id"], request.viewer)


def run_of(request: Request) -> CheckRun:
    """Raises NoSuchRun."""
    audience_of(request)
    return request.service(FindingService).run(request.matchdict["public_id"], request.viewer)


def given_of(request: Request, *names: str) -> dict[str, str]:
    """These fields of the address, without the spaces around them; empty where not given."""
    return {name: request.GET.get(name, "").strip() for name in names}


def filter_of(request: Request) -> tuple[QueueFilter, dict[str, str]]:
    """The filter of the address, and each of its fields as the visitor gave it (empty if not). Raises HTTPBadRequest
    naming the field."""
    given = given_of(request, *_FIELDS)
    state: FindingState | None = FindingState.OPEN
    if request.viewer.is_company or given["state"] == "all":
        state = None
    elif given["state"]:
        try:
            state = FindingState(given["state"])
        except ValueError:
            raise HTTPBadRequest(request.say("没有这种处理状态。")) from None
    least = None
    if given["least"]:
        if not AMOUNT.fullmatch(given["least"]):
            raise HTTPBadRequest(request.say("最低金额请写成 1000 或 1000.00 的形式。"))
        least = Decimal(given["least"])
    plain = {name: given[name] or None for name in ("company", "city", "cause", "category", "season", "run")}
    return QueueFilter(**plain, state=state, least=least, by_under=given["order"] == "under"), given


_FIELDS = ("company", "city", "cause", "category", "season", "run", "state", "least", "order")


def _company_id(request: Request) -> int:
    """The company whose bills are asked for. Raises NoSuchBill where there is no such company."""
    if audience_of(request) == "company":
        assert request.viewer.company_id is not None
        return request.viewer.company_id
    try:
        return request.service(CompanyService).by_code(request.matchdict["company_code"]).id
    except NoSuchCompany:
        raise NoSuchBill(request.matchdict["bill_no"]) from None


def asked_bill(request: Request) -> BillView:
    """The bill of the address, as the run of the address saw it (the current one if none is named)."""
    company_id = _company_id(request)
    run: CheckRun | None = None
    if request.GET.get("run"):
        run = request.service(FindingService).run(request.GET["run"], request.viewer)
        if run.company_id != company_id:
            raise NoSuchBill(request.matchdict["bill_no"])
    return request.service(CheckedBills).bill(company_id, request.matchdict["bill_no"], run=run)


@exception_view_config(NoSuchFinding, renderer="error.jinja2")
@exception_view_config(NoSuchRun, renderer="error.jinja2")
def no_such_thing(error: Exception, request: Request) -> dict[str, Any]:
    """Another company's finding looks exactly like one that never was."""
    answer: dict[str, Any] = not_found(request)
    return answer


@exception_view_config(NoSuchBill, renderer="error.jinja2")
def no_such_bill(error: NoSuchBill, request: Request) -> dict[str, Any]:
    request.response.status = 404
    return {
        "code": 404,
        "title": "没有核查过这张账单",
        "advice": "请核对账单编号；刚签署的报送需等待核查完成。",
        "incident": None,
    }
