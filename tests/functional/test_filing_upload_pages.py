"""Handing a file in through the pages: the form, the raw upload, and every refusal before a file is judged."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import GOOD, UPLOAD, SignIn, Unread, put, the_form
from sqlalchemy import Engine
from visiting import csrf_token
from webtest import TestApp, Upload

from supervision.db import read
from supervision.filings import Filing
from tests.filings.filing_desk import SEASON, bill, csv_bytes


def test_a_raw_upload_answers_where_the_filing_is_and_the_same_again_with_the_same(clerk: TestApp) -> None:
    first = put(clerk, GOOD, sha256=hashlib.sha256(GOOD).hexdigest())
    assert first.json["sha256"] == hashlib.sha256(GOOD).hexdigest()
    assert (first.json["state_number"], first.json["is_filed"], first.json["is_repeat"]) == (1, False, False)
    assert clerk.get(first.json["location"], status=200)
    again = put(clerk, GOOD, status=200)
    assert (again.json["filing"], again.json["is_repeat"]) == (first.json["filing"], True)


def test_a_raw_upload_without_the_form_token_is_refused(clerk: TestApp) -> None:
    put(clerk, GOOD, status=403, headers={"X-CSRF-Token": "0" * 32})


@pytest.mark.parametrize(
    ("content", "said", "status", "code"),
    [
        (b"", {}, 400, "T08"),
        (GOOD, {"sha256": "0" * 64}, 400, "T03"),
        (GOOD, {"sha256": "abc"}, 400, "T05"),
        (GOOD, {"feed": "temperatures"}, 400, "T09"),
        (GOOD, {"period": "2025-13"}, 400, "T10"),
        (GOOD, {"feed": "accounts"}, 400, "T10"),
        (GOOD, {"filename": "\u202evsc.exe"}, 400, "T06"),
        (GOOD, {"filename": "a" * 5000 + ".csv"}, 400, "T06"),
        (GOOD, {"filename": ""}, 400, "T06"),
    ],
)
def test_a_request_that_cannot_be_met_gets_its_code_in_both_languages_and_leaves_nothing(
    clerk: TestApp, sqlite_engine: Engine, content: bytes, said: dict[str, str], status: int, code: str
) -> None:
    problem = put(clerk, content, status=status, **said).json
    assert problem["code"] == code
    for part in ("name", "zh", "en", "mend_zh", "mend_en"):
        assert problem[part]
    with read(sqlite_engine) as session:
        assert session.query(Filing).count() == 0
    assert put(clerk, GOOD).json["state_number"] == 1


def test_a_file_larger_than_allowed_is_refused_on_its_declaration(
    wsgi: Any, people: Any, sign_in: SignIn, browser: Callable[[], TestApp]
) -> None:
    app = sign_in(browser(), "clerk-a")

    environ = {"CONTENT_LENGTH": str((2 << 30) + 1), "wsgi.input": Unread(), "REQUEST_METHOD": "PUT"}
    answer = app.request(
        f"{UPLOAD}?feed=bills&period=2025-12&filename=a.csv", environ=environ, method="PUT", status=413
    )
    assert answer.json["code"] == "T01"


def test_a_form_larger_than_forms_may_be_is_refused_unread(clerk: TestApp) -> None:
    environ = {
        "CONTENT_LENGTH": str((64 << 20) + 1),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Unread(),
        "webob.is_body_seekable": True,
    }
    answer = clerk.request(UPLOAD, environ=environ, method="POST", status=413)
    assert "T01" in answer.text


def test_another_method_is_told_how_to_upload(clerk: TestApp) -> None:
    answer = clerk.request(UPLOAD, method="PATCH", body=b"x", status=405)
    assert "T07" in answer.text


def test_the_same_key_with_other_bytes_is_a_conflict(clerk: TestApp) -> None:
    put(clerk, GOOD, headers={"Idempotency-Key": "k1"})
    other = csv_bytes("bills", [bill(9)])
    assert put(clerk, other, status=409, headers={"Idempotency-Key": "k1"}).json["code"] == "T13"


def test_a_form_without_a_file_says_so_and_keeps_what_was_chosen(clerk: TestApp) -> None:
    form = the_form(clerk.get(UPLOAD), UPLOAD)
    form["feed"], form["period"] = "accounts", SEASON
    page = form.submit(status=400)
    assert "T14" in page.text
    assert the_form(page, UPLOAD)["period"].value == SEASON


def test_a_test_is_chosen_at_upload_shown_as_such_and_seen_by_no_officer(
    clerk: TestApp,
    signatory: TestApp,
    sign_in: SignIn,
    browser: Callable[[], TestApp],
    worker: Callable[[], int],
) -> None:
    form = the_form(clerk.get(UPLOAD), UPLOAD)
    form["feed"], form["period"], form["test"] = "bills", "2025-12", True
    form["file"] = Upload("十二月.csv", GOOD, "text/csv")
    path = form.submit().follow().request.path
    worker()
    page = signatory.get(path)
    assert "试报通过" in page.text
    assert "这是试报，不算报送，不能签署" in page.text
    assert not [form for form in page.forms.values() if form.action.endswith("/signature")]
    assert "等待签署的报送" not in signatory.get("/desk").text
    assert clerk.get(f"{path}/verdict.json").json["is_test"] is True
    officer = sign_in(browser(), "officer")
    assert "2025-12" not in officer.get("/officer/filings").html.select_one("main").get_text()
    officer.get(path.replace("/company/", "/officer/"), status=404)
    again = put(clerk, GOOD, test="yes")
    assert (again.json["is_test"], again.json["is_repeat"]) == (True, False)


def test_a_name_in_raw_gbk_bytes_harms_nobody(clerk: TestApp) -> None:
    """As old browsers send it: the file is taken, and the name is only shown, whatever it reads as."""
    parts = {"csrf_token": csrf_token(clerk, UPLOAD), "feed": "bills", "period": "2025-12"}
    body = b"".join(
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in parts.items()
    )
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="' + "供热".encode("gbk")
    body += head + b'.csv"\r\nContent-Type: text/csv\r\n\r\n' + GOOD + b"\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    answer = clerk.request(UPLOAD, method="POST", body=body, headers=headers, status=303)
    page = answer.follow()
    assert hashlib.sha256(GOOD).hexdigest() in clerk.get(f"{page.request.path}/verdict.json").text
