"""Resumable uploads as tus 1.0.0 speaks them (https://tus.io/protocols/resumable-upload), for the pages and for
programs: core, creation, checksum, expiration, termination."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from email.utils import format_datetime
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.response import Response
from pyramid.view import exception_view_config, view_config

from ingest.standard import FEEDS
from supervision.channels import problem_json
from supervision.channels.part_files import ALGORITHMS, Part
from supervision.channels.resumable import NoSuchUpload, ResumableUploads, Standing
from supervision.channels.views.api import must_cover
from supervision.channels.views.refusing import API, UPLOADS, VERSION
from supervision.filings import FilingRefused
from supervision.filings.intake import Declared, declaration_of, is_yes
from supervision.filings.reading import period_of
from supervision.journal import Actor
from supervision.security import Permission
from supervision.users import UserService
from supervision.web import Request
from supervision.web.audience import audience_of

PART_TYPE = "application/offset+octet-stream"
READ, WRITE = "read", "write"
PERMISSIONS = {
    "company": {READ: Permission.OWN_FILING_READ, WRITE: Permission.FILING_UPLOAD},
    "api": {READ: Permission.API_READ, WRITE: Permission.API_FILE},
}


def _both(name: str, method: str, kind: str) -> Callable[[Any], Any]:
    """The same view for the pages, whose forms carry a token against forgery, and for programs, which carry their own."""

    def decorate(view: Any) -> Any:
        for side, permissions in PERMISSIONS.items():
            view = view_config(
                route_name=f"{side}_{name}",
                request_method=method,
                permission=permissions[kind],
                require_csrf=None if side == "company" else False,
            )(view)
        return view

    return decorate


def _asker(request: Request) -> tuple[int, Actor]:
    """For which company, and by whom."""
    program = request.program if request.matched_route.name.startswith("api_") else None
    if program is not None:
        return program.company_id, program.actor
    audience_of(request)
    company_id = request.viewer.company_id
    assert company_id is not None  # audience_of let in company people only
    return company_id, request.actor


def _uploads(request: Request) -> ResumableUploads:
    return ResumableUploads(request.registry.engine, request.clock, request.evidence, request.conf)


def _upload(request: Request) -> Standing:
    """The upload of the address, if it is the asker's. Raises NoSuchUpload."""
    company_id, _ = _asker(request)
    found = _uploads(request).find(request.matchdict["public_id"], company_id)
    program = request.program if request.matched_route.name.startswith("api_") else None
    if program is not None and not program.covers(found.feed, found.season, found.period):
        raise NoSuchUpload(found.public_id)
    return found


def _speaks_tus(request: Request) -> None:
    """Raises FilingRefused (U04)."""
    said = request.headers.get("Tus-Resumable", "")
    if said != VERSION:
        raise FilingRefused("U04", said[:20] or "—")


def _path(request: Request, upload: Standing) -> str:
    side = request.matched_route.name.partition("_")[0]
    path: str = request.route_path(f"{side}_upload_file", public_id=upload.public_id)
    return path


def _told(request: Request, upload: Standing, status: int, **more: Any) -> Response:
    """How the upload stands, in the headers of the protocol; a whole one says where its filing is."""
    answer = Response(status=status, **more)
    answer.headers["Tus-Resumable"] = VERSION
    answer.headers["Upload-Offset"] = str(upload.received)
    answer.headers["Upload-Length"] = str(upload.size)
    answer.headers["Upload-Expires"] = format_datetime(upload.expires_at, usegmt=True)
    if upload.filing is not None:
        side = request.matched_route.name.partition("_")[0]
        answer.headers["Filing-Location"] = request.route_path(f"{side}_filing", public_id=upload.filing)
    return answer


@_both("uploads", "OPTIONS", READ)
def abilities(request: Request) -> Response:
    """What is spoken here."""
    answer = Response(status=204)
    answer.headers["Tus-Resumable"] = answer.headers["Tus-Version"] = VERSION
    answer.headers["Tus-Extension"] = "creation,checksum,expiration,termination"
    answer.headers["Tus-Checksum-Algorithm"] = ",".join(ALGORITHMS)
    answer.headers["Tus-Max-Size"] = str(request.conf.max_upload_bytes)
    return answer


