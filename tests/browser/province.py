"""A province in the middle of its work, for the browser: the demonstration, and on top of it one of everything that
people do, done through the pages."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import subprocess
import sys
import threading
from base64 import b64encode
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from charges_entered import enter_charges
from sqlalchemy import delete, select
from webtest import TestApp, Upload

import supervision
from ingest.standard import feed as feed_of
from supervision.companies.models import Company
from supervision.db import begin, make_engine
from supervision.demonstration.people import PASSWORD
from supervision.findings import CheckRun
from supervision.jobs.models import Job, JobState
from supervision.jobs.worker import work
from supervision.settings import Settings

__all__ = ["PASSWORD", "Landmarks", "make_ready"]

ACCOUNTS = 600
TARIFF = {
    "id": "hrb-res-next",
    "issuer": "哈尔滨市发展和改革委员会",
    "document": "关于居民供热价格的通知（拟）",
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
COMPANY, CODED_FILE = "bj-jn", "bills-2025-11.csv"  # the company that files in the codes of the standard
FILE = "landmarks.json"


@dataclass(frozen=True)
class Landmarks:
    """What a visitor who wants to see everything must know."""

    complaint_no: str
    tracking_code: str
    notified_case: str
    drafted_case: str
    rejected_filing: str
    ready_filing: str
    signed_filing: str
    document: str
    receipt: str
    submitted_tariff: str
    run_as_of: str
    unlikely_filing: str
    judged_anew_filing: str
    drafted_profile: str
    signed_profile: str

    @classmethod
    def read(cls, data: Path) -> Landmarks:
        return cls(**json.loads((data / FILE).read_text(encoding="utf-8")))


def make_ready(data: Path) -> None:
    """``data`` holds the demonstration; one case is notified and answered, one is being drafted; one filing is
    rejected, one waits for its signature with a difference, one for its explanations; one complaint waits for its
    company; one tariff and one charge wait for their approval, and each officer is entering one."""
    subprocess.run(
        [sys.executable, "-m", "supervision.cli", "--data", str(data), "demo", "--accounts", str(ACCOUNTS)],
        check=True,
        capture_output=True,
    )
    put_to_work(data)


def put_to_work(data: Path) -> None:
    """What people do stands on top of the demonstration in ``data``, and the landmarks beside it."""
    portal = _Portal(data)
    case, drafted = portal.open_case(), portal.open_case()
    portal.work()
    for path in (case, drafted):
        portal.submit("officer", path, "draft")
    portal.submit("officer", case, "submission")
    portal.submit("supervisor", case, "approval")
    portal.work()
    to_company = case.replace("/officer/", "/company/")
    portal.submit(f"{COMPANY}-clerk", to_company, "reply", text="我公司已逐户更正，并将退款。")
    good = (data / "demonstration" / "companies" / COMPANY / CODED_FILE).read_bytes()
    rejected = portal.file(with_an_impossible_amount(good))
    ready = portal.file(with_one_bill_fewer(good))
    early = with_values(good, "service_from", "2025-08-30", "2025-08-31")
    unlikely = portal.file(with_values(early, "storey_height_m", "", "", "45.00"))
    judged_anew = portal.file(with_values(good, "total", "1.00"))
    portal.work()
    portal.explain_with_a_proof(unlikely, "QUA04")
    portal.explain_first(unlikely)
    portal.withdraw_rule("BIL01")
    portal.propose_withdrawal("BIL02")
    signed_profile = portal.sign_profile(portal.draft_profile(in_own_words(good)))
    portal.work()
    portal.file_and_sign(a_network_day("2026-11-16"), "network_days", "2026-11-16")
    portal.work()
    number, code = portal.complain()
    portal.make_a_token()
    portal.begin_an_upload()
    tariff = portal.submit("officer", portal.enter_tariff("officer"), "submit", reason="与通知逐条核对。")
    for name in ("officer", "supervisor"):
        portal.enter_tariff(name)
    enter_charges(portal)
    portal.work()
    signed, receipt = portal.a_signed_filing()
    marks = Landmarks(
        complaint_no=number,
        tracking_code=code,
        notified_case=case,
        drafted_case=drafted,
        rejected_filing=rejected,
        ready_filing=ready,
        signed_filing=signed,
        document=portal.document_of(case),
        receipt=receipt,
        submitted_tariff=_path(tariff),
        run_as_of=portal.a_run_as_of(),
        unlikely_filing=unlikely,
        judged_anew_filing=judged_anew,
        drafted_profile=portal.draft_profile(in_own_words(good, "营业员")),
        signed_profile=signed_profile,
    )
    (data / FILE).write_text(json.dumps(asdict(marks)), encoding="utf-8")
    portal.close()


def with_an_impossible_amount(bills: bytes) -> bytes:
    """The file with a total that is no number, in its third data row."""
    lines = bills.decode("utf-8").split("\n")
    place = lines[0].split(",").index("total")
    cells = lines[3].split(",")
    cells[place] = "many"
    return "\n".join([*lines[:3], ",".join(cells), *lines[4:]]).encode("utf-8")


def with_one_bill_fewer(bills: bytes) -> bytes:
    """The file without its last bill, which the company takes back, and with a day written as people write it."""
    lines = bills.decode("utf-8").rstrip("\n").split("\n")
    place = lines[0].split(",").index("issued_on")
    cells = lines[1].split(",")
    cells[place] = cells[place].replace("-", "/")
    return "\n".join([lines[0], ",".join(cells), *lines[2:-1], ""]).encode("utf-8")


def a_network_day(day: str) -> bytes:
    """The daily report of one network."""
    row = {**feed_of("network_days").sample[0], "date": day, "network_code": "BJN-1"}
    return "\n".join([",".join(row), ",".join(row.values()), ""]).encode("utf-8")


def with_values(bills: bytes, column: str, *values: str) -> bytes:
    """The file with these values in the first rows of a column."""
    lines = bills.decode("utf-8").split("\n")
    place = lines[0].split(",").index(column)
    for number, value in enumerate(values, start=1):
        cells = lines[number].split(",")
        cells[place] = value
        lines[number] = ",".join(cells)
    return "\n".join(lines).encode("utf-8")


def in_own_words(bills: bytes, *more: str) -> bytes:
    """The file as the company's own system writes it: other names for some columns, other words for the codes; ``more`` are
    columns that the standard does not have."""
    names = {"bill_no": "单据号", "account_no": "户号", "total": "应收（元）", "category": "用户类型"}
    words = {"residential": "民用", "non_residential": "公建"}
    head, *rows = csv.reader(io.StringIO(bills.decode("utf-8"), newline=""))
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow([*(names.get(code, code) for code in head), *more])
    writer.writerows([*(words.get(cell, cell) for cell in row), *("甲" for _ in more)] for row in rows)
    return text.getvalue().encode("gb18030")


class _Portal:
    """The application in this process, for one visitor after the other."""

    def __init__(self, data: Path) -> None:
        self._settings = Settings.from_mapping({"supervision.data": str(data)})
        self._engine = make_engine(self._settings.database_url)
        self._wsgi = supervision.main({}, **{"supervision.data": str(data)})
        self._browsers: dict[str, TestApp] = {}
        self._entered = 1
        with begin(self._engine) as session:
            # A receipt takes a second of processor. Three of the demonstration's hundred are enough to look at.
            waiting = (Job.name == "render_receipt", Job.state == JobState.QUEUED)
            kept = session.scalars(select(Job.id).where(*waiting).order_by(Job.number.desc()).limit(3)).all()
            session.execute(delete(Job).where(*waiting, Job.id.not_in(kept)))

    def as_(self, name: str) -> TestApp:
        if name not in self._browsers:
            browser = TestApp(self._wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.10"})
            form = browser.get("/sign-in").forms["form"]
            form["name"], form["password"] = name, PASSWORD
            form.submit(status=303)
            self._browsers[name] = browser
        return self._browsers[name]

    def work(self) -> None:
        """Every job that is due is done."""
        work(self._engine, self._settings, threading.Event(), until_idle=True)

    def submit(self, name: str, path: str, form: str, **fields: str) -> Any:
        filled = self.as_(name).get(path).forms[form]
        for field, value in fields.items():
            filled[field] = value
        return filled.submit(status=303)

    def open_case(self) -> str:
        """A case on the company's most harmful finding that waits for one; its path."""
        first = (
            self.as_("officer")
            .get(f"/officer/findings?company={COMPANY}")
            .html.select_one("main table tbody th a")
        )
        page = self.as_("officer").get(first["href"])
        (form,) = [one for one in page.forms.values() if one.action.endswith("/case")]
        return _path(form.submit(status=303))

    def document_of(self, case: str) -> str:
        """The page that proves the notice of this case."""
        path: str = self.as_("officer").get(case).html.select_one('a[href^="/documents/"]')["href"]
        return path

    def a_signed_filing(self) -> tuple[str, str]:
        """A filing in force of the company, and the page that proves its receipt."""
        filings = self.as_("officer").get(f"/officer/filings?state=signed&company={COMPANY}")
        path = filings.html.select_one("main table tbody th a")["href"]
        receipt = self.as_("officer").get(path).html.select_one("#verdict a").get_text(strip=True)
        return path.replace("/officer/", "/company/"), f"/verify/{receipt}"

    def a_run_as_of(self) -> str:
        """A check of the company's bills on the prices of long ago, which differs in every bill."""
        with begin(self._engine) as session:
            query = select(CheckRun).join(Company).where(Company.code == COMPANY, CheckRun.is_current)
            run = session.scalars(query.order_by(CheckRun.period)).first()
            assert run is not None
            path, number = f"/officer/runs/{run.public_id}", run.id
        forms = self.as_("officer").get(path).forms.values()
        form = next(one for one in forms if one.action.endswith("/as-of"))
        form["law"] = "2000-01-01"
        form.submit(status=303)
        self.work()
        with begin(self._engine) as session:
            query = select(CheckRun).where(CheckRun.previous_run_id == number, CheckRun.asked_by.is_not(None))
            return f"/officer/runs/{session.scalars(query).one().public_id}"

    def file(self, content: bytes, feed: str = "bills", period: str = CODED_FILE[6:13]) -> str:
        form = self.as_(f"{COMPANY}-clerk").get("/company/filings/upload").forms["upload"]
        form["feed"], form["period"] = feed, period
        form["file"] = Upload(f"{feed}-{period}.csv", content)
        return _path(form.submit(status=303))

    def file_and_sign(self, content: bytes, feed: str, period: str) -> None:
        path = self.file(content, feed, period)
        self.work()
        page = self.as_(f"{COMPANY}-signer").get(path)
        (form,) = [one for one in page.forms.values() if one.action.endswith("/signature")]
        form["confirmed"] = True
        form.submit(status=303)

    def explain_first(self, path: str) -> None:
        """The first point of a filing is explained, the others wait."""
        page = self.as_(f"{COMPANY}-clerk").get(f"{path}/edits?class=quality")
        form = page.forms["explain-hits"]
        form["code-1"], form["note-1"] = "agreed", "该户经协议提前供热，另附协议备查。"
        form.submit(status=303)

    def explain_with_a_proof(self, path: str, edit_id: str) -> None:
        """One edit is explained, and what proves it attached."""
        form = self.as_(f"{COMPANY}-clerk").get(path).forms["explain-edits"]
        form[f"code-{edit_id}"], form[f"note-{edit_id}"] = (
            "true_as_filed",
            "该处为体育馆，层高四十五米，附平面图。",
        )
        form[f"file-{edit_id}"] = Upload("平面图.pdf", b"%PDF-1.4\nthe plan\n%%EOF\n")
        form.submit(status=303)

    def draft_profile(self, sample: bytes) -> str:
        """A version of the company's mapping profile, suggested from this file; its path."""
        form = self.as_(f"{COMPANY}-clerk").get("/company/profiles/sample").forms["sample"]
        form["feed"], form["period"] = "bills", CODED_FILE[6:13]
        form["file"] = Upload("导出账单.csv", sample)
        return _path(form.submit(status=303))

    def sign_profile(self, path: str) -> str:
        """It is in force, and the company's latest bills are read again by it."""
        forms = self.as_(f"{COMPANY}-signer").get(path).forms.values()
        form = next(one for one in forms if one.action.endswith("/signature"))
        form["confirmed"] = True
        form.submit(status=303)
        self.work()
        return path

    def propose_withdrawal(self, edit_id: str) -> None:
        form = self.as_("officer").get(f"/officer/rules/{edit_id}/withdrawal").forms["form"]
        form["reason"] = "合计允许含已公示的尾差，本规则误把正确的账单退回。"
        form.submit(status=303)

    def withdraw_rule(self, edit_id: str) -> None:
        """Proposed by one and approved by another; what it touched waits to be judged anew."""
        self.propose_withdrawal(edit_id)
        form = self.as_("supervisor").get(f"/officer/rules/{edit_id}/decision").forms["form"]
        form["remark"], form["decision"] = "经核对属实，同意撤销并重新审核。", "approve"
        form.submit(status=303)

    def enter_tariff(self, name: str) -> str:
        """A new version of Harbin's price, with its notice; its path."""
        form = self.as_(name).get("/officer/tariffs/new?base=hrb-res-2015").forms["form"]
        for field, value in TARIFF.items():
            form[field] = value
        form["id"] = f"{TARIFF['id']}-{self._entered}"
        self._entered += 1
        page = form.submit(status=303).follow()
        notice = next(one for one in page.forms.values() if "notice" in one.fields)
        notice["notice"] = Upload("通知.pdf", b"%PDF-1.4\nthe notice\n%%EOF\n")
        return _path(notice.submit(status=303))

    def complain(self) -> tuple[str, str]:
        browser = TestApp(self._wsgi, extra_environ={"REMOTE_ADDR": "192.0.2.11"})
        form = browser.get("/complain").forms["form"]
        form["company"], form["topic"] = COMPANY, "low_temperature"
        form["place"], form["text"] = "云光苑 3 号楼 2 单元", "卧室只有十五度，请派人来测温并调试。"
        page = form.submit(status=303).follow()
        number, code = (one.get_text(strip=True) for one in page.html.select(".figure-value")[:2])
        return number, code

    def make_a_token(self) -> None:
        """The company's billing system may file."""
        form = self.as_(f"{COMPANY}-signer").get("/company/tokens").forms["form"]
        form["name"] = "billing-system"
        form["expires_on"] = f"{dt.date.today() + dt.timedelta(days=390)}"
        for place in range(2):
            form.set("checkbox", True, index=place)
        form.submit(status=200)

    def begin_an_upload(self) -> None:
        """Half of a file has come."""
        browser = self.as_(f"{COMPANY}-clerk")
        token = browser.get("/company/filings/upload").forms["upload"]["csrf_token"].value
        shown = {"Tus-Resumable": "1.0.0", "X-CSRF-Token": token}
        said = {"feed": "bills", "period": CODED_FILE[6:13], "filename": "十一月账单.csv", "sha256": "0" * 64}
        pairs = ",".join(f"{name} {b64encode(value.encode()).decode()}" for name, value in said.items())
        begun = browser.post(
            "/company/uploads", b"", headers={**shown, "Upload-Length": "2000000", "Upload-Metadata": pairs}
        )
        browser.patch(
            begun.headers["Location"],
            b"0" * 1_000_000,
            headers={**shown, "Upload-Offset": "0"},
            content_type="application/offset+octet-stream",
        )

    def close(self) -> None:
        self._engine.dispose()


def _path(answer: Any) -> str:
    return urlsplit(answer.location).path
