"""Exports: nothing becomes a formula, numbers stay numbers, every text comes back."""

from __future__ import annotations

import csv
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import spreadsheet
from reports.spreadsheet import Column, SpreadsheetRefused, guarded, unguarded, write_csv, write_xlsx

COLUMNS = (Column("note", "备注"), Column("amount", "金额（元）"), Column("on", "日期"))
FORMULAS = [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://x.example","点")',
]


def row(note: str, amount: object = Decimal("-1234.50")) -> dict[str, object]:
    return {"note": note, "amount": amount, "on": dt.date(2026, 4, 15)}


def csv_rows(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_text_that_would_run_is_guarded_and_comes_back(formula: str) -> None:
    sink = io.BytesIO()
    assert write_csv([row(formula)], COLUMNS, sink) == 1
    cell = csv_rows(sink.getvalue())[1][0]
    assert cell == "'" + formula
    assert unguarded(cell) == formula

    sink = io.BytesIO()
    write_xlsx([row(formula)], COLUMNS, sink)
    written = openpyxl.load_workbook(sink).active["A2"]
    assert written.data_type == "s"
    assert unguarded(written.value).strip("\r\n\t") == formula.strip("\r\n\t")


@given(st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Cc"))))
def test_every_text_comes_back_and_never_begins_dangerously(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"))


def test_numbers_stay_numbers_with_every_digit() -> None:
    rows = [
        row("a", Decimal("-1234.50")),
        row("b", 7),
        row("c", Decimal("0.1620")),
        row("d", None),
        row("e", True),
    ]
    sink = io.BytesIO()
    write_csv(rows, COLUMNS, sink)
    assert [line[1] for line in csv_rows(sink.getvalue())[1:]] == ["-1234.50", "7", "0.1620", "", "true"]
    sink = io.BytesIO()
    write_xlsx(rows, COLUMNS, sink)
    sheet = openpyxl.load_workbook(sink).active
    cells = [sheet.cell(line, 2) for line in range(2, 7)]
    assert [cell.value for cell in cells] == [-1234.5, 7, 0.162, None, True]
    assert [cell.data_type for cell in cells] == ["n", "n", "n", "n", "b"]
    assert [cell.number_format for cell in cells][:3] == ["0.00", "0", "0.0000"]
    assert sheet["C2"].value == dt.datetime(2026, 4, 15)
    assert sheet["C2"].is_date


def test_a_number_longer_than_excel_keeps_is_written_as_text() -> None:
    sink = io.BytesIO()
    write_xlsx([row("a", 1234567890123456789)], COLUMNS, sink)
    cell = openpyxl.load_workbook(sink).active["B2"]
    assert (cell.value, cell.data_type) == ("1234567890123456789", "s")


def test_csv_is_utf8_with_bom_crlf_and_one_heading(tmp_path: Path) -> None:
    path = tmp_path / "bills.csv"
    assert write_csv([row("供热"), row('含,逗号"引号\n换行')], COLUMNS, path) == 2
    content = path.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf" + "备注,金额（元）,日期\r\n".encode())
    assert csv_rows(content)[2] == ['含,逗号"引号\n换行', "-1234.50", "2026-04-15"]


def test_an_xlsx_at_a_path_opens_with_a_frozen_heading(tmp_path: Path) -> None:
    path = tmp_path / "bills.xlsx"
    assert write_xlsx([row("供热")], COLUMNS, path, sheet="账单[2026/03]") == 1
    sheet = openpyxl.load_workbook(path).active
    assert sheet.title == "账单_2026_03_"
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].value == "备注"


def test_control_characters_become_visible_and_break_nothing() -> None:
    sink = io.BytesIO()
    write_xlsx([row("a\x00b\x1bc\ud800d\uffff")], COLUMNS, sink)
    assert openpyxl.load_workbook(sink).active["A2"].value == "a␀b␛c\ufffdd\ufffd"


@pytest.mark.parametrize("value", [1.5, float("nan"), Decimal("NaN"), b"bytes"])
def test_what_is_no_exact_value_is_refused(value: object) -> None:
    for write in (write_csv, write_xlsx):
        with pytest.raises(TypeError):
            write([row("a", value)], COLUMNS, io.BytesIO())


def test_a_missing_column_is_an_error_not_an_empty_cell() -> None:
    with pytest.raises(KeyError, match="amount"):
        write_csv([{"note": "a", "on": None}], COLUMNS, io.BytesIO())


def test_what_xlsx_cannot_hold_is_refused_and_points_to_csv(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SpreadsheetRefused, match="CSV") as refused:
        write_xlsx([row("x" * 32_768)], COLUMNS, io.BytesIO())
    assert "note, 1" in refused.value.en
    monkeypatch.setattr(spreadsheet, "MAX_XLSX_ROWS", 3)
    with pytest.raises(SpreadsheetRefused, match="CSV"):
        write_xlsx([row("x")] * 4, COLUMNS, io.BytesIO())
