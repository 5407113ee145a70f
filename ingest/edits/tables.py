"""Rules over the whole table: keys that repeat, amounts far from their kind, one amount throughout."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.log import EditLog
from ingest.edits.rows import KEY_JOINT, fixed_text
from ingest.edits.thresholds import whole
from ingest.standard import Feed
from ingest.values.cells import Bool, Int64, shown_texts

#: Fen over 0.01 m2, times this, is 0.01 fen for each m2, cut off; totals within 10**14 fen cannot overflow.
_PER_M2 = 10_000


@dataclass(frozen=True, slots=True)
class TableRule:
    """One edit over the typed table. ``run`` logs its hits; rows whose ``needs`` were refused are null and not seen."""

    edit_id: str
    feeds: tuple[str, ...]
    needs: tuple[str, ...]
    run: Callable[[pa.Table, Feed, EditLog], None]


def fixed_of(table: pa.Table, code: str) -> tuple[Int64, Bool]:
    """The integers of a decimal column (units of its scale), 0 where null, and where it is filled."""
    column = table.column(code).combine_chunks()
    filled = np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
    data = column.buffers()[1]
    if data is None or len(column) == 0:
        return np.zeros(len(column), np.int64), filled
    words = np.frombuffer(data, np.int64)[column.offset * 2 : (column.offset + len(column)) * 2 : 2]
    return np.where(filled, words, 0), filled


def keys_of(table: pa.Table, feed: Feed) -> pa.Array:
    """The key of each row as texts; parts of a key of several columns are joined by ``|``. Null where a part is missing."""
    parts = [shown_texts(table.column(code).combine_chunks()) for code in feed.key]
    return parts[0] if len(parts) == 1 else pc.binary_join_element_wise(*parts, KEY_JOINT)


def log_places(
    table: pa.Table,
    feed: Feed,
    log: EditLog,
    edit_id: str,
    code: str,
    places: Int64,
    detail: pa.Array | str,
    detail_en: pa.Array | str | None = None,
) -> None:
    """Logs hits at places of the table; ``detail_en`` where English says the detail otherwise."""
    if not places.size:
        return
    taken = pa.array(places)
    rows = table.column("source_row").to_numpy()[places]
    taken_rows = table.take(taken)
    values = shown_texts(taken_rows.column(code).combine_chunks())
    keys = keys_of(taken_rows, feed)
    log.hits(edit_id, rows, keys, feed.column(code), values.fill_null(""), detail, detail_en)


def _duplicate_key(table: pa.Table, feed: Feed, log: EditLog) -> None:
    column = keys_of(table, feed)
    distinct = pc.unique(column)
    if len(distinct) - distinct.null_count == len(column) - column.null_count:
        return
    encoded = column.dictionary_encode()
    filled = np.asarray(column.is_valid().to_numpy(zero_copy_only=False))
    index = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    rows = table.column("source_row").to_numpy()
    first = np.full(len(encoded.dictionary), np.iinfo(np.int32).max, np.int32)
    np.minimum.at(first, index[filled], rows[filled])
    repeated = np.flatnonzero(filled & (first[index] != rows))
    detail = pc.cast(pa.array(first[index[repeated]] + log.row_offset), pa.string())
    log_places(table, feed, log, "K01", feed.key[-1], repeated, detail)


def numbers_of(table: pa.Table, codes: tuple[str, ...]) -> Int64:
    """One number for each combination of codes; -1 where one is missing."""
    kind = np.zeros(table.num_rows, np.int64)
    missing = np.zeros(table.num_rows, np.bool_)
    for code in codes:
        encoded = table.column(code).combine_chunks().dictionary_encode()
        missing |= np.asarray(encoded.is_null().to_numpy(zero_copy_only=False))
        place = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
        kind = kind * (len(encoded.dictionary) + 1) + place
    return np.where(missing, -1, kind)


def _amount_outlier(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """Bills above so many times the median of CNY for each m2 among bills of their category, method and kind. Corrections and
    suspended supply are left out: their amounts follow no area price."""
    total, has_total = fixed_of(table, "total")
    area, has_area = fixed_of(table, "billed_area_m2")
    kind = numbers_of(table, ("category", "billing_method", "kind", "heating_state"))
    plain = np.asarray(
        pc.not_equal(table.column("kind"), "correction")
        .fill_null(False)
        .combine_chunks()
        .to_numpy(zero_copy_only=False)
    )
    heated = np.asarray(
        pc.equal(table.column("heating_state"), "on")
        .fill_null(False)
        .combine_chunks()
        .to_numpy(zero_copy_only=False)
    )
    seen = has_total & has_area & (area > 0) & (kind >= 0) & plain & heated
    per_m2 = np.where(seen, total * _PER_M2 // np.maximum(area, 1), 0)
    least, times = (whole(f"QUA03.{name}", log.period) for name in ("least_bills", "times_median"))
    for one in np.unique(kind[seen]):
        places = np.flatnonzero(seen & (kind == one))
        if places.size < least:
            continue
        amounts = per_m2[places]
        median = int(np.partition(amounts, amounts.size // 2)[amounts.size // 2])
        far = places[amounts > times * max(median, 1)]
        log_places(table, feed, log, "QUA03", "total", far, _yuan(median // 100))


def _one_total(table: pa.Table, feed: Feed, log: EditLog) -> None:
    total, has_total = fixed_of(table, "total")
    area, has_area = fixed_of(table, "billed_area_m2")
    seen = has_total & has_area
    if np.count_nonzero(seen) < whole("MAC01.least_bills", log.period):
        return
    amounts, areas = total[seen], area[seen]
    if (amounts == amounts[0]).all() and not (areas == areas[0]).all():
        words = _yuan(int(amounts[0]))
        none = pa.array([""], pa.string())
        log.hits("MAC01", np.zeros(1, np.int32), none, feed.column("total"), pa.array([words]), words)


def _yuan(fen: int) -> str:
    return str(fixed_text(np.array([fen], np.int64), 2)[0].as_py())


TABLE_RULES: tuple[TableRule, ...] = (
    TableRule("K01", (), (), _duplicate_key),
    TableRule(
        "QUA03",
        ("bills",),
        ("total", "billed_area_m2", "category", "billing_method", "kind", "heating_state"),
        _amount_outlier,
    ),
    TableRule("MAC01", ("bills",), ("total", "billed_area_m2"), _one_total),
)


def needs_of(rule: TableRule, feed: Feed) -> tuple[str, ...]:
    """The columns a rule reads; a rule without a list of its own reads the key."""
    return rule.needs or feed.key
