"""Edits on the rows of the network_days feed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.edits.rows import RowRule, Rows, filed_text, fixed_text, months_of
from ingest.edits.thresholds import whole
from ingest.values.cells import Bool, Int64

_WINTER = (12, 1, 2)
_HEAT_UNITS = frozenset({"kWh", "MWh", "GJ", "MJ"})
_FITTING: dict[str, frozenset[str]] = {
    "gas": frozenset({"m3"}),
    "coal": frozenset({"t", "tce"}),
    "biomass": frozenset({"t", "tce"}),
    "oil": frozenset({"t"}),
    "electricity": frozenset({"kWh", "MWh"}),
    "waste_heat": _HEAT_UNITS,
    "geothermal": _HEAT_UNITS,
    "purchased_heat": _HEAT_UNITS,
}
#: Tenths of a kJ in 0.001 of the unit.
_TENTHS_OF_KILOJOULE = {"kWh": 36, "MWh": 36_000, "GJ": 10_000, "MJ": 10}


def _kilojoules(rows: Rows, code: str, unit_code: str) -> Int64:
    """The heat in kJ, cut off; 0 where it or its unit is missing or no unit of heat."""
    heat = rows.number(code)
    total = np.zeros(len(heat), np.int64)
    for unit in _HEAT_UNITS:
        of_unit = rows.is_code(unit_code, unit)
        total = np.where(of_unit, heat * _TENTHS_OF_KILOJOULE[unit] // 10, total)
    return total


def _no_heat_in_winter(rows: Rows) -> Bool:
    winter = np.isin(months_of(rows.number("date")), _WINTER) & rows.has("date")
    none: Bool = winter & rows.has("heat_supplied") & (rows.number("heat_supplied") == 0)
    return none


def _unit_unfit(rows: Rows) -> Bool:
    unfit = np.zeros(len(rows.source_rows), np.bool_)
    for fuel, units in _FITTING.items():
        fitting = np.logical_or.reduce([rows.is_code("fuel_unit", unit) for unit in sorted(units)])
        unfit |= rows.is_code("fuel_kind", fuel) & rows.has("fuel_unit") & ~fitting
    return unfit


def _most_heat(rows: Rows) -> Int64:
    """kJ that the most power for each m2 makes in a day, cut off (150 W are 12 960 kJ)."""
    kilojoules = whole("NWD04.watts", rows.period) * 86_400 // 1000
    return rows.number("supplied_area_m2") * kilojoules // 100


def _heat_per_area(rows: Rows) -> Bool:
    return rows.has("supplied_area_m2") & (_kilojoules(rows, "heat_supplied", "heat_unit") > _most_heat(rows))


def _most_shown(rows: Rows, places: Int64) -> pa.Array:
    return pc.binary_join_element_wise(fixed_text(_most_heat(rows)[places] // 1000, 3), "GJ", " ")


def _more_than_bought(rows: Rows) -> Bool:
    bought = _kilojoules(rows, "fuel_used", "fuel_unit")
    known = rows.is_code("fuel_kind", "purchased_heat") & (bought > 0)
    return known & (_kilojoules(rows, "heat_supplied", "heat_unit") > bought)


def _not_below(rows: Rows) -> Bool:
    both = rows.has("supply_temp_c") & rows.has("return_temp_c")
    return both & (rows.number("return_temp_c") >= rows.number("supply_temp_c"))


NETWORK_DAY_RULES: tuple[RowRule, ...] = (
    RowRule(
        "NWD01", "return_temp_c", ("supply_temp_c", "return_temp_c"), _not_below, filed_text("supply_temp_c")
    ),
    RowRule("NWD02", "heat_supplied", ("date", "heat_supplied"), _no_heat_in_winter),
    RowRule("NWD03", "fuel_unit", ("fuel_kind", "fuel_unit"), _unit_unfit),
    RowRule(
        "NWD04",
        "heat_supplied",
        ("heat_supplied", "heat_unit", "supplied_area_m2"),
        _heat_per_area,
        _most_shown,
    ),
    RowRule(
        "NWD05",
        "heat_supplied",
        ("fuel_kind", "fuel_used", "fuel_unit", "heat_supplied", "heat_unit"),
        _more_than_bought,
    ),
)
