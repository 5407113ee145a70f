"""Two audiences read the same things under addresses of their own: officers and the company itself."""

from __future__ import annotations

from pyramid.httpexceptions import HTTPNotFound

from supervision.web.request import Request


def audience_of(request: Request) -> str:
    """``company`` or ``officer``, by the address; somebody of the other side is told that there is no such page."""
    audience: str = request.matched_route.name.partition("_")[0]
    if (audience == "company") is not request.viewer.is_company:
        raise HTTPNotFound
    return audience
