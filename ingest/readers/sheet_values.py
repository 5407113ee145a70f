"""What the cells of a regular sheet say, column by column.

Plain texts, plain decimals and shared strings are taken as they stand; whatever could be read in more than one way is put to the
reader of workbooks itself, each different cell once, in a workbook that differs from the filed one in the rows of this sheet alone. So a
sheet says the same read this way and cell by cell.
"""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from ingest.readers.cell_text import EXACT_DIGITS, SheetColumn, column_of, is_number
from ingest.readers.sheet_cells import BLANK, Form, RawColumn, SheetCells
from ingest.readers.sheet_tags import TEXT, TEXT_SPACED, VALUE, Irregular
from ingest.values.cells import Bool, Int64, bytes_of, lengths_of

_PLAIN, _SHARED, _NUMBER, _ASKED = range(1, 5)
#: A text that a reader of XML, or of the texts of a workbook, may give back otherwise than it stands.
_ODD_TEXT = r"[\x00-\x1f&]|_x|^ | $"
#: Decimals as they are printed: no more digits than a number of a workbook carries, no needless zero.
_PRINTED = r"^(0|-?[1-9][0-9]*|-?(0|[1-9][0-9]*)\.[0-9]*[1-9])$"
_DECIMAL = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
_INDEX_DIGITS = 9
#: A number that is a day where a style says so, and the text by which the sheet is known again.
_PROBE = 45950
_MARK = "祥"
_STRINGS = "xl/sharedStrings.xml"
_HELD = {
    VALUE: ("<v>", "</v>"),
    TEXT: ("<is><t>", "</t></is>"),
    TEXT_SPACED: ('<is><t xml:space="preserve">', "</t></is>"),
}


@dataclass(frozen=True, slots=True)
class SheetPart:
    """A part of a workbook that is a sheet, with its cells, and the number of such parts."""

    path: Path
    name: str
    cells: SheetCells
    sheets: int


def sheet_columns(part: SheetPart) -> list[SheetColumn]:
    """The columns of the sheet from A on, one cell for each row from the first on. Irregular when the sheet is not the one of
    the workbook that holds data, or only the reader of workbooks can say what it holds."""
    cells = part.cells
    if not cells.width:
        raise Irregular
    ways = _ways(part)
    asked = _Asked(part)
    columns = [_Column(cells.column(place), ways, cells.forms, asked) for place in range(cells.width)]
    asked.ask()
    return [column.read() for column in columns]


def _ways(part: SheetPart) -> npt.NDArray[np.uint8]:
    """How the cells of each form are read. Whether a style makes a number a day is asked of the reader of workbooks."""
    forms = part.cells.forms
    ways = np.full(len(forms), _ASKED, np.uint8)
    ways[BLANK] = 0
    numbers = [at for at, form in enumerate(forms) if form.type in ("", "n") and form.held == VALUE]
    read = _answers(part, [_cell(forms[at], str(_PROBE)) for at in numbers], has_strings=part.sheets > 1)
    for at, value in zip(numbers, read, strict=True):
        if is_number(value) and value == _PROBE:
            ways[at] = _NUMBER
    for at, form in enumerate(forms):
        if form.type == "s" and form.held == VALUE:
            ways[at] = _SHARED
        elif (form.type, form.held) in (("inlineStr", TEXT), ("inlineStr", TEXT_SPACED), ("str", VALUE)):
            ways[at] = _PLAIN
    return ways


def _cell(form: Form, text: str) -> str:
    """The XML of a cell behind its reference."""
    opening, closing = _HELD[form.held]
    return f"{form.rest}>{opening}{text}{closing}"


