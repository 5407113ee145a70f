"""The wrong bills under examination, and how a supposed mistake is recalculated with the rules themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache, partial
from itertools import chain
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from checks.recompute.columns import Flags, Ints
from checks.recompute.execution import due_plainly, execute, is_worth_compiling, plain_facts
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

#: The facts and the terms of a supposition, and what is due under them in one row.
_Computed = tuple[Mapping[str, Ints], Mapping[int, Terms], tuple[int, ...]]

_NO_ROWS = np.zeros(0, dtype=np.int64)
_PLACE = {name: place for place, name in enumerate(Facts._fields)}
_LIMITS = frozenset({"area_limit", "den_limit", "heat_limit", "late_limit"})


class Supposed(NamedTuple):
    """One supposed mistake on the rows ``where``: other facts, other terms of the tariffs at the given places, amounts
    added to what then is due. ``record`` replaces the whole record of the bill (its facts, places and terms);
    ``totals`` says the outcome outright."""

    where: Flags
    facts: Mapping[str, Ints] = MappingProxyType({})
    terms: Mapping[int, Terms] = MappingProxyType({})
    added: tuple[Added, ...] = ()
    record: Prepared | None = None
    totals: Ints | None = None

    @property
    def is_computed(self) -> bool:
        """Whether the rules have to say what would be due: other facts or terms, of the bill's own record."""
        return (bool(self.facts) or bool(self.terms)) and self.record is None and self.totals is None


@dataclass(frozen=True, slots=True)
class Totals:
    """What would come of several suppositions: the place of each in the order given (rising), the row, and the total in
    fen; ``NO_TOTAL`` where something is then missing."""

    which: Ints
    rows: Ints
    totals: Ints

    def of(self, places: Flags) -> Iterator[tuple[int, Ints]]:
        """Each supposition that has one of the ``places`` (of the three columns), and its rows there."""
        which, rows = self.which[places], self.rows[places]
        for one in dict.fromkeys(which.tolist()):
            yield one, rows[slice(*np.searchsorted(which, (one, one + 1)))]


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
    _computed: dict[tuple[int, int, int], _Computed] = field(default_factory=dict)
    _facts: dict[int, Facts] = field(default_factory=dict)

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
        if not where.any():
            return Supposed(where)
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
        for found in self.totals_of([supposed]):
            return found.rows, found.totals
        return _NO_ROWS, _NO_ROWS

    def totals_of(self, many: Iterable[Supposed], among: Flags | None = None) -> Iterator[Totals]:
        """The totals under each supposition in the rows of ``among``, in the order given. The rules run over many of them at
        once: a call costs more than the few rows that most of them have."""
        waiting: list[tuple[int, Supposed, Ints]] = []
        held = 0
        for place, supposed in enumerate(many):
            (rows,) = (supposed.where if among is None else supposed.where & among).nonzero()
            if not len(rows):
                continue
            waiting.append((place, supposed, rows))
            held += len(rows)
            if held >= ROWS_TOGETHER:
                yield self._totals_together(waiting)
                waiting, held = [], 0
        if waiting:
            yield self._totals_together(waiting)

    def _totals_together(self, asked: Sequence[tuple[int, Supposed, Ints]]) -> Totals:
        computed = [one.is_computed for _, one, _ in asked]
        together = [(one, rows) for (_, one, rows), by_rules in zip(asked, computed, strict=True) if by_rules]
        due = self._due_together(together) if together else self.due
        counts = [len(rows) for _, _, rows in asked]
        rows = np.concatenate([some for _, _, some in asked])
        which = np.repeat([place for place, _, _ in asked], counts)
        totals = np.empty(len(rows), dtype=np.int64)
        if together:
            totals[np.repeat(computed, counts)] = _known_totals(due)
        start = place_in_due = 0
        for (_, supposed, some), count, by_rules in zip(asked, counts, computed, strict=True):
            stretch, start = slice(start, start + count), start + count
            if by_rules:
                of = partial(_taken, due, slice(place_in_due, place_in_due + count))
                place_in_due += count
                if not supposed.added:
                    continue
            elif supposed.record is not None:
                found = _due_by_record(supposed, supposed.record, some)
                of = partial(_taken, found, slice(None))
                totals[stretch] = _known_totals(found)
            else:
                of = partial(_taken, self.due, some)
                totals[stretch] = _known_totals(of()) if supposed.totals is None else supposed.totals[some]
            for added in supposed.added:
                so_far = totals[stretch]
                totals[stretch] = np.where(so_far == NO_TOTAL, NO_TOTAL, so_far + added(of(), some))
        return Totals(which, rows, totals)

    def _due_together(self, asked: Sequence[tuple[Supposed, Ints]]) -> Due:
        """What is due under one supposition after the other, each in its rows."""
        if not is_worth_compiling(sum(len(rows) for _, rows in asked)):
            return self._due_one_by_one(asked)
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

    def _due_one_by_one(self, asked: Sequence[tuple[Supposed, Ints]]) -> Due:
        """The same of few rows, each computed once: most pairs of mistakes ask for what one of the two has asked for."""
        found: list[tuple[int, ...]] = []
        for supposed, rows in asked:
            facts, terms = supposed.facts, supposed.terms
            name = (id(facts) if facts else 0, id(terms) if terms else 0)
            for row in rows.tolist():
                known = self._computed.get((*name, row))
                if known is None:
                    group = int(self.prepared.group[row])
                    due = due_plainly(
                        self._facts_of(row, facts), terms.get(group, self.prepared.terms[group])
                    )
                    # What is named by its identity is held, so that nothing else can come to have its name.
                    known = self._computed[*name, row] = (facts, terms, due)
                found.append(known[2])
        columns = len(Due._fields)
        flat = np.fromiter(chain.from_iterable(found), np.int64, columns * len(found))
        return Due(*flat.reshape(-1, columns).T)

    def _facts_of(self, row: int, changed: Mapping[str, Ints]) -> Facts:
        facts = self._facts.get(row)
        if facts is None:
            (facts,) = plain_facts(self.prepared.facts, np.array([row]))
            self._facts[row] = facts
        if not changed:
            return facts
        values = list(facts)
        for fact, column in changed.items():
            values[_PLACE[fact]] = int(column[row])
        return Facts._make(values)

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


def _known_totals(due: Due) -> Ints:
    return np.where(np.asarray(due.missing) == 0, due.total, NO_TOTAL)


def _taken(due: Due, rows: Ints | slice) -> Due:
    return Due._make([column[rows] for column in due])  # type: ignore[index]


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
