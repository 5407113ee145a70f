"""One filing as its company and the officers see it: page, progress, difference, downloads, receipt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import FileResponse, Response
from pyramid.view import view_config

from ingest.edits import EXPLAINED
from ingest.edits.explanations import (
    CARRIED,
    EXPIRED,
    LONGEST_NOTE,
    MISSING,
    NEW,
    SHORTEST_NOTE,
    Problem,
    open_hits,
)
from ingest.standard import FEEDS
from ingest.standard.feed import explanation_codes
from reports.qr import qr_svg
from supervision.documents.attached import ACCEPTED, MOST_BYTES
from supervision.filings import edit_report, receipts
from supervision.filings.controls import controls_of, digest_lines
from supervision.filings.lifecycle import LIFECYCLE, TEXTS, UNDER_WAY, Act, State, shown_steps
from supervision.filings.models import Filing, ReplacedVerdict
from supervision.filings.names import attachment
from supervision.filings.pace import Wait, wait_of
from supervision.filings.profiles import version_of
from supervision.filings.service import FilingService
from supervision.filings.verdict import as_json
from supervision.filings.views.ground import filing_of
from supervision.jobs import JobStatus, status
from supervision.journal import canonical
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of

SANDBOX = "default-src 'none'; sandbox"

# How a hit that asks for an explanation stands: tone and source string.
STANDINGS: dict[str, tuple[str, str]] = {
    MISSING: ("bad", "未说明"),
    EXPIRED: ("open", "原说明已到期"),
    CARRIED: ("info", "沿用"),
    NEW: ("good", "新说明"),
}


@dataclass(frozen=True, slots=True)
class Entered:
    """What was typed and not taken: code and note by edit or hit, what is wrong, and whether it was a report."""

    said: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    is_report: bool = False


def both(name: str, **options: Any) -> Any:
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
                _depth=1,  # found where the view stands, not here
                **options,
            )(view)
        return view

    return decorate


@both("filing", renderer="filings/filing.jinja2")
def page(request: Request) -> dict[str, Any]:
    return shown(request, filing_of(request))


def shown(request: Request, filing: Filing, entered: Entered | None = None) -> dict[str, Any]:
    """The page of a filing; with ``entered`` also what was just typed and why it was not taken."""
    groups = edit_report.groups_of(filing)
    held = request.viewer.permissions
    under, not_evaluated = edit_report.folded(filing)
    return {
        **common(request, filing),
        "steps": shown_steps(
            filing.state, any(group.edit_class in EXPLAINED for group in groups), filing.is_test
        ),
        "job": _job(request, filing),
        "wait": _wait(request, filing),
        "under_way": filing.state in UNDER_WAY,
        "totals": receipts.shown_totals(filing),
        "groups": groups,
        "shadow": edit_report.groups_in(filing.shadow_report),
        "replaced": filing.replaced,
        "state_texts": TEXTS,
        "folded": under,
        "unheld": edit_report.not_evaluated_of(not_evaluated),
        "to_explain": [group for group in groups if group.edit_class in EXPLAINED],
        "open": {
            group.edit_id: open_hits(
                {group.edit_id: filing.explained.get(group.edit_id, {MISSING: group.count})}
            )
            for group in groups
        },
        "codes": explanation_codes(),
        "entered": entered or Entered(),
        "explanation_length": (SHORTEST_NOTE, LONGEST_NOTE),
        "attachment": (ACCEPTED, MOST_BYTES >> 20),
        "may_explain": not filing.is_test and LIFECYCLE.permits(filing.state, Act.EXPLAIN, held),
        "may_sign": not filing.is_test and LIFECYCLE.permits(filing.state, Act.SIGN, held),
        "may_withdraw": LIFECYCLE.permits(filing.state, Act.WITHDRAW, held),
        "may_correct": audience_of(request) == "company"
        and filing.is_current
        and Permission.FILING_UPLOAD in held,
        "base": None
        if filing.corrects is None
        else request.service(FilingService).by_public_id(filing.corrects),
        "controls": controls_of(filing),
        "profile": version_of(request.db, filing),
        "people": request.service(UserService).display_names([filing.uploaded_by, filing.signed_by or ""]),
        **_against_current(request, filing),
    }


def common(request: Request, filing: Filing) -> dict[str, Any]:
    return {
        "filing": filing,
        "feed": FEEDS[filing.feed],
        "feeds": FEEDS,
        "audience": audience_of(request),
        "standings": STANDINGS,
        "routes": lambda name, replaced=None, **query: request.route_path(
            f"{audience_of(request)}_{name}", public_id=filing.public_id, replaced=replaced, _query=query
        ),
    }


def _against_current(request: Request, filing: Filing) -> dict[str, Any]:
    """The filing in force beside this one, and whether the difference kept is the difference to it."""
    in_force = request.service(FilingService).current(filing.company_id, filing.feed, filing.period)
    if in_force is None or filing.state not in {State.NEEDS_EXPLANATION, State.READY}:
        changed = filing.difference if filing.signed_at else None
        notes = difference_notes(request, filing) if changed else []
        return {"in_force": in_force, "current": None, "difference": changed, "notes": notes}
    known = filing.difference
    fresh = known is not None and known["compared_with"] == in_force.public_id
    return {
        "in_force": in_force,
        "current": in_force,
        "difference": known if fresh else None,
        "notes": difference_notes(request, filing) if fresh else [],
    }


def difference_notes(request: Request, filing: Filing) -> list[Any]:
    """What features above say of the rows that the filing changed."""
    return [note for notes in request.registry.difference_notes for note in notes(request, filing)]


def _job(request: Request, filing: Filing) -> JobStatus | None:
    return status(request.db, filing.job_id) if filing.state in UNDER_WAY and filing.job_id else None


def _wait(request: Request, filing: Filing) -> Wait | None:
    return wait_of(request.db, filing, request.now()) if filing.state in UNDER_WAY else None


@both("filing_progress", renderer="filings/progress.jinja2")
def progress(request: Request) -> dict[str, Any]:
    """The fragment that the page asks for again while the filing is being judged or compared, and no longer."""
    filing = filing_of(request)
    against = _against_current(request, filing)
    waits = filing.state in UNDER_WAY or (against["current"] and not against["difference"])
    if not waits and request.headers.get("HX-Request") == "true":
        request.response.headers["HX-Refresh"] = "true"
    return {**common(request, filing), "job": _job(request, filing), "wait": _wait(request, filing)}


@both("filing_verdict", renderer="json")
def verdict(request: Request) -> dict[str, Any]:
    return as_json(filing_of(request))


@both("filing_replaced_verdict", renderer="filings/replaced_verdict.jinja2")
def replaced_verdict(request: Request) -> dict[str, Any]:
    """What the verdict was before a rule was withdrawn."""
    filing = filing_of(request)
    found = _replaced(request, filing)
    groups = edit_report.groups_in(found.report)
    return {**common(request, filing), "one": found, "groups": groups, "text": TEXTS[State(found.state)]}


@both("filing_replaced_report")
def replaced_report(request: Request) -> Response:
    """The edit report of that verdict as CSV, as it was made then."""
    filing = filing_of(request)
    found = _replaced(request, filing)
    return download(request, found.report_digest, f"{stem(filing)}-原审核报告-{found.id}.csv", "text/csv")


def _replaced(request: Request, filing: Filing) -> ReplacedVerdict:
    wanted = request.matchdict["replaced"]
    found = next((one for one in filing.replaced if str(one.id) == wanted), None)
    if found is None:
        raise HTTPNotFound
    return found


@both("filing_original")
def original(request: Request) -> Response:
    """The exact bytes that were received."""
    filing = filing_of(request)
    return download(request, filing.bytes_digest, filing.filename, "application/octet-stream")


@both("filing_whole_file")
def whole(request: Request) -> Response:
    """The whole filing that a partial correction made, as a standard file."""
    filing = filing_of(request)
    return download(request, filing.whole_digest, f"{stem(filing)}-完整.csv", "text/csv")


@both("filing_digests_csv")
def digests(request: Request) -> Response:
    """The key and the digest of every row of a filing that passed, for corrections of it."""
    filing = filing_of(request)
    if filing.table_digest is None:
        raise HTTPNotFound
    return streamed(digest_lines(request.evidence, filing), f"{stem(filing)}-行摘要.csv")


@both("filing_receipt", renderer="filings/receipt.jinja2")
def receipt(request: Request) -> dict[str, Any]:
    filing = filing_of(request)
    if filing.receipt is None:
        raise HTTPNotFound
    return {
        **common(request, filing),
        "receipt": filing.receipt,
        "profile": receipts.profile_text(filing.receipt),
        "qr": qr_svg(filing.receipt["verify_url"], request.say("核验网址的二维码")),
        "received_at": receipts.instant(filing.receipt["received_at"]),
        "signed_at": receipts.instant(filing.receipt["signed_at"]),
    }


@both("filing_receipt_json")
def receipt_json(request: Request) -> Response:
    """Everything the receipt says as it was frozen at signing, for programs: the same bytes at every visit."""
    filing = filing_of(request)
    if filing.receipt is None:
        raise HTTPNotFound
    body = canonical({**filing.receipt, "receipt_pdf_digest": filing.receipt_digest})
    response = Response(body, content_type="application/json")
    response.headers["Content-Disposition"] = attachment(f"{filing.receipt_no}.json")
    return response


@both("filing_receipt_pdf")
def receipt_pdf(request: Request) -> Response:
    """The receipt as it was made once; never laid out again."""
    filing = filing_of(request)
    return download(request, filing.receipt_digest, f"{filing.receipt_no}.pdf", "application/pdf")


def stem(filing: Filing) -> str:
    return f"{filing.company.code}-{filing.feed}-{filing.period}-{filing.number}"


def streamed(lines: Iterator[bytes], name: str) -> Response:
    """A CSV file made while it is sent, saved under a name and never shown in place."""
    response = Response(content_type="text/csv", charset="utf-8")
    response.app_iter = lines
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def download(request: Request, digest: str | None, name: str, kind: str) -> Response:
    """Evidence saved under a name, never shown in place: no script of a company's file can run here."""
    if digest is None:
        raise HTTPNotFound
    response = FileResponse(str(request.evidence.path(digest)), request=request, content_type=kind)
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
