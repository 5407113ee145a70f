"""A silence of the service into which a last day fell is proposed as an outage; a person decides, with a reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from filing_visits import SignIn, the_form
from sqlalchemy import Engine
from webtest import TestApp

from supervision.db import begin, read
from supervision.filings.calendar_models import Outage
from supervision.jobs.beat_models import Silence
from supervision.journal import JournalEntry
from supervision.settings import FixedClock
from supervision.settings.clock import SHANGHAI

Browser = Callable[[], TestApp]
REASON = "机房断电，网页和上传均不能使用。"
LAST_DAY = dt.date(2025, 10, 31)  # of the roster


@pytest.fixture
def administrator(browser: Browser, sign_in: SignIn) -> TestApp:
    return sign_in(browser(), "system-administrator")


def silent(engine: Engine, day: dt.date, part: str = "web", hour: int = 20) -> None:
    began = dt.datetime.combine(day, dt.time(hour), SHANGHAI)
    with begin(engine) as session:
        session.add(Silence(part=part, began_at=began, ended_at=began + dt.timedelta(hours=6)))


def test_a_silence_on_a_last_day_is_proposed_and_entered_with_one_click_and_a_reason(
    administrator: TestApp, sqlite_engine: Engine, clock: FixedClock
) -> None:
    silent(sqlite_engine, LAST_DAY)
    silent(sqlite_engine, LAST_DAY, "worker", 22)
    silent(sqlite_engine, LAST_DAY - dt.timedelta(days=20))  # no last day of anything
    page = administrator.get("/system/outages")
    (proposed,) = page.html.select("#proposed ~ form")
    assert "涉及 2 项截止日" in proposed.get_text()
    assert "网页服务、后台服务" in proposed.get_text()
    form = the_form(page, proposed["action"])
    form["reason"] = "短"
    assert "请写明中断原因" in form.submit("decision", value="outage", status=422).text
    form["reason"] = REASON
    page = form.submit("decision", value="outage", status=303).follow()
    assert REASON in page.text
    assert page.html.select_one("#proposed") is None
    assert "已经处理" in form.submit("decision", value="outage", status=409).text
    with read(sqlite_engine) as session:
        outage = session.query(Outage).one()
        assert outage.began_at.astimezone(SHANGHAI).hour == 20
        assert outage.ended_at - outage.began_at == dt.timedelta(hours=8)
        assert session.query(JournalEntry).filter_by(act="outage.entered").count() == 1


def test_what_was_no_outage_is_settled_and_moves_no_day(
    administrator: TestApp, sqlite_engine: Engine, browser: Browser, sign_in: SignIn
) -> None:
    silent(sqlite_engine, LAST_DAY)
    page = administrator.get("/system/outages")
    form = the_form(page, page.html.select_one("#proposed ~ form")["action"])
    page = form.submit("decision", value="none", status=303).follow()
    assert page.html.select_one("#proposed") is None
    assert "2025-10-31" in sign_in(browser(), "clerk-a").get("/company/calendar").text
    with read(sqlite_engine) as session:
        assert session.query(Outage).count() == 0
        entry = session.query(JournalEntry).filter_by(act="outage.dismissed").one()
        assert entry.detail["parts"] == ["web"]
