"""Anybody can hold a receipt or a file against what was filed, and learns nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import GOOD, Unread, put, sign, the_form
from visiting import csrf_token
from webtest import TestApp, Upload

from ingest.edits import PACK_DIGEST
from tests.filings.filing_desk import bill, csv_bytes

DIGEST = hashlib.sha256(GOOD).hexdigest()


@pytest.fixture
def signed(clerk: TestApp, signatory: TestApp, worker: Callable[[], int]) -> str:
    """The address of a signed filing of GOOD."""
    path: str = put(clerk, GOOD).json["location"]
    worker()
    sign(signatory, path)
    return path


def test_the_receipt_says_the_same_on_the_page_as_json_and_on_paper(
    clerk: TestApp, signed: str, worker: Callable[[], int]
) -> None:
    worker()
    answer = clerk.get(f"{signed}/receipt.json")
    receipt: dict[str, Any] = answer.json
    assert receipt["bytes_digest"] == DIGEST
    assert (receipt["rows"], receipt["pack_digest"]) == (2, PACK_DIGEST)
    assert receipt["signed_at"] == "2025-11-24T01:00:00+00:00"
    assert receipt["verify_url"].endswith(f"/verify/{receipt['receipt_no']}")
    pdf = clerk.get(f"{signed}/receipt.pdf").body
    assert receipt["receipt_pdf_digest"] == hashlib.sha256(pdf).hexdigest()
    page = clerk.get(f"{signed}/receipt")
    for said in (receipt["receipt_no"], DIGEST, PACK_DIGEST, receipt["signer"], receipt["journal_hash"]):
        assert said in page.text
    assert page.html.select_one(".receipt-code svg title").text == "核验网址的二维码"
    shown = [one.get_text() for one in page.html.select(".figures-list dt")]
    assert shown == [total["zh"] for total in receipt["totals"]]
    assert clerk.get(f"{signed}/receipt.json").body == answer.body


def test_a_filing_without_a_signature_has_no_receipt(clerk: TestApp, worker: Callable[[], int]) -> None:
    path = put(clerk, GOOD).json["location"]
    worker()
    for part in ("receipt", "receipt.json", "receipt.pdf"):
        clerk.get(f"{path}/{part}", status=404)


def test_anybody_can_verify_a_receipt_and_whether_a_file_is_the_one_it_speaks_of(
    clerk: TestApp, signed: str, browser: Callable[[], TestApp]
) -> None:
    number = clerk.get(f"{signed}/receipt.json").json["receipt_no"]
    public = browser()
    page = public.get(f"/verify/{number}")
    for said in ("哈尔滨甲热力有限公司", "2025-12", DIGEST):
        assert said in page.text
    assert bill(1)["total"] not in page.text
    assert "这就是当时报送的文件" in public.get(f"/verify/{number}?digest={DIGEST.upper()}").text
    assert "这不是当时报送的文件" in public.get(f"/verify/{number}?digest={'0' * 64}").text
    assert "输入的不是 SHA-256" in public.get(f"/verify/{number}?digest=abc").text
    assert "F04" in public.get("/verify/R20251124-0000000000", status=404).text


def test_a_receipt_number_leads_to_its_receipt_and_a_wrong_one_says_what_is_expected(
    clerk: TestApp, signed: str, browser: Callable[[], TestApp]
) -> None:
    number = clerk.get(f"{signed}/receipt.json").json["receipt_no"]
    public = browser()
    form = the_form(public.get("/verify"), "/verify")
    form["asked"] = f" {number.lower()} "
    assert form.submit().location.endswith(f"/verify/{number}")
    wrong = public.get("/verify?asked=R20251124-ABCDEFGHJK", status=404)
    assert "请从回执上原样抄录" in wrong.text


def test_a_digest_is_answered_with_yes_or_no_and_nothing_of_the_company(
    signed: str, browser: Callable[[], TestApp]
) -> None:
    public = browser()
    yes, no = public.get(f"/verify?asked={DIGEST.upper()}"), public.get(f"/verify?asked={'0' * 64}")
    assert "已在本平台报送并签署" in yes.text
    assert "没有与此完全相同的已签署文件" in no.text
    for said in ("哈尔滨甲热力有限公司", "harbin-a", "2025-12", "R2025"):
        assert said not in yes.text.replace("R20251124-ABCDEFGHJK", "")


def test_a_file_that_is_sent_is_compared_and_not_kept(
    signed: str, browser: Callable[[], TestApp], wsgi: Any
) -> None:
    public = browser()

    def sent(content: bytes) -> str:
        form = next(form for form in public.get("/verify").forms.values() if form.method == "post")
        form["file"] = Upload("any name.csv", content, "text/csv")
        text: str = form.submit().text
        return text

    before = set(wsgi.registry.evidence.digests())
    assert "已在本平台报送并签署" in sent(GOOD)
    assert "没有与此完全相同的已签署文件" in sent(GOOD + b"\n")
    assert set(wsgi.registry.evidence.digests()) == before
    assert not list(wsgi.registry.supervision.incoming_root.iterdir())


def test_an_unsigned_filing_is_not_given_away(
    clerk: TestApp, browser: Callable[[], TestApp], worker: Callable[[], int]
) -> None:
    content = csv_bytes("bills", [bill(7)])
    put(clerk, content)
    worker()
    asked = browser().get(f"/verify?asked={hashlib.sha256(content).hexdigest()}")
    assert "没有与此完全相同的已签署文件" in asked.text


def test_nothing_and_too_much_are_refused_before_they_are_read(browser: Callable[[], TestApp]) -> None:
    public = browser()
    token = {"csrf_token": csrf_token(public, "/verify")}
    assert "T14" in public.post("/verify", token, status="4*").text
    environ = {
        "CONTENT_LENGTH": str((64 << 20) + 4097),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
        "wsgi.input": Unread(),
        "webob.is_body_seekable": True,
    }
    answer = public.request("/verify", environ=environ, method="POST", status=413)
    assert "T01" in answer.text
