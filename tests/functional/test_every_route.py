"""What holds for every route there is: safe headers, clean bytes, known methods, and a token on every write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import unquote_to_bytes
from wsgiref.util import setup_testing_defaults

import pytest
from route_table import SAFE, address_of, rows_of_app, visits
from sqlalchemy import Engine
from visiting import csrf_token
from webtest import TestApp

from supervision.db import read
from supervision.journal import JournalEntry

SignIn = Callable[[TestApp, str], TestApp]


@pytest.fixture
def writes(wsgi: Any) -> list[tuple[str, str, str]]:
    found = [visit for visit in visits(wsgi.registry) if visit[1] not in SAFE]
    assert found
    return found


def journal_size(engine: Engine) -> int:
    with read(engine) as session:
        return session.query(JournalEntry).count()


def assert_safe_headers(answer: Any, told: str) -> None:
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy, told
    assert "unsafe" not in policy, told
    for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy, told
    assert answer.headers["X-Content-Type-Options"] == "nosniff", told
    assert answer.headers["Referrer-Policy"] == "same-origin", told
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", told
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"], told
    assert "camera=()" in answer.headers["Permissions-Policy"], told
    assert "Server" not in answer.headers, told
    assert "X-Powered-By" not in answer.headers, told
    if answer.content_type.startswith("text/"):
        assert answer.charset, told


# Headers


@pytest.mark.parametrize(
    "name", [None, "officer", "clerk-a", "security-administrator", "system-administrator"]
)
def test_every_answer_to_reading_leaves_with_safe_headers(
    app: TestApp, wsgi: Any, sign_in: SignIn, name: str | None
) -> None:
    if name:
        sign_in(app, name)
    broken = []
    for route, method, address in visits(wsgi.registry):
        if method != "GET":
            continue
        answer = app.get(address, status="*")
        told = f"{route} answered {answer.status}"
        if answer.status_int >= 500:
            broken.append(told)
        assert_safe_headers(answer, told)
        kept = answer.headers.get("Cache-Control", "")
        is_open_data = address.startswith("/static/") or (
            "public" in kept and answer.content_type != "text/html"
        )
        if name and not is_open_data:
            assert "no-store" in kept, told
    assert not broken, "\n".join(broken)


def test_refusals_leave_with_safe_headers_too(app: TestApp) -> None:
    for answer in (
        app.get("/no/such/page", status=404),
        app.request("/sign-in", method="TRACE", status=405),
        app.get("/sign-in?q=%ff", status=400),
        app.post("/sign-in", {"name": "x"}, status=403),
        app.get("/static/no-such-file.css", status=404),
    ):
        assert_safe_headers(answer, answer.status)


def test_static_files_may_be_kept_and_pages_may_not(app: TestApp) -> None:
    assert "max-age=31536000" in app.get("/static/portal.css").headers["Cache-Control"]
    assert "no-store" in app.get("/sign-in").headers["Cache-Control"]


# Bytes

BAD_QUERIES = ("%ff", "q=%ff", "page=%c3%28", "q=%00", "q=" + "a" * 9000)
BAD_FORMS = (b"name=%ff", b"name=%00", b"csrf_token=%c0%af")


def test_bytes_that_are_no_text_are_refused_in_every_query(app: TestApp, wsgi: Any) -> None:
    for route, method, address in visits(wsgi.registry):
        for query in BAD_QUERIES:
            answer = app.request(f"{address}?{query}", method=method, status="*")
            assert answer.status_int == 400, f"{method} {route}?{query[:12]} answered {answer.status}"


def raw_status(wsgi: Any, method: str, path: str) -> str:
    """The status line, asked as a server asks; WebTest cannot send such a path."""
    environ: dict[str, Any] = {"REQUEST_METHOD": method}
    setup_testing_defaults(environ)
    environ["PATH_INFO"] = unquote_to_bytes(path).decode("latin-1")
    told: list[str] = []
    list(wsgi(environ, lambda status, headers, *_: told.append(status)))
    return told[0]


def test_bytes_that_are_no_text_are_refused_in_every_path(wsgi: Any) -> None:
    for route, method, address in visits(wsgi.registry):
        for bad in ("%ff", "%00", "%c3%28", "%0a", "%7f"):
            status = raw_status(wsgi, method, f"{address}/{bad}")
            assert status.startswith("400"), f"{method} {route} with {bad} answered {status}"


def test_forms_with_bytes_that_are_no_text_are_refused(
    app: TestApp, writes: list[tuple[str, str, str]]
) -> None:
    for route, method, address in writes:
        for body in BAD_FORMS:
            answer = app.request(
                address,
                method=method,
                body=body,
                headers={"Content-Type": "application/x-www-form-urlencoded"},
                status="*",
            )
            assert answer.status_int == 400, f"{method} {route} with {body!r} answered {answer.status}"


def test_multipart_without_boundary_is_refused(app: TestApp, writes: list[tuple[str, str, str]]) -> None:
    for route, method, address in writes:
        answer = app.request(
            address, method=method, body=b"--x", headers={"Content-Type": "multipart/form-data"}, status="*"
        )
        assert answer.status_int == 400, f"{method} {route} answered {answer.status}"


@pytest.mark.parametrize("page", ["0", "-1", "1e9", "１", "9" * 12, "", "1 OR 1=1", "nan"])
def test_a_page_number_that_is_none_is_no_crash(app: TestApp, wsgi: Any, sign_in: SignIn, page: str) -> None:
    sign_in(app, "officer")
    broken = []
    for route, method, address in visits(wsgi.registry):
        if method == "GET":
            answer = app.get(address, {"page": page}, status="*")
            if answer.status_int >= 500:
                broken.append(f"{route} answered {answer.status}")
    assert not broken, "\n".join(broken)


# Methods


@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "FOO", "get"])
def test_methods_nobody_speaks_are_refused_everywhere(app: TestApp, wsgi: Any, method: str) -> None:
    for route, _, address in visits(wsgi.registry):
        answer = app.request(address, method=method, status="*")
        assert answer.status_int == 405, f"{method} {route} answered {answer.status}"
        assert "GET" in answer.headers["Allow"]


def test_a_method_the_route_does_not_declare_is_refused(app: TestApp, wsgi: Any, sign_in: SignIn) -> None:
    sign_in(app, "officer")
    token = csrf_token(app)
    rows = rows_of_app(wsgi.registry)
    for (route, _), view in rows.items():
        if route.startswith("__") or (route, "ANY") in rows:
            continue
        declared = {method for (name, method) in rows if name == route}
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} - declared:
            headers = {"X-CSRF-Token": token}
            answer = app.request(address_of(view.pattern), method=method, headers=headers, status="*")
            assert answer.status_int == 405, f"{method} {route} answered {answer.status}"
            allowed = set(answer.headers.get("Allow", "").split(", "))
            assert allowed - {"HEAD"} == declared, f"{method} {route} allows {allowed}"


# Cross-site writes


def attacks(own_token: str) -> Iterator[tuple[str, dict[str, str]]]:
    yield "no token", {}
    yield "an empty token", {"X-CSRF-Token": ""}
    yield "another visit's token", {"X-CSRF-Token": own_token[::-1]}
    yield "cross-site", {"X-CSRF-Token": own_token, "Sec-Fetch-Site": "cross-site"}
    yield "same-site, another host", {"X-CSRF-Token": own_token, "Sec-Fetch-Site": "same-site"}


@pytest.mark.parametrize("name", ["supervising-officer", "signatory-a", "security-administrator"])
def test_no_write_happens_without_the_visits_own_token(
    app: TestApp,
    sign_in: SignIn,
    sqlite_engine: Engine,
    writes: list[tuple[str, str, str]],
    name: str,
) -> None:
    sign_in(app, name)
    own_token = csrf_token(app)
    before = journal_size(sqlite_engine)
    for route, method, address in writes:
        for attack, headers in attacks(own_token):
            answer = app.request(address, method=method, headers=headers, status="*")
            # An upload may be refused on its declared size first; either way nothing is taken.
            refusals = {403, 411} if method == "PUT" else {403}
            if address.startswith(
                "/api/"
            ):  # no cookie opens it, so there is nothing a form token could guard
                refusals = {401, 403}
            told = f"{method} {route} with {attack} answered {answer.status}"
            assert answer.status_int in refusals, told
    assert journal_size(sqlite_engine) == before


def test_the_token_of_another_visit_is_no_good(
    app: TestApp, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    sign_in(app, "officer")
    other = sign_in(browser(), "clerk-a")
    app.post("/sign-out", {"csrf_token": csrf_token(other)}, status=403)
    assert app.get("/me").status_int == 200


def test_reading_never_writes_in_the_journal(
    app: TestApp, wsgi: Any, sign_in: SignIn, sqlite_engine: Engine
) -> None:
    for name in ("officer", "clerk-a", "security-administrator"):
        app.reset()
        sign_in(app, name)
        before = journal_size(sqlite_engine)
        for _route, method, address in visits(wsgi.registry):
            if method == "GET":
                app.get(address, status="*")
                app.head(address, status="*")
        assert journal_size(sqlite_engine) == before
