"""The first reading of each meter against the last one of the filings before, and meters of suspended accounts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.comparing import BesideRule, Others, days_of, instants_of, true_of
from ingest.edits.log import EditLog
from ingest.edits.readings_sequence import Sequence
from ingest.edits.rows import fixed_text, months_of
from ingest.edits.tables import fixed_of, log_places
from ingest.edits.thresholds import fixed, whole
from ingest.standard import Feed
from ingest.standard.period import Period
from ingest.values.cells import LOCAL_OFFSET, Bool, Int64

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_WINTER = (12, 1, 2)
_COLUMNS = ("meter_no", "read_at", "energy", "energy_unit", "event")
_LONGEST = 366 * 24  # hours; with it no product below leaves 64 bits for registers under 10**14


@dataclass(frozen=True)
class Joint:
    """The file's readings with the last earlier one of each meter after them. ``pairs`` are the places in the sequence of
    those that join the two: the earlier reading before the file's first."""

    sequence: Sequence
    here: int

    @classmethod
    def of(cls, table: pa.Table, others: Others) -> Joint:
        ours = table.select(list(_COLUMNS))
        parts = [ours]
        if "readings" in others:
            parts.append(_last_before(ours, others))
        return cls(Sequence.of(pa.concat_tables(parts).combine_chunks()), table.num_rows)

    @property
    def is_joint(self) -> Bool:
        joint: Bool = (self.sequence.before >= self.here) & (self.sequence.after < self.here)
        return joint


def _last_before(ours: pa.Table, others: Others) -> pa.Table:
    """Of every meter of the file the last reading in force before its first one here."""
    meters = ours.column("meter_no").combine_chunks().dictionary_encode()
    known = true_of(meters.is_valid()) & true_of(ours.column("read_at").is_valid())
    number = np.asarray(meters.indices.fill_null(0).to_numpy(zero_copy_only=False), np.int64)
    first = np.full(len(meters.dictionary), np.iinfo(np.int64).max, np.int64)
    np.minimum.at(first, number[known], instants_of(ours, "read_at")[known])
    kept = ours.slice(0, 0)
    for filed in others["readings"].each(*_COLUMNS):
        place = pc.index_in(
            filed.column("meter_no").combine_chunks(), value_set=meters.dictionary, skip_nulls=True
        )
        meter = place.fill_null(0).to_numpy(zero_copy_only=False)
        at = instants_of(filed, "read_at")
        earlier = (
            true_of(place.is_valid()) & true_of(filed.column("read_at").is_valid()) & (at < first[meter])
        )
        both = pa.concat_tables([kept, filed.filter(pa.array(earlier))]).combine_chunks()
        kept = _last_of_each(both)
    return kept


def _last_of_each(table: pa.Table) -> pa.Table:
    numbers = table.column("meter_no").combine_chunks().dictionary_encode().indices
    meter = np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)
    order = np.lexsort((instants_of(table, "read_at"), meter))
    last = order[np.concatenate((meter[order][1:] != meter[order][:-1], [True]))] if len(order) else order
    return table.take(pa.array(last))


def _below_earlier(joint: Joint, period: Period) -> tuple[Bool, pa.Array]:
    advance, known = joint.sequence.energy
    return joint.is_joint & known & (advance < 0), _earlier(joint)


def _gap_to_earlier(joint: Joint, period: Period) -> tuple[Bool, pa.Array]:
    """So many times the usual distance of the meter's readings in the file, and more than a day."""
    elapsed = joint.sequence.elapsed
    usual = joint.sequence.medians(elapsed, ~joint.is_joint)
    times = whole("RDX04.times_usual", period)
    hit = joint.is_joint & (usual > 0) & (elapsed > times * usual) & (elapsed > _DAY)
    return hit, _hours(elapsed)


