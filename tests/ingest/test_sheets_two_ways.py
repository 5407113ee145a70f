"""A sheet says the same whether it is read by columns on its bytes or cell by cell by the reader of workbooks."""

from __future__ import annotations

import datetime as dt
import io
import random
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hostile_workbooks import CONTAINERS, NS, WORKBOOKS, members_of, sheet, zipped
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_filings import bill, ids, judge_bytes, workbook_bytes

from ingest.judge import Judgement
from ingest.readers import sheet_rows
from ingest.readers.block import Limits, Refusal
from ingest.readers.cell_text import SheetColumn
from ingest.readers.sheet_rows import Sheet, SheetByCells, SheetByColumns
from ingest.readers.sheet_tags import Irregular
from ingest.readers.sheet_values import sheet_columns
from ingest.readers.xlsx import _judge_parts

Cell = tuple[str, bool, bool, str | None]
HEAD = '<row r="1" spans="1:3"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
VALUES: list[Any] = [
    *("B0001", "账单", "a&b", "x<y>z", " spaces ", "tab\there", "two\nlines", "_x0041_", "é", "1900", "\ufffd"),
    *(1, 0, -3, -0.5, 1234.35, 0.1 + 0.2, 1e-7, 1e21, 123456789012345678, 12345678901234.5, 45950, 59, 60, 61),
    *(True, False, dt.date(2025, 12, 3), dt.datetime(2025, 12, 3, 8, 15), dt.datetime(2025, 12, 3)),
    *(dt.time(8, 30), dt.timedelta(hours=30), None, None, None),
]  # fmt: skip
FORMATS = [
    "General",
    "0.00",
    "yyyy-mm-dd",
    'yyyy"年"m"月"d"日"',
    "yyyy/m/d h:mm",
    "[h]:mm",
    "mm:ss",
    '"元"0.0',
    "@",
]


def by_columns(data: bytes, folder: Path) -> tuple[SheetByColumns | None, Path]:
    """The sheet read on its bytes; None where it is not regular."""
    path = folder / "sheet.xlsx"
    path.write_bytes(data)
    part = _judge_parts(path, Limits(), lambda stage, done: None).sheet
    if part is None:
        return None, path
    try:
        return SheetByColumns(sheet_columns(part)), path
    except Irregular:
        return None, path


def cells_of(one: Sheet, rows: int, columns: int) -> list[list[Cell]]:
    """Every cell, by column: its text, whether it is a number or a day, and the number in full where the text is not it."""
    stretches = list(one.rows(0, 7))

    def listed(column: SheetColumn) -> list[Cell]:
        noise = dict(zip(column.noisy.tolist(), column.noise.to_pylist(), strict=True))
        marks = zip(column.texts.to_pylist(), column.numbers.tolist(), column.days.tolist(), strict=True)
        return [(*marked, noise.get(at)) for at, marked in enumerate(marks)]

    found = [[cell for stretch in stretches for cell in listed(stretch.column(at))] for at in range(columns)]
    return [cells + [("", False, False, None)] * (rows - len(cells)) for cells in found]


def same_both_ways(data: bytes, folder: Path) -> bool:
    """True when the sheet was read both ways and both said the same; False when it is not regular."""
    quick, path = by_columns(data, folder)
    if quick is None:
        return False
    slow = SheetByCells(path)
    rows, columns = max(slow.height, quick.height), max(quick.width, 8)
    assert cells_of(quick, rows, columns) == cells_of(slow, rows, columns)
    return True


def opened(shared: bool = True, seed: int = 1, rows: int = 40) -> bytes:
    """A workbook of openpyxl with every kind of cell; ``shared`` strings or texts in the cells."""
    chance = random.Random(seed)
    book = openpyxl.Workbook(write_only=not shared)
    page = book.create_sheet() if not shared else book.active
    for row in range(rows):
        page.append([chance.choice(VALUES) for _ in range(8)] if row % 11 else [])
    if shared:
        for cells in page.iter_rows():
            for cell in cells:
                if isinstance(cell.value, int | float) and abs(cell.value) < 1e6 and chance.random() < 0.4:
                    cell.number_format = chance.choice(FORMATS)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("shared", [True, False], ids=["shared", "inline"])
def test_a_workbook_with_every_kind_of_cell_says_the_same_both_ways(
    shared: bool, seed: int, tmp_path: Path
) -> None:
    assert same_both_ways(opened(shared, seed), tmp_path)


