"""The desk: a company answers its own complaints, officers return or close any."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from supervision.companies import CompanyService, NoSuchCompany
from supervision.complaints import words
from supervision.complaints.forms import AnswerSchema, WordSchema
from supervision.complaints.lifecycle import LIFECYCLE, OPEN, ComplaintAct, ComplaintState
from supervision.complaints.models import Complaint
from supervision.complaints.service import ComplaintService, NoSuchComplaint, is_overdue
from supervision.complaints.words import BILL_TOPICS
from supervision.findings import CheckedBills, NoSuchBill
from supervision.security import Permission
from supervision.web.forms import Form
from supervision.web.paging import page_number, paged

LATEST_BILLS = 6  # of an account, shown with a complaint that names it but no bill


@view_config(
    route_name="complaint_desk",
    request_method="GET",
    permission=Permission.COMPLAINT_READ,
    renderer="complaints/desk.jinja2",
)
def desk(request: Any) -> dict[str, Any]:
    """Open complaints by deadline, the most urgent first; or all of a state, topic or company."""
    service = request.service(ComplaintService)
    query = service.visible_to(request.viewer)
    asked = {key: request.GET[key] for key in ("state", "topic", "company") if request.GET.get(key)}
    if asked.get("state") == "all":
        pass
    elif asked.get("state") in words.STATES:
        query = query.where(Complaint.state == ComplaintState(asked["state"]))
    else:
        query = query.where(Complaint.state.in_(OPEN))
    if asked.get("topic") in words.TOPICS:
        query = query.where(Complaint.topic == asked["topic"])
    if "company" in asked and not request.viewer.is_company:
        try:
            query = query.where(
                Complaint.company_id == request.service(CompanyService).by_code(asked["company"]).id
            )
        except NoSuchCompany:
            raise HTTPNotFound from None
    page = paged(request.db, query.order_by(Complaint.close_by, Complaint.id), page_number(request))
    return {
        "page": page,
        "asked": asked,
        "words": words,
        "companies": request.service(CompanyService).all(),
        "counts": service.counts(request.viewer, request.now()),
        "now": request.now(),
        "is_overdue": is_overdue,
    }


def _found(request: Any) -> Complaint:
    try:
        return request.service(ComplaintService).find(request.matchdict["number"], request.viewer)
    except NoSuchComplaint:
        raise HTTPNotFound from None


def _forms(request: Any, complaint: Complaint) -> dict[str, Form]:
    """The acts that the viewer may take now, each with its form."""
    offered = (
        (ComplaintAct.ANSWER, AnswerSchema, "提交答复", "complaint_answer"),
        (ComplaintAct.CLOSE, WordSchema, "办结", "complaint_close"),
        (ComplaintAct.RETURN, WordSchema, "退回企业重办", "complaint_return"),
    )
    forms = {}
    for act, schema, button, route in offered:
        if LIFECYCLE.permits(complaint.state, act, request.viewer.permissions):
            form = Form(request, schema(), button=button, name=str(act))
            form.act(request.route_path(route, number=complaint.number))
            forms[str(act)] = form
    return forms


def _page(request: Any, complaint: Complaint, failed: tuple[str, Form] | None = None) -> dict[str, Any]:
    forms = _forms(request, complaint)
    for name, form in forms.items():
        if failed and failed[0] == name:
            forms[name] = failed[1]
        else:
            form.shown({"version": complaint.version})
    return {
        "complaint": complaint,
        "words": words,
        "forms": forms,
        "phone": request.service(ComplaintService).phone_of(complaint, request.viewer),
        "overdue": is_overdue(complaint, request.now()),
        "bills": _recomputed_bills(request, complaint),
    }


def _recomputed_bills(request: Any, complaint: Complaint) -> list[Any]:
    """The worksheets of the bills that a bill complaint names (CP10): the verdict stands before the first call."""
    if complaint.topic not in BILL_TOPICS:
        return []
    findings = request.service(CheckedBills)
    if complaint.bill_no:
        try:
            return [findings.bill(complaint.company_id, complaint.bill_no)]
        except NoSuchBill:
            pass
    if not complaint.account_no:
        return []
    named = findings.bills_of_account(complaint.company_id, complaint.account_no)[:LATEST_BILLS]
    return [findings.bill(complaint.company_id, outcome["bill_no"], run=run) for run, outcome in named]


@view_config(
    route_name="complaint_on_desk",
    request_method="GET",
    permission=Permission.COMPLAINT_READ,
    renderer="complaints/on_desk.jinja2",
)
def on_desk(request: Any) -> dict[str, Any]:
    return _page(request, _found(request))


def _act(request: Any, act: ComplaintAct) -> tuple[Complaint, Form, dict[str, Any] | None]:
    complaint = _found(request)
    form = _forms(request, complaint).get(str(act))
    if form is None:  # not possible from this state (any more)
        LIFECYCLE.step(complaint.state, act)
        raise HTTPNotFound
    return complaint, form, form.submitted()


def _done(request: Any, complaint: Complaint, text: str) -> HTTPSeeOther:
    request.session.flash(request.say(text), "success")
    return HTTPSeeOther(request.route_path("complaint_on_desk", number=complaint.number))


@view_config(
    route_name="complaint_answer",
    request_method="POST",
    permission=Permission.COMPLAINT_ANSWER,
    renderer="complaints/on_desk.jinja2",
)
def answer(request: Any) -> Any:
    complaint, form, values = _act(request, ComplaintAct.ANSWER)
    if values is None:
        return _page(request, complaint, ("answer", form))
    request.service(ComplaintService).answer(complaint, by=request.viewer, **values)
    return _done(request, complaint, "答复已提交，待监管部门审核。")


@view_config(
    route_name="complaint_return",
    request_method="POST",
    permission=Permission.COMPLAINT_CLOSE,
    renderer="complaints/on_desk.jinja2",
)
def return_to_company(request: Any) -> Any:
    complaint, form, values = _act(request, ComplaintAct.RETURN)
    if values is None:
        return _page(request, complaint, ("return", form))
    request.service(ComplaintService).return_to_company(
        complaint, by=request.viewer, reason=values["text"], version=values["version"]
    )
    return _done(request, complaint, "已退回企业重办。")


@view_config(
    route_name="complaint_close",
    request_method="POST",
    permission=Permission.COMPLAINT_CLOSE,
    renderer="complaints/on_desk.jinja2",
)
def close(request: Any) -> Any:
    complaint, form, values = _act(request, ComplaintAct.CLOSE)
    if values is None:
        return _page(request, complaint, ("close", form))
    request.service(ComplaintService).close(complaint, by=request.viewer, **values)
    return _done(request, complaint, "投诉已办结，投诉人可查看并可要求重新办理。")
