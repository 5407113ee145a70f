"""XLSX: the container judged, every part scanned, then the one sheet with data read cell by cell."""

from __future__ import annotations

import datetime as dt
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import python_calamine as calamine

from ingest.readers.block import (
    BlankRows,
    Block,
    CellCoercion,
    Finding,
    HeaderCoercion,
    Limits,
    Refusal,
    drop_long_fields,
    refuse,
)
from ingest.readers.container import check_member, read_directory
from ingest.readers.header import Naming
from ingest.readers.layout import SEARCHED_ROWS, Merge, find_layout
from ingest.readers.sheet_scan import PartScan, column_number
from ingest.standard import Kind

_BLOCK_ROWS = 20_000
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
#: Digits that a number of a workbook carries; the sixteenth and later are noise of its binary form.
_EXACT_DIGITS = 15


class WorkbookReader:
    """An XLSX file of one feed. ``on_bytes(stage, done)`` is told how far reading is."""

    def __init__(
        self, path: Path, naming: Naming, limits: Limits, on_bytes: Callable[[str, int], None]
    ) -> None:
        self._path = path
        self._naming = naming
        self._feed = naming.feed
        self._limits = limits
        self._on_bytes = on_bytes
        self._blank = BlankRows()
        self._rows: Iterator[list[Any]] = iter(())
        self._height = 1
        self._merges: dict[str, None] = {}
        self._codes: tuple[str | None, ...] = ()
        self._before = 0
        self.columns: tuple[str, ...] = ()
        self.constants: dict[str, tuple[str, str]] = {}
        self.encoding = "xlsx"
        self.delimiter = ""
        self.header_coercions: tuple[HeaderCoercion, ...] = ()
        self.size = path.stat().st_size

    def open(self) -> None:
        """Judges container and parts, finds the sheet and its header. Refusal C01 to C15, X01 to X09, S01, S02, S15,
        S16, S19 to S22."""
        _judge_parts(self._path, self._limits, self._on_bytes, self._merges)
        sheet = _one_sheet(self._path)
        self._height = (sheet.end or (0, 0))[0] + 1
        rows = _padded(sheet)
        first = list(islice(rows, SEARCHED_ROWS))
        self._rows = chain(first, rows)
        shown = [_without_tail([_cell_text(value)[0] for value in row]) for row in first]
        layout = find_layout(shown, self._naming, _ranges(self._merges))
        deque(islice(self._rows, layout.skipped), maxlen=0)
        self._codes, self.constants = layout.codes, layout.constants
        self._before = layout.skipped - 1
        self.columns = tuple(code for code in self._codes if code is not None)
        self.header_coercions = layout.coercions

    def blocks(self) -> Iterator[Block]:
        """The data rows in order. A row with a value beyond the header is S03."""
        row = self._before
        while batch := list(islice(self._rows, _BLOCK_ROWS)):
            block = self._block(batch, row)
            row += len(batch)
            block.done = min(self.size, self.size * row // self._height)
            self._on_bytes("read", block.done)
            yield block

    def _block(self, batch: list[list[Any]], row: int) -> Block:
        width = len(self._codes)
        count = len(batch)
        source_rows = np.arange(row + 1, row + 1 + count, dtype=np.int32)
        block = Block(source_rows, {})
        over = np.fromiter(
            (any(cell not in ("", None) for cell in cells[width:]) for cells in batch), np.bool_, count
        )
        for at in np.flatnonzero(over).tolist():
            said = f"{len(batch[at])} ≠ {width}"
            block.unread.append(Finding("S03", said, said, row + at + 1))
        unprintable = np.zeros(count, np.bool_)
        for place, code in enumerate(self._codes):
            if code is None:
                continue
            cells = [line[place] if place < len(line) else "" for line in batch]
            column = _Column(code, self._feed.column(code).kind)
            texts = [column.read(value, at) for at, value in enumerate(cells)]
            block.columns[code] = pa.array(texts, pa.string())
            column.report(block, source_rows, count)
            unprintable |= _report_unprintable(block, code, texts, source_rows)
        keep = ~over & ~unprintable
        if not keep.all():
            block.keep(keep)
        self._blank.drop_from(block)
        drop_long_fields(block, self._limits.max_field_bytes)
        return block


def _without_tail(cells: list[str]) -> list[str]:
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def _ranges(names: Iterable[str]) -> list[Merge]:
    """Merged ranges. Refusal X09 for one that cannot be read."""
    found = []
    for name in names:
        corners = _RANGE.fullmatch(name)
        if corners is None:
            raise refuse("X09", name[:40])
        left, top, right, bottom = corners.groups()
        place = (int(top) - 1, column_number(left) - 1, int(bottom) - 1, column_number(right) - 1)
        found.append(Merge(*place, name))
    return found


def sheet_texts(path: Path, limits: Limits) -> Iterator[list[str]]:
    """The rows of the one sheet with data as texts, judged like a filing's workbook. Refusal C01 to C15, X01 to X09, T08."""
    _judge_parts(path, limits, lambda stage, done: None)
    sheet = _one_sheet(path)
    return ([_cell_text(value)[0] for value in row] for row in _padded(sheet))


def _judge_parts(
    path: Path, limits: Limits, on_bytes: Callable[[str, int], None], merges: dict[str, None] | None = None
) -> None:
    """Every part is scanned; merged ranges are added to ``merges``. Refusal C01 to C13, X01 to X09."""
    done = 0
    cells: dict[tuple[str, str, int], None] = {}
    members = read_directory(path, limits)
    if not any(member.name == "xl/workbook.xml" for member in members):
        raise refuse("C01", "没有 xl/workbook.xml", "there is no xl/workbook.xml")
    for member in members:
        scan = PartScan(member, limits)
        check_member(path, member, scan.look)
        cells.update(scan.cells)
        if merges is not None:
            merges.update(scan.merges)
        done += member.packed
        on_bytes("decode", done)
    if cells:
        raise Refusal(*(_cell_finding(*cell) for cell in cells))


def _one_sheet(path: Path) -> calamine.CalamineSheet:
    try:
        book = calamine.CalamineWorkbook.from_path(str(path))
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise refuse("C14", str(error)[:80]) from error
    filled = [sheet for sheet in sheets if sheet.start is not None]
    if len(filled) > 1:
        raise refuse("X04", "、".join(sheet.name for sheet in filled))
    if not filled:
        raise refuse("T08")
    return filled[0]


def _padded(sheet: calamine.CalamineSheet) -> Iterator[list[Any]]:
    """Rows with their cells from column A on: calamine begins at the first column that is filled."""
    left = [""] * (sheet.start or (0, 0))[1]
    return (left + list(row) for row in sheet.iter_rows())


def _cell_finding(edit_id: str, column: str, row: int) -> Finding:
    name = f"{column}{row}" if row else "?"
    return Finding(edit_id, name, name, max(row - 1, 0), value=name)


@dataclass(slots=True)
class _Column:
    """Cells of one column on their way to text, with what must be listed."""

    code: str
    kind: Kind
    changed: list[tuple[int, str, str]] = field(default_factory=list)
    rounded: list[tuple[int, str, str]] = field(default_factory=list)
    lost: list[int] = field(default_factory=list)

    def read(self, value: Any, at: int) -> str:
        if isinstance(value, str):
            return value
        text, exact = _cell_text(value)
        if self.kind is Kind.INSTANT and isinstance(value, dt.date) and len(text) == len("2025-12-03"):
            return f"{text} 00:00:00"  # a cell of a date and time at midnight comes as its date
        if isinstance(value, int | float) and not isinstance(value, bool):
            if self.kind in (Kind.IDENTIFIER, Kind.TEXT):
                if len(text.lstrip("-").replace(".", "")) > _EXACT_DIGITS:
                    self.lost.append(at)
                else:
                    self.changed.append((at, text, text))
            elif not exact:
                self.rounded.append((at, repr(value), text))
        return text

    def report(self, block: Block, source_rows: Any, count: int) -> None:
        for rule, changes in (("number_cell", self.changed), ("binary_noise", self.rounded)):
            if changes:
                rows = source_rows[np.array([at for at, _, _ in changes])]
                before, after = [was for _, was, _ in changes], [now for _, _, now in changes]
                block.coercions.append(CellCoercion(self.code, rows, before, after, rule))
        if self.lost:
            mask = np.zeros(count, np.bool_)
            mask[self.lost] = True
            block.lost_digits[self.code] = mask


def _cell_text(value: Any) -> tuple[str, bool]:
    """The text of a cell and whether it is exact: numbers in plain decimals of at most 15 significant digits, dates in ISO
    form, midnight as its date."""
    if value is None or isinstance(value, str):
        return value or "", True
    if isinstance(value, bool):
        return ("true" if value else "false"), True
    if isinstance(value, int):
        return str(value), True
    if isinstance(value, float):
        return _number_text(value)
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time.min
        return value.date().isoformat() if midnight else value.isoformat(" "), True
    return str(value), True


def _number_text(value: float) -> tuple[str, bool]:
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value)), True
    text = repr(value)
    rounded = f"{value:.{_EXACT_DIGITS}g}"
    exact = Decimal(text) == Decimal(rounded) if value == value and abs(value) != float("inf") else True
    shown = Decimal(rounded)
    return (f"{shown:f}" if shown.is_finite() else text), exact


def _report_unprintable(block: Block, code: str, texts: list[str], source_rows: Any) -> Any:
    bad = np.zeros(len(texts), np.bool_)
    for at, text in enumerate(texts):
        if text.isprintable() and "\ufffd" not in text:
            continue
        if "\ufffd" in text or any(
            (ord(mark) < 32 and mark not in "\t\r\n") or ord(mark) == 127 for mark in text
        ):
            bad[at] = True
            edit_id = "N05" if "\ufffd" in text else "N03"
            shown = "".join(mark if mark.isprintable() else "\u2423" for mark in text[:60])
            block.unread.append(Finding(edit_id, row=int(source_rows[at]), field=code, value=shown))
    return bad
