"""The pages of findings, runs and bills, through the whole portal: what officers and companies see and may do."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from visiting import post
from webtest import TestApp

from supervision.db import begin
from supervision.findings import Finding, FindingState
from supervision.journal import JournalEntry
from tests.findings.checked_company import (
    DECEMBER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
)

SignIn = Callable[[TestApp, str], TestApp]
SLASHED = "B/2025#0003"


@pytest.fixture
def company(harbin: CheckedCompany) -> CheckedCompany:
    """harbin-a has filed a roster and four bills: one right, two at the old price, one of a stranger."""
    harbin.file("accounts", SEASON, [account(number) for number in (1, 2, 3)])
    rows = [bill(1), bill(2, price=OLD_PRICE), bill(3, price=OLD_PRICE, bill_no=SLASHED), bill(9)]
    harbin.file_and_check("bills", DECEMBER, rows)
    return harbin


@pytest.fixture
def officer(app: TestApp, company: CheckedCompany, sign_in: SignIn) -> TestApp:
    return sign_in(app, "officer")


@pytest.fixture
def clerk(app: TestApp, company: CheckedCompany, sign_in: SignIn) -> TestApp:
    return sign_in(app, "clerk-a")


@pytest.fixture
def finding(company: CheckedCompany) -> Finding:
    (found,) = company.findings()
    return found


def text_of(page: Any) -> str:
    return re.sub(r"\s+", " ", page.html.get_text(" ", strip=True))


def test_the_queue_leads_from_its_figures_to_the_finding_and_on_to_the_bill(officer: TestApp) -> None:
    queue = officer.get("/officer/findings", status=200)
    assert "执行旧价" in queue
    assert "324.80" in queue
    assert "<svg" in queue
    page = queue.click("执行旧价", index=0)
    text = text_of(page)
    assert "324.80" in text
    assert "50.0%" in text  # two of the four bills of the category
    assert "1 天" in text
    one = page.click("B0002")
    text = text_of(one)
    assert "3,228.00" in text
    assert "3,065.60" in text
    assert "162.40" in text
    assert "38.32" in text
    assert one.html.find("a", href=re.compile("^/tariffs/hrb-res-2015$"))


def test_a_bill_number_with_a_slash_has_its_page(officer: TestApp, finding: Finding) -> None:
    page = officer.get(f"/officer/findings/{finding.public_id}").click(re.escape(SLASHED))
    assert SLASHED in page.html.h1.get_text()


def test_everything_is_told_in_english_as_well(
    officer: TestApp, company: CheckedCompany, finding: Finding
) -> None:
    run = company.run().public_id
    officer.get("/language/en?next=/", status=303)
    for path in (
        "/officer/findings",
        f"/officer/findings/{finding.public_id}",
        "/officer/runs",
        f"/officer/runs/{run}",
        "/officer/bills",
        "/officer/bills/harbin-a/B0002",
        f"/officer/findings/{finding.public_id}/dismissal",
    ):
        page = officer.get(path, status=200)
        main = page.html.find("main")
        for told in main.find_all(attrs={"lang": "zh-CN"}):
            told.decompose()
        # Names of places and people stay as they are; the words of the page do not.
        chinese = set(re.findall(r"[\u4e00-\u9fff]+", main.get_text(" ")))
        assert chinese <= {"哈尔滨市", "济南", "松北一里"}, (path, chinese)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("cause=old_price", 1),
        ("cause=duplicate_bill", 0),
        ("city=%E5%93%88%E5%B0%94%E6%BB%A8%E5%B8%82&company=harbin-a", 1),
        ("company=jinan-b", 0),
        ("least=324.80", 1),
        ("least=324.81", 0),
        ("season=2025-26&category=residential&order=under", 1),
        ("state=all", 1),
        ("state=dismissed", 0),
    ],
)
def test_the_queue_is_narrowed_by_what_the_officer_asks(officer: TestApp, query: str, expected: int) -> None:
    page = officer.get(f"/officer/findings?{query}", status=200)
    rows = page.html.select("main tbody tr")
    assert len(rows) == expected
    if not expected:
        assert "没有符合条件的发现" in page


@pytest.mark.parametrize("query", ["least=viel", "least=1e9", "state=nothing", "page=0"])
def test_a_filter_that_means_nothing_is_answered_with_how_to_write_it(officer: TestApp, query: str) -> None:
    officer.get(f"/officer/findings?{query}", status=400)


def test_the_run_shows_its_outcomes_what_is_missing_and_every_digest(
    officer: TestApp, company: CheckedCompany
) -> None:
    page = officer.get(f"/officer/runs/{company.run().public_id}", status=200)
    assert "用户台账中没有该用户" in page
    for digest in (company.run().bills_digest, company.run().accounts_digest, company.run().outcomes_digest):
        assert digest in page


def test_the_run_is_compared_with_the_one_before(
    officer: TestApp, company: CheckedCompany, finding: Finding
) -> None:
    first = company.run()
    company.file_and_check("accounts", SEASON, [account(number) for number in (1, 2, 3, 9)])
    before = officer.get(f"/officer/runs/{first.public_id}", status=200)
    assert "该报送期已有新的核查" in before
    now = officer.get(f"/officer/runs/{company.run().public_id}", status=200)
    assert "由“无法判定”变为“相符”" in now
    assert "用户台账重新报送" in now
    assert "第 2 次核查" in officer.get(f"/officer/findings/{finding.public_id}", status=200)


def test_the_export_is_complete_and_runs_no_formula(
    officer: TestApp, company: CheckedCompany, finding: Finding
) -> None:
    answer = officer.get(f"/officer/findings/{finding.public_id}/bills.csv", status=200)
    assert answer.content_type == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert [row["账单编号"] for row in rows] == ["B0002", SLASHED]
    assert {row["差额（元，正数为多收）"] for row in rows} == {"162.40"}
    whole = officer.get(f"/officer/runs/{company.run().public_id}/outcomes.csv", status=200)
    rows = list(csv.DictReader(io.StringIO(whole.body.decode("utf-8-sig"))))
    assert [row["报送行号"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[3]["缺少什么"] == "用户台账中没有该用户"


def test_the_worksheet_prints_as_pdf(officer: TestApp) -> None:
    page = officer.get("/officer/bills/harbin-a/B0002", status=200)
    answer = page.click("复算单")
    assert answer.content_type == "application/pdf"
    assert answer.body.startswith(b"%PDF-")


def test_an_officer_dismisses_a_finding_with_its_reason_and_opens_it_again(
    officer: TestApp, finding: Finding, company: CheckedCompany
) -> None:
    page = officer.get(f"/officer/findings/{finding.public_id}")
    form = page.click("不予处理").forms["form"]
    form["reason"], form["note"] = "explained", "太短"
    refused = form.submit(status=422)
    form = refused.forms["form"]
    form["note"] = "企业已提供更正后的台账，差额已经查明。"
    page = form.submit(status=303).follow()
    assert "企业说明成立且有据可查" in page
    with begin(company.engine) as session:
        assert session.get_one(Finding, finding.id).state is FindingState.DISMISSED
        (entry,) = session.query(JournalEntry).filter_by(act="finding.dismissed")
        assert entry.actor == "officer"
    again = next(form for form in page.forms.values() if form.action.endswith("/reopening"))
    again.submit(status=303)
    with begin(company.engine) as session:
        assert session.get_one(Finding, finding.id).state is FindingState.OPEN


def test_two_officers_do_not_decide_the_same_page_twice(officer: TestApp, finding: Finding) -> None:
    path = f"/officer/findings/{finding.public_id}/dismissal"
    fields = {"reason": "immaterial", "note": "金额轻微，企业已自行退还。", "version": "1"}
    post(officer, path, fields, status=303)
    post(officer, path, fields, status=409)
    officer.get(path, status=409)


def test_an_officer_asks_for_a_new_check(officer: TestApp, finding: Finding, company: CheckedCompany) -> None:
    page = officer.get(f"/officer/runs/{company.run().public_id}")
    form = next(form for form in page.forms.values() if form.action.endswith("/recheck"))
    form.submit(status=303)
    assert company.check() == 1
    assert len(company.runs()) == 1


def test_a_feature_above_adds_its_action_to_the_finding(
    officer: TestApp, finding: Finding, wsgi: Any
) -> None:
    wsgi.registry.finding_actions.append(
        lambda request, found: [("转交稽查", f"/elsewhere/{found.public_id}", "POST")]
    )
    page = officer.get(f"/officer/findings/{finding.public_id}")
    form = next(form for form in page.forms.values() if form.action == f"/elsewhere/{finding.public_id}")
    assert form["version"].value == "1"
    assert "转交稽查" in page


def test_a_bill_is_found_by_its_number_and_an_account_by_its_bills(officer: TestApp) -> None:
    page = officer.get("/officer/bills?company=harbin-a&number=B0001", status=303).follow()
    assert "一分不差" in page
    page = officer.get("/officer/bills?company=harbin-a&number=A0002", status=200)
    assert "B0002" in page
    page = officer.get("/officer/bills?company=harbin-a&number=nothing", status=200)
    assert "没有找到" in page
    officer.get("/officer/bills/harbin-a/nothing", status=404)
    officer.get("/officer/bills/no-such-company/B0001", status=404)


def test_a_company_sees_its_own_results_without_the_regulators_decisions(
    clerk: TestApp, company: CheckedCompany
) -> None:
    queue = clerk.get("/company/findings", status=200)
    page = queue.click("执行旧价", index=0)
    assert "待处理" not in text_of(page)
    assert "不予处理" not in page
    one = page.click("B0002")
    assert "3,065.60" in one
    assert clerk.get("/company/runs").status_int == 200
    assert clerk.get(f"/company/runs/{company.run().public_id}/outcomes.csv").content_type == "text/csv"


def test_another_company_finds_nothing_of_it(
    app: TestApp, company: CheckedCompany, sign_in: SignIn, finding: Finding
) -> None:
    stranger = sign_in(app, "clerk-b")
    run = company.run().public_id
    assert "还没有核查记录" in stranger.get("/company/findings", status=200)
    for path in (
        f"/company/findings/{finding.public_id}",
        f"/company/findings/{finding.public_id}/bills.csv",
        f"/company/runs/{run}",
        f"/company/runs/{run}/outcomes.csv",
        "/company/bills/B0002",
        f"/company/bills/B0002?run={run}",
        f"/company/worksheets/B0002?run={run}",
    ):
        stranger.get(path, status=404)


def test_each_side_has_its_own_addresses(clerk: TestApp, browser: Any, sign_in: SignIn) -> None:
    clerk.get("/officer/findings", status=403)
    other = sign_in(browser(), "officer")
    other.get("/company/findings", status=403)
