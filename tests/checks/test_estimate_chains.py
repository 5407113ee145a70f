"""An estimated reading that a bill closes on is followed until it is put right, and what stands of it is known to the fen."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest

from checks.ledger import ESTIMATE_STANDINGS, estimate_chains
from tests.findings.checked_company import Row, account, bill, typed


def metered(number: int, first: str, last: str, begins: str, ends: str, **changes: str) -> Row:
    heat = Decimal(last) - Decimal(first)
    charge = f"{heat * Decimal('42.55'):.2f}"
    row = bill(
        number, account_no="A0001", kind="settlement", billing_method="metered", meter_no="M1", area_charge="",
        metered_charge=charge, total=charge, reading_from=first, reading_to=last, heat_used=f"{heat}",
        heat_unit="GJ", service_from=begins, service_to=ends, issued_on=ends,
    )  # fmt: skip
    return row | changes


def reading(day: str, energy: str, kind: str = "actual", **changes: str) -> Row:
    row = {
        "meter_no": "M1",
        "read_at": f"{day}T02:00:00Z",
        "kind": kind,
        "energy": energy,
        "energy_unit": "GJ",
    }
    return row | changes


FIRST = metered(1, "100.000", "117.000", "2025-10-20", "2025-12-31")
ESTIMATE = reading("2025-12-31", "117.000", "estimated")


def chains(
    bills: list[Row], readings: list[Row], accounts: list[Row] | None = None
) -> list[dict[str, object]]:
    table = typed("bills", bills)
    table = table.append_column("filing", pa.array(["F1"] * len(bills), pa.string()))
    roster = None if accounts is None else typed("accounts", accounts)
    return estimate_chains(table, typed("readings", readings), roster).to_pylist()


def second(first: str, **changes: str) -> Row:
    return metered(2, first, "130.000", "2026-01-01", "2026-04-20", **changes)


@pytest.mark.parametrize(
    ("bills", "readings", "standing", "heat", "amount"),
    [
        ([FIRST, second("117.000")], [ESTIMATE], "reversed", "0", "0"),
        (
            [FIRST, second("110.000")],
            [ESTIMATE, reading("2026-01-01", "110.000")],
            "billed_twice",
            "7",
            "297.85",
        ),
        (
            [FIRST, second("120.000")],
            [ESTIMATE, reading("2026-01-01", "120.000")],
            "never_billed",
            "-3",
            "-127.65",
        ),
        ([FIRST], [ESTIMATE, reading("2026-01-10", "110.000")], "read_lower", "7", "297.85"),
        ([FIRST], [ESTIMATE, reading("2026-01-10", "118.000")], "waiting", None, None),
        ([FIRST], [ESTIMATE], "waiting", None, None),
    ],
    ids=["put right", "billed twice", "never billed", "read lower", "read higher", "nothing since"],
)
def test_what_became_of_an_estimate(
    bills: list[Row], readings: list[Row], standing: str, heat: str | None, amount: str | None
) -> None:
    (row,) = chains(bills, readings)
    assert row["standing"] == standing
    assert standing in ESTIMATE_STANDINGS
    assert row["heat"] == (None if heat is None else Decimal(heat))
    assert row["amount"] == (None if amount is None else Decimal(amount))


def test_it_stands_from_the_day_from_which_it_could_be_put_right() -> None:
    (twice,) = chains([FIRST, second("110.000")], [ESTIMATE])
    assert (twice["since"], twice["next_bill_no"], twice["found"]) == (
        dt.date(2026, 4, 20),
        "B0002",
        Decimal(110),
    )
    (lower,) = chains([FIRST], [ESTIMATE, reading("2026-01-10", "110.000")])
    assert (lower["since"], lower["next_bill_no"]) == (dt.date(2026, 1, 10), None)


def test_what_a_cap_had_taken_off_already_is_not_owed_again() -> None:
    capped = FIRST | {"cap_reduction": "-200.00"}
    (row,) = chains([capped, second("110.000")], [ESTIMATE])
    assert row["amount"] == Decimal("97.85")
    (row,) = chains([FIRST | {"cap_reduction": "-300.00"}, second("110.000")], [ESTIMATE])
    assert row["amount"] == Decimal(0)


@pytest.mark.parametrize(
    ("bills", "readings"),
    [
        ([FIRST], [reading("2025-12-31", "117.000")]),
        ([FIRST], [ESTIMATE, reading("2026-01-02", "117.000")]),
        ([FIRST], [ESTIMATE, reading("2026-01-10", "3.000", event="replaced")]),
        ([FIRST], [ESTIMATE | {"energy_unit": "MWh"}]),
        (
            [FIRST, bill(3, kind="correction", corrects_bill_no="B0001")],
            [ESTIMATE, reading("2026-01-10", "110.000")],
        ),
        ([FIRST | {"meter_no": "M2"}], [ESTIMATE]),
    ],
    ids=[
        "it was read",
        "read the same later",
        "another meter since",
        "another unit",
        "corrected",
        "a stranger's meter",
    ],
)
def test_what_is_no_open_estimate_is_left_alone(bills: list[Row], readings: list[Row]) -> None:
    assert chains(bills, readings) == []


def test_a_second_bill_of_the_same_service_does_not_break_the_chain() -> None:
    again = FIRST | {"bill_no": "B0009"}
    standings = [row["standing"] for row in chains([FIRST, again, second("117.000")], [ESTIMATE])]
    assert standings == ["reversed", "reversed"]


def test_a_bill_without_a_meter_number_has_that_of_its_account() -> None:
    unnamed = FIRST | {"meter_no": ""}
    assert chains([unnamed], [ESTIMATE]) == []
    (row,) = chains([unnamed], [ESTIMATE], [account(1, meter_no="M1")])
    assert row["meter_no"] == "M1"
