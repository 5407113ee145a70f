"""Complaints: numbered without a gap, answered in turn, closed by an officer, reopened by the complainant."""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from supervision.companies import Company, CompanyService
from supervision.complaints.lifecycle import LIFECYCLE, ComplaintAct, ComplaintState
from supervision.complaints.models import Complaint, ComplaintContact
from supervision.complaints.service import (
    SENT_WITHIN_HOUR,
    WRONG_ALLOWED,
    ComplaintService,
    NoSuchComplaint,
    Received,
    TooMany,
    is_overdue,
)
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.journal import SYSTEM, JournalEntry, JournalPersonalValue
from supervision.security import Identity, Role
from supervision.settings import FixedClock, Settings

OFFICER = Identity(1, "officer", "监管人员", Role.OFFICER, "P1", None)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_mapping(
        {"supervision.environment": "test", "supervision.data": str(tmp_path / "data")}
    )


@pytest.fixture
def companies(engine: Engine, clock: FixedClock) -> dict[str, Company]:
    with begin(engine) as session:
        return {
            code: CompanyService(session, clock).register(
                code=code, name_zh=code, name_en=code, province="", city=city, service_areas=[], by=SYSTEM
            )
            for code, city in (("harbin", "哈尔滨市"), ("jinan", "济南市"))
        }


def clerk(company: Company) -> Identity:
    return Identity(2, "clerk", "经办人", Role.COMPANY_CLERK, "P2", company.id)


def send(engine: Engine, clock: FixedClock, settings: Settings, company: Company, **given: str) -> Received:
    values = {
        "topic": "bill_error",
        "place": "松北新城 3 号楼",
        "text": "账单金额比去年多了三百元",
        "address": "192.0.2.1",
    }
    with begin(engine) as session:
        return ComplaintService(session, clock, settings).receive(company=company, **{**values, **given})  # type: ignore[arg-type]


