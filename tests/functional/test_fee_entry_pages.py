"""A charge goes from the notice to the public register through the pages of two officers."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine
from webtest import TestApp

from checks.fees import register_of, shipped_register
from checks.tariffs.load import load_published
from supervision.db import begin
from supervision.journal import SYSTEM
from supervision.settings import FixedClock
from supervision.tariffs import TariffService

SignIn = Callable[[TestApp, str], TestApp]
WHY = "与通知原文逐条核对无误。"
ENTERED = {
    "code": "pump_fee",
    "zh": "二次供热泵费",
    "en": "Pump fee",
    "names": "供热泵费\n泵站费",
    "standing": "forbidden",
    "place": "黑龙江/哈尔滨市",
    "says_zh": "不得另收泵费",
    "says_en": "no pump fee beside the price",
    "valid_from": "2025-10-01",
    "source_name": "哈尔滨市关于二次供热泵费的通知",
    "source_name_en": "Harbin's notice on pump fees",
    "source_url": "https://www.harbin.gov.cn/notice/1.html",
    "known_from": "2025-09-01",
}


@pytest.fixture
def harbin(sqlite_engine: Engine, clock: FixedClock, wsgi: Any) -> Engine:
    with begin(sqlite_engine) as session:
        found = [tariff for tariff in load_published() if tariff.city == "哈尔滨市"]
        TariffService(session, clock).enter(found, SYSTEM)
    return sqlite_engine


def filled(app: TestApp, path: str = "/officer/fees/new", **changes: str) -> Any:
    form = app.get(path).forms["form"]
    for name, value in (ENTERED | changes).items():
        form[name] = value
    return form.submit(status="*")


def act(page: Any, name: str, reason: str = WHY) -> Any:
    page.forms[name]["reason"] = reason
    return page.forms[name].submit(status="*")


def test_a_charge_goes_from_notice_to_public_register(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    author = sign_in(browser(), "officer")
    page = filled(author).follow()
    path = page.request.path
    assert "approve" not in page.forms
    page = act(page, "submit").follow()
    assert "approve" not in page.forms, "who entered does not approve"
    visitor = browser()
    assert "pump_fee" not in visitor.get("/fees")

    approver = sign_in(browser(), "supervising-officer")
    assert "等待批准的收费项目" in approver.get("/desk")
    act(approver.get(path), "approve").follow()
    public = visitor.get("/fees")
    assert "泵站费" in public
    assert "https://www.harbin.gov.cn/notice/1.html" in public
    listed = visitor.get("/fees.json").json
    entered = next(one for one in listed["fees"] if one["code"] == "pump_fee")
    source = entered["rulings"][0]["source"]
    assert listed["sources"][source]["name"] == ENTERED["source_name"]
    assert listed["approved"][source]
    assert register_of(visitor.get("/fees.json").body).digest == listed["digest"], (
        "what is handed out reads back"
    )
    assert listed["digest"] != shipped_register().digest
    earlier = visitor.get("/fees.json?on=2025-01-01").json
    assert earlier["digest"] == shipped_register().digest, "the register of a day stays what it was"

    act(approver.get(path), "withdraw", "通知已被废止。").follow()
    page = visitor.get("/fees")
    assert "通知已被废止。" in page, "the public reads why"
    assert visitor.get("/fees.json").json["digest"] == shipped_register().digest


def test_a_draft_sent_back_with_its_reason_is_mended_by_its_author(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    author, approver = sign_in(browser(), "officer"), sign_in(browser(), "supervising-officer")
    page = act(filled(author).follow(), "submit").follow()
    path = page.request.path
    page = act(approver.get(path), "send_back", "短")
    assert page.status_int == 422
    page = act(approver.get(path), "send_back", "名称不全，请补充。").follow()
    assert "名称不全，请补充。" in author.get(path)
    page = filled(author, f"{path}/edit", names="供热泵费\n泵站费\n泵费").follow()
    assert "供热泵费、泵站费、泵费" in page
    form = author.get(f"{path}/edit").forms["form"]
    shown = {name: form[name].value for name in ENTERED if name != "names"}
    assert shown == {name: value for name, value in ENTERED.items() if name != "names"}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"names": "入网费"}, "已属于收费项目“入网费”（entry_fee）"),
        ({"source_url": "https://example.com/"}, "gov.cn"),
        ({"valid_from": "2025-13-01"}, "请填写日期"),
        ({"limit": "约两角"}, "请填写金额"),
        ({"limit": "0.20"}, "这种规定没有限额"),
    ],
    ids=["name of another", "not official", "no day", "no amount", "limit of none"],
)
def test_what_is_wrong_is_said_and_what_was_entered_stays(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn, changes: dict[str, str], said: str
) -> None:
    page = filled(sign_in(browser(), "officer"), **changes)
    assert page.status_int == 422
    assert said in page
    assert page.forms["form"]["zh"].value == ENTERED["zh"]


def test_an_empty_form_asks_for_everything_and_a_missing_entry_is_missing(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    officer = sign_in(browser(), "officer")
    page = officer.get("/officer/fees/new?name=%E8%93%9D%E8%89%B2%E8%B4%B9").forms["form"]
    assert page["names"].value == "蓝色费"
    assert page.submit(status=422)
    officer.get("/officer/fees/nothing", status=404)


def test_without_its_token_no_form_is_taken(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    officer = sign_in(browser(), "officer")
    path = filled(officer).follow().request.path
    for target in ("/officer/fees/new", f"{path}/edit", f"{path}/submit", f"{path}/discard"):
        officer.post(target, {"reason": WHY, "version": "1"}, status=403)
    approver = sign_in(browser(), "supervising-officer")
    for part in ("approve", "send-back", "withdraw"):
        approver.post(f"{path}/{part}", {"reason": WHY, "version": "1"}, status=403)
    assert "草稿" in officer.get(path)


def test_a_page_from_before_is_refused(
    harbin: Engine, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    author = sign_in(browser(), "officer")
    page = filled(author).follow()
    act(page, "submit").follow()
    assert act(page, "discard").status_int == 409
    assert json.loads(author.get("/fees.json").body)["digest"] == shipped_register().digest
