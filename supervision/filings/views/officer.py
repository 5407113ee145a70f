"""What an officer sees: the filings of every company, by company, feed, period and state."""

from __future__ import annotations

from typing import Any

from pyramid.view import view_config

from ingest.standard import FEEDS
from supervision.companies import CompanyService
from supervision.filings.lifecycle import TEXTS, State
from supervision.filings.service import FilingService
from supervision.security import Permission
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.paging import page_number, paged

FILTERS = ("company", "feed", "period", "state")


@view_config(
    route_name="officer_filings",
    request_method="GET",
    permission=Permission.FILING_READ,
    renderer="filings/officer_list.jinja2",
)
def filings(request: Request) -> dict[str, Any]:
    """All filings, newest first; a filter that names nothing known finds nothing."""
    audience_of(request)
    chosen = {name: request.GET.get(name, "").strip()[:40] for name in FILTERS}
    query = request.service(FilingService).listed(
        request.viewer,
        company=chosen["company"],
        feed=chosen["feed"],
        period=chosen["period"],
        state=State(chosen["state"]) if chosen["state"] in list(State) else None,
    )
    return {
        "page": paged(request.db, query, page_number(request)),
        "chosen": chosen,
        "query": {name: value for name, value in chosen.items() if value},
        "companies": request.service(CompanyService).all(),
        "feeds": FEEDS,
        "states": TEXTS,
    }
