"""Findings (核查发现): every signed bill recomputed, each wrong one explained, and what people decide about it."""

from __future__ import annotations

from typing import Any

from supervision.findings.bills import BillView, CheckedBills, NoSuchBill, certificate_of_bill
from supervision.findings.lifecycle import FindingAct, FindingState
from supervision.findings.models import CheckRun, Finding, FindingPart
from supervision.findings.reading import (
    FindingReading,
    NoSuchFinding,
    NoSuchRun,
    QueueFilter,
    SeasonSummary,
    Sums,
)
from supervision.findings.rows import FoundBill
from supervision.findings.service import DismissalRefused, FindingService
from supervision.findings.severity import Fixing, Severity
from supervision.findings.waiting import on_the_desk
from supervision.security import Permission

__all__ = [
    "BillView",
    "CheckRun",
    "CheckedBills",
    "DismissalRefused",
    "Finding",
    "FindingAct",
    "FindingPart",
    "FindingReading",
    "FindingService",
    "FindingState",
    "Fixing",
    "FoundBill",
    "NoSuchBill",
    "NoSuchFinding",
    "NoSuchRun",
    "QueueFilter",
    "SeasonSummary",
    "Severity",
    "Sums",
    "certificate_of_bill",
]

# What both audiences read, under /officer and under /company.
READ_ROUTES = {
    "findings": "/findings",
    "finding": "/findings/{public_id}",
    "finding_csv": "/findings/{public_id}/bills.csv",
    "unexplained": "/unexplained",
    "runs": "/runs",
    "run": "/runs/{public_id}",
    "run_csv": "/runs/{public_id}/outcomes.csv",
    "run_differences": "/runs/{public_id}/differences",
    "run_differences_csv": "/runs/{public_id}/differences.csv",
    "run_proration": "/runs/{public_id}/proration",
    "run_proration_csv": "/runs/{public_id}/proration.csv",
    "bills": "/bills",
}


def includeme(config: Any) -> None:
    """``config.registry.finding_actions`` is a list of callables ``(request, finding)`` that answer what else can be
    done, as a list of (label, url, method): so a later feature adds its buttons to the finding page."""
    config.register_service(
        FindingService, lambda request: FindingService(request.db, request.clock, request.evidence)
    )
    config.register_service(
        CheckedBills, lambda request: CheckedBills(request.db, request.clock, request.evidence)
    )
    config.registry.finding_actions = []
    config.add_jinja2_search_path("supervision:findings/templates", name=".jinja2")
    for audience in ("company", "officer"):
        for name, path in READ_ROUTES.items():
            config.add_route(f"{audience}_{name}", f"/{audience}{path}")
    # A bill number may hold a slash.
    config.add_route("company_bill", "/company/bills/{bill_no:.+}")
    config.add_route("company_worksheet", "/company/worksheets/{bill_no:.+}")
    config.add_route("company_certificate", "/company/certificates/{bill_no:.+}")
    config.add_route("officer_certificate", "/officer/certificates/{company_code}/{bill_no:.+}")
    config.add_route("certificate_checker", "/verify_certificate.py")
    config.add_route("officer_bill", "/officer/bills/{company_code}/{bill_no:.+}")
    config.add_route("officer_worksheet", "/officer/worksheets/{company_code}/{bill_no:.+}")
    config.add_route("officer_finding_dismissal", "/officer/findings/{public_id}/dismissal")
    config.add_route("officer_finding_reopening", "/officer/findings/{public_id}/reopening")
    config.add_route("officer_run_recheck", "/officer/runs/{public_id}/recheck")
    config.add_route("officer_run_as_of", "/officer/runs/{public_id}/as-of")
    config.add_route("officer_unknown_charges", "/officer/unknown-charges")
    config.add_navigation(
        "officer_findings", "核查发现", Permission.FINDING_READ, order=30, only_officer=True
    )
    config.add_navigation(
        "company_findings", "核查结果", Permission.OWN_FILING_READ, order=30, only_company=True
    )
    config.add_waiting(on_the_desk)
    config.scan("supervision.findings.views")
