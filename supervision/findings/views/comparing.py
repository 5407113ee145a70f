"""A run beside another one, and beside itself under other conventions: which bills differ, whose that is, how many."""

from __future__ import annotations

import datetime as dt
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.response import FileIter, Response
from pyramid.view import view_config

from ingest.evidence import EvidenceStore
from supervision.findings import as_of, drawings
from supervision.findings.export import flips_csv, moved_csv
from supervision.findings.inputs import AsOf
from supervision.findings.models import CheckRun
from supervision.findings.service import FindingService
from supervision.findings.views.ground import Links, page_of, run_of
from supervision.security import Permission
from supervision.settings import Clock
from supervision.web import Request
from supervision.web.paging import page_number

OFFICER, COMPANY = Permission.FINDING_READ, Permission.OWN_FILING_READ


@view_config(
    route_name="officer_run_differences",
    request_method="GET",
    permission=OFFICER,
    renderer="findings/differences.jinja2",
)
@view_config(
    route_name="company_run_differences",
    request_method="GET",
    permission=COMPANY,
    renderer="findings/differences.jinja2",
)
def differences(request: Request) -> dict[str, Any]:
    """The bills of which the compared run says something else, and whose each difference is."""
    run, digest = _kept(request, "moved_digest")
    page = request.service(FindingService).page_of_rows(digest, page_number(request))
    return page_of(request, run=run, page=page, moved_chart=drawings.moved(request, run))


@view_config(route_name="officer_run_differences_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_run_differences_csv", request_method="GET", permission=COMPANY)
def differences_csv(request: Request) -> Response:
    """Every one of them."""
    run, digest = _kept(request, "moved_digest")
    rows = request.service(FindingService).kept_rows(digest)
    return _csv(moved_csv(rows, run, request.language), f"differences-{run.public_id}")


@view_config(
    route_name="officer_run_proration",
    request_method="GET",
    permission=OFFICER,
    renderer="findings/proration.jinja2",
)
@view_config(
    route_name="company_run_proration",
    request_method="GET",
    permission=COMPANY,
    renderer="findings/proration.jinja2",
)
def proration(request: Request) -> dict[str, Any]:
    """The bills whose verdict would be the other one if parts of a season were counted otherwise."""
    run, digest = _kept(request, "flips_digest")
    page = request.service(FindingService).page_of_rows(digest, page_number(request))
    return page_of(request, run=run, page=page)


@view_config(route_name="officer_run_proration_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_run_proration_csv", request_method="GET", permission=COMPANY)
def proration_csv(request: Request) -> Response:
    """Every one of them."""
    run, digest = _kept(request, "flips_digest")
    rows = request.service(FindingService).kept_rows(digest)
    return _csv(flips_csv(rows, run, request.language), f"proration-{run.public_id}")


@view_config(route_name="officer_run_as_of", request_method="POST", permission=Permission.CASE_OPEN)
def check_as_of(request: Request) -> HTTPSeeOther:
    """A check on what was known at a time is queued."""
    run = run_of(request)
    try:
        known = AsOf(_day(request, "law"), _end(_day(request, "data")))
        by = request.actor
        as_of.ask(request.db, _clock(request), _evidence(request), run, known, by=by)
    except as_of.AsOfRefused as refusal:
        request.session.flash(refusal.zh if request.language == "zh" else refusal.en, "danger")
    else:
        request.session.flash(
            request.say("已安排按当时所知核查，完成后列在本页，不影响现行结果。"), "success"
        )
    return HTTPSeeOther(Links(request, "officer").run(run) + "#as-of")


def _day(request: Request, name: str) -> dt.date | None:
    """The day of that field. Raises AsOfRefused where it is none."""
    given = request.POST.get(name, "").strip()
    try:
        return dt.date.fromisoformat(given) if given else None
    except ValueError:
        raise as_of.AsOfRefused(
            f"“{given[:20]}”不是日期，请写成 2025-12-31 的形式。",
            f"“{given[:20]}” is no day; write it like 2025-12-31.",
        ) from None


def _end(day: dt.date | None) -> dt.datetime | None:
    return None if day is None else as_of.end_of_day(day)


def _clock(request: Request) -> Clock:
    clock: Clock = request.clock
    return clock


def _evidence(request: Request) -> EvidenceStore:
    evidence: EvidenceStore = request.evidence
    return evidence


def _kept(request: Request, name: str) -> tuple[CheckRun, str]:
    """The run and what it keeps under that name; 404 where it keeps nothing of the kind."""
    run = run_of(request)
    digest = getattr(run, name)
    if digest is None:
        raise HTTPNotFound
    return run, digest


def _csv(file: Any, name: str) -> Response:
    answer = Response(app_iter=FileIter(file), content_type="text/csv", charset="utf-8")
    answer.content_disposition = f'attachment; filename="{name}.csv"'
    return answer
