"""One bill as a run saw it, with the worksheet that leads to its outcome."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from supervision.db import begin
from supervision.findings import BillView, NoSuchBill
from supervision.findings.paper import worksheet_document
from tests.findings.checked_company import (
    DECEMBER,
    JANUARY,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    account,
    bill,
)


def seen(company: CheckedCompany, bill_no: str, run: int | None = None) -> BillView:
    """The bill as the current run sees it, or as the run of December with that number does."""
    wanted = None if run is None else company.runs()[run - 1].public_id
    with begin(company.engine) as session:
        chosen = None if wanted is None else company.service(session).run(wanted, company.clerk)
        view = company.bills(session).bill(company.company_id, bill_no, run=chosen)
        assert view.run.company.code
        assert view.filing.public_id
        return view


def test_a_bill_shows_what_was_filed_what_the_roster_says_and_how_it_is_worked_out(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2)])
    view = seen(company, "B0001")
    assert view.bill["total"] == Decimal("3228.00")
    assert view.account is not None
    assert view.account["usable_area_m2"] == Decimal("80.00")
    assert view.outcome["overcharge"] == view.worksheet.overcharge == Decimal("162.40")
    assert view.worksheet.cause == "old_price"
    assert (view.is_reproduced, view.is_same_rules) == (True, True)
    assert view.finding is not None
    assert view.finding.cause == "old_price"
    (line,) = view.worksheet.lines
    assert "38.32" in line.formula.zh
    assert "80" in line.formula.zh


def test_a_bill_whose_account_is_not_on_the_roster_is_inconclusive_on_its_worksheet_too(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2)])
    view = seen(company, "B0002")
    assert view.account is None
    assert view.worksheet.missing == ("account_not_on_roster",)
    assert view.is_reproduced


def test_a_duplicate_of_another_filings_bill_is_one_on_its_worksheet_too(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1)])
    again = bill(1, bill_no="B0901", issued_on="2026-01-05", due_on="2026-01-31")
    company.file_and_check("bills", JANUARY, [again])
    view = seen(company, "B0901")
    assert (view.worksheet.cause, view.worksheet.recomputed_total) == ("duplicate_bill", Decimal("0.00"))
    assert view.is_reproduced


def test_a_correction_of_another_filings_bill_finds_its_original(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    correction = bill(
        1,
        bill_no="B0902",
        kind="correction",
        corrects_bill_no="B0001",
        area_charge="",
        refund="-162.40",
        total="-162.40",
        issued_on="2026-01-05",
        due_on="2026-01-31",
    )
    company.file_and_check("bills", JANUARY, [correction])
    assert company.run(JANUARY).conforms == 1
    view = seen(company, "B0902")
    assert (view.worksheet.outcome, view.worksheet.recomputed_total) == ("conforms", Decimal("-162.40"))
    assert view.is_reproduced


def test_an_older_run_shows_the_bill_as_it_was_then(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE)])
    company.file_and_check("bills", DECEMBER, [bill(1)])
    assert seen(company, "B0001").outcome["outcome"] == "conforms"
    before = seen(company, "B0001", run=1)
    assert before.outcome["outcome"] == "breach"
    assert before.bill["total"] == Decimal("3228.00")


def test_a_number_that_no_run_has_and_another_companys_number_are_the_same_nothing(
    company: CheckedCompany, other_company: CheckedCompany
) -> None:
    company.file_and_check("bills", DECEMBER, [bill(1)])
    with begin(company.engine) as session:
        with pytest.raises(NoSuchBill):
            company.bills(session).bill(company.company_id, "B7777")
        with pytest.raises(NoSuchBill):
            company.bills(session).bill(other_company.company_id, "B0001")


def test_the_bills_of_an_account_are_found_across_periods(company: CheckedCompany) -> None:
    company.file_and_check("bills", DECEMBER, [bill(1), bill(2)])
    again = bill(1, bill_no="B0901", issued_on="2026-01-05", due_on="2026-01-31")
    company.file_and_check("bills", JANUARY, [again])
    with begin(company.engine) as session:
        found = company.bills(session).bills_of_account(company.company_id, "A0001")
        assert [row["bill_no"] for _run, row in found] == ["B0901", "B0001"]
        assert company.bills(session).bills_of_account(company.company_id, "A9999") == []


def test_the_printed_worksheet_says_what_the_page_says(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file_and_check("bills", DECEMBER, [bill(1, price=OLD_PRICE), bill(2)])
    view = seen(company, "B0001")
    document = worksheet_document(view, company.desk.settings, "https://heat.example/bill")
    assert (document.billed_total, document.recomputed_total) == ("3228.00", "3065.60")
    assert document.overcharge == "162.40"
    assert document.tariff_id == "hrb-res-2015"
    assert document.worked_on == dt.date(2025, 11, 24)
    (line,) = document.lines
    assert "台账第 1 行“使用面积”" in line.steps[0].why.zh
    assert {one.digest for one in document.evidence} >= {view.run.bills_digest, view.run.outcomes_digest}
    lacking = worksheet_document(seen(company, "B0002"), company.desk.settings, "https://heat.example/bill")
    assert lacking.recomputed_total is None
    assert [text.en for text in lacking.missing] == ["the account is not on the roster"]
