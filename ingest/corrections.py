"""Partial corrections: the rows that change, each bound to the row it replaces, and the whole filing rebuilt from them.

The form of a correction is the feed's own with two columns in front: ``action`` (add, change, withdraw) and
``expected_digest``, the digest of the row in force that is changed or withdrawn. A row that somebody changed meanwhile has
another digest, so a correction never lands on it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv

from ingest.edits.log import EditLog
from ingest.edits.tables import keys_of
from ingest.standard import Column, Feed, correction_columns, schema_of
from ingest.values.cells import Bool, Int64

_SEPARATOR = "\x1f"  # edit N03 keeps it out of every value
_AT_ONCE = 50_000
ADD, CHANGE, WITHDRAW = "add", "change", "withdraw"


@dataclass(frozen=True, slots=True)
class Corrected:
    """The whole filing after a correction, and how many rows it added, changed and withdrew."""

    table: pa.Table
    added: int
    changed: int
    withdrawn: int


def correction_form(feed: Feed) -> Feed:
    """The feed as its corrections are filed: what a withdrawn row leaves blank is not required."""
    columns = tuple(replace(column, required=column.code in feed.key) for column in feed.columns)
    return replace(feed, columns=(*correction_columns(), *columns))


def row_digests(table: pa.Table, feed: Feed) -> pa.Array:
    """The digest of each row: SHA-256, in lower-case hexadecimal, of ``code=value`` for every column that is filled, in the
    order of the standard, joined by U+001F, in UTF-8. Values stand as the standard stores them: decimals with all their
    places, dates ``2025-12-03``, instants in UTC with six decimals of a second."""
    digests: list[str] = []
    for start in range(0, table.num_rows, _AT_ONCE):
        part = table.slice(start, _AT_ONCE)
        said = [
            pc.binary_join_element_wise(f"{column.code}=", exact_texts(part.column(column.code)), "")
            for column in feed.columns
        ]
        whole = pc.binary_join_element_wise(*said, _SEPARATOR, null_handling="skip")
        digests += [hashlib.sha256(text.encode()).hexdigest() for text in whole.to_pylist()]
    return pa.array(digests, pa.string())


def exact_texts(column: pa.ChunkedArray) -> pa.Array:
    """Every value as text without any loss; null stays null."""
    array = column.combine_chunks()
    if pa.types.is_timestamp(array.type):
        return pc.strftime(pc.cast(array, pa.timestamp("us")), "%Y-%m-%dT%H:%M:%SZ")
    return pc.cast(array, pa.string())


def corrected(form: pa.Table, base: pa.Table, feed: Feed, log: EditLog) -> Corrected:
    """``base`` with the rows of ``form`` added, changed and withdrawn: rows that stay keep their order, added ones stand at
    the end, numbered anew. What cannot be done is logged (COR01 to COR05, K01, V10), and the table then means nothing."""
    keys, old_keys = keys_of(form, feed), _whole(keys_of(base, feed))
    place = pc.index_in(_whole(keys), value_set=old_keys)
    known = _true(place.is_valid())
    adds = _true(pc.equal(form.column("action"), ADD))
    withdraws = _true(pc.equal(form.column("action"), WITHDRAW))
    _log_required(form, feed, ~withdraws, log)
    _log_repeated(form, feed, log)
    _log(form, feed, log, "COR01", "action", ~adds & ~known)
    _log(form, feed, log, "COR03", "action", adds & known)
    _judge_digests(form, base, feed, place, adds, log)
    touched = place.filter(pa.array(known & ~adds)).to_numpy()
    return Corrected(
        _rebuilt(form, base, feed, place, touched, adds, withdraws),
        int(np.count_nonzero(adds)),
        int(np.count_nonzero(~adds & ~withdraws)),
        int(np.count_nonzero(withdraws)),
    )


def write_whole(table: pa.Table, feed: Feed, path: Path) -> None:
    """The rows as a standard file: UTF-8, a header of codes, every value exact. Equal rows give equal bytes."""
    columns = {column.code: exact_texts(table.column(column.code)) for column in feed.columns}
    filled = {
        code: texts
        for code, texts in columns.items()
        if feed.column(code).required or texts.null_count < len(texts)
    }
    with path.open("wb") as file:
        pacsv.write_csv(pa.table(filled), file)


def _rebuilt(
    form: pa.Table, base: pa.Table, feed: Feed, place: pa.Array, touched: Int64, adds: Bool, withdraws: Bool
) -> pa.Table:
    codes = [column.code for column in feed.columns]
    stays = np.ones(base.num_rows, np.bool_)
    stays[touched] = False
    changes = ~adds & ~withdraws & _true(place.is_valid())
    order = base.column("source_row").to_numpy().astype(np.int64)
    at = np.concatenate(
        (
            order[stays],
            order[place.filter(pa.array(changes)).to_numpy()],
            int(order.max(initial=0)) + 1 + np.arange(int(np.count_nonzero(adds))),
        )
    )
    parts = [base.filter(pa.array(stays)), form.filter(pa.array(changes)), form.filter(pa.array(adds))]
    rows = pa.concat_tables([part.select(codes) for part in parts]).take(
        pa.array(np.argsort(at, kind="stable"))
    )
    numbers = pa.array(np.arange(1, rows.num_rows + 1), pa.int32())
    return rows.add_column(0, "source_row", numbers).cast(schema_of(feed))


def _judge_digests(
    form: pa.Table, base: pa.Table, feed: Feed, place: pa.Array, adds: Bool, log: EditLog
) -> None:
    expected = _whole(form.column("expected_digest"))
    given = _true(expected.is_valid())
    _log(form, feed, log, "COR04", "expected_digest", ~adds & ~given)
    _log(form, feed, log, "COR05", "expected_digest", adds & given)
    asked = np.flatnonzero(~adds & given & _true(place.is_valid()))
    found = row_digests(base.take(place.take(pa.array(asked))), feed)
    differs = _true(pc.not_equal(expected.take(pa.array(asked)), found))
    _log_places(form, feed, log, "COR02", "expected_digest", asked[differs], found.filter(pa.array(differs)))


def _log_required(form: pa.Table, feed: Feed, stands: Bool, log: EditLog) -> None:
    for column in feed.columns:
        if column.required and column.code not in feed.key:
            blank = _true(_whole(form.column(column.code)).is_null())
            _log(form, feed, log, "V10", column.code, stands & blank)


def _log_repeated(form: pa.Table, feed: Feed, log: EditLog) -> None:
    numbers = (
        _whole(keys_of(form, feed)).dictionary_encode().indices.fill_null(-1).to_numpy(zero_copy_only=False)
    )
    _, first, inverse = np.unique(numbers, return_index=True, return_inverse=True)
    repeated = np.flatnonzero((numbers >= 0) & (first[inverse] != np.arange(len(numbers))))
    rows = form.column("source_row").to_numpy()[first[inverse][repeated]]
    _log_places(
        form, feed, log, "K01", feed.key[-1], repeated, pc.cast(pa.array(rows + log.row_offset), pa.string())
    )


def _log(form: pa.Table, feed: Feed, log: EditLog, edit_id: str, code: str, hit: Bool) -> None:
    _log_places(form, feed, log, edit_id, code, np.flatnonzero(hit), "")


def _log_places(
    form: pa.Table, feed: Feed, log: EditLog, edit_id: str, code: str, places: Int64, detail: pa.Array | str
) -> None:
    if not places.size:
        return
    taken = form.take(pa.array(places))
    rows = form.column("source_row").to_numpy()[places]
    values = exact_texts(taken.column(code)).fill_null("")
    log.hits(edit_id, rows, _whole(keys_of(taken, feed)), _column(feed, code), values, detail)


def _column(feed: Feed, code: str) -> Column:
    return correction_form(feed).column(code)


def _whole(texts: pa.Array | pa.ChunkedArray) -> pa.Array:
    return texts.combine_chunks() if isinstance(texts, pa.ChunkedArray) else texts


def _true(array: pa.Array | pa.ChunkedArray) -> Bool:
    return np.asarray(_whole(array).fill_null(False).to_numpy(zero_copy_only=False), np.bool_)
