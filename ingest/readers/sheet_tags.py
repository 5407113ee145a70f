"""The tags of regular rows of a sheet, found on their bytes and held against the grammar that spreadsheet programs write.

Regular is ``<row r="2" ...><c r="A2" s="1" t="s"><v>0</v></c>...</row>``, with cells that hold one ``v``, one inline text
or nothing. Whatever else XML allows is not wrong, only not regular: it is left to a reader of all of XML.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from ingest.values.cells import Bool, Int64

Bytes = npt.NDArray[np.uint8]

(
    _OTHER,
    _ROW,
    _ROW_ALONE,
    _ROW_END,
    _CELL,
    _CELL_ALONE,
    _CELL_END,
    _VALUE,
    _VALUE_END,
    _INLINE,
    _INLINE_END,
    _TEXT,
    _TEXT_SPACED,
    _TEXT_END,
) = range(14)
_KINDS = 14
_LESS, _QUOTE, _SLASH, _MORE = b'<"/>'
_SPACED = b't xml:space="preserve"'
#: Bytes behind the rows, so that looking ahead from the last tag stays within them.
PADDING = 32
#: How a cell holds its value.
NOTHING, VALUE, TEXT, TEXT_SPACED = range(4)
#: Digits of a row's number.
_ROW_DIGITS = 7


def _by_letter(pairs: dict[str, int]) -> npt.NDArray[np.uint8]:
    table = np.zeros(256, np.uint8)
    for letter, kind in pairs.items():
        table[ord(letter)] = kind
    return table


_OPENING = _by_letter({"r": _ROW, "c": _CELL, "v": _VALUE, "i": _INLINE, "t": _TEXT})
_CLOSING = _by_letter({"r": _ROW_END, "c": _CELL_END, "v": _VALUE_END, "i": _INLINE_END, "t": _TEXT_END})
#: Bytes from ``<`` to ``>`` of the tags that have no attributes; 0 where any number may stand.
_LENGTH = np.zeros(_KINDS, np.int64)
_LENGTH[[_ROW_END, _CELL_END, _VALUE_END, _INLINE_END, _TEXT_END]] = 5, 3, 3, 4, 3
_LENGTH[[_VALUE, _INLINE, _TEXT, _TEXT_SPACED]] = 2, 3, 2, len(_SPACED) + 1
#: The tags that may follow a tag, and those that text may follow.
_AFTER = np.zeros((_KINDS, _KINDS), np.bool_)
for _first, _next in {
    _ROW: (_CELL, _CELL_ALONE, _ROW_END),
    _ROW_ALONE: (_ROW, _ROW_ALONE),
    _ROW_END: (_ROW, _ROW_ALONE),
    _CELL: (_VALUE, _INLINE, _CELL_END),
    _CELL_ALONE: (_CELL, _CELL_ALONE, _ROW_END),
    _CELL_END: (_CELL, _CELL_ALONE, _ROW_END),
    _VALUE: (_VALUE_END,),
    _VALUE_END: (_CELL_END,),
    _INLINE: (_TEXT, _TEXT_SPACED),
    _TEXT: (_TEXT_END,),
    _TEXT_SPACED: (_TEXT_END,),
    _TEXT_END: (_INLINE_END,),
    _INLINE_END: (_CELL_END,),
}.items():
    _AFTER[_first, list(_next)] = True
_FOLLOWS = _AFTER.ravel()
_HOLDS_TEXT = np.isin(np.arange(_KINDS), (_VALUE, _TEXT, _TEXT_SPACED))


class Irregular(Exception):
    """The sheet is not of the regular form; that says nothing against it."""


@dataclass(frozen=True, slots=True)
class RegularRows:
    """Complete rows. ``numbers`` count from 1. For each cell: ``row`` its place among the rows, ``column`` from 0, ``form``
    how it holds its value, and where in ``data`` the rest of its tag and its value stand."""

    data: bytes
    numbers: Int64
    row: Int64
    column: Int64
    form: npt.NDArray[np.uint8]
    rest_starts: Int64
    rest_ends: Int64
    value_starts: Int64
    value_ends: Int64
    row_rest_starts: Int64
    row_rest_ends: Int64

    def pieces(self, starts: Int64, ends: Int64) -> pa.Array:
        """A view of the bytes that stand from ``starts`` to ``ends`` (rising): piece i is at 2 i, and the last one, at 2 n, is
        empty."""
        places = np.empty(2 * len(starts) + 2, np.int32)
        places[:-2:2], places[1:-2:2] = starts, ends
        places[-2:] = ends[-1] if len(ends) else 0
        buffers = [None, pa.py_buffer(places), pa.py_buffer(self.data)]
        return pa.Array.from_buffers(pa.string(), len(places) - 1, buffers)


def regular_rows(rows: bytes) -> RegularRows:
    """The rows that these bytes (``rows`` and :data:`PADDING` zeros behind them) are made of and nothing else. Irregular
    otherwise."""
    data = np.frombuffer(rows, np.uint8)
    starts, ends = _tags(data)
    kinds = _kinds(data, starts, ends)
    if kinds[0] not in (_ROW, _ROW_ALONE) or kinds[-1] not in (_ROW_END, _ROW_ALONE):
        raise Irregular
    if not _FOLLOWS.take(kinds[:-1].astype(np.intp) * _KINDS + kinds[1:]).all():
        raise Irregular
    has_text = starts[1:] - ends[:-1] > 1
    if (has_text & ~_HOLDS_TEXT[kinds[:-1]]).any() or starts[0] != 0:
        raise Irregular
    return _cells(rows, data, starts, ends, kinds)


def _tags(data: Bytes) -> tuple[Int64, Int64]:
    """Where each tag begins and ends; Irregular unless ``<`` and ``>`` take turns."""
    marks = np.flatnonzero((data | 2) == _MORE)
    starts, ends = marks[::2], marks[1::2]
    if not len(ends) or len(starts) != len(ends) or ends[-1] + PADDING + 1 != len(data):
        raise Irregular
    if (data[starts] != _LESS).any() or (data[ends] != _MORE).any():
        raise Irregular
    return starts, ends


def _kinds(data: Bytes, starts: Int64, ends: Int64) -> npt.NDArray[np.uint8]:
    first, second = data[starts + 1], data[starts + 2]
    kinds = np.where(first == _SLASH, _CLOSING[second], _OPENING[first])
    alone = data[ends - 1] == _SLASH
    kinds += (alone & ((kinds == _ROW) | (kinds == _CELL))).astype(np.uint8)
    spaced = np.flatnonzero((kinds == _TEXT) & (ends - starts > 2))
    kinds[spaced] = _TEXT_SPACED
    length = _LENGTH[kinds]
    if not kinds.all() or ((length > 0) & (length != ends - starts)).any():
        raise Irregular
    for kind, name in ((_INLINE, b"is"), (_INLINE_END, b"/is"), (_ROW_END, b"/row"), (_TEXT_SPACED, _SPACED)):
        at = starts[kinds == kind] + 1
        if not all((data[at + place] == letter).all() for place, letter in enumerate(name)):
            raise Irregular
    return kinds


def _cells(rows: bytes, data: Bytes, starts: Int64, ends: Int64, kinds: npt.NDArray[np.uint8]) -> RegularRows:
    is_row = (kinds == _ROW) | (kinds == _ROW_ALONE)
    row_tags = np.flatnonzero(is_row)
    digits_at, digits, numbers = _row_numbers(data, starts[row_tags])
    cell_tags = np.flatnonzero((kinds == _CELL) | (kinds == _CELL_ALONE))
    row = (np.cumsum(is_row)[cell_tags] - 1).astype(np.int64)
    column, rest = _references(data, starts[cell_tags], row, digits_at, digits)
    if ((np.diff(row) == 0) & (np.diff(column) <= 0)).any() or (np.diff(numbers) <= 0).any():
        raise Irregular
    following = kinds[np.minimum(cell_tags + 1, len(kinds) - 1)]
    within = np.where(kinds[cell_tags] == _CELL, following, 0)
    held = cell_tags + 1 + (within == _INLINE)
    form = np.zeros(len(cell_tags), np.uint8)
    form[within == _VALUE] = VALUE
    inline = within == _INLINE
    form[inline] = np.where(kinds[held[inline]] == _TEXT, TEXT, TEXT_SPACED)
    filled = np.flatnonzero(form)
    value_starts, value_ends = _after(ends[cell_tags]), _after(ends[cell_tags])
    value_starts[filled] = ends[held[filled]] + 1
    value_ends[filled] = starts[held[filled] + 1]
    return RegularRows(
        rows,
        numbers,
        row,
        column,
        form,
        rest,
        ends[cell_tags],
        value_starts,
        value_ends,
        digits_at + digits + 1,
        ends[row_tags],
    )


def _after(ends: Int64) -> Int64:
    return ends + 1


def _row_numbers(data: Bytes, starts: Int64) -> tuple[Int64, Int64, Int64]:
    """Where the number of each row stands, its digits, and what it is. Irregular unless ``r`` is the first attribute."""
    if not all((data[starts + 1 + place] == letter).all() for place, letter in enumerate(b'row r="')):
        raise Irregular
    at = starts + len('<row r="')
    numbers = np.zeros(len(at), np.int64)
    digits = np.zeros(len(at), np.int64)
    for place in range(_ROW_DIGITS):
        digit = data[at + place] - np.uint8(48)
        more = (digit < 10) & (digits == place)
        numbers = np.where(more, numbers * 10 + digit, numbers)
        digits += more
    if not digits.all() or (data[at + digits] != _QUOTE).any() or (data[at] == 48).any():
        raise Irregular
    return at, digits, numbers


def _references(
    data: Bytes, starts: Int64, row: Int64, digits_at: Int64, digits: Int64
) -> tuple[Int64, Int64]:
    """The column of each cell and where the rest of its tag begins. Irregular unless ``r`` is the first attribute and names
    the row that the cell stands in."""
    if not all((data[starts + 2 + place] == letter).all() for place, letter in enumerate(b' r="')):
        raise Irregular
    first = data[starts + 6] - np.uint8(64)
    second = data[starts + 7] - np.uint8(64)
    has_two: Bool = (second >= 1) & (second <= 26)
    if ((first < 1) | (first > 26)).any():
        raise Irregular
    column = np.where(has_two, first.astype(np.int64) * 26 + second, first) - 1
    own = starts + 7 + has_two
    expected, count = digits_at[row], digits[row]
    for place in range(int(count.max(initial=0)) + 1):
        differs = data[own + place] != data[expected + place]
        if (differs & (count >= place)).any():
            raise Irregular
    return column, own + count + 1
