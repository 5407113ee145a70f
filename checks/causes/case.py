"""The wrong bills under examination, and how a supposed mistake is recalculated with the rules themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from checks.recompute.columns import Flags, Ints
from checks.recompute.execution import execute
from checks.recompute.facts import Prepared
from checks.recompute.rules import Due, Facts, Terms
from checks.recompute.terms import KWH_IN, with_limits
from checks.tariffs.record import Tariff

#: Stands where a supposition gives no total; no bill has it.
NO_TOTAL = -(1 << 62)


@dataclass(slots=True)
class Case:
    """Bills in breach with what the rules say of them. ``tariffs`` are all records known of the city."""

    prepared: Prepared
    due: Due  # of int64 arrays
    tariffs: Sequence[Tariff]
    city: str
    service_areas: tuple[str, ...]

    @property
    def billed(self) -> Ints:
        return self.prepared.filed.total

    @property
    def rows(self) -> int:
        return self.prepared.filed.rows

    def line(self, name: str) -> Ints:
        """A line as billed, in fen."""
        return self.prepared.filed.lines[name]

    def due_line(self, name: str) -> Ints:
        """A line as recomputed, in fen."""
        column: Ints = getattr(self.due, name)
        return column

    def fact(self, name: str) -> Ints:
        """A column of the facts."""
        column: Ints = getattr(self.prepared.facts, name)
        return column

    def term(self, name: str) -> Ints:
        """A term of each bill's tariff."""
        return np.array([getattr(terms, name) for terms in self.prepared.terms], dtype=np.int64)[
            self.prepared.group
        ]

    def no_totals(self) -> Ints:
        """A column of no totals, to be filled where a supposition applies."""
        return np.full(self.rows, NO_TOTAL, dtype=np.int64)

    def when(self, where: Flags, totals: Ints) -> Ints:
        """The totals where the supposition applies."""
        return np.where(where, totals, NO_TOTAL)

    def recalculated(
        self, where: Flags, *, terms: Sequence[Terms] | None = None, **facts: Ints | int
    ) -> Ints:
        """The totals of the rows ``where`` under other terms or facts; no total elsewhere or where something is
        missing."""
        totals = self.no_totals()
        rows = np.flatnonzero(where)
        if len(rows) == 0:
            return totals
        changed = {
            name: value if isinstance(value, np.ndarray) else np.full(self.rows, value, dtype=np.int64)
            for name, value in facts.items()
        }
        supposed = self.prepared.facts._replace(**changed)  # type: ignore[arg-type]
        some = Facts(*(np.asarray(column)[rows] for column in supposed))  # type: ignore[arg-type]
        found = execute(some, self.prepared.group[rows], terms or self.prepared.terms)
        totals[rows] = np.where(found.missing == 0, found.total, NO_TOTAL)
        return totals

    def under_terms(self, where: Flags, variant: dict[int, Terms]) -> Ints:
        """The totals where the tariffs at the given places have other terms."""
        if not variant:
            return self.no_totals()
        terms = [variant.get(place, terms) for place, terms in enumerate(self.prepared.terms)]
        return self.recalculated(where & np.isin(self.prepared.group, list(variant)), terms=terms)


def with_prices_of(terms: Terms, tariff: Tariff, other: Tariff) -> Terms | None:
    """The terms with the prices of another record, metered price converted to the unit the bill's heat was converted
    to. None where the other record publishes none of the prices, or the same ones."""
    changed: dict[str, int] = {}
    for name in ("area", "base"):
        price = other.area_price if name == "area" else other.base_price
        if price is not None:
            value = Fraction(price.season_value)
            changed |= {f"{name}_num": value.numerator, f"{name}_den": value.denominator}
    if other.metered_price is not None and tariff.metered_price is not None:
        unit = KWH_IN[tariff.metered_price.unit.value] / KWH_IN[other.metered_price.unit.value]
        value = Fraction(other.metered_price.value) * unit
        changed |= {"metered_num": value.numerator, "metered_den": value.denominator}
    replaced = with_limits(terms._replace(**changed))
    return None if replaced == terms else replaced
