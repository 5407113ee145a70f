"""What an edit against other filings is: which rows in force it reads, and where it finds them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.edits.log import EditLog
from ingest.standard import Feed
from ingest.values.cells import Bool, Int64

Made = TypeVar("Made")

#: The roster of the season before, beside the feeds by their codes.
EARLIER_ACCOUNTS = "earlier_accounts"


@dataclass(frozen=True, slots=True)
class Filed:
    """Rows in force of one feed, a table in memory or a Parquet file for each filing. Only the columns asked for are read."""

    tables: tuple[pa.Table | Path, ...] = ()

    def each(self, *codes: str) -> Iterator[pa.Table]:
        """The filings one after the other, so that a season of readings never lies in memory as a whole."""
        for table in self.tables:
            wanted = list(codes)
            yield pq.read_table(table, columns=wanted) if isinstance(table, Path) else table.select(wanted)

    def whole(self, *codes: str) -> pa.Table:
        """All rows with those columns. ValueError where nothing is filed."""
        return pa.concat_tables(self.each(*codes))


class Others:
    """What is in force beside the file, by feed; and what several rules work out of it, worked out once."""

    def __init__(self, filed: Mapping[str, Filed]) -> None:
        self._filed = dict(filed)
        self._made: dict[str, Any] = {}

    def __contains__(self, feed: str) -> bool:
        return feed in self._filed

    def __getitem__(self, feed: str) -> Filed:
        return self._filed[feed]

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What ``make`` gives, made when it is first asked for."""
        if name not in self._made:
            self._made[name] = make()
        made: Made = self._made[name]
        return made


Compare = Callable[[pa.Table, Feed, Others, EditLog, str], None]


@dataclass(frozen=True, slots=True)
class BesideRule:
    """One edit of ``feed`` against rows in force. Without those of ``others`` it cannot be evaluated; those of ``optional``
    are looked at where there are any. ``root`` is the edit that says that the row has no counterpart there: such rows are
    not compared."""

    edit_id: str
    feed: str
    needs: tuple[str, ...]
    others: tuple[str, ...]
    compare: Compare
    root: str | None = None
    optional: tuple[str, ...] = ()


def log_missing(feed: Feed, log: EditLog, edit_id: str, code: str, keys: pa.Array, details: pa.Array) -> None:
    """One hit on row 0 for each thing that the file should speak of and does not."""
    names, said = (
        one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one for one in (keys, details)
    )
    log.hits(edit_id, np.zeros(len(names), np.int32), names, feed.column(code), names, said)


def skip_unknown(table: pa.Table, key: str, found: pa.Array, log: EditLog, edit_id: str, root: str) -> None:
    """Lists the rows whose key stands nowhere else as not evaluated, because of ``root``."""
    named = true_of(table.column(key).combine_chunks().is_valid())
    unknown = int(np.count_nonzero(named & ~true_of(found.is_valid())))
    if unknown:
        log.skipped(edit_id, {root}, unknown)


def place_of(table: pa.Table, other: pa.Table, key: str) -> pa.Array:
    """For each row the place of the row with the same key in ``other``; null where there is none."""
    theirs = other.column(key).combine_chunks()
    return pc.index_in(table.column(key).combine_chunks(), value_set=theirs, skip_nulls=True)


def index_of(found: pa.Array) -> Int64:
    """Places as numbers, 0 where there is none."""
    return np.asarray(found.fill_null(0).to_numpy(zero_copy_only=False), np.int64)


def true_of(array: pa.Array) -> Bool:
    """A mask; null is False."""
    whole = array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array
    return np.asarray(whole.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


def days_of(table: pa.Table, code: str) -> tuple[Int64, Bool]:
    """Days since 1970-01-01 of a date column, 0 where blank, and where it is filled."""
    column = table.column(code).combine_chunks()
    days = pc.cast(column, pa.int32()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.asarray(days, np.int64), true_of(column.is_valid())


def instants_of(table: pa.Table, code: str) -> Int64:
    """Microseconds since 1970 in UTC of an instant column, 0 where blank."""
    numbers = pc.cast(table.column(code).combine_chunks(), pa.int64()).fill_null(0)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def joined(*texts: pa.Array | str) -> pa.Array:
    """Texts side by side, one for each row; null counts as an ellipsis."""
    parts = [one if isinstance(one, str) else one.fill_null("…") for one in texts]
    return pc.binary_join_element_wise(*parts, "")
