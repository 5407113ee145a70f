"""The ledger of a company is checked when payments or readings come into force, and again with everything it rests on."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal

import pytest

from supervision.db import begin
from supervision.findings.proof import flaws
from supervision.jobs.models import Job
from supervision.jobs.worker import work
from supervision.journal import JournalEntry
from supervision.ledgers import LedgerReading, NoSuchLedger
from supervision.ledgers.models import LedgerCheck
from supervision.ledgers.reading import bands, by_reason, taken
from tests.findings.checked_company import DECEMBER, OFFICER, SEASON, CheckedCompany, Row, account, bill

TODAY = dt.date(2026, 3, 1)


def payment(number: int, amount: str, **changes: str) -> Row:
    row = {
        "payment_no": f"P{number:04}",
        "account_no": f"A{number:04}",
        "bill_no": f"B{number:04}",
        "paid_on": "2025-12-10",
        "kind": "payment",
        "amount": amount,
    }
    return row | changes


def worked(company: CheckedCompany) -> list[LedgerCheck]:
    """Every check of the company after the worker has done what waits."""
    return work_off(company, "check_filing", "check_ledger")


def work_off(company: CheckedCompany, *names: str) -> list[LedgerCheck]:
    """Every check of the company after the worker has done these jobs."""
    desk = company.desk
    work(desk.engine, desk.settings, threading.Event(), clock=desk.clock, only=names, until_idle=True)
    with begin(company.engine) as session:
        assert [job.error for job in session.query(Job).filter(Job.error.is_not(None))] == []
        found = session.query(LedgerCheck).filter_by(company_id=company.company_id)
        return list(found.order_by(LedgerCheck.number))


def test_a_company_that_files_no_payments_and_no_readings_has_no_check(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file("bills", DECEMBER, [bill(1)])
    assert worked(company) == []


def test_money_without_a_bill_is_found_and_leads_to_its_row(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file("bills", DECEMBER, [bill(1), bill(2)])
    filed = company.file(
        "payments",
        DECEMBER,
        [
            payment(1, "3065.60"),
            payment(2, "3065.60"),
            payment(2, "500.00", payment_no="P0009", bill_no="X1"),
        ],
    )
    (check,) = worked(company)
    assert (check.payments, check.excess_payments, check.excess_amount) == (3, 1, Decimal("500.00"))
    assert check.excess == {"unknown_bill": {SEASON: [1, "500.00"]}}
    with begin(company.engine) as session:
        (row,) = LedgerReading(session, company.desk.evidence).excess(check, "", TODAY)
        assert (row["filing"], row["source_row"], row["payment_no"]) == (filed.public_id, 3, "P0009")
        assert row["age"] == 81
        assert row["interest"] == Decimal("3.33")  # 500.00 x 3 % x 81 / 365
        (entry,) = session.query(JournalEntry).filter_by(act="ledger.checked")
        assert entry.detail["excess"] == check.excess_digest
        assert list(flaws(session, company.desk.evidence, company.desk.clock)) == []


def test_a_refund_filed_later_settles_it_in_a_new_check_and_the_old_one_stays(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file("bills", DECEMBER, [bill(1)])
    company.file("payments", DECEMBER, [payment(1, "4000.00")])
    (first,) = worked(company)
    assert first.excess_amount == Decimal("934.40")
    back = payment(1, "-934.40", payment_no="P0002", kind="refund", paid_on="2026-01-15")
    company.file("payments", "2026-01", [back])
    earlier, later = worked(company)
    assert (earlier.is_current, later.is_current) == (False, True)
    assert (earlier.excess_amount, later.excess_amount) == (Decimal("934.40"), Decimal(0))
    assert later.inputs_digest != earlier.inputs_digest


def test_a_bill_filed_later_takes_up_what_was_paid_before_it(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file("bills", DECEMBER, [bill(1)])
    company.file("payments", DECEMBER, [payment(1, "3065.60"), payment(2, "3065.60", bill_no="")])
    (first,) = worked(company)
    assert by_reason(first, TODAY) == {"waiting": (1, Decimal("3065.60"))}
    assert taken(first, TODAY) == (0, Decimal(0))
    assert taken(first, dt.date(2026, 7, 1)) == (1, Decimal("3065.60"))  # the season is over and no bill came
    company.file("bills", "2026-01", [bill(2, issued_on="2026-01-05", due_on="2026-01-31")])
    assert worked(company)[-1].excess_payments == 0


def test_an_estimate_billed_twice_stands_until_it_is_put_right(company: CheckedCompany) -> None:
    def metered(number: int, first: str, last: str, begins: str, ends: str) -> Row:
        heat = Decimal(last) - Decimal(first)
        charge = f"{heat * Decimal('42.55'):.2f}"
        return bill(
            number, account_no="A0001", kind="settlement", billing_method="metered", meter_no="M1", area_charge="",
            metered_charge=charge, total=charge, reading_from=first, reading_to=last, heat_used=f"{heat}",
            heat_unit="GJ", service_from=begins, service_to=ends, issued_on="2026-01-02",
        )  # fmt: skip

    def reading(day: str, energy: str, kind: str) -> Row:
        return {
            "meter_no": "M1",
            "read_at": f"{day}T02:00:00Z",
            "kind": kind,
            "energy": energy,
            "energy_unit": "GJ",
        }

    company.file("accounts", SEASON, [account(1, billing_method="metered", meter_no="M1")])
    company.file("readings", DECEMBER, [reading("2025-12-31", "117", "estimated")])
    company.file("bills", DECEMBER, [metered(1, "100", "117", "2025-10-20", "2025-12-31")])
    assert worked(company)[-1].estimates == {"waiting": [1, "0.00"]}
    company.file("readings", "2026-01", [reading("2026-01-01", "110", "actual")])
    company.file("bills", "2026-01", [metered(2, "110", "130", "2026-01-01", "2026-04-20")])
    last = worked(company)[-1]
    assert last.estimates == {"billed_twice": [1, "297.85"]}
    assert last.estimates_amount == Decimal("297.85")
    with begin(company.engine) as session:
        (row,) = LedgerReading(session, company.desk.evidence).estimates(last, "", TODAY)
        assert (row["bill_no"], row["next_bill_no"], row["age"]) == ("B0001", "B0002", 58)


def test_the_same_filings_are_not_checked_twice(company: CheckedCompany) -> None:
    company.file("bills", DECEMBER, [bill(1)])
    company.file("payments", DECEMBER, [payment(1, "3065.60")])
    company.file("readings", DECEMBER, [])
    assert len(worked(company)) == 1


def test_a_company_sees_its_own_check_only(company: CheckedCompany, other_company: CheckedCompany) -> None:
    for one in (company, other_company):
        one.file("bills", DECEMBER, [bill(1)])
        one.file("payments", DECEMBER, [payment(1, "3065.60")])
    (own,), (others,) = worked(company), worked(other_company)
    with begin(company.engine) as session:
        reading = LedgerReading(session, company.desk.evidence)
        assert [one.id for one in reading.current(company.clerk)] == [own.id]
        assert {one.id for one in reading.current(OFFICER)} == {own.id, others.id}
        assert reading.ledger(others.public_id, OFFICER).id == others.id
        with pytest.raises(NoSuchLedger):
            reading.ledger(others.public_id, company.clerk)


def test_bands_of_age_hold_every_row_once() -> None:
    rows = [
        {"age": age, "excess": Decimal(1), "interest": Decimal("0.01")}
        for age in (-3, 0, 30, 31, 90, 91, 180, 181, 365, 366, 4000)
    ]
    found = bands(rows, "excess")
    assert [(band.over, band.to, band.count) for band in found] == [
        (0, 30, 3), (31, 90, 2), (91, 180, 2), (181, 365, 2), (366, None, 2),
    ]  # fmt: skip
    assert sum(band.amount for band in found) == len(rows)
