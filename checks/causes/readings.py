"""Hypotheses from the readings that a company filed: heat of another meter or period, an estimate that was never taken back.

What is due follows the readings on the bill itself (docs/recomputation.md). These causes say where the heat that was
billed beyond them comes from, so that the amount and the reading can be laid side by side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from checks.causes.case import Case, Supposed
from checks.recompute.columns import HEAT, Ints, unscaled
from checks.recompute.filed import FiledBills
from checks.recompute.terms import HEAT_UNITS

#: One row a reading: whose, on which meter, when, estimated or read, and what the counter shows.
READING_SCHEMA: pa.Schema = pa.schema(
    [
        ("account_no", pa.string()),
        ("meter_no", pa.string()),
        ("day", pa.date32()),
        ("is_estimated", pa.bool_()),
        ("energy", HEAT),
        ("energy_unit", pa.string()),
    ]
)
#: Heat is tried that lies between two of this many readings of an account, the last ones.
READINGS_TRIED = 12
NO_HEAT = -1
_FILED = ("meter_no", "read_at", "kind", "energy", "energy_unit")
_SHANGHAI_S = 8 * 3600


def readings_that_bill(readings: pa.Table) -> pa.Table:
    """Of one filing those that a bill may rest on: every estimate, and the first and the last reading of each meter. Meters
    that are read by the hour would fill the memory."""
    table = readings.select([name for name in _FILED if name in readings.column_names])
    table = table.filter(pc.and_(pc.is_valid(table["energy"]), pc.is_valid(table["energy_unit"])))
    table = table.sort_by([("meter_no", "ascending"), ("read_at", "ascending")]).combine_chunks()
    if len(table) < 3:
        return table
    meter = table["meter_no"].combine_chunks()
    changes = np.asarray(pc.not_equal(meter.slice(1), meter.slice(0, len(meter) - 1)))
    at_edge = np.append(changes, True) | np.append([True], changes)
    return table.filter(pc.or_(pa.array(at_edge), pc.equal(table["kind"], "estimated")))


def readings_of_accounts(readings: pa.Table, accounts: pa.Table) -> pa.Table:
    """The readings of the meters that the roster gives to an account, in ``READING_SCHEMA``, by account, meter and day. A day
    is the one in China; a reading without a figure or a unit, or of a meter that no account has, is left out."""
    roster = accounts.select(["account_no", "meter_no"])
    roster = roster.filter(pc.and_(pc.is_valid(roster["account_no"]), pc.is_valid(roster["meter_no"])))
    roster = roster.group_by("meter_no").aggregate([("account_no", "max")])
    wanted = readings.filter(pc.and_(pc.is_valid(readings["energy"]), pc.is_valid(readings["energy_unit"])))
    place = pc.index_in(wanted["meter_no"], value_set=roster["meter_no"].combine_chunks())
    wanted = wanted.append_column("account_no", roster["account_no_max"].take(place)).filter(
        pc.is_valid(place)
    )
    here = pc.add(wanted["read_at"].cast(pa.int64()), _SHANGHAI_S * 1_000_000)
    day = pc.divide(here, 24 * 3600 * 1_000_000).cast(pa.int32()).cast(pa.date32())
    table = pa.table(
        {
            "account_no": wanted["account_no"],
            "meter_no": wanted["meter_no"],
            "day": day,
            "is_estimated": pc.equal(wanted["kind"], "estimated"),
            "energy": wanted["energy"],
            "energy_unit": wanted["energy_unit"],
        },
        schema=READING_SCHEMA,
    )
    return table.sort_by([("account_no", "ascending"), ("meter_no", "ascending"), ("day", "ascending")])


def heats_of_readings(
    accounts: Sequence[str | None], case_filed: FiledBills, readings: pa.Table | None
) -> dict[str, tuple[Ints, ...]]:
    """For each bill the heats, in 0.001 of its unit, that two readings of its account make, or one reading and one of the
    bill's own: under ``estimated`` those of which one is estimated, under ``other`` those of two that were read.
    ``NO_HEAT`` fills the columns up. Readings in another unit than the bill's are not tried."""
    if readings is None or len(readings) == 0:
        return {}
    wanted = pa.array([one for one in accounts if one is not None], pa.string())
    some = readings.filter(pc.is_in(readings["account_no"], value_set=wanted))
    of_account: dict[str, list[_Reading]] = {}
    energy, _ = unscaled(some, "energy", HEAT)
    for account, meter, unit, is_estimated, shown in zip(
        *(some[name].to_pylist() for name in ("account_no", "meter_no", "energy_unit", "is_estimated")),
        energy.tolist(),
        strict=True,
    ):
        of_account.setdefault(account, []).append((meter, unit, is_estimated, shown))
    found: dict[str, list[list[int]]] = {"estimated": [], "other": []}
    for row, account in enumerate(accounts):
        heats = _heats(of_account.get(account or "", ()), case_filed, row)
        for kind, each in heats.items():
            found[kind].append(each)
    return {kind: _columns(rows) for kind, rows in found.items()}


_Reading = tuple[str, str, bool, int]


def _heats(readings: Sequence[_Reading], filed: FiledBills, row: int) -> Mapping[str, list[int]]:
    """The distinct heats of one bill, without the one that its own readings show."""
    place = int(filed.heat_unit[row])
    unit = HEAT_UNITS[place] if place >= 0 else None
    last = [one for one in readings if one[1] == unit][-READINGS_TRIED:]
    heats: dict[str, dict[int, None]] = {"estimated": {}, "other": {}}
    for (meter, _, before_estimated, before), (other, _, after_estimated, after) in combinations(last, 2):
        if meter == other:
            heats["estimated" if before_estimated or after_estimated else "other"][after - before] = None
    own = 0
    if filed.has_readings[row]:
        first, end = int(filed.reading_from[row]), int(filed.reading_to[row])
        own = end - first
        for _, _, is_estimated, shown in last:
            heats["estimated" if is_estimated else "other"] |= {shown - first: None, end - shown: None}
    return {kind: [heat for heat in some if heat > 0 and heat != own] for kind, some in heats.items()}


def _columns(rows: Sequence[Sequence[int]]) -> tuple[Ints, ...]:
    width = max(map(len, rows), default=0)
    columns = [np.full(len(rows), NO_HEAT, dtype=np.int64) for _ in range(width)]
    for row, heats in enumerate(rows):
        for column, heat in zip(columns, heats, strict=False):
            column[row] = heat
    return tuple(columns)


def estimate_not_reversed(case: Case) -> Iterator[Supposed]:
    """The heat lies between two readings of which one is an estimate, though the bill shows what was read."""
    yield from _with_heats(case, "estimated")


def other_meter_or_period(case: Case) -> Iterator[Supposed]:
    """The heat lies between two readings of the account's meters that are not the two of the bill."""
    yield from _with_heats(case, "other")


def _with_heats(case: Case, kind: str) -> Iterator[Supposed]:
    two_part, due = case.fact("two_part") == 1, case.fact("heat")
    for heat in case.heats_read.get(kind, ()):
        yield case.with_facts(two_part & (heat >= 0) & (heat != due), heat=heat)
