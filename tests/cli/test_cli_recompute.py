"""`supervision recompute`: one file in, one file out, no register."""

from __future__ import annotations

import csv
import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from openpyxl import Workbook

from checks.tariffs.load import load_published, tariff_to_dict
from tests.cli.command_line import (
    Said,
    examples,
    harbin_bill,
    in_both_languages,
    outcomes,
    program,
    run,
    write_feed,
)

CITY = "哈尔滨市"
HEADER = "bill_no,outcome,billed_total,recomputed_total,overcharge,tariff_id,cause,missing"


def recompute(bills: Path, out: Path, *more: object, scope: str = CITY) -> Said:
    return run("recompute", "--scope", scope, "--bills", bills, "--out", out, *more)


def assert_examples(path: Path) -> None:
    found = outcomes(path)
    assert {
        number: (row["outcome"], row["recomputed_total"], row["overcharge"], row["tariff_id"])
        for number, row in found.items()
    } == {
        "E13": ("conforms", "2824.50", "0.00", "hrb-res-2008"),
        "E14": ("breach", "4004.10", "6.00", "hrb-non-2008"),
        "E15": ("breach", "8898.00", "20.00", "hrb-non-2008"),
    }


def test_the_published_examples_come_out_to_the_fen_without_any_register(tmp_path: Path) -> None:
    bills, out = write_feed(tmp_path / "bills.csv", examples()), tmp_path / "outcomes.csv"
    said = program("recompute", "--scope", CITY, "--bills", bills, "--out", out, folder=tmp_path)
    assert said.code == 0, said.err
    assert "3 bills; conforms 1, breach 2, inconclusive 0" in said.out
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


def test_a_roster_that_cannot_be_read_whole_is_not_used(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    accounts = write_feed(tmp_path / "accounts.csv", roster("E13", area="7o"), feed="accounts")
    said = recompute(bills, tmp_path / "o.csv", "--accounts", accounts)
    assert said.code == 1
    assert f"{accounts}:1 usable_area_m2" in said.err
    assert in_both_languages(said)
    assert not (tmp_path / "o.csv").exists()


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


# -- what cannot be used as a whole -------------------------------------------------------------------------------


def _folder(path: Path) -> None:
    path.mkdir()


UNUSABLE = {
    "missing": lambda path: None,
    "folder": _folder,
    "empty": lambda path: path.write_bytes(b""),
    "only a heading": lambda path: path.write_bytes(
        (",".join(harbin_bill("B1")) + "\r\n").encode()
    ),
    "wrong heading": lambda path: path.write_bytes(b"a,b,c\r\n1,2,3\r\n"),
    "required column gone": lambda path: write_feed(
        path, [{key: value for key, value in harbin_bill("B1").items() if key != "total"}]
    ),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 64),
    "zip": lambda path: path.write_bytes(b"PK\x03\x04" + bytes(200)),
    "gzip": lambda path: path.write_bytes(b"\x1f\x8b" + bytes(200)),
    "null bytes": lambda path: path.write_bytes(b"\x00" * 500),
    "every row falls apart": lambda path: path.write_bytes(
        (",".join(harbin_bill("B1")) + "\r\nB1,A1\r\nB2,A2\r\n").encode()
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNUSABLE)
@pytest.mark.parametrize("option", ["--bills", "--accounts"])
def test_a_file_that_cannot_be_used_ends_with_1_and_says_which_and_why(
    tmp_path: Path, kind: str, option: str
) -> None:
    bad, good = tmp_path / "bad.csv", write_feed(tmp_path / "bills.csv", examples())
    UNUSABLE[kind](bad)
    files = {"--bills": good, option: bad}
    said = run(
        "recompute",
        "--scope",
        CITY,
        "--out",
        tmp_path / "o.csv",
        *(x for pair in files.items() for x in pair),
    )
    assert said.code == 1, said
    assert str(bad) in said.err
    assert in_both_languages(said), said.err
    assert not (tmp_path / "o.csv").exists()


@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("哈尔滨", "哈尔滨市"),
        ("火星市", "哈尔滨市"),
        ("", "哈尔滨市"),
        ("哈尔滨市/mars", "ordinary"),
        ("天津市/mars", "天津市"),
    ],
)
def test_an_unknown_city_or_area_is_answered_with_those_there_are(
    tmp_path: Path, scope: str, words: str
) -> None:
    said = recompute(write_feed(tmp_path / "bills.csv", examples()), tmp_path / "o.csv", scope=scope)
    assert said.code == 1
    assert words in said.err
    assert in_both_languages(said)


def test_an_area_is_taken_and_a_slash_at_the_end_is_none(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    assert recompute(bills, tmp_path / "o.csv", scope="哈尔滨市/ordinary").code == 0
    assert recompute(bills, tmp_path / "p.csv", scope="哈尔滨市/").code == 0
    assert_examples(tmp_path / "p.csv")


def test_what_cannot_be_written_ends_with_2_and_the_bills_are_never_overwritten(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    before = bills.read_bytes()
    for out in (
        tmp_path / "none" / "o.csv",
        tmp_path,
        bills,
        tmp_path / ("x" * 300 + ".csv"),
        bills / "o.csv",
    ):
        said = recompute(bills, out)
        assert said.code == 2, out
        assert in_both_languages(said), said.err
    assert bills.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["bills.csv"]


def test_an_earlier_outcome_stays_when_a_later_file_cannot_be_used(tmp_path: Path) -> None:
    bills, out = write_feed(tmp_path / "bills.csv", examples()), tmp_path / "o.csv"
    recompute(bills, out)
    bills.write_bytes(b"junk")
    assert recompute(bills, out).code == 1
    assert_examples(out)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights_ends_with_2(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    assert recompute(bills, closed / "o.csv").code == 2


def test_outcomes_can_be_piped(tmp_path: Path) -> None:
    bills = write_feed(tmp_path / "bills.csv", examples())
    said = program("recompute", "--scope", CITY, "--bills", bills, "--out", "/dev/stdout")
    assert said.code == 0
    assert said.out.startswith(HEADER + "\nE13,conforms,")


# -- what cannot be used of a file ----------------------------------------------------------------------------------


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
    assert "6 bills; conforms 1, breach 2, inconclusive 3" in said.out


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
