"""The pages of ledgers, for officers and for the company itself, and their files."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from webtest import TestApp

from supervision.jobs.worker import work
from supervision.settings import FixedClock
from tests.filings.filing_desk import Desk
from tests.findings.checked_company import DECEMBER, SEASON, CheckedCompany, account, bill

SignIn = Callable[[TestApp, str], TestApp]
SIDES = [("officer", "officer"), ("clerk-a", "company")]


@pytest.fixture
def company(
    sqlite_engine: Engine, clock: FixedClock, wsgi: Any, people: Any, tmp_path: Path
) -> CheckedCompany:
    """harbin-a took 500.00 for a bill that was never filed, and closed a bill on an estimate."""
    desk = Desk(sqlite_engine, clock, wsgi.registry.supervision, tmp_path, people.company_id("harbin-a"))
    found = CheckedCompany(desk)
    found.file("accounts", SEASON, [account(1, billing_method="metered", meter_no="M1"), account(2)])
    metered = bill(
        1, kind="settlement", billing_method="metered", meter_no="M1", reading_from="100", reading_to="117",
        heat_used="17", heat_unit="GJ", metered_charge="723.35", area_charge="", total="723.35",
        service_to="2025-12-31",
    )  # fmt: skip
    found.file("bills", DECEMBER, [metered, bill(2)])
    reading = {"meter_no": "M1", "read_at": "2025-12-31T02:00:00Z", "kind": "estimated", "energy": "117"}
    read = reading | {"read_at": "2026-01-10T02:00:00Z", "kind": "actual", "energy": "110"}
    found.file("readings", DECEMBER, [reading | {"energy_unit": "GJ"}])
    found.file("readings", "2026-01", [read | {"energy_unit": "GJ"}])
    paid = {"account_no": "A0002", "bill_no": "B0002", "paid_on": "2025-12-10", "kind": "payment"}
    rows = [
        paid | {"payment_no": "P1", "amount": "3065.60"},
        paid | {"payment_no": "P2", "amount": "500.00", "bill_no": "X9"},
    ]
    found.file("payments", DECEMBER, rows)
    names = ("check_filing", "check_ledger")
    work(desk.engine, desk.settings, threading.Event(), clock=clock, only=names, until_idle=True)
    return found


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))


@pytest.mark.parametrize(("name", "side"), SIDES, ids=["officer", "company"])
def test_the_findings_lead_to_the_check_and_every_figure_to_its_rows(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, name: str, side: str
) -> None:
    sign_in(app, name)
    listed = app.get(f"/{side}/findings").click("收款核对")
    assert "500.00" in listed
    page = listed.click(href=f"/{side}/ledgers/.+")
    assert "所指账单不在已报送账单之中" in page
    assert "297.85" in page  # 7 GJ beyond what was read
    row = page.click("所指账单不在已报送账单之中")
    assert [one.get_text() for one in row.html.select("section:last-of-type tbody th")] == ["P2"]
    assert row.click("P2").request.path.startswith(f"/{side}/filings/")
    lower = page.click("实抄低于估抄，未冲回")
    assert "B0001" in lower.click("B0001")


@pytest.mark.parametrize(("name", "side"), SIDES, ids=["officer", "company"])
def test_its_rows_are_files_too(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, name: str, side: str
) -> None:
    sign_in(app, name)
    page = app.get(f"/{side}/ledgers").click(href=f"/{side}/ledgers/.+")
    (payment,) = rows_of(page.click("下载无账单收款"))
    assert (payment["收退款编号"], payment["无账单对应（元）"]) == ("P2", "500.00")
    (estimate,) = rows_of(page.click("下载估抄账单"))
    assert (estimate["账单编号"], estimate["状况"]) == ("B0001", "实抄低于估抄，未冲回")


def test_an_unknown_reason_is_refused_and_another_companys_check_is_not_there(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    sign_in(app, "clerk-a")
    path = app.get("/company/ledgers").click(href="/company/ledgers/.+").request.path
    assert "没有这种情形" in app.get(f"{path}?reason=nonsense", status=400)
    other = sign_in(browser(), "clerk-b")
    other.get(path, status=404)
    assert "还没有可核对的收款" in other.get("/company/ledgers")


def test_english_pages_say_it_in_english(app: TestApp, company: CheckedCompany, sign_in: SignIn) -> None:
    sign_in(app, "officer").set_cookie("language", "en")
    page = app.get("/officer/ledgers").click(href="/officer/ledgers/.+")
    assert "for a bill that was never filed" in page
    assert "this is an indication" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_ledger_in_order_says_so(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, language: str
) -> None:
    desk = company.desk
    paid = {"account_no": "A0002", "bill_no": "B0002", "paid_on": "2025-12-10", "kind": "payment"}
    company.file("payments", DECEMBER, [paid | {"payment_no": "P1", "amount": "3065.60"}])
    company.file("readings", "2026-01", [])  # the estimate waits again
    names = ("check_filing", "check_ledger")
    work(desk.engine, desk.settings, threading.Event(), clock=desk.clock, only=names, until_idle=True)
    sign_in(app, "officer").set_cookie("language", language)
    page = app.get("/officer/ledgers").click(href="/officer/ledgers/.+")
    said = {"zh": "每一笔收款都有账单对应。", "en": "Every payment has a bill behind it."}
    assert said[language] in page
