"""What a company does: list its filings, upload, sign, withdraw."""

from __future__ import annotations

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import view_config

from ingest.standard import FEEDS, PERIOD_NAMES, Feed, season_of
from supervision.filings.intake import DIGEST, Declared
from supervision.filings.models import Filing
from supervision.filings.problems import FilingRefused
from supervision.filings.resources import FORM_BYTES, declared, key_of
from supervision.filings.service import FilingService
from supervision.filings.verdict import as_json
from supervision.filings.views.ground import filing_of, take_in
from supervision.security import Permission
from supervision.settings.clock import local_date
from supervision.web import Request
from supervision.web.audience import audience_of
from supervision.web.paging import page_number, paged


@view_config(
    route_name="company_filings",
    request_method="GET",
    permission=Permission.OWN_FILING_READ,
    renderer="filings/company_list.jinja2",
)
def filings(request: Request) -> dict[str, Any]:
    """Every filing of the viewer's company, newest first."""
    audience_of(request)
    query = request.service(FilingService).visible_to(request.viewer)
    return {"page": paged(request.db, query, page_number(request)), "feeds": FEEDS}


@view_config(
    route_name="company_filing_upload",
    request_method="GET",
    permission=Permission.FILING_UPLOAD,
    renderer="filings/upload.jinja2",
)
def upload_page(request: Request) -> dict[str, Any]:
    audience_of(request)
    return _upload_form(request)


def _upload_form(request: Request, refused: FilingRefused | None = None) -> dict[str, Any]:
    today = local_date(request.now())
    season = season_of(today)
    months = [
        f"{today.year - (back >= today.month)}-{(today.month - back - 1) % 12 + 1:02d}" for back in range(4)
    ]
    given = request.POST if request.method == "POST" else request.GET
    return {
        "feeds": FEEDS,
        "periods_of": {code: _periods_of(feed) for code, feed in FEEDS.items()},
        "today": today.isoformat(),
        "seasons": [season.text],
        "months": months,
        "chosen_feed": str(given.get("feed", "bills")),
        "chosen_period": str(given.get("period", "")),
        "chosen_test": given.get("test") == "yes",
        "chosen_correction": given.get("correction") == "yes",
        "chosen_rows": str(given.get("rows", "")),
        "chosen_totals": str(given.get("totals", "")),
        "refused": refused,
        "continued": digest if DIGEST.fullmatch(digest := request.GET.get("continue", "")) else "",
        "form_megabytes": FORM_BYTES >> 20,
    }


@view_config(
    route_name="company_filing_upload",
    request_method="POST",
    permission=Permission.FILING_UPLOAD,
    renderer="filings/upload.jinja2",
)
def upload_form(request: Request) -> Any:
    """The plain way, for a browser without scripts: a form of at most 64 MiB."""
    audience_of(request)
    try:
        part = request.POST.get("file")
        # Text or bytes where a file was expected: nothing was chosen, or the part's name cannot be read.
        if not getattr(part, "filename", None):
            raise FilingRefused("T14")
        received = take_in(
            request,
            part.file,
            Declared(),
            company_id=_company(request),
            by=request.actor,
            feed=request.POST.get("feed", ""),
            period=request.POST.get("period", ""),
            filename=part.filename,
            given=request.POST,
        )
    except FilingRefused as refusal:
        request.response.status = refusal.status
        return _upload_form(request, refusal)
    return HTTPSeeOther(_path(request, received.filing))


@view_config(route_name="company_filing_upload", request_method="PUT", permission=Permission.FILING_UPLOAD)
def upload_raw(request: Request) -> Response:
    """The file itself as the request's body; feed, period, filename, sha256, rows, totals, test=yes
    and correction=yes stand in the address. 201 with the
    filing as JSON, 200 where these bytes were filed before."""
    audience_of(request)
    received = take_in(
        request,
        request.body_file,
        declared(request),
        company_id=_company(request),
        by=request.actor,
        feed=request.GET.get("feed", ""),
        period=request.GET.get("period", ""),
        filename=request.GET.get("filename", ""),
        idempotency_key=key_of(request),
        given=request.GET,
    )
    path = _path(request, received.filing)
    body = {**as_json(received.filing), "is_repeat": received.is_repeat, "location": path}
    answer = Response(json_body=body, status=200 if received.is_repeat else 201)
    answer.headers["Location"] = path
    return answer


def _company(request: Request) -> int:
    company_id = request.viewer.company_id
    assert company_id is not None  # audience_of let in company people only
    return company_id


def _periods_of(feed: Feed) -> dict[str, str]:
    """What the feed is filed by, in both languages."""
    names = [PERIOD_NAMES[kind] for kind in feed.periods]
    return {"zh": "、".join(zh for zh, _ in names), "en": ", ".join(en for _, en in names)}


@view_config(route_name="company_filing_sign", request_method="POST", permission=Permission.FILING_SIGN)
def sign(request: Request) -> HTTPSeeOther:
    """Signed, or refused with what is missing; the confirmation box and the version the signer saw come with it."""
    filing = filing_of(request)
    if request.POST.get("confirmed") != "yes":
        raise FilingRefused("F05")
    request.service(FilingService).sign(
        filing,
        by=request.actor,
        signer=request.viewer.display_name,
        version=seen_version(request),
        difference_seen=request.POST.get("difference_seen"),
    )
    request.session.flash(request.say("已签署，回执号 %(number)s。", number=filing.receipt_no), "success")
    return HTTPSeeOther(_path(request, filing))


@view_config(route_name="company_filing_withdraw", request_method="POST", permission=Permission.FILING_UPLOAD)
def withdraw(request: Request) -> HTTPSeeOther:
    filing = filing_of(request)
    request.service(FilingService).withdraw(filing, by=request.actor, version=seen_version(request))
    request.session.flash(request.say("已撤回。"), "success")
    return HTTPSeeOther(_path(request, filing))


def seen_version(request: Request) -> int:
    """The version on the page the visitor acted on; what is no number was seen by nobody."""
    text = request.POST.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def _path(request: Request, filing: Filing) -> str:
    path: str = request.route_path("company_filing", public_id=filing.public_id)
    return path
