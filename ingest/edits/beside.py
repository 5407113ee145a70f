"""A feed against another feed of the same company: shown to both sides, never blocking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.log import EditLog
from ingest.edits.rows import fixed_text
from ingest.edits.tables import fixed_of, log_places
from ingest.standard import Feed
from ingest.values.cells import Bool, Int64

Compare = Callable[[pa.Table, Feed, pa.Table, EditLog, str], None]


@dataclass(frozen=True, slots=True)
class BesideRule:
    """One edit of ``feed`` against the rows in force of the feed ``other``. ``root`` is the edit that says that the row has
    no counterpart there: such rows are not compared."""

    edit_id: str
    feed: str
    needs: tuple[str, ...]
    other: str
    compare: Compare
    root: str | None = None


def compared_with(feed: str) -> tuple[str, ...]:
    """The feeds that ``feed`` is compared with, besides what bills are compared with on the roster."""
    return tuple(dict.fromkeys(rule.other for rule in BESIDE_RULES if rule.feed == feed))


def run_beside_rules(table: pa.Table, feed: Feed, others: dict[str, pa.Table], log: EditLog) -> None:
    """Evaluates every rule of the feed whose other feed is there; the others are listed as not evaluated."""
    for rule in BESIDE_RULES:
        if rule.feed != feed.code or not log.binding(rule.edit_id):
            continue
        if rule.other in others:
            rule.compare(table, feed, others[rule.other], log, rule.edit_id)
        else:
            because = "no_roster" if rule.other == "accounts" else f"no_{rule.other}"
            log.skipped(rule.edit_id, {because}, 0)


def _unknown(code: str, other_code: str) -> Compare:
    def compare(table: pa.Table, feed: Feed, other: pa.Table, log: EditLog, edit_id: str) -> None:
        ours = table.column(code).combine_chunks()
        found = pc.is_in(ours, value_set=other.column(other_code).combine_chunks().drop_null())
        log_places(
            table, feed, log, edit_id, code, np.flatnonzero(_true(ours.is_valid()) & ~_true(found)), ""
        )

    return compare


def _differs(key: str, code: str, root: str) -> Compare:
    """The text of ``code`` must be that of the other feed's row of the same ``key``."""

    def compare(table: pa.Table, feed: Feed, other: pa.Table, log: EditLog, edit_id: str) -> None:
        found = _place(table, other, key)
        _skip_unknown(table, key, found, log, edit_id, root)
        theirs = other.column(code).combine_chunks().take(found)
        unlike = _true(pc.not_equal(table.column(code).combine_chunks(), theirs))
        places = np.flatnonzero(unlike)
        log_places(table, feed, log, edit_id, code, places, theirs.take(pa.array(places)))

    return compare


def _above_the_bill(table: pa.Table, feed: Feed, bills: pa.Table, log: EditLog, edit_id: str) -> None:
    found = _place(table, bills, "bill_no")
    _skip_unknown(table, "bill_no", found, log, edit_id, "PAX01")
    total, filled = fixed_of(bills, "total")
    amount, has_amount = fixed_of(table, "amount")
    index = _index(found)
    paid = _true(pc.equal(table.column("kind").combine_chunks(), "payment")) & has_amount
    known = _true(found.is_valid()) & paid
    if not len(total):
        return
    places = np.flatnonzero(known & filled[index] & (amount > total[index]))
    log_places(table, feed, log, edit_id, "amount", places, fixed_text(total[index[places]], 2))


def _meter_missing(table: pa.Table, feed: Feed, roster: pa.Table, log: EditLog, edit_id: str) -> None:
    """Meters of open, metered and heated accounts on the roster of which the file has no reading."""
    wanted = pc.and_(
        pc.equal(roster.column("billing_method"), "metered"), pc.equal(roster.column("heating_state"), "on")
    )
    wanted = pc.and_(
        pc.and_(wanted, roster.column("closed_on").is_null()), roster.column("meter_no").is_valid()
    )
    expected = roster.filter(wanted.fill_null(False))
    meters = expected.column("meter_no").combine_chunks()
    read = pc.is_in(meters, value_set=table.column("meter_no").combine_chunks().drop_null())
    missing = expected.filter(pc.invert(read))
    _log_missing(feed, log, edit_id, "meter_no", missing.column("meter_no"), missing.column("account_no"))


def _network_missing(table: pa.Table, feed: Feed, roster: pa.Table, log: EditLog, edit_id: str) -> None:
    networks = pc.unique(roster.column("network_code").combine_chunks().drop_null())
    known = pc.is_in(networks, value_set=table.column("network_code").combine_chunks().drop_null())
    missing = networks.filter(pc.invert(known))
    _log_missing(feed, log, edit_id, "network_code", missing, missing)


