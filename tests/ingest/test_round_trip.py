"""A table written in any accepted encoding, separator and line end, and judged, is the same table."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_filings import Row, bill, csv_text, judge_bytes

from ingest.standard import FEEDS, arrow_schema

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030")
#: Text as people write it: Chinese with its punctuation, the rare characters of names, quotes, separators and line ends.
_NOTES = st.text(st.sampled_from("热价〔2024〕1号，；“”乗億俓嘿𠮷㙍A z0,;\t\"'|\\\n·℃"), max_size=12).filter(
    lambda text: text.strip() == text
)
_FEN = st.integers(0, 10**9)


@st.composite
def bills_rows(draw: st.DrawFn) -> list[Row]:
    rows = []
    for number in range(1, draw(st.integers(1, 6)) + 1):
        charge, refund = draw(_FEN), draw(_FEN)
        rows.append(
            bill(
                number,
                area_charge=f"{Decimal(charge).scaleb(-2)}",
                refund=f"{Decimal(-refund).scaleb(-2)}",
                total=f"{Decimal(charge - refund).scaleb(-2)}",
                tariff_ref=draw(_NOTES),
                paid_on=draw(st.sampled_from(["", "2025-12-05", "2026-02-28"])),
            )
        )
    return rows


def _expected(rows: list[Row]) -> pa.Table:
    typed = []
    for number, row in enumerate(rows, start=1):
        values: dict[str, object] = {"source_row": number}
        for column in FEEDS["bills"].columns:
            text = row.get(column.code, "")
            values[column.code] = _typed(column.kind.value, text) if text else None
        typed.append(values)
    return pa.Table.from_pylist(typed, schema=arrow_schema("bills"))


def _typed(kind: str, text: str) -> object:
    if kind in ("money", "area", "heat", "height"):
        return Decimal(text)
    return dt.date.fromisoformat(text) if kind == "date" else text


@given(bills_rows(), st.sampled_from(ENCODINGS), st.sampled_from(",;\t"), st.sampled_from(["\n", "\r\n"]))
@settings(max_examples=300)
def test_a_table_written_in_any_accepted_form_is_read_back_the_same(
    rows: list[Row], encoding: str, delimiter: str, ending: str
) -> None:
    text = csv_text(rows, delimiter=delimiter, ending=ending)
    judged = judge_bytes(text.encode(encoding))
    assert judged.verdict == "accepted", judged.edits.to_pylist()
    assert judged.table is not None
    judged.table.validate(full=True)
    assert judged.table.equals(_expected(rows))
    assert judged.coercions.num_rows == 0
    assert judged.delimiter == delimiter


@pytest.mark.parametrize("block_bytes", [64, 100, 257, 1000])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_the_size_of_blocks_changes_nothing(block_bytes: int, encoding: str) -> None:
    from ingest.readers.block import Limits

    rows = [
        bill(number, tariff_ref=f'价"{number}"，\n第{number}行' * (number % 3)) for number in range(1, 40)
    ]
    header = len(csv_text(rows).split("\n")[0].encode(encoding))
    data = csv_text(rows).encode(encoding)
    judged = judge_bytes(data, limits=Limits(block_bytes=max(block_bytes, header + 5)))
    assert judged.table is not None
    assert judged.table.equals(_expected(rows))


def test_columns_in_another_order_and_with_chinese_labels_give_the_same_table() -> None:
    rows = [bill(1, tariff_ref="甲"), bill(2)]
    lines = [line.split(",") for line in csv_text(rows).strip().split("\n")]
    feed = FEEDS["bills"]
    lines[0] = [feed.column(code).zh for code in lines[0]]
    turned = "\n".join(",".join(reversed(line)) for line in lines) + "\n"
    judged = judge_bytes(turned.encode("gb18030"))
    assert judged.table is not None
    assert judged.table.equals(_expected(rows))
    assert judged.columns[0] == "due_on"
