"""Filings (报送): a company's file received, judged, explained, signed and receipted; what is in force of it."""

from __future__ import annotations

from typing import Any

from supervision.filings.calendar import FilingCalendar
from supervision.filings.explaining import FilingExplanations
from supervision.filings.lifecycle import LIFECYCLE, State
from supervision.filings.models import Filing
from supervision.filings.problems import FilingRefused, NoSuchFiling
from supervision.filings.proposed_outages import ProposedOutages
from supervision.filings.reading import CurrentTables, FiledRow, FiledTable
from supervision.filings.relief import FilingRelief
from supervision.filings.service import FilingService, Received
from supervision.filings.waiting import due_days, on_the_desk
from supervision.security import Permission

__all__ = [
    "LIFECYCLE",
    "CurrentTables",
    "FiledRow",
    "FiledTable",
    "Filing",
    "FilingCalendar",
    "FilingExplanations",
    "FilingRefused",
    "FilingRelief",
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
    "filing_coercions_csv": "/coercions.csv",
    "filing_difference": "/difference",
    "filing_difference_csv": "/difference.csv",
    "filing_report": "/report.csv",
    "filing_workbook_report": "/report.xlsx",
    "filing_explanations": "/explanations",
    "filing_given_report": "/explanations/{given:\\d+}/report",
    "filing_given_attachment": "/explanations/{given:\\d+}/attachment",
    "filing_replaced_verdict": "/verdicts/{replaced:\\d+}",
    "filing_replaced_report": "/verdicts/{replaced:\\d+}/report.csv",
    "filing_original": "/original",
    "filing_whole_file": "/whole",
    "filing_digests_csv": "/row-digests.csv",
    "filing_receipt": "/receipt",
    "filing_receipt_pdf": "/receipt.pdf",
    "filing_receipt_json": "/receipt.json",
}
#: Acts that bring a file: refused on its length before any of it is read.
FILE_ROUTES = {"filing_explain": "/explanations/edits", "filing_explain_report": "/explanations/report"}
ACT_ROUTES = {
    "filing_explain_hits": "/explanations/hits",
    "filing_sign": "/signature",
    "filing_withdraw": "/withdrawal",
}


def includeme(config: Any) -> None:
    """``config.registry.difference_notes`` is a list of callables ``(request, filing)`` that answer what is to be known of the
    rows that a filing changed, as a list of (text zh, text en, url, label): so a later feature says what it rests on them."""
    config.registry.difference_notes = []
    config.register_service(
        FilingCalendar, lambda request: FilingCalendar(request.db, request.clock, request.evidence)
    )
    config.register_service(
        ProposedOutages,
        lambda request: ProposedOutages(request.db, request.clock, request.service(FilingCalendar)),
    )
    config.register_service(
        FilingRelief,
        lambda request: FilingRelief(request.db, request.clock, request.service(FilingCalendar)),
    )
    config.register_service(
        FilingExplanations, lambda request: FilingExplanations(request.db, request.clock, request.evidence)
    )
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
    for name, path in FILE_ROUTES.items():
        config.add_route(
            f"company_{name}",
            f"/company/filings/{{public_id}}{path}",
            factory="supervision.filings.resources.DeclaredUpload",
        )
    for audience in AUDIENCES:
        config.add_route(f"{audience}_filings", f"/{audience}/filings")
        for name, path in READ_ROUTES.items():
            config.add_route(f"{audience}_{name}", f"/{audience}/filings/{{public_id}}{path}")
    for name, path in ACT_ROUTES.items():
        config.add_route(f"company_{name}", f"/company/filings/{{public_id}}{path}")
    for audience in AUDIENCES:
        config.add_route(f"{audience}_calendar", f"/{audience}/calendar")
        config.add_route(f"{audience}_days", f"/{audience}/calendar/days")
    config.add_route("company_nothing", "/company/calendar/nothing")
    config.add_route("officer_exemptions", "/officer/calendar/exemptions")
    config.add_route("officer_exemption_end", "/officer/calendar/exemptions/{public_id}/end")
    config.add_route("officer_extension", "/officer/calendar/extension")
    config.add_route("outages", "/system/outages")
    config.add_route("outage_proposal", "/system/outages/{public_id}")
    config.add_route("verify", "/verify", factory="supervision.filings.resources.FileToVerify")
    config.add_route("standard", "/standard")
    config.add_route("standard_rules", "/standard/rules")
    config.add_route("standard_pdf", "/standard/guide.pdf")
    config.add_route("standard_file", "/standard/files/{name}")
    config.add_route("standard_feed", "/standard/{feed}")
    config.add_route("verify_receipt", "/verify/{receipt_no}")
    config.add_navigation(
        "company_filings", "数据报送", Permission.OWN_FILING_READ, order=20, only_company=True
    )
    config.add_navigation("officer_filings", "企业报送", Permission.FILING_READ, order=20, only_officer=True)
    config.add_navigation(
        "company_calendar", "报送日历", Permission.OWN_FILING_READ, order=21, only_company=True
    )
    config.add_navigation("officer_calendar", "报送时限", Permission.FILING_READ, order=21, only_officer=True)
    config.add_navigation("outages", "中断登记", Permission.OUTAGE_ENTER, order=81)
    config.add_waiting(on_the_desk)
    config.add_waiting(due_days)
    config.scan("supervision.filings.views")
