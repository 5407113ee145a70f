"""Columns of one block: what each cell became, which were refused, and which were read differently from how they stood."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from ingest.standard import Column

Int64 = npt.NDArray[np.int64]
Bool = npt.NDArray[np.bool_]

#: Asia/Shanghai against UTC, in microseconds; without summer time since 1991.
LOCAL_OFFSET = 8 * 3600 * 1_000_000


@dataclass(frozen=True, slots=True)
class Reading:
    """One value read. ``value`` is the integer it stands for (10**-scale units, days since 1970, place in the code list,
    first year of a season, microseconds since 1970 UTC). ``edit`` names why it was refused; ``rule`` how it was coerced, ``after`` what it was read as."""

    value: int = 0
    edit: str = ""
    rule: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    edit_id: str
    positions: Int64


@dataclass(frozen=True, slots=True)
class Coercion:
    positions: Int64
    after: pa.Array
    rule: str


@dataclass(slots=True)
class Cells:
    """A column of one block. ``fixed`` holds the integers of every kind but text and identifiers; where ``present`` is
    False they are 0. ``broken`` marks the refused cells, among them required ones that are missing."""

    column: Column
    filed: pa.Array
    array: pa.Array
    present: Bool
    broken: Bool
    fixed: Int64 | None = None
    problems: list[Problem] = field(default_factory=list)
    coercions: list[Coercion] = field(default_factory=list)

    def refuse(self, edit_id: str, mask: Bool) -> None:
        """Marks the cells of ``mask`` as refused by that edit; they are no longer present."""
        positions = np.flatnonzero(mask)
        if positions.size:
            self.problems.append(Problem(edit_id, positions))
            self.broken = self.broken | mask
            self.present = self.present & ~mask


@dataclass(slots=True)
class Distinct:
    """Readings of a column, one for each distinct text, spread over its rows."""

    values: Int64
    indices: Int64
    readings: list[Reading]

    def rows_of(self, wanted: Callable[[Reading], bool]) -> Bool:
        flags = np.fromiter((wanted(one) for one in self.readings), np.bool_, len(self.readings))
        return flags[self.indices]

    def edits(self) -> list[tuple[str, Bool]]:
        """(edit id, rows) for each edit that refused something, by id."""
        ids = sorted({one.edit for one in self.readings if one.edit})
        return [(edit_id, self.rows_of(lambda one, this=edit_id: one.edit == this)) for edit_id in ids]  # type: ignore[misc]

    def coercions(self) -> list[Coercion]:
        rules = sorted({one.rule for one in self.readings if one.rule})
        if not rules:
            return []
        after = pa.array([one.after for one in self.readings], pa.string())
        found = []
        for rule in rules:
            positions = np.flatnonzero(self.rows_of(lambda one, this=rule: one.rule == this))  # type: ignore[misc]
            found.append(Coercion(positions, after.take(pa.array(self.indices[positions])), rule))
        return found


def read_distinct(texts: pa.Array, read: Callable[[str], Reading]) -> Distinct:
    """Reads every distinct text once; an empty text is the empty reading."""
    encoded = texts.dictionary_encode()
    readings = [read(text) if text else Reading() for text in encoded.dictionary.to_pylist()]
    indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    values = np.fromiter((one.value for one in readings), np.int64, len(readings))
    return Distinct(values[indices] if len(readings) else np.zeros(0, np.int64), indices, readings)


def lengths_of(texts: pa.Array) -> Int64:
    """Bytes of each text (UTF-8)."""
    return np.diff(offsets_of(texts)).astype(np.int64)


def offsets_of(texts: pa.Array) -> npt.NDArray[np.int32]:
    """The n + 1 offsets of a string array into its data."""
    buffer = texts.buffers()[1]
    if buffer is None or len(texts) == 0:
        return np.zeros(len(texts) + 1, np.int32)
    return np.frombuffer(buffer, np.int32)[texts.offset : texts.offset + len(texts) + 1]


def bytes_of(texts: pa.Array) -> tuple[npt.NDArray[np.uint8], Int64]:
    """The bytes of a string array and offsets into them that begin at 0."""
    offsets = offsets_of(texts)
    data = texts.buffers()[2]
    if data is None:
        return np.zeros(0, np.uint8), np.zeros(len(texts) + 1, np.int64)
    first, last = int(offsets[0]), int(offsets[-1])
    return np.frombuffer(data, np.uint8)[first:last], (offsets - offsets[0]).astype(np.int64)


def validity_of(present: Bool) -> pa.Buffer | None:
    """The validity bitmap of an array; None when nothing is null."""
    if present.all():
        return None
    return pa.py_buffer(np.packbits(present, bitorder="little").tobytes())


def decimal_array(fixed: Int64, present: Bool, scale: int) -> pa.Array:
    """decimal128(18, scale) of integers in units of 10**-scale, null where not ``present``; exact."""
    words = np.empty((len(fixed), 2), np.int64)
    words[:, 0] = fixed
    words[:, 1] = fixed >> 63
    buffers = [validity_of(present), pa.py_buffer(words)]
    return pa.Array.from_buffers(pa.decimal128(18, scale), len(fixed), buffers)


def date_array(days: Int64, present: Bool) -> pa.Array:
    """date32 of days since 1970-01-01, null where not ``present``."""
    buffers = [validity_of(present), pa.py_buffer(days.astype(np.int32))]
    return pa.Array.from_buffers(pa.date32(), len(days), buffers)


def instant_array(microseconds: Int64, present: Bool) -> pa.Array:
    """timestamp[us, UTC] of microseconds since 1970-01-01T00:00Z, null where not ``present``."""
    buffers = [validity_of(present), pa.py_buffer(np.ascontiguousarray(microseconds, np.int64))]
    return pa.Array.from_buffers(pa.timestamp("us", tz="UTC"), len(microseconds), buffers)


def shown_texts(array: pa.Array) -> pa.Array:
    """The values as a report shows them: instants to the second in Asia/Shanghai with the offset, other kinds in plain text."""
    if not pa.types.is_timestamp(array.type):
        return pc.cast(array, pa.string())
    local = pc.cast(pc.add(pc.cast(array, pa.int64()), LOCAL_OFFSET), pa.timestamp("us"))
    text = pc.strftime(
        pc.cast(pc.floor_temporal(local, unit="second"), pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S"
    )
    return pc.binary_join_element_wise(text, "+08:00", "")
