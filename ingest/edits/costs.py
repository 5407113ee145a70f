"""Edits on the rows of the costs feed."""

from __future__ import annotations

from ingest.edits.rows import RowRule, Rows
from ingest.values.cells import Bool

_MEASURED = ("fuel", "purchased_heat", "power")


def _without(rows: Rows, code: str, unit_code: str) -> Bool:
    return rows.has(code) & ~rows.has(unit_code)


def _fuel_without_quantity(rows: Rows) -> Bool:
    measured = rows.is_code("item", _MEASURED[0])
    for item in _MEASURED[1:]:
        measured = measured | rows.is_code("item", item)
    return measured & ~rows.has("quantity")


COST_RULES: tuple[RowRule, ...] = (
    RowRule("COS01", "unit", ("quantity", "unit"), lambda rows: _without(rows, "quantity", "unit")),
    RowRule(
        "COS02",
        "heat_unit",
        ("heat_sold", "heat_unit"),
        lambda rows: _without(rows, "heat_sold", "heat_unit"),
    ),
    RowRule("COS03", "quantity", ("item", "quantity"), _fuel_without_quantity),
    RowRule("COS04", "amount", ("amount",), lambda rows: rows.has("amount") & (rows.number("amount") < 0)),
)
