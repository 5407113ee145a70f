"""The people page of the security administrator."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from visiting import PASSWORD, post, sign_in_through_the_page
from webtest import TestApp

from supervision.db import read
from supervision.journal import JournalEntry
from supervision.users.models import PortalUser

SignIn = Callable[[TestApp, str], TestApp]
KEEPER = "security-administrator"


def shown_password(answer: Any) -> str:
    found = re.search(r'id="one-time-password">([^<]+)<', answer.text)
    assert found
    return found[1]


def add(app: TestApp, **given: str) -> Any:
    form = app.get("/people/add").forms["form"]
    fields = {
        "name": "wang",
        "display_name": "王某",
        "person_no": "P-77",
        "role": "officer",
        "company_id": "",
    }
    for name, value in {**fields, **given}.items():
        form[name] = value
    return form.submit(status="*")


def test_somebody_added_signs_in_once_with_the_shown_password_and_chooses_an_own_one(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, KEEPER)
    password = shown_password(add(app))
    assert password not in app.get("/people").text
    assert password not in app.get("/person/wang").text
    newcomer = browser()
    sign_in_through_the_page(newcomer, "wang", password, status=303)
    form = newcomer.get("/me/password").forms["form"]
    form["current"], form["new"], form["again"] = password, PASSWORD, PASSWORD
    form.submit(status=303)
    sign_in_through_the_page(browser(), "wang", password, status=422)


def test_a_company_clerk_is_added_to_a_company(
    app: TestApp, sign_in: SignIn, people: Any, sqlite_engine: Engine
) -> None:
    sign_in(app, KEEPER)
    company = people.company_id("jinan-b")
    assert add(app, role="company_clerk", company_id=str(company)).status_int == 200
    with read(sqlite_engine) as session:
        assert session.query(PortalUser).filter_by(name="wang").one().company_id == company


@pytest.mark.parametrize(
    "given",
    [
        {"name": "officer"},
        {"name": "Wang Li"},
        {"name": ""},
        {"display_name": ""},
        {"person_no": "a b"},
        {"role": "company_clerk"},
        {"company_id": "1"},
        {"role": "system_administrator", "person_no": "T004"},
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(
    app: TestApp, sign_in: SignIn, given: dict[str, str]
) -> None:
    sign_in(app, KEEPER)
    answer = add(app, **given)
    assert answer.status_int == 422
    assert "invalid-feedback" in answer.text


def test_a_form_field_that_is_not_offered_changes_nothing(
    app: TestApp, sign_in: SignIn, sqlite_engine: Engine
) -> None:
    sign_in(app, KEEPER)
    fields = {
        "name": "wang",
        "display_name": "王某",
        "person_no": "P-77",
        "role": "officer",
        "company_id": "",
        "password_hash": "x",
        "is_active": "false",
        "is_password_one_time": "false",
        "id": "1",
    }
    post(app, "/people/add", fields, status=200)
    with read(sqlite_engine) as session:
        user = session.query(PortalUser).filter_by(name="wang").one()
        assert user.password_hash.startswith("$argon2id$")
        assert user.is_active
        assert user.is_password_one_time


def test_a_role_nobody_offers_is_refused(app: TestApp, sign_in: SignIn) -> None:
    sign_in(app, KEEPER)
    post(app, "/person/officer", {"role": "emperor", "company_id": ""}, status=422)


def test_deactivating_and_reactivating(app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]) -> None:
    sign_in(app, KEEPER)
    officer = sign_in(browser(), "officer")
    post(app, "/person/officer/deactivate", status=303)
    officer.get("/me", status=303)
    sign_in_through_the_page(officer, "officer", PASSWORD, status=422)
    assert "重新启用" in app.get("/person/officer").text
    post(app, "/person/officer/reactivate", status=303)
    sign_in_through_the_page(officer, "officer", PASSWORD, status=303)


def test_resetting_shows_a_new_password_once_and_ends_every_session(
    app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, KEEPER)
    officer = sign_in(browser(), "officer")
    password = shown_password(post(app, "/person/officer/reset", status=200))
    officer.get("/me", status=303)
    sign_in_through_the_page(officer, "officer", PASSWORD, status=422)
    sign_in_through_the_page(officer, "officer", password, status=303)
    assert "更改密码" in officer.get("/me").text


def test_changing_a_role(app: TestApp, sign_in: SignIn, browser: Callable[[], TestApp]) -> None:
    sign_in(app, KEEPER)
    officer = sign_in(browser(), "officer")
    form = app.get("/person/officer").forms["form"]
    assert form["role"].value == "officer"
    form["role"] = "audit_administrator"
    form.submit(status=303)
    assert "审计管理员" in officer.get("/me").text


@pytest.mark.parametrize("act", ["deactivate", "reset", "remove-factor"])
def test_administrators_do_not_do_it_to_themselves(app: TestApp, sign_in: SignIn, act: str) -> None:
    sign_in(app, KEEPER)
    answer = post(app, f"/person/{KEEPER}/{act}", status=303)
    assert "另一位安全管理员" in answer.follow().text
    assert app.get("/people").status_int == 200


def test_unknown_people_and_unknown_acts_are_not_found(
    app: TestApp, sign_in: SignIn, sqlite_engine: Engine
) -> None:
    sign_in(app, KEEPER)
    with read(sqlite_engine) as session:
        before = session.query(JournalEntry).count()
    app.get("/person/nobody", status=404)
    post(app, "/person/nobody/reset", status=404)
    post(app, "/person/officer/promote", status=404)
    with read(sqlite_engine) as session:
        assert session.query(JournalEntry).count() == before


def test_the_pages_speak_english(app: TestApp, sign_in: SignIn) -> None:
    sign_in(app, KEEPER)
    app.get("/language/en?next=/people", status=303)
    page = app.get("/people")
    assert '<html lang="en">' in page.text
    for text in ("People", "Sign-in name", "Supervising officer", "Sign out"):
        assert text in page.text
    assert "Choose another" in add(app, name="officer").text
