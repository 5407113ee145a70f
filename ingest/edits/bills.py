"""Edits on the rows of the bills feed."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from ingest.edits.accounts import STOREY_HEIGHT
from ingest.edits.rows import (
    Detail,
    RowRule,
    Rows,
    filed_text,
    first_days_of_seasons,
    fixed_text,
    months_of,
    period_shown,
)
from ingest.edits.thresholds import whole
from ingest.standard import FEEDS, PeriodKind, season_of
from ingest.values.cells import Bool, Int64

_BILLS = FEEDS["bills"]
_CHARGES = tuple(column.code for column in _BILLS.lines("charge"))
_REDUCTIONS = tuple(column.code for column in _BILLS.lines("reduction"))
_LINES = (*_CHARGES, *_REDUCTIONS)
_HEAT = ("reading_from", "reading_to", "heat_used")


def sum_of_lines(rows: Rows) -> Int64:
    """Charges plus (negative) reductions, in fen; exact, as ten lines within the standard's bound of 10**14 fen are."""
    total = np.zeros(len(rows.source_rows), np.int64)
    for code in _LINES:
        if rows.has(code).any():
            total = total + rows.number(code)
    return total


def _total_not_sum(rows: Rows) -> Bool:
    differs: Bool = rows.number("total") != sum_of_lines(rows)
    return differs


def _season_not_period(rows: Rows) -> Bool:
    """A season's filing holds that season. A month's holds the season of the month and both neighbours: bills issued
    ahead in summer and settlements of the season that ended; corrections may go back further."""
    first_years = rows.number("season")
    year = season_of(rows.period.first_day).first_day.year
    if rows.period.kind is PeriodKind.SEASON:
        other: Bool = rows.has("season") & (first_years != year)
        return other
    too_old = (first_years < year - 1) & ~rows.is_code("kind", "correction")
    far: Bool = rows.has("season") & (too_old | (first_years > year + 1))
    return far


def _outside_season(rows: Rows, code: str) -> Bool:
    years, day = rows.number("season"), rows.number(code)
    both = rows.has("season") & rows.has(code)
    return both & ((day < first_days_of_seasons(years)) | (day >= first_days_of_seasons(years + 1)))


def _in_summer(rows: Rows, code: str) -> Bool:
    month = months_of(rows.number(code))
    first, last = (whole(f"QUA02.{name}", rows.period) for name in ("first_month", "last_month"))
    return rows.has(code) & (month >= first) & (month <= last)


def _service_very_long(rows: Rows) -> Bool:
    """First and last day counted."""
    both = rows.has("service_from") & rows.has("service_to")
    days_billed = rows.number("service_to") - rows.number("service_from") + 1
    long: Bool = both & (days_billed > whole("QUA06.days", rows.period))
    return long


def _before(rows: Rows, code: str, other: str) -> Bool:
    return rows.has(code) & rows.has(other) & (rows.number(code) < rows.number(other))


def _metered_without_heat(rows: Rows) -> Bool:
    settled = rows.is_code("kind", "settlement") & rows.is_code("billing_method", "metered")
    readings = rows.has("reading_from") & rows.has("reading_to")
    return settled & ~rows.has("heat_used") & ~readings


def _unit_missing(rows: Rows) -> Bool:
    heat = rows.has("reading_from") | rows.has("reading_to") | rows.has("heat_used")
    return heat & ~rows.has("heat_unit")


def _charge_unnamed(rows: Rows) -> Bool:
    unnamed: Bool = (rows.number("other_charge") != 0) & ~rows.has("other_charge_name")
    return unnamed


def _season_shown(rows: Rows, places: Int64) -> pa.Array:
    return rows.cells["season"].array.take(pa.array(places))


def _sum_shown(rows: Rows, places: Int64) -> pa.Array:
    return fixed_text(sum_of_lines(rows)[places], 2)


def _negative(code: str) -> RowRule:
    return RowRule("BIL02", code, (code,), lambda rows: rows.number(code) < 0)


def _positive(code: str) -> RowRule:
    return RowRule("BIL03", code, (code,), lambda rows: rows.number(code) > 0)


def _outside(code: str) -> RowRule:
    shown: Detail = _season_shown
    return RowRule("BIL06", code, ("season", code), lambda rows: _outside_season(rows, code), shown)


def _summer(code: str) -> RowRule:
    return RowRule("QUA02", code, (code,), lambda rows: _in_summer(rows, code))


BILL_RULES: tuple[RowRule, ...] = (
    RowRule("BIL01", "total", ("total", *_LINES), _total_not_sum, _sum_shown),
    *(_negative(code) for code in _CHARGES),
    *(_positive(code) for code in _REDUCTIONS),
    RowRule(
        "BIL04",
        "service_from",
        ("service_from", "service_to"),
        lambda rows: _before(rows, "service_to", "service_from"),
        filed_text("service_to"),
    ),
    RowRule("BIL05", "season", ("season", "kind"), _season_not_period, period_shown),
    _outside("service_from"),
    _outside("service_to"),
    RowRule("BIL07", "other_charge_name", ("other_charge", "other_charge_name"), _charge_unnamed),
    RowRule("BIL08", "heat_used", ("kind", "billing_method", *_HEAT), _metered_without_heat),
    RowRule("BIL09", "heat_unit", ("heat_unit", *_HEAT), _unit_missing),
    RowRule(
        "BIL10",
        "due_on",
        ("issued_on", "due_on"),
        lambda rows: _before(rows, "due_on", "issued_on"),
        filed_text("issued_on"),
    ),
    RowRule(
        "BIL11",
        "corrects_bill_no",
        ("kind", "corrects_bill_no"),
        lambda rows: rows.is_code("kind", "correction") & ~rows.has("corrects_bill_no"),
    ),
    RowRule(
        "BIL12",
        "corrects_bill_no",
        ("kind", "corrects_bill_no"),
        lambda rows: ~rows.is_code("kind", "correction") & rows.has("corrects_bill_no"),
    ),
    RowRule(
        "QUA01",
        "reading_to",
        ("reading_from", "reading_to"),
        lambda rows: _before(rows, "reading_to", "reading_from"),
        filed_text("reading_from"),
    ),
    _summer("service_from"),
    _summer("service_to"),
    STOREY_HEIGHT,
    RowRule(
        "QUA06", "service_from", ("service_from", "service_to"), _service_very_long, filed_text("service_to")
    ),
)
