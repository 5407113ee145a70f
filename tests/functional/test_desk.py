"""The desk: where everybody who signs in begins, with what waits for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from visiting import BY_ROLE, PASSWORD, sign_in_through_the_page
from webtest import TestApp

from supervision.companies import CompanyService
from supervision.complaints import ComplaintService
from supervision.db import begin
from supervision.security import Role
from supervision.settings import FixedClock


def _signed_in(app: TestApp, name: str) -> Any:
    return sign_in_through_the_page(app, name, PASSWORD, status=303).follow()


@pytest.mark.parametrize("role", list(Role))
def test_everybody_begins_at_a_desk_that_leads_to_their_own_pages(
    app: TestApp, people: Any, role: Role
) -> None:
    page = _signed_in(app, BY_ROLE[role])
    assert page.request.path == "/desk"
    links = [link["href"] for link in page.html.select("ul.places a")]
    assert "/help" in links
    assert "/desk" not in links
    for link in links:
        app.get(link, status=200)


def test_somebody_on_the_way_somewhere_is_brought_there(app: TestApp, people: Any) -> None:
    form = app.get("/sign-in?next=/officer/cases").forms["form"]
    form["name"], form["password"] = "officer", PASSWORD
    assert form.submit(status=303).follow().request.path == "/officer/cases"


def test_strangers_have_no_desk(app: TestApp, people: Any) -> None:
    assert app.get("/desk", status="*").status_code in (303, 403)


def test_an_empty_desk_says_so(app: TestApp, people: Any) -> None:
    assert "没有等待办理的事项" in _signed_in(app, "system-administrator").text


@pytest.fixture
def complaint(people: Any, wsgi: Any, sqlite_engine: Engine, clock: FixedClock) -> str:
    """One complaint against company A, received now."""
    with begin(sqlite_engine) as session:
        received = ComplaintService(session, clock, wsgi.registry.supervision).receive(
            company=CompanyService(session, clock).by_code("harbin-a"),
            topic="bill_error",
            place="松北一里 1 号楼",
            text="账单金额比去年多了三百元",
            address="192.0.2.77",
        )
        return received.complaint.number


def test_a_complaint_waits_for_its_company_is_late_after_its_deadline_and_is_no_business_of_others(
    app: TestApp, browser: Callable[[], TestApp], complaint: str, clock: FixedClock
) -> None:
    assert "等待贵公司答复的投诉" in _signed_in(app, "clerk-a").text
    assert "等待贵公司答复的投诉" not in _signed_in(browser(), "clerk-b").text
    clock.move(dt.timedelta(days=60))  # sign-ins have ended meanwhile
    officers = _signed_in(browser(), "officer")
    first = officers.html.select("ul.desk li")[0]
    assert "超过办结期限的投诉" in first.text
    assert "已逾期" in first.text
