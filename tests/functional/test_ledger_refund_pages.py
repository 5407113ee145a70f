"""What fell due after the bills stands on the page of the ledger and leads to the bill, for officers and for the company."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine
from webtest import TestApp

from checks.tariffs.load import load_published
from supervision.companies.models import Company
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.settings import FixedClock
from supervision.tariffs import TariffService
from tests.filings.filing_desk import Desk
from tests.findings.checked_company import DECEMBER, CheckedCompany
from tests.ledgers.test_ledger_checks import payment, worked
from tests.ledgers.test_refunds_owed_checked import winter

SignIn = Callable[[TestApp, str], TestApp]


@pytest.mark.parametrize(
    ("name", "side"), [("officer", "officer"), ("clerk-a", "company")], ids=["officer", "company"]
)
def test_the_refund_stands_on_the_ledger_with_its_bill_and_its_file(
    app: TestApp,
    sqlite_engine: Engine,
    clock: FixedClock,
    wsgi: Any,
    people: Any,
    tmp_path: Path,
    sign_in: SignIn,
    name: str,
    side: str,
) -> None:
    desk = Desk(sqlite_engine, clock, wsgi.registry.supervision, tmp_path, people.company_id("harbin-a"))
    with begin(sqlite_engine) as session:
        TariffService(session, clock).enter(load_published(), SYSTEM)
        session.get_one(Company, desk.company_id).city = "哈尔滨市"
    company = CheckedCompany(desk)
    winter(company)
    company.file("payments", DECEMBER, [payment(1, "3065.60")])
    (check,) = worked(company)[-1:]
    sign_in(app, name)
    page = app.get(f"/{side}/ledgers/{check.public_id}")
    assert "账单开出后应退的热费" in page
    standing = next(iter(page.html.select("section[aria-labelledby=refunds] tbody th a")))
    rows = app.get(f"/{side}/ledgers/{check.public_id}{standing['href'].split(check.public_id)[1]}")
    assert "83.76" in rows
    assert "B0001" in rows.click("B0001")
    file = app.get(f"/{side}/ledgers/{check.public_id}/refunds.csv")
    assert "未退（元）" in file.text
    assert "83.76" in file.text
    assert app.get(f"/{side}/ledgers/{check.public_id}?refund=nonsense", status=400)
