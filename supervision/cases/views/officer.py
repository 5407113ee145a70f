"""An officer's cases: the list, one case with all that can be done about it, and the acts."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import FileResponse, Response
from pyramid.view import view_config
from sqlalchemy.orm import selectinload

from supervision.cases import words
from supervision.cases.basis import provisions
from supervision.cases.drafting import DraftValues
from supervision.cases.forms import ReasonSchema, RefundConfirmSchema, decision_schema
from supervision.cases.lifecycle import UNDER_WAY, CaseAct, CaseState, DecisionKind, DecisionState, RefundAct
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
from supervision.companies import CompanyService, NoSuchCompany
from supervision.db.lifecycle import MovedMeanwhile
from supervision.documents import DocumentService
from supervision.findings import FindingService
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.users import UserService
from supervision.web import Request
from supervision.web.forms import Form
from supervision.web.paging import page_number, paged

ROWS_SHOWN = 10  # of the annex, on the page


@view_config(
    route_name="officer_cases",
    request_method="GET",
    permission=Permission.CASE_READ,
    renderer="cases/officer_list.jinja2",
)
def cases(request: Request) -> dict[str, Any]:
    """Cases under way, newest first; or those of a state, company or season, or the overdue ones."""
    audience_of(request)
    service = request.service(CaseService)
    query = service.visible_to(request.viewer)
    asked = {key: request.GET[key] for key in ("state", "company", "season") if request.GET.get(key)}
    state = asked.get("state", "")
    today = local_date(request.now())
    if state == "overdue":
        query = service.overdue(query, today)
    elif state in words.STATES:
        query = query.where(Case.state == CaseState(state))
    elif state != "all":
        query = query.where(Case.state.in_(UNDER_WAY))
    if "season" in asked:
        query = query.where(Case.season == asked["season"])
    if "company" in asked:
        try:
            company = request.service(CompanyService).by_code(asked["company"])
        except NoSuchCompany:
            raise HTTPNotFound from None
        query = query.where(Case.company_id == company.id)
    query = query.options(selectinload(Case.findings)).order_by(Case.id.desc())
    page = paged(request.db, query, page_number(request))
    return page_of(
        request,
        page=page,
        asked=asked,
        counts=service.counts(request.viewer, today),
        companies=request.service(CompanyService).all(),
    )


@view_config(route_name="officer_case_open", request_method="POST", permission=Permission.CASE_OPEN)
def open_case(request: Request) -> HTTPSeeOther:
    """A case from the finding as it was shown, and from every other open one of its cause in the season: the company
    answers once for one mistake."""
    audience_of(request)
    service = request.service(FindingService)
    finding = service.finding(request.matchdict["public_id"], request.viewer)
    if request.POST.get("version", str(finding.version)) != str(finding.version):
        raise MovedMeanwhile
    others = [each for each in service.of_same_cause(finding) if each.id != finding.id]
    case = request.service(CaseService).open([finding, *others], by=request.viewer)
    return done(request, case, "已立案。证据附件正在准备，随后即可起草决定。")


@view_config(
    route_name="officer_case",
    request_method="GET",
    permission=Permission.CASE_READ,
    renderer="cases/officer_case.jinja2",
)
def case_page(request: Request) -> dict[str, Any]:
    return _page(request, case_of(request))


def _page(request: Request, case: Case, failed: tuple[str, Form] | None = None) -> dict[str, Any]:
    service = request.service(CaseService)
    decision = service.current_decision(case)
    forms = dict(_forms(request, case))
    if failed is not None:
        forms[failed[0]] = failed[1]
    document = decision.document if decision else None
    return page_of(
        request,
        case=case,
        people=request.service(UserService).display_names(
            [
                case.opened_by,
                *(event.by_name for event in case.events),
                *(one.approved_by for one in case.decisions if one.approved_by),
            ]
        ),
        severities=request.service(FindingService).severities(
            [each.finding for each in case.findings], local_date(request.now())
        ),
        customers={
            each.finding_id: request.service(FindingService).customers(each.parts) for each in case.findings
        },
        decision=decision,
        forms=forms,
        annex=case.annex,
        annex_rows=case.annex.rows[:ROWS_SHOWN] if case.annex else [],
        annex_job=None if case.annex else service.annex_job(case),
        document=document,
        document_job=request.service(DocumentService).rendering(document)
        if document is not None and document.bytes_digest is None
        else None,
        may_submit=may(request, case, CaseAct.SUBMIT)
        and decision is not None
        and decision.state is DecisionState.DRAFT,
        may_approve=may(request, case, CaseAct.APPROVE),
        is_author=decision is not None and request.viewer.person_no in decision.author_person_nos,
        is_refund_late=case.refund is not None and is_late(case.refund, request),
        may_close=may(request, case, CaseAct.CLOSE),
    )


def _forms(request: Request, case: Case) -> list[tuple[str, Form]]:
    """The acts with words that the viewer may take now, each with its form."""
    found = []
    if may(request, case, CaseAct.SAVE) and case.annex is not None:
        found.append(("draft", _draft_form(request, case).shown(_shown_draft(request, case))))
    offered = [
        (CaseAct.SEND_BACK, "退回修改", "send_back"),
        (CaseAct.WITHDRAW, "撤销案件", "withdraw"),
    ]
    if case.refund is None or case.refund.confirmed_amount is not None:
        offered.append((CaseAct.CLOSE, "结案", "close"))
    for act, button, name in offered:
        if may(request, case, act):
            form = form_of(request, case, name, ReasonSchema(), button)
            found.append((name, form.shown({"version": case.version})))
    order = case.refund
    if order is not None and may_refund(request, order, RefundAct.CONFIRM):
        form = form_of(request, case, "refund_confirm", RefundConfirmSchema(), "确认退款")
        found.append(
            ("refund_confirm", form.shown({"version": order.version, "amount": order.reported_amount}))
        )
        form = form_of(request, case, "refund_return", ReasonSchema(), "退回补充")
        found.append(("refund_return", form.shown({"version": order.version})))
    return found


def _draft_form(request: Request, case: Case) -> Form:
    return form_of(request, case, "draft", decision_schema(case.company, request.language), "保存草稿并预览")


def _shown_draft(request: Request, case: Case) -> dict[str, Any]:
    service = request.service(CaseService)
    values = service.proposal(case)
    last = service.current_decision(case)
    return {
        "version": case.version,
        "seen": last.text_digest if last else "",
        "kind": str(values.kind),
        "facts": values.facts,
        "demand": values.demand,
        "summary_en": values.summary_en,
        "refund_total": values.refund_total,
        "refund_due_on": values.refund_due_on,
        "reply_due_on": values.reply_due_on,
        "legal_basis": set(values.legal_basis),
    }


# -- acts ---------------------------------------------------------------------------------------------------------


@view_config(
    route_name="officer_case_draft",
    request_method="POST",
    permission=Permission.CASE_DRAFT,
    renderer="cases/officer_case.jinja2",
)
def save_draft(request: Request) -> Any:
    case = case_of(request)
    form = _draft_form(request, case)
    values = form.submitted()
    if values is None:
        return _page(request, case, ("draft", form))
    version, seen = values.pop("version"), values.pop("seen")
    codes = [code for code in provisions() if code in values["legal_basis"]]
    draft = DraftValues(**{**values, "kind": DecisionKind(values["kind"]), "legal_basis": tuple(codes)})
    try:
        request.service(CaseService).save_draft(case, draft, by=request.viewer, version=version, seen=seen)
    except CaseRefused as error:
        refused(form, error, request)
        return _page(request, case, ("draft", form))
    return done(request, case, "草稿已保存。请核对下面的决定文本，然后提交审批。")


def _given(request: Request) -> tuple[int, str]:
    """The version and the digest of the text that the visitor saw. Raises MovedMeanwhile where they are none."""
    version, digest = request.POST.get("version", ""), request.POST.get("text_digest", "")
    if not version.isascii() or not version.isdigit() or len(version) > 9:
        raise MovedMeanwhile
    return int(version), digest


@view_config(route_name="officer_case_submit", request_method="POST", permission=Permission.CASE_DRAFT)
def submit(request: Request) -> HTTPSeeOther:
    case = case_of(request)
    version, digest = _given(request)
    request.service(CaseService).submit(case, by=request.viewer, version=version, text_digest=digest)
    return done(request, case, "已提交审批。审批须由另一名主管人员办理。")


@view_config(route_name="officer_case_approve", request_method="POST", permission=Permission.CASE_APPROVE)
def approve(request: Request) -> HTTPSeeOther:
    case = case_of(request)
    version, digest = _given(request)
    request.service(CaseService).approve(case, by=request.viewer, version=version, text_digest=digest)
    return done(request, case, "已审批并签发，企业现在可以看到本案。PDF 正在生成。")


@view_config(
    route_name="officer_case_send_back",
    request_method="POST",
    permission=Permission.CASE_APPROVE,
    renderer="cases/officer_case.jinja2",
)
def send_back(request: Request) -> Any:
    return _with_reason(
        request,
        "send_back",
        "退回修改",
        "已退回起草人修改。",
        lambda case, values: request.service(CaseService).send_back(
            case, by=request.viewer, reason=values["text"], version=values["version"]
        ),
    )


@view_config(
    route_name="officer_case_withdraw",
    request_method="POST",
    permission=Permission.CASE_DRAFT,
    renderer="cases/officer_case.jinja2",
)
def withdraw(request: Request) -> Any:
    return _with_reason(
        request,
        "withdraw",
        "撤销案件",
        "案件已撤销，核查发现恢复为待处理。",
        lambda case, values: request.service(CaseService).withdraw(
            case, by=request.viewer, reason=values["text"], version=values["version"]
        ),
    )


@view_config(
    route_name="officer_case_close",
    request_method="POST",
    permission=Permission.CASE_APPROVE,
    renderer="cases/officer_case.jinja2",
)
def close(request: Request) -> Any:
    return _with_reason(
        request,
        "close",
        "结案",
        "已结案，所涉核查发现一并办结。",
        lambda case, values: request.service(CaseService).close(
            case, by=request.viewer, text=values["text"], version=values["version"]
        ),
    )


@view_config(
    route_name="officer_case_refund_return",
    request_method="POST",
    permission=Permission.CASE_DRAFT,
    renderer="cases/officer_case.jinja2",
)
def return_refund(request: Request) -> Any:
    refunds = request.service(RefundService)
    return _with_reason(
        request,
        "refund_return",
        "退回补充",
        "已退回企业补充退款报告。",
        lambda case, values: refunds.return_to_company(
            refunds.order_of(case), by=request.viewer, reason=values["text"], version=values["version"]
        ),
    )


def _with_reason(request: Request, name: str, button: str, told: str, act: Any) -> Any:
    """An act that needs a reason: done and told, or the page again with what is wrong."""
    case = case_of(request)
    form = form_of(request, case, name, ReasonSchema(), button)
    values = form.submitted()
    if values is None:
        return _page(request, case, (name, form))
    act(case, values)
    return done(request, case, told)


@view_config(
    route_name="officer_case_refund_confirm",
    request_method="POST",
    permission=Permission.CASE_DRAFT,
    renderer="cases/officer_case.jinja2",
)
def confirm_refund(request: Request) -> Any:
    case = case_of(request)
    form = form_of(request, case, "refund_confirm", RefundConfirmSchema(), "确认退款")
    values = form.submitted()
    if values is None:
        return _page(request, case, ("refund_confirm", form))
    refunds = request.service(RefundService)
    try:
        refunds.confirm(refunds.order_of(case), by=request.viewer, **values)
    except CaseRefused as error:
        refused(form, error, request)
        return _page(request, case, ("refund_confirm", form))
    return done(request, case, "退款已确认。")


@view_config(route_name="officer_case_annex", request_method="GET", permission=Permission.CASE_READ)
def annex_csv(request: Request) -> Response:
    """Every bill of the case, before anything is issued."""
    case = case_of(request)
    if case.annex is None:
        raise HTTPNotFound
    path = request.evidence.path(case.annex.csv_digest)
    answer = FileResponse(str(path), request=request, content_type="text/csv", charset="utf-8")
    answer.content_disposition = f'attachment; filename="case-{case.public_id}.csv"'
    return answer
