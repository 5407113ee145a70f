"""Bills that speak about other bills: duplicates, corrections, and the roster that joins them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from bill_cases import CITY, account, accounts_table, bill, bills_table, tariff

from checks.recompute import recompute
from checks.tariffs.record import Season

M = Decimal


def judged(*rows: dict[str, Any]) -> list[dict[str, Any]]:
    return list(recompute(bills_table(*rows), None, [tariff()], city=CITY).to_pylist())


def full(number: str, **changes: Any) -> dict[str, Any]:
    return bill(**{"bill_no": number, "area_charge": "2400.00"} | changes)


def test_the_bill_issued_later_is_the_duplicate_wherever_it_stands_in_the_file() -> None:
    later, earlier = judged(
        full("B-9", issued_on=dt.date(2025, 11, 2)), full("B-2", issued_on=dt.date(2025, 11, 1))
    )
    assert (earlier["outcome"], later["outcome"]) == ("conforms", "breach")
    assert (later["cause"], later["recomputed_total"]) == ("duplicate_bill", M("0.00"))


def test_of_two_bills_of_one_day_the_greater_number_is_the_duplicate() -> None:
    assert [row["cause"] for row in judged(full("B-2"), full("B-1"))] == ["duplicate_bill", None]


def test_two_halves_of_a_season_that_share_a_day_are_due_for_it_once() -> None:
    first = bill(bill_no="B-1", service_to=dt.date(2026, 1, 13), area_charge="1200.00")
    second = bill(bill_no="B-2", service_from=dt.date(2026, 1, 13), area_charge="1220.00")
    rows = judged(first, second)
    assert [row["outcome"] for row in rows] == ["conforms", "breach"]
    assert (rows[1]["recomputed_total"], rows[1]["overcharge"]) == (M("1200.00"), M("20.00"))


def test_a_bill_written_up_to_the_day_on_which_the_next_one_starts_leaves_it_the_day() -> None:
    """The notice ends the season with a day that no longer counts; the bills are written the same way."""
    first = bill(bill_no="B-1", service_to=dt.date(2026, 1, 13), area_charge="1180.00")
    second = bill(bill_no="B-2", service_from=dt.date(2026, 1, 13), area_charge="1220.00")
    assert [row["outcome"] for row in judged(first, second)] == ["conforms", "conforms"]


def test_where_the_last_day_of_the_season_counts_the_last_day_of_a_bill_does_too() -> None:
    counted = tariff(season=Season((11, 15), (3, 14), end_included=True))
    first = bill(bill_no="B-1", service_to=dt.date(2026, 1, 13), area_charge="1180.00")
    second = bill(bill_no="B-2", service_from=dt.date(2026, 1, 13), area_charge="1220.00")
    rows = recompute(bills_table(first, second), None, [counted], city=CITY).to_pylist()
    assert [row["overcharge"] for row in rows] == [M("-20.00"), M("20.00")]


def test_the_same_single_day_billed_twice_is_a_duplicate() -> None:
    day = {"service_from": dt.date(2026, 1, 13), "service_to": dt.date(2026, 1, 13), "area_charge": "20.00"}
    assert [row["cause"] for row in judged(full("B-1", **day), full("B-2", **day))] == [
        None,
        "duplicate_bill",
    ]


def test_the_last_day_of_a_billed_season_billed_again_by_itself_is_a_duplicate() -> None:
    """No other bill of the account overlaps: the one shared day has to be seen by itself."""
    end = dt.date(2026, 3, 14)
    last_day = full("B-2", service_from=end, service_to=end, area_charge="20.00")
    assert [row["cause"] for row in judged(full("B-1"), last_day)] == [None, "duplicate_bill"]


def test_prepayment_and_settlement_of_one_season_are_no_duplicates() -> None:
    prepayment = full("B-1", billing_method="metered")
    settlement = bill(
        bill_no="B-2",
        kind="settlement",
        billing_method="metered",
        heat_used="6000.000",
        heat_unit="kWh",
        base_charge="1200.00",
        metered_charge="960.00",
        prepaid="2400.00",
    )
    assert [row["outcome"] for row in judged(prepayment, settlement)] == ["conforms", "conforms"]


def test_other_accounts_and_other_seasons_are_no_duplicates() -> None:
    rows = judged(
        full("B-1"),
        full("B-2", account_no="A-2"),
        full("B-3", season="2024-25", service_from=dt.date(2024, 11, 15), service_to=dt.date(2025, 3, 14)),
    )
    assert {row["outcome"] for row in rows} == {"conforms"}


def test_a_duplicate_needs_nothing_that_is_missing() -> None:
    rows = judged(full("B-1"), full("B-2", billed_area_m2="0.00"))
    assert rows[1]["cause"] == "duplicate_bill"


def test_a_correction_comes_to_what_was_due_less_what_was_billed() -> None:
    rows = judged(
        full("B-1", area_charge="2600.00"),
        full("C-1", kind="correction", corrects_bill_no="B-1", area_charge="-200.00"),
    )
    assert rows[0]["overcharge"] == M("200.00")
    assert (rows[1]["outcome"], rows[1]["recomputed_total"], rows[1]["area_charge_due"]) == (
        "conforms",
        M("-200.00"),
        M("-200.00"),
    )


def test_a_second_correction_starts_from_what_the_first_one_left() -> None:
    rows = judged(
        full("B-1", area_charge="2600.00"),
        full(
            "C-2",
            kind="correction",
            corrects_bill_no="C-1",
            area_charge="-50.00",
            issued_on=dt.date(2026, 2, 1),
        ),
        full(
            "C-1",
            kind="correction",
            corrects_bill_no="B-1",
            area_charge="-150.00",
            issued_on=dt.date(2026, 1, 1),
        ),
    )
    assert rows[2]["overcharge"] == M("50.00")  # the first should have given 200 back
    assert (rows[1]["outcome"], rows[1]["recomputed_total"]) == ("conforms", M("-50.00"))


def test_a_correction_of_a_bill_that_cannot_be_judged_cannot_be_judged() -> None:
    rows = judged(full("B-1", area_basis="inner"), full("C-1", kind="correction", corrects_bill_no="B-1"))
    assert rows[1]["missing"] == "original_inconclusive"


def test_corrections_that_point_at_each_other_end_without_an_original() -> None:
    rows = judged(
        full("C-1", kind="correction", corrects_bill_no="C-2"),
        full("C-2", kind="correction", corrects_bill_no="C-1"),
    )
    assert {row["missing"] for row in rows} == {"correction_needs_original"}


def test_an_account_twice_on_the_roster_counts_with_its_last_row() -> None:
    roster = accounts_table(account(), account(floor_area_m2="90.00"))
    found = recompute(bills_table(full("B-1")), roster, [tariff()], city=CITY).to_pylist()[0]
    assert found["recomputed_total"] == M("2160.00")


def test_the_order_of_the_roster_does_not_matter() -> None:
    roster = accounts_table(account(account_no="A-2", floor_area_m2="50.00"), account())
    found = recompute(
        bills_table(full("B-1"), full("B-2", account_no="A-2")), roster, [tariff()], city=CITY
    ).to_pylist()
    assert [row["recomputed_total"] for row in found] == [M("2400.00"), M("1200.00")]
