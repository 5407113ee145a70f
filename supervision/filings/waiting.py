"""Filings on the desk of the company that files them."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.filings.lifecycle import UNDER_WAY, State
from supervision.filings.service import FilingService
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.waiting import Tone, Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    if not request.may(Permission.OWN_FILING_READ):
        return
    counts = request.service(FilingService).counts(request.viewer)
    path = request.route_path("company_filings")
    tone: Tone = "now" if request.may(Permission.FILING_SIGN) else "watch"
    yield Waiting("等待签署的报送", counts[State.READY], path, tone)
    yield Waiting("等待说明的报送", counts[State.NEEDS_EXPLANATION], path, tone)
    yield Waiting("正在审核的报送", sum(counts[state] for state in UNDER_WAY), path, "watch")
