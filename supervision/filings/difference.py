"""What a new filing changes against the one in force: rows by key, values by field, totals to the fen."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.report import neutralised
from ingest.edits.tables import keys_of
from ingest.evidence import EvidenceStore
from ingest.standard import SCALES, Feed
from ingest.values.cells import shown_texts

SCHEMA = pa.schema(
    [
        ("change", pa.string()),
        ("key", pa.string()),
        ("field", pa.string()),
        ("before", pa.string()),
        ("after", pa.string()),
    ]
)


_BATCH = 10_000


class Change(StrEnum):
    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Difference:
    """``added`` and ``removed`` count rows, ``changed`` rows with at least one other value, ``fields`` values by
    column. ``rows`` lists every one of them (SCHEMA): removed and added ones with their total or area, then changed
    values by column."""

    added: int
    removed: int
    changed: int
    fields: dict[str, int]
    rows: pa.Table


def compare(feed: Feed, before: pa.Table, after: pa.Table) -> Difference:
    """The difference of two tables of ``feed`` whose keys are unique and present (blocking edits see to that)."""
    old_keys, new_keys = _keys(feed, before), _keys(feed, after)
    place = pc.index_in(new_keys, value_set=old_keys)
    is_added = pc.is_null(place)
    is_removed = pc.is_null(pc.index_in(old_keys, value_set=new_keys))
    kept_keys = new_keys.filter(pc.invert(is_added))
    old = before.take(place.drop_null())
    new = after.filter(pc.invert(is_added))

    parts = [
        _whole_rows(Change.REMOVED, feed, old_keys, before, is_removed),
        _whole_rows(Change.ADDED, feed, new_keys, after, is_added),
    ]
    fields: dict[str, int] = {}
    is_changed = pa.array([False] * len(kept_keys), pa.bool_())
    for column in feed.columns:
        differs = _differs(old[column.code].combine_chunks(), new[column.code].combine_chunks())
        count = pc.sum(differs).as_py() or 0
        if not count:
            continue
        fields[column.code] = count
        is_changed = pc.or_(is_changed, differs)
        parts.append(_values(column.code, kept_keys, old[column.code], new[column.code], differs))
    return Difference(
        added=parts[1].num_rows,
        removed=parts[0].num_rows,
        changed=pc.sum(is_changed).as_py() or 0,
        fields=fields,
        rows=pa.concat_tables(parts),
    )


def amounts(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """Control totals of both filings and what lies between them, as decimal text."""
    return {
        name: {
            "before": before[name],
            "after": after[name],
            "delta": format(Decimal(after[name]) - Decimal(before[name]), "f"),
        }
        for name in after
        if name in before
    }


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind, as they stand together: ``name`` is removed, added or the code of a column."""

    name: str
    start: int
    count: int


def sections(feed: Feed, known: Mapping[str, Any]) -> list[Section]:
    """The sections of a difference as it is kept, in the order of its rows; none that is empty."""
    fields = [(column.code, known["fields"].get(column.code, 0)) for column in feed.columns]
    found, start = [], 0
    for name, count in [("removed", known["removed"]), ("added", known["added"]), *fields]:
        if count:
            found.append(Section(name, start, count))
        start += count
    return found


def lines(evidence: EvidenceStore, digest: str, feed: Feed) -> Iterator[bytes]:
    """The whole difference as UTF-8 CSV, safe in a spreadsheet, some thousand lines at a time. Numbers come with what lies
    between them."""
    yield b"\xef\xbb\xbf" + _csv([("change", "key", "field", "field_zh", "before", "after", "delta")])
    names = {column.code: column.zh for column in feed.columns}
    numbers = {column.code for column in feed.columns if column.kind in SCALES}
    for batch in evidence.open_table(digest).iter_batches(batch_size=_BATCH):
        yield _csv(
            [
                (
                    one["change"], neutralised(one["key"]), one["field"], names[one["field"]],
                    neutralised(one["before"] or ""), neutralised(one["after"] or ""),
                    _delta(one["before"], one["after"]) if one["field"] in numbers else "",
                )
                for one in batch.to_pylist()
            ]
        )  # fmt: skip


def _delta(before: str | None, after: str | None) -> str:
    return format(Decimal(after or 0) - Decimal(before or 0), "f")


def _csv(rows: Sequence[Sequence[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\r\n").writerows(rows)
    return text.getvalue().encode("utf-8")


def _keys(feed: Feed, table: pa.Table) -> pa.Array:
    return keys_of(table, feed)


def _differs(old: pa.Array, new: pa.Array) -> pa.Array:
    """True where the values are not the same; blank and blank are the same."""
    unlike = pc.not_equal(old, new)
    return pc.if_else(pc.is_null(unlike), pc.not_equal(pc.is_null(old), pc.is_null(new)), unlike)


def _whole_rows(change: Change, feed: Feed, keys: pa.Array, table: pa.Table, where: pa.Array) -> pa.Table:
    """One row a row that is on one side only, with the figure that says how much it weighs."""
    shown = keys.filter(where)
    field = feed.weight_column
    weight = shown_texts(table[field].combine_chunks().filter(where))
    blank = pa.nulls(len(shown), pa.string())
    before, after = (weight, blank) if change is Change.REMOVED else (blank, weight)
    names = _repeated(field, len(shown))
    return pa.table([_repeated(change, len(shown)), shown, names, before, after], schema=SCHEMA)


def _values(
    field: str, keys: pa.Array, old: pa.ChunkedArray, new: pa.ChunkedArray, where: pa.Array
) -> pa.Table:
    shown = keys.filter(where)
    before, after = (shown_texts(side.combine_chunks().filter(where)) for side in (old, new))
    names = _repeated(field, len(shown))
    return pa.table([_repeated(Change.CHANGED, len(shown)), shown, names, before, after], schema=SCHEMA)


def _repeated(text: str, times: int) -> pa.Array:
    return pa.repeat(pa.scalar(str(text)), times)
