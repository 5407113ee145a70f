"""How many customers, how much in sums too small for a breach, and how often day by day after a price changed."""

from __future__ import annotations

from decimal import Decimal

from supervision.db import begin
from tests.findings.checked_company import (
    DECEMBER,
    JANUARY,
    OFFICER,
    OLD_PRICE,
    SEASON,
    CheckedCompany,
    Row,
    account,
    bill,
)

UNDER_THE_METER = {
    "kind": "settlement",
    "billing_method": "metered",
    "area_charge": "",
    "base_charge": "1226.40",
    "reading_from": "100",
    "reading_to": "110",
    "heat_unit": "GJ",
}


def metered(number: int, charge: str, total: str) -> Row:
    """80 m2 and ten GJ on a counter that shows whole GJ: 425.50 for the heat, one GJ more or less is 42.55."""
    return bill(number, **UNDER_THE_METER, metered_charge=charge, total=total)


def half_a_season(number: int, first: str, last: str) -> Row:
    """Three of the six months that the season has from the 20th on, at the price that was superseded."""
    amount = f"{Decimal('80.00') * OLD_PRICE / 2:.2f}"
    said = {"service_from": first, "service_to": last, "area_charge": amount, "total": amount}
    return bill(number, price=OLD_PRICE) | said


def test_a_customer_with_several_wrong_bills_is_one_customer(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    first = half_a_season(1, "2025-10-20", "2026-01-19")
    rest = half_a_season(3, "2026-01-20", "2026-04-20") | {"account_no": "A0001"}
    company.file_and_check("bills", DECEMBER, [first, bill(2, price=OLD_PRICE)])
    company.file_and_check("bills", JANUARY, [rest | {"issued_on": "2026-01-05"}])
    (finding,) = company.findings()
    with begin(company.engine) as session:
        service = company.service(session)
        found = service.finding(finding.public_id, OFFICER)
        severity = service.severities([found], company.desk.clock.now().date())[found.id]
    assert (severity.customers, severity.bills) == (2, 3)


def test_the_share_of_the_old_price_is_told_day_by_day(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(number) for number in range(1, 6)])
    first, second = {"issued_on": "2025-12-05"}, {"issued_on": "2025-12-06"}
    rows = [
        bill(1, price=OLD_PRICE, **first), bill(2, price=OLD_PRICE, **first), bill(3, **first),
        bill(4, price=OLD_PRICE, **second), bill(5, **second),
    ]  # fmt: skip
    company.file_and_check("bills", DECEMBER, rows)
    (finding,) = company.findings()
    with begin(company.engine) as session:
        service = company.service(session)
        found = service.finding(finding.public_id, OFFICER)
        days = service.old_price_by_day(found, service.parts(found))
    assert [(one.day.isoformat(), one.bills, one.wrong) for one in days] == [
        ("2025-12-05", 3, 2),
        ("2025-12-06", 2, 1),
    ]
    assert days[1].share == Decimal(50)


def test_small_differences_of_bills_that_conform_are_added_up_for_the_company(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(number, billing_method="metered") for number in (1, 2, 3)])
    rows = [metered(1, "425.50", "1651.90"), metered(2, "435.50", "1661.90"), metered(3, "420.50", "1646.90")]
    company.file_and_check("bills", DECEMBER, rows)
    assert company.run().within == {"bills": 2, "over": "10.00", "under": "5.00"}
    with begin(company.engine) as session:
        (one,) = company.service(session).within(OFFICER)
    assert (one.bills, one.over, one.under) == (2, Decimal("10.00"), Decimal("5.00"))
