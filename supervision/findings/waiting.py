"""Findings on the desk of an officer."""

from __future__ import annotations

from collections.abc import Iterator

from supervision.findings.reading import QueueFilter
from supervision.findings.service import FindingService
from supervision.findings.stopped import stopped_checks
from supervision.findings.unknown_charges import unknown_charges
from supervision.security import Permission
from supervision.web.request import Request
from supervision.web.templates import money
from supervision.web.waiting import Waiting


def on_the_desk(request: Request) -> Iterator[Waiting]:
    """Checks that were given up, for every officer; open findings, for whoever may open a case on them."""
    if request.may(Permission.FINDING_READ):
        stopped = len(stopped_checks(request.db))
        yield Waiting("未能完成的核查", stopped, request.route_path("officer_runs"), "late")
        unknown = len(unknown_charges(request.db))
        yield Waiting("未登记的收费名称", unknown, request.route_path("officer_unknown_charges"), "watch")
    if not request.may(Permission.CASE_OPEN):
        return
    service = request.service(FindingService)
    sums = service.sums(service.queue(request.viewer, QueueFilter()))
    note = request.say("多收 %(amount)s 元", amount=money(sums.amount_over))
    yield Waiting("待处理的问题", sums.findings, request.route_path("officer_findings"), "now", note)
