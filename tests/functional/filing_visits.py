"""How companies file through the pages: ``from filing_visits import GOOD, UPLOAD, put, sign, the_form``."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from visiting import csrf_token
from webtest import TestApp

from tests.filings.filing_desk import bill, csv_bytes

SignIn = Callable[[TestApp, str], TestApp]
GOOD = csv_bytes("bills", [bill(1), bill(2)])
UPLOAD = "/company/filings/upload"


def put(
    app: TestApp, content: bytes, status: int = 201, headers: dict[str, str] | None = None, **said: str
) -> Any:
    """The raw upload as filing.js sends it."""
    query = {"feed": "bills", "period": "2025-12", "filename": "十二月.csv", **said}
    given = {"X-CSRF-Token": csrf_token(app, UPLOAD), **(headers or {})}
    return app.put(
        f"{UPLOAD}?{urlencode(query)}",
        content,
        headers=given,
        content_type="application/octet-stream",
        status=status,
    )


def the_form(page: Any, action_end: str) -> Any:
    return next(form for form in page.forms.values() if form.action.endswith(action_end))


def sign(signatory: TestApp, path: str) -> Any:
    form = the_form(signatory.get(path), "/signature")
    form["confirmed"] = True
    if "difference_seen" in form.fields:
        form["difference_seen"] = True
    return form.submit().follow()


class Unread(io.RawIOBase):
    """A body that nobody may touch."""

    def readinto(self, buffer: Any) -> int:
        raise AssertionError("the body was read")

    def seek(self, *_: int) -> int:
        return 0
