"""XLSX: the container judged, every part scanned, then the one sheet with data read by columns."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

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
from ingest.readers.cell_text import EXACT_DIGITS, SheetColumn
from ingest.readers.container import check_member, read_directory
from ingest.readers.header import Naming
from ingest.readers.layout import Merge, find_layout
from ingest.readers.sheet_cells import SheetCells
from ingest.readers.sheet_rows import Rows, Sheet, SheetByCells, fits, read_sheet
from ingest.readers.sheet_scan import PartScan, column_name, column_number, is_sheet
from ingest.readers.sheet_values import SheetPart
from ingest.standard import Kind
from ingest.values.cells import Bool, bytes_of, lengths_of

_BLOCK_ROWS = 20_000
_RANGE = re.compile(r"([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})", re.ASCII)
_RUNS_SHOWN = 8
_REPLACEMENT = "\ufffd"


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
        self._sheet: Sheet
        self._codes: tuple[str | None, ...] = ()
        self._skipped = 0
        self.columns: tuple[str, ...] = ()
        self.constants: dict[str, tuple[str, str]] = {}
        self.encoding = "xlsx"
        self.delimiter = ""
        self.header_coercions: tuple[HeaderCoercion, ...] = ()
        self.size = path.stat().st_size

    def open(self) -> None:
        """Judges container and parts, finds the sheet and its header. Refusal C01 to C15, X01 to X09, S01, S02, S15,
        S16, S19 to S22."""
        parts = _judge_parts(self._path, self._limits, self._on_bytes)
        self._sheet = read_sheet(self._path, parts.sheet)
        shown = [_without_tail(row) for row in self._sheet.first_rows()]
        layout = find_layout(shown, self._naming, _ranges(parts.merges))
        self._codes, self.constants = layout.codes, layout.constants
        self._skipped = layout.skipped
        if not fits(self._sheet, len(self._codes)):
            self._sheet = SheetByCells(self._path)
        self.columns = tuple(code for code in self._codes if code is not None)
        self.header_coercions = (*layout.coercions, *self._hidden(parts))

    def _hidden(self, parts: _Parts) -> Iterator[HeaderCoercion]:
        """What is hidden among the data is read like everything else, and listed: people file what they do not see."""
        rows = sorted(row for row in parts.hidden_rows if self._skipped < row <= self._sheet.height)
        if rows:
            yield HeaderCoercion(_runs(rows), "", "hidden_rows", rows[0] - 1)
        for place, code in enumerate(self._codes, start=1):
            if code and any(first <= place <= last for first, last in parts.hidden_columns):
                yield HeaderCoercion(column_name(place), "", "hidden_column", self._skipped - 1, code)

    def blocks(self) -> Iterator[Block]:
        """The data rows in order. A row with a value beyond the header is S03."""
        row = self._skipped - 1
        for rows in self._sheet.rows(self._skipped, _BLOCK_ROWS):
            block = self._block(rows, row)
            row += len(rows)
            block.done = min(self.size, self.size * row // self._sheet.height)
            self._on_bytes("read", block.done)
            yield block

    def _block(self, rows: Rows, row: int) -> Block:
        width, count = len(self._codes), len(rows)
        source_rows = np.arange(row + 1, row + 1 + count, dtype=np.int32)
        block = Block(source_rows, {})
        keep = np.ones(count, np.bool_)
        for at, columns in rows.beyond(width).items():
            said = f"{columns} ≠ {width}"
            block.unread.append(Finding("S03", said, said, row + at + 1))
            keep[at] = False
        for place, code in enumerate(self._codes):
            if code is None:
                continue
            texts = _filed(rows.column(place), block, code, self._feed.column(code).kind)
            block.columns[code] = texts
            keep &= ~_report_unprintable(block, code, texts)
        if not keep.all():
            block.keep(keep)
        self._blank.drop_from(block)
        drop_long_fields(block, self._limits.max_field_bytes)
        return block


def _runs(rows: list[int]) -> str:
    """Ascending rows as people write them, ``3-5, 9``; cut where there are many."""
    ends: list[list[int]] = []
    for row in rows:
        if ends and ends[-1][1] == row - 1:
            ends[-1][1] = row
        elif len(ends) == _RUNS_SHOWN:
            return f"{_written(ends)}, … {rows[-1]}"
        else:
            ends.append([row, row])
    return _written(ends)


def _written(ends: list[list[int]]) -> str:
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ends)


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
    return SheetByCells(path).texts()


def sheet_beginning(path: Path, limits: Limits, most: int) -> tuple[list[list[str]], list[Merge]]:
    """The first ``most`` rows of the one sheet with data as texts, and its merged ranges. Refusal C01 to C15, X01 to X09, T08."""
    parts = _judge_parts(path, limits, lambda stage, done: None)
    rows = islice(SheetByCells(path).texts(), most)
    return [_without_tail(row) for row in rows], _ranges(parts.merges)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What the parts of a workbook showed: its merged ranges, the cells of the largest sheet where it is regular, and what is
    hidden in it."""

    merges: dict[str, None] = field(default_factory=dict)
    sheet: SheetPart | None = None
    hidden_rows: dict[int, None] = field(default_factory=dict)
    hidden_columns: dict[tuple[int, int], None] = field(default_factory=dict)


