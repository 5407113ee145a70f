"""What `supervision recompute` cannot use of a file: its own bill is inconclusive, every other one is judged."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.command_line import (
    examples,
    harbin_bill,
    in_both_languages,
    outcomes,
    write_feed,
)
from tests.cli.recomputing_files import recompute


def test_an_unreadable_value_leaves_its_own_bill_inconclusive_and_no_other(tmp_path: Path) -> None:
    bills = write_feed(
        tmp_path / "bills.csv",
        [
            *examples(),
            harbin_bill("B4", area="7o.00"),
            harbin_bill("B5", issued_on="soon", total="x"),
            harbin_bill("B6"),
        ],
    )
    said = recompute(bills, tmp_path / "o.csv")
    assert said.code == 0
    found = outcomes(tmp_path / "o.csv")
    assert [row["outcome"] for row in found.values()] == [
        "conforms", "breach", "breach", "inconclusive", "inconclusive", "conforms",
    ]  # fmt: skip
    assert found["B4"]["missing"] == "unreadable_billed_area_m2"
    assert found["B5"]["missing"] == "unreadable_issued_on;unreadable_total"
    assert (found["B4"]["billed_total"], found["B4"]["recomputed_total"], found["B4"]["overcharge"]) == (
        "2824.50", "", "",
    )  # fmt: skip
    assert f"{bills}:4 billed_area_m2" in said.err
    assert in_both_languages(said)


def test_every_row_of_the_file_has_its_line_also_one_that_falls_apart(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    lines = bills.read_bytes().split(b"\r\n")
    bills.write_bytes(b"\r\n".join([lines[0], b"torn,row", *lines[1:3], b"torn", lines[3], b"a,b", b""]))
    said = recompute(bills, tmp_path / "o.csv")
    assert said.code == 0
    with (tmp_path / "o.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["bill_no"] for row in rows] == ["", "E13", "E14", "", "E15", ""]
    assert [row["missing"] for row in rows] == [
        "unreadable_row",
        "",
        "",
        "unreadable_row",
        "",
        "unreadable_row",
    ]
    assert "bills 6; conforms 1, breach 2, inconclusive 3" in said.out


def test_a_correction_of_a_bill_that_cannot_be_read_is_inconclusive_too(tmp_path: Path) -> None:
    correction = harbin_bill(
        "C1",
        kind="correction",
        corrects_bill_no="B1",
        account_no="A-B1",
        billed="-6.00",
        issued_on="2013-11-01",
    )
    readable = write_feed(tmp_path / "a.csv", [harbin_bill("B1", billed="2830.50"), correction])
    recompute(readable, tmp_path / "a.out.csv")
    assert outcomes(tmp_path / "a.out.csv")["C1"]["outcome"] == "conforms"
    unreadable = write_feed(tmp_path / "b.csv", [harbin_bill("B1", area="?", billed="2830.50"), correction])
    recompute(unreadable, tmp_path / "b.out.csv")
    found = outcomes(tmp_path / "b.out.csv")
    assert found["B1"]["missing"] == "unreadable_billed_area_m2"
    assert (found["C1"]["outcome"], found["C1"]["missing"]) == ("inconclusive", "original_inconclusive")


def test_a_bill_whose_day_of_issue_cannot_be_read_makes_no_other_one_a_duplicate(tmp_path: Path) -> None:
    twice = [harbin_bill("B1"), harbin_bill("B2", account_no="A-B1", issued_on="2013-10-22")]
    recompute(write_feed(tmp_path / "a.csv", twice), tmp_path / "a.out.csv")
    assert outcomes(tmp_path / "a.out.csv")["B2"]["cause"] == "duplicate_bill"
    twice[0]["issued_on"] = "20131O21"
    recompute(write_feed(tmp_path / "b.csv", twice), tmp_path / "b.out.csv")
    assert outcomes(tmp_path / "b.out.csv")["B2"]["outcome"] == "conforms"


@pytest.mark.parametrize(
    ("changes", "missing"),
    [
        (
            {"service_from": "2003-10-20", "service_to": "2004-04-20", "season": "2003-04"},
            "no_tariff_in_force",
        ),
        ({"billed_area_m2": "0"}, "unreadable_billed_area_m2"),
        ({"billed_area_m2": "-5"}, "unreadable_billed_area_m2"),
        ({"billed_area_m2": "1e3"}, "unreadable_billed_area_m2"),
        ({"billed_area_m2": ""}, "unreadable_billed_area_m2"),
        ({"category": "castle"}, "unreadable_category"),
        ({"total": "1" + "0" * 40}, "unreadable_total"),
        ({"total": "NaN"}, "unreadable_total"),
        ({"service_from": "2014-02-30"}, "unreadable_service_from"),
        ({"service_to": "2013-09-01"}, "service_dates_reversed"),
        ({"billing_method": "metered", "heat_unit": "BTU", "heat_used": "10"}, "unreadable_heat_unit"),
        ({"billing_method": "metered", "heat_unit": "GJ", "heat_used": "-1"}, "unreadable_heat_used"),
    ],
)
def test_odd_values_are_inconclusive_with_their_name(
    tmp_path: Path, changes: dict[str, str], missing: str
) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1") | changes, harbin_bill("B2")])
    assert recompute(bills, tmp_path / "o.csv").code == 0
    found = outcomes(tmp_path / "o.csv")
    assert found["B1"]["outcome"] == "inconclusive"
    assert missing in found["B1"]["missing"].split(";")
    assert found["B2"]["outcome"] == "conforms"


def test_a_reading_below_the_one_before_is_inconclusive(tmp_path: Path) -> None:
    metered = harbin_bill(
        "B1", billing_method="metered", kind="settlement", reading_from="50.000", reading_to="20.000", heat_unit="GJ",
        season="2016-17", service_from="2016-10-20", service_to="2017-04-20", issued_on="2017-05-01", due_on="2017-06-01",
    )  # fmt: skip
    bills = write_feed(tmp_path / "bills.csv", [metered])
    assert recompute(bills, tmp_path / "o.csv").code == 0
    assert outcomes(tmp_path / "o.csv")["B1"]["missing"] == "reading_runs_backwards"


def test_the_largest_total_of_the_standard_is_recomputed_and_not_cut(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1", billed="1000000000000.00")])
    assert recompute(bills, tmp_path / "o.csv").code == 0
    found = outcomes(tmp_path / "o.csv")["B1"]
    assert found["outcome"] in {"breach", "inconclusive"}
    if found["outcome"] == "breach":
        assert found["overcharge"] == "999999997175.50"
    else:
        assert found["missing"]


def test_bills_by_the_thousand_keep_their_order(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill(f"B{number:05}") for number in range(20_000)])
    assert recompute(bills, tmp_path / "o.csv").code == 0
    found = outcomes(tmp_path / "o.csv")
    assert list(found) == [f"B{number:05}" for number in range(20_000)]
    assert {row["outcome"] for row in found.values()} == {"conforms"}
