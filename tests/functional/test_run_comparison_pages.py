"""The pages of a run beside another one: whose each difference is, and which verdicts hang on proration."""

from __future__ import annotations

import csv
import datetime as dt
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from webtest import TestApp

from supervision.jobs.worker import work
from supervision.settings import FixedClock
from tests.findings.checked_company import (
    DECEMBER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
)

SignIn = Callable[[TestApp, str], TestApp]


def part_of_season(number: int, total: str) -> dict[str, str]:
    """A home heated from 1 December on: five of six started months, 80 x 38.32 x 5 / 6 = 2554.67."""
    return bill(number, service_from="2025-12-01", area_charge=total, total=total)


@pytest.fixture
def company(harbin: CheckedCompany, clock: FixedClock) -> CheckedCompany:
    """harbin-a filed four bills; two days later its roster again, with another area."""
    harbin.file("accounts", SEASON, [account(number) for number in (1, 2, 3, 4)])
    rows = [bill(1), bill(2, price=OLD_PRICE), part_of_season(3, "2554.67"), part_of_season(4, "2362.02")]
    harbin.file_and_check("bills", DECEMBER, rows)
    clock.move(dt.timedelta(days=2))
    roster = [account(1, "75.00"), account(2), account(3), account(4)]
    harbin.file_and_check("accounts", SEASON, roster)
    return harbin


def rows_of(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))


@pytest.mark.parametrize("name", ["officer", "clerk-a"])
def test_a_run_says_whose_its_differences_are_and_leads_to_each(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, name: str
) -> None:
    sign_in(app, name)
    audience = "officer" if name == "officer" else "company"
    page = app.get(f"/{audience}/runs/{company.run().public_id}")
    assert "数据滞后：台账、测温或其他账单较晚" in page
    assert "企业差错：两次核查都不符" in page
    listed = page.click("逐张查看差异")
    assert "B0001" in listed
    assert "B0002" not in listed
    (row,) = rows_of(listed.click("下载全部差异（CSV）"))
    assert (row["账单编号"], row["数据滞后（元）"], row["企业差错（元）"]) == ("B0001", "191.60", "0.00")
    app.set_cookie("language", "en")
    assert "late data: roster, rooms or other bills came later" in app.get(listed.request.path)


def test_the_verdicts_that_hang_on_proration_stand_on_the_page_with_their_bills(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    sign_in(app, "officer")
    page = app.get(f"/officer/runs/{company.run().public_id}").click("查看这些账单")
    table = rows_of(page.click("下载（CSV）"))
    # 2362.02 is what 141 of the season's 183 days come to
    assert {(row["账单编号"], row["折算口径"], row["按该口径的结论"]) for row in table} >= {
        ("B0003", "按本季实际天数折算", "不符"),
        ("B0004", "按本季实际天数折算", "相符"),
    }
    assert "2,362.02" in page


def test_an_officer_asks_what_was_right_before_the_notice_was_out(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    sign_in(app, "officer")
    page = app.get(f"/officer/runs/{company.run().public_id}")
    form = next(one for one in page.forms.values() if one.action.endswith("/as-of"))
    form["law"] = "2014-01-01"
    assert "已安排按当时所知核查" in form.submit().follow()
    desk = company.desk
    work(
        desk.engine,
        desk.settings,
        threading.Event(),
        clock=desk.clock,
        only=("check_as_of",),
        until_idle=True,
    )
    again = app.get(page.request.path)
    then = again.click(f"第 {company.runs()[-1].number} 次核查")
    assert "热价以 2014-01-01 前公布的通知为准" in then
    assert "热价滞后：公布或登记较晚" in then
    assert "与现行核查相比" in then
    assert company.run().public_id in page.request.path


@pytest.mark.parametrize(
    ("law", "said"), [("", "请至少填写一个日期"), ("soon", "不是日期"), ("2999-01-01", "不能晚于今天")]
)
def test_a_day_that_cannot_be_is_told(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, law: str, said: str
) -> None:
    sign_in(app, "officer")
    page = app.get(f"/officer/runs/{company.run().public_id}")
    form = next(one for one in page.forms.values() if one.action.endswith("/as-of"))
    form["law"] = law
    assert said in form.submit().follow()


def test_another_companys_differences_look_like_none(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    sign_in(app, "clerk-b")
    for name in ("differences", "differences.csv", "proration", "proration.csv"):
        app.get(f"/company/runs/{company.run().public_id}/{name}", status=404)


def test_a_first_run_has_nothing_to_differ_from(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    sign_in(app, "officer")
    app.get(f"/officer/runs/{company.runs()[0].public_id}/differences", status=404)


def test_bills_without_a_known_cause_are_ranked_by_their_difference(
    app: TestApp, company: CheckedCompany, sign_in: SignIn
) -> None:
    rows = [bill(7, total="3000.01", area_charge=""), bill(8, total="9000.03", area_charge="")]
    company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 9)])
    company.file_and_check("bills", "2026-01", rows)
    sign_in(app, "officer")
    page = app.get("/officer/findings").click("原因不明的账单", index=0)
    assert page.text.index("B0008") < page.text.index("B0007")
    assert "B0002" not in page
    app.reset()
    sign_in(app, "clerk-b")
    assert "B0008" not in app.get("/company/unexplained")
