"""A complaint through the pages: a resident without a sign-in, the company, the officer, and the resident again."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from webtest import TestApp

FIELDS = {
    "company": "harbin-a",
    "topic": "low_temperature",
    "place": "松北新城 3 号楼",
    "text": "卧室只有十五度，已经三天了，请尽快处理。",
    "phone": "13900001234",
}
SignIn = Callable[[TestApp, str], TestApp]


def complain(app: TestApp, **given: str) -> tuple[str, str]:
    """The number and the tracking code that the page shows once."""
    form = app.get("/complain").forms["form"]
    for name, value in {**FIELDS, **given}.items():
        form[name] = value
    page = form.submit().follow()
    number = re.search(r"TS\d{4}-\d{6}", page.text)
    code = re.search(r"(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}", page.text)
    assert number
    assert code
    return number[0], code[0]


def test_a_complaint_is_made_answered_closed_read_and_reopened(
    app: TestApp, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    number, code = complain(app)

    company = sign_in(browser(), "clerk-a")
    assert number in company.get("/desk/complaints")
    page = company.get(f"/desk/complaints/{number}")
    assert "13900001234" not in page, "a company never learns the telephone number"
    form = page.forms["answer"]
    form["kind"], form["text"] = "non_monetary", "已派人检修入户阀门，室温恢复到二十一度。"
    form.submit().follow()

    officer = sign_in(browser(), "officer")
    page = officer.get(f"/desk/complaints/{number}")
    assert "13900001234" in page
    form = page.forms["close"]
    form["text"] = "电话回访属实，办结。"
    form.submit().follow()

    resident = browser()
    form = resident.get("/complaints").forms["form"]
    form["number"], form["code"] = number, code.lower()
    page = form.submit().follow()
    assert "已派人检修入户阀门" in page
    assert "已办结" in page
    form = page.forms["form"]
    form["text"] = "第二天又凉了，没有解决。"
    page = form.submit().follow()
    assert "投诉人要求重办" in page
    assert number in company.get("/desk/complaints")


def test_nobody_reads_a_complaint_without_its_code(
    app: TestApp, browser: Callable[[], TestApp], people: object
) -> None:
    number, _ = complain(app)
    stranger = browser()
    stranger.get(f"/complaints/{number}", status=404)
    form = stranger.get("/complaints").forms["form"]
    form["number"], form["code"] = number, "2222-2222-2222-2222"
    page = form.submit()
    assert "编号或查询码不对" in page
    assert FIELDS["text"] not in page


def test_a_complaint_of_another_company_looks_like_none_at_all(
    app: TestApp, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    number, _ = complain(app)
    other = sign_in(browser(), "clerk-b")
    theirs = other.get(f"/desk/complaints/{number}", status=404)
    nothing = other.get("/desk/complaints/TS2025-999999", status=404)
    assert theirs.text.replace(number, "") == nothing.text.replace("TS2025-999999", "")
    assert number not in other.get("/desk/complaints?state=all")


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("company", "", "必填"),
        ("text", "太冷", "10"),
        ("phone", "12345", "11 位手机号"),
        ("topic", "spam", ""),
    ],
)
def test_what_is_wrong_in_the_form_is_said_at_its_field_and_nothing_is_lost(
    app: TestApp, people: object, field: str, value: str, hint: str
) -> None:
    form = app.get("/complain").forms["form"]
    for name, text in FIELDS.items():
        form[name] = text
    if field == "topic":
        form[field].force_value(value)
    else:
        form[field] = value
    page = form.submit(status=422)
    assert "invalid-feedback" in page
    assert hint in page
    assert FIELDS["place"] in page


def test_an_answer_with_money_needs_its_amount(
    app: TestApp, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    number, _ = complain(app)
    company = sign_in(browser(), "clerk-a")
    form = company.get(f"/desk/complaints/{number}").forms["answer"]
    form["kind"], form["text"] = "monetary", "已退回多收的热费，十日内到账。"
    assert "请填写退款或补偿的金额" in form.submit(status=422)
    form["amount"] = "36.50"
    assert "36.50" in form.submit().follow()


def test_an_answer_given_on_an_old_page_is_refused_and_changes_nothing(
    app: TestApp, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    number, _ = complain(app)
    first, second = sign_in(browser(), "clerk-a"), sign_in(browser(), "signatory-a")
    forms = [one.get(f"/desk/complaints/{number}").forms["answer"] for one in (first, second)]
    for form in forms:
        form["kind"], form["text"] = "explanation", "已经向用户说明测温方法和标准。"
    forms[0].submit().follow()
    forms[1].submit(status=409)


def test_the_form_can_be_opened_with_a_bill_filled_in(app: TestApp, people: object) -> None:
    form = app.get("/complain", {"company": "harbin-a", "topic": "bill_error", "bill_no": "B-7"}).forms[
        "form"
    ]
    assert (form["company"].value, form["topic"].value, form["bill_no"].value) == (
        "harbin-a",
        "bill_error",
        "B-7",
    )


def test_english_is_complete_on_the_complaint_pages(app: TestApp, people: object) -> None:
    app.set_cookie("language", "en")
    complain(app)
    for path in ("/complain", "/complaints", "/complaints/received"):
        shown = re.sub(
            r"<option.*?</option>|lang=\"zh-CN\"[^<]*<|示范省[^<]*|Under: [^<]*", "", app.get(path).text
        )
        assert not re.search(r">[^<]*[\u4e00-\u9fff]", shown), path
