"""What a sheet hides is filed with the rest: it is read, and listed for whoever signs."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from ingest_filings import bill, columns_of, judge_bytes

from ingest.edits.coercion_rules import RULES
from ingest.judge import Judgement
from ingest.readers.sheet_scan import column_name, column_number

BILLS = [bill(number) for number in range(1, 31)]
CODES = columns_of("bills", BILLS)


def judged(hide: Callable[[Any], None], title: str = "") -> Judgement:
    book = openpyxl.Workbook()
    sheet = book.active
    if title:
        sheet.append([title])
    sheet.append(CODES)
    for row in BILLS:
        sheet.append([row.get(code) or None for code in CODES])
    hide(sheet)
    file = io.BytesIO()
    book.save(file)
    return judge_bytes(file.getvalue(), filename="bills.xlsx")


def hidden(judgement: Judgement) -> list[tuple[int, str, str, str]]:
    found = [one for one in judgement.coercions.to_pylist() if one["rule"].startswith("hidden")]
    assert {one["rule"] for one in found} <= RULES.keys()
    return [(one["row"] + judgement.row_offset, one["field"], one["before"], one["rule"]) for one in found]


def rows(*numbers: int) -> Callable[[Any], None]:
    def hide(sheet: Any) -> None:
        for number in numbers:
            sheet.row_dimensions[number].hidden = True

    return hide


def columns(*letters: str) -> Callable[[Any], None]:
    def hide(sheet: Any) -> None:
        for letter in letters:
            sheet.column_dimensions[letter].hidden = True

    return hide


def filtered(sheet: Any) -> None:
    sheet.auto_filter.ref = sheet.dimensions
    rows(*range(5, 20), 25)(sheet)


@pytest.mark.parametrize(
    ("hide", "listed"),
    [
        (rows(), []),
        (rows(3), [(3, "", "3", "hidden_rows")]),
        (rows(3, 4, 5, 9), [(3, "", "3-5, 9", "hidden_rows")]),
        (filtered, [(5, "", "5-19, 25", "hidden_rows")]),
        (rows(*range(2, 31, 2)), [(2, "", "2, 4, 6, 8, 10, 12, 14, 16, … 30", "hidden_rows")]),
        (rows(1), []),  # the header
        (rows(400), []),  # below the data
        (columns("C"), [(1, CODES[2], "C", "hidden_column")]),
        (columns("AZ"), []),  # beside the data
    ],
    ids=["nothing", "one", "runs", "filtered", "many", "header", "below", "column", "beside"],
)
def test_hidden_rows_and_columns_are_read_and_listed(
    hide: Callable[[Any], None], listed: list[tuple[int, str, str, str]]
) -> None:
    found = judged(hide)
    assert (found.verdict, found.rows, hidden(found)) == ("accepted", len(BILLS), listed)


def test_rows_are_those_of_the_companys_sheet_under_a_title_too() -> None:
    assert hidden(judged(rows(3, 4), title="十二月账单")) == [(3, "", "3-4", "hidden_rows")]


def test_the_letters_of_a_column_are_those_that_its_number_comes_from() -> None:
    for number in (1, 26, 27, 52, 53, 702, 703, 16_384):
        assert column_number(column_name(number)) == number
