"""Anybody who holds a receipt can see whether it is genuine; anybody with a file, whether it is what was filed."""

from __future__ import annotations

import re
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.view import view_config

from supervision.filings.intake import Declared, arriving
from supervision.filings.problems import FilingRefused
from supervision.filings.receipts import instant
from supervision.filings.resources import FORM_BYTES
from supervision.filings.service import FilingService
from supervision.security import Permission
from supervision.web import Request

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@view_config(
    route_name="verify",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="filings/verify_any.jinja2",
)
def verify_any(request: Request) -> Any:
    """A receipt number leads to the page of the receipt; a digest is answered with yes or no and nothing else."""
    asked = request.GET.get("asked", "").strip()[:100]
    if not asked:
        return _answer()
    if _DIGEST.fullmatch(asked.lower()):
        return _answer(asked, request.service(FilingService).was_filed(asked.lower()))
    try:
        found = request.service(FilingService).by_receipt(asked.upper())
    except FilingRefused:
        request.response.status = 404
        return _answer(asked, None)
    return HTTPSeeOther(request.route_path("verify_receipt", receipt_no=found.receipt_no))


@view_config(
    route_name="verify",
    request_method="POST",
    permission=Permission.PUBLIC_VERIFY,
    renderer="filings/verify_any.jinja2",
)
def verify_file(request: Request) -> dict[str, Any]:
    """For browsers that cannot compute a digest: the file is read, answered with yes or no, and not kept."""
    part = request.POST.get("file")
    if not getattr(part, "filename", None):
        raise FilingRefused("T14")
    with arriving(part.file, request.conf.incoming_root, Declared(), FORM_BYTES) as arrived:
        digest = arrived.digest
    return _answer(digest, request.service(FilingService).was_filed(digest))


def _answer(asked: str = "", was_filed: bool | None = None) -> dict[str, Any]:
    """``was_filed`` is None where what was asked is neither a digest nor a receipt of ours."""
    return {"asked": asked, "was_filed": was_filed, "form_megabytes": FORM_BYTES >> 20}


@view_config(
    route_name="verify_receipt",
    request_method="GET",
    permission=Permission.PUBLIC_READ,
    renderer="filings/verify.jinja2",
)
def verify(request: Request) -> dict[str, Any]:
    """What the receipt says, without amounts or people; with ``digest``, whether that is the receipted file's."""
    filing = request.service(FilingService).by_receipt(request.matchdict["receipt_no"])
    asked = request.GET.get("digest", "").strip().lower()[:100]
    return {
        "filing": filing,
        "receipt": filing.receipt,
        "signed_at": instant((filing.receipt or {})["signed_at"]),
        "asked": asked,
        "is_digest": bool(_DIGEST.fullmatch(asked)),
        "is_same": asked == filing.bytes_digest,
    }
