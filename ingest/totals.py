"""Control totals of a filing: exact sums of what was read."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from ingest.edits.rows import Rows
from ingest.standard import Feed, Kind
from ingest.values.cells import Bool, Int64

_SPLIT = 10**6


class Totals:
    """Sums by column: ``total`` (CNY), ``billed_area_m2`` (m2), and heat by the unit that was filed, ``heat_used kWh``.
    Cumulative readings and heights are not summed. Values that were refused are left out."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._sums: dict[str, tuple[int, int]] = {}

    def add(self, rows: Rows) -> None:
        for column in self._feed.columns:
            if column.kind in (Kind.MONEY, Kind.AREA):
                self._add(column.code, rows.number(column.code), rows.has(column.code), column.scale)
            elif column.code == "heat_used":
                self._add_heat(rows, column.scale)

    def _add_heat(self, rows: Rows, scale: int) -> None:
        used, has = rows.number("heat_used"), rows.has("heat_used")
        if not has.any():
            return
        for code in self._feed.column("heat_unit").codes:
            self._add(f"heat_used {code.code}", used, has & rows.is_code("heat_unit", code.code), scale)

    def _add(self, name: str, fixed: Int64, seen: Bool, scale: int) -> None:
        if not seen.any():
            return
        high, low = np.divmod(fixed[seen], _SPLIT)
        before = self._sums.get(name, (0, scale))[0]
        self._sums[name] = (before + int(high.sum()) * _SPLIT + int(low.sum()), scale)

    def texts(self) -> dict[str, str]:
        """The sums in plain decimals with the decimals of their columns."""
        return {name: f"{Decimal(total).scaleb(-scale):f}" for name, (total, scale) in self._sums.items()}
