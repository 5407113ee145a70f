"""Parquet files of bills and rosters, read by stretches of rows without holding the rest."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from checks.recompute.filed import ACCOUNT_COLUMNS, BILL_COLUMNS
from ingest.standard import arrow_schema

_COLUMNS = {"bills": BILL_COLUMNS, "accounts": ACCOUNT_COLUMNS}
_BATCH = 65_536


def read_rows(path: Path, feed: str, start: int, stop: int) -> pa.Table:
    """Rows ``start`` to ``stop`` (excluded) with the columns that a check needs, in the types of the data standard."""
    file = _opened(path)
    ends = np.cumsum([file.metadata.row_group(place).num_rows for place in range(file.num_row_groups)])
    first = int(np.searchsorted(ends, start, side="right"))
    last = int(np.searchsorted(ends, stop, side="left"))
    if start >= stop:
        return empty_table(feed)
    groups = range(first, last + 1)
    table = file.read_row_groups(groups, columns=_needed(file, feed), use_threads=False)
    before = int(ends[first - 1]) if first else 0
    return _as_standard(table.slice(start - before, stop - start), feed)


def read_batches(path: Path, feed: str, columns: Sequence[str] | None = None) -> Iterator[pa.Table]:
    """The file from its first row to its last, some ten thousand rows at a time."""
    file = _opened(path)
    wanted = [name for name in _needed(file, feed) if columns is None or name in columns]
    for batch in file.iter_batches(_BATCH, columns=wanted):
        yield _as_standard(pa.Table.from_batches([batch]), feed)


def empty_table(feed: str) -> pa.Table:
    """No rows of the feed, with the columns that a check needs."""
    return _as_standard(arrow_schema(feed).empty_table(), feed)


def _needed(file: pq.ParquetFile, feed: str) -> list[str]:
    there = set(file.schema_arrow.names)
    return [name for name in _COLUMNS[feed] if name in there]


def _as_standard(table: pa.Table, feed: str) -> pa.Table:
    """Columns in the standard's types and order. Raises ``pa.ArrowInvalid`` for a value that does not fit."""
    standard = arrow_schema(feed)
    kept = [name for name in _COLUMNS[feed] if name in table.column_names]
    return table.select(kept).cast(pa.schema([standard.field(name) for name in kept]))


def _opened(path: Path) -> pq.ParquetFile:
    changed = path.stat()
    return pq.ParquetFile(
        path,
        metadata=_metadata(path, changed.st_size, changed.st_mtime_ns),
        page_checksum_verification=True,
    )


@lru_cache(maxsize=8)
def _metadata(path: Path, _size: int, _changed: int) -> pq.FileMetaData:
    """Read once: of a file of many groups of rows this costs more than a stretch of its rows."""
    return pq.read_metadata(path)
