"""A bill against the other bills of its account: those of the file and those in force of the season's other filings."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.comparing import BesideRule, Compare, Filed, Others, days_of, joined, true_of
from ingest.edits.log import EditLog
from ingest.edits.rows import fixed_text
from ingest.edits.tables import fixed_of, keys_of, log_places, numbers_of
from ingest.standard import FEEDS, Feed, season_of
from ingest.values.cells import Bool, Int64, date_array, shown_texts

_SERVICE = ("account_no", "season", "kind", "service_from", "service_to")
_SAME = (*_SERVICE, "total")
_METER = ("meter_no", "season", "heat_unit")
_GROUP = 1 << 20  # more than any day since 1970


@dataclass(frozen=True)
class History:
    """The bills of the file (the first ``here``) and after them those in force of the season's other filings."""

    here: int
    filed: tuple[pa.Table, ...]
    earlier: Filed

    @classmethod
    def of(cls, table: pa.Table, others: Others) -> History:
        # Of the others no more is kept than what it reads: they keep it, and two that keep each other outlast their use.
        earlier = others["bills"] if "bills" in others else Filed()
        return others.once("history of bills", lambda: cls(table.num_rows, (table,), earlier))

    def columns(self, *codes: str) -> pa.Table:
        """Those columns of all bills; what is in force is read for each call, so that nothing wide is kept."""
        parts = [table.select(list(codes)) for table in self.filed]
        if self.earlier.tables:
            parts.append(self.earlier.whole(*codes))
        return pa.concat_tables(parts)

    @cached_property
    def stands(self) -> Bool:
        """Bills of a service: no corrections, and none that a correction has replaced."""
        bills = self.columns("bill_no", "kind", "corrects_bill_no")
        stands = ~true_of(pc.equal(bills.column("kind"), "correction"))
        corrected = bills.column("corrects_bill_no").combine_chunks().drop_null()
        if len(corrected):
            stands &= ~true_of(pc.is_in(bills.column("bill_no"), value_set=corrected))
        return np.asarray(stands, np.bool_)

    @cached_property
    def ordered(self) -> Services:
        bills = self.columns(*_SAME)
        group = np.where(self.stands, numbers_of(bills, ("account_no", "season", "kind")), -1)
        start, started = days_of(bills, "service_from")
        end, ended = days_of(bills, "service_to")
        total, _ = fixed_of(bills, "total")
        places = np.flatnonzero((group >= 0) & started & ended)
        keys = (places < self.here, total[places], end[places], start[places], group[places])
        order = places[np.lexsort(keys)]
        return Services(order, group[order], start[order], end[order], total[order])

    @cached_property
    def twins(self) -> tuple[Int64, Int64]:
        """Rows of the file that bill a service and total once more, and the earlier bill of each: bills in force are earlier
        than those of the file."""
        services = self.ordered
        first = np.maximum.accumulate(np.where(services.repeats, 0, np.arange(len(services.order))))
        again = np.flatnonzero(services.repeats & (services.order < self.here))
        return services.order[again], services.order[first[again]]

    @cached_property
    def neighbours(self) -> tuple[Int64, Int64, Int64, Int64]:
        """Services of one account, season and kind in the order of time, each against what came before it: place of the
        earlier one that lasts longest, place of the later one, last day of the earlier and first day of the later. Of bills
        of one service and total only the first is seen: the others are told as such."""
        services = self.ordered.kept(~self.ordered.repeats)
        if not len(services.order):
            return services.order, services.order, services.start, services.end
        rank = np.cumsum(np.concatenate(([0], services.group[1:] != services.group[:-1])))
        reach = rank * _GROUP + services.end
        furthest = np.maximum.accumulate(reach)
        holder = np.maximum.accumulate(np.where(reach == furthest, np.arange(len(rank)), 0))[:-1]
        same = rank[1:] == rank[:-1]
        before, after = holder[same], np.flatnonzero(same) + 1
        return services.order[before], services.order[after], services.end[before], services.start[after]

    def reported(self, before: Int64, after: Int64, hit: Bool) -> tuple[Int64, Int64]:
        """For each hit pair the row of the file to report, the later where both are, and its counterpart."""
        before, after = before[hit], after[hit]
        row = np.where(after < self.here, after, before)
        other = np.where(after < self.here, before, after)
        known = row < self.here
        return row[known], other[known]

    def bill_numbers(self, places: Int64) -> pa.Array:
        return self.columns("bill_no").column("bill_no").take(pa.array(places)).combine_chunks()


@dataclass(frozen=True, slots=True)
class Services:
    """Bills by account, season and kind, first day, last day and total; those in force before those of the file. ``order``
    are their places."""

    order: Int64
    group: Int64
    start: Int64
    end: Int64
    total: Int64

    @property
    def repeats(self) -> Bool:
        """Where a bill is the one before it once more."""
        same = np.zeros(len(self.order), np.bool_)
        if len(same):
            columns = (self.group, self.start, self.end, self.total)
            same[1:] = np.logical_and.reduce([one[1:] == one[:-1] for one in columns])
        return same

    def kept(self, mask: Bool) -> Services:
        return Services(
            self.order[mask], self.group[mask], self.start[mask], self.end[mask], self.total[mask]
        )


