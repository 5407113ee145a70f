"""Hypotheses about days: parts of a season billed in full, counted one off, in months, or outside the season."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from checks.causes.case import Case, Supposed
from checks.recompute.columns import Flags, Ints, as_date
from checks.recompute.facts import Supposition, prepare
from checks.recompute.pricing import Calendar, choose_in_force
from checks.recompute.stays import Stay
from checks.recompute.terms import month_slot, month_start

_DAYS_OF_A_ROUND_MONTH = 30


def outside_season(case: Case) -> Iterator[Supposed]:
    """Days outside the season are charged: all of the bill's, or those beyond its ends at the season's daily fee."""
    days, stay = case.prepared.days, case.prepared.days.stay(*_calendars(case))
    none_inside = (stay.start > stay.end) & (days.start <= days.end) & ~stay.is_open
    yield Supposed(none_inside, totals=case.billed)
    beyond = (days.end - days.start) - (stay.end - stay.start)
    yield case.with_facts(~none_inside & (beyond > 0), heated=case.fact("heated") + beyond)


def part_season_billed_in_full(case: Case) -> Iterator[Supposed]:
    """The whole season, or the time the bill states against the roster, is charged."""
    heated, suspended, season = case.fact("heated"), case.fact("suspended"), case.fact("season")
    yield case.with_facts(heated + suspended < season, heated=season - suspended)
    if case.prepared.roster is None:
        return
    roster = case.prepared.roster
    if not (roster.has_connected_on | roster.has_closed_on).any():
        return
    again = prepare(
        case.prepared.filed,
        roster,
        choose_in_force(case.tariffs, case.city),
        city=case.city,
        service_areas=case.service_areas,
        suppose=Supposition(dates_as_billed=True),
    )
    stays = {name: getattr(again.facts, name) for name in ("heated", "suspended", "season", "two_part")}
    differs = (stays["heated"] != heated) | (stays["season"] != season)
    yield case.with_facts(differs & (again.missing == 0), **stays)


def inclusive_day_count(case: Case) -> Iterator[Supposed]:
    """The days with heat, the days of the season, or both are counted one too many or too few."""
    heated, season = case.fact("heated"), case.fact("season")
    in_months = _of_calendars(case, lambda calendar: bool(calendar.months))
    where = (heated > 0) & ~in_months
    for more_heated, more_season in ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, -1)):
        changed = season + more_season
        yield case.with_facts(where & (changed > 0), heated=heated + more_heated, season=changed)
    if not in_months.any():
        return
    for start, end in ((-1, 0), (1, 0), (0, -1), (0, 1)):
        days = case.prepared.days
        moved = replace(days, start=days.start + start, end=days.end + end)
        yield _with_stay(case, in_months, moved.stay(*_calendars(case)))


def month_for_day_proration(case: Case) -> Iterator[Supposed]:
    """A part of the season is counted in started months, in months of 30 days or by the day, where the tariff counts
    otherwise."""
    heated, suspended, season = case.fact("heated"), case.fact("suspended"), case.fact("season")
    part = (heated > 0) & (heated + suspended <= season) & ((suspended > 0) | (heated < season))
    if not part.any():
        return
    known = case.prepared.pricing.calendars
    days = case.prepared.days
    for changed in (_by_started_months, by_days):
        yield _with_stay(case, part, days.stay([changed(each) for each in known], _calendars(case)[1]))
    in_days = days.stay([by_days(each) for each in known], _calendars(case)[1])
    months = np.array([_months(each) for each in known] + [1], dtype=np.int64)[case.prepared.pricing.calendar]
    in_thirties = replace(in_days, season=months * _DAYS_OF_A_ROUND_MONTH)
    yield _with_stay(case, part & (in_days.heated + in_days.suspended <= in_thirties.season), in_thirties)


def _calendars(case: Case) -> tuple[list[Calendar], Ints]:
    return case.prepared.pricing.calendars, case.prepared.pricing.calendar


def _of_calendars(case: Case, is_so: Callable[[Calendar], bool]) -> Flags:
    known, place = _calendars(case)
    each: Flags = np.array([*(is_so(calendar) for calendar in known), False], dtype=np.bool_)
    found: Flags = each[place]
    return found


def _with_stay(case: Case, where: Flags, stay: Stay) -> Supposed:
    changed = {"heated": stay.heated, "suspended": stay.suspended, "season": stay.season}
    return case.with_facts(where & (stay.heated > 0) & ~stay.is_open, **changed)


def _months(calendar: Calendar) -> int:
    """In how many months the season falls; its last day alone opens none."""
    if calendar.by_months:
        return calendar.units
    if calendar.months:
        return len(calendar.months)
    first, last = as_date(calendar.first), as_date(calendar.last)
    return max(1, month_slot(first, last) + (last > month_start(first, month_slot(first, last))))


def _by_started_months(calendar: Calendar) -> Calendar:
    return replace(calendar, units=_months(calendar), by_months=True, months=())


def by_days(calendar: Calendar) -> Calendar:
    """The same season, a part of it counted by its own days."""
    return replace(calendar, units=calendar.last - calendar.first + 1, by_months=False, months=())
