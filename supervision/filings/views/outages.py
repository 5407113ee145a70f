"""Outages of the portal (中断登记): entered by the operator, they move the last days that fall into them."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from supervision.filings.calendar import FilingCalendar
from supervision.filings.forms import OutageSchema
from supervision.filings.problems import FilingRefused
from supervision.filings.proposed_outages import ProposedOutages
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.forms import Form

# The parts of the service that have a heartbeat, as source strings.
PARTS = {"web": "网页服务", "worker": "后台服务"}


def _outages_page(request: Request, form: Form) -> dict[str, Any]:
    found = request.service(FilingCalendar).outages()
    people = request.service(UserService).display_names([one.entered_by for one in found])
    proposed = request.service(ProposedOutages).waiting()
    return {"outages": found, "people": people, "form": form, "proposed": proposed, "parts": PARTS}


@view_config(
    route_name="outages",
    request_method="GET",
    permission=Permission.OUTAGE_ENTER,
    renderer="filings/outages.jinja2",
)
def outages(request: Request) -> dict[str, Any]:
    return _outages_page(request, Form(request, OutageSchema(), button="登记中断").shown())


@view_config(
    route_name="outages",
    request_method="POST",
    permission=Permission.OUTAGE_ENTER,
    renderer="filings/outages.jinja2",
)
def enter_outage(request: Request) -> Any:
    """An outage is on record and moves the days that fall into it, or the page says what is wrong with it."""
    form = Form(request, OutageSchema(), button="登记中断")
    values = form.submitted()
    if values is None:
        return _outages_page(request, form)
    try:
        request.service(FilingCalendar).enter_outage(**values, by=request.actor)
    except FilingRefused as refused:
        form.refuse("ended_at", refused.zh if request.language == "zh" else refused.en)
        return _outages_page(request, form)
    request.session.flash(request.say("已登记。截止日落在中断期间的报送自动顺延。"), "success")
    return HTTPSeeOther(request.route_path("outages"))


@view_config(route_name="outage_proposal", request_method="POST", permission=Permission.OUTAGE_ENTER)
def settle_proposal(request: Request) -> HTTPSeeOther:
    """A silence of the service is entered as an outage with its reason, or settled as none."""
    service, public_id = request.service(ProposedOutages), request.matchdict["public_id"]
    if request.POST.get("decision") == "none":
        service.dismiss(public_id, by=request.actor)
        request.session.flash(request.say("已记录：不是中断，期限不变。"), "success")
    else:
        service.enter(public_id, reason=request.POST.get("reason", ""), by=request.actor)
        request.session.flash(request.say("已登记。截止日落在中断期间的报送自动顺延。"), "success")
    return HTTPSeeOther(request.route_path("outages"))
