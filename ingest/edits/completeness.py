"""Who is missing: accounts without a bill, settlements not made, accounts that left the roster; each listed by its key."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.comparing import EARLIER_ACCOUNTS, BesideRule, Others, joined, log_missing
from ingest.edits.log import EditLog
from ingest.standard import Feed

_ROSTER = (
    "account_no", "community", "building", "billing_method", "heating_state", "meter_no", "connected_on", "closed_on",
)  # fmt: skip


def expected_accounts(roster: pa.Table, first: dt.date, last: dt.date) -> pa.Table:
    """The accounts of a roster that are heated, were connected by ``last`` and not closed before ``first``."""
    heated = pc.equal(roster.column("heating_state"), "on")
    connected = pc.less_equal(roster.column("connected_on"), pa.scalar(last))
    closed = pc.fill_null(pc.less(roster.column("closed_on"), pa.scalar(first)), False)
    return roster.filter(pc.and_(pc.and_(heated, connected), pc.invert(closed)))


def without(expected: pa.Table, *billed: pa.ChunkedArray) -> pa.Table:
    """The accounts that none of the columns of account numbers has."""
    for numbers in billed:
        known = pa.array(pc.unique(numbers).drop_null())
        expected = expected.filter(pc.invert(pc.is_in(expected.column("account_no"), value_set=known)))
    return expected


def _account_without_bill(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """With the settlement of a season every heated account has a bill of the season, here or in a month's filing."""
    expected = _expected(table, others)
    billed = [table.column("account_no")]
    if "bills" in others:
        bills = others["bills"].whole("account_no", "season")
        billed.append(bills.filter(pc.equal(bills.column("season"), log.period.text)).column("account_no"))
    missing = without(expected, *billed)
    place = joined(
        missing.column("community").combine_chunks(), " ", missing.column("building").combine_chunks()
    )
    log_missing(feed, log, edit_id, "account_no", missing.column("account_no"), place)


def _settlement_missing(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    expected = _expected(table, others)
    metered = expected.filter(pc.equal(expected.column("billing_method"), "metered"))
    bills = table.select(["account_no", "kind"])
    settled = bills.filter(pc.is_in(bills.column("kind"), value_set=pa.array(["settlement", "correction"])))
    missing = without(metered, settled.column("account_no"))
    log_missing(feed, log, edit_id, "account_no", missing.column("account_no"), missing.column("meter_no"))


def _expected(table: pa.Table, others: Others) -> pa.Table:
    """The heated accounts connected by the last day of service that the file bills."""
    roster = others["accounts"].whole(*_ROSTER)
    last = pc.max(table.column("service_to")).as_py()
    first = pc.min(table.column("service_from")).as_py()
    if last is None or first is None:
        return roster.slice(0, 0)
    return expected_accounts(roster, first, last)


def _billed_account_missing(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """Accounts with bills in force of the season that the roster does not have."""
    bills = others["bills"].whole("account_no", "bill_no", "season")
    bills = bills.filter(pc.equal(bills.column("season"), log.period.text))
    known = table.column("account_no").combine_chunks().drop_null()
    lost = bills.filter(pc.invert(pc.is_in(bills.column("account_no"), value_set=known)))
    first = lost.group_by("account_no").aggregate([("bill_no", "min")]).sort_by("account_no")
    log_missing(feed, log, edit_id, "account_no", first.column("account_no"), first.column("bill_no_min"))


def _account_vanished(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """Open accounts of the roster of the season before that this one does not list any more."""
    before = others[EARLIER_ACCOUNTS].whole("account_no", "community", "building", "closed_on")
    lost = without(before.filter(before.column("closed_on").is_null()), table.column("account_no"))
    place = joined(lost.column("community").combine_chunks(), " ", lost.column("building").combine_chunks())
    log_missing(feed, log, edit_id, "account_no", lost.column("account_no"), place)


_BILLED = ("account_no", "service_from", "service_to")

COMPLETENESS_RULES: tuple[BesideRule, ...] = (
    BesideRule("BIX09", "bills", _BILLED, ("accounts",), _account_without_bill, None, ("bills",)),
    BesideRule("BIX10", "bills", (*_BILLED, "kind"), ("accounts",), _settlement_missing),
    BesideRule("ACX01", "accounts", ("account_no",), ("bills",), _billed_account_missing),
    BesideRule("ACX02", "accounts", ("account_no",), (EARLIER_ACCOUNTS,), _account_vanished),
)
