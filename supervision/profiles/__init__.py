"""Mapping profiles (对应方案): what a company's own headers and codes mean, suggested from its file, signed, versioned."""

from __future__ import annotations

from typing import Any

from supervision.profiles.service import NoSuchProfile, ProfileService
from supervision.profiles.waiting import on_the_desk

__all__ = ["NoSuchProfile", "ProfileService"]

READ_ROUTES = {
    "profile": "",
    "profile_json": "/profile.json",
    "profile_recheck": "/recheck",
    "profile_recheck_report": "/recheck/report.csv",
}


def includeme(config: Any) -> None:
    config.register_service(
        ProfileService, lambda request: ProfileService(request.db, request.clock, request.evidence)
    )
    config.add_jinja2_search_path("supervision:profiles/templates", name=".jinja2")
    config.add_route(
        "company_profile_sample",
        "/company/profiles/sample",
        factory="supervision.filings.resources.FileToVerify",
    )
    for audience in ("company", "officer"):
        config.add_route(f"{audience}_profiles", f"/{audience}/profiles")
        for name, path in READ_ROUTES.items():
            config.add_route(f"{audience}_{name}", f"/{audience}/profiles/{{public_id}}{path}")
    config.add_route("company_profile_sign", "/company/profiles/{public_id}/signature")
    config.add_route("company_profile_discard", "/company/profiles/{public_id}/discarding")
    config.add_waiting(on_the_desk)
    config.scan("supervision.profiles.views")