def _billed_again(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    history = History.of(table, others)
    places, first = history.twins
    own, earlier = history.bill_numbers(places), history.bill_numbers(first)
    other = true_of(pc.not_equal(own, earlier))  # a number used twice is told as such (K01, K02)
    log_places(table, feed, log, edit_id, "total", places[other], earlier.filter(pa.array(other)))


def _service_overlap(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    history = History.of(table, others)
    before, after, last, first = history.neighbours
    places, other = history.reported(before, after, first <= last)
    own, earlier = history.bill_numbers(places), history.bill_numbers(other)
    differs = true_of(pc.not_equal(own, earlier))  # a number used twice is told as such (K01, K02)
    log_places(table, feed, log, edit_id, "service_from", places[differs], earlier.filter(pa.array(differs)))


def _service_gap(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    history = History.of(table, others)
    before, after, last, first = history.neighbours
    hit = first > last + 1
    places, _ = history.reported(before, after, hit)
    shown = hit & ((after < history.here) | (before < history.here))
    log_places(table, feed, log, edit_id, "service_from", places, _days(last[shown] + 1, first[shown] - 1))


def _days(first: Int64, last: Int64) -> pa.Array:
    every = np.ones(len(first), np.bool_)
    return joined(shown_texts(date_array(first, every)), " – ", shown_texts(date_array(last, every)))


def _not_continued(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """Two bills of one meter that follow each other in a season: the later begins where the earlier ended."""
    history = History.of(table, others)
    bills = history.columns(*_METER, "service_from", "reading_from", "reading_to")
    opening, opened = fixed_of(bills, "reading_from")
    closing, closed = fixed_of(bills, "reading_to")
    start, started = days_of(bills, "service_from")
    seen = opened & closed & started & history.stands
    if not seen.any():
        return
    group = numbers_of(bills, _METER)
    places = np.flatnonzero(seen & (group >= 0))
    order = places[np.lexsort((start[places], group[places]))]
    before, after = order[:-1], order[1:]
    follows = (group[before] == group[after]) & (start[before] < start[after])
    hit = follows & (closing[before] != opening[after])
    rows, _ = history.reported(before, after, hit)
    shown = hit & ((after < history.here) | (before < history.here))
    # Told of the later bill: where the earlier ended. Told of the earlier: where the later begins.
    own = np.where(after < history.here, closing[before], opening[after])[shown]
    for code, mine in (("reading_from", True), ("reading_to", False)):
        of_code = (after < history.here)[shown] == mine
        log_places(table, feed, log, edit_id, code, rows[of_code], fixed_text(own[of_code], 3))


def _corrections(table: pa.Table, log: EditLog, edit_id: str) -> tuple[pa.Table, Int64]:
    """The corrections of the period's season and their places; those of other seasons are listed as not evaluated."""
    named = true_of(table.column("corrects_bill_no").is_valid())
    season = season_of(log.period.first_day).text
    of_season = true_of(pc.equal(table.column("season"), season))
    elsewhere = int(np.count_nonzero(named & ~of_season))
    if elsewhere:
        log.skipped(edit_id, {"other_season"}, elsewhere)
    places = np.flatnonzero(named & of_season)
    return table.take(pa.array(places)), places


def _corrected_unknown(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    corrections, places = _corrections(table, log, edit_id)
    if not len(places):
        return
    numbers = History.of(table, others).columns("bill_no").column("bill_no").combine_chunks().drop_null()
    unknown = ~true_of(pc.is_in(corrections.column("corrects_bill_no"), value_set=numbers))
    if "bills" in others:
        log_places(table, feed, log, edit_id, "corrects_bill_no", places[unknown], "")
    elif unknown.any():
        log.skipped(edit_id, {"no_bills"}, int(np.count_nonzero(unknown)))


def _corrected_account(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    corrections, places = _corrections(table, log, edit_id)
    if not len(places):
        return
    bills = History.of(table, others).columns("bill_no", "account_no")
    numbers = bills.column("bill_no").combine_chunks()
    found = pc.index_in(
        corrections.column("corrects_bill_no").combine_chunks(), value_set=numbers, skip_nulls=True
    )
    if found.null_count:
        log.skipped(edit_id, {"BIX04" if "bills" in others else "no_bills"}, found.null_count)
    theirs = bills.column("account_no").combine_chunks().take(found)
    differs = np.flatnonzero(true_of(pc.not_equal(corrections.column("account_no").combine_chunks(), theirs)))
    log_places(table, feed, log, edit_id, "account_no", places[differs], theirs.take(pa.array(differs)))


def _key_used(code: str) -> Compare:
    """The key of a row is that of a row in another period's filing of the same feed."""

    def compare(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
        if code not in others:
            return
        theirs = keys_of(others[code].whole(*feed.key), feed)
        mine = keys_of(table, feed)
        used = true_of(pc.is_in(mine, value_set=theirs.drop_null()))
        log_places(table, feed, log, edit_id, feed.key[-1], np.flatnonzero(used), "")

    return compare


def _own(edit_id: str, needs: tuple[str, ...], compare: Compare, root: str | None = None) -> BesideRule:
    return BesideRule(edit_id, "bills", needs, (), compare, root, ("bills",))


_NAMED_ONCE = ("bills", "payments", "service_requests", "outages")
_CONTINUED = ("kind", *_METER, "service_from", "reading_from", "reading_to", "corrects_bill_no")

BILL_HISTORY_RULES: tuple[BesideRule, ...] = (
    _own("BIX01", (*_SAME, "corrects_bill_no"), _billed_again),
    _own("BIX02", (*_SERVICE, "corrects_bill_no"), _service_overlap),
    _own("BIX03", (*_SERVICE, "corrects_bill_no"), _service_gap),
    _own("BIX04", ("season", "corrects_bill_no"), _corrected_unknown),
    _own("BIX05", ("season", "account_no", "corrects_bill_no"), _corrected_account, "BIX04"),
    _own("BIX06", _CONTINUED, _not_continued),
    *(BesideRule("K02", code, FEEDS[code].key, (), _key_used(code), None, (code,)) for code in _NAMED_ONCE),
)
