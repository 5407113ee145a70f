"""E-mails go out once, through a folder or a real mail server; what fails is tried again, and what cannot be sent is
listed."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_server import MailServer, mail_server
from message_desk import ADDRESS, MessageDesk

from supervision.db import begin
from supervision.jobs import parked
from supervision.notifications import MailState, NotificationService
from supervision.notifications.sending import PAUSES
from supervision.settings import Settings

ROOT = Path(__file__).parents[2]
LONGEST_WAIT = 120.0


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as found:
        yield found


@pytest.fixture
def through_server(settings: Settings, server: MailServer) -> Settings:
    return Settings.from_mapping(
        {
            "supervision.environment": "test",
            "supervision.data": str(settings.data),
            "supervision.public_url": "https://supervision.example",
            "supervision.mail": "smtp",
            "supervision.mail_host": "127.0.0.1",
            "supervision.mail_port": str(server.port),
            "supervision.mail_security": "none",
        }
    )


def files_of(settings: Settings) -> list[EmailMessage]:
    found = []
    for path in sorted(settings.mail_root.iterdir()):
        assert path.suffix == ".eml"
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(message, EmailMessage)
        found.append(message)
    return found


def states(desk: MessageDesk) -> list[MailState]:
    return [mail.state for mail in desk.mails()]


def test_only_who_gave_an_address_gets_mail_and_it_says_no_more_than_title_and_link(
    desk: MessageDesk,
) -> None:
    desk.wants_mail()
    desk.tell_a()
    assert desk.send() == 1
    (mail,) = files_of(desk.settings)
    assert mail["To"] == ADDRESS
    assert mail["Subject"] == "账单 2025-01 的报送期限已延至 2026-01-31。"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert str(mail["From"]) == "供热监督平台 <no-reply@supervision.example>"
    body = mail.get_content()
    assert "https://supervision.example/company/calendar" in body
    assert "https://supervision.example/messages/settings" in body
    assert states(desk) == [MailState.SENT]


def test_mail_comes_in_the_language_chosen(desk: MessageDesk) -> None:
    desk.wants_mail(language="en")
    desk.tell_a()
    desk.send()
    (mail,) = files_of(desk.settings)
    assert mail["Subject"] == "Bills 2025-01 may be filed until 2026-01-31."
    assert mail["Content-Language"] == "en"
    assert "Sign in to read more" in mail.get_content()


def test_a_kind_that_was_not_chosen_stays_in_the_portal(desk: MessageDesk) -> None:
    with begin(desk.engine) as session:
        NotificationService(session, desk.clock).choose(
            desk.people["clerk-a"], address=ADDRESS, language="zh", kinds=["overdue"]
        )
    desk.tell_a()
    assert desk.mails() == []
    assert desk.kinds("clerk-a") == ["extended"]


def test_a_mail_server_takes_each_mail_once(
    desk: MessageDesk, server: MailServer, through_server: Settings
) -> None:
    desk.wants_mail()
    for number in (1, 2, 3):
        desk.tell_a(number)
    desk.send(through_server)
    assert [mail["Subject"][3:10] for mail in server.taken] == ["2025-01", "2025-02", "2025-03"]
    assert len({mail["Message-ID"] for mail in server.taken}) == 3
    assert f"rcpt TO:<{ADDRESS}>" in server.heard
    desk.clock.move(dt.timedelta(days=3))
    assert desk.send(through_server) == 0
    assert len(server.taken) == 3


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA", "text"])
def test_what_the_server_cannot_take_now_is_tried_again_and_taken_once(
    desk: MessageDesk, server: MailServer, through_server: Settings, command: str
) -> None:
    desk.wants_mail()
    desk.tell_a()
    server.answers[command] = b"451 come again later"
    desk.send(through_server)
    (mail,) = desk.mails()
    assert (mail.state, mail.tries) == (MailState.WAITING, 1)
    assert "451" in str(mail.error)
    assert mail.due_at == desk.clock.now() + PAUSES[0]
    assert desk.send(through_server) == 0
    server.answers.clear()
    desk.clock.move(PAUSES[0])
    desk.send(through_server)
    assert len(server.taken) == 1
    assert states(desk) == [MailState.SENT]


@pytest.mark.parametrize("command", ["RCPT", "text"])
def test_what_the_server_will_never_take_is_given_up_at_once(
    desk: MessageDesk, server: MailServer, through_server: Settings, command: str
) -> None:
    desk.wants_mail()
    desk.tell_a()
    server.answers[command] = b"550 no such mailbox"
    desk.send(through_server)
    (mail,) = desk.mails()
    assert (mail.state, mail.tries) == (MailState.DEAD, 1)
    assert "550 no such mailbox" in str(mail.error)
    desk.clock.move(dt.timedelta(days=9))
    assert desk.send(through_server) == 0


def test_a_server_that_is_away_is_tried_for_a_day_and_a_half_and_then_listed(
    desk: MessageDesk, through_server: Settings, server: MailServer
) -> None:
    desk.wants_mail()
    desk.tell_a()
    server.answers["EHLO"] = server.answers["HELO"] = b"421 closing"
    for pause in (*PAUSES, dt.timedelta(0)):
        assert desk.send(through_server) == 1
        desk.clock.move(pause)
    (mail,) = desk.mails()
    assert (mail.state, mail.tries) == (MailState.DEAD, len(PAUSES) + 1)
    assert server.taken == []
    with begin(desk.engine) as session:
        assert parked(session) == []
        service = NotificationService(session, desk.clock)
        assert [one.id for one in session.scalars(service.not_delivered())] == [mail.id]
        by = desk.people["system-administrator"].actor
        assert service.send_again(mail.public_id, by=by)
        assert not service.send_again(mail.public_id, by=by)
    server.answers.clear()
    desk.send(through_server)
    assert len(server.taken) == 1
    assert states(desk) == [MailState.SENT]


def test_a_connection_lost_before_the_answer_is_never_repeated_by_itself(
    desk: MessageDesk, server: MailServer, through_server: Settings
) -> None:
    desk.wants_mail()
    desk.tell_a()
    server.hangs_up_at = "text"
    desk.send(through_server)
    assert states(desk) == [MailState.UNCERTAIN]
    server.hangs_up_at = ""
    desk.clock.move(dt.timedelta(days=3))
    assert desk.send(through_server) == 0
    assert server.connections == 1


def killed_at(desk: MessageDesk, point: str, *port: str) -> int:
    """The exit code of a worker process that is killed at ``point`` ("none": never)."""
    url = desk.engine.url.render_as_string(hide_password=False)
    program = [sys.executable, str(Path(__file__).with_name("killed_sender.py"))]
    return subprocess.run(
        [*program, url, str(desk.settings.data), desk.clock.now().isoformat(), point, *port],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        timeout=LONGEST_WAIT,
        capture_output=True,
        check=False,
    ).returncode


def test_a_worker_killed_before_the_server_is_given_the_text_is_replaced_and_the_mail_sent_once(
    desk: MessageDesk, server: MailServer, through_server: Settings
) -> None:
    desk.wants_mail()
    desk.tell_a()
    assert killed_at(desk, "before_the_letter", str(server.port)) == -signal.SIGKILL
    assert killed_at(desk, "none", str(server.port)) == 0  # the dead worker still holds its lease
    assert server.taken == []
    desk.clock.move(dt.timedelta(seconds=61))
    assert killed_at(desk, "none", str(server.port)) == 0
    assert len(server.taken) == 1
    assert states(desk) == [MailState.SENT]


def test_a_worker_killed_between_the_servers_yes_and_our_record_sends_nothing_twice(
    desk: MessageDesk, server: MailServer
) -> None:
    desk.wants_mail()
    desk.tell_a()
    assert killed_at(desk, "taken_not_on_record", str(server.port)) == -signal.SIGKILL
    assert len(server.taken) == 1
    assert states(desk) == [MailState.HANDING_OVER]
    for _ in range(3):
        desk.clock.move(dt.timedelta(seconds=61))
        assert killed_at(desk, "none", str(server.port)) == 0
    assert len(server.taken) == 1
    assert states(desk) == [MailState.UNCERTAIN]


@pytest.mark.parametrize("point", ["before_the_letter", "before_it_is_given", "taken_not_on_record"])
def test_a_folder_knows_what_it_took_so_a_killed_worker_costs_nothing(desk: MessageDesk, point: str) -> None:
    desk.wants_mail()
    desk.tell_a()
    assert killed_at(desk, point) == -signal.SIGKILL
    desk.clock.move(dt.timedelta(seconds=61))
    assert killed_at(desk, "none") == 0
    assert len(files_of(desk.settings)) == 1
    assert states(desk) == [MailState.SENT]


def test_who_wants_no_more_mail_gets_none_of_what_still_waits(desk: MessageDesk) -> None:
    desk.wants_mail()
    desk.tell_a(1)
    desk.wants_mail(address="")
    desk.tell_a(2)
    desk.send()
    assert states(desk) == [MailState.DROPPED]
    assert not desk.settings.mail_root.exists()


def test_what_still_waits_goes_to_the_new_address(desk: MessageDesk) -> None:
    desk.wants_mail()
    desk.tell_a()
    desk.wants_mail(address="new@harbin-a.example")
    desk.send()
    assert [mail["To"] for mail in files_of(desk.settings)] == ["new@harbin-a.example"]
