"""The edit report of a filing: on the page by edit and by row of the file, and whole as CSV and XLSX."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPBadRequest, HTTPNotFound
from pyramid.response import FileIter, Response

from ingest.edits import EXPLAINED, EditClass
from ingest.edits.explanations import LONGEST_NOTE, SHORTEST_NOTE
from ingest.edits.report import Report, csv_pieces, write_report
from ingest.standard.feed import explanation_codes
from supervision.filings import edit_report
from supervision.filings.explaining import FilingExplanations
from supervision.filings.lifecycle import LIFECYCLE, Act
from supervision.filings.models import Filing
from supervision.filings.names import attachment
from supervision.filings.views.filing import SANDBOX, Entered, both, common, stem
from supervision.filings.views.ground import filing_of
from supervision.users import UserService
from supervision.web import Request
from supervision.web.paging import SIZE, Page, page_number

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_SEARCH = 200


@both("filing_edits", renderer="filings/edits.jinja2")
def edits(request: Request) -> dict[str, Any]:
    return shown_edits(request, filing_of(request))


def shown_edits(request: Request, filing: Filing, entered: Entered | None = None) -> dict[str, Any]:
    """Every hit, one a line or gathered by row of the file; of one edit, class, column or record, or all. No page needs more
    than its own part of the evidence."""
    is_shadow = request.GET.get("shadow") == "yes"
    groups = edit_report.groups_in(filing.shadow_report if is_shadow else filing.report)
    digest = filing.shadow_digest if is_shadow else filing.edits_digest
    wanted = _wanted(request)
    is_by_row = request.GET.get("by") == "row"
    places = edit_report.places_of(request.evidence, digest, groups, wanted) if digest else None
    by_row: list[tuple[int, list[int]]] = []
    if places is not None and digest and is_by_row:
        by_row = edit_report.by_row(request.evidence, digest, places)
    total = len(by_row) if is_by_row else (0 if places is None else int(places.size))
    number = page_number(request)
    first = (number - 1) * SIZE
    if is_by_row:
        rows = by_row[first : first + SIZE]
    else:
        found = [] if places is None else places[first : first + SIZE].tolist()
        rows = [(0, found)] if found else []
    asked = [place for _, here in rows for place in here]
    hits = _hits(request, digest, asked)
    service = request.service(FilingExplanations)
    explanations = service.of_hits(filing, [] if is_shadow else [place + 1 for place in asked])
    explained = [group for group in groups if group.edit_class in EXPLAINED and not is_shadow]
    query = {"by": "row" if is_by_row else "", "edit": wanted.edit_id, "class": wanted.edit_class}
    query["shadow"] = "yes" if is_shadow else ""
    query |= {"field": wanted.field, "key": wanted.key}
    held = request.viewer.permissions
    return {
        **common(request, filing),
        "groups": groups,
        "classes": {group.edit_class: group.class_text for group in groups},
        "fields": sorted({code for group in groups for code in group.fields}),
        "chosen": query,
        "query": {name: text for name, text in query.items() if text},
        "rows": [(row, [hits[place] for place in here if place in hits]) for row, here in rows],
        "page": Page(rows, number, max(1, -(-total // SIZE)), total),
        "explanations": explanations,
        "proofs": service.proofs(explanations),
        "people": request.service(UserService).display_names(
            sorted({one["given_by"] for one in explanations.values()})
        ),
        "explainable": {group.edit_id for group in explained},
        "codes": explanation_codes(),
        "code_names": {one.code: one for one in explanation_codes()},
        "entered": entered or Entered(),
        "explanation_length": (SHORTEST_NOTE, LONGEST_NOTE),
        "may_explain": not is_by_row
        and not is_shadow
        and not filing.is_test
        and LIFECYCLE.permits(filing.state, Act.EXPLAIN, held),
    }


def _wanted(request: Request) -> edit_report.Wanted:
    given = {
        name: request.GET.get(name, "").strip()[:LONGEST_SEARCH] for name in ("edit", "class", "field", "key")
    }
    if given["class"] and given["class"] not in list(EditClass):
        raise HTTPBadRequest("审核规则类别无效。")
    return edit_report.Wanted(given["edit"], given["class"], given["field"], given["key"])


def _hits(request: Request, digest: str | None, places: list[int]) -> dict[int, dict[str, Any]]:
    """The hits at these places, each with its number in the report."""
    if not digest or not places:
        return {}
    rows = edit_report.rows_at(request.evidence, digest, places)
    return {place: {**row, "hit": place + 1} for place, row in zip(places, rows, strict=True)}


@both("filing_report")
def report(request: Request) -> Response:
    """The whole edit report as CSV with the explanations as they stand now; streamed, however long."""
    filing = filing_of(request)
    found = _report(request, filing)
    return _saved(
        Response(app_iter=csv_pieces(found), content_type="text/csv"), f"{stem(filing)}-审核报告.csv"
    )


@both("filing_workbook_report")
def workbook_report(request: Request) -> Response:
    """The same as an XLSX workbook. 404 where there are more hits than a sheet has rows: the CSV has them all."""
    filing = filing_of(request)
    found = _report(request, filing)
    file = tempfile.NamedTemporaryFile(suffix=".xlsx")  # noqa: SIM115 -- closed, and so gone, when it was sent
    try:
        write_report(found, Path(file.name))
    except ValueError:
        file.close()
        raise HTTPNotFound from None
    response = Response(app_iter=FileIter(file), content_type=XLSX)
    response.content_length = Path(file.name).stat().st_size
    return _saved(response, f"{stem(filing)}-审核报告.xlsx")


def _report(request: Request, filing: Filing) -> Report:
    found = request.service(FilingExplanations).report(filing)
    if found is None:
        raise HTTPNotFound
    return found


def _saved(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = attachment(name)
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