def test_a_complaint_goes_from_receipt_to_closing_and_back_when_the_complainant_disagrees(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    company = companies["harbin"]
    number = send(engine, clock, settings, company).complaint.number
    with begin(engine) as session:
        service = ComplaintService(session, clock, settings)
        complaint = service.find(number, clerk(company))
        service.answer(
            complaint,
            by=clerk(company),
            kind="monetary",
            text="已核实多收,退回差额。",
            amount=Decimal("300.00"),
            version=1,
        )
        service.return_to_company(complaint, by=OFFICER, reason="没有说明退款时间", version=2)
        service.answer(
            complaint,
            by=clerk(company),
            kind="monetary",
            text="十日内退回。",
            amount=Decimal("300.00"),
            version=3,
        )
        service.close(complaint, by=OFFICER, text="处理妥当", version=4)
        assert complaint.closed_at == clock.now()
        service.reopen(complaint, reason="款项没有到账", version=5)
        assert complaint.state is ComplaintState.REOPENED
        assert complaint.closed_at is None
        assert [event.act for event in complaint.events] == [
            "receive", "answer", "return", "answer", "close", "reopen",
        ]  # fmt: skip
    with begin(engine) as session:
        acts = session.scalars(select(JournalEntry.act).order_by(JournalEntry.index)).all()
    assert acts[2:] == [
        "complaint.received", "complaint.answered", "complaint.returned", "complaint.answered", "complaint.closed",
        "complaint.reopened",
    ]  # fmt: skip


def test_every_act_that_the_table_does_not_list_is_refused(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    number = send(engine, clock, settings, companies["harbin"]).complaint.number
    with begin(engine) as session:
        complaint = ComplaintService(session, clock, settings).numbered(number)
        for act in ComplaintAct:
            if (complaint.state, act) not in LIFECYCLE.steps:
                with pytest.raises(NotPossible):
                    LIFECYCLE.move(session, complaint, act)


def test_deadlines_follow_the_citys_rule_and_stay_when_it_is_reopened(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    received = send(engine, clock, settings, companies["harbin"], topic="low_temperature").complaint
    assert received.close_by == clock.now() + dt.timedelta(
        hours=48
    )  # Heilongjiang 2020: ordinary complaints in 48 h
    clock.move(dt.timedelta(hours=48))
    assert not is_overdue(received, clock.now()) or received.answer_by < clock.now()
    clock.move(dt.timedelta(seconds=1))
    assert is_overdue(received, clock.now())


def test_two_people_answering_the_same_version_cannot_both_succeed(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    company = companies["harbin"]
    number = send(engine, clock, settings, company).complaint.number
    barrier, outcomes = threading.Barrier(4), []

    def answer() -> None:
        try:
            with begin(engine) as session:
                barrier.wait()
                service = ComplaintService(session, clock, settings)
                complaint = service.find(number, clerk(company))
                service.answer(
                    complaint,
                    by=clerk(company),
                    kind="explanation",
                    text="说明说明说明",
                    amount=None,
                    version=1,
                )
            outcomes.append("answered")
        except (NotPossible, MovedMeanwhile):
            outcomes.append("refused")

    if engine.dialect.name == "sqlite":  # writers queue before they read, so they cannot meet at the barrier
        barrier = threading.Barrier(1)
    threads = [threading.Thread(target=answer) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["answered", "refused", "refused", "refused"]


def test_numbers_have_no_gap_when_many_complain_at_once(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    threads = [
        threading.Thread(
            target=send,
            args=(engine, clock, settings, companies["harbin"]),
            kwargs={"address": f"192.0.2.{n}"},
        )
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with begin(engine) as session:
        numbers = session.scalars(select(Complaint.number).order_by(Complaint.number)).all()
    assert numbers == [f"TS2025-{n:06d}" for n in range(1, 9)]


def test_only_the_right_code_opens_a_complaint_and_the_code_is_nowhere_kept(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    received = send(engine, clock, settings, companies["harbin"])
    number = received.complaint.number
    with begin(engine) as session:
        service = ComplaintService(session, clock, settings)
        assert service.unlock(number, received.code.lower().replace("-", " "), "192.0.2.9") is not None
        assert service.unlock(number, "ABCD" * 4, "192.0.2.9") is None
        assert service.unlock("TS2025-999999", received.code, "192.0.2.9") is None
        stored = session.scalars(select(Complaint.tracking_hash)).one()
    assert received.code.replace("-", "") not in stored
    assert stored == hashlib.sha256(f"{number}\n{received.code.replace('-', '')}".encode()).hexdigest()


def test_guessing_codes_is_stopped_and_the_door_opens_again_later(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    received = send(engine, clock, settings, companies["harbin"])
    number = received.complaint.number
    with begin(engine) as session:
        service = ComplaintService(session, clock, settings)
        for _ in range(WRONG_ALLOWED):
            assert service.unlock(number, "X" * 16, "192.0.2.66") is None
        with pytest.raises(TooMany):
            service.unlock(number, received.code, "192.0.2.66")
        assert service.unlock(number, received.code, "192.0.2.7") is not None, "others are not locked out"
        clock.move(dt.timedelta(minutes=10, seconds=1))
        assert service.unlock(number, received.code, "192.0.2.66") is not None


def test_one_address_cannot_flood_the_desk(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    for _ in range(SENT_WITHIN_HOUR):
        send(engine, clock, settings, companies["harbin"])
    with pytest.raises(TooMany):
        send(engine, clock, settings, companies["harbin"])
    send(engine, clock, settings, companies["harbin"], address="192.0.2.2")


def test_another_company_gets_the_same_answer_as_for_a_complaint_that_does_not_exist(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    number = send(engine, clock, settings, companies["harbin"]).complaint.number
    with begin(engine) as session:
        service = ComplaintService(session, clock, settings)
        for asked in (number, "TS2025-999999"):
            with pytest.raises(NoSuchComplaint):
                service.find(asked, clerk(companies["jinan"]))


def test_the_telephone_number_is_for_officers_and_can_be_erased_without_breaking_the_journal(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    received = send(engine, clock, settings, companies["harbin"], phone="13900001234")
    with begin(engine) as session:
        service = ComplaintService(session, clock, settings)
        complaint = service.numbered(received.complaint.number)
        assert service.phone_of(complaint, OFFICER) == "13900001234"
        assert service.phone_of(complaint, clerk(companies["harbin"])) is None
        entry = session.scalars(select(JournalEntry).where(JournalEntry.act == "complaint.received")).one()
        assert "13900001234" not in str(entry.detail)
        for row in session.scalars(select(JournalPersonalValue)).all():
            session.delete(row)
        session.delete(session.get_one(ComplaintContact, complaint.id))
    with begin(engine) as session:
        from supervision.journal import Journal

        assert list(Journal(session, clock).flaws()) == []


def test_figures_count_what_was_closed_in_time(
    engine: Engine, clock: FixedClock, settings: Settings, companies: dict[str, Company]
) -> None:
    company = companies["harbin"]
    numbers = [send(engine, clock, settings, company).complaint.number for _ in range(3)]
    start = clock.now() - dt.timedelta(days=1)
    with begin(engine) as session:
        service = ComplaintService(session, clock, settings)
        for number, wait in zip(numbers[:2], (dt.timedelta(hours=1), dt.timedelta(days=60)), strict=True):
            clock.move(wait)
            complaint = service.numbered(number)
            service.answer(
                complaint,
                by=clerk(company),
                kind="unfounded",
                text="核实无误,金额正确",
                amount=None,
                version=1,
            )
            service.close(complaint, by=OFFICER, text="已核实", version=2)
        figures = service.figures(start, clock.now())
    assert [(one.received, one.closed, one.in_time, one.overdue, one.upheld) for one in figures] == [
        (3, 2, 1, 1, 0)
    ]
