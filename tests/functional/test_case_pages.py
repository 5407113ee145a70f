"""Cases and documents through the pages: finding, case, draft, approval, document, reply, refund, closing."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from visiting import CHEAP, PASSWORD, post
from webtest import TestApp

from supervision.db import begin, read
from supervision.findings import Finding
from supervision.jobs.worker import work
from supervision.journal import SYSTEM, JournalEntry
from supervision.security import Role
from supervision.settings import FixedClock
from supervision.users import Passwords, UserService
from tests.findings.checked_company import OLD_PRICE, CheckedCompany, account, bill

SignIn = Callable[[TestApp, str], TestApp]
Browser = Callable[[], TestApp]
HOSTILE = "<script>alert('x')</script><img src=x onerror=alert(1)>{{ 7*7 }}"


class Portal:
    """One portal with a finding against harbin-a, and a browser for each person."""

    def __init__(
        self, wsgi: Any, engine: Engine, clock: FixedClock, browser: Browser, sign_in: SignIn
    ) -> None:
        self.wsgi, self.engine, self.clock = wsgi, engine, clock
        self._browser, self._sign_in = browser, sign_in
        self._seen: dict[str, TestApp] = {}

    def as_(self, name: str) -> TestApp:
        if name not in self._seen:
            self._seen[name] = self._sign_in(self._browser(), name)
        return self._seen[name]

    def public(self) -> TestApp:
        return self._browser()

    def work(self) -> None:
        """Every job that is due is done."""
        work(
            self.engine, self.wsgi.registry.supervision, threading.Event(), clock=self.clock, until_idle=True
        )

    def entries(self) -> list[str]:
        with read(self.engine) as session:
            return [entry.act for entry in session.query(JournalEntry).order_by(JournalEntry.index)]

    # -- the way through the pages ----------------------------------------------------------------------------

    def finding_path(self) -> str:
        with read(self.engine) as session:
            return f"/officer/findings/{session.query(Finding).one().public_id}"

    def open_case(self) -> str:
        """The path of the new case; its annex is ready."""
        page = self.as_("officer").get(self.finding_path())
        (form,) = [one for one in page.forms.values() if one.action.endswith("/case")]
        path: str = form.submit(status=303).location.partition("localhost")[2].partition("/")[2]
        self.work()
        return "/" + path.partition("80/")[2] if path.startswith("80/") else "/" + path

    def draft(self, path: str, **fields: str) -> Any:
        form = self.as_("officer").get(path).forms["draft"]
        for name, value in fields.items():
            form[name] = value
        return form.submit(status="*")

    def submit(self, path: str) -> Any:
        return self.as_("officer").get(path).forms["submission"].submit(status=303)

    def approve(self, path: str, name: str = "supervising-officer") -> Any:
        return self.as_(name).get(path).forms["approval"].submit(status=303)

    def notified(self, **fields: str) -> str:
        path = self.open_case()
        self.draft(path, **fields)
        self.submit(path)
        self.approve(path)
        self.work()
        return path


@pytest.fixture
def portal(
    wsgi: Any,
    sqlite_engine: Engine,
    clock: FixedClock,
    browser: Browser,
    sign_in: SignIn,
    harbin: CheckedCompany,
) -> Portal:
    harbin.file_and_check("accounts", "2025-26", [account(number) for number in range(1, 5)])
    wrong = [bill(number, price=OLD_PRICE) for number in (1, 2, 3)]
    harbin.file_and_check("bills", "2025-12", [*wrong, bill(4)])
    return Portal(wsgi, sqlite_engine, clock, browser, sign_in)


def document_path(page: Any) -> str:
    found = re.search(r'href="(/documents/[^"/]+)"', page.text)
    assert found, "the page names no document"
    return found[1]


def test_a_finding_becomes_a_case_a_decision_a_notice_a_refund_and_is_closed(portal: Portal) -> None:
    finding = portal.finding_path()
    path = portal.open_case()
    page = portal.as_("officer").get(path)
    page.mustcontain("案〔2025〕1号", "487.20", "起草决定")
    portal.as_("officer").get(finding).mustcontain("案〔2025〕1号")
    portal.as_("officer").get("/officer/cases").mustcontain("案〔2025〕1号", "起草中")

    saved = portal.draft(path, facts="经核查,三户账单按已废止的热价计收。\n多收事实清楚。")
    saved.follow().mustcontain("经核查,三户账单按已废止的热价计收。", "文本摘要")
    portal.submit(path)
    waiting = portal.as_("officer").get(path)
    assert "approval" not in waiting.forms
    waiting.mustcontain("等待主管人员审批")
    portal.as_("clerk-a").get("/company/cases").mustcontain("没有针对本企业的案件")

    portal.approve(path).follow().mustcontain("热监责改〔2025〕1号", "PDF 正在生成")
    portal.work()
    done = portal.as_("officer").get(path)
    address = document_path(done)
    pdf = portal.as_("officer").get(f"{address}/document.pdf")
    assert pdf.content_type == "application/pdf"
    assert pdf.headers["Content-Disposition"].startswith("attachment;")

    company = portal.as_("clerk-a")
    company.get("/company/cases").mustcontain("案〔2025〕1号", "487.20")
    own = company.get(path.replace("/officer/", "/company/"))
    own.mustcontain("三户账单按已废止的热价计收", "尚未回复", no=["supervising-officer"])
    assert company.get(f"{address}/document.pdf").body == pdf.body
    reply = own.forms["reply"]
    reply["text"] = "我公司已更正全部账单,并将退款。"
    replied = reply.submit(status=303).follow()
    report = replied.forms["refund_report"]
    report["amount"], report["text"] = "487.20", "已于 2025-12-20 原路退还三户。"
    report.submit(status=303).follow().mustcontain("待确认")

    confirm = portal.as_("officer").get(path).forms["refund_confirm"]
    confirm["text"] = "已核对银行回单三张。"
    confirm.submit(status=303).follow().mustcontain("已确认")
    close = portal.as_("supervising-officer").get(path).forms["close"]
    close["text"] = "整改到位,予以结案。"
    close.submit(status=303).follow().mustcontain("已结案")
    company.get(path.replace("/officer/", "/company/")).mustcontain("整改到位,予以结案。")
    portal.as_("officer").get(finding).mustcontain("已办结")
    acts = [act for act in portal.entries() if act.split(".")[0] in ("case", "document", "refund", "finding")]
    assert acts == [
        "finding.taken_into_case",
        "case.opened",
        "case.annex_prepared",
        "case.drafted",
        "case.submitted",
        "document.issued",
        "case.approved",
        "document.rendered",
        "case.replied",
        "refund.reported",
        "refund.confirmed",
        "finding.closed",
        "case.closed",
    ]


def test_anybody_can_prove_a_printed_notice_and_nobody_reads_it_there(portal: Portal) -> None:
    path = portal.notified(facts="经核查,三户账单按已废止的热价计收。")
    address = document_path(portal.as_("officer").get(path))
    pdf = portal.as_("officer").get(f"{address}/document.pdf").body
    visitor = portal.public()
    page = visitor.get(address)
    page.mustcontain("热监责改〔2025〕1号", "2025-11-24", hashlib.sha256(pdf).hexdigest()[:32])
    page.mustcontain(no=["三户账单", 'document.pdf"', "487.20"])
    visitor.get(address, {"sha256": hashlib.sha256(pdf).hexdigest().upper()}).mustcontain("逐字节相同")
    visitor.get(address, {"sha256": "0" * 64}).mustcontain("不一致")
    visitor.get(address, {"sha256": "<script>"}).mustcontain("不是 SHA-256", no="<script>alert")
    visitor.get("/documents/nothing-like-it", status=404)
    assert "/sign-in" in visitor.get(f"{address}/document.pdf", status=303).location


def test_another_company_finds_nothing_of_it(portal: Portal) -> None:
    path = portal.notified()
    address = document_path(portal.as_("officer").get(path))
    own_path = path.replace("/officer/", "/company/")
    stranger = portal.as_("clerk-b")
    stranger.get("/company/cases").mustcontain("没有针对本企业的案件", no="案〔2025〕1号")
    for foreign in (own_path, f"{address}/document.pdf", f"{address}/annex.csv"):
        assert "案〔2025〕1号" not in stranger.get(foreign, status=404).text
    assert "案〔2025〕1号" not in stranger.get(path, status=403).text
    public = stranger.get(address)
    assert 'document.pdf"' not in public.text
    for act, fields in (
        ("reply", {"version": "4", "text": "冒名的回复,不应生效。"}),
        ("refund", {"version": "1"}),
    ):
        post(stranger, f"{own_path}/{act}", fields, status=404)
    assert "case.replied" not in portal.entries()


def test_a_company_sees_nothing_before_it_is_notified(portal: Portal) -> None:
    path = portal.open_case()
    portal.draft(path)
    portal.submit(path)
    portal.as_("clerk-a").get(path.replace("/officer/", "/company/"), status=404)


def test_the_author_is_told_to_leave_approval_to_another_and_cannot_take_it(portal: Portal) -> None:
    path = portal.open_case()
    supervisor = portal.as_("supervising-officer")
    supervisor.get(path).forms["draft"].submit(status=303)
    supervisor.get(path).forms["submission"].submit(status=303)
    page = supervisor.get(path)
    assert "approval" not in page.forms
    page.mustcontain("须由另一名主管人员审批")
    digest = portal.as_("supervising-officer-2").get(path).forms["approval"]["text_digest"].value
    version = portal.as_("supervising-officer-2").get(path).forms["approval"]["version"].value
    refused = post(supervisor, f"{path}/approval", {"version": version, "text_digest": digest}, status=409)
    refused.mustcontain("起草、修改或提交过本决定的人不得审批")
    assert "document.issued" not in portal.entries()
    portal.approve(path, "supervising-officer-2")
    assert "document.issued" in portal.entries()


def test_a_second_sign_in_of_the_same_person_cannot_approve(portal: Portal, people: Any) -> None:
    with begin(portal.engine) as session:
        UserService(session, portal.clock, portal.wsgi.registry.supervision, Passwords(CHEAP)).add(
            name="officer-again",
            display_name="又一个账号",
            role=Role.SUPERVISING_OFFICER,
            person_no=people.identity("officer").person_no,
            company_id=None,
            password=PASSWORD,
            by=SYSTEM,
        )
    path = portal.open_case()
    portal.draft(path)
    portal.submit(path)
    again = portal.as_("officer-again")
    assert "approval" not in again.get(path).forms
    form = portal.as_("supervising-officer").get(path).forms["approval"]
    fields = {"version": form["version"].value, "text_digest": form["text_digest"].value}
    post(again, f"{path}/approval", fields, status=409)
    assert "case.approved" not in portal.entries()


def test_a_text_that_changed_after_it_was_shown_answers_409(portal: Portal) -> None:
    path = portal.open_case()
    portal.draft(path)
    portal.submit(path)
    supervisor = portal.as_("supervising-officer")
    stale = supervisor.get(path).forms["approval"]
    back = supervisor.get(path).forms["send_back"]
    back["text"] = "请补充事实部分。"
    back.submit(status=303).follow().mustcontain("请补充事实部分。", "已退回")
    portal.draft(path, facts="改写后的事实,与先前所示不同。")
    portal.submit(path)
    stale.submit(status=409).mustcontain("状态已变化")
    fresh = supervisor.get(path).forms["approval"]
    fields = {"version": fresh["version"].value, "text_digest": stale["text_digest"].value}
    post(supervisor, f"{path}/approval", fields, status=409).mustcontain("已被修改")
    post(supervisor, f"{path}/approval", {"version": "x", "text_digest": ""}, status=409)
    assert "document.issued" not in portal.entries()


def test_hostile_text_stays_text_on_every_page(portal: Portal) -> None:
    path = portal.notified(facts=f"{HOSTILE} 事实", demand=HOSTILE, summary_en=HOSTILE)
    own = portal.as_("clerk-a").get(path.replace("/officer/", "/company/"))
    reply = own.forms["reply"]
    reply["text"] = f"{HOSTILE} 回复"
    reply.submit(status=303)
    for page in (
        portal.as_("officer").get(path),
        portal.as_("clerk-a").get(path.replace("/officer/", "/company/")),
    ):
        page.mustcontain("&lt;script&gt;alert(", "{{ 7*7 }}", no=["<script>alert", "<img src=x"])


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("facts", "隐藏\u202e字符的事实陈述内容", "U+202E"),
        ("facts", "短", "短于最小长度 10"),
        ("facts", "甲" * 2001, "每段不超过"),
        ("refund_total", "1e9", "请填写金额"),
        ("refund_total", "NaN", "请填写金额"),
        ("refund_total", "１２", "请填写金额"),
        ("refund_total", "99999.00", "不得超过证据所示"),
        ("refund_due_on", "2025-02-30", "请填写日期"),
        ("refund_due_on", "20251224", "请填写日期"),
        ("refund_due_on", "2025-11-24", "已到或已过"),
        ("demand", "", "请写明对企业的要求"),
    ],
)
def test_a_draft_that_cannot_stand_is_told_at_its_field(
    portal: Portal, field: str, value: str, told: str
) -> None:
    path = portal.open_case()
    answer = portal.draft(path, **{field: value})
    assert answer.status_int == 422
    answer.mustcontain(told)
    assert "case.drafted" not in portal.entries()


def test_a_draft_needs_a_provision_that_binds_in_the_province(portal: Portal) -> None:
    path = portal.open_case()
    officer = portal.as_("officer")
    page = officer.get(path)
    page.mustcontain("《价格法》第四十一条", no="山东省供热条例")
    form = page.forms["draft"]
    for box in form.fields["checkbox"]:
        box.checked = False
    answer = form.submit(status=422)
    assert answer.status_int == 422
    answer.mustcontain("请至少选择一条依据")


def test_pages_speak_english_to_who_asks_for_it(portal: Portal) -> None:
    path = portal.notified()
    address = document_path(portal.as_("officer").get(path))
    supervisor, company = portal.as_("supervising-officer"), portal.as_("clerk-a")
    for app, page in (
        (supervisor, "/officer/cases"),
        (supervisor, path),
        (company, "/company/cases"),
        (company, path.replace("/officer/", "/company/")),
        (portal.public(), address),
    ):
        app.get(page)  # what was told in Chinese meanwhile has been read
        app.set_cookie("language", "en")
        text = app.get(page).text
        assert 'lang="en"' in text
        shown = re.sub(r'<(a|section|span)[^>]* lang="zh-CN".*?</\1>', "", text, flags=re.S)
        shown = re.sub(r"<(option|title)[^>]*>.*?</\1>|<[^>]+>", " ", shown, flags=re.S)
        left = set(re.findall(r"[\u4e00-\u9fff]{2,}", shown)) - NAMES
        assert not left, f"{page} still says {sorted(left)}"


# Chinese that stays Chinese on an English page: numbers of cases and documents, names of people, the recomputation.
NAMES = {"热监责改", "测试人员", "面积热费", "哈尔滨市", "用户编号"}
