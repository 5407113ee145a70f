"""The wrong bills under examination, and how a supposed mistake is recalculated with the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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

#: Fen that a mistake adds to the total: given what is due under the supposition, and the rows that it is asked for.
Added = Callable[[Due, Ints], Ints]

_LIMITS = frozenset({"area_limit", "den_limit", "heat_limit", "late_limit"})


@dataclass(frozen=True, slots=True)
class Supposed:
    """One supposed mistake on the rows ``where``: other facts, other terms of the tariffs at the given places, amounts
    added to what then is due. ``record`` replaces the whole record of the bill (its facts, places and terms);
    ``totals`` says the outcome outright."""

    where: Flags
    facts: Mapping[str, Ints] = field(default_factory=dict)
    terms: Mapping[int, Terms] = field(default_factory=dict)
    added: tuple[Added, ...] = ()
    record: Prepared | None = None
    totals: Ints | None = None


@dataclass(slots=True)
class Case:
    """Bills in breach with what the rules say of them. ``tariffs`` are all records known of the city and its districts;
    ``other_heat`` is the heat of other bills of the same account in the filing, in 0.001 of its unit (-1: none)."""

    prepared: Prepared
    due: Due  # of int64 arrays
    tariffs: Sequence[Tariff]
    city: str
    service_areas: tuple[str, ...]
    other_heat: tuple[Ints, ...] = ()

    @property
    def billed(self) -> Ints:
        return self.prepared.filed.total

    @property
    def rows(self) -> int:
        return self.prepared.filed.rows

    def line(self, name: str) -> Ints:
        """A line as billed, in fen."""
        return self.prepared.filed.lines[name]

    def itemised(self) -> Flags:
        """Where the bill says what its total is made of; some files state totals alone."""
        has_lines = np.zeros(self.rows, dtype=np.bool_)
        for column in self.prepared.filed.lines.values():
            has_lines |= column != 0
        return has_lines

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

    def every_row(self) -> Flags:
        """True in every row."""
        return np.ones(self.rows, dtype=np.bool_)

    def with_facts(self, where: Flags, **facts: Ints | int) -> Supposed:
        """Other facts in the rows ``where``."""
        columns = {
            name: value if isinstance(value, np.ndarray) else np.full(self.rows, value, dtype=np.int64)
            for name, value in facts.items()
        }
        return Supposed(where, facts=columns)

    def with_terms(self, where: Flags, terms: Mapping[int, Terms]) -> Supposed:
        """Other terms of the tariffs at the places given, in the rows ``where``."""
        changed = {place: other for place, other in terms.items() if other != self.prepared.terms[place]}
        return Supposed(where & self._priced_by(changed), terms=changed)

    def _priced_by(self, places: Mapping[int, Terms]) -> Flags:
        """The rows whose tariff is at one of the places."""
        is_one = np.zeros(len(self.prepared.terms), dtype=np.bool_)
        is_one[list(places)] = True
        found: Flags = is_one[self.prepared.group]
        return found

    def with_added(self, where: Flags, added: Added) -> Supposed:
        """Everything as due, and an amount added in the rows ``where``."""
        return Supposed(where, added=(added,))

    def totals(self, supposed: Supposed, among: Flags | None = None) -> tuple[Ints, Ints]:
        """The rows of the supposition (those of ``among``) and what their totals would be, in fen; ``NO_TOTAL`` where
        something is then missing."""
        rows = np.flatnonzero(supposed.where if among is None else supposed.where & among)
        if len(rows) == 0:
            return rows, rows
        if supposed.totals is not None:
            due, totals = self._taken(self.due, rows), supposed.totals[rows].copy()
        else:
            due = self._due_under(supposed, rows)
            totals = np.where(np.asarray(due.missing) == 0, due.total, NO_TOTAL)
        for added in supposed.added:
            totals = np.where(totals == NO_TOTAL, NO_TOTAL, totals + added(due, rows))
        return rows, totals

    def _due_under(self, supposed: Supposed, rows: Ints) -> Due:
        if not supposed.facts and not supposed.terms and supposed.record is None:
            return self._taken(self.due, rows)
        basis = supposed.record or self.prepared
        facts = basis.facts._replace(**supposed.facts)  # type: ignore[arg-type]
        terms = [supposed.terms.get(place, terms) for place, terms in enumerate(basis.terms)]
        some = Facts(*(np.asarray(column)[rows] for column in facts))  # type: ignore[arg-type]
        return execute(some, basis.group[rows], terms)

    def _taken(self, due: Due, rows: Ints) -> Due:
        return Due(*(np.asarray(column)[rows] for column in due))  # type: ignore[arg-type]

    def both(self, one: Supposed, other: Supposed) -> Supposed | None:
        """Two mistakes on one bill; None where they are about the same thing, so that they cannot both be made."""
        if one.record is not None or one.totals is not None:
            one, other = other, one
        if one.record is not None or one.totals is not None:
            return None
        if (other.record is not None or other.totals is not None) and (one.facts or one.terms):
            return None
        if one.facts.keys() & other.facts.keys():
            return None
        terms = self._both_terms(one.terms, other.terms)
        where = one.where & other.where
        if one.terms and other.terms:  # under some tariffs both may be about the same price
            where = where & self._priced_by(terms)
        return replace(
            other,
            where=where,
            facts={**one.facts, **other.facts},
            terms=terms,
            added=(*one.added, *other.added),
        )

    def _both_terms(self, one: Mapping[int, Terms], other: Mapping[int, Terms]) -> dict[int, Terms]:
        """Both changes of each tariff's terms; without the tariffs of which both change the same."""
        if not one or not other:
            return {**one, **other}
        merged = {}
        for place in one.keys() & other.keys():
            lawful = self.prepared.terms[place]
            first, second = _changes(one[place], lawful), _changes(other[place], lawful)
            if not first.keys() & second.keys():
                merged[place] = with_limits(lawful._replace(**first, **second))
        return merged


def _changes(terms: Terms, lawful: Terms) -> dict[str, int]:
    return {
        name: value
        for name, value in terms._asdict().items()
        if name not in _LIMITS and value != getattr(lawful, name)
    }


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
