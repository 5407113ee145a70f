"""What moves, lifts or answers an obligation without a file: extensions and exemptions by officers, and a signatory's
declaration that there is nothing to report."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from ingest.standard import FEEDS
from supervision.companies import CompanyService, NoSuchCompany
from supervision.companies.models import Company
from supervision.filings.calendar import FilingCalendar
from supervision.filings.forms import ExemptionSchema, ExtensionSchema
from supervision.filings.obligations import Obligation
from supervision.filings.problems import FilingRefused
from supervision.filings.relief import FilingRelief
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.forms import Form


def _to_extend(request: Request) -> tuple[Company, Obligation]:
    wanted = {name: request.GET.get(name, "")[:40] for name in ("company", "feed", "period")}
    try:
        company = request.service(CompanyService).by_code(wanted["company"])
    except NoSuchCompany:
        raise HTTPNotFound from None
    return company, request.service(FilingCalendar).one(company, wanted["feed"], wanted["period"])


def _extension_page(request: Request, company: Company, one: Obligation, form: Form) -> dict[str, Any]:
    return {"company": company, "one": one, "form": form, "feed": FEEDS[one.rule.feed]}


@view_config(
    route_name="officer_extension",
    request_method="GET",
    permission=Permission.FILING_EXTEND,
    renderer="filings/extension.jinja2",
)
def extension_page(request: Request) -> dict[str, Any]:
    company, one = _to_extend(request)
    return _extension_page(request, company, one, Form(request, ExtensionSchema(), button="准予延期").shown())


@view_config(
    route_name="officer_extension",
    request_method="POST",
    permission=Permission.FILING_EXTEND,
    renderer="filings/extension.jinja2",
)
def extend(request: Request) -> Any:
    """The last day is moved for a reason, or the page says why not."""
    company, one = _to_extend(request)
    form = Form(request, ExtensionSchema(), button="准予延期")
    values = form.submitted()
    if values is None:
        return _extension_page(request, company, one, form)
    try:
        request.service(FilingCalendar).extend(
            company,
            one.rule.feed,
            one.period,
            due_on=values["due_on"],
            reason=values["reason"],
            by=request.actor,
        )
    except FilingRefused as refused:
        form.refuse("due_on", refused.zh if request.language == "zh" else refused.en)
        return _extension_page(request, company, one, form)
    request.session.flash(request.say("已延期至 %(day)s。", day=values["due_on"].isoformat()), "success")
    return HTTPSeeOther(request.route_path("officer_calendar", _query={"company": company.code}))


# -- exemptions -------------------------------------------------------------------------------------------------------


def _exemptions_page(request: Request, form: Form) -> dict[str, Any]:
    calendar = request.service(FilingCalendar)
    found = calendar.exemptions()
    people = request.service(UserService).display_names([one.granted_by for one in found])
    return {"exemptions": found, "people": people, "form": form, "feeds": FEEDS, "today": calendar.today}


def _exemption_form(request: Request) -> Form:
    return Form(request, ExemptionSchema(), button="准予免报")


@view_config(
    route_name="officer_exemptions",
    request_method="GET",
    permission=Permission.FILING_EXTEND,
    renderer="filings/exemptions.jinja2",
)
def exemptions(request: Request) -> dict[str, Any]:
    """Every exemption, the latest first, and the form of a new one."""
    given = {name: request.GET[name][:40] for name in ("company", "feed") if name in request.GET}
    return _exemptions_page(request, _exemption_form(request).shown(given))


@view_config(
    route_name="officer_exemptions",
    request_method="POST",
    permission=Permission.FILING_EXTEND,
    renderer="filings/exemptions.jinja2",
)
def exempt(request: Request) -> Any:
    """The company is exempt for a reason, or the page says why not."""
    form = _exemption_form(request)
    values = form.submitted()
    if values is None:
        return _exemptions_page(request, form)
    company = request.service(CompanyService).by_code(values.pop("company"))
    try:
        request.service(FilingRelief).exempt(company, values.pop("feed"), **values, by=request.actor)
    except FilingRefused as refused:
        form.refuse("last_day", refused.zh if request.language == "zh" else refused.en)
        return _exemptions_page(request, form)
    request.session.flash(request.say("已准予免报。"), "success")
    return HTTPSeeOther(request.route_path("officer_exemptions"))


@view_config(route_name="officer_exemption_end", request_method="POST", permission=Permission.FILING_EXTEND)
def end_exemption(request: Request) -> HTTPSeeOther:
    """From tomorrow on the feed is owed again."""
    request.service(FilingRelief).end_exemption(request.matchdict["public_id"], by=request.actor)
    request.session.flash(request.say("免报已终止，自明日起恢复报送。"), "success")
    return HTTPSeeOther(request.route_path("officer_exemptions"))


# -- nothing to report ------------------------------------------------------------------------------------------------


def _own(request: Request) -> Company:
    audience_of(request)
    return request.service(CompanyService).by_id(request.viewer.company_id or 0)


@view_config(
    route_name="company_nothing",
    request_method="GET",
    permission=Permission.FILING_SIGN,
    renderer="filings/nothing.jinja2",
)
def nothing_page(request: Request) -> dict[str, Any]:
    """What the signatory would declare."""
    feed, period = (request.GET.get(name, "")[:30] for name in ("feed", "period"))
    owed, through, days = request.service(FilingRelief).speaks_of(_own(request), feed, period)
    return {"one": owed, "feed": FEEDS[feed], "period": period, "through": through, "days": days}


@view_config(route_name="company_nothing", request_method="POST", permission=Permission.FILING_SIGN)
def declare_nothing(request: Request) -> HTTPSeeOther:
    """The company declares that there is nothing; the ticked box comes with it."""
    if request.POST.get("confirmed") != "yes":
        raise FilingRefused("F05")
    feed, period = (request.GET.get(name, "")[:30] for name in ("feed", "period"))
    request.service(FilingRelief).declare_nothing(_own(request), feed, period, by=request.actor)
    request.session.flash(request.say("已声明无数据，记入审计日志。"), "success")
    return HTTPSeeOther(request.route_path("company_calendar"))
