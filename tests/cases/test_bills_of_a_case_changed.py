"""A company that files anew bills that a case speaks of is seen to do so, by the officers and by its own signatory."""

from __future__ import annotations

from supervision.cases.rebilled import rebilled
from supervision.db import begin
from supervision.filings import Filing
from supervision.findings import Finding
from supervision.security import Identity
from tests.cases.case_desk import OFFICER, CaseDesk
from tests.filings.filing_desk import csv_bytes
from tests.findings.checked_company import OLD_PRICE, bill


def filed_again(desk: CaseDesk, *numbers: int) -> Filing:
    """December again, judged and compared: these bills at the price in force, the others of 1 to 5 left out."""
    company = desk.company.desk
    filing = company.judged(csv_bytes("bills", [bill(number) for number in numbers]))
    company.work()
    return company.again(filing)


def told(desk: CaseDesk, filing: Filing, viewer: Identity) -> list[tuple[str, int]]:
    with begin(desk.engine) as session:
        found = rebilled(session, desk.evidence, session.get_one(Filing, filing.id), viewer)
        return [(one.case.number, one.bills) for one in found]


def test_changed_and_left_out_bills_of_an_open_case_are_counted(desk: CaseDesk, finding: Finding) -> None:
    case = desk.notified(desk.open(finding))  # bills 1 to 3 at the old price
    filing = filed_again(desk, 1, 2, 4, 5)
    assert told(desk, filing, OFFICER) == [(case.number, 3)]
    assert told(desk, filing, desk.clerk) == [(case.number, 3)]


def test_bills_that_no_case_speaks_of_may_change_quietly(desk: CaseDesk, finding: Finding) -> None:
    desk.notified(desk.open(finding))
    company = desk.company.desk
    rows = [bill(number, price=OLD_PRICE) for number in (1, 2, 3)] + [bill(4, "81.00"), bill(5)]
    filing = company.judged(csv_bytes("bills", rows))
    company.work()
    assert told(desk, company.again(filing), OFFICER) == []


def test_a_company_is_not_told_of_a_case_before_it_was_notified(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding)
    filing = filed_again(desk, 1, 2, 3, 4, 5)
    assert told(desk, filing, OFFICER) == [(case.number, 3)]
    assert told(desk, filing, desk.clerk) == []


def test_a_closed_case_asks_for_nothing_any_more(desk: CaseDesk, finding: Finding) -> None:
    case = desk.open(finding, is_prepared=False)
    desk.withdraw(case)
    assert told(desk, filed_again(desk, 1, 2, 3, 4, 5), OFFICER) == []
