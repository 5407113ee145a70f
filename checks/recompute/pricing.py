"""Which tariff prices each bill, and which season it belongs to: looked up once for each distinct scope and day."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from checks.recompute.columns import Ints, as_date, as_days
from checks.recompute.missing import BIT
from checks.recompute.terms import (
    counts_started_months,
    last_day_to_pay,
    months_of_season,
    units_in_season,
)
from checks.tariffs.errors import NoTariffInForce, TariffError, TariffsCollide
from checks.tariffs.in_force import in_force, season_dates
from checks.tariffs.record import Scope, Tariff, Transition
from checks.tariffs.season import season_year

METHODS = ("area", "metered")

#: Picks the record for a scope and day; raises :class:`TariffError` where there is not exactly one.
Choice = Callable[[Scope, dt.date], Tariff]

#: The days that lie in every heating season whose dates are published: Qingdao starts last, Beijing ends first.
IN_EVERY_SEASON = ((11, 16), (3, 14))

# Days; a bill that says more has wrong dates, which is told apart from its price.
_LONGEST_SERVICE = 400

# Beyond this many combinations of category, method, season and day the distinct ones are found by sorting.
_TABLE_SIZE = 20_000_000


@dataclass(frozen=True, slots=True)
class Calendar:
    """One heating season as days since 1970-01-01 and as units of a part of it; ``late_after`` is None where the
    tariff names no last day to pay. ``months`` has the first and last day of each month of a price per month that is
    charged by the day; it is empty otherwise. Of a season whose dates nobody published (``is_known`` False) the days
    are those that every published season has: service that holds them all is the whole season, of less the part is
    not known."""

    first: int
    last: int
    units: int
    by_months: bool
    late_after: int | None
    months: tuple[tuple[int, int], ...] = ()
    is_known: bool = True


@dataclass(slots=True)
class Pricing:
    """The tariff and the calendar of each row, as places in the lists; -1 where there is none (see ``missing``)."""

    tariff: Ints
    calendar: Ints
    missing: Ints
    tariffs: list[Tariff] = field(default_factory=list)
    calendars: list[Calendar] = field(default_factory=list)


def per_tariff(tariffs: Sequence[Tariff], values: Sequence[int], otherwise: int) -> Ints:
    """One value a tariff, and ``otherwise`` for the rows that have none (they come last)."""
    assert len(tariffs) == len(values)
    return np.array([*values, otherwise], dtype=np.int64)


def choose_in_force(tariffs: Sequence[Tariff], city: str) -> Choice:
    """The lawful choice: the one record of the city in force for the scope on the day. Each stretch of days between two
    changes of any record is looked up once."""
    records = [tariff for tariff in tariffs if tariff.city == city]
    changes = sorted({day for record in records for day in _days_of_change(record)})
    known: dict[tuple[Scope, int], Tariff | TariffError] = {}

    def choose(scope: Scope, on: dt.date) -> Tariff:
        key = (scope, bisect.bisect_right(changes, on))
        if key not in known:
            try:
                known[key] = in_force(records, scope, on)
            except (NoTariffInForce, TariffsCollide) as error:
                known[key] = error
        found = known[key]
        if isinstance(found, TariffError):
            raise found
        return found

    return choose


def _days_of_change(record: Tariff) -> Iterator[dt.date]:
    if record.valid_from is not None:
        yield record.valid_from
    if record.valid_to is not None and record.valid_to < dt.date.max:
        yield record.valid_to + dt.timedelta(days=1)
    for start in record.rules_from:
        yield start.day


def calendar_of(tariff: Tariff, season: str) -> Calendar | None:
    """The season's calendar under this tariff; None where ``season`` names none."""
    try:
        year = season_year(season)
        late_after = None if tariff.late_fee is None else last_day_to_pay(tariff.late_fee, year)
        late = None if late_after is None else as_days(late_after)
        if tariff.season is None:
            first, last = dt.date(year, *IN_EVERY_SEASON[0]), dt.date(year + 1, *IN_EVERY_SEASON[1])
            return Calendar(
                first=as_days(first),
                last=as_days(last),
                units=1,
                by_months=False,
                late_after=late,
                is_known=False,
            )
        first, last, days = season_dates(tariff.season, season)
    except (TariffError, ValueError):
        return None
    return Calendar(
        first=as_days(first),
        last=as_days(last),
        units=units_in_season(tariff, first, last, days),
        by_months=counts_started_months(tariff),
        late_after=late,
        months=tuple((as_days(begin), as_days(end)) for begin, end in months_of_season(tariff, first, last)),
    )


