"""Heat that was billed beyond the bill's own readings is traced to the readings that the company filed itself."""

from __future__ import annotations

from decimal import Decimal

import pytest

from supervision.db import begin
from tests.findings.checked_company import DECEMBER, SEASON, CheckedCompany, Row, account, bill

HEAT_PRICE = Decimal("42.55")


def metered(heat: str, **changes: str) -> Row:
    """80 m2; the meter ran from 100 to 110 GJ, and ``heat`` is what was billed."""
    charge = Decimal(heat) * HEAT_PRICE
    row = bill(
        1,
        kind="settlement",
        billing_method="metered",
        area_charge="",
        base_charge="1226.40",
        metered_charge=f"{charge:.2f}",
        reading_from="100.000",
        reading_to="110.000",
        heat_used=heat,
        heat_unit="GJ",
        total=f"{Decimal('1226.40') + charge:.2f}",
        issued_on="2026-05-05",
    )
    return row | changes


def reading(day: str, energy: str, kind: str = "actual", meter: str = "M1") -> Row:
    return {
        "meter_no": meter,
        "read_at": f"{day}T02:00:00Z",
        "kind": kind,
        "energy": energy,
        "energy_unit": "GJ",
        "status": "0",
    }


@pytest.mark.parametrize(
    ("heat", "readings", "cause"),
    [
        ("17.000", [reading("2025-12-01", "117.000", "estimated")], "estimate_not_reversed"),
        (
            "16.000",
            [reading("2025-11-01", "300.000"), reading("2025-12-01", "316.000")],
            "other_meter_or_period",
        ),
        ("17.000", [reading("2025-12-01", "500.000", "estimated")], "heat_not_from_readings"),
        ("17.000", [reading("2025-12-01", "117.000", "estimated", meter="M9")], "heat_not_from_readings"),
    ],
    ids=["an estimate", "another period", "nothing fits", "a stranger's meter"],
)
def test_the_filed_reading_that_gives_the_amount_names_the_cause(
    company: CheckedCompany, heat: str, readings: list[Row], cause: str
) -> None:
    company.file("accounts", SEASON, [account(1, billing_method="metered", meter_no="M1")])
    for row in readings:
        company.file("readings", row["read_at"][:7], [row])
    company.file_and_check("bills", DECEMBER, [metered(heat)])
    (finding,) = company.findings()
    assert finding.cause == cause
    assert finding.amount_over == (Decimal(heat) - 10) * HEAT_PRICE
    with begin(company.engine) as session:
        view = company.bills(session).bill(company.company_id, "B0001")
        assert view.worksheet.cause == cause
        if cause != "heat_not_from_readings":
            assert "heat_not_from_readings" in view.worksheet.cause_ties


def test_readings_that_come_later_name_the_cause_then(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1, billing_method="metered", meter_no="M1")])
    company.file_and_check("bills", DECEMBER, [metered("17.000")])
    company.file_and_check("readings", "2025-12", [reading("2025-12-01", "117.000", "estimated")])
    assert [one.cause for one in company.findings()] == ["estimate_not_reversed"]
    assert company.run().moved["late_data"] == {"bills": 1, "change": "0.00"}  # type: ignore[index]
