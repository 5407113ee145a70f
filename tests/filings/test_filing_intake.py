"""A file on its way in: as declared, not too large, whole, and gone again when it is not taken."""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import os
from pathlib import Path

import pytest

from supervision.filings import FilingRefused
from supervision.filings.intake import Declared, arriving, full_disk_refused, sweep
from supervision.filings.names import attachment

CONTENT = b"bill_no,total\r\nB1,1.00\r\n"


@pytest.mark.parametrize(
    ("content", "declared", "most", "code"),
    [
        (CONTENT, Declared(size=len(CONTENT) + 1), 1000, "T02"),
        (CONTENT[:-1], Declared(size=len(CONTENT)), 1000, "T02"),
        (CONTENT, Declared(digest="0" * 64), 1000, "T03"),
        (CONTENT, Declared(digest="ABC"), 1000, "T05"),
        (CONTENT, Declared(size=len(CONTENT)), 10, "T01"),
        (CONTENT, Declared(), 10, "T01"),
        (b"", Declared(), 1000, "T08"),
        (b"", Declared(size=0), 1000, "T08"),
    ],
)
def test_a_file_that_is_not_as_declared_is_refused_and_leaves_nothing(
    tmp_path: Path, content: bytes, declared: Declared, most: int, code: str
) -> None:
    with pytest.raises(FilingRefused) as refused, arriving(io.BytesIO(content), tmp_path, declared, most):
        raise AssertionError("it was taken")
    assert refused.value.code == code
    assert list(tmp_path.iterdir()) == []


def test_a_file_as_declared_waits_whole_until_the_block_ends(tmp_path: Path) -> None:
    digest = hashlib.sha256(CONTENT).hexdigest()
    declared = Declared(size=len(CONTENT), digest=digest)
    with arriving(io.BytesIO(CONTENT), tmp_path / "incoming", declared, 1000) as arrived:
        assert (arrived.path.read_bytes(), arrived.size, arrived.digest) == (CONTENT, len(CONTENT), digest)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_file_declared_too_large_is_not_read_at_all(tmp_path: Path) -> None:
    source = io.BytesIO(CONTENT)
    with pytest.raises(FilingRefused), arriving(source, tmp_path, Declared(size=1001), 1000):
        raise AssertionError("it was taken")
    assert source.tell() == 0


def test_a_full_disk_is_told_as_such() -> None:
    with (
        pytest.raises(FilingRefused) as refused,
        full_disk_refused(),
        open("/dev/full", "wb", buffering=0) as full,
    ):
        full.write(CONTENT)
    assert (refused.value.code, refused.value.status) == ("T11", 507)


def test_what_dead_uploads_left_is_swept_after_a_day(tmp_path: Path) -> None:
    now = dt.datetime(2025, 12, 24, 1, tzinfo=dt.UTC)
    for name, hours in (("old.part", 25), ("new.part", 23), ("other", 99)):
        (tmp_path / name).write_bytes(CONTENT)
        at = (now - dt.timedelta(hours=hours)).timestamp()
        os.utime(tmp_path / name, (at, at))
    assert [path.name for path in sweep(tmp_path, now)] == ["old.part"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["new.part", "other"]


@pytest.mark.parametrize("name", ["十二月 账单.csv", 'a"b;c\\d.csv', "a*?[x].csv", "%2e%2e.csv", "é" * 200])
def test_a_download_name_is_one_plain_line(name: str) -> None:
    header = attachment(name)
    assert header.isascii()
    assert header.isprintable()
    assert header.count('"') == 2
