"""The calendar of what is owed: a company's own, the officers' over all companies, extensions, outages of the portal."""

from __future__ import annotations

from collections import Counter
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.view import view_config

from ingest.standard import FEEDS, Period
from reports import charts
from supervision.companies import CompanyService, NoSuchCompany
from supervision.companies.models import Company
from supervision.filings.calendar import FilingCalendar, Owed
from supervision.filings.forms import ExtensionSchema, OutageSchema
from supervision.filings.obligations import Obligation, Timeliness
from supervision.filings.problems import FilingRefused
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.forms import Form

# How an obligation stands, as the pages say it: tone and source string.
STANDINGS: dict[str, tuple[str, str]] = {
    "overdue": ("bad", "逾期未报"),
    "soon": ("open", "七日内到期"),
    "ahead": ("info", "未到期"),
    "late": ("open", "逾期报送"),
    "on_time": ("good", "按时报送"),
}


def standing(one: Obligation) -> str:
    """The key of STANDINGS for it."""
    if one.timeliness is Timeliness.MISSING:
        return "overdue"
    if one.timeliness is Timeliness.NOT_YET:
        return "soon" if one.is_soon else "ahead"
    return str(one.timeliness)


def _chosen_season(request: Request, calendar: FilingCalendar) -> tuple[Period, list[Period]]:
    seasons = calendar.seasons()
    wanted = request.GET.get("season", "")
    return next((season for season in seasons if season.text == wanted), seasons[0]), seasons


@view_config(
    route_name="company_calendar",
    request_method="GET",
    permission=Permission.OWN_FILING_READ,
    renderer="filings/company_calendar.jinja2",
)
def company_calendar(request: Request) -> dict[str, Any]:
    """What the viewer's company owes for a season, each with its last day, how it stands and the way to file it."""
    audience_of(request)
    calendar = request.service(FilingCalendar)
    season, seasons = _chosen_season(request, calendar)
    company = request.service(CompanyService).by_id(request.viewer.company_id or 0)
    owed = calendar.of_company(company, season)
    return {
        "owed": owed,
        "season": season.text,
        "seasons": [one.text for one in seasons],
        "standing": standing,
        "standings": STANDINGS,
        "counts": Counter(standing(one) for one in owed),
        "feeds": FEEDS,
        "today": calendar.today,
    }


@view_config(
    route_name="officer_calendar",
    request_method="GET",
    permission=Permission.FILING_READ,
    renderer="filings/officer_calendar.jinja2",
)
def officer_calendar(request: Request) -> dict[str, Any]:
    """What all companies owe for a season: how many on time, late and missing by feed and period, and each row."""
    audience_of(request)
    calendar = request.service(FilingCalendar)
    season, seasons = _chosen_season(request, calendar)
    everything = calendar.of_all(season)
    chosen = {name: request.GET.get(name, "").strip()[:40] for name in ("company", "feed", "standing")}
    shown = [
        owed
        for owed in everything
        if chosen["company"] in ("", owed.company.code)
        and chosen["feed"] in ("", owed.obligation.rule.feed)
        and chosen["standing"] in ("", standing(owed.obligation))
    ]
    return {
        "owed": shown,
        "counts": Counter(standing(owed.obligation) for owed in everything),
        "chart": _chart(request, everything) if everything else None,
        "season": season.text,
        "seasons": [one.text for one in seasons],
        "chosen": chosen,
        "companies": request.service(CompanyService).all(),
        "standing": standing,
        "standings": STANDINGS,
        "feeds": FEEDS,
        "today": calendar.today,
        "may_extend": request.may(Permission.FILING_EXTEND),
    }


def _chart(request: Request, everything: list[Owed]) -> Any:
    """One bar a feed and period: on time, late or missing, and not due yet."""
    rows: dict[tuple[str, str], Counter[str]] = {}
    for owed in everything:
        one = owed.obligation
        key = (one.rule.feed, one.period)
        rows.setdefault(key, Counter())[standing(one)] += 1
    name = "en" if request.language == "en" else "zh"
    bars = [
        charts.OutcomeRow(
            f"{getattr(FEEDS[feed], name)} {period}",
            counted["on_time"],
            counted["late"] + counted["overdue"],
            counted["soon"] + counted["ahead"],
        )
        for (feed, period), counted in rows.items()
    ]
    return charts.stacked_outcomes(
        bars,
        title=request.say("按时与逾期"),
        description=request.say("每类数据每期的企业数：按时、逾期、未到期；下表为同一数据。"),
        conforms=request.say("按时"),
        breach=request.say("逾期"),
        inconclusive=request.say("未到期"),
    )


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


def _outages_page(request: Request, form: Form) -> dict[str, Any]:
    found = request.service(FilingCalendar).outages()
    people = request.service(UserService).display_names([one.entered_by for one in found])
    return {"outages": found, "people": people, "form": form}


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
