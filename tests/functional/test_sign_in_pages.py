"""Signing in through the pages: who gets in, who does not, and what a copied cookie is worth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine
from visiting import PASSWORD, csrf_token, post, sign_in_through_the_page
from webtest import TestApp

from supervision.db import begin, read
from supervision.journal import JournalEntry
from supervision.security import Role
from supervision.settings import FixedClock
from supervision.users import UserService
from supervision.users.models import PortalUser, SignInAttempt, Ticket

MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
SignIn = Callable[[TestApp, str], TestApp]


def is_signed_in(app: TestApp) -> bool:
    return app.get("/me", status="*").status_int == 200


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


@pytest.fixture
def users(sqlite_engine: Engine, clock: FixedClock, wsgi: Any) -> Callable[..., Any]:
    """Calls one act of the people's service in a transaction of its own: ``users("deactivate", "officer", by=…)``."""

    def act(method: str, *args: Any, **given: Any) -> Any:
        registry = wsgi.registry
        with begin(sqlite_engine) as session:
            service = UserService(session, clock, registry.supervision, registry.passwords)
            return getattr(service, method)(*args, **given)

    return act


# Getting in


def test_the_right_password_opens_the_page_that_was_asked_for(app: TestApp, people: Any) -> None:
    asked = app.get("/people?page=1", status=303)
    form = app.get(asked.headers["Location"]).forms["form"]
    form["name"], form["password"] = "security-administrator", PASSWORD
    assert form.submit(status=303).headers["Location"].endswith("/people?page=1")


def test_a_name_counts_in_any_case_and_with_spaces_around(app: TestApp, people: Any) -> None:
    sign_in_through_the_page(app, "  Officer ", PASSWORD, status=303)
    assert is_signed_in(app)


@pytest.mark.parametrize("password", [PASSWORD + " ", " " + PASSWORD, PASSWORD.upper(), "", PASSWORD * 40])
def test_a_password_counts_byte_for_byte(app: TestApp, people: Any, password: str) -> None:
    sign_in_through_the_page(app, "officer", password, status=422)
    assert not is_signed_in(app)


def test_an_unknown_an_inactive_and_a_known_name_get_the_same_answer(
    app: TestApp, people: Any, users: Callable[..., Any]
) -> None:
    users("deactivate", "clerk-b", by=people.actor("security-administrator"))
    answers = set()
    for name in ("officer", "clerk-b", "nobody-here"):
        answer = sign_in_through_the_page(app, name, "not the password at all", status=422)
        answers.add(answer.text.replace(name, "NAME").replace(csrf_token(app, "/sign-in"), "TOKEN"))
    assert len(answers) == 1


def test_the_sign_in_page_of_somebody_signed_in_leads_on(app: TestApp, sign_in: SignIn) -> None:
    sign_in(app, "officer")
    assert app.get("/sign-in?next=/me", status=303).headers["Location"].endswith("/me")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "https://evil.example",
        "https:evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\tevil",
        " //evil.example",
        "/%09/evil.example\r\nSet-Cookie: a=b",
        "javascript:alert(1)",
        "///evil.example",
        "/供热",
        "http://localhost@evil.example/",
    ],
)
def test_signing_in_never_leads_to_another_site(app: TestApp, people: Any, target: str) -> None:
    page = app.get("/sign-in", {"next": target})
    form = page.forms["form"]
    form["name"], form["password"] = "officer", PASSWORD
    answer = form.submit(status=303)
    assert answer.headers["Location"] in {"http://localhost/", "/"}
    assert "a=b" not in str(answer.headers)


# Cookies and sessions


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


# Limits


def test_the_eleventh_wrong_password_is_refused_unseen_and_the_owner_elsewhere_still_gets_in(
    app: TestApp, people: Any, browser: Callable[[], TestApp], clock: FixedClock
) -> None:
    for _ in range(10):
        sign_in_through_the_page(app, "officer", "wrong wrong wrong", status=422)
        clock.move(SECOND)
    refused = sign_in_through_the_page(app, "officer", PASSWORD, status=429)
    assert int(refused.headers["Retry-After"]) == 290
    elsewhere = browser()
    sign_in_through_the_page(elsewhere, "officer", PASSWORD, status=303)
    assert is_signed_in(elsewhere)


