"""The interface for companies' programs (报送接口): file, ask how it stands, fetch report and receipt.

A token opens it and nothing else does: no cookie, no form token. What is another company's, or outside the token, answers
like what never was. Nothing here signs: a signature is a person's, with the second factor, on the pages."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any, BinaryIO

from pyramid.response import FileIter, Response
from pyramid.view import view_config

from ingest.edits.report import Report, csv_pieces, write_report
from supervision.filings import FilingRefused, FilingService, NoSuchFiling
from supervision.filings.explaining import FilingExplanations
from supervision.filings.intake import Declared
from supervision.filings.lifecycle import UNDER_WAY, State
from supervision.filings.models import Filing
from supervision.filings.names import attachment
from supervision.filings.pace import wait_of
from supervision.filings.reading import period_of, season_text
from supervision.filings.resources import FORM_BYTES, key_of
from supervision.filings.verdict import as_json
from supervision.filings.views.ground import take_in
from supervision.jobs import status
from supervision.security import Permission, Program
from supervision.web import Request

RETRY_AFTER = "5"  # seconds; a verdict takes a few
KINDS = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
}
SIGNING_ZH = "签署由签署人登录平台完成，接口不能签署。"
SIGNING_EN = "Signing is done by the signatory on the portal; the interface cannot sign."


def program_of(request: Request) -> Program:
    """The program that asks; the permission of the view has made sure that there is one."""
    program = request.program
    assert program is not None  # permission
    return program


def must_cover(program: Program, feed: str, period: str) -> None:
    """Raises FilingRefused (T09, T10, A06)."""
    season = season_text(period_of(feed, period))
    if not program.covers(feed, season, period):
        raise FilingRefused("A06", f"{feed} {period}")


@view_config(
    route_name="api_filings", request_method="POST", permission=Permission.API_FILE, require_csrf=False
)
def file_it(request: Request) -> Response:
    """A file handed in: 201 and the filing, 200 where these bytes were filed before (or the key was used for them)."""
    program = program_of(request)
    source, said, given = _sent(request)
    feed, period = given("feed"), given("period")
    must_cover(program, feed, period)
    if said.digest is None:
        raise FilingRefused("T15")
    received = take_in(
        request,
        source,
        said,
        company_id=program.company_id,
        by=program.actor,
        feed=feed,
        period=period,
        filename=given("filename"),
        idempotency_key=key_of(request),
        given={name: given(name) for name in ("test", "correction", "rows", "totals")},
    )
    body = {**described(request, received.filing), "is_repeat": received.is_repeat}
    answer = Response(json_body=body, status=200 if received.is_repeat else 201)
    answer.headers["Location"] = body["links"]["self"]
    return answer


def _sent(request: Request) -> tuple[BinaryIO, Declared, Any]:
    """The bytes, what is declared of them, and how the other values are asked for: by the address, and by the fields of
    a form where one was sent. Raises FilingRefused (T01, T14, A07)."""
    if request.content_type == "application/x-www-form-urlencoded" and request.content_length:
        raise FilingRefused("A07")
    query = request.GET
    if request.content_type != "multipart/form-data":
        said = Declared(request.content_length, query.get("sha256") or None)
        return request.body_file, said, lambda name: query.get(name, "")
    size = request.content_length or 0
    if size > FORM_BYTES:
        raise FilingRefused(
            "T01",
            f"{size:,} 字节，表单上限 {FORM_BYTES:,} 字节",
            f"{size:,} bytes, forms take {FORM_BYTES:,}",
        )
    fields = request.POST
    part = fields.get("file")
    if not getattr(part, "filename", None):
        raise FilingRefused("T14")

    def given(name: str) -> str:
        value = fields.get(name) or query.get(name, "")
        return value if isinstance(value, str) else ""

    names = {"filename": given("filename") or part.filename}
    return part.file, Declared(None, given("sha256") or None), lambda name: names.get(name) or given(name)


def filing_of(request: Request) -> Filing:
    """The filing of the address, if the token is for it. Raises NoSuchFiling."""
    program = program_of(request)
    filing = request.service(FilingService).find(request.matchdict["public_id"], program.reader)
    if not program.covers(filing.feed, filing.season, filing.period):
        raise NoSuchFiling(filing.public_id)
    return filing


@view_config(
    route_name="api_filing", request_method="GET", permission=Permission.API_READ, require_csrf=False
)
def read_it(request: Request) -> Response:
    """How the filing stands, what comes next, what was found, and where the rest is."""
    filing = filing_of(request)
    answer = Response(json_body=described(request, filing))
    if filing.state in UNDER_WAY:
        answer.headers["Retry-After"] = RETRY_AFTER
    return answer


def described(request: Request, filing: Filing) -> dict[str, Any]:
    """The verdict as everywhere, how far the work is, who signs, and the links that lead somewhere now."""
    place = f"{request.conf.public_url}{request.route_path('api_filing', public_id=filing.public_id)}"
    page = f"{request.conf.public_url}{request.route_path('company_filing', public_id=filing.public_id)}"
    links = {"self": place, "page": page}
    if filing.judged_at is not None:
        links |= {f"report_{kind}": f"{place}/report.{kind}" for kind in KINDS}
    if filing.receipt is not None:
        links["receipt"] = f"{place}/receipt"
    return {
        **as_json(filing),
        "filename": filing.filename,
        "received_at": filing.received_at.isoformat(),
        "progress": _progress(request, filing),
        "signing": {"zh": SIGNING_ZH, "en": SIGNING_EN, "where": page},
        "links": links,
    }


def _progress(request: Request, filing: Filing) -> dict[str, Any] | None:
    """How far the judgement is, while there is one to wait for: how many filings are before it, and the seconds until the
    verdict, where the last judgements say anything of it."""
    if filing.state not in UNDER_WAY or filing.job_id is None:
        return None
    job = status(request.db, filing.job_id)
    wait = wait_of(request.db, filing, request.now())
    return {
        "job": str(job.state),
        "stage": job.stage,
        "done": job.done,
        "total": job.total,
        "ahead": None if wait is None else wait.ahead,
        "seconds_left": None if wait is None else wait.seconds,
    }


@view_config(
    route_name="api_filing_report", request_method="GET", permission=Permission.API_READ, require_csrf=False
)
def report(request: Request) -> Response:
    """Every edit of the filing, one a row. Raises FilingRefused (A09, A10)."""
    filing, kind = filing_of(request), request.matchdict["kind"]
    found = request.service(FilingExplanations).report(filing)
    if found is None:
        raise FilingRefused("A09")
    pieces = csv_pieces(found) if kind == "csv" else FileIter(_written(found, kind))
    answer = Response(app_iter=pieces, content_type=KINDS[kind])
    answer.headers["Content-Disposition"] = attachment(
        f"{filing.company.code}-{filing.feed}-{filing.period}-{filing.number}-report.{kind}"
    )
    return answer


def _written(found: Report, kind: str) -> BinaryIO:
    """The report in that form, made for this answer. Raises FilingRefused (A10)."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"report.{kind}"
        try:
            write_report(found, path)
        except ValueError as error:
            raise FilingRefused("A10") from error
        return path.open("rb")  # what is open outlives its name


@view_config(
    route_name="api_filing_receipt", request_method="GET", permission=Permission.API_READ, require_csrf=False
)
def receipt(request: Request) -> Response:
    """What the receipt says, as it was frozen at signing. Raises FilingRefused (A08)."""
    filing = filing_of(request)
    if filing.receipt is None:
        raise FilingRefused("A08")
    superseded = filing.state is State.SUPERSEDED
    return Response(
        json_body={**filing.receipt, "is_in_force": filing.is_current, "is_superseded": superseded}
    )
