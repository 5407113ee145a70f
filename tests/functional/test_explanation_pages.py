"""A clerk explains on the pages: for an edit, for single points, or by handing the report back; officers read it."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import openpyxl
import pytest
from filing_visits import put, sign, the_form
from visiting import csrf_token
from webtest import TestApp, Upload

from ingest.edits.report import HEADER
from tests.filings.filing_desk import bill, csv_bytes

HALL = "该户为体育馆，层高四十五米，属实。"
PLAN = b"%PDF-1.7\nthe plan of the hall\n%%EOF\n"
TWO = csv_bytes("bills", [bill(1, storey_height_m="45.00"), bill(2, storey_height_m="46.00"), bill(3)])


@pytest.fixture
def waiting(clerk: TestApp, worker: Callable[[], int]) -> str:
    """The page of a filing with two points to explain."""
    path: str = put(clerk, TWO).json["location"]
    worker()
    return path


def hand_back(clerk: TestApp, path: str, name: str, content: bytes, status: int = 303) -> TestApp:
    form = the_form(clerk.get(path), "/explanations/report")
    form["report"] = Upload(name, content)
    return form.submit(status=status)


def filled(report: bytes, *notes: str, code: str = "true_as_filed") -> bytes:
    lines = list(csv.DictReader(io.StringIO(report.decode("utf-8-sig"))))
    for line, note in zip(lines, notes, strict=False):
        line.update(explanation_code=code, note=note)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, HEADER)
    writer.writeheader()
    writer.writerows(lines)
    return text.getvalue().encode()


def test_a_clerk_explains_an_edit_on_the_page_and_the_signatory_signs(
    clerk: TestApp, signatory: TestApp, waiting: str
) -> None:
    form = the_form(clerk.get(waiting), "/explanations/edits")
    form["code-QUA04"], form["note-QUA04"] = "true_as_filed", "短"
    refused = form.submit(status=422)
    assert ("说明没有保存" in refused.text, "现有 1 个" in refused.text, ">短</textarea>" in refused.text) == (
        True, True, True,
    )  # fmt: skip
    form["note-QUA04"] = HALL
    page = form.submit().follow()
    assert "新说明 2" in page.text
    assert HALL in clerk.get(f"{waiting}/explanations").text
    assert "已签署（现行）" in sign(signatory, waiting).text


def test_a_file_that_proves_it_is_attached_and_read_by_officers_and_its_company_alone(
    clerk: TestApp, waiting: str, browser: Callable[[], TestApp], sign_in: Callable[[TestApp, str], TestApp]
) -> None:
    officer, other = sign_in(browser(), "officer"), sign_in(browser(), "clerk-b")
    form = the_form(clerk.get(waiting), "/explanations/edits")
    form["code-QUA04"], form["note-QUA04"] = "true_as_filed", HALL
    form["file-QUA04"] = Upload("平面图.pdf", b"<html><script>alert(1)</script>")
    refused = form.submit(status=422)
    assert ("只接受 PDF、PNG 或 JPEG" in refused.text, f">{HALL}</textarea>" in refused.text) == (True, True)
    form["file-QUA04"] = Upload("平面图.pdf", PLAN)
    form.submit(status=303)
    seen = waiting.replace("/company/", "/officer/")
    for visitor, path in ((clerk, waiting), (officer, seen)):
        saved = visitor.get(f"{path}/explanations").click(description="平面图.pdf")
        assert (saved.body, saved.content_type) == (PLAN, "application/pdf")
        assert saved.headers["Content-Disposition"].startswith("attachment;")
        assert saved.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert saved.headers["X-Content-Type-Options"] == "nosniff"
        proof = visitor.get(f"{path}/edits?edit=QUA04").html.select("main td a[href$='/attachment']")
        assert [visitor.get(one["href"]).body for one in proof] == [PLAN, PLAN]
    number = saved.request.path.split("/")[-2]
    other.get(f"{waiting}/explanations/{number}/attachment", status=404)
    other.get(f"{seen}/explanations/{number}/attachment", status=403)
    for wrong in ("0", "999999999"):
        clerk.get(f"{waiting}/explanations/{wrong}/attachment", status=404)


def test_single_points_are_explained_beside_their_values(clerk: TestApp, waiting: str) -> None:
    page = clerk.get(f"{waiting}/edits?edit=QUA04")
    form = the_form(page, "/explanations/hits?edit=QUA04")
    form["code-1"], form["note-1"] = "true_as_filed", HALL
    form["code-2"], form["note-2"] = "other", "短"
    refused = form.submit(status=422)
    assert f'value="{HALL}"' in refused.text
    form["note-2"] = ""
    form["code-2"] = ""
    page = form.submit().follow()
    assert ("新说明 1" in page.text, "未说明 1" in page.text) == (True, True)


def test_the_report_is_downloaded_filled_in_and_handed_back(
    clerk: TestApp,
    waiting: str,
    browser: Callable[[], TestApp],
    sign_in: Callable[[TestApp, str], TestApp],
) -> None:
    officer = sign_in(browser(), "officer")
    report = clerk.get(f"{waiting}/report.csv").body
    assert hand_back(clerk, waiting, "报告.csv", filled(report, HALL, HALL)).status_int == 303
    seen = waiting.replace("/company/", "/officer/")
    assert officer.get(f"{seen}/edits?edit=QUA04").text.count(HALL) == 2
    history = officer.get(f"{seen}/explanations")
    assert "上传填写好的审核报告" in history.text
    handed = history.click(description="下载上传的报告")
    assert handed.body == filled(report, HALL, HALL)
    assert clerk.get(f"{waiting}/report.csv").body.decode("utf-8-sig").count(HALL) == 2


def test_the_workbook_is_taken_like_the_csv(clerk: TestApp, waiting: str) -> None:
    book = openpyxl.load_workbook(io.BytesIO(clerk.get(f"{waiting}/report.xlsx").body))
    for row in (2, 3):
        book.active.cell(row, HEADER.index("explanation_code") + 1, "agreed")
        book.active.cell(row, HEADER.index("note") + 1, HALL)
    saved = io.BytesIO()
    book.save(saved)
    assert "新说明 2" in hand_back(clerk, waiting, "报告.xlsx", saved.getvalue()).follow().text


def test_every_wrong_line_of_a_report_is_named_and_nothing_is_kept(clerk: TestApp, waiting: str) -> None:
    report = clerk.get(f"{waiting}/report.csv").body
    page = hand_back(clerk, waiting, "报告.csv", filled(report, HALL, "短"), status=422)
    assert ("共 1 行有问题" in page.text, "第 3 行：说明应有 10–2000 个字" in page.text) == (True, True)
    assert "F01" in hand_back(clerk, waiting, "报告.csv", report, status=422).text
    assert "未说明 2" in clerk.get(waiting).text


def test_another_companys_filing_takes_no_explanation_and_shows_none(
    clerk: TestApp, waiting: str, browser: Callable[[], TestApp], sign_in: Callable[[TestApp, str], TestApp]
) -> None:
    other = sign_in(browser(), "clerk-b")
    token = {"csrf_token": csrf_token(other, "/company/filings/upload"), "version": "3"}
    for path in ("explanations/edits", "explanations/hits"):
        other.post(f"{waiting}/{path}", {**token, "note-1": HALL, "code-1": "other"}, status=404)
    other.post(
        f"{waiting}/explanations/report",
        token,
        upload_files=[("report", "a.csv", b"edit_id\r\n")],
        status=404,
    )
    for path in ("explanations", "explanations/1/report", "report.csv", "report.xlsx", "edits"):
        other.get(f"{waiting}/{path}", status=404)


def test_hits_are_shown_by_row_and_found_by_column_and_record(
    clerk: TestApp, worker: Callable[[], int]
) -> None:
    rows = [bill(number, total="1.00", category="palace") for number in range(1, 61)]
    path = put(clerk, csv_bytes("bills", rows)).json["location"]
    worker()
    page = clerk.get(f"{path}/edits?by=row")
    assert "共 60 行有提示" in page.text
    assert len(page.html.select("main tbody tr")) == 50
    assert len(page.click(description="下一页").html.select("main tbody tr")) == 10
    one = clerk.get(f"{path}/edits?by=row&key=B000007")
    assert ("共 1 行有提示" in one.text, len(one.html.select("main tbody li"))) == (True, 2)
    assert "共 60 处" in clerk.get(f"{path}/edits?field=category").text
    assert "因此有" in clerk.get(path).text
