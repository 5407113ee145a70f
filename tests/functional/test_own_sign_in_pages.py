"""One's own sign-in: choosing a password, enrolling a second factor, ending sessions elsewhere."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import Engine
from visiting import PASSWORD, post, sign_in_through_the_page
from webtest import TestApp

from supervision.db import begin, read
from supervision.settings import FixedClock
from supervision.users.models import PortalUser, Ticket

NEW = "tulips vexed by garages"
SignIn = Callable[[TestApp, str], TestApp]


def change_password(app: TestApp, current: str, new: str, again: str | None = None) -> Any:
    form = app.get("/me/password").forms["form"]
    form["current"], form["new"], form["again"] = current, new, again if again is not None else new
    return form.submit(status="*")


def begin_enrolment(app: TestApp, password: str = PASSWORD) -> Any:
    form = app.get("/me/second-factor").forms["form"]
    form["current"] = password
    return form.submit(status="*")


def shown_secret(app: TestApp) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', app.get("/me/second-factor/confirm").text)
    assert found
    return found[1].replace(" ", "")


def confirm_enrolment(app: TestApp, code: str) -> Any:
    form = app.get("/me/second-factor/confirm").forms["form"]
    form["code"] = code
    return form.submit(status="*")


# The password


def test_a_new_password_counts_at_once_and_ends_the_other_sessions(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    other = sign_in(browser(), "officer")
    assert change_password(app, PASSWORD, NEW).status_int == 303
    assert app.get("/me").status_int == 200
    other.get("/me", status=303)
    fresh = browser()
    sign_in_through_the_page(fresh, "officer", PASSWORD, status=422)
    sign_in_through_the_page(fresh, "officer", NEW, status=303)


@pytest.mark.parametrize(
    ("current", "new", "again"),
    [
        ("wrong wrong wrong", NEW, NEW),
        (PASSWORD, NEW, NEW + " "),
        (PASSWORD, PASSWORD, PASSWORD),
        (PASSWORD, "short", "short"),
        (PASSWORD, "password1234", "password1234"),
        (PASSWORD, "供热监督平台供热监督平台", "供热监督平台供热监督平台"),
        (PASSWORD, "q1w2z3" * 30, "q1w2z3" * 30),
        ("", NEW, NEW),
    ],
    ids=["wrong current", "typed differently", "the same", "short", "common", "of the trade", "long", "none"],
)
def test_a_change_that_should_not_be_is_refused_with_its_reason(
    app: TestApp, sign_in: SignIn, current: str, new: str, again: str
) -> None:
    sign_in(app, "officer")
    answer = change_password(app, current, new, again)
    assert answer.status_int == 422
    assert "invalid-feedback" in answer.text
    assert new not in answer.text or len(new) < 6, "a password is never shown again"
    sign_in_through_the_page(app.__class__(app.app), "officer", PASSWORD, status=303)


def test_guessing_the_current_password_is_limited_like_signing_in(app: TestApp, sign_in: SignIn) -> None:
    sign_in(app, "officer")
    for _ in range(10):
        assert change_password(app, "wrong wrong wrong", NEW).status_int == 422
    refused = change_password(app, PASSWORD, NEW)
    assert refused.status_int == 429
    assert refused.headers["Retry-After"]


def test_a_one_time_password_only_serves_to_choose_an_own_one(
    app: TestApp, people: Any, sqlite_engine: Engine
) -> None:
    with begin(sqlite_engine) as session:
        session.query(PortalUser).filter_by(name="officer").one().is_password_one_time = True
    sign_in_through_the_page(app, "officer", PASSWORD, status=303)
    assert app.get("/people", status=303).headers["Location"].endswith("/me/password")
    assert "一次性密码" in app.get("/me").text
    assert "/people" not in app.get("/me").text
    assert change_password(app, PASSWORD, NEW).status_int == 303
    app.get("/people", status=403)


def test_a_one_time_password_is_good_for_72_hours(
    app: TestApp, people: Any, sqlite_engine: Engine, clock: FixedClock
) -> None:
    with begin(sqlite_engine) as session:
        session.query(PortalUser).filter_by(name="officer").one().is_password_one_time = True
    clock.move(dt.timedelta(hours=72))
    sign_in_through_the_page(app, "officer", PASSWORD, status=303)
    post(app, "/sign-out")
    clock.move(dt.timedelta(seconds=1))
    assert "过期" in sign_in_through_the_page(app, "officer", PASSWORD, status=422).text


# The second factor


def test_enrolling_takes_the_password_and_a_right_code(
    app: TestApp, sign_in: SignIn, clock: FixedClock, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    other = sign_in(browser(), "officer")
    assert begin_enrolment(app, "wrong wrong wrong").status_int == 422
    assert begin_enrolment(app).status_int == 303
    page = app.get("/me/second-factor/confirm")
    assert "<svg" in page.text
    assert "style=" not in page.text
    totp = pyotp.TOTP(shown_secret(app))
    assert confirm_enrolment(app, "000000").status_int == 422
    assert confirm_enrolment(app, totp.at(clock.now())).status_int == 303
    other.get("/me", status=303)
    fresh = browser()
    assert "/sign-in/code" in sign_in_through_the_page(fresh, "officer", PASSWORD).headers["Location"]
    fresh.get("/me", status=303)


def test_the_code_that_confirmed_does_not_sign_in_again(
    app: TestApp, sign_in: SignIn, clock: FixedClock, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    begin_enrolment(app)
    code = pyotp.TOTP(shown_secret(app)).at(clock.now())
    confirm_enrolment(app, code)
    fresh = browser()
    sign_in_through_the_page(fresh, "officer", PASSWORD)
    form = fresh.get("/sign-in/code").forms["form"]
    form["code"] = code
    form.submit(status=422)


def test_an_unconfirmed_factor_changes_nothing(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    begin_enrolment(app)
    fresh = browser()
    sign_in_through_the_page(fresh, "officer", PASSWORD, status=303)
    assert fresh.get("/me").status_int == 200


def test_confirming_what_was_never_begun_leads_to_the_beginning(app: TestApp, sign_in: SignIn) -> None:
    sign_in(app, "officer")
    for answer in (
        app.get("/me/second-factor/confirm", status=303),
        post(app, "/me/second-factor/confirm", {"code": "123456"}, status=303),
    ):
        assert answer.headers["Location"].endswith("/me/second-factor")


def test_a_new_authenticator_replaces_the_old_one_only_when_confirmed(
    app: TestApp, sign_in: SignIn, clock: FixedClock, sqlite_engine: Engine
) -> None:
    sign_in(app, "officer")
    begin_enrolment(app)
    first = shown_secret(app)
    confirm_enrolment(app, pyotp.TOTP(first).at(clock.now()))
    begin_enrolment(app)
    second = shown_secret(app)
    with read(sqlite_engine) as session:
        assert session.query(PortalUser).filter_by(name="officer").one().totp_secret == first
    clock.move(dt.timedelta(seconds=30))
    confirm_enrolment(app, pyotp.TOTP(second).at(clock.now()))
    with read(sqlite_engine) as session:
        assert session.query(PortalUser).filter_by(name="officer").one().totp_secret == second


class TestWhereASecondFactorIsRequired:
    @pytest.fixture
    def portal_settings(self, portal_settings: dict[str, str]) -> dict[str, str]:
        return {**portal_settings, "supervision.second_factor_required": "true"}

    def test_a_person_without_one_enrols_before_anything_else(
        self, app: TestApp, people: Any, clock: FixedClock
    ) -> None:
        sign_in_through_the_page(app, "security-administrator", PASSWORD, status=303)
        assert app.get("/people", status=303).headers["Location"].endswith("/me/second-factor")
        post(app, "/people/add", {"name": "x"}, status=403)
        begin_enrolment(app)
        confirm_enrolment(app, pyotp.TOTP(shown_secret(app)).at(clock.now()))
        assert app.get("/people").status_int == 200


# Sessions


def test_people_see_and_end_their_own_sessions(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    other = sign_in(browser(), "officer")
    page = app.get("/me")
    assert "192.0.2.11" in page.text
    ends = [form for form in page.forms.values() if "ticket" in form.fields]
    assert len(ends) == 1
    ends[0].submit(status=303)
    other.get("/me", status=303)
    assert app.get("/me").status_int == 200


def test_ending_all_other_sessions_leaves_this_one(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "officer")
    others = [sign_in(browser(), "officer") for _ in range(2)]
    post(app, "/me/sessions/end", status=303)
    for other in others:
        other.get("/me", status=303)
    assert app.get("/me").status_int == 200


@pytest.mark.parametrize("named", ["other", "999999999", "-1", "9" * 30, "１"])
def test_nobody_ends_the_session_of_somebody_else(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp], sqlite_engine: Engine, named: str
) -> None:
    victim = sign_in(browser(), "clerk-a")
    sign_in(app, "officer")
    with read(sqlite_engine) as session:
        other = session.query(Ticket).join(PortalUser).filter(PortalUser.name == "clerk-a").one().id
    post(app, "/me/sessions/end", {"ticket": str(other) if named == "other" else named}, status=303)
    assert victim.get("/me").status_int == 200
