"""Hypotheses about the price: another version, another category, another service area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import lru_cache

import numpy as np

from checks.causes.case import NO_TOTAL, Case, Supposed, with_prices_of
from checks.recompute import rules
from checks.recompute.columns import Flags, Ints, distinct_pairs
from checks.recompute.execution import execute
from checks.recompute.facts import Supposition, prepare
from checks.recompute.missing import BIT
from checks.recompute.outcomes import residual
from checks.recompute.pricing import choose_in_force
from checks.recompute.rules import Facts, Terms
from checks.recompute.terms import with_limits
from checks.tariffs.load import load_published
from checks.tariffs.record import Standing, Tariff

_PRICING = (Standing.IN_FORCE, Standing.SUPERSEDED)


def _tried(
    case: Case, others: Callable[[Tariff], Iterable[Tariff]], where: Flags | None = None
) -> Iterator[Supposed]:
    """The prices of other records, the first other of every tariff together, then the second …"""
    every = case.every_row() if where is None else where
    for terms in _turns(case, others):
        yield case.with_terms(every, terms)


def _turns(case: Case, others: Callable[[Tariff], Iterable[Tariff]]) -> Iterator[dict[int, Terms]]:
    variants = []
    for place, tariff in enumerate(case.prepared.pricing.tariffs):
        terms = case.prepared.terms[place]
        found = [with_prices_of(terms, tariff, other) for other in others(tariff)]
        variants.append(list(dict.fromkeys(changed for changed in found if changed is not None)))
    for turn in range(max(map(len, variants), default=0)):
        yield {place: found[turn] for place, found in enumerate(variants) if turn < len(found)}


def _start(tariff: Tariff) -> dt.date:
    return tariff.valid_from or dt.date.min


def old_price(case: Case) -> Iterator[Supposed]:
    """An earlier version of the record in force, the latest first."""
    yield from _tried(case, _earlier(case))


def _earlier(case: Case) -> Callable[[Tariff], list[Tariff]]:
    def earlier(tariff: Tariff) -> list[Tariff]:
        found = [
            other
            for other in case.tariffs
            if _same_scope(other, tariff) and other.standing in _PRICING and _start(other) < _start(tariff)
        ]
        return sorted(found, key=_start, reverse=True)

    return earlier


def early_price(case: Case) -> Iterator[Supposed]:
    """A later version of the record in force, the next first; a price only proposed or on trial counts as one."""
    yield from _tried(case, _later(case))


def _later(case: Case) -> Callable[[Tariff], list[Tariff]]:
    def later(tariff: Tariff) -> list[Tariff]:
        found = [
            other
            for other in case.tariffs
            if _same_scope(other, tariff)
            and (_start(other) > _start(tariff) or other.standing not in _PRICING)
        ]
        return sorted(found, key=_start)

    return later


def price_change_ignored(case: Case) -> Iterator[Supposed]:
    """The whole bill at the price of its first day, although another took over by day inside it."""
    spans = (case.prepared.missing & BIT["spans_price_change"]) != 0
    yield case.with_facts(spans, heated=case.fact("heated"))


def old_price_for_days(case: Case) -> Iterator[Supposed]:
    """An earlier price for some of the days, the price in force for the rest."""
    yield from _some_days(case, _earlier(case))


def early_price_for_days(case: Case) -> Iterator[Supposed]:
    """A later price for some of the days: the change is followed by the day, which splits no bill."""
    yield from _some_days(case, _later(case))


def _some_days(case: Case, others: Callable[[Tariff], Iterable[Tariff]]) -> Iterator[Supposed]:
    """Each of the other records for some of the days. The days are free to fit, so bills that show another mistake themselves
    (a charge outside the tariff, a wrong sum) are left out."""
    filed = case.prepared.filed
    does_not_add_up = case.itemised() & (residual(filed.lines, filed.total) != 0)
    shows_another = (filed.lines["other_charge"] != 0) | does_not_add_up
    by_area = (case.fact("heated") > 1) & (case.fact("two_part") == 0)
    where = by_area & ~shows_another
    if where.any():
        for terms in _turns(case, others):
            yield _for_days(case, where, terms)


def _for_days(case: Case, where: Flags, terms: dict[int, Terms]) -> Supposed:
    """The totals when the number of days that comes nearest to the billed total is charged at the other prices and the
    rest as due: each stretch a line of its own, or both on one line rounded once."""
    rows, full = case.totals(case.with_terms(where, terms))
    totals = np.full(case.rows, NO_TOTAL, dtype=np.int64)
    due, heated = np.asarray(case.due.total), case.fact("heated")
    apart = full - due[rows]
    between = (full != NO_TOTAL) & (apart != 0)
    between &= (case.billed[rows] - due[rows]) * np.sign(apart) > 0
    between &= (full - case.billed[rows]) * np.sign(apart) > 0
    if not between.any():
        return Supposed(totals != NO_TOTAL)
    near = (case.billed[rows] - due[rows]) * heated[rows] // np.where(apart == 0, 1, apart)
    for days in (near, near + 1):
        some = np.flatnonzero(between & (days > 0) & (days < heated[rows]))
        split, blended = _split_at(case, terms, rows[some], days[some])
        billed = case.billed[rows[some]]
        hits = rows[some][(split == billed) | (blended == billed)]
        totals[hits] = case.billed[hits]
    found: Flags = totals != NO_TOTAL
    return Supposed(found, totals=totals)


def _split_at(case: Case, terms: dict[int, Terms], rows: Ints, days: Ints) -> tuple[Ints, Ints]:
    """The totals with ``days`` at the other price and the rest as due; and the same with one blended price."""
    if len(rows) == 0:
        return rows, rows
    lawful = case.prepared.terms
    facts = Facts(*(np.asarray(column)[rows] for column in case.prepared.facts))  # type: ignore[arg-type]
    group, heated, none = case.prepared.group[rows], np.asarray(facts.heated), np.zeros_like(days)
    blends, blend = distinct_pairs(group, days * (rules.SEASON_LIMIT + 1) + heated)
    parted = [
        _blended(lawful[place], terms[place], *divmod(part, rules.SEASON_LIMIT + 1)) for place, part in blends
    ]
    columns = zip(
        facts._replace(heated=heated - days),  # type: ignore[arg-type]
        facts._replace(heated=days, suspended=none, late_billed=none, stated=none),  # type: ignore[arg-type]
        facts,
        strict=True,
    )
    due = execute(
        Facts(*(np.concatenate(three) for three in columns)),  # type: ignore[arg-type]
        np.concatenate([group, group + len(lawful), blend + 2 * len(lawful)]),
        [*lawful, *(terms.get(place, one) for place, one in enumerate(lawful)), *parted],
    )
    totals = np.where(np.asarray(due.missing) == 0, due.total, NO_TOTAL)
    kept, moved, blended = np.split(totals, 3)
    return kept + moved, blended


def _blended(lawful: Terms, other: Terms, days: int, heated: int) -> Terms:
    """One price for all days: ``days`` of ``heated`` at the other one."""
    share = Fraction(days, heated)
    price = Fraction(other.area_num, other.area_den) * share
    price += Fraction(lawful.area_num, lawful.area_den) * (1 - share)
    return with_limits(lawful._replace(area_num=price.numerator, area_den=price.denominator))


def wrong_service_area_price(case: Case) -> Iterator[Supposed]:
    """The record of another service area or district of the city, or of the whole city."""

    def elsewhere(tariff: Tariff) -> list[Tariff]:
        return [
            other
            for other in case.tariffs
            if other.category == tariff.category
            and (other.city != tariff.city or other.service_area != tariff.service_area)
            and other.standing in _PRICING
        ]

    yield from _tried(case, elsewhere)


def wrong_city_price(case: Case) -> Iterator[Supposed]:
    """The price of another city of the province for the same category, as published: companies that serve several cities
    take one for the other."""

    def elsewhere(tariff: Tariff) -> list[Tariff]:
        return [
            other
            for other in _of_province(tariff.province)
            if other.category == tariff.category
            and not other.city.startswith(case.city)
            and not case.city.startswith(other.city)
            and _overlap(other, tariff)
        ]

    yield from _tried(case, elsewhere)


@lru_cache(maxsize=64)
def _of_province(province: str) -> tuple[Tariff, ...]:
    """The published records of the province that price anything, by city."""
    found = [one for one in load_published() if one.province == province and one.standing in _PRICING]
    return tuple(sorted(found, key=lambda one: (one.city, one.id)))


def wrong_category_as_billed(case: Case) -> Iterator[Supposed]:
    """The category the bill states, where the roster says another."""
    filed = case.prepared.filed
    for place, category in enumerate(filed.categories):
        where = filed.category == place
        yield from _tried(case, _of_category(case, category), where)
        yield _whole_record(case, category, where)


def wrong_category(case: Case) -> Iterator[Supposed]:
    """Each other category the city has a price for."""
    categories = dict.fromkeys(t.category for t in case.tariffs if t.city == case.city)
    for category in categories:
        yield from _tried(case, _of_category(case, category))


def _of_category(case: Case, category: str) -> Callable[[Tariff], list[Tariff]]:
    def others(tariff: Tariff) -> list[Tariff]:
        if tariff.category == category:
            return []
        return [
            other
            for other in case.tariffs
            if other.city == tariff.city
            and other.category == category
            and other.standing in _PRICING
            and other.service_area in ("", tariff.service_area, *case.service_areas)
            and _overlap(other, tariff)
        ]

    return others


def _whole_record(case: Case, category: str, where: Flags) -> Supposed:
    """The whole record of the other category is applied: its area, its height rule, its cap."""
    if not where.any() or all(t.category == category for t in case.prepared.pricing.tariffs):
        return Supposed(np.zeros(case.rows, dtype=np.bool_))
    again = prepare(
        case.prepared.filed,
        case.prepared.roster,
        choose_in_force(case.tariffs, case.city),
        city=case.city,
        service_areas=case.service_areas,
        suppose=Supposition(category=category),
    )
    return Supposed(where & (again.missing == 0), record=again)


def _same_scope(other: Tariff, tariff: Tariff) -> bool:
    return (
        other.city == tariff.city
        and other.category == tariff.category
        and other.service_area == tariff.service_area
        and other.id != tariff.id
    )


def _overlap(other: Tariff, tariff: Tariff) -> bool:
    ends = (other.valid_to or dt.date.max, tariff.valid_to or dt.date.max)
    return max(_start(other), _start(tariff)) <= min(ends)
