"""Hypotheses about the price: another version, another category, another service area."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from checks.causes.case import Case, with_prices_of
from checks.recompute.columns import Flags, Ints
from checks.recompute.execution import execute
from checks.recompute.facts import Supposition, prepare
from checks.recompute.pricing import choose_in_force
from checks.tariffs.record import Standing, Tariff

_PRICING = (Standing.IN_FORCE, Standing.SUPERSEDED)


def _tried(
    case: Case, others: Callable[[Tariff], Iterable[Tariff]], where: Flags | None = None
) -> Iterator[Ints]:
    """The totals with the prices of other records, the first other of every tariff together, then the second …"""
    every = np.ones(case.rows, dtype=np.bool_) if where is None else where
    variants = []
    for place, tariff in enumerate(case.prepared.pricing.tariffs):
        terms = case.prepared.terms[place]
        found = [with_prices_of(terms, tariff, other) for other in others(tariff)]
        variants.append(list(dict.fromkeys(changed for changed in found if changed is not None)))
    for turn in range(max(map(len, variants), default=0)):
        yield case.under_terms(
            every, {place: found[turn] for place, found in enumerate(variants) if turn < len(found)}
        )


def _start(tariff: Tariff) -> dt.date:
    return tariff.valid_from or dt.date.min


def old_price(case: Case) -> Iterator[Ints]:
    """An earlier version of the record in force, the latest first."""

    def earlier(tariff: Tariff) -> list[Tariff]:
        found = [
            other
            for other in case.tariffs
            if _same_scope(other, tariff) and other.standing in _PRICING and _start(other) < _start(tariff)
        ]
        return sorted(found, key=_start, reverse=True)

    yield from _tried(case, earlier)


def early_price(case: Case) -> Iterator[Ints]:
    """A later version of the record in force, the next first; a price only proposed or on trial counts as one."""

    def later(tariff: Tariff) -> list[Tariff]:
        found = [
            other
            for other in case.tariffs
            if _same_scope(other, tariff)
            and (_start(other) > _start(tariff) or other.standing not in _PRICING)
        ]
        return sorted(found, key=_start)

    yield from _tried(case, later)


def wrong_service_area_price(case: Case) -> Iterator[Ints]:
    """The record of another service area of the city, or of the whole city, that stood at the same time."""

    def elsewhere(tariff: Tariff) -> list[Tariff]:
        return [
            other
            for other in case.tariffs
            if other.city == tariff.city
            and other.category == tariff.category
            and other.service_area != tariff.service_area
            and other.standing in _PRICING
        ]

    yield from _tried(case, elsewhere)


def wrong_category_as_billed(case: Case) -> Iterator[Ints]:
    """The category the bill states, where the roster says another."""
    filed = case.prepared.filed
    for place, category in enumerate(filed.categories):
        where = filed.category == place
        yield from _tried(case, _of_category(case, category), where)
        yield _whole_record(case, category, where)


def wrong_category(case: Case) -> Iterator[Ints]:
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


def _whole_record(case: Case, category: str, where: Flags) -> Ints:
    """The totals when the whole record of the other category is applied: its area, its height rule, its cap."""
    if not where.any() or all(t.category == category for t in case.prepared.pricing.tariffs):
        return case.no_totals()
    again = prepare(
        case.prepared.filed,
        case.prepared.roster,
        choose_in_force(case.tariffs, case.city),
        city=case.city,
        service_areas=case.service_areas,
        suppose=Supposition(category=category),
    )
    found = execute(again.facts, again.group, again.terms)
    return case.when(where & (again.missing == 0) & (np.asarray(found.missing) == 0), np.asarray(found.total))


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
