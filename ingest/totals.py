"""Control totals of a filing: exact sums of what was read."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import numpy as np

from ingest.edits.rows import Rows
from ingest.standard import Column, Feed, Kind
from ingest.values.cells import Bool, Int64

_SPLIT = 10**6


class Totals:
    """Sums by column: ``total`` (CNY), ``billed_area_m2`` (m2), and heat by the unit that was filed, ``heat_used kWh``.
    Cumulative readings, heights, temperatures and the like are not summed. Values that were refused are left out."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._sums: dict[str, tuple[int, int]] = {}

    def add(self, rows: Rows) -> None:
        for column in self._feed.columns:
            if column.kind in (Kind.MONEY, Kind.AREA):
                self._add(column.code, rows.number(column.code), rows.has(column.code), column.scale)
            elif column.kind is Kind.HEAT and not column.is_cumulative and column.unit_column is not None:
                self._add_heat(rows, column, column.unit_column)

    def _add_heat(self, rows: Rows, column: Column, unit_column: str) -> None:
        heat, has = rows.number(column.code), rows.has(column.code)
        if not has.any():
            return
        for code in self._feed.column(unit_column).codes:
            of_unit = has & rows.is_code(unit_column, code.code)
            self._add(f"{column.code} {code.code}", heat, of_unit, column.scale)

    def _add(self, name: str, fixed: Int64, seen: Bool, scale: int) -> None:
        if not seen.any():
            return
        high, low = np.divmod(fixed[seen], _SPLIT)
        before = self._sums.get(name, (0, scale))[0]
        self._sums[name] = (before + int(high.sum()) * _SPLIT + int(low.sum()), scale)

    def since(self, before: Mapping[str, str]) -> dict[str, str]:
        """What was summed since :meth:`texts` was ``before``."""
        return {
            name: f"{Decimal(now) - Decimal(before.get(name, '0')):f}" for name, now in self.texts().items()
        }

    def texts(self) -> dict[str, str]:
        """The sums in plain decimals with the decimals of their columns."""
        return {name: f"{Decimal(total).scaleb(-scale):f}" for name, (total, scale) in self._sums.items()}
