"""A mistake that a company makes month after month is one finding of the season, whichever run found which bill."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile
from supervision.findings import Finding, FindingState, QueueFilter
from supervision.findings.proof import flaws
from supervision.findings.reading import FindingReading
from supervision.journal import JournalEntry
from tests.findings.checked_company import (
    DECEMBER,
    JANUARY,
    OFFICER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
)

FEBRUARY = "2026-02"
A_BILL = Decimal("162.40")  # 80 m2 at the old price, 2.03 CNY a square metre too much
DATES = {
    DECEMBER: {},
    JANUARY: {"issued_on": "2026-01-08", "due_on": "2026-01-31"},
    FEBRUARY: {"issued_on": "2026-02-06", "due_on": "2026-02-28"},
}


def roster(company: CheckedCompany, *areas: str) -> None:
    numbered = enumerate(areas or ("80.00",) * 9, start=1)
    company.file_and_check("accounts", SEASON, [account(number, area) for number, area in numbered])


def month(company: CheckedCompany, period: str, wrong: tuple[int, ...], right: tuple[int, ...] = ()) -> None:
    """The company files ``wrong`` bills at the old price and ``right`` ones."""
    rows = [bill(number, price=OLD_PRICE, **DATES[period]) for number in wrong]
    rows += [bill(number, **DATES[period]) for number in right]
    company.file_and_check("bills", period, rows)


def periods(company: CheckedCompany, finding: Finding) -> list[str]:
    with begin(company.engine) as session:
        return [part.period for part in company.service(session).parts(finding)]


def in_case(company: CheckedCompany, finding: Finding) -> None:
    with begin(company.engine) as session:
        service = company.service(session)
        service.take_into_case(service.by_id(finding.id), by=OFFICER.actor, case="C-1")


def given_back(company: CheckedCompany, finding: Finding) -> None:
    with begin(company.engine) as session:
        service = company.service(session)
        service.give_back(service.by_id(finding.id), by=OFFICER.actor, case="C-1")


def dismissed(company: CheckedCompany, finding: Finding) -> Finding:
    with begin(company.engine) as session:
        service = company.service(session)
        found = service.by_id(finding.id)
        note = "企业已更正并退款，凭证齐全。"
        service.dismiss(found, reason="explained", note=note, by=OFFICER.actor, version=finding.version)
        return found


def sound(company: CheckedCompany) -> bool:
    """Register, evidence and journal agree: the figures of every finding are those of its parts."""
    with begin(company.engine) as session:
        told = [one.en for one in flaws(session, company.desk.evidence, company.desk.clock)]
    return [line for line in told if "finding" in line] == []


def test_bills_of_one_cause_are_one_finding_over_the_periods_of_a_season(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1, 2), (3,))
    month(company, JANUARY, (4,), (5,))
    (finding,) = company.findings()
    assert (finding.cause, finding.bills, finding.exposed_bills) == ("old_price", 3, 5)
    assert (finding.amount_over, finding.largest) == (3 * A_BILL, A_BILL)
    assert (finding.first_seen, finding.last_seen) == (dt.date(2025, 12, 5), dt.date(2026, 1, 8))
    assert periods(company, finding) == [DECEMBER, JANUARY]
    assert finding.version == 2  # whoever decides on what December showed alone is told so
    assert sound(company)


def test_another_cause_or_another_season_is_another_finding(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    other = bill(4, other_charge="30.00", other_charge_name="管网建设费", total="3095.60", **DATES[JANUARY])
    company.file_and_check("bills", JANUARY, [other])
    assert {one.cause for one in company.findings()} > {"old_price"}
    assert len(company.findings()) == 2


def test_a_period_filed_again_takes_its_part_out_and_puts_the_new_one_in(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1, 2))
    month(company, JANUARY, (3,))
    month(company, DECEMBER, (1,), (2,))
    (finding,) = company.findings()
    assert (finding.bills, finding.amount_over) == (2, 2 * A_BILL)
    month(company, DECEMBER, (), (1, 2))
    (again,) = company.findings()
    assert (again.id, again.bills, periods(company, again)) == (finding.id, 1, [JANUARY])
    month(company, JANUARY, (), (3,))
    assert company.findings() == []
    (gone,) = company.findings(QueueFilter(state=FindingState.SUPERSEDED))
    assert (gone.id, gone.bills, periods(company, gone)) == (finding.id, 1, [JANUARY])
    assert sound(company)


def test_what_is_in_a_case_is_frozen_and_new_bills_are_a_new_finding_that_names_it(
    company: CheckedCompany,
) -> None:
    roster(company)
    month(company, DECEMBER, (1, 2))
    (first,) = company.findings()
    in_case(company, first)
    month(company, JANUARY, (3,))
    month(company, DECEMBER, (1,), (2,))
    (open_one,) = company.findings()
    assert (open_one.bills, periods(company, open_one)) == (2, [DECEMBER, JANUARY])
    (kept,) = company.findings(QueueFilter(state=FindingState.IN_CASE))
    assert (kept.id, kept.bills, kept.amount_over) == (first.id, 2, 2 * A_BILL)
    with begin(company.engine) as session:
        assert [one.id for one in company.service(session).others_alike(open_one)] == [first.id]
    assert sound(company)


def test_what_a_case_gives_back_is_open_again_with_all_that_came_since(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1, 2))
    (first,) = company.findings()
    in_case(company, first)
    month(company, JANUARY, (3,))
    (meanwhile,) = company.findings()
    given_back(company, first)
    (finding,) = company.findings()
    assert (finding.id, finding.bills, periods(company, finding)) == (first.id, 3, [DECEMBER, JANUARY])
    with begin(company.engine) as session:
        gone = session.get_one(Finding, meanwhile.id)
        assert (gone.state, gone.parts) == (FindingState.SUPERSEDED, [])
        (entry,) = session.query(JournalEntry).filter_by(act="finding.given_back")
        assert entry.detail["opened_meanwhile"] == meanwhile.public_id
    assert sound(company)


def test_what_a_case_gives_back_counts_no_bill_that_was_filed_again(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1, 2))
    (first,) = company.findings()
    in_case(company, first)
    month(company, DECEMBER, (1,), (2,))
    given_back(company, first)
    (finding,) = company.findings()
    assert (finding.id, finding.bills) == (first.id, 1)
    in_case(company, finding)
    month(company, DECEMBER, (), (1, 2))
    given_back(company, first)
    assert company.findings() == []
    gone = company.findings(QueueFilter(state=FindingState.SUPERSEDED))
    assert [(one.id, one.bills) for one in gone if periods(company, one)] == [(first.id, 1)]
    assert sound(company)


def test_a_dismissal_holds_for_what_it_was_decided_on_and_not_for_later_bills(
    company: CheckedCompany,
) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (first,) = company.findings()
    dismissed(company, first)
    month(company, JANUARY, (2,))
    (open_one,) = company.findings()
    assert periods(company, open_one) == [JANUARY]
    roster(company, *("80.00",) * 8)  # every bill is checked again and comes out the same
    (again,) = company.findings(QueueFilter(state=FindingState.DISMISSED))
    assert (again.id, periods(company, again)) == (first.id, [DECEMBER])
    assert [one.id for one in company.findings()] == [open_one.id]


def test_a_dismissed_finding_that_opens_again_takes_in_what_came_since(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (first,) = company.findings()
    now = dismissed(company, first)
    month(company, JANUARY, (2,))
    with begin(company.engine) as session:
        service = company.service(session)
        service.reopen(service.by_id(first.id), by=OFFICER.actor, version=now.version)
    (finding,) = company.findings()
    assert (finding.id, finding.bills, finding.reason) == (first.id, 2, None)
    assert sound(company)


def test_whoever_decides_on_what_a_later_run_changed_is_told_so(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (seen,) = company.findings()
    month(company, JANUARY, (2,))
    with pytest.raises(MovedMeanwhile):
        dismissed(company, seen)
    assert company.findings()[0].state is FindingState.OPEN


def test_the_address_of_a_part_leads_to_its_finding(
    company: CheckedCompany, other_company: CheckedCompany
) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    (finding,) = company.findings()
    (part,) = company.parts(finding)
    with begin(company.engine) as session:
        assert company.service(session).finding(part.public_id, company.clerk).id == finding.id
        with pytest.raises(LookupError):
            company.service(session).finding(part.public_id, other_company.clerk)


def test_the_bills_of_all_periods_are_paged_in_one_order_the_largest_difference_first(
    company: CheckedCompany,
) -> None:
    areas = ["81.00", "95.00", "70.00", "81.00", "60.00", "90.00", "77.00"]
    roster(company, *areas)
    for period, numbers in ((DECEMBER, (1, 2, 3)), (JANUARY, (4, 5, 6, 7))):
        rows = [bill(number, areas[number - 1], OLD_PRICE, **DATES[period]) for number in numbers]
        company.file_and_check("bills", period, rows)
    (finding,) = company.findings()
    with begin(company.engine) as session:
        service = company.service(session)
        everything = [found.row["bill_no"] for found in service.all_rows(service.parts(finding))]
        pages = [service.rows(finding, number, 2) for number in (1, 2, 3, 4, 5)]
    assert everything == ["B0002", "B0006", "B0001", "B0004", "B0007", "B0003", "B0005"]
    assert [found.row["bill_no"] for page in pages for found in page.items] == everything
    assert [page.pages for page in pages] == [4] * 5
    assert [found.part.period for found in pages[0].items] == [DECEMBER, JANUARY]


def test_other_categories_and_tariffs_of_the_same_cause_are_offered_together(company: CheckedCompany) -> None:
    roster(company)
    month(company, DECEMBER, (1,))
    with begin(company.engine) as session:
        reading = FindingReading(session, company.desk.evidence)
        (own,) = session.query(Finding)
        columns = [one.key for one in Finding.__mapper__.column_attrs if one.key not in ("id", "public_id")]
        kept = {key: getattr(own, key) for key in columns}
        session.add(Finding(**kept | {"category": "commercial"}))
        session.add(Finding(**kept | {"cause": "duplicate_bill"}))
        session.flush()
        together = reading.of_same_cause(own)
        assert [one.category for one in together] == ["residential", "commercial"]
