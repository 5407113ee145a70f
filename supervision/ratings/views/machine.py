"""The published ratings for machines: JSON and CSV with the same content as the pages, and the files to rebuild them."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPNotModified
from pyramid.response import Response
from pyramid.view import view_config

from reports.spreadsheet import Column, write_csv
from supervision.ratings.lifecycle import ReleaseState
from supervision.ratings.models import CompanyRating, RatingRelease
from supervision.ratings.rows import plain
from supervision.ratings.service import RatingService
from supervision.ratings.views.ground import named_release, standing
from supervision.security import Permission
from supervision.web import Request

FIVE_MINUTES = "public, max-age=300"
FOR_A_DAY = "public, max-age=86400"


@view_config(route_name="ratings_json", request_method="GET", permission=Permission.PUBLIC_READ)
def seasons(request: Request) -> Response:
    """Every published release, newest season first."""
    service = request.service(RatingService)
    told = [_release(request, release) for season in service.seasons() for release in service.history(season)]
    return _json(request, {"releases": told})


@view_config(route_name="rating_season_json", request_method="GET", permission=Permission.PUBLIC_READ)
def season(request: Request) -> Response:
    release = request.service(RatingService).published(request.matchdict["season"], named_release(request))
    facts = request.service(RatingService).facts(release)
    is_withdrawn = release.state is ReleaseState.WITHDRAWN
    return _json(
        request,
        {
            **_release(request, release),
            "as_of": facts["as_of"],
            "companies": [] if is_withdrawn else [_rating(one) for one in release.ratings],
            "not_rated": facts["not_rated"],
        },
    )


def _release(request: Request, release: RatingRelease) -> dict[str, Any]:
    query = {"release": release.public_id}
    return {
        "season": release.season,
        "release": release.public_id,
        "number": release.number,
        "state": str(release.state),
        "released_at": release.released_at.isoformat() if release.released_at else None,
        "withdrawn_at": release.withdrawn_at.isoformat() if release.withdrawn_at else None,
        "withdrawal_reason": release.withdrawal_reason,
        "corrects": release.predecessor.public_id if release.predecessor else None,
        "reason": release.reason,
        "scheme": {
            "code": release.scheme_code,
            "digest": release.scheme_digest,
            "file": request.route_path("rating_scheme_file", digest=release.scheme_digest),
        },
        "facts": {
            "digest": release.facts_digest,
            "file": request.route_path("rating_facts", public_id=release.public_id),
        },
        "ratings": request.route_path("rating_season_json", season=release.season, _query=query),
    }


def _rating(rating: CompanyRating) -> dict[str, Any]:
    return {
        "company": rating.company_code,
        "name_zh": rating.name_zh,
        "name_en": rating.name_en,
        "grade": rating.grade,
        "grade_before_limiters": rating.grade_before_limiters,
        "score": plain(rating.score),
        "exact": rating.exact,
        "rank": rating.rank,
        "rank_low": rating.rank_low,
        "rank_high": rating.rank_high,
        "is_tied": rating.is_tied,
        "not_distinguishable": rating.alike,
        "groups": rating.groups,
        "indicators": rating.lines,
        "limiters": rating.limiters,
        "gap_to_next_grade": rating.gap,
        "consequence_zh": rating.consequence_zh,
        "consequence_en": rating.consequence_en,
        "card": rating.card.number if rating.card else None,
    }


COLUMNS = tuple(
    Column(code, code)
    for code in (
        "season", "release", "state", "company", "name_zh", "name_en", "grade", "grade_before_limiters", "score", "rank",
        "rank_low", "rank_high", "indicator", "indicator_state", "numerator", "denominator", "n", "value", "value_used",
        "points", "weight", "weight_used",
    )
)  # fmt: skip


@view_config(route_name="rating_season_csv", request_method="GET", permission=Permission.PUBLIC_READ)
def season_csv(request: Request) -> Response:
    """One row a company and indicator."""
    found = request.service(RatingService).published(request.matchdict["season"], named_release(request))
    release = standing(request, found)
    buffer = io.BytesIO()
    write_csv((_row(one, line) for one in release.ratings for line in one.lines), COLUMNS, buffer)
    answer = _answer(request, buffer.getvalue(), "text/csv")
    answer.content_disposition = f'attachment; filename="ratings-{release.season}.csv"'
    return answer


def _row(rating: CompanyRating, line: Mapping[str, Any]) -> dict[str, Any]:
    release = rating.release
    return {
        "season": release.season,
        "release": release.public_id,
        "state": str(release.state),
        "company": rating.company_code,
        "name_zh": rating.name_zh,
        "name_en": rating.name_en,
        "grade": rating.grade,
        "grade_before_limiters": rating.grade_before_limiters,
        "score": rating.score,
        "rank": rating.rank,
        "rank_low": rating.rank_low,
        "rank_high": rating.rank_high,
        "indicator": line["indicator"],
        "indicator_state": line["state"],
        **{
            name: line[name]
            for name in (
                "numerator",
                "denominator",
                "n",
                "value",
                "value_used",
                "points",
                "weight",
                "weight_used",
            )
        },
    }


@view_config(route_name="rating_facts", request_method="GET", permission=Permission.PUBLIC_READ)
def facts(request: Request) -> Response:
    """The frozen facts, byte for byte as their digest says: whoever has them and the scheme computes the same ratings."""
    service = request.service(RatingService)
    release = standing(request, service.published_by_id(request.matchdict["public_id"]))
    return _answer(request, service.facts_bytes(release), "application/json", FOR_A_DAY)


@view_config(route_name="rating_scheme_file", request_method="GET", permission=Permission.PUBLIC_READ)
def scheme_file(request: Request) -> Response:
    """The scheme file, byte for byte as its digest says."""
    content = request.service(RatingService).scheme_bytes(request.matchdict["digest"])
    return _answer(request, content, "application/toml", FOR_A_DAY)


def _json(request: Request, value: Any) -> Response:
    body = json.dumps(value, ensure_ascii=False, indent=1, allow_nan=False).encode()
    return _answer(request, body, "application/json")


def _answer(request: Request, body: bytes, kind: str, keep: str = FIVE_MINUTES) -> Response:
    """The same content carries the same ETag, and who has it is told so."""
    etag = hashlib.sha256(body).hexdigest()
    if request.headers.get("If-None-Match") and etag in request.if_none_match:
        return HTTPNotModified(headers={"ETag": f'"{etag}"'})
    answer = Response(body, content_type=kind, charset="utf-8")
    answer.etag = etag
    answer.headers["Cache-Control"] = keep
    return answer
