"""The pages of mapping profiles: from a sample to a signed version, what officers see, and what nobody else does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from filing_visits import SignIn, put, sign, the_form
from visiting import post
from webtest import TestApp, Upload

from ingest.profiles import Profile
from tests.profiles.own_files import HEADERS, own_bills

SAMPLE = "/company/profiles/sample"


def give(app: TestApp, content: bytes, name: str = "十一月.csv", **said: str) -> Any:
    form = app.get(SAMPLE).forms["sample"]
    form["feed"], form["period"] = said.get("feed", "bills"), said.get("period", "2025-12")
    form["file"] = Upload(name, content)
    return form.submit(status="*")


def sign_profile(app: TestApp, path: str) -> Any:
    form = the_form(app.get(path), "/signature")
    form["confirmed"] = True
    return form.submit(status=303).follow()


def test_a_clerk_gives_a_file_mends_what_it_suggests_and_the_signatory_signs(
    clerk: TestApp,
    signatory: TestApp,
    worker: Callable[[], int],
    browser: Callable[[], TestApp],
    sign_in: SignIn,
) -> None:
    assert "还没有对应方案" in clerk.get("/company/profiles").text
    page = give(clerk, own_bills(7, 8, extra=("操作员", "甲"), title="2025年12月账单")).follow()
    path = page.request.path
    assert all(header in page.text for header in HEADERS)
    assert "会被退回" in page.text
    assert "S16" in page.text
    assert "由本企业签署人签署" in page.text
    form = page.forms["mapping"]
    place = [*HEADERS, "操作员"].index("操作员") + 1
    assert (form["header-1"].value, form[f"header-{place}"].value) == ("bill_no", "")
    form[f"header-{place}"] = "-"
    page = form.submit(status=303).follow()
    assert "草稿已保存" in page.text
    assert "可以通过" in page.text
    assert "non_residential" not in page.html.select_one("#preview").parent.text
    assert "residential" in page.html.select_one("#preview").parent.text
    page = sign_profile(signatory, path)
    assert "第 1 版对应方案已签署" in page.text
    said = clerk.get(f"{path}/profile.json")
    profile = Profile.parse(said.text)
    assert (profile.version, profile.headers["操作员"]) == (1, None)
    filed = put(clerk, own_bills(1, extra=("操作员", "乙")), filename="own.csv").json
    assert filed["profile"] == {"version": 1, "sha256": profile.digest}
    worker()
    filing = clerk.get(filed["location"])
    assert "待签署" in filing.text
    assert filing.click(href=f"{path}$").status_int == 200
    sign(signatory, filed["location"])
    worker()
    receipt = clerk.get(f"{filed['location']}/receipt")
    assert profile.digest in receipt.text
    assert json.loads(clerk.get(f"{filed['location']}/receipt.json").text)["profile_digest"] == profile.digest
    officer = sign_in(browser(), "officer")
    listed = officer.get("/officer/profiles")
    assert "哈尔滨甲热力有限公司" in listed.text
    seen = officer.get(path.replace("/company/", "/officer/"))
    assert "与标准的差异" in seen.text
    assert not [form for form in seen.forms.values() if "/profiles/" in form.action]


def test_a_second_version_shows_its_differences_and_what_the_recheck_found(
    clerk: TestApp,
    signatory: TestApp,
    worker: Callable[[], int],
    browser: Callable[[], TestApp],
    sign_in: SignIn,
) -> None:
    sign_profile(signatory, give(clerk, own_bills(7)).location)
    filed = put(clerk, own_bills(1, 2), filename="own.csv").json["location"]
    worker()
    sign(signatory, filed)
    page = give(clerk, own_bills(8)).follow()
    path, form = page.request.path, page.forms["mapping"]
    codes = [name for name in form.fields if name and name.startswith("code-")]
    chosen = next(name for name in codes if form[name].value == "residential")
    form[chosen] = "office"
    page = form.submit(status=303).follow()
    assert "与第 1 版的差异" in page.text
    page = sign_profile(signatory, path)
    assert "正在复核" in page.text
    assert clerk.get(f"{path}/recheck", status=404).status_int == 404
    worker()
    page = clerk.get(path)
    assert "修改 2 行" in page.text
    rows = page.click(href="/recheck$")
    assert "residential" in rows.text
    assert rows.click(href="report.csv$").content_type == "text/csv"
    assert "已签署（现行）" in clerk.get(filed).text
    officer = sign_in(browser(), "officer")
    assert "修改 2 行" in officer.get(path.replace("/company/", "/officer/")).text
    assert "2 行与已签署的不同" in officer.get("/messages").text
    assert "已被新版取代" in clerk.get("/company/profiles").text


def test_another_companys_profile_and_for_officers_a_draft_answer_as_one_that_never_was(
    clerk: TestApp, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    path = give(clerk, own_bills(7)).location.removeprefix("http://localhost")
    nowhere = f"/company/profiles/{'A' * 24}"
    for name, side in (("clerk-b", "/company/"), ("officer", "/officer/")):
        visitor = sign_in(browser(), name)
        for address in ("", "/profile.json", "/recheck", "/recheck/report.csv"):
            there = visitor.get(path.replace("/company/", side) + address, status=404)
            never = visitor.get(nowhere.replace("/company/", side) + address, status=404)
            assert there.html.select_one("h1").text == never.html.select_one("h1").text
    stranger = sign_in(browser(), "signatory-b")
    for act in ("", "/signature", "/discarding"):
        post(stranger, path + act, {"confirmed": "yes", "version": "1"}, status=404)
    assert path not in stranger.get("/company/profiles").text


def test_a_clerk_may_not_sign_and_a_signature_wants_its_confirmation_and_the_version_seen(
    clerk: TestApp, signatory: TestApp
) -> None:
    path = give(clerk, own_bills(7)).location.removeprefix("http://localhost")
    post(clerk, f"{path}/signature", {"confirmed": "yes", "version": "1"}, status=403)
    assert "F05" in post(signatory, f"{path}/signature", {"version": "1"}, status=422).text
    post(signatory, f"{path}/signature", {"confirmed": "yes", "version": "9"}, status=409)
    page = post(clerk, f"{path}/discarding", {"version": "1"}, status=303).follow()
    assert "已放弃" in page.text
    post(signatory, f"{path}/signature", {"confirmed": "yes", "version": "2"}, status=409)


def test_what_does_not_fit_is_said_and_nothing_is_saved(clerk: TestApp) -> None:
    page = give(clerk, own_bills(7)).follow()
    form = page.forms["mapping"]
    form["header-2"] = "bill_no"
    refused = form.submit(status=422)
    assert "F33" in refused.text
    assert refused.forms["mapping"]["header-2"].value == "bill_no"
    assert clerk.get(page.request.path).forms["mapping"]["header-2"].value == "account_no"
    assert "F31" in give(clerk, own_bills(8)).text


@pytest.mark.parametrize(
    ("content", "name", "edit"),
    [
        (own_bills(7, extra=("户主姓名", "张三")), "own.csv", "S15"),
        (b"\xff\xfe\x00a", "own.csv", "N04"),
        (b"PK\x03\x04 nothing", "own.xlsx", "C01"),
        (b"\x1f\x8b\x08 cut", "own.csv.gz", "C17"),
    ],
    ids=["personal", "utf16", "no_workbook", "cut_gzip"],
)
def test_a_file_that_cannot_be_read_or_holds_personal_data_is_named_and_not_kept(
    clerk: TestApp, content: bytes, name: str, edit: str
) -> None:
    page = give(clerk, content, name)
    assert page.status_int == 422
    assert edit in page.html.select_one("#unusable").text
    assert "还没有对应方案" in clerk.get("/company/profiles").text


def test_english_pages_say_it_in_english(clerk: TestApp) -> None:
    path = give(clerk, own_bills(7)).location
    clerk.set_cookie("language", "en")
    page = clerk.get(path)
    for said in ("Trial on the sample", "Would pass", "Word of the trade", "Column of the standard"):
        assert said in page.text
