"""Test filings (试报): judged like any other, and by construction never in force."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from ingest.standard import Period, PeriodKind
from supervision.companies import CompanyService
from supervision.db import begin, read
from supervision.filings import FilingRefused, State
from supervision.filings.calendar import FilingCalendar
from supervision.security import Role
from tests.filings.filing_desk import Desk, bill, csv_bytes, person

GOOD = csv_bytes("bills", [bill(1), bill(2)])


def tried(desk: Desk, content: bytes, key: str | None = None) -> int:
    """The number of a test filing of these bytes, judged."""
    filing = desk.upload(content, key=key, is_test=True)
    desk.work()
    return filing.id


def test_a_test_is_judged_and_reported_on_like_any_other(desk: Desk) -> None:
    wrong = csv_bytes("bills", [bill(1, category="palace")])
    numbers = tried(desk, GOOD), tried(desk, wrong), desk.judged(wrong).id
    with begin(desk.engine) as session:
        passed, rejected, real = (desk.service(session).by_id(number) for number in numbers)
        assert (passed.state, passed.rows, passed.text.name_zh) == (State.READY, 2, "试报通过")
        assert (rejected.state, rejected.text.name_zh) == (State.REJECTED, "试报未通过")
        assert (rejected.edits_digest, rejected.report_digest) == (real.edits_digest, real.report_digest)


def test_a_test_is_never_signed_by_nobody_not_even_past_the_portal(desk: Desk) -> None:
    number = tried(desk, GOOD)
    with begin(desk.engine) as session:
        filing = desk.service(session).by_id(number)
        with pytest.raises(FilingRefused) as refused:
            desk.service(session).sign(
                filing, by=desk.signatory.actor, signer="王签署", version=filing.version
            )
        assert refused.value.code == "F10"
    forced = (
        "UPDATE filing SET state = 'signed', is_current = true, receipt_no = 'R1', "
        "signed_at = received_at WHERE id = :id"
    )
    with pytest.raises(DBAPIError, match="test_never_counts"), begin(desk.engine) as session:
        session.execute(text(forced), {"id": number})
    assert desk.current() is None


def test_a_test_with_points_to_explain_takes_no_explanation(desk: Desk) -> None:
    number = tried(desk, csv_bytes("bills", [bill(1, storey_height_m="45.00")]))
    with begin(desk.engine) as session:
        filing = desk.service(session).by_id(number)
        assert filing.state is State.NEEDS_EXPLANATION
        with pytest.raises(FilingRefused, match="F10"):
            said = {"QUA04": ("true_as_filed", "该户为体育馆，层高四十五米属实。")}
            desk.explanations(session).by_edit(filing, said, by=desk.signatory.actor, version=filing.version)


def test_the_same_bytes_in_earnest_after_a_test_are_a_filing_of_their_own(desk: Desk) -> None:
    first = tried(desk, GOOD)
    assert tried(desk, GOOD) != first
    filing = desk.signed(GOOD)
    assert (filing.is_test, filing.state) == (False, State.SIGNED)
    assert desk.upload(GOOD).id == filing.id


def test_one_key_does_not_stand_for_a_test_and_for_a_filing(desk: Desk) -> None:
    first = tried(desk, GOOD, key="k1")
    assert tried(desk, GOOD, key="k1") == first
    with pytest.raises(FilingRefused, match="T13"):
        desk.upload(GOOD, key="k1")


def test_a_test_owes_nothing_waits_for_nobody_and_is_no_business_of_officers(desk: Desk) -> None:
    number = tried(desk, GOOD)
    season = Period.parse("2025-26", (PeriodKind.SEASON,))
    with read(desk.engine) as session:
        service = desk.service(session)
        company = CompanyService(session, desk.clock).by_id(desk.company_id)
        owed = FilingCalendar(session, desk.clock, desk.evidence).of_company(company, season)
        assert [one.period for one in owed] == ["2025-26", "2025-26"]
        assert owed[0].due_on == dt.date(2025, 10, 31)
        assert set(service.counts(desk.clerk).values()) == {0}
        seen = session.scalars(service.visible_to(desk.clerk)).all()
        assert [filing.id for filing in seen] == [number]
        assert session.scalars(service.visible_to(person(Role.OFFICER, "officer", None))).all() == []
