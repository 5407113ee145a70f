"""Filings (报送): a company's file received, judged, explained, signed and receipted; what is in force of it."""

from __future__ import annotations

from typing import Any

from supervision.filings.lifecycle import LIFECYCLE, State
from supervision.filings.models import Filing
from supervision.filings.problems import FilingRefused, NoSuchFiling
from supervision.filings.reading import CurrentTables, FiledRow, FiledTable
from supervision.filings.service import FilingService, Received
from supervision.filings.waiting import on_the_desk
from supervision.security import Permission

__all__ = [
    "LIFECYCLE",
    "CurrentTables",
    "FiledRow",
    "FiledTable",
    "Filing",
    "FilingRefused",
    "FilingService",
    "NoSuchFiling",
    "Received",
    "State",
]

AUDIENCES = ("company", "officer")
READ_ROUTES = {
    "filing": "",
    "filing_progress": "/progress",
    "filing_verdict": "/verdict.json",
    "filing_edits": "/edits",
    "filing_coercions": "/coercions",
    "filing_difference": "/difference",
    "filing_report": "/report.csv",
    "filing_original": "/original",
    "filing_receipt": "/receipt",
    "filing_receipt_pdf": "/receipt.pdf",
}
ACT_ROUTES = {
    "filing_explain": "/explanations",
    "filing_sign": "/signature",
    "filing_withdraw": "/withdrawal",
}


def includeme(config: Any) -> None:
    config.register_service(
        FilingService,
        lambda request: FilingService(request.db, request.clock, request.evidence, request.conf),
    )
    config.add_jinja2_search_path("supervision:filings/templates", name=".jinja2")
    config.add_route(
        "company_filing_upload",
        "/company/filings/upload",
        factory="supervision.filings.resources.DeclaredUpload",
    )
    for audience in AUDIENCES:
        config.add_route(f"{audience}_filings", f"/{audience}/filings")
        for name, path in READ_ROUTES.items():
            config.add_route(f"{audience}_{name}", f"/{audience}/filings/{{public_id}}{path}")
    for name, path in ACT_ROUTES.items():
        config.add_route(f"company_{name}", f"/company/filings/{{public_id}}{path}")
    config.add_route("verify_receipt", "/verify/{receipt_no}")
    config.add_navigation(
        "company_filings", "数据报送", Permission.OWN_FILING_READ, order=20, only_company=True
    )
    config.add_navigation("officer_filings", "企业报送", Permission.FILING_READ, order=20, only_officer=True)
    config.add_waiting(on_the_desk)
    config.scan("supervision.filings.views")