STRINGS = f"<sst {NS}><si><t>甲</t></si><si><r><t>乙</t></r><r><t>丙</t></r></si><si><t/></si></sst>"
REGULAR = {
    "type before style": '<row r="2"><c r="A2" t="s" s="0"><v>1</v></c><c r="C2" s="0" t="n"><v>7.50</v></c></row>',
    "height and style of a row": '<row r="2" s="1" ht="13.8" customFormat="false"><c r="A2"><v>3</v></c></row>',
    "cells without content": '<row r="2"><c r="A2" s="0"/><c r="B2" s="0"></c><c r="C2"><v>1</v></c></row>',
    "rows that are left out": '<row r="5"><c r="B5" t="s"><v>0</v></c></row><row r="90"><c r="A90"><v>1</v></c></row>',
    "rows without cells": '<row r="2"/><row r="3" ht="12"></row><row r="4"><c r="A4"><v>0.10</v></c></row>',
    "columns of two letters": '<row r="2"><c r="Z2"><v>1</v></c><c r="AA2"><v>2</v></c><c r="BL2"><v>3</v></c></row>',
    "text of a formula gone": '<row r="2"><c r="A2" t="str"><v>a &amp; b</v></c><c r="B2" t="str"><v>c</v></c></row>',
    "space that is kept": '<row r="2"><c r="A2" t="inlineStr"><is><t xml:space="preserve"> a </t></is></c></row>',
    "numbers as nobody prints them": "".join(
        f'<row r="{at}"><c r="A{at}"><v>{number}</v></c></row>'
        for at, number in enumerate(
            ["00", "-0", "1.", ".5", "+1", "1e3", "1E-7", "1.50", "-0.0", "9999999999999999", "0.30000000000000004", "1e400", "nan", "inf", "1_0", "0x1", "１"],
            start=2,
        )
    ),
    "yes and no": '<row r="2"><c r="A2" t="b"><v>1</v></c><c r="B2" t="b"><v>0</v></c></row>',
    "an instant as text": '<row r="2"><c r="A2" t="d"><v>2025-12-03T08:00:00</v></c></row>',
    "an empty shared text": '<row r="2"><c r="A2" t="s"><v>2</v></c><c r="B2"><v>1</v></c></row>',
}  # fmt: skip
IRREGULAR = {
    "space between tags": HEAD + ' <row r="2"><c r="A2"><v>1</v></c></row>',
    "a comment": HEAD + '<!-- a --><row r="2"><c r="A2"><v>1</v></c></row>',
    "marked text": '<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[a]]></t></is></c></row>',
    "a rich text in the cell": '<row r="1"><c r="A1" t="inlineStr"><is><r><t>a</t></r><r><t>b</t></r></is></c></row>',
    "no reference of the cell": '<row r="1"><c><v>1</v></c></row>',
    "no number of the row": '<row><c r="A1"><v>1</v></c></row>',
    "the reference in the second place": '<row r="1"><c s="0" r="A1"><v>1</v></c></row>',
    "a cell of another row": '<row r="1"><c r="A2"><v>1</v></c></row>',
    "a cell of a row that begins alike": '<row r="1"><c r="A12"><v>1</v></c></row>',
    "columns out of order": '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>2</v></c></row>',
    "rows out of order": '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"><c r="A1"><v>2</v></c></row>',
    "a row twice": '<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c></row>',
    "an attribute nobody knows": '<row r="1"><c r="A1" cm="1"><v>1</v></c></row>',
    "an attribute twice": '<row r="1"><c r="A1" s="0" s="0"><v>1</v></c></row>',
    "single quotes": "<row r='1'><c r='A1'><v>1</v></c></row>",
    "a sign that needs no escape": '<row r="1"><c r="A1" t="inlineStr"><is><t>a > b</t></is></c></row>',
    "two values": '<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>',
    "a tag that is not closed": '<row r="1"><c r="A1"><v>1</c></row>',
    "a shared text that is not there": '<row r="1"><c r="A1" t="s"><v>7</v></c></row>',
    "no number in a number": '<row r="1"><c r="A1" t="n"><v>abc</v></c></row>',
    "a type nobody knows": '<row r="1"><c r="A1" t="x"><v>1</v></c></row>',
    "nothing at all": '<row r="1"><c r="A1" s="0"/></row>',
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(REGULAR))
def test_what_spreadsheet_programs_write_is_read_by_columns(kind: str, tmp_path: Path) -> None:
    assert same_both_ways(sheet(HEAD + REGULAR[kind], shared=STRINGS), tmp_path)


@pytest.mark.parametrize("kind", sorted(IRREGULAR))
def test_any_other_xml_is_left_to_the_reader_of_all_of_it(kind: str, tmp_path: Path) -> None:
    assert by_columns(sheet(IRREGULAR[kind], shared=STRINGS), tmp_path)[0] is None


def test_an_empty_second_sheet_changes_nothing_and_a_filled_one_is_refused(tmp_path: Path) -> None:
    book = openpyxl.load_workbook(io.BytesIO(opened()))
    second = book.create_sheet("第二页")
    book.create_sheet("第三页", 0)
    file = io.BytesIO()
    book.save(file)
    assert same_both_ways(file.getvalue(), tmp_path)
    second["B7"] = "x"
    book.save(file)
    assert by_columns(file.getvalue(), tmp_path)[0] is None
    with pytest.raises(Refusal, match="X04"):
        SheetByCells(tmp_path / "sheet.xlsx")


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), max_size=6)
NUMBERS = st.one_of(
    st.decimals(-(10**15), 10**15, places=3).map(str),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-(10**17), 10**17).map(str),
    st.text("0123456789.-+eE", min_size=1, max_size=8),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, NUMBERS, NUMBERS), min_size=1, max_size=25))
