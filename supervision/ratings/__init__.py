"""Ratings (评价): a season's facts counted, frozen and rated; computed by one person, released by another, corrected only
by a further release that says why."""

from __future__ import annotations

from typing import Any

from supervision.ratings.models import CompanyRating, RatingRelease
from supervision.ratings.problems import NoSuchRating, NoSuchRelease, RatingRefused
from supervision.ratings.service import RatingService
from supervision.ratings.waiting import on_the_desk
from supervision.security import Permission

__all__ = [
    "CompanyRating",
    "NoSuchRating",
    "NoSuchRelease",
    "RatingRefused",
    "RatingRelease",
    "RatingService",
]

SEASON = r"{season:20\d\d-\d\d}"
DIGEST = "{digest:[0-9a-f]{64}}"


def includeme(config: Any) -> None:
    config.register_service(
        RatingService,
        lambda request: RatingService(request.db, request.clock, request.evidence, request.conf),
    )
    config.add_jinja2_search_path("supervision:ratings/templates", name=".jinja2")
    config.add_route("ratings", "/ratings")
    config.add_route("ratings_json", "/ratings.json")
    config.add_route("rating_scheme_file", f"/ratings/schemes/{DIGEST}.toml")
    config.add_route("rating_scheme", f"/ratings/schemes/{DIGEST}")
    config.add_route("rating_facts", "/ratings/releases/{public_id}/facts.json")
    config.add_route("rating_season_json", f"/ratings/{SEASON}.json")
    config.add_route("rating_season_csv", f"/ratings/{SEASON}.csv")
    config.add_route("rating_season", f"/ratings/{SEASON}")
    config.add_route("rating_card", f"/ratings/{SEASON}/{{company_code}}.pdf")
    config.add_route("rating_company", f"/ratings/{SEASON}/{{company_code}}")
    config.add_route("officer_ratings", "/officer/ratings")
    config.add_route("officer_rating", "/officer/ratings/{public_id}")
    config.add_route("officer_rating_release", "/officer/ratings/{public_id}/release")
    config.add_route("officer_rating_withdrawal", "/officer/ratings/{public_id}/withdrawal")
    config.add_route("officer_rating_company", "/officer/ratings/{public_id}/companies/{company_code}")
    config.add_navigation("ratings", "企业评级", Permission.PUBLIC_READ, order=15, only_public=True)
    config.add_navigation("ratings", "企业评级", Permission.PUBLIC_READ, order=60, only_company=True)
    config.add_navigation("officer_ratings", "企业评级", Permission.RATING_READ, order=60, only_officer=True)
    config.add_waiting(on_the_desk)
    config.scan("supervision.ratings.views")
