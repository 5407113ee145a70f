"""The rows of the one sheet with data, read by columns where it is regular and cell by cell where it is not.

Both say the same of the same sheet; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

import python_calamine as calamine

from ingest.readers.block import refuse
from ingest.readers.cell_text import SheetColumn, cell_text, column_of
from ingest.readers.layout import SEARCHED_ROWS
from ingest.readers.sheet_tags import Irregular
from ingest.readers.sheet_values import SheetPart, sheet_columns
from ingest.values.cells import lengths_of


class Rows(Protocol):
    """Rows that stand together."""

    def __len__(self) -> int: ...

    def column(self, place: int) -> SheetColumn:
        """The cells in the column at ``place``, from 0."""

    def beyond(self, width: int) -> dict[int, int]:
        """The rows with something behind the first ``width`` columns, and how many columns each has."""


class Sheet(Protocol):
    """The rows of a sheet, the first being row 1."""

    height: int

    def first_rows(self) -> list[list[str]]:
        """The rows among which the header is looked for, as texts."""

    def rows(self, start: int, count: int) -> Iterator[Rows]:
        """The rows behind the first ``start``, ``count`` at a time."""


def read_sheet(path: Path, part: SheetPart | None) -> Sheet:
    """The sheet of the workbook that holds data; ``part`` are the cells of one that may be regular. Refusal C14, T08, X04."""
    if part is not None:
        try:
            return SheetByColumns(sheet_columns(part))
        except Irregular:
            pass
    return SheetByCells(path)


def fits(sheet: Sheet, width: int) -> bool:
    """False where rows reach behind the first ``width`` columns and the sheet cannot say how far."""
    return not isinstance(sheet, SheetByColumns) or sheet.width <= width


class SheetByCells:
    """Any sheet, read cell by cell. Refusal C14, T08 or X04 when the workbook cannot be read, holds nothing or several."""

    def __init__(self, path: Path) -> None:
        self._sheet = _one_sheet(path)
        self.height = (self._sheet.end or (0, 0))[0] + 1

    def texts(self) -> Iterator[list[str]]:
        """Every row, from the first, as texts."""
        return ([cell_text(value)[0] for value in row] for row in self._padded())

    def first_rows(self) -> list[list[str]]:
        return list(islice(self.texts(), SEARCHED_ROWS))

    def rows(self, start: int, count: int) -> Iterator[Rows]:
        left = islice(self._padded(), start, None)
        while batch := list(islice(left, count)):
            yield _RowsOfCells(batch)

    def _padded(self) -> Iterator[list[Any]]:
        """Rows with their cells from column A on: calamine begins at the first column that is filled. Refusal C14 for a length
        of time that no clock shows."""
        left = [""] * (self._sheet.start or (0, 0))[1]
        rows = self._sheet.iter_rows()
        try:
            for row in rows:
                yield left + list(row)
        except OverflowError as error:
            raise refuse("C14", str(error)[:80]) from error


@dataclass(frozen=True, slots=True)
class _RowsOfCells:
    cells: list[list[Any]]

    def __len__(self) -> int:
        return len(self.cells)

    def column(self, place: int) -> SheetColumn:
        return column_of([row[place] if place < len(row) else "" for row in self.cells])

    def beyond(self, width: int) -> dict[int, int]:
        return {
            at: len(row)
            for at, row in enumerate(self.cells)
            if any(cell not in ("", None) for cell in row[width:])
        }


class SheetByColumns:
    """A regular sheet; ``width`` are the columns up to the last in which something stands."""

    def __init__(self, columns: list[SheetColumn]) -> None:
        self._columns = columns
        self.height = len(columns[0])
        filled = [place + 1 for place, one in enumerate(columns) if lengths_of(one.texts).any()]
        self.width = max(filled, default=0)
        if not self.width:
            raise Irregular

    def first_rows(self) -> list[list[str]]:
        shown = [one.texts.slice(0, SEARCHED_ROWS).to_pylist() for one in self._columns]
        return [list(row) for row in zip(*shown, strict=True)]

    def rows(self, start: int, count: int) -> Iterator[Rows]:
        for first in range(start, self.height, count):
            yield _RowsOfColumns(self._columns, first, min(first + count, self.height))


@dataclass(frozen=True, slots=True)
class _RowsOfColumns:
    columns: list[SheetColumn]
    start: int
    stop: int

    def __len__(self) -> int:
        return self.stop - self.start

    def column(self, place: int) -> SheetColumn:
        if place < len(self.columns):
            return self.columns[place].between(self.start, self.stop)
        return column_of([""] * len(self))

    def beyond(self, width: int) -> dict[int, int]:
        return {}


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
