"""The calendar of what is owed: a company's own, the officers' over all companies, and the days of one month."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.view import view_config

from checks.deadlines import rules_of
from ingest.standard import FEEDS, Period
from reports import charts
from supervision.companies import CompanyService, NoSuchCompany
from supervision.companies.models import Company
from supervision.filings.answering import Answer
from supervision.filings.calendar import FilingCalendar, Owed
from supervision.filings.obligations import Obligation, Timeliness
from supervision.filings.relief import may_declare
from supervision.security import Permission
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.paging import page_number, sliced

PAGE = 100
FILTERS = ("company", "feed", "standing")

# How an obligation stands, as the pages say it: tone and source string.
STANDINGS: dict[str, tuple[str, str]] = {
    "overdue": ("bad", "逾期未报"),
    "unsigned": ("open", "已收到，待签署"),
    "soon": ("open", "七日内到期"),
    "ahead": ("info", "未到期"),
    "late": ("open", "逾期报送"),
    "on_time": ("good", "按时报送"),
}


def standing_of(answer: Answer, *, is_soon: bool) -> str:
    """The key of STANDINGS for it."""
    if answer.timeliness is Timeliness.MISSING:
        return "overdue"
    if answer.timeliness is Timeliness.NOT_YET:
        if answer.sign_by is not None:
            return "unsigned"
        return "soon" if is_soon else "ahead"
    return str(answer.timeliness)


def standing(one: Any) -> str:
    """As ``standing_of``, of an obligation or of one of its days."""
    return standing_of(one.answer, is_soon=one.is_soon)


def _chosen_season(request: Request, calendar: FilingCalendar) -> tuple[Period, list[Period]]:
    seasons = calendar.seasons()
    wanted = request.GET.get("season", "")
    return next((season for season in seasons if season.text == wanted), seasons[0]), seasons


def _feeds_of(season: Period) -> list[str]:
    """The feeds that something is owed of in the season, in the order of the standard."""
    return list(dict.fromkeys(rule.feed for rule in rules_of(season.text)))


def _chosen(request: Request) -> dict[str, str]:
    return {name: request.GET.get(name, "").strip()[:40] for name in FILTERS}


def _is_chosen(one: Obligation, chosen: dict[str, str]) -> bool:
    return chosen["feed"] in ("", one.rule.feed) and chosen["standing"] in ("", standing(one))


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
    owed, chosen = calendar.of_company(company, season), _chosen(request)
    lifted = [
        one
        for one in calendar.exemptions(company.id)
        if one.first_day <= season.last_day and (one.last_day is None or one.last_day >= season.first_day)
    ]
    return {
        "owed": [one for one in owed if _is_chosen(one, chosen)],
        "season": season.text,
        "seasons": [one.text for one in seasons],
        "chosen": chosen,
        "feed_codes": _feeds_of(season),
        "standing": standing,
        "standings": STANDINGS,
        "counts": Counter(standing(one) for one in owed),
        "feeds": FEEDS,
        "exemptions": lifted,
        "today": calendar.today,
        "may_sign": request.may(Permission.FILING_SIGN),
        "may_declare": may_declare,
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
    chosen = _chosen(request)
    everything = [
        owed
        for owed in calendar.of_all(season)
        if chosen["company"] in ("", owed.company.code) and chosen["feed"] in ("", owed.obligation.rule.feed)
    ]
    shown = [owed for owed in everything if _is_chosen(owed.obligation, chosen)]
    return {
        "page": sliced(shown, page_number(request), PAGE),
        "query": {"season": season.text, **{name: value for name, value in chosen.items() if value}},
        "counts": Counter(standing(owed.obligation) for owed in everything),
        "chart": _chart(request, everything, by_period=bool(chosen["feed"])) if everything else None,
        "season": season.text,
        "seasons": [one.text for one in seasons],
        "chosen": chosen,
        "companies": request.service(CompanyService).all(),
        "standing": standing,
        "standings": STANDINGS,
        "feeds": FEEDS,
        "feed_codes": _feeds_of(season),
        "today": calendar.today,
        "may_extend": request.may(Permission.FILING_EXTEND),
    }


def _chart(request: Request, everything: Sequence[Owed], *, by_period: bool) -> Any:
    """One bar a feed, or of one feed a period: on time, late or missing, and not due yet."""
    rows: dict[str, Counter[str]] = {}
    name = "en" if request.language == "en" else "zh"
    for owed in everything:
        one = owed.obligation
        label = one.period if by_period else getattr(FEEDS[one.rule.feed], name)
        rows.setdefault(label, Counter())[standing(one)] += 1
    bars = [
        charts.OutcomeRow(
            label,
            counted["on_time"],
            counted["late"] + counted["overdue"],
            counted["soon"] + counted["ahead"] + counted["unsigned"],
        )
        for label, counted in rows.items()
    ]
    return charts.stacked_outcomes(
        bars,
        title=request.say("按时与逾期"),
        description=request.say("每类数据（选定一类时每期）的项数：按时、逾期、未到期；下表为同一数据。"),
        conforms=request.say("按时"),
        breach=request.say("逾期"),
        inconclusive=request.say("未到期"),
    )


# -- the days of a month ----------------------------------------------------------------------------------------------


def _days_page(request: Request, company: Company) -> dict[str, Any]:
    """Raises HTTPNotFound where the company owes no days of that feed and month; FilingRefused (F06) where nothing."""
    feed, period = (request.GET.get(name, "")[:30] for name in ("feed", "period"))
    calendar = request.service(FilingCalendar)
    one = calendar.one(company, feed, period)
    if not one.days:
        raise HTTPNotFound
    return {
        "company": company,
        "one": one,
        "feed": FEEDS[feed],
        "standing": standing,
        "standings": STANDINGS,
        "today": calendar.today,
        "counts": Counter(standing(day) for day in one.days),
        "may_sign": request.may(Permission.FILING_SIGN),
        "may_declare": may_declare(one, calendar.today),
        "may_extend": request.may(Permission.FILING_EXTEND),
    }


@view_config(
    route_name="company_days",
    request_method="GET",
    permission=Permission.OWN_FILING_READ,
    renderer="filings/days.jinja2",
)
def company_days(request: Request) -> dict[str, Any]:
    audience_of(request)
    company = request.service(CompanyService).by_id(request.viewer.company_id or 0)
    return _days_page(request, company)


@view_config(
    route_name="officer_days",
    request_method="GET",
    permission=Permission.FILING_READ,
    renderer="filings/days.jinja2",
)
def officer_days(request: Request) -> dict[str, Any]:
    audience_of(request)
    try:
        company = request.service(CompanyService).by_code(request.GET.get("company", "")[:40])
    except NoSuchCompany:
        raise HTTPNotFound from None
    return _days_page(request, company)
