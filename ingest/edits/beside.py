"""A feed against another feed of the same company: shown to both sides, never blocking."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.bills_history import BILL_HISTORY_RULES
from ingest.edits.bills_metered import BILL_METER_RULES
from ingest.edits.comparing import (
    BesideRule,
    Compare,
    Others,
    index_of,
    log_missing,
    place_of,
    skip_unknown,
    true_of,
)
from ingest.edits.completeness import COMPLETENESS_RULES
from ingest.edits.log import EditLog
from ingest.edits.payments_beside import PAYMENT_BESIDE_RULES
from ingest.edits.readings_beside import READING_BESIDE_RULES
from ingest.edits.rows import fixed_text
from ingest.edits.tables import fixed_of, log_places
from ingest.edits.thresholds import whole
from ingest.standard import Feed


def compared_with(feed: str) -> tuple[str, ...]:
    """The feeds that ``feed`` is compared with, besides what bills are compared with on the roster."""
    rules = [rule for rule in BESIDE_RULES if rule.feed == feed]
    return tuple(dict.fromkeys(other for rule in rules for other in (*rule.others, *rule.optional)))


def run_beside_rules(table: pa.Table, feed: Feed, others: Others, log: EditLog) -> None:
    """Evaluates every rule of the feed whose other feeds are there; the others are listed as not evaluated."""
    for rule in BESIDE_RULES:
        if rule.feed != feed.code or not log.binding(rule.edit_id):
            continue
        lacking = [other for other in rule.others if other not in others]
        if lacking:
            log.skipped(rule.edit_id, {_lack(other) for other in lacking}, 0)
        else:
            rule.compare(table, feed, others, log, rule.edit_id)


def _lack(other: str) -> str:
    return "no_roster" if other == "accounts" else f"no_{other}"


def _unknown(other: str, code: str, other_code: str) -> Compare:
    def compare(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
        theirs = others[other].whole(other_code)
        ours = table.column(code).combine_chunks()
        found = pc.is_in(ours, value_set=theirs.column(other_code).combine_chunks().drop_null())
        log_places(
            table, feed, log, edit_id, code, np.flatnonzero(true_of(ours.is_valid()) & ~true_of(found)), ""
        )

    return compare


def _differs(other: str, key: str, code: str, root: str) -> Compare:
    """The text of ``code`` must be that of the other feed's row of the same ``key``."""

    def compare(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
        filed = others[other].whole(key, code)
        found = place_of(table, filed, key)
        skip_unknown(table, key, found, log, edit_id, root)
        theirs = filed.column(code).combine_chunks().take(found)
        unlike = true_of(pc.not_equal(table.column(code).combine_chunks(), theirs))
        places = np.flatnonzero(unlike)
        log_places(table, feed, log, edit_id, code, places, theirs.take(pa.array(places)))

    return compare


def _above_the_bill(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    bills = others["bills"].whole("bill_no", "total")
    found = place_of(table, bills, "bill_no")
    skip_unknown(table, "bill_no", found, log, edit_id, "PAX01")
    total, filled = fixed_of(bills, "total")
    amount, has_amount = fixed_of(table, "amount")
    index = index_of(found)
    paid = true_of(pc.equal(table.column("kind").combine_chunks(), "payment")) & has_amount
    known = true_of(found.is_valid()) & paid
    if not len(total):
        return
    places = np.flatnonzero(known & filled[index] & (amount > total[index]))
    log_places(table, feed, log, edit_id, "amount", places, fixed_text(total[index[places]], 2))


def _meter_missing(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """Meters of open, metered and heated accounts on the roster of which the file has no reading."""
    roster = others["accounts"].whole(
        "account_no", "billing_method", "heating_state", "closed_on", "meter_no"
    )
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
    log_missing(feed, log, edit_id, "meter_no", missing.column("meter_no"), missing.column("account_no"))


def _network_missing(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    roster = others["accounts"].whole("network_code")
    networks = pc.unique(roster.column("network_code").combine_chunks().drop_null())
    known = pc.is_in(networks, value_set=table.column("network_code").combine_chunks().drop_null())
    missing = networks.filter(pc.invert(known))
    log_missing(feed, log, edit_id, "network_code", missing, missing)


def _above_network(code: str, scale: int, both_ways: str | None = None) -> Compare:
    """Areas or accounts of a network against the sum over its open accounts on the roster: above it, or further away than
    the percentage of the threshold ``both_ways``."""

    def compare(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
        roster = others["accounts"].whole("network_code", "floor_area_m2", "closed_on")
        here = roster.filter(roster.column("closed_on").is_null())
        networks = here.column("network_code").combine_chunks().dictionary_encode()
        indices = networks.indices.to_numpy(zero_copy_only=False)
        weight = fixed_of(here, "floor_area_m2")[0] if scale else np.ones(len(indices), np.int64)
        sums = np.zeros(len(networks.dictionary), np.int64)
        np.add.at(sums, indices, weight)
        found = pc.index_in(table.column("network_code").combine_chunks(), value_set=networks.dictionary)
        skip_unknown(table, "network_code", found, log, edit_id, "CRO06")
        value, filled = fixed_of(table, code)
        if not len(sums):
            return
        theirs = sums[index_of(found)]
        wrong = value > theirs
        if both_ways is not None:
            wrong = 100 * np.abs(value - theirs) > whole(both_ways, log.period) * theirs
        places = np.flatnonzero(true_of(found.is_valid()) & filled & wrong)
        log_places(table, feed, log, edit_id, code, places, fixed_text(theirs[places], scale))

    return compare


def _account_unknown(feed: str) -> BesideRule:
    return BesideRule(
        "CRO01", feed, ("account_no",), ("accounts",), _unknown("accounts", "account_no", "account_no")
    )


def _network_unknown(feed: str) -> BesideRule:
    return BesideRule(
        "CRO06", feed, ("network_code",), ("accounts",), _unknown("accounts", "network_code", "network_code")
    )


_BILL_OF_PAYMENT = ("account_no", "bill_no")

BESIDE_RULES: tuple[BesideRule, ...] = (
    BesideRule(
        "RDX01", "readings", ("meter_no",), ("accounts",), _unknown("accounts", "meter_no", "meter_no")
    ),
    BesideRule("RDX02", "readings", ("meter_no",), ("accounts",), _meter_missing),
    _account_unknown("room_temperatures"),
    BesideRule(
        "RTX01",
        "room_temperatures",
        ("request_no",),
        ("service_requests",),
        _unknown("service_requests", "request_no", "request_no"),
    ),
    _account_unknown("payments"),
    BesideRule("PAX01", "payments", ("bill_no",), ("bills",), _unknown("bills", "bill_no", "bill_no")),
    BesideRule(
        "PAX02",
        "payments",
        _BILL_OF_PAYMENT,
        ("bills",),
        _differs("bills", "bill_no", "account_no", "PAX01"),
        "PAX01",
    ),
    BesideRule("PAX03", "payments", ("bill_no", "amount", "kind"), ("bills",), _above_the_bill, "PAX01"),
    _account_unknown("service_requests"),
    BesideRule(
        "REX01",
        "service_requests",
        ("account_no", "community"),
        ("accounts",),
        _differs("accounts", "account_no", "community", "CRO01"),
        "CRO01",
    ),
    *(_network_unknown(feed) for feed in ("outages", "network_days", "costs")),
    BesideRule(
        "OUX01",
        "outages",
        ("network_code", "area_affected_m2"),
        ("accounts",),
        _above_network("area_affected_m2", 2),
        "CRO06",
    ),
    BesideRule(
        "OUX02",
        "outages",
        ("network_code", "accounts_affected"),
        ("accounts",),
        _above_network("accounts_affected", 0),
        "CRO06",
    ),
    BesideRule(
        "NWX01",
        "network_days",
        ("network_code", "supplied_area_m2"),
        ("accounts",),
        _above_network("supplied_area_m2", 2, "NWX01.percent"),
        "CRO06",
    ),
    BesideRule("NWX02", "network_days", ("network_code",), ("accounts",), _network_missing),
    BesideRule(
        "REX02",
        "service_requests",
        ("account_no", "building"),
        ("accounts",),
        _differs("accounts", "account_no", "building", "CRO01"),
        "CRO01",
    ),
    BesideRule(
        "COX01",
        "costs",
        ("network_code", "supplied_area_m2"),
        ("accounts",),
        _above_network("supplied_area_m2", 2, "COX01.percent"),
        "CRO06",
    ),
    BesideRule("COX02", "costs", ("network_code",), ("accounts",), _network_missing),
    *BILL_HISTORY_RULES,
    *BILL_METER_RULES,
    *PAYMENT_BESIDE_RULES,
    *READING_BESIDE_RULES,
    *COMPLETENESS_RULES,
)
