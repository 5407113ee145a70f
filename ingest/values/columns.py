"""A column of text becomes a column of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.standard import SCALES, Column, Kind, arrow_type
from ingest.values.cells import (
    Bool,
    Cells,
    Coercion,
    Distinct,
    Int64,
    bytes_of,
    date_array,
    decimal_array,
    instant_array,
    lengths_of,
    offsets_of,
    read_distinct,
    validity_of,
)
from ingest.values.numbers import read_number, read_plain
from ingest.values.words import (
    code_reader,
    read_bool,
    read_code,
    read_date,
    read_identifier,
    read_instant,
    read_season,
    season_text,
)

_SAFE = np.zeros(256, np.bool_)
_SAFE[[*b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-./#:()"]] = True
_LONGEST_IDENTIFIER = 64


def convert(column: Column, texts: pa.Array, own_words: Mapping[str, str] | None = None) -> Cells:
    """The typed column of ``texts`` (no nulls; empty means missing), with every refusal and coercion. ``own_words`` are the
    company's for the codes of a code column."""
    present = lengths_of(texts) > 0
    if column.kind in SCALES:
        cells = _numbers(column, texts, present)
    elif column.kind is Kind.TEXT:
        cells = _cells(column, texts, _null_where(texts, ~present), present)
    elif column.kind is Kind.IDENTIFIER:
        cells = _identifiers(column, texts, present)
    else:
        cells = _words(column, texts, present, own_words or {})
    if column.required:
        cells.refuse("V10", lengths_of(texts) == 0)
    return cells


def absent(column: Column, count: int) -> Cells:
    """The cells of an optional column that the file does not have."""
    nothing = np.zeros(count, np.bool_)
    room = 1 << max(count - 1, 0).bit_length()
    array = _nulls(arrow_type(column.kind), room).slice(0, count)
    return Cells(column, _empties(room).slice(0, count), array, nothing, nothing, np.zeros(count, np.int64))


@cache
def _nulls(kind: pa.DataType, count: int) -> pa.Array:
    return pa.nulls(count, kind)


@cache
def _empties(count: int) -> pa.Array:
    return pa.array([""] * count, pa.string())


def _cells(column: Column, filed: pa.Array, array: pa.Array, present: Bool) -> Cells:
    return Cells(column, filed, array, present, np.zeros(len(filed), np.bool_))


def _numbers(column: Column, texts: pa.Array, present: Bool) -> Cells:
    cells = _cells(column, texts, texts, present)
    if not present.any():
        cells.fixed = np.zeros(len(texts), np.int64)
        cells.array = absent(column, len(texts)).array
        return cells
    plain = read_plain(texts, column.scale)
    fixed = plain.fixed
    odd = np.flatnonzero(present & ~plain.ok)
    if odd.size:
        others = read_distinct(texts.take(pa.array(odd)), lambda text: read_number(text, column))
        fixed[odd] = others.values
        _take_over(cells, others, odd)
    low, high = _bound(column.minimum, column.scale), _bound(column.maximum, column.scale)
    outside = np.zeros(len(texts), np.bool_)
    if low is not None:
        outside |= fixed < low
    if high is not None:
        outside |= fixed > high
    cells.refuse("V03", outside & cells.present)
    cells.fixed = np.where(cells.present, fixed, 0)
    cells.array = decimal_array(cells.fixed, cells.present, column.scale)
    return cells


def _bound(limit: Decimal | None, scale: int) -> int | None:
    return None if limit is None else int(limit.scaleb(scale))


def _identifiers(column: Column, texts: pa.Array, present: Bool) -> Cells:
    data, offsets = bytes_of(texts)
    odd = lengths_of(texts) > _LONGEST_IDENTIFIER
    unsafe = np.flatnonzero(~_SAFE[data])
    if unsafe.size:
        odd[np.searchsorted(offsets[1:], unsafe, "right")] = True
    cells = _cells(column, texts, texts, present)
    places = np.flatnonzero(odd)
    if places.size:
        others = read_distinct(texts.take(pa.array(places)), read_identifier)
        _take_over(cells, others, places)
        trimmed = np.zeros(len(texts), np.bool_)
        trimmed[places[others.rows_of(lambda one: bool(one.rule))]] = True
        if trimmed.any():
            texts = pc.if_else(pa.array(trimmed), pc.utf8_trim(texts, " \t\u00a0\u3000"), texts)
    cells.array = _null_where(texts, ~cells.present)
    return cells


def _words(column: Column, texts: pa.Array, present: Bool, own_words: Mapping[str, str]) -> Cells:
    if column.kind is Kind.DATE:
        read = read_distinct(texts, read_date)
    elif column.kind is Kind.INSTANT:
        read = read_distinct(texts, read_instant)
    elif column.kind is Kind.SEASON:
        read = read_distinct(texts, read_season)
    elif column.kind is Kind.BOOL:
        read = read_distinct(texts, read_bool)
    else:
        spellings = code_reader(column, own_words)
        read = read_distinct(texts, lambda text: read_code(text, spellings))
    cells = _cells(column, texts, texts, present)
    _take_over(cells, read, None)
    cells.fixed = np.where(cells.present, read.values, 0)
    cells.array = _typed(column, cells)
    return cells


def _typed(column: Column, cells: Cells) -> pa.Array:
    fixed = cells.fixed
    assert fixed is not None
    if column.kind is Kind.DATE:
        return date_array(fixed, cells.present)
    if column.kind is Kind.INSTANT:
        return instant_array(fixed, cells.present)
    if column.kind is Kind.BOOL:
        return pa.array(fixed.astype(np.bool_), mask=~cells.present)
    if column.kind is Kind.SEASON:
        first = int(fixed.min(where=cells.present, initial=3000))
        words = [season_text(year) for year in range(first, int(fixed.max(initial=0)) + 1)] or [""]
        fixed = fixed - first
    else:
        words = [code.code for code in column.codes]
    places = pa.array(np.where(cells.present, fixed, 0), mask=~cells.present)
    return pa.array(words, pa.string()).take(places)


def _take_over(cells: Cells, read: Distinct, places: Int64 | None) -> None:
    """The refusals and coercions of a reading, moved from the rows read to the rows of the column."""
    count = len(cells.filed)
    for edit_id, mask in read.edits():
        whole = mask
        if places is not None:
            whole = np.zeros(count, np.bool_)
            whole[places[mask]] = True
        cells.refuse(edit_id, whole)
    for coercion in read.coercions():
        positions = coercion.positions if places is None else places[coercion.positions]
        cells.coercions.append(Coercion(positions, coercion.after, coercion.rule))


def _null_where(texts: pa.Array, missing: Bool) -> pa.Array:
    """The texts, null where ``missing``; shares their data."""
    if not missing.any():
        return texts
    offsets = pa.py_buffer(np.ascontiguousarray(offsets_of(texts)))
    return pa.Array.from_buffers(
        pa.string(), len(texts), [validity_of(~missing), offsets, texts.buffers()[2]]
    )
