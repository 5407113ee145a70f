"""The pages of filings in the real application: from upload to receipt, verification, and who may see what of it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable

from filing_visits import GOOD, UPLOAD, SignIn, put, sign, the_form
from visiting import post
from webtest import TestApp, Upload

from tests.filings.filing_desk import SEASON, account, bill, csv_bytes


def test_a_company_goes_from_upload_to_receipt_with_a_plain_browser(
    clerk: TestApp, signatory: TestApp, worker: Callable[[], int]
) -> None:
    assert "还没有报送" in clerk.get("/company/filings").text
    form = the_form(clerk.get(UPLOAD), UPLOAD)
    form["feed"], form["period"] = "bills", "2025-12"
    form["file"] = Upload("十二月.csv", GOOD, "text/csv")
    page = form.submit().follow()
    path = page.request.path
    assert "排队等待审核" in page.text
    worker()
    page = clerk.get(path)
    assert "待签署" in page.text
    assert "由本企业签署人签署" in page.text
    assert not [form for form in page.forms.values() if form.action.endswith("/signature")]
    page = sign(signatory, path)
    assert "已签署（现行）" in page.text
    receipt = page.click(href="/receipt$")
    assert hashlib.sha256(GOOD).hexdigest() in receipt.text
    assert "回执文件正在生成" in receipt.text
    worker()
    pdf = clerk.get(f"{path}/receipt").click(href="receipt.pdf")
    assert pdf.body.startswith(b"%PDF-")
    assert pdf.content_type == "application/pdf"
    assert clerk.get(f"{path}/receipt.pdf").body == pdf.body
    assert "第 1 次" in clerk.get("/company/filings").text


def test_a_rejected_filing_shows_each_edit_with_its_rows_and_how_to_mend_it(
    clerk: TestApp, worker: Callable[[], int]
) -> None:
    rows = [bill(number, category="palace") for number in range(1, 121)]
    rows[0]["total"] = "1.00"
    path = put(clerk, csv_bytes("bills", rows)).json["location"]
    worker()
    page = clerk.get(path)
    assert "退回修改" in page.text
    assert "上传改正后的文件" in page.text
    rows_page = page.click(description="V08")
    assert rows_page.text.count("palace") == 50
    assert "120" in rows_page.text
    last = clerk.get(f"{path}/edits?edit=V08&page=3")
    assert last.text.count("palace") == 20
    assert clerk.get(f"{path}/edits?edit=BIL01").text.count("<code>BIL01</code>") == 1
    assert "没有符合条件的提示" in clerk.get(f"{path}/edits?edit=NONE").text
    clerk.get(f"{path}/edits?class=none", status=400)
    report = clerk.get(f"{path}/report.csv")
    assert report.headers["Content-Disposition"].startswith("attachment; ")
    listed = list(csv.DictReader(io.StringIO(report.body.decode("utf-8-sig"))))
    assert sum(row["edit_id"] == "V08" for row in listed) == 120
    verdict = clerk.get(f"{path}/verdict.json").json
    assert (verdict["state"], verdict["is_filed"], verdict["counts"]) == ("rejected", False, False)
    assert {edit["id"]: edit["count"] for edit in verdict["edits"]} == {"V08": 120, "BIL01": 1}


def test_what_was_read_otherwise_is_told_by_rule_and_handed_out_whole(
    clerk: TestApp, worker: Callable[[], int]
) -> None:
    rows = [bill(number, issued_on="2025.12.5") for number in range(1, 61)]
    path = put(clerk, csv_bytes("bills", rows)).json["location"]
    worker()
    page = clerk.get(path).click(href="/coercions$")
    assert "日期的其他写法" in page.text
    assert page.text.count("2025.12.5") == 50
    whole = page.click(href="/coercions.csv$")
    listed = list(csv.DictReader(io.StringIO(whole.body.decode("utf-8-sig"))))
    assert {(one["before"], one["after"]) for one in listed} == {("2025.12.5", "2025-12-05")}
    assert len(listed) == 60
    verdict = clerk.get(f"{path}/verdict.json").json
    assert verdict["coercions"] == 60
    assert {"no_roster"} <= {cause for one in verdict["not_evaluated"] for cause in one["because"]}


def test_the_difference_to_the_filing_in_force_is_shown_and_must_be_acknowledged(
    clerk: TestApp, signatory: TestApp, worker: Callable[[], int]
) -> None:
    first = put(clerk, GOOD).json["location"]
    worker()
    sign(signatory, first)
    second = put(clerk, csv_bytes("bills", [bill(2), bill(3)])).json["location"]
    worker()
    page = signatory.get(second)
    assert "与现行报送（第 1 次）的差异" in page.text
    rows = page.click(description="逐行查看差异")
    assert ("B000001" in rows.text, "B000003" in rows.text, "B000002" in rows.text) == (True, True, False)
    removed = clerk.get(f"{second}/difference?part=removed").text
    assert ("B000001" in removed, "B000003" in removed) == (True, False)
    clerk.get(f"{second}/difference?part=weather", status=404)
    whole = rows.click(href="/difference.csv$").body.decode("utf-8-sig")
    assert [(one["change"], one["key"], one["delta"]) for one in csv.DictReader(io.StringIO(whole))] == [
        ("removed", "B000001", "-2148.00"),
        ("added", "B000003", "2148.00"),
    ]
    form = the_form(page, "/signature")
    form["confirmed"] = True
    assert "F03" in form.submit(status=409).text
    assert "现行" in clerk.get(first).text
    assert "已签署（现行）" in sign(signatory, second).text
    assert "与第 1 次报送的差异" in clerk.get(second).text
    assert "已被取代" in clerk.get(first).text
    assert "已被后一次报送取代" in clerk.get(f"{first}/receipt").text


def test_a_signature_without_the_confirmation_is_refused(
    clerk: TestApp, signatory: TestApp, worker: Callable[[], int]
) -> None:
    path = put(clerk, GOOD).json["location"]
    worker()
    assert "F05" in the_form(signatory.get(path), "/signature").submit(status=422).text


def test_a_clerk_cannot_sign(clerk: TestApp, worker: Callable[[], int]) -> None:
    path = put(clerk, GOOD).json["location"]
    worker()
    post(clerk, f"{path}/signature", {"version": "3", "confirmed": "yes"}, status=403)


def test_a_page_seen_before_somebody_else_acted_signs_nothing(
    clerk: TestApp, signatory: TestApp, worker: Callable[[], int]
) -> None:
    path = put(clerk, GOOD).json["location"]
    worker()
    form = the_form(signatory.get(path), "/signature")
    the_form(clerk.get(path), "/withdrawal").submit()
    form["confirmed"] = True
    form.submit(status=409)
    assert "已撤回" in clerk.get(path).text


def test_progress_is_a_fragment_that_ends_when_there_is_something_to_see(
    clerk: TestApp, worker: Callable[[], int]
) -> None:
    path = put(clerk, GOOD).json["location"]
    fragment = clerk.get(f"{path}/progress", headers={"HX-Request": "true"})
    assert "排队等待审核" in fragment.text
    assert "前面没有其他报送" in fragment.text
    assert "预计" not in fragment.text  # nothing was judged yet that an estimate could rest on
    assert "<html" not in fragment.text
    assert "HX-Refresh" not in fragment.headers
    worker()
    assert clerk.get(f"{path}/progress", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"


def test_the_original_is_handed_back_byte_for_byte_and_never_shown_in_place(clerk: TestApp) -> None:
    hostile = b"<!doctype html><script>alert(1)</script>"
    path = put(clerk, hostile, filename='a"; x=.html').json["location"]
    answer = clerk.get(f"{path}/original")
    assert answer.body == hostile
    assert answer.content_type == "application/octet-stream"
    disposition = answer.headers["Content-Disposition"]
    assert disposition == "attachment; filename=\"a___x_.html\"; filename*=UTF-8''a%22%3B%20x%3D.html"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


PARTS = (
    "",
    "/progress",
    "/verdict.json",
    "/edits",
    "/coercions",
    "/coercions.csv",
    "/difference",
    "/difference.csv",
    "/report.csv",
    "/original",
    "/receipt",
    "/receipt.pdf",
    "/receipt.json",
)


def test_another_companys_filing_is_answered_exactly_as_one_that_never_was(
    clerk: TestApp,
    signatory: TestApp,
    browser: Callable[[], TestApp],
    sign_in: SignIn,
    worker: Callable[[], int],
) -> None:
    first = put(clerk, GOOD).json["location"]
    worker()
    sign(signatory, first)
    second = put(clerk, csv_bytes("bills", [bill(3)])).json["location"]
    worker()
    stranger = sign_in(browser(), "signatory-b")
    assert "还没有报送" in stranger.get("/company/filings").text
    for path in (first, second):
        for part in PARTS:
            theirs = stranger.get(path + part, status=404)
            never = stranger.get(f"/company/filings/{'A' * 16}{part}", status=404)
            public_id = path.rsplit("/", 1)[1]
            assert theirs.text.replace(public_id, "A" * 16) == never.text
        for act in ("signature", "explanations/edits", "withdrawal"):
            post(stranger, f"{path}/{act}", {"version": "3", "confirmed": "yes"}, status=404)
    assert "B000003" not in stranger.get("/company/filings").text
    own = put(stranger, GOOD)
    assert own.json["location"] not in (first, second)


def test_officers_see_every_companys_filings_and_change_none(
    clerk: TestApp, browser: Callable[[], TestApp], sign_in: SignIn, worker: Callable[[], int]
) -> None:
    path = put(clerk, GOOD).json["location"]
    put(clerk, csv_bytes("accounts", [account(1)]), feed="accounts", period=SEASON)
    put(sign_in(browser(), "clerk-b"), GOOD)
    worker()
    officer = sign_in(browser(), "officer")
    page = officer.get("/officer/filings")
    assert ("哈尔滨甲" in page.text, "济南乙" in page.text, "共 3 次报送" in page.text) == (True, True, True)
    for query, count in (
        ("company=harbin-a", 2),
        ("company=harbin-a&feed=accounts", 1),
        ("period=2025-12", 2),
        ("state=ready", 3),
        ("state=signed", 0),
        ("company=nobody", 0),
    ):
        found = officer.get(f"/officer/filings?{query}").text
        assert f"共 {count} 次报送" in found if count else "没有符合条件的报送" in found
    own = path.replace("/company/", "/officer/")
    page = officer.get(own)
    assert [form.action for form in page.forms.values() if "/filings/" in form.action] == []
    officer.get(f"{own}/original", status=200)
    officer.get(path, status=403)
    clerk.get(own, status=403)
    clerk.get("/officer/filings", status=403)
    post(officer, f"{path}/withdrawal", {"version": "3"}, status=403)


def test_every_page_speaks_english_too(
    clerk: TestApp,
    signatory: TestApp,
    browser: Callable[[], TestApp],
    sign_in: SignIn,
    worker: Callable[[], int],
) -> None:
    first = put(clerk, csv_bytes("bills", [bill(1, storey_height_m="45.00"), bill(2)])).json["location"]
    worker()
    form = the_form(signatory.get(first), "/explanations/edits")
    form["code-QUA04"], form["note-QUA04"] = "true_as_filed", "It is a sports hall, 45 m high."
    form.submit()
    sign(signatory, first)
    worker()
    put(clerk, csv_bytes("bills", [bill(2), bill(3)]))
    worker()
    second = put(clerk, csv_bytes("bills", [bill(2), bill(3)]), status=200).json["location"]
    number = clerk.get(f"{first}/verdict.json").json["receipt_no"]
    for app in (clerk, signatory):
        app.get("/language/en")
    for path, said in (
        ("/company/filings", "Signed, in force"),
        (UPLOAD, "Upload a file"),
        (first, "It is filed, in force and counts."),
        (second, "Difference to the filing in force (no. 1)"),
        (f"{first}/edits", "What is wrong and how to mend it"),
        (f"{first}/edits?by=row", "Rows with edits: 1"),
        (f"{first}/explanations", "Explained here"),
        (f"{second}/difference", "Removed rows first"),
        (f"{first}/coercions", "Values read otherwise"),
        (f"{first}/receipt", "Download the receipt (PDF)"),
        (f"/verify/{number}", "Verify a receipt"),
        ("/verify", "Verify a receipt or a file"),
    ):
        assert said in signatory.get(path).text, path
    officer = sign_in(browser(), "officer")
    officer.get("/language/en")
    assert "Company filings" in officer.get("/officer/filings").text
