"""Ratings as everybody reads them: a season's table, and how each company's numbers came about."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPServiceUnavailable
from pyramid.response import Response
from pyramid.view import view_config

from supervision.documents import DocumentService, NotRendered
from supervision.ratings import wording
from supervision.ratings.service import RatingService
from supervision.ratings.views.ground import named_release, page_of_rating, page_of_release, standing
from supervision.security import Permission
from supervision.web import Request


@view_config(
    route_name="ratings",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="ratings/season.jinja2",
)
def ratings(request: Request) -> dict[str, Any]:
    """The newest season that something is published of."""
    seasons = request.service(RatingService).seasons()
    if not seasons:
        return {"release": None, "seasons": []}
    return _season(request, seasons[0])


@view_config(
    route_name="rating_season",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="ratings/season.jinja2",
)
def season(request: Request) -> dict[str, Any]:
    return _season(request, request.matchdict["season"])


def _season(request: Request, season: str) -> dict[str, Any]:
    service = request.service(RatingService)
    release = service.published(season, named_release(request))
    return {
        **page_of_release(request, release, is_officer=False),
        "seasons": service.seasons(),
    }


@view_config(
    route_name="rating_company",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="ratings/company.jinja2",
)
def company(request: Request) -> dict[str, Any]:
    """How each number of a company's rating came about."""
    service = request.service(RatingService)
    release = standing(request, service.published(request.matchdict["season"], named_release(request)))
    rating = service.rating(release, request.matchdict["company_code"])
    return page_of_rating(request, rating, is_officer=False)


@view_config(route_name="rating_card", request_method="GET", permission=Permission.PUBLIC_READ)
def card(request: Request) -> Response:
    """The report card as issued; one that was withdrawn is no longer handed out."""
    service = request.service(RatingService)
    release = standing(request, service.published(request.matchdict["season"], named_release(request)))
    rating = service.rating(release, request.matchdict["company_code"])
    if rating.card is None:
        raise HTTPNotFound
    try:
        body = request.service(DocumentService).pdf(rating.card)
    except NotRendered:
        raise HTTPServiceUnavailable(
            request.say("评价结果单正在生成，请稍候刷新。"), headers={"Retry-After": "5"}
        ) from None
    answer = Response(body, content_type="application/pdf")
    answer.content_disposition = f'inline; filename="rating-{release.season}-{rating.company_code}.pdf"'
    return answer


@view_config(
    route_name="rating_scheme",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="ratings/scheme.jinja2",
)
def scheme(request: Request) -> dict[str, Any]:
    """Every indicator, threshold, grade and limiter of a scheme that something published was rated by."""
    service = request.service(RatingService)
    digest = request.matchdict["digest"]
    service.scheme_bytes(digest)
    return {"scheme": service.scheme_of(digest), "wording": wording}
