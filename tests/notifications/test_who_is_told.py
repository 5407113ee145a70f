"""Each act tells whom it concerns, in its own transaction, and a reminder is said once."""

from __future__ import annotations

import datetime as dt

import pytest
from message_desk import MessageDesk

from supervision.companies import CompanyService
from supervision.complaints import ComplaintService
from supervision.db import begin
from supervision.filings.calendar import FilingCalendar
from supervision.filings.obligations import Obligation
from supervision.filings.problems import FilingRefused
from supervision.journal import SYSTEM
from supervision.notifications import Kind, NoSuchMessage, NotificationService, people_of, tell
from supervision.settings.clock import SHANGHAI
from supervision.tariffs.deciding import DraftService
from supervision.users import PasswordCost, Passwords, UserService
from tests.filings.filing_desk import account, bill, csv_bytes
from tests.tariffs.drafting_ground import approve, enter_published, reviewed

GOOD = csv_bytes("bills", [bill(1), bill(2)])


def test_the_people_of_the_company_are_told_the_verdict_and_nobody_else(desk: MessageDesk) -> None:
    filing = desk.filings.judged(GOOD)
    for name in ("clerk-a", "signatory-a"):
        (message,) = desk.messages(name)
        assert (message.kind, message.path) == ("filing_judged", f"/company/filings/{filing.public_id}")
        assert message.title_zh == "账单 2025-12 第 1 次报送：待签署。请签署人核对汇总后签署。"
        assert message.title_en.startswith("Bills 2025-12, filing no. 1: Ready to sign.")
        assert message.read_at is None
    assert [desk.kinds(name) for name in ("clerk-b", "officer", "system-administrator")] == [[], [], []]


def test_a_rejection_and_a_test_are_told_as_such(desk: MessageDesk) -> None:
    desk.filings.judged(csv_bytes("bills", [bill(1, total="many")]))
    assert "退回修改" in desk.messages("clerk-a")[0].title_zh
    path = desk.folder / "test.csv"
    path.write_bytes(GOOD)
    with begin(desk.engine) as session:
        desk.filings.service(session).receive(
            company_id=desk.companies["harbin-a"],
            feed="bills",
            period="2025-12",
            path=path,
            filename="test.csv",
            by=desk.people["clerk-a"].actor,
            is_test=True,
        )
    desk.filings.work()
    told = desk.messages("clerk-a")[-1]
    assert told.kind == "test_done"
    assert "试报通过" in told.title_zh


def test_a_receipt_is_told_when_its_document_is_made(desk: MessageDesk) -> None:
    filing = desk.filings.signed(GOOD)
    assert desk.kinds("clerk-a") == ["filing_judged"]
    desk.filings.work()
    told = desk.messages("clerk-a")[-1]
    assert (told.kind, told.path) == ("receipt_issued", f"/company/filings/{filing.public_id}/receipt")
    assert str(filing.receipt_no) in told.title_zh


def first_owed(desk: MessageDesk) -> Obligation:
    """What the company owes first in the season that runs."""
    with begin(desk.engine) as session:
        calendar = FilingCalendar(session, desk.clock, desk.filings.evidence)
        company = CompanyService(session, desk.clock).by_code("harbin-a")
        return calendar.of_company(company, calendar.seasons()[0])[0]


def eight_o_clock(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8), SHANGHAI)


def test_what_is_due_soon_and_what_is_overdue_is_said_once_each(desk: MessageDesk) -> None:
    first = first_owed(desk)

    def at(day: dt.date) -> list[str]:
        desk.go_round("remind_of_filings", eight_o_clock(day))
        return desk.kinds("clerk-a")

    assert at(first.due_on - dt.timedelta(days=8)) == []
    soon = at(first.due_on - dt.timedelta(days=7))
    assert soon == ["due_soon"]
    assert at(first.due_on) == soon
    late = at(first.due_on + dt.timedelta(days=1))
    assert late.count("overdue") == 1
    assert at(first.due_on + dt.timedelta(days=2)).count("overdue") == 1
    told = next(message for message in desk.messages("clerk-a") if message.kind == "overdue")
    assert first.due_on.isoformat() in told.title_zh
    assert told.path == f"/company/filings/upload?feed={first.rule.feed}&period={first.period}"


def test_an_old_day_is_not_said_for_the_first_time(desk: MessageDesk) -> None:
    first = first_owed(desk)
    desk.go_round("remind_of_filings", eight_o_clock(first.due_on + dt.timedelta(days=61)))
    assert not [one for one in desk.messages("clerk-a") if first.due_on.isoformat() in str(one.key)]


