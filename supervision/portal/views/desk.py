"""The desk: what waits for the person who signed in, each with the way there."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from supervision.security import Permission
from supervision.web import Request
from supervision.web.waiting import waiting_for


@view_config(
    route_name="desk", request_method="GET", permission=Permission.DESK_READ, renderer="portal/desk.jinja2"
)
def desk(request: Request) -> dict[str, Any]:
    own = [entry for entry in request.navigation if entry.path != request.path]
    return {"waiting": waiting_for(request), "own": own}