@_both("uploads", "POST", WRITE)
def begin(request: Request) -> Response:
    """201 and the address of the upload; the unfinished one of the same file, where there is one."""
    _speaks_tus(request)
    company_id, by = _asker(request)
    said = _metadata(request)
    program = request.program if request.matched_route.name.startswith("api_") else None
    if program is not None:
        must_cover(program, said.get("feed", ""), said.get("period", ""))
    length = request.headers.get("Upload-Length", "")
    feed, period = said.get("feed", ""), said.get("period", "")
    period_of(feed, period)
    upload = _uploads(request).begin(
        company_id=company_id,
        by=by,
        feed=feed,
        period=period,
        filename=said.get("filename", ""),
        declared=Declared(_whole(length), said.get("sha256") or None),
        is_test=is_yes(said.get("test")),
        is_correction=is_yes(said.get("correction")),
        manifest=declaration_of(feed, said.get("rows", ""), said.get("totals", "")),
    )
    answer = _told(request, upload, 201)
    answer.headers["Location"] = _path(request, upload)
    return answer


@_both("upload_file", "GET", READ)
def how_far(request: Request) -> Response:
    """How much has come: in the headers (HEAD, as the protocol asks), and as JSON for who reads it."""
    upload = _upload(request)
    body = {
        "upload": upload.public_id,
        "feed": upload.feed,
        "period": upload.period,
        "filename": upload.filename,
        "sha256": upload.digest,
        "size": upload.size,
        "received": upload.received,
        "is_test": upload.is_test,
        "is_correction": upload.is_correction,
        "declared": upload.said,
        "expires_at": upload.expires_at.isoformat(),
        "filing": upload.filing,
    }
    answer = _told(request, upload, 200, json_body=body)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@_both("upload_file", "PATCH", WRITE)
def append(request: Request) -> Response:
    """The part is on the disk: 204 and the new offset. The last one files the whole as of the first byte of its
    request."""
    _speaks_tus(request)
    began_at = request.began_at
    if request.content_type != PART_TYPE:
        raise FilingRefused("U07")
    offset = _whole(request.headers.get("Upload-Offset", ""))
    found = _upload(request)
    if offset is None:
        raise FilingRefused("U02", found.received)
    company_id, by = _asker(request)
    part = Part(offset, request.content_length or 0, request.body_file, _checksum(request))
    return _told(
        request,
        _uploads(request).append(found.public_id, company_id, part, by=by, began_at=began_at),
        204,
    )


@_both("upload_file", "DELETE", WRITE)
def end(request: Request) -> Response:
    _speaks_tus(request)
    company_id, by = _asker(request)
    _uploads(request).end(_upload(request).public_id, company_id, by=by)
    answer = Response(status=204)
    answer.headers["Tus-Resumable"] = VERSION
    return answer


@view_config(
    route_name="company_uploads",
    request_method="GET",
    permission=Permission.OWN_FILING_READ,
    renderer="channels/uploads.jinja2",
)
def unfinished(request: Request) -> dict[str, Any]:
    """Every file of the company of which only a part has come; the upload page shows the same list."""
    company_id, _ = _asker(request)
    found = _uploads(request).unfinished(company_id)
    return {
        "uploads": found,
        "feeds": FEEDS,
        "people": request.service(UserService).display_names([one.begun_by for one in found]),
        "may_upload": request.may(Permission.FILING_UPLOAD),
    }


@view_config(route_name="company_upload_end", request_method="POST", permission=Permission.FILING_UPLOAD)
def end_by_form(request: Request) -> HTTPSeeOther:
    """For a browser without scripts: the upload is gone, and the page says so."""
    company_id, by = _asker(request)
    _uploads(request).end(_upload(request).public_id, company_id, by=by)
    request.session.flash(request.say("已取消上传。"), "success")
    return HTTPSeeOther(request.route_path("company_uploads"))


@exception_view_config(NoSuchUpload, path_info=API)
@exception_view_config(NoSuchUpload, path_info=UPLOADS)
def no_such_upload(error: NoSuchUpload, request: Request) -> Response:
    """Another company's upload looks exactly like one that never was."""
    return problem_json.problem(request, 404)


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 15 else None


def _metadata(request: Request) -> dict[str, str]:
    """Upload-Metadata: pairs of a key and a value in Base64, separated by commas. Raises FilingRefused (U10)."""
    found: dict[str, str] = {}
    header = request.headers.get("Upload-Metadata", "")
    for pair in header.split(",") if header.strip() else ():
        key, _, value = pair.strip().partition(" ")
        try:
            if not key or key in found:
                raise ValueError(key)
            found[key] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
        except (ValueError, binascii.Error):
            raise FilingRefused("U10", key[:20] or "—") from None
    return found


def _checksum(request: Request) -> tuple[str, bytes] | None:
    """Upload-Checksum: the algorithm and the checksum in Base64. Raises FilingRefused (U06, U09)."""
    header = request.headers.get("Upload-Checksum", "")
    if not header:
        return None
    algorithm, _, value = header.partition(" ")
    if algorithm not in ALGORITHMS:
        raise FilingRefused("U09", algorithm[:20])
    try:
        return algorithm, base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        raise FilingRefused("U06") from None
