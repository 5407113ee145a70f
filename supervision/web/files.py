"""Files handed out: saved under a name that every browser can keep, and not sent again to those who have them."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import quote

from pyramid.response import Response

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._-]+", re.ASCII)
_NO_NAME = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')  # what some file system does not take


def plain_name(text: str) -> str:
    """The text with nothing in it but ASCII letters, digits, points, dashes and underlines."""
    return _NOT_PLAIN.sub("_", text).strip("._")[:80] or "_"


def attached(answer: Response, name: str, plain: str) -> Response:
    """The answer is saved as a file of that name; ``plain`` for readers that know ASCII only (RFC 6266)."""
    safe = quote(_NO_NAME.sub("_", name), safe="")
    answer.content_disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{safe}"
    return answer


def open_data(body: bytes, kind: str) -> Response:
    """Public bytes of that media type. The same bytes carry the same ETag, and a visitor who has them is told so."""
    answer = Response(body, content_type=kind, conditional_response=True)
    if kind.startswith("text/"):
        answer.charset = "utf-8"  # JSON is UTF-8 by definition and has no charset
    answer.etag = hashlib.sha256(body).hexdigest()
    answer.headers["Cache-Control"] = "public, max-age=300"
    return answer
