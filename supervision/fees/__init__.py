"""The register of charges beside the heat price (收费项目登记): public, and entered by officers."""

from __future__ import annotations

from typing import Any

from supervision.fees.entering import FeeEntering
from supervision.fees.problems import FeeRefused, NoSuchEntry
from supervision.fees.service import Charge, FeeService
from supervision.fees.waiting import on_the_desk

__all__ = ["Charge", "FeeEntering", "FeeRefused", "FeeService", "NoSuchEntry"]


def includeme(config: Any) -> None:
    config.register_service(FeeService, lambda request: FeeService(request.db))
    config.register_service(FeeEntering, lambda request: FeeEntering(request.db, request.clock))
    config.add_jinja2_search_path("supervision:fees/templates", name=".jinja2")
    config.add_route("fees", "/fees")
    config.add_route("fees_json", "/fees.json")
    config.add_route("officer_fees", "/officer/fees")
    config.add_route("officer_fee_new", "/officer/fees/new")
    one = "/officer/fees/{public_id}"
    config.add_route("officer_fee", one)
    for part in ("edit", "submit", "discard", "send_back", "approve", "withdraw"):
        config.add_route(f"officer_fee_{part}", f"{one}/{part.replace('_', '-')}")
    config.add_waiting(on_the_desk)
    config.scan("supervision.fees.views")
