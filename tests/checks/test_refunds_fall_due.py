"""A home billed in October whose rooms turn out too cold: the bill was right, the refund is owed once the heat is over."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from black_box import judged
from test_black_box_refunds import asked, harbin, measured

from checks.certificate import certificate_of, proven
from checks.ledger import refunds_owed
from checks.recompute import recompute
from checks.recompute.service import MEASURED_SCHEMA
from checks.recompute.worksheet import worksheet
from checks.tariffs.load import load_published
from ingest.standard import arrow_schema

Row = dict[str, Any]
COLD_FROM, COLD_TO = dt.date(2025, 12, 1), dt.date(2025, 12, 20)
#: 100 m2 of usable area at 38.32; twenty days below 16 °C give back all: 3832.00 x 20 / 183
DUE = Decimal("418.80")


def harbin_bill(number: int = 1, **changes: Any) -> Row:
    return {
        "source_row": number,
        "bill_no": f"B{number}",
        "account_no": "A1",
        "season": "2025-26",
        "kind": "season",
        "category": "residential",
        "billing_method": "area",
        "heating_state": "on",
        "service_from": dt.date(2025, 10, 20),
        "service_to": dt.date(2026, 4, 20),
        "billed_area_m2": Decimal("100.00"),
        "area_basis": "usable",
        "area_charge": Decimal("3832.00"),
        "total": Decimal("3832.00"),
        "issued_on": dt.date(2025, 10, 1),
    } | changes


def correction(number: int, refund: str, on: dt.date = dt.date(2026, 5, 20), **changes: Any) -> Row:
    amount = Decimal(refund)
    given = {"kind": "correction", "corrects_bill_no": "B1", "area_charge": None, "refund": amount}
    return harbin_bill(number, **given, total=amount, issued_on=on, **changes)


def cold_rooms(account: str = "A1") -> pa.Table:
    rows = [
        {"account_no": account, "requested_on": COLD_FROM, "day": day, "room_temp_c": Decimal("10.00")}
        for day in (COLD_FROM, COLD_TO)
    ]
    return pa.Table.from_pylist(rows, schema=MEASURED_SCHEMA)


def table(rows: list[Row], feed: str = "bills") -> pa.Table:
    made = pa.Table.from_pylist(rows, schema=arrow_schema(feed))
    return made.append_column("filing", pa.repeat(pa.scalar("F1"), len(rows)))


def owed(
    rows: list[Row],
    payments: list[Row] | None = None,
    city: str = "哈尔滨市",
    measured: pa.Table | None = None,
) -> list[Row]:
    found = refunds_owed(
        table(rows),
        None,
        load_published(),
        city=city,
        measured=cold_rooms() if measured is None else measured,
        payments=None if payments is None else table(payments, "payments"),
    )
    rows_found: list[Row] = found.to_pylist()
    return rows_found


def paid_back(amount: str, on: dt.date = dt.date(2026, 5, 25)) -> Row:
    given = {"payment_no": "P1", "account_no": "A1", "bill_no": "B1", "kind": "refund"}
    return {"source_row": 1, "paid_on": on, "amount": -Decimal(amount), **given}


def test_the_bill_of_october_is_right_and_the_refund_is_owed_since_the_last_day_of_heat(
    tmp_path: Path,
) -> None:
    rooms = [measured("2025-12-01", "10.00"), measured("2025-12-20", "10.00")]
    service = {"temperatures": rooms, "requests": [asked("2025-12-01")]}
    early = judged(tmp_path, "哈尔滨市", [harbin(issued_on="2025-10-01")], service=service)[0]
    assert (early["outcome"], early["overcharge"], early["label"]) == ("conforms", "0.00", "exact")
    late = judged(tmp_path, "哈尔滨市", [harbin()], service=service)[0]
    assert (late["outcome"], late["overcharge"]) == ("breach", str(DUE))
    (row,) = owed([harbin_bill()])
    assert (row["bill_no"], row["filing"], row["source_row"]) == ("B1", "F1", 1)
    assert (row["due"], row["given"], row["owed"], row["standing"]) == (DUE, Decimal(0), DUE, "not_paid")
    assert (row["since"], row["tariff_id"], row["missing"]) == (dt.date(2026, 4, 20), "hrb-res-2015", None)


def test_the_worksheet_of_the_bill_says_what_fell_due_and_leaves_its_lines_alone() -> None:
    sheet = worksheet(harbin_bill(), None, load_published(), city="哈尔滨市", measured=cold_rooms())
    assert (sheet.outcome, sheet.recomputed_total, sheet.overcharge) == ("conforms", Decimal("3832.00"), 0)
    (note,) = [one for one in sheet.notes if "Refund owed since 2026-04-20: 418.80 CNY" in one.en]
    assert "自 2026-04-20 起应退 418.80 元" in note.zh
    assert "3,832.00 × 20 ÷ 183 = 418.80" in note.zh
    later = worksheet(
        harbin_bill(issued_on=dt.date(2026, 5, 20)),
        None,
        load_published(),
        city="哈尔滨市",
        measured=cold_rooms(),
    )
    assert not any("Refund owed" in one.en for one in later.notes)  # there it is a line of the bill


@pytest.mark.parametrize(
    ("refund", "outcome", "overcharge"),
    [("-418.80", "conforms", "0.00"), ("-418.79", "breach", "0.01"), ("-100.00", "breach", "318.80")],
)
def test_a_correction_that_gives_the_refund_back_after_the_heat_is_right_to_the_fen(
    refund: str, outcome: str, overcharge: str
) -> None:
    rows = [harbin_bill(), correction(2, refund)]
    found = recompute(table(rows), None, load_published(), city="哈尔滨市", measured=cold_rooms()).to_pylist()
    assert found[0]["outcome"] == "conforms"
    assert (found[1]["outcome"], str(found[1]["overcharge"])) == (outcome, overcharge)
    for bill, other in (rows, rows[::-1]):
        certificate = certificate_of(
            bill, None, load_published(), city="哈尔滨市", others=[other], measured=cold_rooms()
        )
        assert proven(certificate)["outcome"]["outcome"] in ("conforms", outcome)


def test_two_corrections_give_it_back_together_and_one_without_a_refund_is_not_asked_for_it() -> None:
    first, second = correction(2, "-100.00"), correction(3, "-318.80", dt.date(2026, 6, 20))
    other = correction(2, "0.00") | {"refund": None}
    for rows, expected in (
        ([harbin_bill(), first, second], ["conforms", "breach", "conforms"]),
        ([harbin_bill(), other], ["conforms", "conforms"]),
    ):
        found = recompute(table(rows), None, load_published(), city="哈尔滨市", measured=cold_rooms())
        assert found["outcome"].to_pylist() == expected


def test_before_the_heat_is_over_nothing_has_fallen_due_on_a_correction() -> None:
    rows = [harbin_bill(), correction(2, "-418.80", dt.date(2026, 1, 10))]
    found = recompute(table(rows), None, load_published(), city="哈尔滨市", measured=cold_rooms()).to_pylist()
    assert (found[1]["outcome"], found[1]["overcharge"]) == ("breach", Decimal("-418.80"))


@pytest.mark.parametrize(
    ("others", "payments", "given", "standing"),
    [
        ([correction(2, "-418.80")], [], "418.80", "paid"),
        ([correction(2, "-100.00")], [], "100.00", "partly_paid"),
        ([], [paid_back("418.80")], "418.80", "paid"),
        ([correction(2, "-418.80")], [paid_back("418.80")], "418.80", "paid"),  # the same money
        ([correction(2, "-100.00")], [paid_back("418.80")], "418.80", "paid"),
        ([], [paid_back("300.00", dt.date(2025, 9, 1))], "0.00", "not_paid"),  # before the bill
        ([], [paid_back("9000.00")], "418.80", "paid"),
    ],
    ids=["credited", "in part", "paid out", "credited and paid", "paid beyond the credit", "before", "more"],
)
def test_what_was_given_back_since_is_taken_off(
    others: list[Row], payments: list[Row], given: str, standing: str
) -> None:
    (row,) = owed([harbin_bill(), *others], payments)
    assert (row["given"], row["standing"]) == (Decimal(given), standing)
    assert row["owed"] == DUE - Decimal(given)


def test_the_network_of_jinan_without_heat_for_twenty_days_is_owed_for_a_bill_of_october() -> None:
    start = dt.datetime(2025, 11, 30, 16, tzinfo=dt.UTC)
    stop = {
        "network_code": "N1",
        "stopped_at": start,
        "resumed_at": start + dt.timedelta(20),
        "is_whole": True,
    }
    roster = {
        "source_row": 1,
        "account_no": "A1",
        "network_code": "N1",
        "category": "residential",
        "billing_method": "area",
        "inner_area_m2": Decimal("100.00"),
        "connected_on": dt.date(2005, 10, 1),
        "heating_state": "on",
    }
    bill = harbin_bill(
        service_from=dt.date(2025, 11, 15),
        service_to=dt.date(2026, 3, 15),
        area_basis="inner",
        area_charge=Decimal("2670.00"),
        total=Decimal("2670.00"),
    )
    found = refunds_owed(
        table([bill]),
        pa.Table.from_pylist([roster], schema=arrow_schema("accounts")),
        load_published(),
        city="济南市",
        measured=pa.Table.from_pylist([stop], schema=MEASURED_SCHEMA),
    ).to_pylist()
    # 2670.00 x 20 / 120: the season ends before 15 March
    assert [(row["owed"], row["since"]) for row in found] == [(Decimal("445.00"), dt.date(2026, 3, 14))]


def test_where_no_rule_is_on_record_the_refund_is_listed_as_unknown_and_the_bill_stays_right() -> None:
    bill = harbin_bill(
        service_from=dt.date(2025, 11, 1),
        service_to=dt.date(2026, 3, 31),
        area_basis="floor",
        area_charge=Decimal("1800.00"),
        total=Decimal("1800.00"),
    )
    (row,) = owed([bill], city="太原市")
    assert (row["standing"], row["missing"]) == ("unknown", "refund_rule_unknown")
    assert row["due"] is row["owed"] is None
    sheet = worksheet(bill, None, load_published(), city="太原市", measured=cold_rooms())
    assert sheet.outcome == "conforms"
    assert any("cannot be told: rooms were measured too cold" in note.en for note in sheet.notes)


def test_a_prepayment_of_a_metered_home_gives_nothing_back_and_warm_rooms_neither() -> None:
    assert owed([harbin_bill(billing_method="metered")]) == []
    assert owed([harbin_bill()], measured=cold_rooms("A7")) == []
    assert owed([harbin_bill(issued_on=dt.date(2026, 5, 20))]) == []  # asked for on the bill itself


def test_a_bill_that_is_wrong_anyway_owes_the_refund_of_what_it_should_have_been() -> None:
    wrong = harbin_bill(area_charge=Decimal("4000.00"), total=Decimal("4000.00"))
    (row,) = owed([wrong])
    assert row["due"] == DUE
