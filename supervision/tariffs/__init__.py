"""The register of published tariffs (热价), and its public pages."""

from __future__ import annotations

from typing import Any

from supervision.security import Permission
from supervision.tariffs.service import Entered, NoSuchTariff, TariffRefused, TariffService

__all__ = ["Entered", "NoSuchTariff", "TariffRefused", "TariffService"]


def includeme(config: Any) -> None:
    config.register_service(TariffService, lambda request: TariffService(request.db, request.clock))
    config.add_jinja2_search_path("supervision:tariffs/templates", name=".jinja2")
    config.add_route("tariffs", "/tariffs")
    config.add_route("tariffs_json", "/tariffs.json")
    config.add_route("tariffs_csv", "/tariffs.csv")
    config.add_route("tariff_json", "/tariffs/{tariff_id}.json")
    config.add_route("tariff", "/tariffs/{tariff_id}")
    config.add_navigation("tariffs", "热价公示", Permission.PUBLIC_READ, order=10)
    config.scan("supervision.tariffs.views")
