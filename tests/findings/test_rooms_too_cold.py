"""Temperatures and service requests in force decide what a bill of the season has to give back."""

from __future__ import annotations

from decimal import Decimal

from supervision.db import begin
from supervision.findings import certificate_of_bill
from tests.findings.checked_company import SEASON, CheckedCompany, Row, account, bill

MAY, FIRST, TENTH = "2026-05", "2025-12-01", "2025-12-10"


def settled(number: int, **changes: str) -> Row:
    """A bill of 80 m2, issued after the season: 80 x 38.32 = 3065.60."""
    return bill(number, issued_on="2026-05-20", due_on="2026-06-20", **changes)


def room(day: str, temp: str, number: int = 1) -> Row:
    return {
        "account_no": f"A{number:04}",
        "measured_at": f"{day}T01:00:00Z",
        "room": "bedroom",
        "room_temp_c": temp,
        "source": "company_visit",
    }


REQUEST = {
    "request_no": "S1",
    "received_at": f"{FIRST}T00:30:00Z",
    "channel": "company_line",
    "account_no": "A0001",
    "community": "一里",
    "topic": "low_temperature",
}


def test_a_refund_left_out_becomes_a_finding_once_the_measurements_are_in_force(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(1), account(2)])
    company.file_and_check("bills", MAY, [settled(1), settled(2)])
    assert (company.run(MAY).breaches, company.run(MAY).measured_digest) == (0, None)
    company.file_and_check("service_requests", FIRST, [REQUEST])
    assert company.run(MAY).number == 1  # a request alone changes nothing
    company.file_and_check("room_temperatures", FIRST, [room(FIRST, "17.50")])
    company.file_and_check("room_temperatures", TENTH, [room(TENTH, "17.50"), room(TENTH, "15.00", 2)])
    run = company.run(MAY)
    # ten days at half: 3065.60 x 5 / 183 = 83.759; the other customer asked for nothing
    assert (run.breaches, run.amount_over) == (1, Decimal("83.76"))
    assert run.measured_digest is not None
    assert run.second_opinions == 2
    (finding,) = company.findings()
    assert finding.cause == "refund_missed"


def test_the_worksheet_of_such_a_bill_says_days_and_band_and_comes_to_what_the_run_found(
    company: CheckedCompany,
) -> None:
    company.file("accounts", SEASON, [account(1)])
    company.file("service_requests", FIRST, [REQUEST])
    company.file("room_temperatures", FIRST, [room(FIRST, "15.99")])
    company.file_and_check("bills", MAY, [settled(1, refund="-8.38", total="3057.22")])
    with begin(company.engine) as session:
        view = company.bills(session).bill(company.company_id, "B0001")
        assert view.is_reproduced
        assert view.worksheet.cause == "refund_wrong_band"
        (line,) = [one for one in view.worksheet.lines if one.code == "refund"]
        assert (line.billed, line.due) == (Decimal("-8.38"), Decimal("-16.75"))
        assert "1 天 15.99 ℃" in line.formula.zh
        assert "1 day at 15.99 °C" in line.formula.en
        certificate = certificate_of_bill(view)
        assert certificate["outcome"]["overcharge"] == "8.37"
        assert certificate["case"]["measured"] == [[FIRST, FIRST, "15.99"]]


def test_a_run_counts_the_bills_that_are_known_to_a_range(company: CheckedCompany) -> None:
    company.file("accounts", SEASON, [account(1), account(2, billing_method="metered")])
    metered = settled(
        2,
        kind="settlement",
        billing_method="metered",
        area_charge="",
        base_charge="1226.40",
        metered_charge="425.50",
        reading_from="100",
        reading_to="110",
        heat_unit="GJ",
        total="1651.90",
    )
    company.file_and_check("bills", MAY, [settled(1), metered])
    run = company.run(MAY)
    assert (run.conforms, run.exact, run.bounded, run.inconclusive) == (2, 1, 1, 0)
