"""The tour of the README, clicked through: what each person sees, does, and finds again."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from province import COMPANY, with_an_impossible_amount, with_one_bill_fewer
from visitors import DESKTOP, TELEPHONE, Portal, Visit, sign_in

ON_DESKTOP_IN_CHINESE = {"language": "zh", "size": DESKTOP}
ON_TELEPHONE_IN_ENGLISH = {"language": "en", "size": TELEPHONE}
MONEY = re.compile(r"^[0-9,]+\.[0-9]{2}$")


def button(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def link(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).first.click()


def sign_out(page: Page) -> None:
    page.locator(".dropdown-toggle").click()
    button(page, "退出登录")
    expect(page.get_by_role("link", name="工作人员登录")).to_be_visible()


def downloaded(page: Page, name: str, folder: Path) -> Path:
    with page.expect_download() as coming:
        link(page, name)
    file = folder / coming.value.suggested_filename
    coming.value.save_as(file)
    return file


def text_of(pdf: Path) -> str:
    """What a reader of the PDF sees. Every font is inside the file: it looks the same everywhere."""
    assert shutil.which("pdftotext"), "`make env-test` installs poppler-utils"
    fonts = subprocess.run(["pdffonts", str(pdf)], check=True, capture_output=True, text=True).stdout
    rows = [line.split() for line in fonts.splitlines()[2:]]
    assert rows
    assert all(row[-5] == "yes" for row in rows), fonts  # the column "emb"
    return subprocess.run(
        ["pdftotext", "-layout", str(pdf), "-"], check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (ON_DESKTOP_IN_CHINESE, ("查热价", "算例：100 平方米，按面积交一个采暖季", "合计")),
        (
            ON_TELEPHONE_IN_ENGLISH,
            ("Show prices", "Worked example: 100 m² for a season by area", "Total"),
        ),
    ],
    ids=["chinese-desktop", "english-telephone"],
)
def test_anybody_reads_the_price_of_a_city_and_how_a_home_is_billed(
    visit: Visit, given: dict[str, object], words: tuple[str, ...]
) -> None:
    show, example, total = words
    page = visit(None, **given)
    page.select_option("#city", "哈尔滨市")
    button(page, show)
    page.select_option("#category", "residential")
    page.locator("form.filters button[type=submit]").click()
    page.locator("main table tbody th a", has_text="哈尔滨市").first.click()
    sheet = page.locator("section", has=page.get_by_role("heading", name=example, exact=True))
    expect(sheet.locator("tbody tr").last).to_contain_text(total)
    expect(sheet.locator("tbody tr").last.locator("td.amount")).to_have_text(MONEY)
    expect(sheet.locator("td.formula").first).to_contain_text("100")
    assert page.locator("section[aria-labelledby=sources] a").count() >= 1


def test_a_wrong_bill_becomes_a_decision_that_two_people_answer_for(visit: Visit, tmp_path: Path) -> None:
    officer = visit("officer", **ON_DESKTOP_IN_CHINESE)
    link(officer, "核查发现")
    harm = [one.replace(",", "") for one in officer.locator("main table tbody td.over").all_inner_texts()]
    assert [float(one) for one in harm] == sorted((float(one) for one in harm), reverse=True)
    officer.select_option("#company", "hrb-bx")  # the filter works at once
    officer.wait_for_url("**company=hrb-bx**")
    officer.locator("main table tbody th a").first.click()
    cause = officer.locator("h1").inner_text()
    finding = officer.url

    officer.locator("section[aria-labelledby=bills] tbody th a").first.click()
    sheet = officer.locator("section[aria-labelledby=sheet]")
    expect(sheet.locator("tfoot td.over")).to_have_text(MONEY)
    assert sheet.locator("td.formula").count() >= 1
    officer.go_back()
    assert officer.url.split("#")[0] == finding.split("#")[0]

    button(officer, "立案")
    officer.locator("form#draft").wait_for()  # the annex has been prepared meanwhile
    case = officer.url
    officer.fill("form#draft textarea[name=facts]", "经逐张复算，附件所列账单与公布热价不符，多收事实清楚。")
    officer.locator("form#draft button[type=submit]").click()
    officer.locator("form#submission button").click()
    expect(officer.locator("section[aria-labelledby=decision]")).to_contain_text("等待主管人员审批")
    assert officer.locator("form#approval").count() == 0
    sign_out(officer)

    sign_in(officer, "supervisor")
    officer.goto(case)
    officer.locator("form#approval button").click()
    panel = officer.locator("section[aria-labelledby=document]")

    number = panel.locator("dd a").first.inner_text()
    notice = text_of(downloaded(officer, "下载文书（PDF）", tmp_path))
    assert number in notice.replace(" ", "")
    assert "附件所列账单与公布热价不符" in notice.replace(" ", "").replace("\n", "")
    assert "哈尔滨北祥供热有限公司" in notice.replace(" ", "")
    officer.goto(finding)
    assert cause
    expect(officer.locator("section[aria-labelledby=act]")).to_contain_text("查看案件")


def test_a_complaint_is_answered_closed_and_reopened_by_who_made_it(visit: Visit) -> None:
    resident = visit(None, **ON_DESKTOP_IN_CHINESE)
    link(resident, "我要投诉")
    resident.select_option("select[name=company]", COMPANY)
    resident.select_option("select[name=topic]", "low_temperature")
    resident.fill("input[name=place]", "云光苑 5 号楼 1 单元")
    resident.fill("textarea[name=text]", "卧室只有十五度，已经三天，请派人来测温。")
    button(resident, "提交投诉")
    number, code = resident.locator(".figure-value").all_inner_texts()[:2]

    clerk = visit(f"{COMPANY}-clerk", **ON_DESKTOP_IN_CHINESE)
    clerk.goto(f"/desk/complaints/{number}")
    clerk.select_option("form#answer select[name=kind]", "non_monetary")
    clerk.fill("form#answer textarea[name=text]", "已上门测温并调试阀门，室温恢复到二十一度。")
    clerk.locator("form#answer button[type=submit]").click()
    expect(clerk.locator("section[aria-labelledby=answer]")).to_contain_text("二十一度")

    officer = visit("officer", **ON_DESKTOP_IN_CHINESE)
    officer.goto(f"/desk/complaints/{number}")
    officer.fill("form#close textarea[name=text]", "答复与核实情况一致，予以办结。")
    officer.locator("form#close button[type=submit]").click()
    expect(officer.locator("section[aria-labelledby=course]")).to_contain_text("予以办结")

    again = visit(None, **ON_TELEPHONE_IN_ENGLISH)  # days later, on another device
    again.goto("/complaints")
    again.fill("input[name=number]", number)
    again.fill("input[name=code]", code.lower())
    button(again, "Look up")
    expect(again.locator("section[aria-labelledby=answer]")).to_contain_text("二十一度")
    again.fill("section[aria-labelledby=reopen] textarea", "昨晚又降到十六度，问题没有解决。")
    again.locator("section[aria-labelledby=reopen] button[type=submit]").click()
    expect(again.locator("section[aria-labelledby=course]")).to_contain_text("昨晚又降到十六度")
    officer.reload()
    expect(officer.locator("section[aria-labelledby=course]")).to_contain_text("昨晚又降到十六度")


def test_anybody_complains_in_english_on_a_telephone_and_needs_the_code_to_look(visit: Visit) -> None:
    resident = visit(None, **ON_TELEPHONE_IN_ENGLISH)
    resident.get_by_role("button", name="Open menu").click()
    link(resident, "Complain")
    resident.locator("main form button[type=submit]").click()
    expect(resident.get_by_role("alert")).to_be_visible()  # nothing was filled in; each field says so
    assert resident.locator("[aria-invalid=true]").count() >= 3
    resident.select_option("select[name=company]", "hrb-bx")
    resident.select_option("select[name=topic]", "no_heat")
    resident.fill("input[name=place]", "Songbei New Town, building 3")
    resident.fill("textarea[name=text]", "No heat since Monday morning; the neighbours have none either.")
    resident.locator("main form button[type=submit]").click()
    number, code = resident.locator(".figure-value").all_inner_texts()[:2]

    stranger = visit(None, **ON_TELEPHONE_IN_ENGLISH)
    stranger.goto("/complaints")
    stranger.fill("input[name=number]", number)
    stranger.fill("input[name=code]", "AAAA-BBBB-CCCC-DDDD" if code[0] != "A" else "BBBB-BBBB-CCCC-DDDD")
    button(stranger, "Look up")
    expect(stranger.get_by_role("alert")).to_be_visible()
    stranger.fill("input[name=number]", number)
    stranger.fill("input[name=code]", code)
    button(stranger, "Look up")
    expect(stranger.locator("h1")).to_have_text(number)


def test_a_wrong_file_is_refused_with_advice_and_the_right_one_is_signed(
    visit: Visit, portal: Portal, tmp_path: Path
) -> None:
    original = (portal.data / "demonstration" / "companies" / COMPANY / "bills-2025-10.csv").read_bytes()
    wrong, right = tmp_path / "十月账单.csv", tmp_path / "十月账单 改正.csv"
    wrong.write_bytes(with_an_impossible_amount(original))
    right.write_bytes(with_one_bill_fewer(original))

    clerk = visit(f"{COMPANY}-clerk", **ON_DESKTOP_IN_CHINESE)
    upload(clerk, wrong)
    expect(clerk.locator("#verdict")).to_contain_text("未通过审核")
    edits = clerk.locator("section[aria-labelledby=edits]")
    expect(edits).to_contain_text("首见第 4 行")
    expect(clerk.locator("#verdict")).to_contain_text("现行有效的是第 1 次报送")
    edits.locator("tbody th a").first.click()
    hit = clerk.locator("main table tbody tr").first
    expect(hit.locator("td").first).to_have_text("4")
    expect(hit).to_contain_text("many")
    expect(hit).to_contain_text("total")

    upload(clerk, right)
    expect(clerk.locator("section[aria-labelledby=difference]")).to_contain_text("删除")
    assert clerk.locator("section[aria-labelledby=sign]").count() == 0
    expect(clerk.locator("main")).to_contain_text("由本企业签署人签署")
    filing = clerk.url

    signatory = visit(f"{COMPANY}-signer", **ON_DESKTOP_IN_CHINESE)
    signatory.goto(filing)
    signatory.check("#difference_seen")
    signatory.check("#confirmed")
    button(signatory, "签署并报送")
    receipt_no = signatory.locator("#verdict a").first.inner_text()
    link(signatory, receipt_no)
    receipt = text_of(downloaded(signatory, "下载回执（PDF）", tmp_path))
    assert receipt_no in receipt
    assert "北京京暖联合供热有限公司" in receipt.replace(" ", "")


def upload(page: Page, file: Path) -> None:
    page.goto("/company/filings/upload")
    page.select_option("#feed", "bills")
    page.fill("#period", "2025-10")
    page.set_input_files("#file", str(file))
    page.locator("#upload button[type=submit]").click()
    page.locator("section[aria-labelledby=edits]").wait_for()  # judged; the page renewed itself


@pytest.mark.parametrize(
    ("given", "word"),
    [(ON_DESKTOP_IN_CHINESE, "企业评级"), (ON_TELEPHONE_IN_ENGLISH, "Ratings")],
    ids=["chinese-desktop", "english-telephone"],
)
def test_anybody_sees_how_a_rating_came_about(visit: Visit, given: dict[str, object], word: str) -> None:
    page = visit(None, **given)
    page.locator(".tile", has_text=word).click()
    page.locator("main table tbody th a").first.click()
    rows = page.locator("section[aria-labelledby=sum] tbody tr")
    shares = [one for one in rows.locator("td:last-child").all_inner_texts() if one != "—"]
    total = page.locator("section[aria-labelledby=sum] tfoot td").last.inner_text()
    assert abs(sum(round(float(one) * 100) for one in shares) - round(float(total) * 100)) <= len(shares)
    rows.locator("th a").first.click()
    expect(page.locator("section.panel h3").first).to_be_visible()
    assert page.locator("main a[href*='/ratings/schemes/']").count() >= 1


def test_the_audit_administrator_checks_the_chain_of_the_journal(visit: Visit) -> None:
    auditor = visit("audit-admin", **ON_DESKTOP_IN_CHINESE)
    link(auditor, "审计日志")
    link(auditor, "从第一条起重新校验")
    expect(auditor.get_by_role("status")).to_contain_text("校验通过")
