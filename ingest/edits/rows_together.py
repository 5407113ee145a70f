"""Edits on rows of one file that speak of the same thing: twice the same, overlapping, contradicting each other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.log import EditLog
from ingest.edits.rows import fixed_text
from ingest.edits.tables import TableRule, fixed_of, log_places, numbers_of
from ingest.edits.thresholds import whole
from ingest.standard import Feed
from ingest.values.cells import Bool, Int64

_HEAT_SOURCES = ("fuel", "purchased_heat", "power")
_PAYMENT = ("account_no", "paid_on", "kind", "amount")
_REQUEST = ("account_no", "received_at", "topic")


def _first_alike(numbers: Int64) -> Int64:
    """For each row the place of the first row with its number; its own place where the number is -1."""
    places = np.arange(len(numbers))
    _, first, index = np.unique(numbers, return_index=True, return_inverse=True)
    return np.where(numbers < 0, places, first[index] if len(numbers) else places)


def _log_repeated(table: pa.Table, feed: Feed, log: EditLog, edit_id: str, codes: tuple[str, ...]) -> None:
    first = _first_alike(numbers_of(table, codes))
    repeated = np.flatnonzero(first != np.arange(len(first)))
    log_places(table, feed, log, edit_id, codes[-1], repeated, _rows(table, first[repeated], log))


def _duplicate_payment(table: pa.Table, feed: Feed, log: EditLog) -> None:
    _log_repeated(table, feed, log, "PAY05", _PAYMENT)


def _duplicate_request(table: pa.Table, feed: Feed, log: EditLog) -> None:
    _log_repeated(table, feed, log, "REQ08", _REQUEST)


def _one_temperature(table: pa.Table, feed: Feed, log: EditLog) -> None:
    value, filled = fixed_of(table, "room_temp_c")
    seen = value[filled]
    if len(seen) >= whole("MAC03.least_temperatures", log.period) and (seen == seen[0]).all():
        said = str(fixed_text(seen[:1], 2)[0].as_py())
        none = pa.array([""], pa.string())
        log.hits("MAC03", np.zeros(1, np.int32), none, feed.column("room_temp_c"), pa.array([said]), said)


def _overlap(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """An outage that begins before an earlier one of its network has ended; one without an end still lasts."""
    network = numbers_of(table, ("network_code",))
    start, started = _instants(table, "started_at")
    end, ended = _instants(table, "ended_at")
    end = np.where(ended, end, np.iinfo(np.int64).max)
    places = np.flatnonzero(started & (network >= 0))
    order = places[np.lexsort((start[places], network[places]))]
    latest: dict[int, int] = {}
    hit: list[int] = []
    other: list[int] = []
    for place in order.tolist():
        before = latest.get(int(network[place]))
        if before is not None and start[place] < end[before]:
            hit.append(place)
            other.append(before)
        if before is None or end[place] > end[before]:
            latest[int(network[place])] = place
    named = table.column("outage_no").combine_chunks().take(pa.array(other, pa.int64()))
    log_places(table, feed, log, "OUT06", "started_at", np.array(hit, np.int64), named)


def _areas_differ(table: pa.Table, feed: Feed, log: EditLog) -> None:
    first = _first_alike(numbers_of(table, ("network_code",)))
    area, filled = fixed_of(table, "supplied_area_m2")
    differs = np.flatnonzero(filled & filled[first] & (area != area[first]))
    log_places(table, feed, log, "COS05", "supplied_area_m2", differs, _rows(table, first[differs], log))


def _no_source_of_heat(table: pa.Table, feed: Feed, log: EditLog) -> None:
    network = numbers_of(table, ("network_code",))
    source = _true(pc.is_in(table.column("item").combine_chunks(), value_set=pa.array(_HEAT_SOURCES)))
    without = np.setdiff1d(network[network >= 0], network[source])
    first = np.flatnonzero(np.isin(network, without) & (_first_alike(network) == np.arange(len(network))))
    log_places(table, feed, log, "COS06", "item", first, "")


def _rows(table: pa.Table, places: Int64, log: EditLog) -> pa.Array:
    """Rows of the company's own file."""
    return pc.cast(pa.array(table.column("source_row").to_numpy()[places] + log.row_offset), pa.string())


def _instants(table: pa.Table, code: str) -> tuple[Int64, Bool]:
    column = table.column(code).combine_chunks()
    numbers = pc.cast(column, pa.int64()).fill_null(0).to_numpy(zero_copy_only=False)
    return np.asarray(numbers, np.int64), _true(column.is_valid())


def _true(array: pa.Array) -> Bool:
    return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


TOGETHER_RULES: tuple[TableRule, ...] = (
    TableRule("MAC03", ("room_temperatures",), ("room_temp_c",), _one_temperature),
    TableRule("PAY05", ("payments",), _PAYMENT, _duplicate_payment),
    TableRule("REQ08", ("service_requests",), _REQUEST, _duplicate_request),
    TableRule("OUT06", ("outages",), ("network_code", "started_at", "ended_at"), _overlap),
    TableRule("COS05", ("costs",), ("network_code", "supplied_area_m2"), _areas_differ),
    TableRule("COS06", ("costs",), ("network_code", "item"), _no_source_of_heat),
)
