"""Edits on the rows of the readings feed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.edits.rows import RowRule, Rows, filed_text, fixed_text
from ingest.edits.thresholds import fixed
from ingest.values.cells import Bool, Int64

#: kW for 1 m3/h and 1 K of water, in thousandths: 4.1868 kJ/(kg K) over 3.6, at 1000 kg/m3.
HEAT_OF_WATER = 1163
_POWER_INPUTS = ("power_kw", "flow_m3h", "supply_temp_c", "return_temp_c")


def _event_not_actual(rows: Rows) -> Bool:
    return rows.has("event") & ~rows.is_code("kind", "actual")


def return_above_supply(rows: Rows) -> Bool:
    both = rows.has("supply_temp_c") & rows.has("return_temp_c")
    return both & (rows.number("return_temp_c") > rows.number("supply_temp_c"))


def _expected_power(rows: Rows) -> Int64:
    """0.001 kW from flow (0.001 m3/h) and temperature difference (0.01 K), cut off."""
    difference = rows.number("supply_temp_c") - rows.number("return_temp_c")
    return rows.number("flow_m3h") * difference * HEAT_OF_WATER // 100_000


def _power_not_flow(rows: Rows) -> Bool:
    power, expected = rows.number("power_kw"), _expected_power(rows)
    all_there = np.logical_and.reduce([rows.has(code) for code in _POWER_INPUTS])
    # Below the least power, rounding of flow and temperatures is larger than what is compared.
    least = fixed("RDG03.least_power", rows.period, 3)
    far = (2 * power > 3 * expected) | (3 * power < 2 * expected)
    return np.asarray(all_there & (power >= least) & (expected >= 0) & far, np.bool_)


def _expected_shown(rows: Rows, places: Int64) -> pa.Array:
    return fixed_text(_expected_power(rows)[places], 3)


def _exchange_without_seal(rows: Rows) -> Bool:
    exchanged = rows.is_code("event", "installed") | rows.is_code("event", "replaced")
    return exchanged & ~rows.has("seal_no")


READING_RULES: tuple[RowRule, ...] = (
    RowRule("RDG01", "kind", ("event", "kind"), _event_not_actual),
    RowRule(
        "RDG02",
        "return_temp_c",
        ("supply_temp_c", "return_temp_c"),
        return_above_supply,
        filed_text("supply_temp_c"),
    ),
    RowRule("RDG03", "power_kw", _POWER_INPUTS, _power_not_flow, _expected_shown),
    RowRule("RDG04", "seal_no", ("event", "seal_no"), _exchange_without_seal),
)
