"""What the cookies of a sign-in are worth: when they change, when they end, and what a copied one opens."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from visiting import PASSWORD, csrf_token, is_signed_in, post, sign_in_through_the_page
from webtest import TestApp

from supervision.db import read
from supervision.settings import FixedClock
from supervision.users.models import Ticket

MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
SignIn = Callable[[TestApp, str], TestApp]


def test_signing_in_changes_ticket_visit_and_form_token(app: TestApp, people: Any) -> None:
    before_token = csrf_token(app, "/sign-in")
    before_visit = app.cookies["visit"]
    sign_in_through_the_page(app, "officer", PASSWORD, status=303)
    assert app.cookies["visit"] != before_visit
    assert csrf_token(app) != before_token


def test_a_ticket_planted_before_signing_in_opens_nothing_afterwards(
    app: TestApp, people: Any, browser: Callable[[], TestApp]
) -> None:
    planted = "A" * 43
    app.set_cookie("ticket", planted)
    entered = sign_in_through_the_page(app, "officer", PASSWORD, status=303)
    assert planted not in str(entered.headers)
    thief = browser()
    thief.set_cookie("ticket", planted)
    assert not is_signed_in(thief)


def test_signing_in_again_ends_the_ticket_before(
    app: TestApp, people: Any, browser: Callable[[], TestApp]
) -> None:
    sign_in_through_the_page(app, "officer", PASSWORD)
    old = app.cookies["ticket"]
    page = browser()
    form = page.get("/sign-in").forms["form"]
    form["name"], form["password"] = "officer", PASSWORD
    page.set_cookie("ticket", old)
    form.submit(status=303)
    assert not is_signed_in(app)


def test_a_copied_cookie_is_worth_nothing_after_signing_out(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    thief = browser()
    for name, value in app.cookies.items():
        thief.set_cookie(name, value)
    assert is_signed_in(thief)
    answer = post(app, "/sign-out", status=303)
    assert answer.headers["Clear-Site-Data"] == '"cache"'
    assert not is_signed_in(app)
    assert not is_signed_in(thief)


def test_the_register_never_holds_a_token(app: TestApp, sign_in: SignIn, sqlite_engine: Engine) -> None:
    sign_in(app, "officer")
    with read(sqlite_engine) as session:
        digest = session.query(Ticket).one().digest
    assert digest != app.cookies["ticket"]
    assert len(digest) == 64


@pytest.mark.parametrize(
    ("name", "limit"), [("officer", 15), ("audit-administrator", 15), ("clerk-a", 30), ("signatory-a", 30)]
)
def test_idling_ends_to_the_second(
    app: TestApp, sign_in: SignIn, clock: FixedClock, name: str, limit: int
) -> None:
    sign_in(app, name)
    clock.move(limit * MINUTE)
    assert is_signed_in(app)
    clock.move(limit * MINUTE + SECOND)
    assert not is_signed_in(app)


def test_work_ends_to_the_second_after_eight_hours_however_busy(
    app: TestApp, sign_in: SignIn, clock: FixedClock
) -> None:
    sign_in(app, "officer")
    for _ in range(48):
        clock.move(10 * MINUTE)
        assert is_signed_in(app)
    clock.move(SECOND)
    assert not is_signed_in(app)


def test_reading_touches_the_ticket_at_most_once_a_minute(
    app: TestApp, sign_in: SignIn, clock: FixedClock, sqlite_engine: Engine
) -> None:
    sign_in(app, "officer")

    def last_seen() -> dt.datetime:
        with read(sqlite_engine) as session:
            return session.query(Ticket).one().last_seen_at

    start = last_seen()
    clock.move(59 * SECOND)
    app.get("/me")
    assert last_seen() == start
    clock.move(SECOND)
    app.get("/me")
    assert last_seen() == start + MINUTE


def test_cookies_are_closed_to_scripts_and_other_sites_and_bound_to_tls_where_asked(
    sqlite_engine: Engine, clock: FixedClock, people: Any, portal_settings: dict[str, str]
) -> None:
    from visiting import CHEAP

    from supervision import main

    settings = {**portal_settings, "supervision.secure_cookies": "true"}
    wsgi = main({"engine": sqlite_engine, "clock": clock, "password_cost": CHEAP}, **settings)
    app = TestApp(wsgi, extra_environ={"wsgi.url_scheme": "https", "HTTP_HOST": "localhost:443"})
    answer = app.get("/sign-in")
    form = answer.forms["form"]
    form["name"], form["password"] = "officer", PASSWORD
    entered = form.submit(status=303, headers={"Referer": "https://localhost/sign-in"})
    cookies = entered.headers.getall("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"__Host-ticket", "__Host-visit"}
    for cookie in cookies:
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
        assert not any(part.startswith("domain") for part in parts)
        assert len(cookie) < 4096
