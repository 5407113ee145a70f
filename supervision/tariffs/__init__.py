"""The register of published tariffs (热价), and its public pages."""

from __future__ import annotations

from typing import Any

from supervision.security import Permission
from supervision.tariffs.deciding import DraftService
from supervision.tariffs.problems import NoSuchTariff, TariffRefused
from supervision.tariffs.service import Entered, TariffService
from supervision.tariffs.waiting import on_the_desk

__all__ = ["DraftService", "Entered", "NoSuchTariff", "TariffRefused", "TariffService"]


def includeme(config: Any) -> None:
    config.register_service(TariffService, lambda request: TariffService(request.db, request.clock))
    config.register_service(
        DraftService, lambda request: DraftService(request.db, request.clock, request.evidence)
    )
    config.add_jinja2_search_path("supervision:tariffs/templates", name=".jinja2")
    config.add_route("tariffs", "/tariffs")
    config.add_route("tariffs_json", "/tariffs.json")
    config.add_route("tariffs_csv", "/tariffs.csv")
    config.add_route("tariff_versions_json", "/tariff-versions.json")
    config.add_route("tariff_versions_csv", "/tariff-versions.csv")
    config.add_route("tariff_choice", "/tariff-choice")
    config.add_route("tariff_json", "/tariffs/{tariff_id}.json")
    config.add_route("tariff", "/tariffs/{tariff_id}")
    config.add_route("tariff_example", "/tariffs/{tariff_id}/examples/{method}.json")
    config.add_route("tariff_pack", "/tariffs/{tariff_id}/pack")
    config.add_route("tariff_pack_csv", "/tariffs/{tariff_id}/pack.csv")
    config.add_route("tariff_notice", "/tariffs/{tariff_id}/notice")
    config.add_route("officer_tariffs", "/officer/tariffs")
    config.add_route("officer_tariff_new", "/officer/tariffs/new")
    one = "/officer/tariffs/{public_id}"
    config.add_route("officer_tariff", one)
    for part in (
        "edit",
        "attach",
        "notice",
        "submit",
        "discard",
        "send_back",
        "confirm",
        "approve",
        "withdraw",
    ):
        config.add_route(f"officer_tariff_{part}", f"{one}/{part.replace('_', '-')}")
    config.add_route("officer_tariff_effect", f"{one}/effect.json")
    config.add_waiting(on_the_desk)
    config.add_navigation("officer_tariffs", "热价登记", Permission.TARIFF_READ, order=70, only_officer=True)
    config.add_navigation("tariffs", "热价公示", Permission.PUBLIC_READ, order=10)
    config.scan("supervision.tariffs.views")
