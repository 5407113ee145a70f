"""What both sides read, each within its bounds: findings, runs, bills, exports. Officers see every company."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import FileIter, Response
from pyramid.view import view_config

from supervision.companies import CompanyService
from supervision.findings import drawings, wording
from supervision.findings.bills import CheckedBills, NoSuchBill
from supervision.findings.export import found_csv, outcomes_csv
from supervision.findings.lifecycle import LIFECYCLE, FindingAct, FindingState
from supervision.findings.models import CheckRun
from supervision.findings.service import FindingService
from supervision.findings.stopped import stopped_checks
from supervision.findings.views.certificates import certificate_or_refusal, checker_facts
from supervision.findings.views.ground import (
    Links,
    asked_bill,
    audience_of,
    filter_of,
    finding_of,
    given_of,
    page_of,
    run_of,
)
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.users import UserService
from supervision.web import Request
from supervision.web.paging import page_number, paged

OFFICER, COMPANY = Permission.FINDING_READ, Permission.OWN_FILING_READ


@view_config(
    route_name="officer_findings", request_method="GET", permission=OFFICER, renderer="findings/queue.jinja2"
)
@view_config(
    route_name="company_findings", request_method="GET", permission=COMPANY, renderer="findings/queue.jinja2"
)
def findings(request: Request) -> dict[str, Any]:
    """The findings by harm, with what the current runs say together."""
    is_officer = audience_of(request) == "officer"
    service = request.service(FindingService)
    wanted, given = filter_of(request)
    query = service.queue(request.viewer, wanted)
    page = paged(request.db, query, page_number(request))
    companies = request.service(CompanyService).all() if is_officer else []
    return page_of(
        request,
        page=page,
        severities=service.severities(page.items, local_date(request.now())),
        given=given,
        wanted=wanted,
        sums=service.sums(query),
        checked=service.season_summary(request.viewer.company_id, wanted.season),
        choices=service.choices(request.viewer),
        companies=companies,
        cities=sorted({company.city for company in companies}),
        chart=drawings.largest_findings(request, page.items, with_company=is_officer) if page.items else "",
        bars_shown=drawings.BARS_SHOWN,
    )


@view_config(
    route_name="officer_finding", request_method="GET", permission=OFFICER, renderer="findings/finding.jinja2"
)
@view_config(
    route_name="company_finding", request_method="GET", permission=COMPANY, renderer="findings/finding.jinja2"
)
def finding_page(request: Request) -> dict[str, Any]:
    """One finding over the whole season: its cause, its four severities, its periods, its bills, what it rests on, what
    can be done. The address of a part leads to its finding, that of a finding without parts to what took its place."""
    finding = finding_of(request)
    service = request.service(FindingService)
    is_officer = audience_of(request) == "officer"
    parts, alike = service.parts(finding), service.others_alike(finding)
    days = service.old_price_by_day(finding, parts)
    if finding.public_id != request.matchdict["public_id"] or (not parts and alike):
        links = Links(request, audience_of(request))
        raise HTTPSeeOther(links.finding(finding if parts else alike[-1]))
    return page_of(
        request,
        finding=finding,
        people=request.service(UserService).display_names([finding.decided_by or ""]),
        parts=parts,
        severity=service.severities([finding], local_date(request.now()))[finding.id],
        alike=alike,
        page=service.rows(finding, page_number(request)),
        chart=drawings.differences(request, parts),
        periods_chart=drawings.by_period(request, parts),
        days=days,
        days_chart=drawings.old_price_by_day(request, days) if days else "",
        same_cause=service.of_same_cause(finding),
        actions=_further_actions(request, finding) if is_officer else [],
        may_dismiss=_may(request, finding.state, FindingAct.DISMISS),
        may_reopen=_may(request, finding.state, FindingAct.REOPEN),
    )


@view_config(
    route_name="officer_unexplained",
    request_method="GET",
    permission=OFFICER,
    renderer="findings/unexplained.jinja2",
)
@view_config(
    route_name="company_unexplained",
    request_method="GET",
    permission=COMPANY,
    renderer="findings/unexplained.jinja2",
)
def unexplained(request: Request) -> dict[str, Any]:
    """The wrong bills of which no known cause gives the billed total, the largest difference first: the next ones to be
    read by a person."""
    page = request.service(FindingService).unexplained(request.viewer, page_number(request))
    return page_of(request, page=page)


def _may(request: Request, state: FindingState, act: FindingAct) -> bool:
    return LIFECYCLE.permits(state, act, frozenset(map(str, request.viewer.permissions)))


def _further_actions(request: Request, finding: Any) -> list[tuple[str, str, str]]:
    """What other features offer for this finding: (label, url, method)."""
    return [action for offer in request.registry.finding_actions for action in offer(request, finding)]


@view_config(route_name="officer_finding_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_finding_csv", request_method="GET", permission=COMPANY)
def finding_csv(request: Request) -> Response:
    """Every bill of the finding."""
    finding = finding_of(request)
    service = request.service(FindingService)
    bills = service.all_rows(service.parts(finding))
    return _csv(request, found_csv(bills, request.language), f"finding-{finding.public_id}")


@view_config(
    route_name="officer_runs", request_method="GET", permission=OFFICER, renderer="findings/runs.jinja2"
)
@view_config(
    route_name="company_runs", request_method="GET", permission=COMPANY, renderer="findings/runs.jinja2"
)
def runs(request: Request) -> dict[str, Any]:
    """The current run of every company and period."""
    is_officer = audience_of(request) == "officer"
    service = request.service(FindingService)
    given = given_of(request, "company", "season")
    query = service.runs(request.viewer, company=given["company"] or None, season=given["season"] or None)
    page = paged(request.db, query, page_number(request), 20)
    companies = request.service(CompanyService).all() if is_officer else []
    if is_officer and not given["company"]:
        of_each = {one: service.season_summary(one.id, given["season"] or None) for one in companies}
        checked = {company: summary for company, summary in of_each.items() if summary.runs}
        chart = drawings.outcomes_by_company(request, checked)
    else:
        chart = drawings.outcomes(request, page.items)
    return page_of(
        request,
        page=page,
        given=given,
        seasons=service.seasons(request.viewer),
        companies=companies,
        chart=chart,
        stopped=stopped_checks(request.db) if is_officer else [],
        within=service.within(request.viewer, given["season"] or None),
    )


@view_config(
    route_name="officer_run", request_method="GET", permission=OFFICER, renderer="findings/run.jinja2"
)
@view_config(
    route_name="company_run", request_method="GET", permission=COMPANY, renderer="findings/run.jinja2"
)
def run_page(request: Request) -> dict[str, Any]:
    """One run: what it rested on, what came out, what moved since the one before."""
    run, service = run_of(request), request.service(FindingService)
    return page_of(
        request,
        run=run,
        parts=service.parts_of(run),
        outcomes_chart=drawings.outcomes(request, [run]),
        lacking_chart=drawings.lacking(request, run) if run.missing else "",
        moved_chart=drawings.moved(request, run) if wording.moved_by(run) else "",
        as_of_runs=[one for one in service.as_of(run) if one.id != run.id],
    )


@view_config(route_name="officer_run_csv", request_method="GET", permission=OFFICER)
@view_config(route_name="company_run_csv", request_method="GET", permission=COMPANY)
def run_csv(request: Request) -> Response:
    """Every bill of the run with its outcome, in the order filed."""
    run = run_of(request)
    rows = request.service(FindingService).outcomes(run)
    return _csv(request, outcomes_csv(rows, run, request.language), f"run-{run.public_id}")


def _csv(request: Request, file: Any, name: str) -> Response:
    answer = Response(app_iter=FileIter(file), content_type="text/csv", charset="utf-8")
    answer.content_disposition = f'attachment; filename="{name}.csv"'
    return answer


# -- bills --------------------------------------------------------------------------------------------------------


@view_config(
    route_name="officer_bill", request_method="GET", permission=OFFICER, renderer="findings/bill.jinja2"
)
@view_config(
    route_name="company_bill", request_method="GET", permission=COMPANY, renderer="findings/bill.jinja2"
)
def bill_page(request: Request) -> dict[str, Any]:
    """One bill, line by line, as far as anyone can follow it."""
    view = asked_bill(request)
    certificate, refusal = certificate_or_refusal(view)
    return page_of(
        request,
        view=view,
        run=view.run,
        sheet=view.worksheet,
        certificate=certificate,
        refusal=refusal,
        checker=checker_facts(),
    )


@view_config(route_name="officer_worksheet", request_method="GET", permission=OFFICER)
@view_config(route_name="company_worksheet", request_method="GET", permission=COMPANY)
def worksheet_pdf(request: Request) -> Response:
    """The worksheet to print."""
    from reports.render import render_pdf
    from supervision.findings.paper import worksheet_document

    view = asked_bill(request)
    page = Links(request, audience_of(request)).bill(view.run, view.bill["bill_no"])
    document = worksheet_document(view, request.conf, request.conf.public_url + page)
    body = render_pdf(document, language="en" if request.language == "en" else "zh")
    answer = Response(body, content_type="application/pdf")
    answer.content_disposition = f'inline; filename="worksheet-{document.number}.pdf"'
    return answer


@view_config(
    route_name="officer_bills", request_method="GET", permission=OFFICER, renderer="findings/bills.jinja2"
)
@view_config(
    route_name="company_bills", request_method="GET", permission=COMPANY, renderer="findings/bills.jinja2"
)
def bills(request: Request) -> Any:
    """Bills found by their number or by the account; a number that is found leads straight to its bill."""
    is_officer = audience_of(request) == "officer"
    links = Links(request, audience_of(request))
    given = given_of(request, "company", "number")
    company_id = request.viewer.company_id
    companies = request.service(CompanyService).all() if is_officer else []
    if is_officer:
        company_id = next((one.id for one in companies if one.code == given["company"]), None)
    found: list[tuple[CheckRun, dict[str, Any]]] = []
    if company_id is not None and given["number"]:
        service = request.service(CheckedBills)
        try:
            view = service.bill(company_id, given["number"])
            return HTTPSeeOther(links.bill(view.run, given["number"]))
        except NoSuchBill:
            found = service.bills_of_account(company_id, given["number"])
    return page_of(request, found=found, given=given, companies=companies)
