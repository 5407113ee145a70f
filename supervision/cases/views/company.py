"""A company's cases: those it was notified of, its reply, its report on the refund."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config
from sqlalchemy.orm import selectinload

from supervision.cases.forms import RefundReportSchema, ReplySchema
from supervision.cases.lifecycle import CaseAct, DecisionState, RefundAct
from supervision.cases.models import Case
from supervision.cases.problems import CaseRefused
from supervision.cases.refunds import RefundService
from supervision.cases.service import CaseService
from supervision.cases.views.ground import (
    audience_of,
    case_of,
    done,
    form_of,
    is_late,
    may,
    may_refund,
    page_of,
    refused,
)
from supervision.documents import DocumentService
from supervision.security import Permission
from supervision.web import Request
from supervision.web.forms import Form
from supervision.web.paging import page_number, paged


@view_config(
    route_name="company_cases",
    request_method="GET",
    permission=Permission.OWN_CASE_READ,
    renderer="cases/company_list.jinja2",
)
def cases(request: Request) -> dict[str, Any]:
    """Every case the company was notified of, the latest first."""
    audience_of(request)
    query = request.service(CaseService).visible_to(request.viewer).options(selectinload(Case.refund))
    return page_of(
        request,
        page=paged(request.db, query.order_by(Case.notified_at.desc(), Case.id.desc()), page_number(request)),
    )


@view_config(
    route_name="company_case",
    request_method="GET",
    permission=Permission.OWN_CASE_READ,
    renderer="cases/company_case.jinja2",
)
def case_page(request: Request) -> dict[str, Any]:
    return _page(request, case_of(request))


def _page(request: Request, case: Case, failed: tuple[str, Form] | None = None) -> dict[str, Any]:
    decision = next(each for each in case.decisions if each.state is DecisionState.APPROVED)
    forms = {}
    if may(request, case, CaseAct.REPLY):
        forms["reply"] = _reply_form(request, case).shown({"version": case.version})
    if may_refund(request, case.refund, RefundAct.REPORT) and case.refund is not None:
        forms["refund_report"] = _refund_form(request, case).shown(
            {"version": case.refund.version, "amount": case.refund.total}
        )
    if failed is not None:
        forms[failed[0]] = failed[1]
    document = decision.document
    return page_of(
        request,
        case=case,
        decision=decision,
        document=document,
        document_job=request.service(DocumentService).rendering(document)
        if document is not None and document.bytes_digest is None
        else None,
        events=[event for event in case.events if event.is_shared],
        forms=forms,
        is_refund_late=case.refund is not None and is_late(case.refund, request),
    )


def _reply_form(request: Request, case: Case) -> Form:
    return form_of(request, case, "reply", ReplySchema(), "提交回复")


def _refund_form(request: Request, case: Case) -> Form:
    return form_of(request, case, "refund_report", RefundReportSchema(), "报告退款")


@view_config(
    route_name="company_case_reply",
    request_method="POST",
    permission=Permission.CASE_REPLY,
    renderer="cases/company_case.jinja2",
)
def reply(request: Request) -> Any:
    case = case_of(request)
    form = _reply_form(request, case)
    values = form.submitted()
    if values is None:
        return _page(request, case, ("reply", form))
    request.service(CaseService).reply(case, by=request.viewer, **values)
    return done(request, case, "回复已提交。")


@view_config(
    route_name="company_case_refund_report",
    request_method="POST",
    permission=Permission.CASE_REPLY,
    renderer="cases/company_case.jinja2",
)
def report_refund(request: Request) -> Any:
    case = case_of(request)
    form = _refund_form(request, case)
    values = form.submitted()
    if values is None:
        return _page(request, case, ("refund_report", form))
    refunds = request.service(RefundService)
    try:
        refunds.report(refunds.order_of(case), by=request.viewer, **values)
    except CaseRefused as error:
        refused(form, error, request)
        return _page(request, case, ("refund_report", form))
    return done(request, case, "退款情况已报告，待监管部门确认。")
