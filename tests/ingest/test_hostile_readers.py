"""What one reader refuses no other lets pass: the hostile rows and archives through CSV, XLSX, JSON Lines, gzip and ZIP."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_files import GOOD, TEXT
from hostile_workbooks import CONTAINERS, WORKBOOKS, zipped
from ingest_filings import Row, account, bill, csv_bytes, ids, judge_bytes, judge_rows, roster, workbook_bytes

HERE = Path(__file__).parent
MOST_RESIDENT = 512 << 10  # KiB
# Their name is what is hostile, or their size is what a packed file is refused for.
ONLY_PLAIN = {
    "t04_name_traversal",
    "t05_name_nul",
    "t06_name_bidi",
    "t08_name_5000",
    "t09_gzip",
    "s07_no_newline_64MiB",
}


def totals(*words: str) -> list[Row]:
    return [bill(at + 1, total=word) for at, word in enumerate(words)]


# kind → the rows, and the first edit that every reader of rows gives them (None: they pass)
ROWS: dict[str, tuple[list[Row], str | None]] = {
    "v01_non_finite": (totals("NaN", "sNaN", "Infinity", "1e400"), "V02"),
    "v02_lenient_numbers": (totals("1_000", "0x10", "\u0663", "19.5e0"), "V01"),
    "v03_exponent_bomb": (totals("1e999999"), "V01"),
    "v04_digits_3000": (totals("9" * 3000), "V01"),
    "v05_precision": (totals("19.55555"), "V04"),
    "v06_range": ([bill(1, billed_area_m2="-80")], "V03"),
    "v07_impossible_dates": ([bill(1, issued_on="2026-02-29"), bill(2, issued_on="2026-13-01")], "V05"),
    "v08_lenient_dates": ([bill(1, issued_on="2026-W02-1")], "V05"),
    "v11_formula_text": ([bill(1, tariff_ref="+1"), bill(2, tariff_ref="@SUM(A1)")], None),
    "v12_markup": ([bill(1, tariff_ref="<script>alert(1)</script>"), bill(2, tariff_ref="{{7*7}}")], None),
    "v13_redos": ([bill(1, kind="1" * 40 + "x")], "V08"),
    "n09_replacement_char": ([bill(1, tariff_ref="供\ufffd热")], "N05"),
    "n10_zero_width_id": ([bill(1, account_no="A\u200b001")], "N06"),
    "n11_cyrillic_id": ([bill(1, account_no="\u041d001")], "V09"),
    "s06_field_1MiB": ([bill(1, tariff_ref="a" * (1 << 13))], "S05"),
    "b03_duplicate_key_rows": ([bill(1), bill(1)], "K01"),
}


def json_lines(rows: list[Row]) -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode()


def in_gzip(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def in_zip(data: bytes) -> bytes:
    return bytes(zipped([("bills.csv", data)]))


READERS: dict[str, tuple[Callable[[list[Row]], bytes], str]] = {
    "csv": (csv_bytes, "bills.csv"),
    "xlsx": (workbook_bytes, "bills.xlsx"),
    "json": (json_lines, "bills.jsonl"),
    "gzip": (lambda rows: in_gzip(csv_bytes(rows)), "bills.csv.gz"),
    "json in gzip": (lambda rows: in_gzip(json_lines(rows)), "bills.jsonl.gz"),
    "zip": (lambda rows: in_zip(csv_bytes(rows)), "bills.zip"),
}


@pytest.mark.parametrize("reader", sorted(READERS))
@pytest.mark.parametrize("kind", sorted(ROWS))
def test_hostile_rows_get_the_same_first_edit_from_every_reader(kind: str, reader: str) -> None:
    rows, expected = ROWS[kind]
    written, filename = READERS[reader]
    judged = judge_bytes(written(rows), filename=filename)
    found = ids(judged)
    if expected is None:
        assert judged.verdict == "accepted"
    else:
        assert (judged.verdict, judged.table, found[0]) == ("rejected", None, expected)
    good = judge_bytes(written([bill(1), bill(2)]), filename=filename)
    assert (good.verdict, ids(good)) == ("accepted", [])


@pytest.mark.parametrize("name", sorted(set(TEXT) - ONLY_PLAIN))
def test_a_hostile_file_is_judged_packed_as_it_is_plain(name: str) -> None:
    data = TEXT[name].build()
    plain = judge_bytes(data)
    for packed, filename in ((in_gzip(data), "bills.csv.gz"), (in_zip(data), "bills.zip")):
        judged = judge_bytes(packed, filename=filename)
        assert (judged.verdict, ids(judged)) == (plain.verdict, ids(plain))
    assert judge_bytes(in_zip(GOOD), filename="bills.zip").verdict == "accepted"


def flipped() -> bytes:
    """One bit of a stored member is another one than its checksum says."""
    data = zipped([("bills.csv", GOOD)], zipfile.ZIP_STORED)
    data[data.index(GOOD) + 40] ^= 1
    return bytes(data)


def lying_size() -> bytes:
    """A member that unpacks to more than both its headers declare."""
    content = csv_bytes([bill(number) for number in range(200)])
    true, said = (size.to_bytes(4, "little") for size in (len(content), 50))
    return bytes(zipped([("bills.csv", content)])).replace(true, said)


# Tricks that the workbook plays with one of its many parts, played with the one file of a ZIP.
IN_A_ZIP: dict[str, Callable[[], bytes]] = {
    "c01b_lying_size": lying_size,
    "c04b_nested_under_other_name": lambda: in_zip(in_zip(GOOD)),
    "c10_crc": flipped,
}
# What does not begin as an archive is refused for its kind before it is looked into.
NO_ZIP = {"c12_prefix": "T04", "c16_rar": "T04"}


@pytest.mark.parametrize("name", sorted(set(CONTAINERS) - {"c15_name_gbk", "c17_zip_named_csv"}))
def test_an_archive_trick_is_refused_in_a_zip_as_in_a_workbook(name: str) -> None:
    hostile = CONTAINERS[name]
    judged = judge_bytes(IN_A_ZIP.get(name, hostile.build)(), filename="bills.zip")
    assert (judged.verdict, ids(judged)[0]) == ("rejected", NO_ZIP.get(name, hostile.expected))
    assert judge_bytes(in_zip(GOOD), filename="bills.zip").verdict == "accepted"


def test_a_member_named_in_gbk_without_saying_so_is_read() -> None:
    packed = bytes(zipped([("XXXX.csv", GOOD)])).replace(b"XXXX", "供热".encode("gbk"))
    assert judge_bytes(packed, filename="bills.zip").verdict == "accepted"


def test_a_way_out_in_the_middle_of_a_members_path_is_refused() -> None:
    packed = bytes(zipped([("a/../../bills.csv", GOOD)]))
    assert ids(judge_bytes(packed, filename="bills.zip")) == ["C07"]


def test_two_rows_of_one_key_that_contradict_each_other_are_refused() -> None:
    judged = judge_bytes(csv_bytes([bill(1), bill(1, total="1999.00", area_charge="1999.00")]))
    assert (judged.verdict, ids(judged)) == ("rejected", ["K01"])


def test_an_account_that_is_not_the_companys_is_said() -> None:
    judged = judge_rows(bill(1, account_no="ZZ999"), roster=roster(account(1)))
    assert ids(judged) == ["CRO01"]


HEAVY = {
    "s07_no_newline_64MiB": TEXT["s07_no_newline_64MiB"],
    **{name: CONTAINERS[name] for name in ("c01_bomb", "c02_overlap", "c03b_70000_members")},
    **{
        name: WORKBOOKS[name]
        for name in ("x01_entity_bomb", "x03_shared_strings_100MB", "x04_far_cell", "x05_dimension_lie")
    },
}


def test_no_hostile_file_needs_more_than_512_mib_or_30_seconds_of_the_child_and_a_good_one_passes_after_each(
    tmp_path: Path,
) -> None:
    """Resident memory of the largest child, and processor time that the kernel enforces."""
    asked, expected = [], []
    gib = tmp_path / "gib"
    with gzip.open(gib, "wb", compresslevel=1) as file:
        for _ in range(1 << 10):
            file.write(b"0" * (1 << 20))
    cases = [(name, hostile.build(), hostile.filename, hostile.expected) for name, hostile in HEAVY.items()]
    cases.append(("gzip of 1 GiB", gib.read_bytes(), "bills.csv.gz", "C04"))
    for number, (_, data, filename, edit_id) in enumerate(cases):
        for content, name, first in ((data, filename, edit_id), (GOOD, "bills.csv", None)):
            path = tmp_path / f"{number}-{first}"
            path.write_bytes(content)
            asked.append(json.dumps({"path": str(path), "filename": name}))
            expected.append(first)
    done = subprocess.run(
        [sys.executable, str(HERE / "bounded_child.py")],
        input="\n".join(asked),
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parents[1])},
    )
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["edits"] or [None])[0] for one in told] == expected
    assert [one["verdict"] for one in told[1::2]] == ["accepted"] * len(cases)
    assert max(one["largest_kib"] for one in told) <= MOST_RESIDENT
