"""Anybody who holds a receipt can see whether it is genuine, and whether a file is the one it speaks of."""

from __future__ import annotations

import re
from typing import Any

from pyramid.view import view_config

from supervision.filings.receipts import instant
from supervision.filings.service import FilingService
from supervision.security import Permission
from supervision.web import Request

_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


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
