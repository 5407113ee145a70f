"""What a new version would do to the calendar of its city: days with two prices, and days left with none.

The question is put to the choice itself (:func:`~checks.tariffs.in_force.in_force`), with its precedence of service
areas and categories, once for each scope and each stretch of days between two changes.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from checks.tariffs.consistency import CATEGORIES, METHODS
from checks.tariffs.errors import NoTariffInForce, TariffsCollide
from checks.tariffs.in_force import in_force
from checks.tariffs.record import Scope, Season, Standing, Tariff

FIRST_DAY, LAST_DAY = dt.date(1, 1, 1), dt.date(9999, 12, 31)
_DAY = dt.timedelta(days=1)


class FaultKind(StrEnum):
    TWO_PRICES = "two_prices"
    NO_PRICE = "no_price"


@dataclass(frozen=True, slots=True)
class Fault:
    """Days ``first_day`` to ``last_day`` (inclusive) of a scope on which there would not be exactly one price. ``ids``
    are the records that collide, or those before and after the hole."""

    kind: FaultKind
    scope: Scope
    first_day: dt.date
    last_day: dt.date
    ids: tuple[str, ...]

    @property
    def zh(self) -> str:
        who = "、".join(self.ids)
        if self.kind is FaultKind.TWO_PRICES:
            return f"{self._where_zh}将同时有两个价格：{who}。"
        return f"{self._where_zh}将没有价格（前后版本：{who}）。"

    @property
    def en(self) -> str:
        who = " and ".join(self.ids)
        if self.kind is FaultKind.TWO_PRICES:
            return f"{self._where_en} would have two prices: {who}."
        return f"{self._where_en} would have no price (versions before and after: {who})."

    @property
    def _where_zh(self) -> str:
        areas = f"［{'、'.join(self.scope.service_areas)}］" if self.scope.service_areas else ""
        return f"{self.scope.city}{areas} {self.scope.category} {self.scope.method} {self._days('至')} "

    @property
    def _where_en(self) -> str:
        areas = f" [{', '.join(self.scope.service_areas)}]" if self.scope.service_areas else ""
        return f"{self.scope.city}{areas} {self.scope.category} {self.scope.method} {self._days('to')}"

    def _days(self, to: str) -> str:
        first = "…" if self.first_day == FIRST_DAY else self.first_day.isoformat()
        last = "…" if self.last_day == LAST_DAY else self.last_day.isoformat()
        return first if first == last and first != "…" else f"{first} {to} {last}"


def ended(tariff: Tariff, last_day: dt.date) -> Tariff | None:
    """The record as it stands once a later version takes over on the day after ``last_day``: superseded, and bound no
    longer than that; None when no day is left to it (the later version corrects it from its first day on)."""
    if tariff.valid_from is not None and last_day < tariff.valid_from:
        return None
    last = last_day if tariff.valid_to is None else min(last_day, tariff.valid_to)
    rules = tuple(start for start in tariff.rules_from if start.day <= last)
    return replace(tariff, valid_to=last, standing=Standing.SUPERSEDED, rules_from=rules)


def faults(
    before: Sequence[Tariff],
    after: Sequence[Tariff],
    *,
    city: str,
    served: Iterable[tuple[str, ...]] = (),
) -> list[Fault]:
    """Every stretch of days on which ``after`` has two prices for a scope where ``before`` had not, or none where
    ``before`` had one, or a hole of heated days at an edge of a record that is new in ``after``. ``served`` are the
    service areas of each company of the city, beside which every area alone and the whole city are asked."""
    now = [tariff for tariff in after if tariff.city == city]
    was = [tariff for tariff in before if tariff.city == city]
    known = {tariff.id for tariff in was}
    new = [tariff for tariff in now if tariff.id not in known]
    found: list[Fault] = []
    days = _changes([*was, *now])
    for scope in _scopes(now + was, city, served):
        old = _priced(was, scope, days)
        later = _priced(now, scope, days)
        found += _joined(_worse(scope, days, old, later, new))
        found += _holes(scope, days, later, new)
    return _once(found)


def _changes(tariffs: Sequence[Tariff]) -> list[dt.date]:
    """The first day of every stretch on which nothing changes."""
    days = {FIRST_DAY}
    for tariff in tariffs:
        if tariff.valid_from:
            days.add(tariff.valid_from)
        if tariff.valid_to and tariff.valid_to < LAST_DAY:
            days.add(tariff.valid_to + _DAY)
        days.update(start.day for start in tariff.rules_from)
    return sorted(days)


def _scopes(tariffs: Sequence[Tariff], city: str, served: Iterable[tuple[str, ...]]) -> Iterator[Scope]:
    areas = {(), *((tariff.service_area,) for tariff in tariffs if tariff.service_area)}
    areas |= {tuple(sorted(one)) for one in served}
    for of_area, category, method in itertools.product(sorted(areas), CATEGORIES, METHODS):
        yield Scope(city, category, method, of_area)


def _priced(tariffs: Sequence[Tariff], scope: Scope, days: Sequence[dt.date]) -> list[tuple[str, ...]]:
    """For each stretch the ids that price the scope: one, several that collide, or none."""
    found: list[tuple[str, ...]] = []
    for day in days:
        try:
            found.append((in_force(tariffs, scope, day).id,))
        except NoTariffInForce:
            found.append(())
        except TariffsCollide as error:
            found.append(error.ids)
    return found


def _worse(
    scope: Scope,
    days: Sequence[dt.date],
    old: Sequence[tuple[str, ...]],
    later: Sequence[tuple[str, ...]],
    new: Sequence[Tariff],
) -> Iterator[Fault]:
    for place, first in enumerate(days):
        last = days[place + 1] - _DAY if place + 1 < len(days) else LAST_DAY
        was, now = old[place], later[place]
        if len(now) > 1 and len(was) <= 1:
            yield Fault(FaultKind.TWO_PRICES, scope, first, last, now)
        elif not now and len(was) == 1:
            ids = (was[0], *(tariff.id for tariff in new))
            yield Fault(FaultKind.NO_PRICE, scope, first, last, ids)


def _holes(
    scope: Scope, days: Sequence[dt.date], later: Sequence[tuple[str, ...]], new: Sequence[Tariff]
) -> Iterator[Fault]:
    """Stretches without a price that end where a new record begins, or begin where one ends, between two priced ones."""
    ids = {tariff.id: tariff for tariff in new}
    place = 0
    while place < len(days):
        if later[place]:
            place += 1
            continue
        start = place
        while place < len(days) and not later[place]:
            place += 1
        if start == 0 or place == len(days):
            continue
        edges = (later[start - 1][-1], later[place][0])
        touching = [ids[one] for one in edges if one in ids]
        first, last = days[start], days[place] - _DAY
        if touching and any(_heated(tariff.season, first, last) for tariff in touching):
            yield Fault(FaultKind.NO_PRICE, scope, first, last, edges)


def _heated(season: Season | None, first: dt.date, last: dt.date) -> bool:
    """Whether any of the days is a day of the heating season; all are where the season is not known."""
    if season is None or (last - first).days >= 365:
        return True
    day = first
    while day <= last:
        at = (day.month, day.day)
        within = (
            season.start <= at <= season.end
            if season.start <= season.end
            else at >= season.start or at <= season.end
        )
        if within:
            return True
        day += _DAY
    return False


def _joined(found: Iterable[Fault]) -> Iterator[Fault]:
    """Stretches that follow one another with the same records are one."""
    open_one: Fault | None = None
    for fault in found:
        if (
            open_one is not None
            and (open_one.kind, open_one.ids) == (fault.kind, fault.ids)
            and open_one.last_day < LAST_DAY
            and open_one.last_day + _DAY == fault.first_day
        ):
            open_one = replace(open_one, last_day=fault.last_day)
            continue
        if open_one is not None:
            yield open_one
        open_one = fault
    if open_one is not None:
        yield open_one


def _once(found: Iterable[Fault]) -> list[Fault]:
    """The same days of the same records are told once, for the plainest scope that has them."""
    told: dict[tuple[FaultKind, dt.date, dt.date, tuple[str, ...], str], Fault] = {}
    for fault in found:
        key = (fault.kind, fault.first_day, fault.last_day, fault.ids, fault.scope.method)
        told.setdefault(key, fault)
    return list(told.values())
