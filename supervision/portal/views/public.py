from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import text

from supervision.security import Permission


@view_config(
    route_name="home", request_method="GET", permission=Permission.PUBLIC_READ, renderer="portal/home.jinja2"
)
def home(request: Any) -> dict[str, Any]:
    from supervision.companies import CompanyService
    from supervision.tariffs import TariffService

    return {
        "cities": request.service(TariffService).cities(),
        "companies": request.service(CompanyService).all(),
    }


@view_config(
    route_name="help", request_method="GET", permission=Permission.PUBLIC_READ, renderer="portal/help.jinja2"
)
def help_page(request: Any) -> dict[str, Any]:
    from supervision.findings.views.certificates import checker_facts

    return {"checker": checker_facts()}


@view_config(route_name="health", request_method="GET", permission=Permission.PUBLIC_READ)
def health(request: Any) -> Response:
    """200 when the register answers."""
    request.db.execute(text("SELECT 1"))
    return Response("ok\n", content_type="text/plain", charset="utf-8")
