"""The work list of names on bills that the register of charges does not know."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from supervision.findings.unknown_charges import unknown_charges
from supervision.security import Permission
from supervision.web import Request


@view_config(
    route_name="officer_unknown_charges",
    request_method="GET",
    permission=Permission.FINDING_READ,
    renderer="findings/unknown_charges.jinja2",
)
def names(request: Request) -> dict[str, Any]:
    return {"found": unknown_charges(request.db), "may_draft": request.may(Permission.TARIFF_DRAFT)}
