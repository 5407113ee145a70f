"""Tables as evidence: Parquet with equal bytes for equal rows, in groups that are read without the rest."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

if TYPE_CHECKING:
    from ingest.evidence import Stored

ROWS_PER_GROUP: Final = 16_384
_TAKES: Final = 4


class TableInPieces:
    """A table on its way into the store. Equal rows become equal bytes: every group of rows is one chunk of one size
    whatever pieces they came in, and the schema's notes are in alphabetical order. ``stored`` says what became of it
    once the block that gave it has ended."""

    stored: Stored

    def __init__(self, sink: io.RawIOBase, schema: pa.Schema, ordering: list[tuple[str, str]]) -> None:
        notes = schema.metadata
        self._schema = schema.with_metadata(dict(sorted(notes.items())) if notes else None)
        packed = [field.name for field in schema if _is_stored_as_integer(field.type)]
        plain = [field.name for field in schema if field.name not in packed]
        self._rest: pa.Table = self._schema.empty_table()
        self._writer = pq.ParquetWriter(
            cast("BinaryIO", sink),
            self._schema,
            compression="zstd",
            use_dictionary=plain,
            column_encoding=dict.fromkeys(packed, "DELTA_BINARY_PACKED"),
            store_decimal_as_integer=True,
            write_page_checksum=True,
            sorting_columns=pq.SortingColumn.from_ordering(self._schema, ordering) if ordering else None,
        )

    def add(self, table: pa.Table) -> None:
        """These rows come next. Raises ValueError where their columns are not those of the table."""
        table = table.replace_schema_metadata(self._schema.metadata)
        rows = pa.concat_tables([self._rest, table]) if len(self._rest) else table
        whole = len(rows) - len(rows) % ROWS_PER_GROUP
        for start in range(0, whole, ROWS_PER_GROUP):
            self._write(rows.slice(start, ROWS_PER_GROUP))
        self._rest = rows.slice(whole)

    def close(self) -> None:
        """The last group is written and the file is a whole Parquet file."""
        if len(self._rest):
            self._write(self._rest)
        self._writer.close()

    def _write(self, group: pa.Table) -> None:
        self._writer.write_table(group.combine_chunks(), row_group_size=ROWS_PER_GROUP)


def _is_stored_as_integer(kind: pa.DataType) -> bool:
    """Whether Parquet stores ``kind`` as INT32 or INT64, which is what delta packing is allowed for."""
    if pa.types.is_decimal(kind):
        return bool(kind.precision <= 18)
    return bool(pa.types.is_integer(kind) or (pa.types.is_temporal(kind) and not pa.types.is_interval(kind)))


def sorted_pieces(table: pa.Table, keys: Sequence[str]) -> Iterator[pa.Table]:
    """The rows in ascending order of ``keys``, a quarter at a time: a sorted copy of all of them would double what memory
    holds, and a row at a time would look through all pieces of the table again."""
    if not keys:
        yield table
        return
    order = pc.sort_indices(table, sort_keys=[(key, "ascending") for key in keys])
    groups = -(-len(order) // ROWS_PER_GROUP)
    step = -(-groups // _TAKES) * ROWS_PER_GROUP or 1  # whole groups: of one piece nothing waits for the next
    for start in range(0, len(order), step):
        yield table.take(order.slice(start, step))


def demand_columns(schema: pa.Schema, names: Sequence[str]) -> None:
    absent = [name for name in names if name not in schema.names]
    if absent:
        asked, there = "、".join(absent), "、".join(schema.names)
        raise KeyError(f"表中没有列 {asked}；现有列：{there} / no such column; the table has those listed")