def test_any_texts_and_numbers_say_the_same_both_ways(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str, str]]
) -> None:
    escaped = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
    written = "".join(
        f'<row r="{at}"><c r="A{at}" t="inlineStr"><is><t>{text.translate(escaped)}</t></is></c>'
        f'<c r="B{at}"><v>{first}</v></c><c r="C{at}" s="1" t="str"><v>{second}</v></c></row>'
        for at, (text, first, second) in enumerate(rows, start=2)
    )
    assert same_both_ways(sheet(HEAD + written), tmp_path_factory.mktemp("sheet"))


def changed(data: bytes, chance: random.Random) -> bytes:
    """The workbook with a few bytes of its sheet changed."""
    pieces = b'" < > / 0 9 &amp; <v> </c> t="s" - . \xff'.split(b" ")
    members = dict(members_of(data))
    name = next(name for name in members if "worksheets/" in str(name))
    text = bytearray(members[name])  # type: ignore[arg-type]
    start, end = text.index(b"<sheetData>"), text.index(b"</sheetData>")
    for _ in range(chance.choice((1, 1, 2))):
        place = chance.randrange(start, end)
        text[place : place + chance.randrange(3)] = chance.choice(pieces)
    return bytes(zipped([*{**members, name: bytes(text)}.items()], zipfile.ZIP_STORED))


@pytest.mark.parametrize("seed", range(4))
def test_whatever_is_broken_in_a_sheet_is_never_read_as_something_else(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    whole = opened(shared=seed % 2 == 0, seed=seed, rows=8)
    read = 0
    for _ in range(150):
        try:
            read += same_both_ways(changed(whole, chance), tmp_path)
        except Refusal:
            continue
    assert read, "some changes leave a sheet that can be read"


def said(judged: Judgement) -> tuple[object, ...]:
    tables = (judged.edits, judged.coercions, judged.table)
    listed = [None if one is None else one.to_pylist() for one in tables]
    return (judged.verdict, judged.rows, *listed, judged.totals, judged.columns, judged.not_evaluated)


@pytest.mark.parametrize("name", sorted({**WORKBOOKS, **CONTAINERS}))
def test_a_hostile_workbook_is_judged_alike_both_ways(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    hostile = {**WORKBOOKS, **CONTAINERS}[name]
    data = hostile.build()
    first = said(judge_bytes(data, filename=hostile.filename))
    monkeypatch.setattr(sheet_rows, "sheet_columns", _never)
    assert said(judge_bytes(data, filename=hostile.filename)) == first


def _never(part: object) -> list[SheetColumn]:
    raise Irregular


def rows_changed(change: Callable[[list[dict[str, Any]]], None]) -> bytes:
    rows: list[dict[str, Any]] = [{**bill(number)} for number in range(1, 9)]
    change(rows)
    return workbook_bytes(rows)


FILED: dict[str, Callable[[list[dict[str, Any]]], None]] = {
    "numbers for names": lambda rows: rows[2].update(meter_no=1002003, account_no=1234567890123456789),
    "binary noise": lambda rows: rows[1].update(late_fee=0.1 + 0.2, total=2148.3),
    "days and instants": lambda rows: rows[3].update(issued_on=dt.datetime(2025, 12, 1, 8), due_on=dt.date(2025, 12, 31)),
    "characters nobody sees": lambda rows: rows[4].update(tariff_ref="供\ufffd热", bill_no="B\u200b1"),
    "a long text": lambda rows: rows[5].update(tariff_ref="长" * 3000),
    "blank rows": lambda rows: rows.insert(3, {}),
    "a formula as text": lambda rows: rows[0].update(tariff_ref=" +1"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(FILED))
def test_bills_in_a_workbook_are_judged_alike_both_ways(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = rows_changed(FILED[kind])
    first = said(judge_bytes(data, filename="bills.xlsx"))
    monkeypatch.setattr(sheet_rows, "sheet_columns", _never)
    assert said(judge_bytes(data, filename="bills.xlsx")) == first


def test_a_value_beyond_the_header_is_named_with_the_width_of_its_sheet() -> None:
    members = members_of(workbook_bytes([bill(1), bill(2)]))
    beyond = b'<c r="T3"><v>1</v></c></row></sheetData>'
    wide = [(name, bytes(data).replace(b"</row></sheetData>", beyond)) for name, data in members]  # type: ignore[arg-type]
    judged = judge_bytes(bytes(zipped([*wide])), filename="bills.xlsx")
    assert ids(judged) == ["S03"]
    assert "20 ≠ 16" in judged.edits["message_zh"][0].as_py()


def test_a_length_of_time_that_no_clock_shows_is_a_workbook_that_cannot_be_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["bill_no"])
    book.active.append([1e21])
    book.active["A2"].number_format = "[h]:mm"
    file = io.BytesIO()
    book.save(file)
    assert ids(judge_bytes(file.getvalue(), filename="bills.xlsx")) == ["C14"]
