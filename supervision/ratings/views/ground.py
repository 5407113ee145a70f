"""What the pages of ratings have in common: a release with its scheme, facts, chart and differences."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pyramid.httpexceptions import HTTPGone, HTTPNotFound
from pyramid.view import exception_view_config

from checks.ratings import Scheme
from reports import charts
from supervision.ratings import wording
from supervision.ratings.comparing import changes
from supervision.ratings.lifecycle import ReleaseState
from supervision.ratings.models import CompanyRating, RatingRelease
from supervision.ratings.problems import NoSuchRating, NoSuchRelease
from supervision.ratings.reading import season_before
from supervision.ratings.service import RatingService
from supervision.settings.clock import local_date
from supervision.users import UserService
from supervision.web import Request
from supervision.web.errors import not_found


def page_of_release(request: Request, release: RatingRelease, *, is_officer: bool) -> dict[str, Any]:
    """What a page about all companies of a release is handed."""
    service = request.service(RatingService)
    scheme, facts = service.scheme(release), service.facts(release)
    compared = release.predecessor or (
        service.in_force(season_before(release.season)) if is_officer else None
    )
    return {
        **_common(request, release, scheme, facts, is_officer=is_officer),
        "ratings": release.ratings,
        "chart": _companies_chart(request, release, scheme),
        "not_rated": facts["not_rated"],
        "history": service.history(release.season),
        "compared": compared,
        "changes": changes(compared.ratings, release.ratings) if compared else [],
    }


def page_of_rating(request: Request, rating: CompanyRating, *, is_officer: bool) -> dict[str, Any]:
    """What the page about one company of a release is handed."""
    service = request.service(RatingService)
    release = rating.release
    scheme, facts = service.scheme(release), service.facts(release)
    found = next(one for one in facts["companies"] if one["code"] == rating.company_code)
    names = {one["code"]: one for one in facts["companies"]}
    return {
        **_common(request, release, scheme, facts, is_officer=is_officer),
        "rating": rating,
        "found": found,
        "sources": found["sources"],
        "lines": [(scheme.indicator(line["indicator"]), line) for line in rating.lines],
        "limiters": [(_limiter(scheme, line["limiter"]), line) for line in rating.limiters],
        "groups": list(zip(scheme.groups, rating.groups, strict=True)),
        "reasons": wording.main_reasons(scheme, rating.lines),
        "coverage": wording.coverage(found["sources"].get("bills")),
        "alike": [names[code] for code in rating.alike],
        "others": service.other_seasons(rating),
        "before": service.before(rating),
        "ranked": len(release.ratings),
        "due_rules": {rule["code"]: rule for rule in facts["due_rules"]},
        "chart": _indicators_chart(request, rating, scheme),
    }


def _common(
    request: Request, release: RatingRelease, scheme: Scheme, facts: dict[str, Any], *, is_officer: bool
) -> dict[str, Any]:
    as_of = dt.datetime.fromisoformat(facts["as_of"])
    named = [release.computed_by, release.released_by or ""] if is_officer else []
    return {
        "people": request.service(UserService).display_names(named),
        "release": release,
        "scheme": scheme,
        "as_of": as_of,
        "is_unfinished": local_date(as_of) <= _last_day(release.season),
        "is_officer": is_officer,
        "wording": wording,
        "query": {"release": release.public_id},
    }


def _last_day(season: str) -> dt.date:
    from ingest.standard import Period, PeriodKind

    return Period.parse(season, (PeriodKind.SEASON,)).last_day


def _limiter(scheme: Scheme, code: str) -> Any:
    return next(limiter for limiter in scheme.limiters if limiter.code == code)


def _companies_chart(request: Request, release: RatingRelease, scheme: Scheme) -> Any:
    language = request.language
    return charts.score_bars(
        [
            charts.Score(
                label=getattr(one, f"name_{language}"),
                points=wording.score(one.score),
                points_max="100",
                weight=f"{wording.grade_text(scheme, one.grade)[language]}　{request.say('名次')} {ranks(one)}",
            )
            for one in release.ratings
        ],
        title=request.say("各企业得分"),
        description=request.say("各企业得分与等级，按得分排列。"),
        undetermined="—",
    )


def _indicators_chart(request: Request, rating: CompanyRating, scheme: Scheme) -> Any:
    language = request.language
    return charts.score_bars(
        [
            charts.Score(
                label=getattr(scheme.indicator(line["indicator"]), language),
                points=None if line["weight_used"] == "0" else wording.two(line["points"]).replace(",", ""),
                points_max="100",
                weight=f"{request.say('权重')} {wording.two(line['weight_used'])}%",
            )
            for line in rating.lines
        ],
        title=request.say("各项指标得分"),
        description=request.say("每项指标满分 100 分；总分按权重加权。"),
        undetermined=request.say("不计"),
    )


def ranks(rating: CompanyRating) -> str:
    """``2`` or ``1–3``."""
    if rating.rank_low == rating.rank_high:
        return str(rating.rank_low)
    return f"{rating.rank_low}–{rating.rank_high}"


@exception_view_config(NoSuchRelease, renderer="error.jinja2")
@exception_view_config(NoSuchRating, renderer="error.jinja2")
def no_such_rating(error: LookupError, request: Request) -> dict[str, Any]:
    """A draft is told apart from nothing by nobody outside."""
    return not_found(request)


def standing(request: Request, release: RatingRelease) -> RatingRelease:
    """The release, unless it was withdrawn: then the public reads why, and its numbers no more. Raises HTTPGone."""
    if release.state is ReleaseState.WITHDRAWN:
        raise HTTPGone(request.say("该评级已撤回，原因见该采暖季的评级页面。"))
    return release


def named_release(request: Request) -> str | None:
    """The release that the address names. Raises HTTPNotFound for what cannot be one."""
    given: str | None = request.GET.get("release")
    if given is not None and not 1 <= len(given) <= 24:
        raise HTTPNotFound
    return given or None