def _stuck_since_earlier(joint: Joint, period: Period) -> tuple[Bool, pa.Array]:
    advance, known = joint.sequence.energy
    elapsed = joint.sequence.elapsed
    ends = instants_of(joint.sequence.table, "read_at")[joint.sequence.after]
    winter = np.isin(months_of((ends + LOCAL_OFFSET) // _DAY), _WINTER)
    still = known & (advance == 0) & (elapsed >= whole("RDX05.hours", period) * _HOUR)
    return joint.is_joint & still & winter, _hours(elapsed)


def _jump_since_earlier(joint: Joint, period: Period) -> tuple[Bool, pa.Array]:
    """So many times the heat an hour that the meter's own readings in the file show, and no trifle: below the least energy,
    in the meter's unit, a jump is rounding."""
    sequence = joint.sequence
    advance, known = sequence.energy
    hours = np.clip(sequence.elapsed // _HOUR, 1, _LONGEST)
    usual = sequence.medians(np.where(known, advance // hours, 0), known & ~joint.is_joint & (advance > 0))
    hit = joint.is_joint & known & (usual > 0) & (advance >= fixed("RDX06.least_energy", period, 3))
    hit &= advance // hours // whole("RDX06.times_usual", period) >= np.maximum(usual, 1)
    return hit, _earlier(joint)


def _earlier(joint: Joint) -> pa.Array:
    value, _ = fixed_of(joint.sequence.table, "energy")
    return fixed_text(value[joint.sequence.before], 3)


def _hours(elapsed: Int64) -> pa.Array:
    return pc.cast(pa.array(elapsed // _HOUR, pa.int64()), pa.string())


def _rule(edit_id: str, code: str, judged: Callable[[Joint, Period], tuple[Bool, pa.Array]]) -> BesideRule:
    def compare(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
        joint = others.once("joint", lambda: Joint.of(table, others))
        mask, detail = judged(joint, log.period)
        hit = np.flatnonzero(mask)
        places = joint.sequence.after[hit]
        log_places(table, feed, log, edit_id, code, places, detail.take(pa.array(hit)))

    needs = ("meter_no", "read_at") if code == "read_at" else _COLUMNS
    return BesideRule(edit_id, "readings", needs, ("readings",), compare)


def _heat_while_suspended(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """Energy advances after the day from which the only account of the meter is suspended; told once for each meter."""
    roster = others["accounts"].whole("meter_no", "account_no", "heating_state", "suspended_from")
    roster = roster.filter(roster.column("meter_no").is_valid())
    heated = roster.filter(pc.equal(roster.column("heating_state"), "on")).column("meter_no").combine_chunks()
    off = roster.filter(pc.invert(pc.is_in(roster.column("meter_no"), value_set=heated)))
    since, dated = days_of(off, "suspended_from")
    sequence = Sequence.of(table)
    advance, known = sequence.energy
    found = pc.index_in(
        table.column("meter_no").combine_chunks(),
        value_set=off.column("meter_no").combine_chunks(),
        skip_nulls=True,
    )
    place = np.asarray(found.fill_null(0).to_numpy(zero_copy_only=False), np.int64)[sequence.before]
    day = (instants_of(table, "read_at")[sequence.before] + LOCAL_OFFSET) // _DAY
    if not len(since):
        return
    hit = (
        known
        & (advance > 0)
        & true_of(found.is_valid())[sequence.before]
        & dated[place]
        & (day >= since[place])
    )
    pairs = np.flatnonzero(hit)
    last = (
        pairs[np.concatenate((sequence.meter[pairs][1:] != sequence.meter[pairs][:-1], [True]))]
        if pairs.size
        else pairs
    )
    accounts = off.column("account_no").combine_chunks().take(pa.array(place[last]))
    log_places(table, feed, log, edit_id, "energy", sequence.after[last], accounts)


READING_BESIDE_RULES: tuple[BesideRule, ...] = (
    _rule("RDX03", "energy", _below_earlier),
    _rule("RDX04", "read_at", _gap_to_earlier),
    _rule("RDX05", "energy", _stuck_since_earlier),
    _rule("RDX06", "energy", _jump_since_earlier),
    BesideRule("RDX07", "readings", _COLUMNS, ("accounts",), _heat_while_suspended),
)