def _answers(part: SheetPart, cells: list[str], *, has_strings: bool = True) -> list[Any]:
    """What the reader of workbooks makes of each of these cells. Irregular when it refuses one, or finds data elsewhere."""
    marked = [f' t="inlineStr"><is><t>{_MARK}</t></is>', *cells]
    rows = "".join(f'<row r="{at}"><c r="A{at}"{cell}</c></row>' for at, cell in enumerate(marked, start=1))
    sheet = b"".join((part.cells.before, b"<sheetData>", rows.encode(), b"</sheetData>", part.cells.behind))
    try:
        book = calamine.CalamineWorkbook.from_filelike(_with_sheet(part, sheet, has_strings))
        filled = [one for one in map(book.get_sheet_by_name, book.sheet_names) if one.start is not None]
        values = [row[0] for row in filled[0].iter_rows()] if len(filled) == 1 else []
    except (calamine.CalamineError, ValueError, OSError, OverflowError):
        raise Irregular from None
    if values[:1] != [_MARK] or len(values) > len(marked):
        raise Irregular
    return values[1:] + [""] * (len(marked) - len(values))


def _with_sheet(part: SheetPart, sheet: bytes, has_strings: bool) -> io.BytesIO:
    """The workbook with another sheet in the place of this one, and no part that is not XML."""
    made = io.BytesIO()
    with zipfile.ZipFile(part.path) as filed, zipfile.ZipFile(made, "w") as packed:
        for name in filed.namelist():
            if name == part.name:
                packed.writestr(name, sheet)
            elif name.lower().endswith((".xml", ".rels")) and (has_strings or name != _STRINGS):
                packed.writestr(name, filed.read(name))
    made.seek(0)
    return made


@dataclass(slots=True)
class _Asked:
    """The different cells that are put to the reader of workbooks, all at once, and the shared strings that are used."""

    part: SheetPart
    cells: dict[str, int] = field(default_factory=dict)
    indexes: list[Int64] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    used: Int64 = field(default_factory=lambda: np.zeros(0, np.int64))
    strings: pa.Array = field(default_factory=lambda: pa.array([], pa.string()))

    def place_of(self, cell: str) -> int:
        """Where the answer to this cell will stand among ``values``."""
        return self.cells.setdefault(cell, len(self.cells))

    def ask(self) -> None:
        """Has every answer. Irregular when the reader of workbooks refuses a cell."""
        if self.indexes:
            self.used = np.unique(np.concatenate(self.indexes))
        shared = [f' t="s"><v>{index}</v>' for index in self.used.tolist()]
        if not shared and not self.cells:
            return
        read = _answers(self.part, [*self.cells, *shared])
        self.values = read[: len(self.cells)]
        self.strings = pa.array(read[len(self.cells) :], pa.string())


@dataclass(slots=True)
class _Replaced:
    """Cells of a column that say something else than is written: their places, and for each which of ``values``."""

    places: Int64
    codes: Int64
    values: list[Any]
    asked: list[int] = field(default_factory=list)


