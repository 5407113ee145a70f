"""`supervision recompute`: one file in, one file out, no register."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from openpyxl import Workbook

from checks.causes import EXPLAINED_SCHEMA
from checks.tariffs.load import load_published, tariff_to_dict
from ingest.judge import read
from tests.cli.command_line import (
    examples,
    harbin_bill,
    in_both_languages,
    outcomes,
    program,
    write_feed,
)
from tests.cli.recomputing_files import CITY, HEADER, assert_examples, recompute


def test_the_published_examples_come_out_to_the_fen_without_any_register(tmp_path: Path) -> None:
    bills, out = write_feed(tmp_path / "bills.csv", examples()), tmp_path / "outcomes.csv"
    said = program("recompute", "--scope", CITY, "--bills", bills, "--out", out, folder=tmp_path)
    assert said.code == 0, said.err
    assert "bills 3; conforms 1, breach 2, inconclusive 0" in said.out
    assert_examples(out)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bills.csv", "outcomes.csv"]


def test_a_program_reads_the_outcomes_as_they_are(tmp_path: Path) -> None:
    bills, out = write_feed(tmp_path / "bills.csv", examples()), tmp_path / "outcomes.csv"
    recompute(bills, out)
    content = out.read_bytes()
    assert content.decode("utf-8").split("\n")[0] == HEADER
    assert b"\r" not in content
    assert sum(Decimal(row["overcharge"]) for row in outcomes(out).values()) == Decimal("26.00")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("chinese", [False, True])
def test_headings_and_encodings_of_the_standard_are_all_read(
    tmp_path: Path, encoding: str, chinese: bool
) -> None:
    bills = write_feed(tmp_path / "账单.csv", examples(), encoding=encoding, chinese=chinese)
    assert recompute(bills, tmp_path / "o.csv").code == 0
    assert_examples(tmp_path / "o.csv")


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    rows = examples()
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    book.save(tmp_path / "bills.xlsx")
    assert recompute(tmp_path / "bills.xlsx", tmp_path / "o.csv").code == 0
    assert_examples(tmp_path / "o.csv")


def roster(*numbers: str, area: str = "70.00") -> list[dict[str, str]]:
    return [
        {
            "account_no": f"A-{number}",
            "network_code": "N1",
            "community": "松北一里",
            "building": "1",
            "category": "residential",
            "billing_method": "area",
            "floor_area_m2": "104.30",
            "usable_area_m2": area,
            "connected_on": "2008-10-01",
            "heating_state": "on",
        }
        for number in numbers
    ]


def test_the_area_of_the_roster_counts_and_an_account_that_is_not_on_it_is_inconclusive(
    tmp_path: Path,
) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1"), harbin_bill("B2"), harbin_bill("B3")])
    accounts = write_feed(
        tmp_path / "accounts.csv", roster("B1") + roster("B2", area="60.00"), feed="accounts"
    )
    assert recompute(bills, tmp_path / "o.csv", "--accounts", accounts).code == 0
    found = outcomes(tmp_path / "o.csv")
    assert found["B1"]["outcome"] == "conforms"
    assert (found["B2"]["outcome"], found["B2"]["recomputed_total"], found["B2"]["overcharge"]) == (
        "breach", "2421.00", "403.50",
    )  # fmt: skip
    assert (found["B3"]["outcome"], found["B3"]["missing"]) == ("inconclusive", "account_not_on_roster")


def test_a_roster_is_used_as_far_as_it_can_be_read_and_says_whose_bills_are_left_open(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill(f"B{number}") for number in range(1, 5)])
    rows = roster("B1") + roster("B2", area="7o") + roster("B3", area="60.00") + roster("B3", area="?")
    accounts = write_feed(tmp_path / "accounts.csv", rows, feed="accounts")
    said = recompute(bills, tmp_path / "o.csv", "--accounts", accounts)
    assert said.code == 0
    assert f"{accounts}:2 usable_area_m2" in said.err
    assert "Roster rows that cannot be read: 2" in said.err
    assert in_both_languages(said)
    found = outcomes(tmp_path / "o.csv")
    assert {number: (row["outcome"], row["missing"], row["overcharge"]) for number, row in found.items()} == {
        "B1": ("conforms", "", "0.00"),
        "B2": ("inconclusive", "unreadable_roster_usable_area_m2", ""),
        "B3": ("inconclusive", "unreadable_roster_usable_area_m2", ""),
        "B4": ("inconclusive", "account_not_on_roster", ""),
    }


def test_where_a_roster_row_hides_its_account_nobody_is_said_to_be_missing_for_good(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1"), harbin_bill("B2")])
    accounts = write_feed(tmp_path / "accounts.csv", roster("B1"), feed="accounts")
    accounts.write_bytes(accounts.read_bytes() + b"torn,row\r\n")
    assert recompute(bills, tmp_path / "o.csv", "--accounts", accounts).code == 0
    found = outcomes(tmp_path / "o.csv")
    assert (found["B1"]["outcome"], found["B2"]["outcome"]) == ("conforms", "inconclusive")
    assert found["B2"]["missing"] == "account_not_on_roster;unreadable_roster_row"


def own_tariffs(path: Path, price: str = "30.00") -> Path:
    record = tariff_to_dict(next(one for one in load_published() if one.id == "hrb-res-2008"))
    record |= {"id": "own-1", "area_price": {**record["area_price"], "value": price}}
    path.write_text(json.dumps([record], ensure_ascii=False), encoding="utf-8")
    return path


def test_tariffs_of_ones_own_are_taken_instead_of_the_published_ones(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", [harbin_bill("B1", billed="2100.00")])
    tariffs = own_tariffs(tmp_path / "own.json")
    assert recompute(bills, tmp_path / "o.csv", "--tariffs", tariffs).code == 0
    assert outcomes(tmp_path / "o.csv")["B1"]["tariff_id"] == "own-1"
    assert outcomes(tmp_path / "o.csv")["B1"]["outcome"] == "conforms"


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe\x01", b"- id: [", b"{}", b"[]", b'[{"id": 1}]', b"text"]
)
def test_a_tariff_file_that_is_none_is_refused_in_both_languages(tmp_path: Path, content: bytes) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    for name in ("t.yaml", "t.json"):
        (tmp_path / name).write_bytes(content)
        said = recompute(bills, tmp_path / "o.csv", "--tariffs", tmp_path / name)
        assert said.code == 1, (name, said)
        assert in_both_languages(said), said.err
    assert not (tmp_path / "o.csv").exists()


def typed(csv_file: Path) -> Path:
    """The bills of a CSV file as Parquet in the types of the standard, without numbered rows."""
    table = read(csv_file, feed="bills", filename=csv_file.name).table
    path = csv_file.with_suffix(".parquet")
    pq.write_table(table.drop_columns(["source_row"]), path)
    return path


def test_parquet_in_gives_the_lines_that_csv_in_gives(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    recompute(bills, tmp_path / "o.csv")
    assert recompute(typed(bills), tmp_path / "p.csv").code == 0
    assert (tmp_path / "p.csv").read_bytes() == (tmp_path / "o.csv").read_bytes()


def test_outcomes_as_parquet_have_the_lines_of_each_bill(tmp_path: Path) -> None:
    assert recompute(write_feed(tmp_path / "bills.csv", examples()), tmp_path / "o.parquet").code == 0
    found = pq.read_table(tmp_path / "o.parquet")
    assert found.schema.equals(EXPLAINED_SCHEMA)
    assert found["overcharge"].to_pylist() == [Decimal("0.00"), Decimal("6.00"), Decimal("20.00")]
    assert found["area_charge_due"].to_pylist() == found["recomputed_total"].to_pylist()


def test_parquet_without_a_column_of_the_standard_or_of_other_values_is_refused(tmp_path: Path) -> None:
    good = typed(write_feed(tmp_path / "bills.csv", examples()))
    table = pq.read_table(good)
    for name, wrong in (
        ("total", table.drop_columns(["total"])),
        ("issued_on", table.set_column(table.column_names.index("issued_on"), "issued_on", [["soon"] * 3])),
        ("rows", table.slice(0, 0)),
    ):
        pq.write_table(wrong, tmp_path / "wrong.parquet")
        said = recompute(tmp_path / "wrong.parquet", tmp_path / "o.csv")
        assert said.code == 1, name
        assert in_both_languages(said), said.err
    assert not (tmp_path / "o.csv").exists()


def test_a_bill_number_with_a_comma_or_a_quote_stands_quoted_in_the_outcomes(tmp_path: Path) -> None:
    bills = typed(write_feed(tmp_path / "bills.csv", examples()))
    table = pq.read_table(bills)
    place = table.column_names.index("bill_no")
    pq.write_table(table.set_column(place, "bill_no", [["B,1", 'B"2', "B3"]]), bills)
    assert recompute(bills, tmp_path / "o.csv").code == 0
    assert list(outcomes(tmp_path / "o.csv")) == ["B,1", 'B"2', "B3"]


def test_a_cluster_that_is_not_there_or_no_address_ends_with_2(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    for address in ("tcp://127.0.0.1:9", "somewhere"):
        said = recompute(bills, tmp_path / "o.csv", "--engine", address)
        assert said.code == 2
        assert in_both_languages(said), said.err
    assert [path.name for path in tmp_path.iterdir()] == ["bills.csv"]
