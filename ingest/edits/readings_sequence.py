"""Edits on the readings of one meter in the order of time: each reading against the one before it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.log import EditLog
from ingest.edits.readings import HEAT_OF_WATER
from ingest.edits.rows import fixed_text, months_of
from ingest.edits.tables import TableRule, fixed_of, log_places
from ingest.edits.thresholds import fixed, whole
from ingest.standard import Feed
from ingest.values.cells import LOCAL_OFFSET, Bool, Int64

_HOUR = 3_600_000_000
_DAY = 24 * _HOUR
_WINTER = (12, 1, 2)
_ENOUGH_ADVANCES = 5
_BREAKS = ("installed", "replaced", "reset", "rollover")


@dataclass(frozen=True)
class Sequence:
    """The rows with a meter and an instant, by meter and time. ``before`` and ``after`` are the places in the table of two
    readings of one meter that follow each other."""

    table: pa.Table
    before: Int64
    after: Int64
    meter: Int64

    @classmethod
    def of(cls, table: pa.Table) -> Sequence:
        meters = table.column("meter_no").combine_chunks().dictionary_encode().indices
        known = pc.and_(meters.is_valid(), table.column("read_at").combine_chunks().is_valid())
        places = np.flatnonzero(known.to_numpy(zero_copy_only=False))
        number = meters.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)
        order = places[np.lexsort((_instants(table)[places], number[places]))]
        same = number[order][1:] == number[order][:-1]
        return cls(table, order[:-1][same], order[1:][same], number[order][1:][same])

    def advance(self, code: str) -> tuple[Int64, Bool]:
        """What the register advanced by, in units of its scale, and where both readings have it."""
        value, filled = fixed_of(self.table, code)
        return value[self.after] - value[self.before], filled[self.after] & filled[self.before]

    @cached_property
    def elapsed(self) -> Int64:
        """Microseconds between the two readings."""
        instants = _instants(self.table)
        return instants[self.after] - instants[self.before]

    @cached_property
    def has_break(self) -> Bool:
        """Where an event explains that the register begins anew."""
        event = self.table.column("event").combine_chunks()
        is_break = _true(pc.is_in(event, value_set=pa.array(_BREAKS)))
        return is_break[self.after] | _true(pc.equal(event, "removed"))[self.before]

    @cached_property
    def same_unit(self) -> Bool:
        unit = self.table.column("energy_unit").combine_chunks().dictionary_encode().indices
        number = unit.fill_null(-1).to_numpy(zero_copy_only=False)
        same: Bool = (number[self.after] == number[self.before]) & (number[self.after] >= 0)
        return same

    @cached_property
    def energy(self) -> tuple[Int64, Bool]:
        """The advance of energy, and where it can be told: one unit, no break."""
        advance, both = self.advance("energy")
        return advance, both & self.same_unit & ~self.has_break

    def medians(self, values: Int64, seen: Bool) -> Int64:
        """For each pair the median of ``values`` over the seen pairs of its meter; 0 where they are fewer than five."""
        result = np.zeros(len(values), np.int64)
        if not seen.any():
            return result
        order = np.flatnonzero(seen)[np.lexsort((values[seen], self.meter[seen]))]
        meters, starts, counts = np.unique(self.meter[order], return_index=True, return_counts=True)
        middle = values[order][starts + counts // 2]
        middle = np.where(counts >= _ENOUGH_ADVANCES, middle, 0)
        place = np.clip(np.searchsorted(meters, self.meter), 0, len(meters) - 1)
        return np.where(meters[place] == self.meter, middle[place], 0)


def runs(sequence: Sequence, holds: Bool) -> tuple[Int64, Int64]:
    """Runs of pairs of one meter for which ``holds`` is true throughout: first and last pair of each."""
    if not holds.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    joined = holds[1:] & holds[:-1] & (sequence.meter[1:] == sequence.meter[:-1])
    joined &= sequence.after[:-1] == sequence.before[1:]
    first = np.flatnonzero(holds & ~np.concatenate(([False], joined)))
    last = np.flatnonzero(holds & ~np.concatenate((joined, [False])))
    return first, last


def _negative_advance(table: pa.Table, feed: Feed, log: EditLog) -> None:
    sequence = Sequence.of(table)
    advance, known = sequence.energy
    _log(sequence, feed, log, "RDS01", "energy", known & (advance < 0))


def _identical(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """So many readings on end with energy, volume and both temperatures the same to the last digit."""
    sequence = Sequence.of(table)
    holds = np.ones(len(sequence.after), np.bool_)
    for code in ("energy", "volume_m3", "supply_temp_c", "return_temp_c"):
        advance, both = sequence.advance(code)
        holds &= both & (advance == 0)
    first, last = runs(sequence, holds)
    long = last - first + 2 >= whole("RDS02.readings", log.period)
    count = (last - first + 2)[long]
    log_places(table, feed, log, "RDS02", "energy", sequence.after[last[long]], _texts(count))


def _zero_in_season(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """No advance for so many hours that end in December to February."""
    sequence = Sequence.of(table)
    advance, known = sequence.energy
    first, last = runs(sequence, known & (advance == 0))
    instants = _instants(table)
    ends = instants[sequence.after[last]]
    hours = (ends - instants[sequence.before[first]]) // _HOUR
    winter = np.isin(months_of((ends + LOCAL_OFFSET) // _DAY), _WINTER)
    long = (hours >= whole("RDS03.hours", log.period)) & winter
    log_places(table, feed, log, "RDS03", "energy", sequence.after[last[long]], _texts(hours[long]))


def _negative_volume(table: pa.Table, feed: Feed, log: EditLog) -> None:
    sequence = Sequence.of(table)
    advance, both = sequence.advance("volume_m3")
    _log(sequence, feed, log, "RDS04", "volume_m3", both & ~sequence.has_break & (advance < 0))


def _impossible_hours(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """More than the hours elapsed and one, or backwards."""
    sequence = Sequence.of(table)
    advance, both = sequence.advance("operating_hours")
    most = (sequence.elapsed + _HOUR) // (_HOUR // 100)
    hit = np.flatnonzero(both & ~sequence.has_break & ((advance < 0) | (advance > most)))
    places = sequence.after[hit]
    elapsed = fixed_text(sequence.elapsed[hit] // (_HOUR // 100), 2)
    log_places(table, feed, log, "RDS05", "operating_hours", places, elapsed)


def _energy_not_volume(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """Energy used in kWh against 1.163 × volume × mean temperature difference of both readings. Below the least energy,
    rounding of volume and temperatures is larger than what is compared."""
    least, times = fixed("RDS06.least_energy", log.period, 3), whole("RDS06.times", log.period)
    sequence = Sequence.of(table)
    energy, known = sequence.energy
    volume, both = sequence.advance("volume_m3")
    in_kwh = _true(pc.equal(table.column("energy_unit").combine_chunks(), "kWh"))[sequence.after]
    known = known & both & in_kwh & (energy >= least) & (volume >= 0)
    difference = np.zeros(len(energy), np.int64)
    for code, sign in (("supply_temp_c", 1), ("return_temp_c", -1)):
        value, filled = fixed_of(table, code)
        known = known & filled[sequence.after] & filled[sequence.before]
        difference = difference + sign * (value[sequence.after] + value[sequence.before])
    # 0.001 m3 × 0.005 K × 1.163 kWh, back to 0.001 kWh
    expected = np.where(known, volume * difference // 200 * HEAT_OF_WATER // 1000, 0)
    hit = np.flatnonzero(known & ((energy > times * expected) | (times * energy < expected)))
    log_places(table, feed, log, "RDS06", "energy", sequence.after[hit], fixed_text(expected[hit], 3))


def _unit_changed(table: pa.Table, feed: Feed, log: EditLog) -> None:
    sequence = Sequence.of(table)
    units = table.column("energy_unit").combine_chunks()
    filled = _true(units.is_valid())
    both = filled[sequence.after] & filled[sequence.before]
    hit = np.flatnonzero(both & ~sequence.same_unit & ~sequence.has_break)
    earlier = units.take(pa.array(sequence.before[hit]))
    log_places(table, feed, log, "RDS07", "energy_unit", sequence.after[hit], earlier)


def _unit_slip(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """More than so many (300) times the median advance of the meter: 1000 and 277.8 lie between the units of energy."""
    sequence = Sequence.of(table)
    advance, known = sequence.energy
    usual = sequence.medians(advance, known & (advance > 0))
    times = whole("RDS08.times_usual", log.period)
    hit = np.flatnonzero(known & (usual > 0) & (advance // times >= np.maximum(usual, 1)))
    log_places(table, feed, log, "RDS08", "energy", sequence.after[hit], fixed_text(usual[hit], 3))


def _rollover_without_fall(table: pa.Table, feed: Feed, log: EditLog) -> None:
    sequence = Sequence.of(table)
    advance, both = sequence.advance("energy")
    rolled = _true(pc.equal(table.column("event").combine_chunks(), "rollover"))[sequence.after]
    _log(sequence, feed, log, "RDS09", "energy", both & sequence.same_unit & rolled & (advance >= 0))


def _transposed(table: pa.Table, feed: Feed, log: EditLog) -> None:
    """A reading outside its neighbours that two neighbouring digits, exchanged, put between them; the first such pair."""
    sequence = Sequence.of(table)
    _, known = sequence.energy
    value, _ = fixed_of(table, "energy")
    linked = known[1:] & known[:-1] & (sequence.after[:-1] == sequence.before[1:])
    low, middle, high = (
        value[sequence.before[:-1]],
        value[sequence.after[:-1]],
        value[sequence.after[1:]],
    )
    odd = np.flatnonzero(linked & (low <= high) & ((middle < low) | (middle > high)))
    proposed = np.full(len(odd), -1, np.int64)
    for exponent in range(3, 15):
        power = 10**exponent
        ones, tens = middle[odd] // power % 10, middle[odd] // (10 * power) % 10
        swapped = middle[odd] + (ones - tens) * 9 * power
        fits = (swapped >= low[odd]) & (swapped <= high[odd]) & (proposed < 0)
        proposed = np.where(fits, swapped, proposed)
    found = proposed >= 0
    places = sequence.after[:-1][odd[found]]
    log_places(table, feed, log, "RDS10", "energy", places, fixed_text(proposed[found], 3))


def _gap(table: pa.Table, feed: Feed, log: EditLog) -> None:
    sequence = Sequence.of(table)
    elapsed = sequence.elapsed
    usual = sequence.medians(elapsed, np.ones(len(elapsed), np.bool_))
    times = whole("RDS11.times_usual", log.period)
    hit = np.flatnonzero((usual > 0) & (elapsed > times * usual) & (elapsed > _DAY))
    log_places(table, feed, log, "RDS11", "read_at", sequence.after[hit], _texts(elapsed[hit] // _HOUR))


def _mostly_estimated(table: pa.Table, feed: Feed, log: EditLog) -> None:
    kinds = table.column("kind").combine_chunks()
    known = len(kinds) - kinds.null_count
    actual = int(np.count_nonzero(_true(pc.equal(kinds, "actual"))))
    if known >= whole("MAC02.least_readings", log.period) and 2 * actual < known:
        said = f"{actual} / {known}"
        none = pa.array([""], pa.string())
        log.hits("MAC02", np.zeros(1, np.int32), none, feed.column("kind"), pa.array([said]), said)


def _log(sequence: Sequence, feed: Feed, log: EditLog, edit_id: str, code: str, mask: Bool) -> None:
    """Logs the later reading of each pair with the earlier value as its detail."""
    hit = np.flatnonzero(mask)
    value, _ = fixed_of(sequence.table, code)
    earlier = fixed_text(value[sequence.before[hit]], feed.column(code).scale)
    log_places(sequence.table, feed, log, edit_id, code, sequence.after[hit], earlier)


def _instants(table: pa.Table) -> Int64:
    numbers = pc.cast(table.column("read_at").combine_chunks(), pa.int64()).fill_null(0)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def _true(array: pa.Array) -> Bool:
    return np.asarray(array.fill_null(False).to_numpy(zero_copy_only=False), np.bool_)


def _texts(numbers: Int64) -> pa.Array:
    return pc.cast(pa.array(numbers, pa.int64()), pa.string())


_ENERGY = ("meter_no", "read_at", "energy", "energy_unit", "event")
_WITNESS = (*_ENERGY, "volume_m3", "supply_temp_c", "return_temp_c")
_FEED = ("readings",)

SEQUENCE_RULES: tuple[TableRule, ...] = (
    TableRule("RDS01", _FEED, _ENERGY, _negative_advance),
    TableRule("RDS02", _FEED, _WITNESS, _identical),
    TableRule("RDS03", _FEED, _ENERGY, _zero_in_season),
    TableRule("RDS04", _FEED, ("meter_no", "read_at", "volume_m3", "event"), _negative_volume),
    TableRule("RDS05", _FEED, ("meter_no", "read_at", "operating_hours", "event"), _impossible_hours),
    TableRule("RDS06", _FEED, _WITNESS, _energy_not_volume),
    TableRule("RDS07", _FEED, _ENERGY, _unit_changed),
    TableRule("RDS08", _FEED, _ENERGY, _unit_slip),
    TableRule("RDS09", _FEED, _ENERGY, _rollover_without_fall),
    TableRule("RDS10", _FEED, _ENERGY, _transposed),
    TableRule("RDS11", _FEED, ("meter_no", "read_at"), _gap),
    TableRule("MAC02", _FEED, ("kind",), _mostly_estimated),
)
