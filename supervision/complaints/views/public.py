"""What a resident does: complain, keep the number and code, read the answer, reopen."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from supervision.companies import CompanyService
from supervision.complaints import words
from supervision.complaints.forms import ComplaintSchema, LookupSchema, WordSchema
from supervision.complaints.lifecycle import LIFECYCLE, ComplaintAct
from supervision.complaints.models import Complaint
from supervision.complaints.service import ComplaintService, NoSuchComplaint, TooMany, is_overdue
from supervision.security import Permission
from supervision.web.forms import Form

UNLOCKED = "complaints"  # numbers whose code this visit has shown


def _form(request: Any) -> Form:
    return Form(request, ComplaintSchema(), button="提交投诉")


def _too_many(request: Any, error: TooMany) -> dict[str, Any]:
    request.response.status = 429
    request.response.headers["Retry-After"] = str(error.seconds)
    request.override_renderer = "error.jinja2"
    return {
        "code": 429,
        "title": "提交过于频繁",
        "advice": "同一网络短时间内提交次数过多，请稍后再试，或拨打 12345 热线。",
        "incident": None,
    }


@view_config(
    route_name="complain",
    request_method="GET",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/complain.jinja2",
)
def complain(request: Any) -> dict[str, Any]:
    known = ("company", "topic", "account_no", "bill_no")
    return {
        "form": _form(request).shown({key: request.GET[key][:64] for key in known if request.GET.get(key)})
    }


@view_config(
    route_name="complain",
    request_method="POST",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/complain.jinja2",
)
def send_complaint(request: Any) -> Any:
    form = _form(request)
    values = form.submitted()
    if values is None:
        return {"form": form}
    company = request.service(CompanyService).by_code(values.pop("company"))
    try:
        received = request.service(ComplaintService).receive(
            company=company, address=request.client_addr or "", **values
        )
    except TooMany as error:
        return _too_many(request, error)
    request.session["received"] = [received.complaint.number, received.code]
    _unlock(request, received.complaint.number)
    return HTTPSeeOther(request.route_path("complaint_received"))


@view_config(
    route_name="complaint_received",
    request_method="GET",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/received.jinja2",
)
def received(request: Any) -> Any:
    shown = request.session.get("received")
    if not shown:
        return HTTPSeeOther(request.route_path("complaint_lookup"))
    number, code = shown
    return {"complaint": request.service(ComplaintService).numbered(number), "code": code}


@view_config(
    route_name="complaint_lookup",
    request_method="GET",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/lookup.jinja2",
)
def lookup(request: Any) -> dict[str, Any]:
    return {"form": Form(request, LookupSchema(), button="查询").shown(), "wrong": False}


@view_config(
    route_name="complaint_lookup",
    request_method="POST",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/lookup.jinja2",
)
def look_up(request: Any) -> Any:
    """A wrong pair is answered with 200, because a refusal would roll back the count of wrong tries."""
    form = Form(request, LookupSchema(), button="查询")
    values = form.submitted()
    if values is None:
        return {"form": form, "wrong": False}
    try:
        found = request.service(ComplaintService).unlock(
            values["number"], values["code"], request.client_addr or ""
        )
    except TooMany as error:
        return _too_many(request, error)
    if found is None:
        return {"form": form.shown({"number": values["number"]}), "wrong": True}
    _unlock(request, found.number)
    return HTTPSeeOther(request.route_path("complaint", number=found.number))


def _unlock(request: Any, number: str) -> None:
    request.session[UNLOCKED] = [*request.session.get(UNLOCKED, [])[-9:], number]


def _own(request: Any) -> Complaint:
    """The complaint that this visit has shown the code of; any other answers like one that does not exist."""
    number = request.matchdict["number"]
    if number not in request.session.get(UNLOCKED, []):
        raise HTTPNotFound
    try:
        return request.service(ComplaintService).numbered(number)
    except NoSuchComplaint:
        raise HTTPNotFound from None


def _shown(request: Any, complaint: Complaint, form: Form) -> dict[str, Any]:
    return {
        "complaint": complaint,
        "words": words,
        "form": form,
        "may_reopen": LIFECYCLE.permits(complaint.state, ComplaintAct.REOPEN, frozenset({"public.complain"})),
        "overdue": is_overdue(complaint, request.now()),
    }


def _reopen_form(request: Any) -> Form:
    return Form(request, WordSchema(), button="要求重新办理")


@view_config(
    route_name="complaint",
    request_method="GET",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/status.jinja2",
)
def status(request: Any) -> dict[str, Any]:
    complaint = _own(request)
    form = _reopen_form(request)
    form.act(request.route_path("complaint_reopen", number=complaint.number))
    return _shown(request, complaint, form.shown({"version": complaint.version}))


@view_config(
    route_name="complaint_reopen",
    request_method="POST",
    permission=Permission.PUBLIC_COMPLAIN,
    renderer="complaints/status.jinja2",
)
def reopen(request: Any) -> Any:
    complaint = _own(request)
    form = _reopen_form(request)
    values = form.submitted()
    if values is None:
        return _shown(request, complaint, form)
    request.service(ComplaintService).reopen(complaint, reason=values["text"], version=values["version"])
    request.session.flash(request.say("已转供热企业重新办理，期限仍从首次提交之日算起。"), "success")
    return HTTPSeeOther(request.route_path("complaint", number=complaint.number))
