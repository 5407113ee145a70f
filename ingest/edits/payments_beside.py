"""Payments and refunds against the bills they name and against what was paid before."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.comparing import (
    BesideRule,
    Compare,
    Others,
    days_of,
    index_of,
    log_missing,
    place_of,
    skip_unknown,
    true_of,
)
from ingest.edits.log import EditLog
from ingest.edits.rows import days, fixed_text
from ingest.edits.tables import fixed_of, log_places
from ingest.standard import Feed
from ingest.values.cells import Bool, Int64, shown_texts

_PAID = ("bill_no", "kind", "amount")
_INTO = ("payment", "credit", "reversal")  # a reversal is negative and takes a payment back


def _found(table: pa.Table, others: Others, log: EditLog, edit_id: str) -> tuple[Bool, Int64]:
    """Where the bill that a row names is in force, and its place."""

    def look_up() -> pa.Array:
        return place_of(table, others["bills"].whole("bill_no"), "bill_no")

    found = others.once("bill of the row", look_up)
    skip_unknown(table, "bill_no", found, log, edit_id, "PAX01")
    return true_of(found.is_valid()), index_of(found)


def _is(table: pa.Table, kind: str) -> Bool:
    return true_of(pc.equal(table.column("kind"), kind))


def _above_in_all(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """The payments, credits and reversals of a bill in this file and those in force come to more than its total; told of
    the last payment of the file. A single payment above the total is PAX03."""
    bills = others["bills"].whole("bill_no", "total")
    known, index = _found(table, others, log, edit_id)
    total, filled = fixed_of(bills, "total")
    if not len(total):
        return
    paid = np.zeros(len(total), np.int64)
    amount, has_amount = fixed_of(table, "amount")
    into = known & has_amount & true_of(pc.is_in(table.column("kind"), value_set=pa.array(_INTO)))
    np.add.at(paid, index[into], amount[into])
    if "payments" in others:
        for earlier in others["payments"].each(*_PAID):
            place = place_of(earlier, bills, "bill_no")
            before, has = fixed_of(earlier, "amount")
            theirs = true_of(place.is_valid()) & has
            theirs &= true_of(pc.is_in(earlier.column("kind"), value_set=pa.array(_INTO)))
            np.add.at(paid, index_of(place)[theirs], before[theirs])
    hit = into & _is(table, "payment") & filled[index] & (paid[index] > total[index])
    hit &= amount <= total[index]
    places = np.flatnonzero(hit)
    last = np.full(len(total), -1, np.int64)
    np.maximum.at(last, index[places], places)
    places = places[last[index[places]] == places]
    detail = fixed_text(paid[index[places]], 2)
    log_places(table, feed, log, edit_id, "amount", places, detail)


def _before_issue(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    bills = others["bills"].whole("issued_on")
    known, index = _found(table, others, log, edit_id)
    issued, dated = days_of(bills, "issued_on")
    if not len(issued):
        return
    paid_on, has = days_of(table, "paid_on")
    places = np.flatnonzero(known & has & _is(table, "payment") & dated[index] & (paid_on < issued[index]))
    texts = shown_texts(bills.column("issued_on").combine_chunks().take(pa.array(index[places])))
    log_places(table, feed, log, edit_id, "paid_on", places, texts)


def _paid_twice(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """A payment of the bill's whole total, whose total an earlier filing or an earlier row of this file has paid already."""
    bills = others["bills"].whole("bill_no", "total")
    known, index = _found(table, others, log, edit_id)
    total, filled = fixed_of(bills, "total")
    if not len(total):
        return
    amount, has = fixed_of(table, "amount")
    whole = known & has & filled[index] & _is(table, "payment") & (amount == total[index]) & (amount > 0)
    paid = np.zeros(len(total), np.bool_)
    if "payments" in others:
        for earlier in others["payments"].each(*_PAID):
            place = place_of(earlier, bills, "bill_no")
            before, has_before = fixed_of(earlier, "amount")
            theirs = true_of(place.is_valid()) & has_before & _is(earlier, "payment")
            of_bill = index_of(place)
            paid[of_bill[theirs & (before == total[of_bill])]] = True
    places = np.flatnonzero(whole)
    first = np.full(len(total), len(amount), np.int64)
    np.minimum.at(first, index[places], places)
    again = places[paid[index[places]] | (first[index[places]] != places)]
    log_places(table, feed, log, edit_id, "bill_no", again, fixed_text(total[index[again]], 2))


def _payment_missing(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """Bills filed as paid within the period of which the file has no payment: none of the bill, none of its account."""
    bills = others["bills"].whole("bill_no", "account_no", "paid_on", "total")
    paid_on, dated = days_of(bills, "paid_on")
    total, filled = fixed_of(bills, "total")
    first, last = days(log.period.first_day), days(log.period.last_day)
    due = dated & filled & (total > 0) & (paid_on >= first) & (paid_on <= last)
    for code in ("bill_no", "account_no"):
        named = table.column(code).combine_chunks().drop_null()
        due &= ~true_of(pc.is_in(bills.column(code), value_set=named))
    missing = bills.filter(pa.array(due))
    keys = missing.column("bill_no")
    log_missing(feed, log, edit_id, "bill_no", keys, shown_texts(missing.column("paid_on").combine_chunks()))


def _refund_above(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """More is given back than the bill came to; of a settlement, more than was prepaid on it."""
    bills = others["bills"].whole("total", "prepaid")
    known, index = _found(table, others, log, edit_id)
    total, filled = fixed_of(bills, "total")
    prepaid, has_prepaid = fixed_of(bills, "prepaid")
    if not len(total):
        return
    amount, has = fixed_of(table, "amount")
    size = np.maximum(np.abs(total), np.where(has_prepaid, prepaid, 0))[index]
    places = np.flatnonzero(known & has & filled[index] & _is(table, "refund") & (-amount > size))
    log_places(table, feed, log, edit_id, "amount", places, fixed_text(size[places], 2))


def _refund_not_correction(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """A refund that names a correction pays out what the correction takes back."""
    bills = others["bills"].whole("kind", "total")
    known, index = _found(table, others, log, edit_id)
    total, filled = fixed_of(bills, "total")
    if not len(total):
        return
    amount, has = fixed_of(table, "amount")
    negative = filled[index] & (total[index] < 0) & _is(bills, "correction")[index]
    differs = negative & (amount != total[index]) & (-amount <= np.abs(total[index]))
    places = np.flatnonzero(known & has & _is(table, "refund") & differs)
    log_places(table, feed, log, edit_id, "amount", places, fixed_text(total[index[places]], 2))


def _rule(edit_id: str, needs: tuple[str, ...], compare: Compare, *optional: str) -> BesideRule:
    return BesideRule(edit_id, "payments", needs, ("bills",), compare, "PAX01", optional)


PAYMENT_BESIDE_RULES: tuple[BesideRule, ...] = (
    _rule("PAX04", _PAID, _above_in_all, "payments"),
    _rule("PAX05", ("bill_no", "kind", "paid_on"), _before_issue),
    _rule("PAX06", _PAID, _paid_twice, "payments"),
    BesideRule("PAX07", "payments", ("bill_no", "account_no"), ("bills",), _payment_missing),
    _rule("PAX08", _PAID, _refund_above),
    _rule("PAX09", _PAID, _refund_not_correction),
)
