"""Messages in the portal: told, counted, opened, set; and what the system administrator sees of e-mail."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from filing_visits import GOOD, SignIn, put, the_form
from sqlalchemy import Engine
from visiting import post
from webtest import TestApp

from supervision.db import begin
from supervision.jobs.worker import work
from supervision.notifications import Kind, MailState, OutgoingMail, people_of, tell
from supervision.notifications.kinds import kinds_for
from supervision.notifications.sending import PAUSES
from supervision.security import Role
from supervision.settings import FixedClock

ADDRESS = "zhang.san@harbin-a.example"


@pytest.fixture
def told(clerk: TestApp, worker: Callable[[], int]) -> str:
    """Company A has a filing that was judged; its address."""
    path: str = put(clerk, GOOD).json["location"]
    worker()
    return path


def unread(app: TestApp) -> str:
    found = app.get("/help").html.select_one(".badge.unread")
    return "" if found is None else found.get_text().split()[0]


def test_a_message_is_counted_in_the_header_and_leads_to_what_it_tells_of(
    clerk: TestApp, signatory: TestApp, told: str
) -> None:
    assert unread(clerk) == unread(signatory) == "1"
    inbox = clerk.get("/messages")
    assert "账单 2025-12 第 1 次报送：待签署" in inbox.text
    form = the_form(inbox, "/open")
    assert form.submit().location.endswith(told)
    assert unread(clerk) == ""
    assert unread(signatory) == "1"
    assert "没有未读的通知" in clerk.get("/messages?unread=1").text
    assert "待签署" in clerk.get("/messages").text


def test_looking_at_the_inbox_marks_nothing_and_one_button_marks_everything(
    clerk: TestApp, told: str
) -> None:
    for _ in range(2):
        clerk.get("/messages")
    assert unread(clerk) == "1"
    post(clerk, "/messages/read", status=303)
    assert unread(clerk) == ""


def test_another_persons_message_is_no_page(
    clerk: TestApp, told: str, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    stranger = sign_in(browser(), "clerk-b")
    assert "还没有通知" in stranger.get("/messages").text
    action = the_form(clerk.get("/messages"), "/open").action
    theirs = post(stranger, action, status=404)
    never = post(stranger, f"/messages/{'A' * 16}/open", status=404)
    assert theirs.text.replace(action.split("/")[2], "A" * 16) == never.text
    assert unread(clerk) == "1"


def test_people_choose_what_comes_by_mail_where_and_in_which_language(clerk: TestApp, app: TestApp) -> None:
    form = clerk.get("/messages/settings").forms["form"]
    boxes = [field.checked for field in form.fields["checkbox"]]
    assert all(boxes)
    assert len(boxes) == len(kinds_for(Role.COMPANY_CLERK)) > 12
    form["address"] = ADDRESS
    form["language"] = "en"
    form.fields["checkbox"][0].checked = False
    form.submit(status=303)
    again = clerk.get("/messages/settings").forms["form"]
    assert (again["address"].value, again["language"].value) == (ADDRESS, "en")
    assert [field.checked for field in again.fields["checkbox"]] == [False, *boxes[1:]]


@pytest.mark.parametrize("wrong", ["nobody", "a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example"])
def test_what_is_no_address_is_said_and_not_kept(clerk: TestApp, wrong: str) -> None:
    answer = post(clerk, "/messages/settings", {"address": wrong, "language": "zh"}, status=422)
    assert "不是有效的邮箱地址" in answer.text
    assert clerk.get("/messages/settings").forms["form"]["address"].value == ""


def test_administrators_have_nothing_to_be_told(browser: Callable[[], TestApp], sign_in: SignIn) -> None:
    administrator = sign_in(browser(), "system-administrator")
    assert "不必设置" in administrator.get("/messages/settings").text
    assert "系统事项见待办" in administrator.get("/messages").text


def test_what_was_not_delivered_is_listed_to_the_system_administrator_and_sent_again(
    clerk: TestApp,
    browser: Callable[[], TestApp],
    sign_in: SignIn,
    wsgi: Any,
    sqlite_engine: Engine,
    clock: FixedClock,
    people: Any,
) -> None:
    form = clerk.get("/messages/settings").forms["form"]
    form["address"] = ADDRESS
    form.submit(status=303)
    settings = wsgi.registry.supervision
    with begin(sqlite_engine) as session:
        tell(
            session,
            clock,
            Kind.EXTENDED,
            people_of(session, people.company_id("harbin-a")),
            path="/company/calendar",
            feed_zh="账单",
            feed_en="Bills",
            period="2025-12",
            due_on="2026-01-31",
        )
    outbox: Path = settings.mail_root
    outbox.write_text("a file where the folder should be")

    def send() -> None:
        work(sqlite_engine, settings, threading.Event(), clock=clock, only=["send_mail"], until_idle=True)

    for pause in (*PAUSES, dt.timedelta(0)):
        send()
        clock.move(pause)
    administrator = sign_in(browser(), "system-administrator")
    desk = administrator.get("/desk")
    assert "未能送达的邮件" in desk.text
    page = administrator.get("/mail")
    assert "z***@harbin-a.example" in page.text
    assert ADDRESS not in page.text
    outbox.unlink()
    form = the_form(page, "/again")
    assert "邮件已重新排队" in form.submit().follow().text
    assert "该邮件已有人处理" in form.submit().follow().text
    send()
    assert [path.suffix for path in outbox.iterdir()] == [".eml"]
    assert "没有需要处理的邮件" in administrator.get("/mail").text
    with begin(sqlite_engine) as session:
        assert session.query(OutgoingMail).one().state is MailState.SENT


def test_the_pages_speak_english_too(
    clerk: TestApp, told: str, browser: Callable[[], TestApp], sign_in: SignIn
) -> None:
    clerk.get("/language/en")
    assert "Bills 2025-12, filing no. 1: Ready to sign." in clerk.get("/messages").text
    assert "E-mail address at work" in clerk.get("/messages/settings").text
    administrator = sign_in(browser(), "system-administrator")
    administrator.get("/language/en")
    assert "No e-mail needs looking at." in administrator.get("/mail").text
