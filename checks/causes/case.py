"""The wrong bills under examination, and how a supposed mistake is recalculated with the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial

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

#: Rows of several suppositions that the rules run over together.
ROWS_TOGETHER = 65_536

_PLACE = {name: place for place, name in enumerate(Facts._fields)}
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

    @property
    def is_computed(self) -> bool:
        """Whether the rules have to say what would be due: other facts or terms, of the bill's own record."""
        return (bool(self.facts) or bool(self.terms)) and self.record is None and self.totals is None


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
    heats_read: Mapping[str, tuple[Ints, ...]] = field(
        default_factory=dict
    )  # of filed readings, by kind; -1: none

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

    def totals(self, supposed: Supposed) -> tuple[Ints, Ints]:
        """The rows of the supposition and what their totals would be, in fen; ``NO_TOTAL`` where something is then
        missing."""
        ((_, rows, totals),) = self.totals_of([supposed])
        return rows, totals

    def totals_of(
        self, many: Iterable[Supposed], among: Flags | None = None
    ) -> Iterator[tuple[Supposed, Ints, Ints]]:
        """Each supposition with its :meth:`totals` in the rows of ``among``, in the order given. The rules run over many
        of them at once: a call costs more than the few rows that most of them have."""
        waiting: list[tuple[Supposed, Ints]] = []
        held = 0
        for supposed in many:
            (rows,) = (supposed.where if among is None else supposed.where & among).nonzero()
            waiting.append((supposed, rows))
            held += len(rows)
            if held >= ROWS_TOGETHER:
                yield from self._totals_together(waiting)
                waiting, held = [], 0
        yield from self._totals_together(waiting)

    def _totals_together(
        self, asked: Sequence[tuple[Supposed, Ints]]
    ) -> Iterator[tuple[Supposed, Ints, Ints]]:
        together = [(one, rows) for one, rows in asked if one.is_computed and len(rows)]
        due = self._due_together(together) if together else self.due
        totals_due = np.where(np.asarray(due.missing) == 0, due.total, NO_TOTAL)
        stop = 0
        for supposed, rows in asked:
            if len(rows) == 0:
                yield supposed, rows, rows
                continue
            if supposed.is_computed:
                start, stop = stop, stop + len(rows)
                of, totals = partial(_taken, due, slice(start, stop)), totals_due[start:stop]
            elif supposed.record is not None:
                found = _due_by_record(supposed, supposed.record, rows)
                of = partial(_taken, found, slice(None))
                totals = np.where(np.asarray(found.missing) == 0, found.total, NO_TOTAL)
            else:
                of = partial(_taken, self.due, rows)
                as_due = np.where(
                    np.asarray(self.due.missing)[rows] == 0, np.asarray(self.due.total)[rows], NO_TOTAL
                )
                totals = as_due if supposed.totals is None else supposed.totals[rows]
            for added in supposed.added:
                totals = np.where(totals == NO_TOTAL, NO_TOTAL, totals + added(of(), rows))
            yield supposed, rows, totals

    def _due_together(self, asked: Sequence[tuple[Supposed, Ints]]) -> Due:
        """What is due under one supposition after the other, each in its rows."""
        rows = np.concatenate([some for _, some in asked])
        columns = [np.asarray(column)[rows] for column in self.prepared.facts]
        group = self.prepared.group[rows]
        terms = list(self.prepared.terms)
        places: dict[int, Ints] = {}  # by the mapping of terms, which the suppositions hold
        start = 0
        for supposed, some in asked:
            stretch = slice(start, start + len(some))
            for name, column in supposed.facts.items():
                columns[_PLACE[name]][stretch] = column[some]
            if supposed.terms:
                if id(supposed.terms) not in places:
                    other = np.arange(len(self.prepared.terms))
                    other[list(supposed.terms)] = np.arange(len(terms), len(terms) + len(supposed.terms))
                    terms += supposed.terms.values()
                    places[id(supposed.terms)] = other
                group[stretch] = places[id(supposed.terms)][group[stretch]]
            start = stretch.stop
        return execute(Facts(*columns), group, terms)

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
        facts = {**one.facts, **other.facts} if one.facts and other.facts else one.facts or other.facts
        return Supposed(where, facts, terms, (*one.added, *other.added), other.record, other.totals)

    def _both_terms(self, one: Mapping[int, Terms], other: Mapping[int, Terms]) -> Mapping[int, Terms]:
        """Both changes of each tariff's terms; without the tariffs of which both change the same."""
        if not one or not other:
            return one or other
        merged = {
            place: _merged(one[place], other[place], self.prepared.terms[place])
            for place in one.keys() & other.keys()
        }
        return {place: terms for place, terms in merged.items() if terms is not None}


def _taken(due: Due, rows: Ints | slice) -> Due:
    return Due(*(np.asarray(column)[rows] for column in due))  # type: ignore[arg-type]


def _due_by_record(supposed: Supposed, record: Prepared, rows: Ints) -> Due:
    """What is due where another record replaces the bill's, with facts of its own."""
    facts = record.facts._replace(**supposed.facts)  # type: ignore[arg-type]
    some = Facts(*(np.asarray(column)[rows] for column in facts))  # type: ignore[arg-type]
    return execute(some, record.group[rows], record.terms)


@lru_cache(maxsize=16_384)
def _merged(one: Terms, other: Terms, lawful: Terms) -> Terms | None:
    """Both changes of the lawful terms; None where they change the same."""
    first, second = _changes(one, lawful), _changes(other, lawful)
    return None if first.keys() & second.keys() else with_limits(lawful._replace(**first, **second))


def _changes(terms: Terms, lawful: Terms) -> Mapping[str, int]:
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
