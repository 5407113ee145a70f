"""Edits on the rows of the accounts feed."""

from __future__ import annotations

import numpy as np

from ingest.edits.rows import RowRule, Rows, filed_text
from ingest.edits.thresholds import fixed
from ingest.values.cells import Bool


def _metered_without_meter(rows: Rows) -> Bool:
    return rows.is_code("billing_method", "metered") & ~rows.has("meter_no")


def _closed_before_connected(rows: Rows) -> Bool:
    both = rows.has("closed_on") & rows.has("connected_on")
    return both & (rows.number("closed_on") < rows.number("connected_on"))


def _suspended_without_date(rows: Rows) -> Bool:
    return rows.is_code("heating_state", "suspended") & ~rows.has("suspended_from")


def _above_floor(rows: Rows, code: str) -> Bool:
    both = rows.has(code) & rows.has("floor_area_m2")
    return both & (rows.number(code) > rows.number("floor_area_m2"))


def _area_very_large(rows: Rows) -> Bool:
    home = rows.is_code("category", "residential") | rows.is_code("category", "low_income")
    of_home, of_other = (fixed(f"QUA05.{name}", rows.period, 2) for name in ("largest_home", "largest_other"))
    return rows.number("floor_area_m2") > np.where(home, of_home, of_other)


def storey_height_implausible(rows: Rows) -> Bool:
    height = rows.number("storey_height_m")
    lowest, highest = (fixed(f"QUA04.{name}", rows.period, 2) for name in ("lowest", "highest"))
    return rows.has("storey_height_m") & ((height < lowest) | (height > highest))


STOREY_HEIGHT = RowRule("QUA04", "storey_height_m", ("storey_height_m",), storey_height_implausible)

ACCOUNT_RULES: tuple[RowRule, ...] = (
    RowRule("ACC01", "meter_no", ("billing_method", "meter_no"), _metered_without_meter),
    RowRule(
        "ACC02",
        "closed_on",
        ("connected_on", "closed_on"),
        _closed_before_connected,
        filed_text("connected_on"),
    ),
    RowRule("ACC03", "suspended_from", ("heating_state", "suspended_from"), _suspended_without_date),
    RowRule(
        "ACC04",
        "usable_area_m2",
        ("floor_area_m2", "usable_area_m2"),
        lambda rows: _above_floor(rows, "usable_area_m2"),
        filed_text("floor_area_m2"),
    ),
    RowRule(
        "ACC05",
        "inner_area_m2",
        ("floor_area_m2", "inner_area_m2"),
        lambda rows: _above_floor(rows, "inner_area_m2"),
        filed_text("floor_area_m2"),
    ),
    RowRule("QUA05", "floor_area_m2", ("floor_area_m2", "category"), _area_very_large),
    STOREY_HEIGHT,
)
