"""Channels (报送渠道): how a company's files come in besides the page it sends them from. All of them end in the one
filing service; nothing is signed here."""

from __future__ import annotations

from typing import Any

from supervision.channels.tokens import TokenService, program_behind
from supervision.filings import FilingRefused
from supervision.filings.calendar import FilingCalendar
from supervision.security import Program

TOKEN_REFUSAL = "supervision.token_refusal"  # noqa: S105 -- key in the environment of WSGI: why a token opens nothing


def program_of(request: Any) -> Program | None:
    """The program whose token the request shows, read from the register once; why there is none is kept beside it."""
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    try:
        return program_behind(
            request.registry.engine,
            request.clock,
            shown.strip() if scheme.lower() == "bearer" else "",
            request.remote_addr,
        )
    except FilingRefused as refused:
        request.environ[TOKEN_REFUSAL] = refused
        return None


def includeme(config: Any) -> None:
    config.registry.program_of = program_of
    config.register_service(
        TokenService,
        lambda request: TokenService(request.db, request.clock, request.service(FilingCalendar)),
    )
    config.add_jinja2_search_path("supervision:channels/templates", name=".jinja2")
    config.add_route("filing_api", "/filing-api")
    config.add_route("company_tokens", "/company/tokens")
    config.add_route("company_token_revoke", "/company/tokens/{public_id}/revocation")
    config.add_route("api_filings", "/api/v1/filings")
    config.add_route("api_filing", "/api/v1/filings/{public_id}")
    config.add_route("api_filing_report", "/api/v1/filings/{public_id}/report.{kind:csv|xlsx|parquet}")
    config.add_route("api_filing_receipt", "/api/v1/filings/{public_id}/receipt")
    for side, place in (("company", "/company/uploads"), ("api", "/api/v1/uploads")):
        config.add_route(f"{side}_uploads", place)
        config.add_route(f"{side}_upload_file", f"{place}/{{public_id}}")
    config.add_route("company_upload_end", "/company/uploads/{public_id}/end")
    config.scan("supervision.channels.views")