def _judge_parts(path: Path, limits: Limits, on_bytes: Callable[[str, int], None]) -> _Parts:
    """Every part is scanned. Refusal C01 to C13, X01 to X09."""
    done = 0
    found: dict[tuple[str, str, int], None] = {}
    merges: dict[str, None] = {}
    members = read_directory(path, limits)
    if not any(member.name == "xl/workbook.xml" for member in members):
        raise refuse("C01", "没有 xl/workbook.xml", "there is no xl/workbook.xml")
    sheets = [member for member in members if is_sheet(member.name)]
    largest = max(sheets, key=lambda member: member.unpacked, default=None)
    cells = SheetCells()
    parts = _Parts(merges)
    for member in members:
        scan = PartScan(member, limits)
        check_member(path, member, _both(scan, cells) if member is largest else scan.look)
        found.update(scan.cells)
        merges.update(scan.merges)
        parts.hidden_rows.update(scan.hidden_rows)
        parts.hidden_columns.update(scan.hidden_columns)
        done += member.packed
        on_bytes("decode", done)
    if found:
        raise Refusal(*(_cell_finding(*cell) for cell in found))
    cells.end()
    regular = largest is not None and cells.is_regular
    part = SheetPart(path, largest.name, cells, len(sheets)) if largest and regular else None
    return replace(parts, sheet=part)


def _both(scan: PartScan, cells: SheetCells) -> Callable[[bytes], None]:
    def look(piece: bytes) -> None:
        scan.look(piece)
        cells.look(piece)

    return look


def _cell_finding(edit_id: str, column: str, row: int) -> Finding:
    name = f"{column}{row}" if row else "?"
    return Finding(edit_id, name, name, max(row - 1, 0), value=name)


def _filed(column: SheetColumn, block: Block, code: str, kind: Kind) -> pa.Array:
    """The texts of a column of that kind; what of them must be listed is added to the block."""
    texts = column.texts
    if kind is Kind.INSTANT and column.days.any():
        # a cell of a date and time at midnight comes as its date
        texts = pc.if_else(pa.array(column.days), pc.binary_join_element_wise(texts, "00:00:00", " "), texts)
    if kind in (Kind.IDENTIFIER, Kind.TEXT):
        if column.numbers.any():
            _list_numbers(column, block, code)
    elif len(column.noisy):
        after = texts.take(pa.array(column.noisy))
        rows = block.source_rows[column.noisy]
        block.coercions.append(CellCoercion(code, rows, column.noise, after, "binary_noise"))
    return texts


def _list_numbers(column: SheetColumn, block: Block, code: str) -> None:
    """Numbers that stand for a name: taken as they are shown, unless digits may have been lost."""
    texts = column.texts
    marks = pc.add(pc.count_substring(texts, "."), pc.cast(pc.starts_with(texts, "-"), pa.int32()))
    lost = column.numbers & (lengths_of(texts) - np.asarray(marks) > EXACT_DIGITS)
    changed = np.flatnonzero(column.numbers & ~lost)
    if changed.size:
        shown = texts.take(pa.array(changed))
        rows = block.source_rows[changed]
        block.coercions.append(CellCoercion(code, rows, shown, shown, "number_cell"))
    if lost.any():
        block.lost_digits[code] = lost


def _report_unprintable(block: Block, code: str, texts: pa.Array) -> Bool:
    """The rows with control or replacement characters in this column, which are reported."""
    bad = np.zeros(len(texts), np.bool_)
    data, offsets = bytes_of(texts)
    control = ((data < 32) & (data != 9) & (data != 10) & (data != 13)) | (data == 127)
    bad[np.searchsorted(offsets[1:], np.flatnonzero(control), "right")] = True
    if (data == 0xEF).any():
        bad |= np.asarray(pc.match_substring(texts, _REPLACEMENT)).astype(np.bool_)
    for at in np.flatnonzero(bad).tolist():
        text = texts[at].as_py()
        edit_id = "N05" if _REPLACEMENT in text else "N03"
        shown = "".join(mark if mark.isprintable() else "\u2423" for mark in text[:60])
        block.unread.append(Finding(edit_id, row=int(block.source_rows[at]), field=code, value=shown))
    return bad
