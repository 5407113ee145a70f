"""What the pages of filings have in common: for whom a page is, and what is said when a request cannot be met."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

from pyramid.response import Response
from pyramid.view import exception_view_config

from supervision.filings.intake import Declared, arriving, declaration_of, is_yes
from supervision.filings.models import Filing
from supervision.filings.names import shown_name
from supervision.filings.problems import FilingRefused, NoSuchFiling
from supervision.filings.reading import period_of
from supervision.filings.service import FilingService, Received
from supervision.journal import Actor
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.errors import not_found


def filing_of(request: Request) -> Filing:
    """The filing of the address, if the viewer may see it. Raises NoSuchFiling."""
    audience_of(request)
    return request.service(FilingService).find(request.matchdict["public_id"], request.viewer)


def take_in(
    request: Request,
    source: BinaryIO,
    said: Declared,
    *,
    company_id: int,
    by: Actor,
    feed: str,
    period: str,
    filename: str,
    given: Mapping[str, Any],
    idempotency_key: str | None = None,
) -> Received:
    """The bytes of ``source`` are filed for the company, as of the first byte of the request. ``given`` are the fields of the
    upload: test, correction, and the rows and totals declared. Raises FilingRefused."""
    received_at = request.began_at
    period_of(feed, period)
    shown_name(filename)
    declared = declaration_of(feed, str(given.get("rows", "")), str(given.get("totals", "")))
    # The register is not touched yet: no writer waits while a large file is written and hashed.
    folder: Path = request.conf.incoming_root
    with arriving(source, folder, said, request.conf.max_upload_bytes) as arrived:
        return request.service(FilingService).receive(
            company_id=company_id,
            feed=feed,
            period=period,
            path=arrived.path,
            filename=filename,
            by=by,
            received_at=received_at,
            declared_digest=said.digest,
            idempotency_key=idempotency_key,
            is_test=is_yes(given.get("test")),
            declared=declared,
            is_correction=is_yes(given.get("correction")),
        )


@exception_view_config(NoSuchFiling, renderer="error.jinja2")
def no_such_filing(error: NoSuchFiling, request: Request) -> dict[str, Any]:
    """Another company's filing looks exactly like one that never was."""
    answer: dict[str, Any] = not_found(request)
    return answer


@exception_view_config(FilingRefused, renderer="error.jinja2")
def refused(error: FilingRefused, request: Request) -> Any:
    """The stable code, what is wrong and how to mend it: as JSON for programs, as a page for people."""
    if request.method == "PUT":
        return Response(json_body=error.as_json(), status=error.status)
    request.response.status = error.status
    is_zh = request.language == "zh"
    return {
        "code": error.code,
        "title": error.zh if is_zh else error.en,
        "advice": error.mend_zh if is_zh else error.mend_en,
        "incident": None,
    }