def _above_network(code: str, scale: int, tenth_both_ways: bool) -> Compare:
    """Areas or accounts of a network against the sum over its open accounts on the roster."""

    def compare(table: pa.Table, feed: Feed, roster: pa.Table, log: EditLog, edit_id: str) -> None:
        here = roster.filter(roster.column("closed_on").is_null())
        networks = here.column("network_code").combine_chunks().dictionary_encode()
        indices = networks.indices.to_numpy(zero_copy_only=False)
        weight = fixed_of(here, "floor_area_m2")[0] if scale else np.ones(len(indices), np.int64)
        sums = np.zeros(len(networks.dictionary), np.int64)
        np.add.at(sums, indices, weight)
        found = pc.index_in(table.column("network_code").combine_chunks(), value_set=networks.dictionary)
        _skip_unknown(table, "network_code", found, log, edit_id, "CRO06")
        value, filled = fixed_of(table, code)
        if not len(sums):
            return
        theirs = sums[_index(found)]
        wrong = 10 * np.abs(value - theirs) > theirs if tenth_both_ways else value > theirs
        places = np.flatnonzero(_true(found.is_valid()) & filled & wrong)
        log_places(table, feed, log, edit_id, code, places, fixed_text(theirs[places], scale))

    return compare


def _log_missing(
    feed: Feed, log: EditLog, edit_id: str, code: str, keys: pa.Array, details: pa.Array
) -> None:
    """One hit on row 0 for each thing that the file should speak of and does not."""
    names, said = (
        one.combine_chunks() if isinstance(one, pa.ChunkedArray) else one for one in (keys, details)
    )
    log.hits(edit_id, np.zeros(len(names), np.int32), names, feed.column(code), names, said)


def _skip_unknown(table: pa.Table, key: str, found: pa.Array, log: EditLog, edit_id: str, root: str) -> None:
    unknown = int(
        np.count_nonzero(_true(table.column(key).combine_chunks().is_valid()) & ~_true(found.is_valid()))
    )
    if unknown:
        log.skipped(edit_id, {root}, unknown)


def _place(table: pa.Table, other: pa.Table, key: str) -> pa.Array:
    theirs = other.column(key).combine_chunks()
    return pc.index_in(table.column(key).combine_chunks(), value_set=theirs, skip_nulls=True)


def _index(found: pa.Array) -> Int64:
    return np.asarray(found.fill_null(0).to_numpy(zero_copy_only=False), np.int64)


def _true(array: pa.Array) -> Bool:
    return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


def _account_unknown(feed: str) -> BesideRule:
    return BesideRule("CRO01", feed, ("account_no",), "accounts", _unknown("account_no", "account_no"))


def _network_unknown(feed: str) -> BesideRule:
    return BesideRule("CRO06", feed, ("network_code",), "accounts", _unknown("network_code", "network_code"))


_BILL_OF_PAYMENT = ("account_no", "bill_no")

BESIDE_RULES: tuple[BesideRule, ...] = (
    BesideRule("RDX01", "readings", ("meter_no",), "accounts", _unknown("meter_no", "meter_no")),
    BesideRule("RDX02", "readings", ("meter_no",), "accounts", _meter_missing),
    _account_unknown("room_temperatures"),
    BesideRule(
        "RTX01",
        "room_temperatures",
        ("request_no",),
        "service_requests",
        _unknown("request_no", "request_no"),
    ),
    _account_unknown("payments"),
    BesideRule("PAX01", "payments", ("bill_no",), "bills", _unknown("bill_no", "bill_no")),
    BesideRule(
        "PAX02", "payments", _BILL_OF_PAYMENT, "bills", _differs("bill_no", "account_no", "PAX01"), "PAX01"
    ),
    BesideRule("PAX03", "payments", ("bill_no", "amount", "kind"), "bills", _above_the_bill, "PAX01"),
    _account_unknown("service_requests"),
    BesideRule(
        "REX01",
        "service_requests",
        ("account_no", "community"),
        "accounts",
        _differs("account_no", "community", "CRO01"),
        "CRO01",
    ),
    *(_network_unknown(feed) for feed in ("outages", "network_days", "costs")),
    BesideRule(
        "OUX01",
        "outages",
        ("network_code", "area_affected_m2"),
        "accounts",
        _above_network("area_affected_m2", 2, False),
        "CRO06",
    ),
    BesideRule(
        "OUX02",
        "outages",
        ("network_code", "accounts_affected"),
        "accounts",
        _above_network("accounts_affected", 0, False),
        "CRO06",
    ),
    BesideRule(
        "NWX01",
        "network_days",
        ("network_code", "supplied_area_m2"),
        "accounts",
        _above_network("supplied_area_m2", 2, True),
        "CRO06",
    ),
    BesideRule("NWX02", "network_days", ("network_code",), "accounts", _network_missing),
)
