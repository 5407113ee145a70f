"""Which tariff prices a scope on a day, and why each other one of its city does not."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from checks.tariffs.consistency import CATEGORIES, METHODS
from checks.tariffs.in_force import Why, explain_choice
from checks.tariffs.record import Scope
from supervision.security import Permission
from supervision.tariffs import wording
from supervision.tariffs.service import TariffService
from supervision.tariffs.views.public import asked_day
from supervision.web import Request


@view_config(
    route_name="tariff_choice",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="tariffs/choice.jinja2",
)
def choice(request: Request) -> dict[str, Any]:
    """The choice by the published order of precedence, with a verdict on every record that could have applied."""
    service = request.service(TariffService)
    day = asked_day(request)
    cities = service.cities()
    city = request.GET.get("city", "")
    known = service.all(city=city) if city else ()
    areas = sorted({tariff.service_area for tariff in known if tariff.service_area})
    area = request.GET.get("area", "")
    category = request.GET.get("category", "")
    method = request.GET.get("method", "")
    scope = Scope(
        city,
        category if category in CATEGORIES else CATEGORIES[0],
        method if method in METHODS else METHODS[0],
        (area,) if area in areas else (),
    )
    return {
        "day_asked": day,
        "scope": scope,
        "cities": cities,
        "areas": areas,
        "categories": {code: wording.CATEGORIES[code] for code in CATEGORIES},
        "choice": explain_choice(known, scope, day) if city else None,
        "tariffs": {tariff.id: tariff for tariff in known},
        "prices": Why.PRICES,
        "wording": wording,
    }
