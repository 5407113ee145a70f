"""What the pages of filings have in common: for whom a page is, and what is said when a request cannot be met."""

from __future__ import annotations

from typing import Any

from pyramid.response import Response
from pyramid.view import exception_view_config

from supervision.filings.models import Filing
from supervision.filings.problems import FilingRefused, NoSuchFiling
from supervision.filings.service import FilingService
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.errors import not_found


def filing_of(request: Request) -> Filing:
    """The filing of the address, if the viewer may see it. Raises NoSuchFiling."""
    audience_of(request)
    return request.service(FilingService).find(request.matchdict["public_id"], request.viewer)


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
