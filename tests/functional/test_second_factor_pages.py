"""Signing in with a second factor: which codes count, how often, and for how long."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine
from visiting import PASSWORD, is_signed_in, sign_in_through_the_page
from webtest import TestApp

from supervision.db import begin
from supervision.settings import FixedClock
from supervision.users.models import PortalUser

MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
SignIn = Callable[[TestApp, str], TestApp]


def give_factor(engine: Engine, name: str) -> pyotp.TOTP:
    """The person has a confirmed second factor from now on."""
    secret = pyotp.random_base32()
    with begin(engine) as session:
        session.query(PortalUser).filter_by(name=name).one().totp_secret = secret
    return pyotp.TOTP(secret)


def enter_code(app: TestApp, name: str, code: str) -> Any:
    """The answer to the code form after the right password."""
    sign_in_through_the_page(app, name, PASSWORD)
    form = app.get("/sign-in/code").forms["form"]
    form["code"] = code
    return form.submit(status="*")


def test_a_person_with_a_factor_needs_password_and_code(
    app: TestApp, people: Any, clock: FixedClock, sqlite_engine: Engine
) -> None:
    totp = give_factor(sqlite_engine, "officer")
    answer = sign_in_through_the_page(app, "officer", PASSWORD, status=303)
    assert "/sign-in/code" in answer.headers["Location"]
    assert not is_signed_in(app)
    waiting = app.cookies["ticket"]
    form = app.get("/sign-in/code").forms["form"]
    form["code"] = totp.at(clock.now())
    form.submit(status=303)
    assert is_signed_in(app)
    assert app.cookies["ticket"] != waiting


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_half_a_minute_off_is_tolerated(
    app: TestApp, people: Any, clock: FixedClock, sqlite_engine: Engine, steps: int
) -> None:
    totp = give_factor(sqlite_engine, "officer")
    assert enter_code(app, "officer", totp.at(clock.now() + steps * 30 * SECOND)).status_int == 303


@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_a_code_of_another_minute_is_refused(
    app: TestApp, people: Any, clock: FixedClock, sqlite_engine: Engine, steps: int
) -> None:
    totp = give_factor(sqlite_engine, "officer")
    assert enter_code(app, "officer", totp.at(clock.now() + steps * 30 * SECOND)).status_int == 422


def full_width(code: str) -> str:
    return "".join(chr(ord(digit) + 0xFEE0) for digit in code)


@pytest.mark.parametrize(
    "written",
    [
        lambda code: code,
        lambda code: f" {code[:3]} {code[3:]} ",
        lambda code: f"{code}\u3000",
        full_width,
    ],
    ids=["plain", "with spaces", "with a wide space", "full-width"],
)
def test_a_code_counts_once_however_it_is_written(
    app: TestApp,
    people: Any,
    browser: Callable[[], TestApp],
    clock: FixedClock,
    sqlite_engine: Engine,
    written: Callable[[str], str],
) -> None:
    code = give_factor(sqlite_engine, "officer").at(clock.now())
    assert enter_code(app, "officer", written(code)).status_int == 303
    for again in (code, written(code), full_width(code), f"{code} "):
        assert enter_code(browser(), "officer", again).status_int == 422
    clock.move(30 * SECOND)  # still within the tolerated step
    assert enter_code(browser(), "officer", code).status_int == 422


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "١٢٣٤٥٦", "12345\u00b2", "-12345", "1e5000"]
)
def test_what_is_no_code_is_refused_without_a_crash(
    app: TestApp, people: Any, sqlite_engine: Engine, code: str
) -> None:
    give_factor(sqlite_engine, "officer")
    assert enter_code(app, "officer", code).status_int == 422


def test_eleven_wrong_codes_end_the_sign_in(app: TestApp, people: Any, sqlite_engine: Engine) -> None:
    give_factor(sqlite_engine, "officer")
    sign_in_through_the_page(app, "officer", PASSWORD)
    form = app.get("/sign-in/code").forms["form"]
    for _ in range(10):
        form["code"] = "000000"
        form.submit(status=422)
    assert "Retry-After" in form.submit(status=429).headers
    assert app.get("/sign-in/code", status=303).headers["Location"].split("?")[0].endswith("/sign-in")


def test_the_code_is_due_within_five_minutes(
    app: TestApp, people: Any, clock: FixedClock, sqlite_engine: Engine
) -> None:
    totp = give_factor(sqlite_engine, "officer")
    sign_in_through_the_page(app, "officer", PASSWORD)
    form = app.get("/sign-in/code").forms["form"]
    clock.move(5 * MINUTE + SECOND)
    form["code"] = totp.at(clock.now())
    form.submit(status=303)
    assert not is_signed_in(app)
