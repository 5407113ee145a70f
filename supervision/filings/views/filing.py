"""One filing as its company and the officers see it: page, progress, edits, difference, downloads, receipt."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from pyramid.response import FileResponse, Response
from pyramid.view import view_config

from ingest.edits import EXPLAINED, EditClass
from ingest.standard import FEEDS
from reports.qr import qr_svg
from supervision.filings import edit_report, receipts
from supervision.filings.lifecycle import LIFECYCLE, UNDER_WAY, Act, State, shown_steps
from supervision.filings.models import Filing
from supervision.filings.names import attachment
from supervision.filings.service import EXPLANATION_LENGTH, FilingService
from supervision.filings.verdict import as_json
from supervision.filings.views.ground import filing_of
from supervision.jobs import JobStatus, status
from supervision.journal import canonical
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.paging import SIZE, Page, page_number

SANDBOX = "default-src 'none'; sandbox"
DIFFERENCES_SHOWN = 12


def _both(name: str, **options: Any) -> Any:
    """The same view for both audiences, each under its own address."""

    def decorate(view: Any) -> Any:
        for audience, permission in (
            ("company", Permission.OWN_FILING_READ),
            ("officer", Permission.FILING_READ),
        ):
            view = view_config(
                route_name=f"{audience}_{name}",
                request_method="GET",
                permission=permission,
                **options,
            )(view)
        return view

    return decorate


@_both("filing", renderer="filings/filing.jinja2")
def page(request: Request) -> dict[str, Any]:
    filing = filing_of(request)
    groups = edit_report.groups_of(filing)
    explained = {given.edit_id: given for given in filing.explanations}
    held = request.viewer.permissions
    return {
        **_common(request, filing),
        "steps": shown_steps(
            filing.state, any(group.edit_class in EXPLAINED for group in groups), filing.is_test
        ),
        "job": _job(request, filing),
        "under_way": filing.state in UNDER_WAY,
        "totals": receipts.shown_totals(filing),
        "groups": groups,
        "explained": explained,
        "to_explain": [group for group in groups if group.edit_class in EXPLAINED],
        "explanation_length": EXPLANATION_LENGTH,
        "may_explain": not filing.is_test and LIFECYCLE.permits(filing.state, Act.EXPLAIN, held),
        "may_sign": not filing.is_test and LIFECYCLE.permits(filing.state, Act.SIGN, held),
        "may_withdraw": LIFECYCLE.permits(filing.state, Act.WITHDRAW, held),
        "people": request.service(UserService).display_names([filing.uploaded_by, filing.signed_by or ""]),
        **_against_current(request, filing),
    }


def _common(request: Request, filing: Filing) -> dict[str, Any]:
    return {
        "filing": filing,
        "feed": FEEDS[filing.feed],
        "feeds": FEEDS,
        "audience": audience_of(request),
        "routes": lambda name, **query: request.route_path(
            f"{audience_of(request)}_{name}", public_id=filing.public_id, _query=query
        ),
    }


def _against_current(request: Request, filing: Filing) -> dict[str, Any]:
    """The filing in force beside this one, and whether the difference kept is the difference to it."""
    in_force = request.service(FilingService).current(filing.company_id, filing.feed, filing.period)
    if in_force is None or filing.state not in {State.NEEDS_EXPLANATION, State.READY}:
        return {"in_force": in_force, "current": None, "difference": None}
    known = filing.difference
    fresh = known is not None and known["compared_with"] == in_force.public_id
    return {"in_force": in_force, "current": in_force, "difference": known if fresh else None}


def _job(request: Request, filing: Filing) -> JobStatus | None:
    return status(request.db, filing.job_id) if filing.state in UNDER_WAY and filing.job_id else None


@_both("filing_progress", renderer="filings/progress.jinja2")
def progress(request: Request) -> dict[str, Any]:
    """The fragment that the page asks for again while the filing is being judged or compared, and no longer."""
    filing = filing_of(request)
    against = _against_current(request, filing)
    waits = filing.state in UNDER_WAY or (against["current"] and not against["difference"])
    if not waits and request.headers.get("HX-Request") == "true":
        request.response.headers["HX-Refresh"] = "true"
    return {**_common(request, filing), "job": _job(request, filing)}


@_both("filing_verdict", renderer="json")
def verdict(request: Request) -> dict[str, Any]:
    return as_json(filing_of(request))


@_both("filing_edits", renderer="filings/edits.jinja2")
def edits(request: Request) -> dict[str, Any]:
    """Every edit row, of one edit, one class or all; no page needs more than its own part of the evidence."""
    filing = filing_of(request)
    groups = edit_report.groups_of(filing)
    edit_id, edit_class = request.GET.get("edit") or None, request.GET.get("class") or None
    if edit_class is not None and edit_class not in list(EditClass):
        raise HTTPBadRequest("审核规则类别无效。")
    shown = edit_report.narrowed(groups, edit_id, edit_class)
    query = {"edit": edit_id or "", "class": edit_class or ""}
    return {
        **_common(request, filing),
        "groups": groups,
        "classes": {group.edit_class: group.class_text for group in groups},
        "chosen": query,
        "page": _slice(
            request,
            filing.edits_digest,
            shown[0].start if shown else 0,
            sum(group.count for group in shown),
        ),
    }


@_both("filing_coercions", renderer="filings/coercions.jinja2")
def coercions(request: Request) -> dict[str, Any]:
    """Every value that was read otherwise than it stood in the file."""
    filing = filing_of(request)
    return {
        **_common(request, filing),
        "page": _slice(request, filing.coercions_digest, 0, filing.coercion_count or 0),
    }


@_both("filing_difference", renderer="filings/difference.jinja2")
def difference(request: Request) -> dict[str, Any]:
    """Every row and value that a filing changed against the one it was compared with."""
    filing = filing_of(request)
    known = filing.difference
    if known is None:
        raise HTTPNotFound
    return {
        **_common(request, filing),
        "difference": known,
        "page": _slice(request, known["digest"], 0, known["rows"]),
    }


def _slice(request: Request, digest: str | None, start: int, total: int) -> Page[dict[str, Any]]:
    number = page_number(request)
    pages = max(1, -(-total // SIZE))
    offset = (number - 1) * SIZE
    count = max(0, min(SIZE, total - offset))
    rows = edit_report.slice_of(request.evidence, digest, start + offset, count) if digest and count else []
    return Page(rows, number, pages, total)


@_both("filing_report")
def report(request: Request) -> Response:
    """The whole edit report as CSV, as it was made when the filing was judged."""
    filing = filing_of(request)
    return _download(request, filing.report_digest, f"{_stem(filing)}-审核报告.csv", "text/csv")


@_both("filing_original")
def original(request: Request) -> Response:
    """The exact bytes that were received."""
    filing = filing_of(request)
    return _download(request, filing.bytes_digest, filing.filename, "application/octet-stream")


@_both("filing_receipt", renderer="filings/receipt.jinja2")
def receipt(request: Request) -> dict[str, Any]:
    filing = filing_of(request)
    if filing.receipt is None:
        raise HTTPNotFound
    return {
        **_common(request, filing),
        "receipt": filing.receipt,
        "qr": qr_svg(filing.receipt["verify_url"], request.say("核验网址的二维码")),
        "received_at": receipts.instant(filing.receipt["received_at"]),
        "signed_at": receipts.instant(filing.receipt["signed_at"]),
    }


@_both("filing_receipt_json")
def receipt_json(request: Request) -> Response:
    """Everything the receipt says as it was frozen at signing, for programs: the same bytes at every visit."""
    filing = filing_of(request)
    if filing.receipt is None:
        raise HTTPNotFound
    body = canonical({**filing.receipt, "receipt_pdf_digest": filing.receipt_digest})
    response = Response(body, content_type="application/json")
    response.headers["Content-Disposition"] = attachment(f"{filing.receipt_no}.json")
    return response


@_both("filing_receipt_pdf")
def receipt_pdf(request: Request) -> Response:
    """The receipt as it was made once; never laid out again."""
    filing = filing_of(request)
    return _download(request, filing.receipt_digest, f"{filing.receipt_no}.pdf", "application/pdf")


def _stem(filing: Filing) -> str:
    return f"{filing.company.code}-{filing.feed}-{filing.period}-{filing.number}"


def _download(request: Request, digest: str | None, name: str, kind: str) -> Response:
    """Evidence saved under a name, never shown in place: no script of a company's file can run here."""
    if digest is None:
        raise HTTPNotFound
    response = FileResponse(str(request.evidence.path(digest)), request=request, content_type=kind)
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
