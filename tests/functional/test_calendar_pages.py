"""The calendar of what is owed on its pages: a company's own, the officers' over all, extensions and outages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from filing_visits import GOOD, SignIn, put, sign
from sqlalchemy import Engine, select
from webtest import TestApp

from supervision.db import read
from supervision.journal import JournalEntry
from supervision.settings import FixedClock
from tests.filings.filing_desk import SEASON, account, csv_bytes

Browser = Callable[[], TestApp]
EXTENSION = f"/officer/calendar/extension?company=harbin-a&feed=accounts&period={SEASON}"
REASON = "企业更换收费系统，已提交书面说明。"


def rows(page: object) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]  # type: ignore[attr-defined]


def test_a_company_sees_what_it_owes_by_when_and_the_way_to_file_it(
    clerk: TestApp, signatory: TestApp, worker: Callable[[], int]
) -> None:
    page = clerk.get("/company/calendar")
    roster, settlement = rows(page)
    assert ("用户台账" in roster, "2025-10-31" in roster, "逾期未报" in roster) == (True, True, True)
    assert ("2026-06-15" in settlement, "未到期" in settlement) == (True, True)
    upload = page.click(description="去报送", index=0)
    assert upload.forms["upload"]["feed"].value == "accounts"
    assert upload.forms["upload"]["period"].value == SEASON
    path = put(clerk, csv_bytes("accounts", [account(1)]), feed="accounts", period=SEASON).json["location"]
    worker()
    sign(signatory, path)
    page = clerk.get("/company/calendar")
    assert "逾期报送" in rows(page)[0]
    assert page.click(description="查看报送").request.path == path


def test_a_month_that_was_begun_is_owed_and_what_is_signed_in_time_is_on_time(
    clerk: TestApp, signatory: TestApp, worker: Callable[[], int]
) -> None:
    path = put(clerk, GOOD).json["location"]
    worker()
    assert any("2025-12" in row and "未到期" in row for row in rows(clerk.get("/company/calendar")))
    sign(signatory, path)
    assert any("2025-12" in row and "按时报送" in row for row in rows(clerk.get("/company/calendar")))


def test_an_officer_finds_what_is_overdue_and_extends_it_for_a_reason(
    browser: Browser, sign_in: SignIn, clerk: TestApp, sqlite_engine: Engine
) -> None:
    officer = sign_in(browser(), "officer")
    page = officer.get("/desk").click(description="企业逾期未报的数据")
    assert len(rows(page)) == 2
    assert all("逾期未报" in row for row in rows(page))
    assert "<svg" in page.text
    form = page.click(description="延期", href="harbin-a").forms["form"]
    form["due_on"], form["reason"] = "2025-12-05", REASON
    page = form.submit(status=303).follow()
    assert "已延期至 2025-12-05" in page.text
    assert [row for row in rows(page) if "用户台账" in row and "2025-12-05" in row and REASON in row]
    own = rows(clerk.get("/company/calendar"))[0]
    assert ("逾期未报" in own, REASON in own, "2025-10-31" in own) == (False, True, True)
    with read(sqlite_engine) as session:
        entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "filing.extended")).one()
        assert entry.actor == "officer"
        assert (entry.detail["from"], entry.detail["to"]) == ("2025-10-31", "2025-12-05")


def test_an_extension_needs_a_later_day_a_reason_and_something_that_is_owed(
    browser: Browser, sign_in: SignIn
) -> None:
    officer = sign_in(browser(), "officer")
    for day, reason, said in (
        ("2025-10-31", REASON, "晚于现截止日"),
        ("2027-01-01", REASON, "晚于现截止日"),
        ("31.12.2025", REASON, "请填写日期"),
        ("2025-12-05", "短", "10"),
    ):
        form = officer.get(EXTENSION).forms["form"]
        form["due_on"], form["reason"] = day, reason
        page = form.submit(status=422)
        assert said in page.html.select_one(".invalid-feedback, .alert-danger").parent.get_text()
    officer.get("/officer/calendar/extension?company=nobody&feed=bills&period=2025-12", status=404)
    officer.get("/officer/calendar/extension?company=harbin-a&feed=bills&period=2025-03", status=404)


def test_an_outage_on_the_last_day_voids_lateness_for_everybody(
    browser: Browser, sign_in: SignIn, clerk: TestApp, clock: FixedClock, sqlite_engine: Engine
) -> None:
    administrator = sign_in(browser(), "system-administrator")
    assert "没有登记过中断" in administrator.get("/system/outages").text
    form = administrator.get("/system/outages").forms["form"]
    form["began_at"], form["ended_at"] = "2025-10-31 16:00", "2025-11-23 09:00"
    form["reason"] = "机房断电，网页和上传均不能使用。"
    page = form.submit(status=303).follow()
    assert "机房断电" in page.text
    assert "2025-11-24" in rows(clerk.get("/company/calendar"))[0]
    assert "逾期未报" not in rows(clerk.get("/company/calendar"))[0]
    clock.move(dt.timedelta(minutes=1))
    form = administrator.get("/system/outages").forms["form"]
    form["began_at"], form["ended_at"] = "2025-11-23 09:00", "2026-11-23 09:00"
    form["reason"] = "机房断电，网页和上传均不能使用。"
    assert "起止时间不可用" in form.submit(status=422).text
    with read(sqlite_engine) as session:
        acts = session.scalars(select(JournalEntry.act).where(JournalEntry.act == "outage.entered")).all()
    assert len(acts) == 1


def test_the_calendar_can_be_narrowed_and_says_when_nothing_fits(browser: Browser, sign_in: SignIn) -> None:
    officer = sign_in(browser(), "officer")
    assert len(rows(officer.get("/officer/calendar?company=jinan-b"))) == 2
    assert len(rows(officer.get("/officer/calendar?feed=bills"))) == 2
    page = officer.get("/officer/calendar?standing=on_time")
    assert "没有符合条件的报送义务" in page.text
