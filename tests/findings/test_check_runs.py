"""From a signed filing to its run: what came out, on what it rests, and what a second run does to the first."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from supervision.db import begin
from supervision.findings import FindingState, QueueFilter
from supervision.journal import Journal, JournalEntry
from tests.filings.filing_desk import csv_bytes
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

# 80 m2 at the old price is 2.03 CNY a square metre too much.
OVERCHARGE = Decimal("162.40")


def test_a_file_as_uploaded_goes_all_the_way_to_its_finding(company: CheckedCompany) -> None:
    desk = company.desk
    desk.signed(csv_bytes("accounts", [account(1), account(2)]), feed="accounts", period=SEASON)
    rows = csv_bytes("bills", [bill(1), bill(2, price=OLD_PRICE)])
    filing = desk.signed(rows, feed="bills", period=DECEMBER)
    company.check()
    assert company.run().filing_id == filing.id
    (finding,) = company.findings()
    assert (finding.cause, finding.amount_over) == ("old_price", OVERCHARGE)


def test_a_signed_filing_is_checked_and_each_wrong_bill_has_its_cause(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(number) for number in range(1, 5)])
    rows = [bill(1), bill(2, price=OLD_PRICE), bill(3, price=OLD_PRICE), bill(4, "90.00")]
    filing = company.file_and_check("bills", DECEMBER, rows)
    run = company.run()
    assert run.filing_id == filing.id
    assert (run.bills, run.conforms, run.breaches, run.inconclusive) == (4, 1, 3, 0)
    old_price, area = company.findings(QueueFilter())[1], company.findings(QueueFilter())[0]
    assert (area.cause, area.amount_over) == ("area_differs_from_roster", Decimal("383.20"))
    assert (old_price.cause, old_price.bills, old_price.exposed_bills) == ("old_price", 2, 4)
    assert old_price.amount_over == 2 * OVERCHARGE
    assert old_price.largest == OVERCHARGE
    assert old_price.first_seen == old_price.last_seen == dt.date(2025, 12, 5)
    assert run.amount_over == 2 * OVERCHARGE + Decimal("383.20")
    assert run.amount_under == 0


def test_what_customers_paid_too_little_is_reported_as_well(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1, "70.00")])
    (finding,) = company.findings()
    assert (finding.amount_over, finding.amount_under) == (Decimal("0.00"), Decimal("383.20"))


def test_a_run_names_every_piece_of_evidence_it_rests_on(company: CheckedCompany) -> None:
    roster = company.file_and_check("accounts", SEASON, [account(1)])
    bills = company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    run = company.run()
    assert (run.bills_digest, run.accounts_digest) == (bills.table_digest, roster.table_digest)
    assert run.accounts_filing_id == roster.id
    assert run.neighbours_digest is None
    assert [pair[0] for pair in run.tariffs] == sorted(pair[0] for pair in run.tariffs)
    assert "hrb-res-2015" in {pair[0] for pair in run.tariffs}
    outcomes = company.desk.evidence.read_table(run.outcomes_digest).to_pylist()
    assert [row["bill_no"] for row in outcomes] == ["B0001"]
    assert outcomes[0]["overcharge"] == OVERCHARGE
    (finding,) = company.findings()
    (part,) = company.parts(finding)
    assert company.desk.evidence.read_table(part.rows_digest).to_pylist() == outcomes


def test_without_a_roster_the_bills_own_statements_are_taken_and_the_run_says_so(
    company: CheckedCompany,
) -> None:
    company.file_and_check("bills", DECEMBER, [bill(1, "90.00")])
    run = company.run()
    assert run.accounts_digest is None
    assert (run.conforms, run.breaches) == (1, 0)


def test_what_cannot_be_computed_is_inconclusive_and_says_what_is_missing(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2)])
    run = company.run()
    assert (run.conforms, run.inconclusive) == (1, 1)
    assert run.missing == {"account_not_on_roster": 1}


def test_a_new_roster_checks_the_bills_of_its_season_again_and_the_run_before_stays(
    company: CheckedCompany,
) -> None:
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1, "90.00"), bill(2, price=OLD_PRICE)])
    company.file_and_check("accounts", SEASON, [account(1, "90.00"), account(2)])
    first, second = company.runs()
    assert (first.is_current, second.is_current) == (False, True)
    assert second.previous_run_id == first.id
    assert (first.breaches, second.breaches) == (2, 1)
    assert second.delta == {"breach→conforms": 1}
    assert first.outcomes_digest != second.outcomes_digest
    (superseded,) = company.findings(QueueFilter(state=FindingState.SUPERSEDED))
    assert (superseded.cause, superseded.bills) == ("area_differs_from_roster", 1)
    (open_one,) = company.findings()
    assert (open_one.cause, open_one.version) == ("old_price", 1)  # nothing of it changed
    before, now = company.parts(open_one, is_counted=False), company.parts(open_one)
    assert [part.run_id for part in (*before, *now)] == [first.id, second.id]
    assert now[0].predecessor_id == before[0].id


def test_bills_filed_again_are_checked_against_their_predecessor(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(3)])
    first, second = company.runs()
    assert second.previous_run_id == first.id
    assert second.delta == {"breach→conforms": 1, "added": 1, "removed": 1}
    assert company.findings() == []


def test_the_same_check_asked_for_twice_makes_one_run(company: CheckedCompany) -> None:
    company.file_and_check("bills", DECEMBER, [bill(1)])
    with begin(company.engine) as session:
        company.service(session).ask_recheck(company.run(), by=OFFICER.actor)
    assert company.check() == 1
    assert len(company.runs()) == 1


def test_a_filing_superseded_before_its_check_has_no_run(company: CheckedCompany) -> None:
    superseded = company.file("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    company.file("bills", DECEMBER, [bill(1)])
    company.check()
    (run,) = company.runs()
    assert run.filing_id != superseded.id
    assert company.findings() == []


def test_a_service_billed_in_two_filings_is_a_duplicate_of_the_earlier_bill(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2)])
    again = bill(1, bill_no="B0901", issued_on="2026-01-05", due_on="2026-01-31")
    company.file_and_check("bills", JANUARY, [again])
    december, january = company.run(DECEMBER), company.run(JANUARY)
    assert (december.breaches, january.breaches) == (0, 1)
    assert january.neighbours_digest is not None
    (finding,) = company.findings()
    assert (finding.cause, finding.bills) == ("duplicate_bill", 1)
    assert [part.period for part in company.parts(finding)] == [JANUARY]
    assert finding.amount_over == Decimal("3065.60")


def test_when_the_earlier_filing_drops_the_bill_the_later_one_is_no_duplicate_any_more(
    company: CheckedCompany,
) -> None:
    company.file_and_check("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2)])
    again = bill(1, bill_no="B0901", issued_on="2026-01-05", due_on="2026-01-31")
    company.file_and_check("bills", JANUARY, [again])
    company.file_and_check("bills", DECEMBER, [bill(2)])
    assert company.run(JANUARY).breaches == 0
    assert [run.number for run in company.runs(JANUARY)] == [1, 2]
    assert company.findings() == []


def test_every_run_has_its_journal_entry_and_the_chain_holds(company: CheckedCompany) -> None:
    company.file_and_check("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    run = company.run()
    with begin(company.engine) as session:
        (entry,) = session.query(JournalEntry).filter_by(act="run.finished")
        assert entry.object_id == run.public_id
        assert entry.company_id == company.company_id
        assert entry.detail["outcomes"] == run.outcomes_digest
        assert entry.detail["amount_over"] == "162.40"
        assert list(Journal(session, company.desk.clock).flaws()) == []
