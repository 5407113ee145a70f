"""Refunds that fell due after the bills of December are found by the ledger, put right by a payment, and found by the daily
round where nobody files payments."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from supervision.db import begin
from supervision.findings.proof import flaws
from supervision.ledgers import LedgerReading
from supervision.ledgers.models import LedgerCheck
from supervision.ledgers.reading import refunds_by_standing, still_owed
from tests.findings.checked_company import DECEMBER, SEASON, CheckedCompany, account, bill
from tests.findings.test_rooms_too_cold import FIRST, REQUEST, TENTH, room
from tests.ledgers.test_ledger_checks import payment, worked

#: 80 m2 at 38.32, ten days at 17.50 °C: 3065.60 x 5 / 183
DUE = Decimal("83.76")
IN_WINTER, IN_MAY = dt.date(2026, 3, 1), dt.date(2026, 5, 20)


def winter(company: CheckedCompany) -> None:
    """Bills issued on 5 December for the whole season, and rooms measured too cold after a request."""
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file("bills", DECEMBER, [bill(1), bill(2)])
    company.file("service_requests", FIRST, [REQUEST])
    company.file("room_temperatures", FIRST, [room(FIRST, "17.50")])
    company.file("room_temperatures", TENTH, [room(TENTH, "17.50"), room(TENTH, "15.00", 2)])


def refunds(company: CheckedCompany, check: LedgerCheck, today: dt.date) -> list[dict[str, object]]:
    with begin(company.engine) as session:
        return LedgerReading(session, company.desk.evidence).refunds(check, "", today)


def test_a_refund_that_fell_due_after_the_bill_is_owed_once_the_heat_is_over(company: CheckedCompany) -> None:
    winter(company)
    company.file("payments", DECEMBER, [payment(1, "3065.60"), payment(2, "3065.60")])
    check = worked(company)[-1]
    assert check.refunds == {"not_paid": {SEASON: [1, "83.76"]}}
    assert check.refunds_amount == DUE
    (row,) = refunds(company, check, IN_MAY)
    assert (row["bill_no"], row["owed"], row["age"]) == ("B0001", DUE, 30)
    assert still_owed([row]) == [row]
    (early,) = refunds(company, check, IN_WINTER)
    assert refunds_by_standing([early]) == {"waiting": (1, DUE)}
    assert still_owed([early]) == []
    assert company.run(DECEMBER).breaches == 0  # the bill is right as it was issued
    with begin(company.engine) as session:
        assert list(flaws(session, company.desk.evidence, company.desk.clock)) == []


def test_the_payment_of_it_puts_it_right_and_leaves_the_rest(company: CheckedCompany) -> None:
    winter(company)
    company.file("payments", DECEMBER, [payment(1, "3065.60")])
    back = payment(1, "-50.00", payment_no="P0002", kind="refund", paid_on="2026-05-10")
    company.file("payments", "2026-05", [back])
    assert worked(company)[-1].refunds == {"partly_paid": {SEASON: [1, "33.76"]}}
    rest = payment(1, "-33.76", payment_no="P0003", kind="refund", paid_on="2026-06-10")
    company.file("payments", "2026-06", [rest])
    assert worked(company)[-1].refunds == {"paid": {SEASON: [1, "0.00"]}}


def test_the_daily_round_looks_at_a_company_that_files_no_payments_and_looks_once(
    company: CheckedCompany,
) -> None:
    winter(company)
    assert worked(company) == []
    (check,) = round_of(company)
    assert check.refunds_amount == DUE
    assert len(round_of(company)) == 1  # nothing came into force since


def round_of(company: CheckedCompany) -> list[LedgerCheck]:
    from supervision.jobs import enqueue
    from tests.ledgers.test_ledger_checks import work_off

    with begin(company.engine) as session:
        enqueue(session, "check_ledgers", enqueued_at=company.desk.clock.now())
    return work_off(company, "check_ledgers")
