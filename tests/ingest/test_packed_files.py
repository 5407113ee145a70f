"""Packed files: the same judgement as what is in them, and a bomb stops at its limit."""

from __future__ import annotations

import gzip
import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from hostile_workbooks import CONTAINERS, zipped
from ingest_filings import bill, csv_bytes, ids, judge_bytes, workbook_bytes

from ingest.child import judge_in_child
from ingest.readers.block import Limits

GOOD = csv_bytes([bill(1), bill(2, total="2148.01")])
BOMB = csv_bytes([bill(1)]) + b" " * (100 << 20)


def one_in_zip(data: bytes, name: str = "十二月/bills.csv") -> bytes:
    return bytes(zipped([(name, data)]))


@pytest.mark.parametrize(
    ("data", "filename"),
    [
        (gzip.compress(GOOD), "bills.csv.gz"),
        (one_in_zip(GOOD), "bills.zip"),
        (gzip.compress(GOOD.decode().encode("gb18030")), "账单.CSV.GZ"),
        (one_in_zip(workbook_bytes([bill(1), bill(2, total="2148.01")]), "十二月/账单.XLSX"), "bills.zip"),
        (gzip.compress(workbook_bytes([bill(1), bill(2, total="2148.01")])), "bills.xlsx.gz"),
    ],
    ids=["gzip", "zip", "gzip in GB18030", "a workbook in zip", "a workbook in gzip"],
)
def test_a_packed_file_is_judged_as_what_is_in_it(data: bytes, filename: str) -> None:
    plain, packed = judge_bytes(GOOD), judge_bytes(data, filename=filename)
    assert packed.edits.equals(plain.edits)
    assert (packed.verdict, packed.rows, packed.totals) == (plain.verdict, 2, plain.totals)


@pytest.mark.parametrize(
    ("data", "filename", "edit_id"),
    [
        (gzip.compress(BOMB), "bills.csv.gz", "C04"),
        (one_in_zip(BOMB, "bills.csv"), "bills.zip", "C04"),
        (gzip.compress(GOOD) + b"x", "bills.csv.gz", "C17"),
        (gzip.compress(GOOD)[:-6] + b"\0" * 6, "bills.csv.gz", "C17"),
        (gzip.compress(gzip.compress(GOOD)), "bills.csv.gz.gz", "T04"),
        (gzip.compress(b""), "bills.csv.gz", "T08"),
        (GOOD, "bills.csv.gz", "T04"),
        (GOOD, "bills.zip", "T04"),
        (one_in_zip(GOOD, "../bills.csv"), "bills.zip", "C07"),
        (one_in_zip(one_in_zip(GOOD), "bills.csv"), "bills.zip", "C09"),
        (one_in_zip(GOOD, "bills.exe"), "bills.zip", "T04"),
        (one_in_zip(GOOD)[:-30], "bills.zip", "C01"),
    ],
    ids=[
        "a bomb in gzip",
        "a bomb in zip",
        "bytes behind the end",
        "a wrong checksum",
        "gzip in gzip",
        "nothing in gzip",
        "no gzip",
        "no zip",
        "a way out of the folder",
        "zip in zip",
        "a program",
        "a cut zip",
    ],
)
def test_a_bomb_a_cut_or_a_nested_archive_is_refused(data: bytes, filename: str, edit_id: str) -> None:
    judged = judge_bytes(data, filename=filename)
    assert (judged.verdict, ids(judged)) == ("rejected", [edit_id])


@pytest.mark.parametrize(
    "name", sorted(name for name, one in CONTAINERS.items() if one.filename == "bills.xlsx" and one.expected)
)
def test_a_workbook_that_is_refused_alone_is_refused_in_a_zip(name: str) -> None:
    book = CONTAINERS[name].build()
    judged = judge_bytes(one_in_zip(book, "bills.xlsx"), filename="bills.zip")
    assert (judged.verdict, ids(judged)) == ("rejected", [CONTAINERS[name].expected])


def test_workbooks_in_a_zip_unpack_together_to_no_more_than_one_may() -> None:
    book = workbook_bytes([bill(1)])
    names = '{"parts": [{"name": "a.xlsx"}, {"name": "b.xlsx"}]}'
    two = bytes(zipped([("a.xlsx", book), ("b.xlsx", workbook_bytes([bill(2)])), ("manifest.json", names)]))
    with zipfile.ZipFile(io.BytesIO(book)) as inside:
        unpacked = sum(one.file_size for one in inside.infolist())
    assert "C05" not in ids(
        judge_bytes(two, filename="bills.zip", limits=Limits(max_unpacked_bytes=3 * unpacked))
    )
    assert ids(judge_bytes(two, filename="bills.zip", limits=Limits(max_unpacked_bytes=unpacked + 9))) == [
        "C05"
    ]


def test_a_packed_file_within_the_ratio_passes_and_one_byte_more_does_not() -> None:
    packed = gzip.compress(GOOD)
    for most, verdict in ((len(GOOD), []), (len(GOOD) - 1, ["C05"])):
        limits = Limits(max_unpacked_bytes=most)
        judged = judge_bytes(packed, filename="bills.csv.gz", limits=limits)
        assert [one for one in ids(judged) if one.startswith("C")] == verdict


def test_nothing_stays_behind_in_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    judge_bytes(gzip.compress(BOMB), filename="bills.csv.gz")
    judge_bytes(gzip.compress(GOOD), filename="bills.csv.gz")
    assert list(tmp_path.glob("unpacked-*")) == []


def test_the_child_judges_packed_files_under_its_own_limits(tmp_path: Path) -> None:
    path = tmp_path / "filed"
    path.write_bytes(gzip.compress(GOOD))
    judged = judge_in_child(path, feed="bills", period="2025-12", filename="bills.csv.gz")
    assert ids(judged) == ["BIL01"]
