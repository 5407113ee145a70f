"""A new price goes from the notice to the public page through the pages of three officers."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine, select
from webtest import TestApp, Upload

from checks.tariffs.load import load_published
from supervision.db import begin
from supervision.jobs.models import Job
from supervision.jobs.worker import work
from supervision.journal import SYSTEM
from supervision.settings import FixedClock
from supervision.tariffs import TariffService
from supervision.tariffs.models import TariffDraft

SignIn = Callable[[TestApp, str], TestApp]
NOTICE = b"%PDF-1.4\nthe notice\n%%EOF\n"
ENTERED = {
    "id": "hrb-res-2026",
    "issuer": "哈尔滨市发展和改革委员会",
    "document": "哈发改价格〔2025〕1号",
    "sources": "notice | 通知 | government_page",
    "citations": "area_price | 第一条：39.09 元",
    "valid_from": "2025-12-01",
    "known_from": "2025-11-20",
    "area_price_value": "39.09",
    "rounding_when": "line",
    "rounding_unit": "0.01",
    "proration": "day",
    "transition": "next_season",
}


@pytest.fixture
def harbin(sqlite_engine: Engine, clock: FixedClock, wsgi: Any) -> Engine:
    with begin(sqlite_engine) as session:
        found = [tariff for tariff in load_published() if tariff.city == "哈尔滨市"]
        TariffService(session, clock).enter(found, SYSTEM)
    return sqlite_engine


def entered(app: TestApp, **changes: str) -> Any:
    """The page of the draft that the author's form leads to."""
    form = app.get("/officer/tariffs/new?base=hrb-res-2015").forms["form"]
    for name, value in (ENTERED | changes).items():
        form[name] = value
    return form.submit().follow()


def with_notice(page: Any, content: bytes = NOTICE, name: str = "通知.pdf") -> Any:
    form = next(form for form in page.forms.values() if "notice" in form.fields)
    form["notice"] = Upload(name, content)
    return form.submit().follow()


def act(page: Any, name: str, reason: str = "与通知原文逐条核对无误。") -> Any:
    page.forms[name]["reason"] = reason
    return page.forms[name].submit()


def carry_out(wsgi: Any) -> None:
    """Every job in the queue is done by a real worker."""
    registry = wsgi.registry
    work(registry.engine, registry.supervision, threading.Event(), clock=registry.clock, until_idle=True)


def test_a_price_goes_from_notice_to_public_page(
    harbin: Engine, wsgi: Any, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    author = sign_in(browser(), "officer")
    page = with_notice(entered(author))
    assert "待处理" not in page, "nothing is open"
    page = act(page, "submit").follow()
    carry_out(wsgi)
    path = page.request.path

    reviewer = sign_in(browser(), "supervising-officer")
    page = reviewer.get(path)
    assert "approve" not in page.forms
    page = act(page, "confirm").follow()
    assert "approve" not in page.forms, "who reviewed does not approve"

    approver = sign_in(browser(), "supervising-officer-2")
    page = approver.get(path)
    assert "39.09" in page
    assert "38.32" in page, "old beside new"
    act(page, "approve").follow()

    visitor = browser()
    public = visitor.get("/tariffs/hrb-res-2026")
    assert "39.09" in public
    assert "第一条：39.09 元" in public
    assert "hrb-res-2015" in public
    assert visitor.get("/tariffs/hrb-res-2026/notice").body == NOTICE
    before = visitor.get("/tariffs/hrb-res-2015.json").json
    assert before["valid_to"] == "2025-11-30"
    effect = approver.get(f"{path}/effect.json")
    assert effect.json["base"] == "hrb-res-2015"
    changed = {one["field"]: (one["old"], one["new"]) for one in effect.json["changes"]}
    assert changed["area_price.value"] == ("38.32", "39.09")
    with begin(harbin) as session:
        assert {job.name for job in session.scalars(select(Job))} == {
            "assess_tariff_draft",
            "check_city_again",
        }


def test_nobody_sees_a_draft_before_it_is_public(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    with_notice(entered(sign_in(browser(), "officer")))
    visitor = browser()
    visitor.get("/tariffs/hrb-res-2026", status=404)
    visitor.get("/tariffs/hrb-res-2026/notice", status=404)
    assert "hrb-res-2026" not in json.dumps(visitor.get("/tariffs.json?on=2026-01-01").json)


def test_a_line_that_is_not_one_is_told_with_an_example(
    harbin: Engine, app: TestApp, sign_in: SignIn
) -> None:
    form = sign_in(app, "officer").get("/officer/tariffs/new?base=hrb-res-2015").forms["form"]
    for name, value in (ENTERED | {"refund_bands": "t < 18: 0.4\nwarm: 1"}).items():
        form[name] = value
    answer = form.submit(status=422)
    assert "第 2 行写法有误，应如：16 &lt;= t &lt; 18: 0.40" in answer
    assert "39.09" in answer, "nothing that was typed is lost"


def test_an_open_clause_and_an_unread_price_are_listed_and_cannot_be_submitted(
    harbin: Engine, app: TestApp, sign_in: SignIn
) -> None:
    page = with_notice(entered(sign_in(app, "officer"), transition="", area_price_value="39,09"))
    assert "新旧价格衔接未写明，不能批准" in page
    assert "39,09" in page
    refused = page.forms["submit"].submit(status=422)
    assert "transition" in refused


def test_a_file_that_is_no_notice_is_refused_and_the_draft_stays(
    harbin: Engine, app: TestApp, sign_in: SignIn
) -> None:
    page = with_notice(entered(sign_in(app, "officer")), b"MZ\x90", "notice.pdf")
    assert "只接受 PDF、PNG 或 JPEG 文件" in page
    with begin(harbin) as session:
        assert session.scalars(select(TariffDraft.notice_digest)).one() is None


def test_a_used_id_is_told_at_its_field(harbin: Engine, app: TestApp, sign_in: SignIn) -> None:
    form = sign_in(app, "officer").get("/officer/tariffs/new?base=hrb-res-2015").forms["form"]
    for name, value in (ENTERED | {"id": "hrb-res-2008"}).items():
        form[name] = value
    assert "已被使用" in form.submit(status=422)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_pages_stand_in_both_languages(
    harbin: Engine, app: TestApp, sign_in: SignIn, language: str
) -> None:
    page = entered(sign_in(app, "officer"))
    app.set_cookie("language", language)
    for path in ("/officer/tariffs", page.request.path, f"{page.request.path}/edit"):
        shown = app.get(path)
        assert ("热价登记" if language == "zh" else "Tariff register") in shown
