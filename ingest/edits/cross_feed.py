"""Bills against the roster (the accepted accounts of the same company): shown to both sides, never blocking."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.log import EditLog
from ingest.edits.rows import fixed_text
from ingest.edits.tables import fixed_of, log_places
from ingest.standard import Column, Feed
from ingest.values.cells import Bool, Int64, shown_texts

_AREAS = {"floor": "floor_area_m2", "usable": "usable_area_m2", "inner": "inner_area_m2"}

#: Columns of the bills that each edit against the roster reads.
ROSTER_NEEDS: dict[str, tuple[str, ...]] = {
    "CRO01": ("account_no",),
    "CRO02": ("account_no", "category"),
    "CRO03": ("account_no", "billing_method"),
    "CRO04": ("account_no", "billed_area_m2", "area_basis"),
    "CRO05": ("account_no", "meter_no"),
    "CRO07": ("account_no", "heating_state", "service_from"),
    "CRO08": ("account_no", "service_from"),
    "CRO09": ("account_no", "storey_height_m"),
}


def run_roster_rules(table: pa.Table, feed: Feed, roster: pa.Table, log: EditLog) -> None:
    """Compares every bill with the roster's row of its account. Bills without one are CRO01 and not compared further;
    bills whose area the roster does not have in their basis are listed as not evaluated."""
    accounts = roster.column("account_no").combine_chunks()
    account_no = table.column("account_no").combine_chunks()
    found = pc.index_in(account_no, value_set=accounts)
    known = _mask(found.is_valid())
    unknown = np.flatnonzero(~known & _mask(account_no.is_valid()))
    if log.binding("CRO01"):
        log_places(table, feed, log, "CRO01", "account_no", unknown, "")
    for edit_id, compare in _COMPARISONS.items():
        if not log.binding(edit_id):
            continue
        if unknown.size:
            log.skipped(edit_id, {"CRO01"}, int(unknown.size))
        compare(table, feed, roster, found, log)


def _category(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    _same_text(table, feed, roster, found, log, "CRO02", "category")


def _method(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    _same_text(table, feed, roster, found, log, "CRO03", "billing_method")


def _meter(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    """A meter number on the bill must be the roster's; a bill may leave it out."""
    theirs = roster.column("meter_no").combine_chunks().take(found)
    ours = table.column("meter_no").combine_chunks()
    differs = _mask(pc.not_equal(ours, theirs.fill_null("")).fill_null(False)) & _mask(found.is_valid())
    places = np.flatnonzero(differs)
    log_places(table, feed, log, "CRO05", "meter_no", places, theirs.take(pa.array(places)))


def _same_text(
    table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog, edit_id: str, code: str
) -> None:
    theirs = roster.column(code).combine_chunks().take(found)
    differs = pc.not_equal(table.column(code).combine_chunks(), theirs).fill_null(False)
    places = np.flatnonzero(_mask(differs))
    zh, en = _in_words(feed.column(code), theirs.take(pa.array(places)))
    log_places(table, feed, log, edit_id, code, places, zh, en)


def _in_words(column: Column, codes: pa.Array) -> tuple[pa.Array, pa.Array]:
    """Codes with their words, Chinese and English: 居民（residential） and Residential (residential)."""
    known = pa.array([one.code for one in column.codes], pa.string())
    place = pc.index_in(codes.cast(pa.string()), value_set=known)
    zh = pa.array([f"{one.zh}（{one.code}）" for one in column.codes], pa.string())
    en = pa.array([f"{one.en} ({one.code})" for one in column.codes], pa.string())
    return zh.take(place), en.take(place)


def _area(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    """The billed area is the roster's area of the same basis, exactly."""
    billed, has_billed = fixed_of(table, "billed_area_m2")
    basis = table.column("area_basis").combine_chunks()
    index: Int64 = np.asarray(found.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    lacking = 0
    for word, code in _AREAS.items():
        of_basis = _mask(pc.equal(basis, word).fill_null(False)) & _mask(found.is_valid()) & has_billed
        if not of_basis.any():
            continue
        theirs, filled = fixed_of(roster, code)
        lacking += int(np.count_nonzero(of_basis & ~filled[index]))
        places = np.flatnonzero(of_basis & filled[index] & (theirs[index] != billed))
        log_places(table, feed, log, "CRO04", "billed_area_m2", places, fixed_text(theirs[index[places]], 2))
    if lacking:
        log.skipped("CRO04", {"no_roster_value"}, lacking)


def _heating_state(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    """Heated where the roster has the account suspended since before the service, or suspended where the roster heats it."""
    theirs = roster.column("heating_state").combine_chunks().take(found)
    suspended = _mask(pc.equal(theirs, "suspended").fill_null(False))
    billed_off = _mask(pc.equal(table.column("heating_state").combine_chunks(), "suspended").fill_null(False))
    since = roster.column("suspended_from").combine_chunks().take(found)
    begun = _mask(pc.less_equal(since, table.column("service_from").combine_chunks()).fill_null(False))
    both = _mask(found.is_valid()) & _mask(table.column("heating_state").combine_chunks().is_valid())
    places = np.flatnonzero(both & np.where(suspended, ~billed_off & begun, billed_off))
    zh, en = _in_words(feed.column("heating_state"), theirs.take(pa.array(places)))
    log_places(table, feed, log, "CRO07", "heating_state", places, zh, en)


def _closed(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    closed = roster.column("closed_on").combine_chunks().take(found)
    after = pc.greater(table.column("service_from").combine_chunks(), closed).fill_null(False)
    places = np.flatnonzero(_mask(after))
    log_places(table, feed, log, "CRO08", "service_from", places, shown_texts(closed.take(pa.array(places))))


def _height(table: pa.Table, feed: Feed, roster: pa.Table, found: pa.Array, log: EditLog) -> None:
    """A storey height on the bill must be the roster's where the roster has one."""
    theirs = roster.column("storey_height_m").combine_chunks().take(found)
    differs = pc.not_equal(table.column("storey_height_m").combine_chunks(), theirs).fill_null(False)
    places = np.flatnonzero(_mask(differs))
    log_places(
        table, feed, log, "CRO09", "storey_height_m", places, shown_texts(theirs.take(pa.array(places)))
    )


def _mask(array: pa.Array) -> Bool:
    return np.asarray(array.to_numpy(zero_copy_only=False), np.bool_)


_COMPARISONS: dict[str, Callable[[pa.Table, Feed, pa.Table, pa.Array, EditLog], None]] = {
    "CRO02": _category,
    "CRO03": _method,
    "CRO04": _area,
    "CRO05": _meter,
    "CRO07": _heating_state,
    "CRO08": _closed,
    "CRO09": _height,
}
