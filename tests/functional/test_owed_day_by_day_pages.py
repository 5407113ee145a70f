"""The calendar of a season in which every feed is owed: days folded into months, exemptions, declarations of nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from filing_visits import SignIn, put, sign, the_form
from sqlalchemy import Engine, select
from webtest import TestApp

from ingest.standard import feed as feed_of
from supervision.db import read
from supervision.journal import JournalEntry
from supervision.settings import FixedClock
from supervision.settings.clock import SHANGHAI
from tests.filings.filing_desk import csv_bytes

Browser = Callable[[], TestApp]
DAYS = "/company/calendar/days?feed=network_days&period=2026-11"
NOW = dt.datetime(2026, 11, 24, 9, tzinfo=SHANGHAI)
REASON = "热网监测系统正在对接，对接完成前免报。"


@pytest.fixture(autouse=True)
def season(clock: FixedClock) -> None:
    clock.move(NOW - clock.now())


@pytest.fixture
def clerk(browser: Browser, sign_in: SignIn) -> TestApp:
    return sign_in(browser(), "clerk-a")


@pytest.fixture
def signatory(browser: Browser, sign_in: SignIn) -> TestApp:
    return sign_in(browser(), "signatory-a")


@pytest.fixture
def officer(browser: Browser, sign_in: SignIn) -> TestApp:
    return sign_in(browser(), "officer")


def rows(page: object) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.html.select("tbody tr")]  # type: ignore[attr-defined]


def network_day(day: str) -> bytes:
    return csv_bytes("network_days", [{**feed_of("network_days").sample[0], "date": day}])


def test_the_days_of_a_feed_are_one_row_that_leads_to_them_and_one_filed_is_counted(
    clerk: TestApp, signatory: TestApp, officer: TestApp, worker: Callable[[], int]
) -> None:
    path = put(clerk, network_day("2026-11-23"), feed="network_days", period="2026-11-23").json["location"]
    worker()
    sign(signatory, path)
    page = clerk.get("/company/calendar?feed=network_days")
    (november,) = [row for row in rows(page) if "2026-11" in row]
    assert ("逾期未报" in november, "1 / 16 日" in november, "缺 7 日" in november) == (True, True, True)
    days = page.click(description="1 / 16 日")
    shown = rows(days)
    assert len(shown) == 16
    assert ["2026-11-23" in row and "按时报送" in row for row in shown].count(True) == 1
    assert days.click(description="查看报送").request.path == path
    form = days.click(description="去报送", index=0).forms["upload"]
    assert (form["feed"].value, form["period"].value) == ("network_days", "2026-11-15")
    own = officer.get("/officer/calendar?company=harbin-a&feed=network_days")
    assert len(rows(own.click(description="1 / 16 日"))) == 16


def test_the_officers_calendar_takes_its_feeds_from_the_rules_of_the_season(officer: TestApp) -> None:
    page = officer.get("/officer/calendar")
    assert len(page.html.select("#feed option")) == 1 + len(feed_names(page))
    assert feed_names(page) == [
        "accounts", "bills", "readings", "room_temperatures", "payments", "service_requests", "outages",
        "network_days", "costs",
    ]  # fmt: skip
    assert all("成本与燃料" in row for row in rows(officer.get("/officer/calendar?feed=costs")))


def feed_names(page: object) -> list[str]:
    options = page.html.select("#feed option")  # type: ignore[attr-defined]
    return [one["value"] for one in options if one["value"]]


def test_a_signatory_declares_that_a_month_had_nothing_and_a_clerk_cannot(
    clerk: TestApp, signatory: TestApp, sqlite_engine: Engine
) -> None:
    address = "/company/calendar/nothing?feed=payments&period=2026-10"
    assert "calendar/nothing" not in clerk.get("/company/calendar?feed=payments").text
    clerk.get(address, status=403)
    page = signatory.get("/company/calendar?feed=payments").click(description="声明无数据")
    form = the_form(page, "period=2026-10")
    assert "没有勾选签署确认" in form.submit(status=422).text
    form["confirmed"] = True
    form.submit(status=303)
    (october,) = [row for row in rows(clerk.get("/company/calendar?feed=payments")) if "2026-10" in row]
    assert ("声明无数据" in october, "逾期报送" in october, "去报送" in october) == (True, True, False)
    assert "已有报送" in signatory.get(address, status=409).text
    with read(sqlite_engine) as session:
        query = select(JournalEntry).where(JournalEntry.act == "filing.nothing_declared")
        entry = session.scalars(query).one()
        assert entry.actor == "signatory-a"
        assert entry.detail == {"feed": "payments", "period": "2026-10", "through": "2026-10-31"}


def test_nothing_is_not_declared_of_what_is_always_there_or_of_time_to_come(signatory: TestApp) -> None:
    def asked(feed: str, period: str, status: int) -> str:
        text: str = signatory.get(
            f"/company/calendar/nothing?feed={feed}&period={period}", status=status
        ).text
        return text

    assert "不能声明无数据" in asked("network_days", "2026-11", 422)
    assert "尚未结束" in asked("payments", "2026-11", 409)
    assert "尚未结束" in asked("service_requests", "2026-12", 409)
    assert "没有这项报送义务" in asked("payments", "2026-07", 404)
    assert "没有这项报送义务" in asked("payments", "2026-10-05", 404)
    page = signatory.get("/company/calendar/nothing?feed=service_requests&period=2026-11")
    assert "以下 9 日没有报送" in page.text
    one_day = signatory.get("/company/calendar/nothing?feed=service_requests&period=2026-11-20")
    form = the_form(one_day, "period=2026-11-20")
    form["confirmed"] = True
    form.submit(status=303)
    shown = rows(signatory.get("/company/calendar/days?feed=service_requests&period=2026-11"))
    assert [row[:10] for row in shown if "声明无数据" in row and "按时" not in row and "逾期报送" in row] == [
        "2026-11-20"
    ]


def test_an_exemption_lifts_a_feed_for_a_reason_and_ends_when_an_officer_says(
    officer: TestApp, clerk: TestApp, clock: FixedClock, sqlite_engine: Engine
) -> None:
    form = officer.get("/officer/calendar/exemptions?company=harbin-a&feed=network_days").forms["form"]
    assert (form["company"].value, form["feed"].value) == ("harbin-a", "network_days")
    form["first_day"], form["last_day"], form["reason"] = "2026-07-01", "2026-06-30", REASON
    assert "免报的起止日期不可用" in form.submit(status=422).text
    form["last_day"] = ""
    assert "另行通知" in form.submit(status=303).follow().text
    page = clerk.get("/company/calendar?feed=network_days")
    assert REASON in page.text
    assert rows(page) == []
    clerk.get(DAYS, status=404)
    end = the_form(officer.get("/officer/calendar/exemptions"), "/end")
    assert "已结束" in end.submit(status=303).follow().text
    assert "已经结束" in end.submit(status=409).text
    assert rows(clerk.get(DAYS))[0].startswith("2026-11-25")
    with read(sqlite_engine) as session:
        acts = session.scalars(select(JournalEntry.act).where(JournalEntry.object_type == "exemption")).all()
    assert acts == ["filing.exempted", "filing.exemption_ended"]
    assert [row for row in rows(clerk.get("/messages")) or [clerk.get("/messages").text] if "免予报送" in row]


def test_what_came_in_time_shows_by_when_it_must_be_signed(
    browser: Browser, sign_in: SignIn, clerk: TestApp, worker: Callable[[], int], clock: FixedClock
) -> None:
    def twenty_third(days: int) -> str:
        clock.move(dt.timedelta(days=days))
        page = sign_in(browser(), "clerk-a").get(DAYS)
        return next(row for row in rows(page) if row.startswith("2026-11-23"))

    content = network_day("2026-11-23")
    path = put(clerk, content, feed="network_days", period="2026-11-23").json["location"]
    worker()
    row = twenty_third(5)  # due on the 25th, to be signed by the 2nd of December
    assert ("已收到，待签署" in row, "须在 2026-12-02 前签署" in row) == (True, True)
    row = twenty_third(4)
    assert "逾期未报" in row
    sign(sign_in(browser(), "signatory-a"), path)
    row = twenty_third(0)
    assert ("逾期报送" in row, "2026-12-03 签署" in row, "2026-12-02 前签署" in row) == (True, True, True)
