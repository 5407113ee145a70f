"""Signing in through the pages: who gets in, who does not, and how often somebody may try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, update
from visiting import PASSWORD, csrf_token, is_signed_in, post, sign_in_through_the_page
from webtest import TestApp

from supervision.companies import Company, CompanyService
from supervision.db import begin, read
from supervision.journal import JournalEntry
from supervision.security import Role
from supervision.settings import FixedClock
from supervision.users import UserService
from supervision.users.models import SignInAttempt

MINUTE, SECOND = dt.timedelta(minutes=1), dt.timedelta(seconds=1)
SignIn = Callable[[TestApp, str], TestApp]


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


def test_when_a_company_leaves_supervision_its_people_are_out_at_the_next_request(
    app: TestApp,
    sign_in: SignIn,
    people: Any,
    browser: Callable[[], TestApp],
    sqlite_engine: Engine,
    clock: FixedClock,
) -> None:
    clerk, signatory = sign_in(app, "clerk-a"), sign_in(browser(), "signatory-a")
    other, officer = sign_in(browser(), "clerk-b"), sign_in(browser(), "officer")
    with begin(sqlite_engine) as session:
        CompanyService(session, clock).deactivate("harbin-a", by=people.actor("officer"))
    assert [is_signed_in(one) for one in (clerk, signatory, other, officer)] == [False, False, True, True]
    sign_in_through_the_page(clerk, "clerk-a", PASSWORD, status=422)
    with begin(sqlite_engine) as session:
        CompanyService(session, clock).reactivate("harbin-a", by=people.actor("officer"))
    assert not is_signed_in(signatory), "a ticket that ended stays ended"
    sign_in_through_the_page(clerk, "clerk-a", PASSWORD, status=303)
    assert is_signed_in(clerk)
    with read(sqlite_engine) as session:
        told = session.query(JournalEntry).filter_by(object_id="harbin-a").order_by(JournalEntry.index).all()
        assert [(entry.act, entry.actor) for entry in told[1:]] == [
            ("company.deactivated", "officer"),
            ("company.reactivated", "officer"),
        ]
        assert told[1].detail == {"tickets_ended": 2}


def test_a_ticket_of_an_inactive_company_opens_nothing_however_it_became_so(
    app: TestApp, sign_in: SignIn, sqlite_engine: Engine
) -> None:
    clerk = sign_in(app, "clerk-a")
    with begin(sqlite_engine) as session:
        session.execute(update(Company).where(Company.code == "harbin-a").values(is_active=False))
    assert not is_signed_in(clerk)


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
