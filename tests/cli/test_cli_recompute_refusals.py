"""What `supervision recompute` cannot use or write as a whole: which file, why, and nothing half done."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.cli.command_line import (
    examples,
    harbin_bill,
    in_both_languages,
    program,
    run,
    write_feed,
)
from tests.cli.recomputing_files import CITY, HEADER, assert_examples, recompute


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