def test_what_retry_after_promises_is_kept(app: TestApp, people: Any, clock: FixedClock) -> None:
    for _ in range(10):
        sign_in_through_the_page(app, "officer", "wrong wrong wrong", status=422)
    wait = int(sign_in_through_the_page(app, "officer", PASSWORD, status=429).headers["Retry-After"])
    clock.move((wait - 1) * SECOND)
    sign_in_through_the_page(app, "officer", PASSWORD, status=429)
    clock.move(SECOND)
    sign_in_through_the_page(app, "officer", PASSWORD, status=303)


def test_one_address_may_fail_fifty_times_over_all_names(app: TestApp, people: Any) -> None:
    for number in range(50):
        sign_in_through_the_page(app, f"name-{number}", "wrong wrong wrong", status=422)
    sign_in_through_the_page(app, "officer", PASSWORD, status=429)


def test_a_thousand_failures_from_everywhere_are_the_end_for_five_minutes(
    app: TestApp, people: Any, sqlite_engine: Engine, clock: FixedClock
) -> None:
    with begin(sqlite_engine) as session:
        for number in range(1000):
            session.add(
                SignInAttempt(
                    kind="password", name="x1", address=f"10.0.{number // 250}.{number % 250}", at=clock.now()
                )
            )
    sign_in_through_the_page(app, "officer", PASSWORD, status=429)
    clock.move(5 * MINUTE)
    sign_in_through_the_page(app, "officer", PASSWORD, status=303)


def test_a_forwarded_address_of_a_stranger_is_not_believed(app: TestApp, people: Any) -> None:
    for number in range(10):
        app.extra_environ["HTTP_X_FORWARDED_FOR"] = f"203.0.113.{number}"
        sign_in_through_the_page(app, "officer", "wrong wrong wrong", status=422)
    sign_in_through_the_page(app, "officer", PASSWORD, status=429)


def test_what_was_typed_instead_of_a_name_is_not_kept(
    app: TestApp, people: Any, sqlite_engine: Engine
) -> None:
    sign_in_through_the_page(app, PASSWORD, "officer", status=422)
    with read(sqlite_engine) as session:
        assert session.query(SignInAttempt).one().name == ""


# The second factor


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


# Rights that outlive their reason


def test_a_deactivated_person_is_out_at_the_next_request(
    app: TestApp, sign_in: SignIn, people: Any, users: Callable[..., Any]
) -> None:
    sign_in(app, "officer")
    users("deactivate", "officer", by=people.actor("security-administrator"))
    assert not is_signed_in(app)
    users("reactivate", "officer", by=people.actor("security-administrator"))
    assert not is_signed_in(app), "a ticket that ended stays ended"
    assert sign_in_through_the_page(app, "officer", PASSWORD).status_int == 303


def test_a_new_role_counts_at_the_next_request(
    app: TestApp, sign_in: SignIn, people: Any, users: Callable[..., Any]
) -> None:
    sign_in(app, "officer")
    app.get("/people", status=403)
    users("change_role", "officer", Role.SECURITY_ADMINISTRATOR, by=people.actor("security-administrator"))
    app.get("/people", status=200)


def test_ending_all_tickets_ends_them_on_every_device(
    app: TestApp,
    sign_in: SignIn,
    browser: Callable[[], TestApp],
    people: Any,
    users: Callable[..., Any],
) -> None:
    other = browser()
    sign_in(app, "officer")
    sign_in(other, "officer")
    users("end_all", "officer", by=people.actor("security-administrator"))
    assert not is_signed_in(app)
    assert not is_signed_in(other)


def test_signing_in_and_out_stand_in_the_journal(
    app: TestApp, sign_in: SignIn, sqlite_engine: Engine
) -> None:
    sign_in(app, "officer")
    post(app, "/sign-out")
    with read(sqlite_engine) as session:
        entries = session.query(JournalEntry).filter_by(actor="officer").order_by(JournalEntry.index).all()
        told = [(entry.act, entry.detail) for entry in entries]
    assert told == [
        ("sign_in.succeeded", {"second_factor": False}),
        ("sign_in.ended", {"reason": "signed_out"}),
    ]
