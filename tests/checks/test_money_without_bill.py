"""Money beyond what the bills of an account claim is found, whichever bill or none it names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.ledger import EXCESS_REASONS, interest, money_without_bill, rates
from checks.ledger.interest import Rate
from tests.findings.checked_company import Row, account, bill, typed

PAID = "2025-12-10"


def payment(number: int, amount: str, account_no: str = "A0001", **changes: str) -> Row:
    row = {
        "payment_no": f"P{number:04}",
        "account_no": account_no,
        "bill_no": account_no.replace("A", "B"),
        "paid_on": PAID,
        "kind": "payment",
        "amount": amount,
    }
    return row | changes


def judged(bills: list[Row], payments: list[Row], accounts: list[Row] | None = None):
    ledger = typed("payments", payments)
    ledger = ledger.append_column("filing", pa.array(["F1"] * len(payments), pa.string()))
    return money_without_bill(
        typed("bills", bills), ledger, None if accounts is None else typed("accounts", accounts)
    )


def told(bills: list[Row], payments: list[Row], accounts: list[Row] | None = None):
    rows = judged(bills, payments, accounts).rows.to_pylist()
    return [(row["payment_no"], str(row["excess"]), row["reason"]) for row in rows]


ONE = bill(1, "50.00")  # 1,916.00
ANOTHER = bill(2, "50.00")


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        ([payment(1, "1916.00")], []),
        ([payment(1, "916.00"), payment(2, "1000.00", paid_on="2026-01-05")], []),
        ([payment(1, "1916.00"), payment(2, "1916.00", paid_on="2026-01-05")], [("P0002", "1916.00", "paid_twice")]),
        ([payment(1, "2000.00")], [("P0001", "84.00", "more_than_billed")]),
        ([payment(1, "1916.00"), payment(2, "60.00", bill_no="")], [("P0002", "60.00", "more_than_billed")]),
        ([payment(1, "1916.00"), payment(2, "60.00", bill_no="X9")], [("P0002", "60.00", "unknown_bill")]),
        ([payment(1, "1916.00", bill_no="X9")], []),
        ([payment(1, "1916.00"), payment(2, "1916.00", bill_no="B0002")], [("P0002", "1916.00", "other_account")]),
        ([payment(1, "700.00", "A0009", bill_no="")], [("P0001", "700.00", "no_bill")]),
        ([payment(1, "2000.00"), payment(2, "-84.00", kind="refund", paid_on="2026-05-01")], []),
        ([payment(1, "1916.00"), payment(2, "1916.00"), payment(3, "-1916.00", kind="reversal")], []),
    ],
    ids=[
        "a bill paid", "a bill paid in two parts", "a bill paid twice", "more than the bill", "something besides",
        "a bill nobody filed", "a mistyped number", "somebody else's bill", "no bill at all", "given back", "reversed",
    ],
)  # fmt: skip
def test_what_is_more_than_the_bills_claim_lies_with_the_latest_payment(
    payments: list[Row], expected: list[tuple[str, str, str]]
) -> None:
    assert told([ONE, ANOTHER], payments) == expected


def test_money_taken_after_an_account_was_closed_is_named_so_unless_it_was_owed() -> None:
    closed = account(1, closed_on="2025-12-09")
    assert told([ONE], [payment(1, "1916.00")], [closed]) == []
    more = [payment(1, "1916.00", paid_on="2025-12-01"), payment(2, "300.00", bill_no="")]
    assert told([ONE], more, [closed]) == [("P0002", "300.00", "after_closing")]
    reopened = [closed, account(1)]
    assert told([ONE], more, reopened) == [("P0002", "300.00", "more_than_billed")]


def test_a_settlement_takes_the_place_of_the_fee_that_was_paid_before_the_season() -> None:
    fee = bill(1, "50.00", billing_method="metered")
    settled = bill(
        1, bill_no="S1", kind="settlement", billing_method="metered", total="1500.00", issued_on="2026-05-06",
        prepaid="1916.00",
    )  # fmt: skip
    (row,) = judged([fee, settled], [payment(1, "1916.00")]).rows.to_pylist()
    assert (row["excess"], row["billed"], row["paid"]) == (
        Decimal("416.00"),
        Decimal("1500.00"),
        Decimal("1916.00"),
    )
    assert row["since"] == dt.date(2026, 5, 6)  # before its settlement the fee was owed
    assert (
        told(
            [fee, settled],
            [payment(1, "1916.00"), payment(2, "-416.00", kind="refund", paid_on="2026-05-20")],
        )
        == []
    )


def test_a_season_without_bills_in_force_is_not_judged() -> None:
    found = judged([ONE], [payment(1, "500.00", paid_on="2024-12-01"), payment(2, "1916.00")])
    assert (found.rows.num_rows, found.looked_at, found.not_judged) == (0, 1, 1)


def test_a_bill_from_before_the_ledger_hides_nothing_unless_a_payment_names_it() -> None:
    old = bill(1, "50.00", bill_no="B9001", season="2024-25", issued_on="2024-11-01")
    twice = [payment(1, "1916.00"), payment(2, "1916.00", paid_on="2026-01-05")]
    assert told([ONE, old], twice) == [("P0002", "1916.00", "paid_twice")]
    settled_late = [payment(1, "1916.00"), payment(2, "1916.00", paid_on="2026-01-05", bill_no="B9001")]
    assert told([ONE, old], settled_late) == []


def test_money_taken_twice_stays_where_it_was_taken_when_the_next_season_is_paid_properly() -> None:
    next_season = bill(3, "50.00", season="2026-27", service_from="2026-10-20", service_to="2027-04-20",
                       issued_on="2026-11-05", account_no="A0001")  # fmt: skip
    payments = [
        payment(1, "1916.00"),
        payment(2, "1916.00", paid_on="2026-01-05"),
        payment(3, "1916.00", bill_no="B0003", paid_on="2026-11-20"),
    ]
    assert told([ONE, next_season], payments) == [("P0002", "1916.00", "paid_twice")]


def test_the_largest_amounts_are_summed_exactly() -> None:
    many = [payment(number, "999999999999.99", paid_on="2025-12-11") for number in range(100_000, 100_200)]
    found = judged([ONE], many).rows
    assert found.num_rows == 200
    total = sum(row["excess"] for row in found.to_pylist())
    assert total == 200 * Decimal("999999999999.99") - Decimal("1916.00")


cents = st.integers(1, 400_000)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 3), cents, st.integers(0, 90)), max_size=12),
    st.lists(cents, max_size=3),
)
def test_the_excess_of_an_account_is_what_it_paid_beyond_its_bills(
    paid: list[tuple[int, int, int]], billed: list[int]
) -> None:
    bills = [
        bill(number, total=f"{Decimal(fen).scaleb(-2):.2f}") for number, fen in enumerate(billed, start=1)
    ] or [bill(9)]
    payments = [
        payment(
            place, f"{Decimal(fen).scaleb(-2):.2f}", f"A{number:04}",
            paid_on=f"{dt.date(2025, 11, 1) + dt.timedelta(days=day)}",
        )
        for place, (number, fen, day) in enumerate(paid)
    ]  # fmt: skip
    found = judged(bills, payments).rows.to_pylist()
    assert {row["reason"] for row in found} <= set(EXCESS_REASONS)
    for number in (1, 2, 3):
        claim = billed[number - 1] if number <= len(billed) else 0
        money = sum(fen for owner, fen, _ in paid if owner == number)
        excess = sum(row["excess"] for row in found if row["account_no"] == f"A{number:04}")
        assert excess == Decimal(max(money - claim, 0)).scaleb(-2)


def test_interest_runs_from_the_day_after_at_the_rate_of_each_day() -> None:
    table = [Rate(dt.date(2024, 1, 1), Decimal("3.65")), Rate(dt.date(2024, 7, 1), Decimal("7.30"))]
    first = dt.date(2024, 6, 21)
    assert interest(Decimal("1000.00"), first, dt.date(2024, 6, 30), table) == Decimal(
        "0.90"
    )  # 9 days x 0.10
    assert interest(Decimal("1000.00"), first, dt.date(2024, 7, 10), table) == Decimal(
        "2.90"
    )  # and 10 x 0.20
    assert interest(Decimal("1000.00"), first, first, table) == Decimal(0)
    assert interest(Decimal("1000.00"), dt.date(2020, 1, 1), dt.date(2020, 2, 1), table) == Decimal(0)
    with pytest.raises(ValueError, match="not negative"):
        interest(Decimal("-1"), first, first)


def test_the_rates_that_ship_rise_by_day() -> None:
    days = [rate.since for rate in rates()]
    assert days == sorted(set(days))
    assert all(Decimal(1) < rate.per_cent < Decimal(10) for rate in rates())
