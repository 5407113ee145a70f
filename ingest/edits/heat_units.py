"""The unit that a heat carries in its own cell is the one that the column of units says (V14)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ingest.edits.rows import RowRule, Rows, filed_text
from ingest.standard import Column, Feed, Kind
from ingest.values.cells import Bool
from ingest.values.numbers import heat_unit_of


def heat_unit_rules(feed: Feed) -> tuple[RowRule, ...]:
    """One rule for each heat of the feed that has a column of units."""
    return tuple(
        RowRule("V14", column.code, (column.code, unit), _differs(column, unit), filed_text(unit))
        for column in feed.columns
        if column.kind is Kind.HEAT and (unit := column.unit_column) is not None
    )


def _differs(column: Column, unit_column: str) -> Callable[[Rows], Bool]:
    """Where the cell names a unit and the row another; a row that names none is another edit's."""

    def differs(rows: Rows) -> Bool:
        hit = np.zeros(len(rows.source_rows), np.bool_)
        cells, units = rows.cells[column.code], rows.cells[unit_column]
        if units.fixed is None:
            return hit
        codes = [code.code for code in units.column.codes]
        for coercion in cells.coercions:
            if "unit_word" not in coercion.rule.split("+"):
                continue
            for place in coercion.positions:
                said = heat_unit_of(cells.filed[int(place)].as_py())
                hit[place] = units.present[place] and codes[int(units.fixed[place])] != said
        return hit

    return differs
