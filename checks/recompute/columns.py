"""Arrow columns as integers and back, exactly: decimals as their unscaled value, dates as days, codes as numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

EPOCH = dt.date(1970, 1, 1)

# Up to this many possible pairs the distinct ones are marked in a table, beyond they are sorted.
_PAIRS_IN_A_TABLE = 4_000_000

#: Columns of so few values are sooner looked through one by one than handed to Arrow.
FEW = 16

#: How the feeds store amounts and quantities.
MONEY = pa.decimal128(18, 2)
AREA = pa.decimal128(18, 2)
HEAT = pa.decimal128(18, 3)


def whole(table: pa.Table, name: str, kind: pa.DataType) -> pa.Array:
    """The column as one array of the given type; all null where the table does not have it.

    Raises ``pa.ArrowInvalid`` where a value does not fit the type: a feed stored against its standard.
    """
    place = table.schema.get_field_index(name)
    if place < 0:
        return pa.nulls(table.num_rows, kind)
    column = table.column(place)
    array = column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()
    if isinstance(array, pa.ChunkedArray):
        array = pa.concat_arrays(array.chunks) if array.num_chunks else pa.nulls(0, column.type)
    if pa.types.is_dictionary(array.type) and kind == pa.string():
        return array
    return array if array.type == kind else array.cast(kind)


def present(array: pa.Array) -> Flags:
    """True where the value is given."""
    if array.null_count == 0:
        return np.ones(len(array), dtype=np.bool_)
    return np.asarray(array.is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)


def unscaled(table: pa.Table, name: str, kind: pa.Decimal128Type) -> tuple[Ints, Flags]:
    """A decimal column as integers in its smallest unit (18 digits always fit), and where it is given; nulls are 0."""
    array = whole(table, name, kind)
    given = present(array)
    buffer = array.buffers()[1]
    if buffer is None or len(array) == 0:
        return np.zeros(len(array), dtype=np.int64), given
    words = np.frombuffer(buffer, dtype="<i8")[2 * array.offset : 2 * (array.offset + len(array)) : 2]
    values: Ints = words.astype(np.int64, copy=True)
    if array.null_count:
        values[~given] = 0
    return values, given


def days(table: pa.Table, name: str) -> tuple[Ints, Flags]:
    """A date column as days since 1970-01-01, and where it is given; nulls are 0."""
    array = whole(table, name, pa.date32())
    given = present(array)
    if array.null_count:
        array = array.fill_null(EPOCH)
    return np.asarray(array.view(pa.int32()).to_numpy(zero_copy_only=False)).astype(np.int64), given


def codes(table: pa.Table, name: str) -> tuple[Ints, list[str]]:
    """A code column as numbers into the list of its distinct values; null is -1."""
    array = whole(table, name, pa.string())
    if len(array) <= FEW and not pa.types.is_dictionary(array.type):
        values = array.to_pylist()
        words = list(dict.fromkeys(value for value in values if value is not None))
        return np.array([-1 if value is None else words.index(value) for value in values], np.int64), words
    if len(array) and array.null_count == 0 and not pa.types.is_dictionary(array.type):
        first = array[0]
        if pc.all(pc.equal(array, first)).as_py():  # most columns of codes hold one value
            return np.zeros(len(array), dtype=np.int64), [first.as_py()]
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    numbers = array.indices
    if numbers.null_count:
        numbers = numbers.fill_null(-1)
    return np.asarray(numbers.to_numpy(zero_copy_only=False)).astype(np.int64), array.dictionary.to_pylist()


def is_all_distinct_by_order(table: pa.Table, name: str) -> bool:
    """Whether a column of text rises from row to row (a longer text after every shorter one), so that no value stands
    in it twice. Files mostly come in the order of their numbers, and this is far cheaper than to look for each."""
    array = whole(table, name, pa.string())
    if pa.types.is_dictionary(array.type) or array.null_count or len(array) < 2:
        return False
    before, after = array.slice(0, len(array) - 1), array.slice(1)
    longer, shorter = pc.binary_length(after), pc.binary_length(before)
    rises = pc.or_(pc.greater(longer, shorter), pc.and_(pc.equal(longer, shorter), pc.greater(after, before)))
    return bool(pc.all(rises).as_py())


def same_value(table: pa.Table, name: str) -> tuple[Ints, int]:
    """A column of text as numbers that are equal where the text is, -1 where none is given, and how many there are.
    The texts themselves are not looked at, so that a million distinct ones cost no Python object each."""
    array = whole(table, name, pa.string())
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    numbers = array.indices
    if numbers.null_count:
        numbers = numbers.fill_null(-1)
    return np.asarray(numbers.to_numpy(zero_copy_only=False)).astype(np.int64), len(array.dictionary)


def known_codes(table: pa.Table, name: str, known: tuple[str, ...]) -> Ints:
    """A code column as positions in ``known``; -1 for null and for anything else."""
    numbers, words = codes(table, name)
    places = np.array([known.index(word) if word in known else -1 for word in words] + [-1], dtype=np.int64)
    return places[numbers]


def as_date(day: int) -> dt.date:
    """The date that many days after 1970-01-01."""
    return EPOCH + dt.timedelta(days=day)


def as_days(date: dt.date) -> int:
    """Days from 1970-01-01 to the date."""
    return (date - EPOCH).days


def money_column(fen: Ints, given: Flags) -> pa.Array:
    """Fen as a ``decimal128(18, 2)`` column in CNY, null where not given. The fen must have at most 18 digits."""
    words = np.empty((len(fen), 2), dtype="<i8")
    words[:, 0] = fen
    words[:, 1] = fen >> 63
    valid = None
    if not given.all():
        valid = pa.py_buffer(np.packbits(given, bitorder="little").tobytes())
    return pa.Array.from_buffers(MONEY, len(fen), [valid, pa.py_buffer(words)])


def is_in_table(column: pa.Array, values: pa.Array) -> Ints:
    """Where each value of ``column`` stands in ``values`` (its last place if it stands there twice); -1 if nowhere."""
    if len(values) == 0:
        return np.full(len(column), -1, dtype=np.int64)
    backwards = values.take(pa.array(np.arange(len(values) - 1, -1, -1)))
    found = pc.index_in(column, value_set=backwards)
    places = np.asarray(found.fill_null(-1).to_numpy(zero_copy_only=False)).astype(np.int64)
    return np.where(places >= 0, len(values) - 1 - places, -1)


def distinct_pairs(first: Ints, second: Ints) -> tuple[list[tuple[int, int]], Ints]:
    """The distinct pairs of two columns of numbers from 0 on, and the place of each row among them."""
    width = int(second.max()) + 1 if len(second) else 1
    size = (int(first.max()) + 1 if len(first) else 0) * width
    if size <= _PAIRS_IN_A_TABLE:
        key = first * width + second
        used = np.zeros(size, dtype=np.bool_)
        used[key] = True
        keys = np.flatnonzero(used)
        places = np.zeros(size, dtype=np.int64)
        places[keys] = np.arange(len(keys))
        return [divmod(value, width) for value in keys.tolist()], places[key]
    pairs, place = np.unique(np.stack([first, second]), axis=1, return_inverse=True)
    return [(int(one), int(other)) for one, other in pairs.T], place.reshape(-1)