def price_rows(
    category: Ints,
    categories: Sequence[str],
    method: Ints,
    season: Ints,
    seasons: Sequence[str],
    service_from: Ints,
    service_to: Ints,
    *,
    city: str,
    service_areas: tuple[str, ...],
    choose: Choice,
) -> Pricing:
    """The tariff in force for each row on the day its service starts, and the calendar of its season. Where that
    tariff leaves seasons that began before it to the old price, the one in force on the season's first day prices the
    row; where service runs into a tariff that takes over by day, the row is missing its parting in two bills."""
    distinct, place = _distinct(
        (category, len(categories)), (method, len(METHODS)), (season, len(seasons)), service_from
    )
    priced = Pricing(
        tariff=np.full(len(distinct), -1, dtype=np.int64),
        calendar=np.full(len(distinct), -1, dtype=np.int64),
        missing=np.zeros(len(distinct), dtype=np.int64),
    )
    tariff_place: dict[Tariff, int] = {}
    calendar_place: dict[tuple[int, int], int] = {}
    chosen: dict[tuple[int, int, int, int], int | str] = {}
    for row, (of_category, of_method, of_season, day) in enumerate(distinct):
        if of_category < 0:
            priced.missing[row] = BIT["no_tariff_in_force"]
            continue
        if of_method < 0:
            priced.missing[row] = BIT["method_unknown"]
            continue
        key = (of_category, of_method, of_season, day)
        if key not in chosen:
            scope = Scope(city, categories[of_category], METHODS[of_method], service_areas)
            label = seasons[of_season] if of_season >= 0 else ""
            tariff = priced_by(choose, scope, as_date(day), label)
            chosen[key] = (
                tariff if isinstance(tariff, str) else tariff_place.setdefault(tariff, len(tariff_place))
            )
        of_tariff = chosen[key]
        if isinstance(of_tariff, str):
            priced.missing[row] = BIT[of_tariff]
            continue
        priced.tariffs = priced.tariffs if len(priced.tariffs) == len(tariff_place) else list(tariff_place)
        priced.tariff[row] = of_tariff
        of_calendar = (of_tariff, of_season)
        if of_calendar not in calendar_place:
            calendar = calendar_of(priced.tariffs[of_tariff], seasons[of_season]) if of_season >= 0 else None
            calendar_place[of_calendar] = -1 if calendar is None else len(priced.calendars)
            if calendar is not None:
                priced.calendars.append(calendar)
        priced.calendar[row] = calendar_place[of_calendar]
        if priced.calendar[row] < 0:
            priced.missing[row] = BIT["season_dates_missing"]
    runs_over = _runs_into_a_change(
        (category, categories),
        method,
        service_to=np.clip(service_to, service_from, service_from + _LONGEST_SERVICE),
        old=priced.tariff[place],
        tariffs=priced.tariffs,
        choose=lambda of_category, of_method, day: _choice(
            choose, Scope(city, categories[of_category], METHODS[of_method], service_areas), as_date(day)
        ),
    )
    return Pricing(
        tariff=priced.tariff[place],
        calendar=priced.calendar[place],
        missing=np.where(runs_over, BIT["spans_price_change"], 0) | priced.missing[place],
        tariffs=priced.tariffs,
        calendars=priced.calendars,
    )


def priced_by(choose: Choice, scope: Scope, on: dt.date, season: str) -> Tariff | str:
    """The tariff that prices service of the season from that day on, or the code of what is missing."""
    return _from_next_season(_choice(choose, scope, on), choose, scope, season)


def _from_next_season(found: Tariff | str, choose: Choice, scope: Scope, season: str) -> Tariff | str:
    """``found``, or the tariff of the season's first day where ``found`` leaves the season to it (next_season)."""
    if isinstance(found, str) or found.transition is not Transition.NEXT_SEASON or found.season is None:
        return found
    try:
        first, _, _ = season_dates(found.season, season)
    except (TariffError, ValueError):
        return found
    if found.valid_from is None or found.valid_from <= first:
        return found
    before = _choice(choose, scope, first)
    return found if isinstance(before, str) else before


def _runs_into_a_change(
    category: tuple[Ints, Sequence[str]],
    method: Ints,
    *,
    service_to: Ints,
    old: Ints,
    tariffs: Sequence[Tariff],
    choose: Callable[[int, int, int], Tariff | str],
) -> npt.NDArray[np.bool_]:
    """Whether the last day of service bears another tariff than the first, and one that takes over by day."""
    distinct, place = _distinct(
        (category[0], len(category[1])),
        (method, len(METHODS)),
        (old, max(len(tariffs), 1)),
        service_to,
    )
    over = np.zeros(len(distinct), dtype=np.bool_)
    for row, (of_category, of_method, of_tariff, day) in enumerate(distinct):
        if of_category < 0 or of_method < 0 or of_tariff < 0:
            continue
        last = choose(of_category, of_method, day)
        over[row] = (
            not isinstance(last, str)
            and last.transition is Transition.BY_DAY
            and last.id != tariffs[of_tariff].id
        )
    return over[place]


def _choice(choose: Choice, scope: Scope, on: dt.date) -> Tariff | str:
    try:
        return choose(scope, on)
    except NoTariffInForce:
        return "no_tariff_in_force"
    except TariffsCollide:
        return "tariffs_collide"


def _distinct(
    category: tuple[Ints, int], method: tuple[Ints, int], season: tuple[Ints, int], day: Ints
) -> tuple[list[tuple[int, int, int, int]], Ints]:
    """The distinct combinations, and the place of each row among them. Codes may be -1 (not given)."""
    if len(day) == 0:
        return [], np.zeros(0, dtype=np.int64)
    first_day = int(day.min())
    sizes = (category[1] + 1, method[1] + 1, season[1] + 1, int(day.max()) - first_day + 1)
    key = (
        (((category[0] + 1) * sizes[1] + method[0] + 1) * sizes[2] + season[0] + 1) * sizes[3]
        + day
        - first_day
    )
    size = sizes[0] * sizes[1] * sizes[2] * sizes[3]
    if size <= _TABLE_SIZE and size <= 64 * len(day):
        used = np.zeros(size, dtype=np.bool_)
        used[key] = True
        keys = np.flatnonzero(used)
        places = np.zeros(size, dtype=np.int64)
        places[keys] = np.arange(len(keys))
        place = places[key]
    else:
        keys, place = np.unique(key, return_inverse=True)
    combinations = []
    for value in keys.tolist():
        value, of_day = divmod(value, sizes[3])
        value, of_season = divmod(value, sizes[2])
        of_category, of_method = divmod(value, sizes[1])
        combinations.append((of_category - 1, of_method - 1, of_season - 1, of_day + first_day))
    return combinations, place
