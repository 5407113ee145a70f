"""The readings printed on bills against the meter feed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.comparing import BesideRule, Others, days_of, index_of, instants_of, joined, true_of
from ingest.edits.log import EditLog
from ingest.edits.rows import fixed_text
from ingest.edits.tables import fixed_of, log_places
from ingest.standard import Feed
from ingest.values.cells import LOCAL_OFFSET, Bool, Int64

#: One thousandth of the unit, in 0.1 J times 1000: kWh 3.6 MJ, MWh 3600 MJ, GJ 1000 MJ.
_WORTH = {"kWh": 36, "MWh": 36_000, "GJ": 10_000, "MJ": 10}
#: Larger registers (in 0.001 of their unit) are not compared: what they are worth must stay a 64-bit number.
_LARGEST = 10**14
_BREAKS = ("installed", "removed", "replaced", "reset", "rollover")
_METER_BITS = 33  # seconds since 1970 need 31
_SECOND, _DAY_SECONDS = 1_000_000, 86_400
_LOCAL_SECONDS = LOCAL_OFFSET // _SECOND
_READ = ("meter_no", "read_at", "kind", "energy", "energy_unit", "event")
_ENDS = (("service_from", "reading_from"), ("service_to", "reading_to"))
_NEVER = np.iinfo(np.int64).max


@dataclass(slots=True)
class Asked:
    """What is asked of the meter feed: the register of a meter around a day. ``lower`` and ``upper`` are the readings last
    before the day and first after it as far as they were found (worth; -1 where none), ``low_at`` and ``high_at`` their
    marks of meter and second."""

    meters: pa.Array
    meter: Int64
    opens: Int64
    closes: Int64
    lower: Int64
    upper: Int64
    unit: Int64
    low_at: Int64
    high_at: Int64
    breaks: list[Int64]

    @classmethod
    def about(cls, meters: pa.Array, meter: Int64, day: Int64) -> Asked:
        count = len(meter)
        opens = (meter << _METER_BITS) + day * _DAY_SECONDS - _LOCAL_SECONDS
        none = np.full(count, -1, np.int64)
        never = np.full(count, _NEVER, np.int64)
        return cls(
            meters,
            meter,
            opens,
            opens + _DAY_SECONDS,
            none,
            none.copy(),
            none.copy() * 0,
            none.copy(),
            never,
            [],
        )

    def hear(self, readings: pa.Table) -> None:
        """The readings of one filing are taken into account."""
        place = pc.index_in(
            readings.column("meter_no").combine_chunks(), value_set=self.meters, skip_nulls=True
        )
        energy, read = fixed_of(readings, "energy")
        worth, known_unit = worth_of(readings, "energy_unit")
        number = index_of(place)
        mark = (number << _METER_BITS) + instants_of(readings, "read_at") // _SECOND
        ours = true_of(place.is_valid()) & true_of(readings.column("read_at").is_valid())
        is_break = true_of(pc.is_in(readings.column("event"), value_set=pa.array(_BREAKS)))
        self.breaks.append(mark[ours & is_break])
        estimated = true_of(pc.equal(readings.column("kind"), "estimated"))
        usable = np.flatnonzero(ours & read & known_unit & ~estimated & (energy < _LARGEST))
        usable = usable[np.argsort(mark[usable], kind="stable")]
        if usable.size:
            self._narrow(mark[usable], number[usable], energy[usable] * worth[usable], worth[usable])

    def _narrow(self, mark: Int64, number: Int64, value: Int64, worth: Int64) -> None:
        last = np.searchsorted(mark, self.opens, "left") - 1
        at = np.maximum(last, 0)
        later = (last >= 0) & (number[at] == self.meter) & (mark[at] > self.low_at)
        self.lower = np.where(later, value[at], self.lower)
        self.low_at = np.where(later, mark[at], self.low_at)
        self.unit = np.where(later, np.maximum(worth[at], self.unit), self.unit)
        first = np.searchsorted(mark, self.closes, "left")
        at = np.minimum(first, len(mark) - 1)
        sooner = (first < len(mark)) & (number[at] == self.meter) & (mark[at] < self.high_at)
        self.upper = np.where(sooner, value[at], self.upper)
        self.high_at = np.where(sooner, mark[at], self.high_at)
        self.unit = np.where(sooner, np.maximum(worth[at], self.unit), self.unit)

    @property
    def is_broken(self) -> Bool:
        """Where the register began anew between the two readings, or since the only one before the day."""
        marks = np.sort(np.concatenate(self.breaks)) if self.breaks else np.zeros(0, np.int64)
        start = np.where(self.lower >= 0, self.low_at, self.meter << _METER_BITS)
        end = np.where(self.upper >= 0, self.high_at, self.closes)
        count = np.searchsorted(marks, end, "right") - np.searchsorted(marks, start, "right")
        return np.asarray(count > 0, np.bool_)


def worth_of(table: pa.Table, code: str) -> tuple[Int64, Bool]:
    """What 0.001 of each row's unit of heat is worth, in 100 J, and where the unit is known."""
    units = pa.array(list(_WORTH), pa.string())
    place = pc.index_in(table.column(code).combine_chunks(), value_set=units, skip_nulls=True)
    return np.array(list(_WORTH.values()), np.int64)[index_of(place)], true_of(place.is_valid())