def test_an_extension_is_told_to_the_company_and_a_refused_one_to_nobody(desk: MessageDesk) -> None:
    officer = desk.people["officer"].actor
    desk.filings.judged(csv_bytes("accounts", [account(1)]), feed="accounts", period="2025-26")
    before = len(desk.messages("clerk-a"))

    def extend(day: dt.date) -> None:
        with begin(desk.engine) as session:
            company = CompanyService(session, desk.clock).by_code("harbin-a")
            FilingCalendar(session, desk.clock, desk.filings.evidence).extend(
                company, "accounts", "2025-26", due_on=day, reason="系统升级，准予延期。", by=officer
            )

    with pytest.raises(FilingRefused, match="F07"):
        extend(dt.date(2020, 1, 1))
    assert len(desk.messages("clerk-a")) == before
    extend(dt.date(2026, 3, 1))
    told = desk.messages("clerk-a")[-1]
    assert told.title_zh == "用户台账 2025-26 的报送期限已延至 2026-03-01。"
    assert desk.kinds("clerk-b") == []


def test_a_complaint_is_told_at_once_and_again_when_its_deadline_has_passed(desk: MessageDesk) -> None:
    with begin(desk.engine) as session:
        company = CompanyService(session, desk.clock).by_code("harbin-a")
        complaint = (
            ComplaintService(session, desk.clock, desk.settings)
            .receive(
                company=company,
                topic="low_temperature",
                place="松花江小区 3 号楼",
                text="卧室只有十五度，请派人来测温。",
                address="192.0.2.1",
                phone="13900001111",
            )
            .complaint
        )
    (told,) = desk.messages("clerk-a")
    assert (told.kind, told.path) == ("complaint_forwarded", f"/desk/complaints/{complaint.number}")
    assert complaint.number in told.title_zh
    for secret in ("松花江", "十五度", "13900001111"):
        assert secret not in told.title_zh + told.title_en
    assert desk.kinds("officer") == []

    def round_at(at: dt.datetime) -> None:
        desk.go_round("remind_of_complaints", at)

    round_at(complaint.answer_by)
    assert desk.kinds("officer") == []
    for hour in (1, 2):
        round_at(complaint.answer_by + dt.timedelta(hours=hour))
    assert desk.kinds("officer") == desk.kinds("supervising-officer") == ["complaint_overdue"]
    assert desk.kinds("clerk-a") == ["complaint_forwarded", "complaint_overdue"]


def test_whoever_is_gone_is_told_nothing(desk: MessageDesk) -> None:
    with begin(desk.engine) as session:
        users = UserService(session, desk.clock, desk.settings, Passwords(PasswordCost(1, 8, 1)))
        users.deactivate("clerk-a", by=SYSTEM)
    desk.tell_a()
    assert (desk.kinds("clerk-a"), desk.kinds("signatory-a")) == ([], ["extended"])
    with begin(desk.engine) as session:
        CompanyService(session, desk.clock).deactivate("harbin-a", by=SYSTEM)
    desk.tell_a(2)
    assert desk.kinds("signatory-a") == ["extended"]


def test_an_act_that_is_rolled_back_was_told_to_nobody(desk: MessageDesk) -> None:
    desk.wants_mail()
    with pytest.raises(RuntimeError, match="stopped"), begin(desk.engine) as session:
        people = people_of(session, desk.companies["harbin-a"])
        given = {"feed_zh": "账单", "feed_en": "Bills", "period": "2025-12", "due_on": "2026-01-31"}
        tell(session, desk.clock, Kind.EXTENDED, people, path="/company/calendar", **given)
        raise RuntimeError("stopped")
    assert desk.messages("clerk-a") == []
    assert desk.mails() == []


def test_another_persons_message_is_answered_like_one_that_never_was(desk: MessageDesk) -> None:
    desk.tell_a()
    (own,) = desk.messages("clerk-a")
    with begin(desk.engine) as session:
        service = NotificationService(session, desk.clock)
        for stranger, public_id in (
            ("signatory-a", own.public_id),
            ("clerk-b", own.public_id),
            ("clerk-a", "no"),
        ):
            with pytest.raises(NoSuchMessage):
                service.open(public_id, desk.people[stranger])
        assert service.unread(desk.people["clerk-a"]) == 1
        service.open(own.public_id, desk.people["clerk-a"])
        assert service.unread(desk.people["clerk-a"]) == 0
        assert service.unread(desk.people["signatory-a"]) == 1


def test_a_published_tariff_is_told_to_the_companies_of_its_city_and_to_officers(desk: MessageDesk) -> None:
    enter_published(desk.engine, desk.clock)
    with begin(desk.engine) as session:
        parts = (session, desk.clock, desk.filings.evidence)
        approve(DraftService(*parts), reviewed(*parts))
    assert desk.kinds("clerk-a") == desk.kinds("officer") == ["tariff_published"]
    assert desk.kinds("clerk-b") == []
    assert "hrb-res-2015-next" in desk.messages("clerk-a")[0].title_zh
