"""Ratings on the desk of officers."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.ratings.service import RatingService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    """Drafts that a supervising officer may release."""
    if not request.may(Permission.RATING_READ):
        return
    may_release = request.may(Permission.RATING_RELEASE)
    drafts = request.service(RatingService).drafts()
    yield Waiting(
        "等待发布的企业评级", drafts, request.route_path("officer_ratings"), "now" if may_release else "watch"
    )