def _meter_unread(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """A bill with readings whose meter the meter feed does not have at all."""
    billed = true_of(table.column("reading_from").is_valid()) | true_of(table.column("reading_to").is_valid())
    meters = table.column("meter_no").combine_chunks()
    known = np.zeros(table.num_rows, np.bool_)
    for readings in others["readings"].each("meter_no"):
        known |= true_of(pc.is_in(meters, value_set=pc.unique(readings.column("meter_no")).drop_null()))
    places = np.flatnonzero(billed & true_of(meters.is_valid()) & ~known)
    log_places(table, feed, log, edit_id, "meter_no", places, "")


def _not_the_meters(table: pa.Table, feed: Feed, others: Others, log: EditLog, edit_id: str) -> None:
    """A billed register lies between the meter's last reading before the day and its first after it. Estimated readings
    bound nothing; where the register began anew between the two, nothing can be said."""
    meters = pc.unique(table.column("meter_no").combine_chunks()).drop_null()
    meter = pc.index_in(table.column("meter_no").combine_chunks(), value_set=meters, skip_nulls=True)
    worth, in_unit = worth_of(table, "heat_unit")
    asked: list[tuple[str, Int64, Int64, Asked]] = []
    for day_code, code in _ENDS:
        day, dated = days_of(table, day_code)
        value, filled = fixed_of(table, code)
        places = np.flatnonzero(true_of(meter.is_valid()) & dated & filled & in_unit & (value < _LARGEST))
        about = Asked.about(meters, index_of(meter)[places], day[places])
        asked.append((code, places, value[places] * worth[places], about))
    for readings in others["readings"].each(*_READ):
        for *_, about in asked:
            about.hear(readings)
    for code, places, value, about in asked:
        _judge(table, feed, log, edit_id, code, places, value, worth[places], about)


def _judge(
    table: pa.Table, feed: Feed, log: EditLog, edit_id: str, code: str, places: Int64, value: Int64,
    worth: Int64, about: Asked,
) -> None:  # fmt: skip
    unread = (about.lower < 0) & (about.upper < 0)
    if unread.any():
        log.skipped(edit_id, {"BIX07"}, int(np.count_nonzero(unread)))
    broken = about.is_broken & ~unread
    if broken.any():
        log.skipped(edit_id, {"meter_exchanged"}, int(np.count_nonzero(broken)))
    leeway = np.maximum(worth, about.unit)  # one last digit of the coarser unit
    below = (about.lower >= 0) & (value < about.lower - leeway)
    above = (about.upper >= 0) & (value > about.upper + leeway)
    hit = np.flatnonzero((below | above) & ~broken & ~unread)
    low = _shown(about.lower[hit], worth[hit])
    high = _shown(about.upper[hit], worth[hit])
    log_places(table, feed, log, edit_id, code, places[hit], joined(low, " – ", high))


def _shown(value: Int64, worth: Int64) -> pa.Array:
    """In the bill's unit with 3 decimals, cut off; null where there is none."""
    text = fixed_text(value // worth, 3)
    return pc.if_else(pa.array(value >= 0), text, pa.scalar(None, pa.string()))


_BILLED = ("meter_no", "heat_unit", "service_from", "service_to", "reading_from", "reading_to")

BILL_METER_RULES: tuple[BesideRule, ...] = (
    BesideRule("BIX07", "bills", ("meter_no", "reading_from", "reading_to"), ("readings",), _meter_unread),
    BesideRule("BIX08", "bills", _BILLED, ("readings",), _not_the_meters, "BIX07"),
)