class _Column:
    """One column on its way from what is written to what it says."""

    def __init__(self, raw: RawColumn, ways: npt.NDArray[np.uint8], forms: list[Form], asked: _Asked) -> None:
        self._texts = raw.texts
        self._forms = raw.forms
        self._all_forms = forms
        self._asked = asked
        self._replaced: list[_Replaced] = []
        way = ways[raw.forms]
        self._numbers: Bool = way == _NUMBER
        self._shared = np.flatnonzero(way == _SHARED)
        self._indexes = _indexes(self._at(self._shared))
        if self._indexes.size:
            asked.indexes.append(self._indexes)
        odd = (way == _ASKED) | _odd_texts(self._texts, way == _PLAIN)
        unprinted = self._unprinted()
        self._ask(np.flatnonzero(odd))
        self._compute(np.flatnonzero(unprinted))

    def _at(self, places: Int64) -> pa.Array:
        return self._texts if len(places) == len(self._texts) else self._texts.take(pa.array(places))

    def _unprinted(self) -> Bool:
        """The numbers that are not written as they are printed."""
        places = np.flatnonzero(self._numbers)
        texts = self._at(places)
        printed = np.asarray(pc.match_substring_regex(texts, _PRINTED)) & (lengths_of(texts) <= EXACT_DIGITS)
        unprinted = np.zeros(len(self._texts), np.bool_)
        unprinted[places[~printed.astype(np.bool_)]] = True
        return unprinted

    def _compute(self, places: Int64) -> None:
        """Numbers written otherwise than they are printed; what is no decimal is asked."""
        if not places.size:
            return
        texts = self._at(places).dictionary_encode()
        words = texts.dictionary.to_pylist()
        codes = texts.indices.to_numpy().astype(np.int64)
        known = np.fromiter((_DECIMAL.fullmatch(word) is not None for word in words), np.bool_, len(words))
        values = [float(word) if is_known else None for word, is_known in zip(words, known, strict=True)]
        mine = known[codes]
        self._replaced.append(_Replaced(places[mine], codes[mine], values))
        self._ask(places[~mine])

    def _ask(self, places: Int64) -> None:
        for at in np.unique(self._forms[places]).tolist():
            written = places[self._forms[places] == at]
            texts = self._at(written).dictionary_encode()
            form = self._all_forms[at]
            asked = [self._asked.place_of(_cell(form, text)) for text in texts.dictionary.to_pylist()]
            codes = texts.indices.to_numpy().astype(np.int64)
            self._replaced.append(_Replaced(written, codes, [], asked))

    def read(self) -> SheetColumn:
        """What the cells say, once all is answered."""
        count = len(self._texts)
        pieces, order = [self._texts], np.arange(count)
        numbers, days = self._numbers.copy(), np.zeros(count, np.bool_)
        noisy, noise = [np.zeros(0, np.int64)], [pa.array([], pa.string())]
        total = count
        for one in self._replaced:
            values = one.values or [self._asked.values[at] for at in one.asked]
            column = column_of(values)
            pieces.append(column.texts)
            order[one.places] = total + one.codes
            total += len(column)
            numbers[one.places] = column.numbers[one.codes]
            days[one.places] = column.days[one.codes]
            known = np.full(len(column), -1)
            known[column.noisy] = np.arange(len(column.noisy))
            which = known[one.codes]
            noisy.append(one.places[which >= 0])
            noise.append(column.noise.take(pa.array(which[which >= 0])))
        if self._shared.size:
            used = np.searchsorted(self._asked.used, self._indexes)
            pieces.append(self._asked.strings.take(pa.array(used)))
            order[self._shared] = total + np.arange(len(used))
        places = np.concatenate(noisy)
        rising = np.argsort(places)
        return SheetColumn(
            _laid_out(pieces, order),
            numbers,
            days,
            places[rising],
            pa.concat_arrays(noise).take(pa.array(rising)),
        )


def _laid_out(pieces: list[pa.Array], order: Int64) -> pa.Array:
    """The texts of all pieces in that order."""
    if len(pieces) == 1:
        return pieces[0]
    count = len(order)
    if len(pieces) == 2 and len(pieces[1]) == count and np.array_equal(order, np.arange(count, 2 * count)):
        return pieces[1]
    return pa.concat_arrays(pieces).take(pa.array(order))


def _odd_texts(texts: pa.Array, plain: Bool) -> Bool:
    """Which of the plain texts may be read otherwise than they stand."""
    if not plain.any():
        return plain
    data, _ = bytes_of(texts)
    if not ((data <= 32) | (data == 38)).any() and not ((data[:-1] == 95) & (data[1:] == 120)).any():
        return np.zeros(len(texts), np.bool_)
    return plain & np.asarray(pc.match_substring_regex(texts, _ODD_TEXT)).astype(np.bool_)


def _indexes(texts: pa.Array) -> Int64:
    """The places of shared strings. Irregular unless they are written as whole numbers are."""
    if not len(texts):
        return np.zeros(0, np.int64)
    if not pc.all(pc.match_substring_regex(texts, f"^(0|[1-9][0-9]{{0,{_INDEX_DIGITS - 1}}})$")).as_py():
        raise Irregular
    return np.asarray(pc.cast(texts, pa.int64()).to_numpy(), np.int64)
