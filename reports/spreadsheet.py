"""Exports for a spreadsheet that never become formulas there.

A text cell that begins with one of ``= + - @ TAB CR LF`` or their full-width forms would be run by
Excel, WPS or LibreOffice (CWE-1236). Such a cell gets one apostrophe in front; so does a text that
begins with an apostrophe, so that :func:`unguarded` gives back exactly what was there. True numbers
stay numbers with every digit; dates are dates.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell: TypeAlias = str | int | Decimal | bool | dt.date | dt.datetime | None

GUARD: Final = "'"
MAX_XLSX_ROWS: Final = 1_048_575  # data rows; the header takes one of 1,048,576
MAX_XLSX_TEXT: Final = 32_767

_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", GUARD)
# Excel keeps 15 digits of a number; a longer one is written as text so that none is lost.
_EXACT_DIGITS: Final = 15


class SpreadsheetRefused(ValueError):
    """The rows do not fit the format; ``zh`` and ``en`` say where and how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the key in the rows, its heading, and its width in characters (XLSX only)."""

    key: str
    heading: str
    width: int = 16


def guarded(text: str) -> str:
    """``text`` so that no spreadsheet runs it; control characters that no file format carries become
    pictures."""
    shown = "".join(_pictured(character) for character in text)
    return GUARD + shown if shown.startswith(_DANGEROUS) else shown


def unguarded(cell: str) -> str:
    """What :func:`guarded` was given (but for control characters)."""
    return cell.removeprefix(GUARD)


def write_csv(
    rows: Iterable[Mapping[str, Cell]], columns: Sequence[Column], path_or_buffer: Path | IO[bytes]
) -> int:
    """Rows as CSV: UTF-8 with BOM (Excel then reads Chinese), CRLF, one heading row; returns how many
    data rows. Streams. Decimals are written as they are, dates as ``2026-04-15``, instants with offset,
    yes/no as ``true``/``false``, nothing as an empty cell. Raises KeyError when a row lacks a column,
    TypeError for a float."""
    with _binary(path_or_buffer) as sink:
        text = io.TextIOWrapper(sink, encoding="utf-8-sig", newline="", write_through=True)
        writer = csv.writer(text)
        writer.writerow([guarded(column.heading) for column in columns])
        count = 0
        for row in rows:
            writer.writerow([_csv_cell(row[column.key]) for column in columns])
            count += 1
        text.flush()
        text.detach()
        return count


def write_xlsx(
    rows: Iterable[Mapping[str, Cell]],
    columns: Sequence[Column],
    path_or_buffer: Path | IO[bytes],
    *,
    sheet: str = "Sheet1",
) -> int:
    """Rows as one XLSX sheet with a frozen heading row; returns how many data rows. Every text is typed
    as text, so it is no formula whatever it holds. Raises SpreadsheetRefused for more rows or longer
    text than XLSX can hold, KeyError when a row lacks a column, TypeError for a float."""
    # Loaded here: it is heavy, and most processes that write CSV have no need of it.
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    page = book.create_sheet(_sheet_name(sheet))
    page.freeze_panes = "A2"
    for position, column in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(position)].width = column.width

    def cell(value: Cell, where: str) -> Any:
        kind, written, number_format = _xlsx_cell(value, where)
        made = WriteOnlyCell(page, value=written)
        if kind is not None:
            made.data_type = kind
        made.number_format = number_format
        return made

    page.append([cell(column.heading, column.key) for column in columns])
    count = 0
    try:
        for count, row in enumerate(rows, start=1):
            if count > MAX_XLSX_ROWS:
                raise SpreadsheetRefused(
                    f"超过 XLSX 的 {MAX_XLSX_ROWS} 行上限：请改用 CSV 导出。",
                    f"more than the {MAX_XLSX_ROWS} rows of XLSX: export as CSV instead.",
                )
            page.append([cell(row[column.key], f"{column.key}, {count}") for column in columns])
    except BaseException:
        # Nothing is saved; the half-written sheet is closed so that its temporary file is let go.
        page.close()
        raise
    book.save(path_or_buffer)
    return count


def _csv_cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return guarded(value)
    if isinstance(value, Decimal):
        return f"{_finite(value):f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, (dt.datetime, dt.date)):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} {value!r}：导出只接受文本、整数、Decimal、日期 / not exportable")


def _xlsx_cell(value: Cell, where: str) -> tuple[str | None, Any, str]:
    """(type forced on the cell, value, number format)."""
    if isinstance(value, str):
        text = guarded(value)
        if len(text) > MAX_XLSX_TEXT:
            raise SpreadsheetRefused(
                f"{where}：文本长 {len(text)} 个字符，超过 XLSX 单元格上限 {MAX_XLSX_TEXT}：请改用 CSV 导出。",
                f"{where}: the text has {len(text)} characters, more than the {MAX_XLSX_TEXT} of an XLSX cell: "
                "export as CSV instead.",
            )
        return "s", text, "@"
    if value is None or isinstance(value, bool):
        return None, value, "General"
    if isinstance(value, (int, Decimal)):
        number = _finite(Decimal(value))
        places = max(-int(number.as_tuple().exponent), 0)
        if len(number.as_tuple().digits) > _EXACT_DIGITS:
            # Digits only and a sign at most: as text it is safe, and it keeps all its digits.
            return "s", guarded(f"{number:f}"), "@"
        return None, value, "0" if places == 0 else "0." + "0" * places
    if isinstance(value, dt.datetime):
        return "s", value.isoformat(), "@"
    if isinstance(value, dt.date):
        return None, value, "yyyy-mm-dd"
    raise TypeError(f"{type(value).__name__} {value!r}：导出只接受文本、整数、Decimal、日期 / not exportable")


def _finite(number: Decimal) -> Decimal:
    if not number.is_finite():
        raise TypeError(f"{number} 不是有限数 / is not a finite number")
    return number


def _pictured(character: str) -> str:
    """A control character that CSV and XML cannot carry as its visible picture (NUL becomes ``␀``)."""
    code = ord(character)
    if code < 0x20 and character not in "\t\r\n":
        return chr(0x2400 + code)
    if 0xD800 <= code <= 0xDFFF or code in (0xFFFE, 0xFFFF):
        return "\ufffd"
    return "␡" if code == 0x7F else character


def _sheet_name(name: str) -> str:
    """What XLSX allows: at most 31 characters, none of ``[]:*?/\\``."""
    return "".join("_" if character in "[]:*?/\\" else character for character in name)[:31] or "Sheet1"


@contextmanager
def _binary(path_or_buffer: Path | IO[bytes]) -> Iterator[IO[bytes]]:
    if isinstance(path_or_buffer, Path):
        with path_or_buffer.open("wb") as opened:
            yield opened
    else:
        yield path_or_buffer
