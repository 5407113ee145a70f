"""Long lists of a filing, a page at a time and whole as a file: what was read otherwise, and what it changed."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPNotFound
from pyramid.response import Response

from ingest.coercions import Used
from ingest.standard import feed as feed_of
from supervision.filings import edit_report
from supervision.filings.coercions import lines_of, rules_of
from supervision.filings.difference import lines, sections
from supervision.filings.views.filing import both, common, difference_notes, stem, streamed
from supervision.filings.views.ground import filing_of
from supervision.web import Request
from supervision.web.paging import SIZE, Page, page_number


@both("filing_coercions", renderer="filings/coercions.jinja2")
def coercions(request: Request) -> dict[str, Any]:
    """Every value that was read otherwise than it stood in the file."""
    filing = filing_of(request)
    return {
        **common(request, filing),
        "used": rules_of(request.evidence, filing),
        "meaning": lambda rule: Used(rule, 1),
        "page": _slice(request, filing.coercions_digest, 0, filing.coercion_count or 0),
    }


@both("filing_coercions_csv")
def coercions_csv(request: Request) -> Response:
    """The same list as a file, whole."""
    filing = filing_of(request)
    if filing.coercions_digest is None:
        raise HTTPNotFound
    whole = lines_of(request.evidence, filing.coercions_digest, filing.row_offset)
    return streamed(whole, f"{stem(filing)}-换写清单.csv")


@both("filing_difference", renderer="filings/difference.jinja2")
def difference(request: Request) -> dict[str, Any]:
    """Every row and value that a filing changed against the one it was compared with; of one section where one is asked for."""
    filing = filing_of(request)
    known = filing.difference
    if known is None:
        raise HTTPNotFound
    parts = sections(feed_of(filing.feed), known)
    asked = request.GET.get("part", "")
    chosen = next((part for part in parts if part.name == asked), None)
    if asked and chosen is None:
        raise HTTPNotFound
    start, count = (chosen.start, chosen.count) if chosen else (0, known["rows"])
    return {
        **common(request, filing),
        "difference": known,
        "parts": parts,
        "chosen": chosen,
        "notes": difference_notes(request, filing),
        "page": _slice(request, known["digest"], start, count),
    }


@both("filing_difference_csv")
def difference_csv(request: Request) -> Response:
    """The whole difference as a file."""
    filing = filing_of(request)
    if filing.difference is None:
        raise HTTPNotFound
    whole = lines(request.evidence, filing.difference["digest"], feed_of(filing.feed))
    return streamed(whole, f"{stem(filing)}-差异.csv")


def _slice(request: Request, digest: str | None, start: int, total: int) -> Page[dict[str, Any]]:
    number = page_number(request)
    pages = max(1, -(-total // SIZE))
    offset = (number - 1) * SIZE
    count = max(0, min(SIZE, total - offset))
    rows = edit_report.slice_of(request.evidence, digest, start + offset, count) if digest and count else []
    return Page(rows, number, pages, total)
