"""Tokens of a company's programs: made once by the signatory, listed with their last use, revoked for good."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import GOOD, SignIn
from programs import FILINGS, Caller, token_of
from sqlalchemy import Engine
from visiting import csrf_token
from webtest import TestApp

from ingest.standard import FEEDS, season_of
from supervision.channels.models import ApiToken
from supervision.companies import CompanyService
from supervision.db import read
from supervision.filings.calendar import FilingCalendar
from supervision.journal import Journal, JournalEntry
from supervision.settings import FixedClock

PAGE = "/company/tokens"
BILLS = list(FEEDS).index("bills")


def made(signatory: TestApp, **changes: Any) -> Any:
    form = signatory.get(PAGE).forms["form"]
    form["name"], form["season"], form["expires_on"] = "billing-system", "2025-26", "2026-10-31"
    form.set("checkbox", True, index=BILLS)
    for name, value in changes.items():
        form[name] = value
    return form.submit(status="*")


def secret_on(page: Any) -> str:
    return str(page.html.select_one("#token").get_text())


def journalled(engine: Engine, clock: FixedClock, act: str) -> list[tuple[str, dict[str, Any]]]:
    """Who did it and what is said of it."""
    with read(engine) as session:
        assert list(Journal(session, clock).flaws()) == []
        return [(entry.actor, entry.detail) for entry in session.query(JournalEntry).filter_by(act=act)]


def test_a_token_is_shown_once_and_the_register_holds_its_digest_only(
    signatory: TestApp, sqlite_engine: Engine, clock: FixedClock
) -> None:
    secret = secret_on(made(signatory))
    assert re.fullmatch(r"hsp_[A-Za-z0-9_-]{43}", secret)
    page = signatory.get(PAGE)
    assert "billing-system" in page.text
    assert "从未使用" in page.text
    assert secret not in page.text
    with read(sqlite_engine) as session:
        token = session.query(ApiToken).one()
        assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
        assert token.expires_at == dt.datetime(2026, 10, 31, 16, tzinfo=dt.UTC)  # midnight in China
        stored = "\n".join(
            str(row) for row in session.connection().exec_driver_sql("SELECT * FROM api_token")
        )
        assert secret not in stored
    ((actor, detail),) = journalled(sqlite_engine, clock, "token.made")
    assert (actor, detail["name"]) == ("signatory-a", "billing-system")
    assert secret not in str(detail)


def test_a_token_that_was_used_says_when_and_from_where(
    signatory: TestApp, browser: Callable[[], TestApp]
) -> None:
    program = Caller(browser(), secret_on(made(signatory, periods="2025-12 2026-01")))
    program.read(f"{FILINGS}/nothing", status=404)
    assert "192.0.2.11" in signatory.get(PAGE).text


def test_a_revoked_token_opens_nothing_any_more_and_is_not_revoked_twice(
    signatory: TestApp, browser: Callable[[], TestApp], sqlite_engine: Engine, clock: FixedClock
) -> None:
    program = Caller(browser(), secret_on(made(signatory)))
    page = signatory.get(PAGE)
    form = next(one for one in page.forms.values() if one.action.endswith("/revocation"))
    assert "已停用" in form.submit().follow().text
    assert program.file(GOOD, status=401).json["code"] == "A04"
    token = csrf_token(signatory, PAGE)
    signatory.post(form.action, {"csrf_token": token}, status=404)
    assert len(journalled(sqlite_engine, clock, "token.revoked")) == 1


def test_a_clerk_sees_the_tokens_and_makes_and_revokes_none(signatory: TestApp, clerk: TestApp) -> None:
    made(signatory)
    page = clerk.get(PAGE)
    assert "billing-system" in page.text
    assert not [one for one in page.forms.values() if one.action.endswith("/revocation")]
    assert "form" not in page.forms
    clerk.post(PAGE, {"csrf_token": csrf_token(clerk)}, status=403)


def test_another_companys_token_is_neither_seen_nor_revoked(
    signatory: TestApp, browser: Callable[[], TestApp], sign_in: SignIn, sqlite_engine: Engine
) -> None:
    made(signatory)
    with read(sqlite_engine) as session:
        public_id = session.query(ApiToken).one().public_id
    other = sign_in(browser(), "signatory-b")
    assert other.get(PAGE).html.select_one("main table") is None
    other.post(f"{PAGE}/{public_id}/revocation", {"csrf_token": csrf_token(other)}, status=404)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"name": "Billing System"}, "名称不可用或已用过"),
        ({"expires_on": "2025-11-23"}, "到期日须在此范围内"),
        ({"expires_on": "2026-12-30"}, "到期日须在此范围内"),
        ({"periods": "2026-13"}, "报送期不可用"),
        ({"periods": "2024-12"}, "报送期不可用"),
        ({"checkbox": False}, ""),
    ],
    ids=["a name with capitals", "yesterday", "too far", "no month", "another season", "no feed"],
)
def test_a_token_that_cannot_be_is_refused_where_it_is_wrong(
    signatory: TestApp, sqlite_engine: Engine, changes: dict[str, Any], says: str
) -> None:
    form = signatory.get(PAGE).forms["form"]
    form["name"], form["season"], form["expires_on"] = "billing-system", "2025-26", "2026-10-31"
    form.set("checkbox", changes.pop("checkbox", True), index=BILLS)
    for name, value in changes.items():
        form[name] = value
    page = form.submit(status=422)
    assert says in page.text
    with read(sqlite_engine) as session:
        assert session.query(ApiToken).count() == 0


def test_a_name_is_never_used_twice_in_a_company(signatory: TestApp) -> None:
    made(signatory)
    form = next(one for one in signatory.get(PAGE).forms.values() if one.action.endswith("/revocation"))
    form.submit()
    assert "名称不可用或已用过" in made(signatory).text


def test_a_token_does_not_end_in_the_week_before_something_it_is_for_is_due(
    wsgi: Any, signatory: TestApp, sqlite_engine: Engine, clock: FixedClock
) -> None:
    with read(sqlite_engine) as session:
        calendar = FilingCalendar(session, clock, wsgi.registry.evidence)
        company = CompanyService(session, clock).by_code("harbin-a")
        (due,) = [
            one.due_on
            for one in calendar.of_company(company, season_of(calendar.today))
            if one.rule.feed == "bills"
        ]
    before = (due - dt.timedelta(days=1)).isoformat()
    page = made(signatory, expires_on=before)
    assert page.status_int == 422
    assert due.isoformat() in page.text
    assert made(signatory, expires_on=due.isoformat()).status_int == 200


def test_a_token_ends_with_its_last_day_in_china(
    wsgi: Any, people: Any, sqlite_engine: Engine, clock: FixedClock, browser: Callable[[], TestApp]
) -> None:
    _, secret = token_of(
        sqlite_engine,
        clock,
        wsgi.registry.evidence,
        people.company_id("harbin-a"),
        expires_on=dt.date(2025, 11, 24),
    )
    program = Caller(browser(), secret)
    clock.move(dt.datetime(2025, 11, 24, 15, 59, 59, tzinfo=dt.UTC) - clock.now())
    program.read(f"{FILINGS}/nothing", status=404)
    clock.move(dt.timedelta(seconds=1))
    problem = program.read(f"{FILINGS}/nothing", status=401).json
    assert (problem["code"], "2025-11-24" in problem["zh"]) == ("A03", True)
