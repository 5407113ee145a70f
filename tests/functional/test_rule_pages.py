"""Anybody reads the rules that filings are judged by; officers withdraw a wrong one, and its company is told."""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import put
from sqlalchemy import Engine
from webtest import TestApp

from ingest.edits import CATALOGUE
from supervision.jobs.worker import work
from supervision.settings import FixedClock
from tests.filings.filing_desk import bill, csv_bytes

SignIn = Callable[[TestApp, str], TestApp]
REASON = "合计允许含已公示的尾差，本规则误把正确的账单退回。"


@pytest.fixture
def judge_anew(wsgi: Any, sqlite_engine: Engine, clock: FixedClock) -> Callable[[], int]:
    jobs = ("readjudicate_filing", "judge_filing", "compare_filing")
    settings = wsgi.registry.supervision
    return lambda: work(sqlite_engine, settings, threading.Event(), clock=clock, only=jobs, until_idle=True)


def test_the_register_lists_every_rule_and_finds_them_by_feed_class_and_words(app: TestApp) -> None:
    page = app.get("/rules")
    assert len(page.html.select("main tbody tr")) == len(CATALOGUE)
    form = page.forms[0]
    form["search"], form["feed"], form["class"] = "层高", "bills", "quality"
    assert [row.get_text(strip=True) for row in form.submit().html.select("main tbody th")] == ["QUA04"]
    assert "QUA06" in app.get("/rules?standing=shadow").text
    assert "没有符合条件的规则" in app.get("/rules?search=nothing-like-it").text


def test_the_page_of_a_rule_says_figures_dates_prerequisites_and_examples(app: TestApp) -> None:
    page = app.get("/rules/QUA04")
    for said in ("层高不在 2.00 至 30.00 米之间", "最高层高", "2000-01-01", "会命中", "刚好不命中", "V03"):
        assert said in page.text, said
    shadow = app.get("/rules/QUA06").text
    assert ("2025-07-01" in shadow, "2026-07-01" in shadow, "试行" in shadow) == (True, True, True)
    for edit_id in CATALOGUE:
        app.get(f"/rules/{edit_id}")
    app.get("/rules/XYZ99", status=404)
    app.get("/language/en")
    assert "within 2.00 to 30.00 m" in app.get("/rules/QUA04").text


def test_the_register_is_open_data(app: TestApp) -> None:
    rules = {one["id"]: one for one in app.get("/rules.json").json["rules"]}
    assert set(rules) == set(CATALOGUE)
    assert rules["QUA04"]["thresholds"][0]["values"] == [{"from": "2000-01-01", "value": "2.00"}]
    assert (rules["QUA06"]["standing"], rules["QUA06"]["valid_from"]) == ("binding", "2026-07-01") or rules[
        "QUA06"
    ]["standing"] == "shadow"
    lines = list(csv.DictReader(io.StringIO(app.get("/rules.csv").body.decode("utf-8-sig"))))
    assert [line["id"] for line in lines] == list(CATALOGUE)


def test_a_wrong_rule_is_withdrawn_and_its_company_sees_why_and_what_was_said_before(
    clerk: TestApp,
    browser: Callable[[], TestApp],
    sign_in: SignIn,
    worker: Callable[[], int],
    judge_anew: Callable[[], int],
) -> None:
    path = put(clerk, csv_bytes("bills", [bill(1, total="1.00"), bill(2)])).json["location"]
    worker()
    assert "退回修改" in clerk.get(path).text
    officer, chief = sign_in(browser(), "officer"), sign_in(browser(), "supervising-officer")
    assert "1 / 1" in officer.get("/rules/BIL01").text
    form = officer.get("/rules/BIL01").click(description="提议撤销").forms["form"]
    form["reason"] = "短"
    form.submit(status=422)
    form["reason"] = REASON
    assert "已提议撤销" in form.submit().follow().text
    assert REASON not in clerk.get("/rules/BIL01").text
    assert "等待批准的规则撤销" in chief.get("/desk").text
    form = chief.get("/rules/BIL01").click(description="决定撤销提议").forms["form"]
    form["remark"], form["decision"] = "经核对属实，同意撤销并重新审核。", "approve"
    assert "规则已撤销" in form.submit().follow().text
    judge_anew()
    assert "规则撤销后重新审核的报送" in clerk.get("/desk").text
    page = clerk.get(path)
    assert ("待签署" in page.text, REASON in page.text) == (True, True)
    before = page.click(description="原结论")
    assert ("退回修改" in before.text, "BIL01" in before.text) == (True, True)
    assert "BIL01" in before.click(description="下载审核报告").body.decode("utf-8-sig")
    assert REASON in browser().get("/rules").text
    stranger = sign_in(browser(), "clerk-b")
    stranger.get(f"{path}/verdicts/1", status=404)
    stranger.get(f"{path}/verdicts/1/report.csv", status=404)


def test_what_a_rule_in_shadow_found_is_told_with_the_day_it_will_bind(
    clerk: TestApp, worker: Callable[[], int]
) -> None:
    long = {"service_from": "2025-10-01", "service_to": "2026-05-31"}
    path = put(clerk, csv_bytes("bills", [bill(1, **long), bill(2)])).json["location"]
    worker()
    page = clerk.get(path)
    assert ("待签署" in page.text, "自 2026-07-01 起生效" in page.text) == (True, True)
    hits = page.click(description="QUA06")
    assert ("B000001" in hits.text, "不影响本次报送" in hits.text) == (True, True)


def test_a_rule_that_reads_values_has_no_way_to_withdraw_it(
    browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    officer = sign_in(browser(), "officer")
    assert "提议撤销" not in officer.get("/rules/V01").text
    form = officer.get("/officer/rules/V01/withdrawal").forms["form"]
    form["reason"] = REASON
    assert "F21" in form.submit(status=409).text
