"""JSON Lines are judged as the same rows in CSV are, by a grammar without NaN, repeated keys and guesses."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from ingest_filings import bill, csv_bytes, ids, judge_bytes

from ingest.judge import Judgement
from ingest.readers.block import Limits


def lines(*rows: dict[str, Any], encoding: str = "utf-8") -> bytes:
    return "\n".join(json.dumps(row, ensure_ascii=False) for row in rows).encode(encoding)


def judged(data: bytes, **more: Any) -> Judgement:
    return judge_bytes(data, filename=more.pop("filename", "bills.jsonl"), **more)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_the_same_rows_are_the_same_table_as_in_csv(encoding: str) -> None:
    rows = [bill(1, tariff_ref="〔2013〕5号"), bill(2)]
    as_json, as_csv = judged(lines(*rows, encoding=encoding)), judge_bytes(csv_bytes(rows))
    assert as_json.table is not None
    assert as_json.table.equals(as_csv.table)
    assert as_json.edits.num_rows == 0


def test_numbers_are_read_as_they_stand_and_null_is_blank() -> None:
    text = lines({**bill(1), "refund": None}).decode().replace('"2148.00"', "2148.00")
    assert ids(judged(text.encode())) == []
    assert ids(judged(text.replace("2148.00", "2.148e3").encode())) == ["V01", "V01"]


@pytest.mark.parametrize(
    "line",
    [
        "[1]", "1", "{", '{"total": NaN}', '{"total": Infinity}', '{"bill_no": "a", "bill_no": "b"}',
        '{"bill_no": "a"} x', "[" * 50_000, "{'bill_no': 1}",
    ],
)  # fmt: skip
def test_a_line_that_is_no_object_is_told_with_its_row(line: str) -> None:
    found = judged(lines(bill(1)) + b"\n" + line.encode() + b"\n" + lines(bill(2)))
    assert [(hit["edit_id"], hit["row"]) for hit in found.edits.to_pylist()] == [("S17", 2)]
    assert found.rows == 3


@pytest.mark.parametrize(
    ("text", "edit_id"), [("\\u0000", "N03"), ("\\ud800", "N03"), ("\\ufffd", "N05"), ("\\u200b", "V09")]
)
def test_escapes_smuggle_in_no_character_that_a_file_may_not_hold(text: str, edit_id: str) -> None:
    data = lines(bill(1)).decode().replace('"A0001"', f'"A{text}"').encode()
    assert ids(judged(data))[0] == ("N06" if edit_id == "V09" else edit_id)


def test_personal_and_unknown_keys_anywhere_refuse_the_file() -> None:
    assert ids(judged(lines(bill(1), {**bill(2), "用户姓名": "王"}))) == ["S15"]
    assert ids(judged(lines(bill(1), {**bill(2), "totl": "1"}))) == ["S16"]


def test_blank_lines_among_the_data_are_told_and_at_the_end_pass() -> None:
    assert ids(judged(lines(bill(1)) + b"\n\n" + lines(bill(2)))) == ["S13"]
    assert ids(judged(lines(bill(1)) + b"\n\n\n")) == []


def test_a_line_beyond_the_limit_stops_the_reading() -> None:
    data = lines(bill(1))
    assert ids(judged(data, limits=Limits(max_line_bytes=len(data)))) == []
    assert ids(judged(data, limits=Limits(max_line_bytes=len(data) - 1))) == ["S07"]


def test_json_lines_may_be_packed() -> None:
    assert ids(judged(gzip.compress(lines(bill(1))), filename="bills.jsonl.gz")) == []
