"""What the upload address points at: a file that is refused on its declaration, before any of it is parsed."""

from __future__ import annotations

from typing import Any

from supervision.filings.intake import Declared, refuse_by_declaration
from supervision.filings.problems import FilingRefused

FORM_BYTES = 64 << 20  # a multipart body is on the disk several times while it is taken apart
KEY_LENGTH = 80
METHODS = frozenset({"GET", "HEAD", "POST", "PUT"})


class DeclaredUpload:
    """Made before permission and form token are looked at, so that an oversized form is never read. Raises
    FilingRefused (T01, T05, T07, T08)."""

    def __init__(self, request: Any) -> None:
        if request.method not in METHODS:
            raise FilingRefused("T07", request.method)
        if request.method in {"GET", "HEAD"}:
            return
        if request.method == "PUT":
            refuse_by_declaration(declared(request), request.conf.max_upload_bytes)
            return
        _refuse_large_form(request.content_length or 0)


class FileToVerify:
    """A file that is sent to be compared: refused on its declared length before any of it is read. Raises
    FilingRefused (T01)."""

    def __init__(self, request: Any) -> None:
        if request.method == "POST":
            _refuse_large_form(request.content_length or 0)


def _refuse_large_form(size: int) -> None:
    if size > FORM_BYTES:
        raise FilingRefused(
            "T01",
            f"{size:,} 字节，表单上限 {FORM_BYTES:,} 字节",
            f"{size:,} bytes, forms take {FORM_BYTES:,}",
        )


def key_of(request: Any) -> str | None:
    """The idempotency key of a request, if it has one. Raises FilingRefused (T13)."""
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not (key.isascii() and 1 <= len(key) <= KEY_LENGTH):
        raise FilingRefused("T13", key[:KEY_LENGTH])
    return key


def declared(request: Any) -> Declared:
    """What a raw upload says of itself: its Content-Length, and the digest where one is given."""
    return Declared(request.content_length, request.GET.get("sha256") or None)
