"""How much of the season a bill covers: with heat, and suspended, in the units the tariff charges a part by."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from checks.recompute.columns import Flags, Ints, as_date
from checks.recompute.pricing import Calendar
from checks.recompute.terms import started_months

_NEVER = 1 << 40
_NO_SEASON = Calendar(first=0, last=-1, units=1, by_months=False, late_after=None)
# From the July before a season to the June after it: service outside belongs to another season.
_DAYS_AROUND_A_SEASON = 183


@dataclass(slots=True)
class Stay:
    """Days or months of the season: ``heated`` + ``suspended`` never exceed ``season``. Where the price is per month a
    unit may be a part of a month. ``is_open`` is True where the dates of the season would decide and are not known,
    ``is_elsewhere`` where the service shares no day with the half-years around the season."""

    heated: Ints
    suspended: Ints
    season: Ints
    start: Ints  # first and last day that count, as days since 1970-01-01; start after end where none does
    end: Ints
    is_open: Flags
    is_elsewhere: Flags


def stay_in_season(
    calendars: list[Calendar],
    place: Ints,
    start: Ints,
    end: Ints,
    is_suspended: Flags,
    suspended_from: Ints,
    has_suspended_from: Flags,
) -> Stay:
    """The part of the season from ``start`` to ``end``, both included; the whole season is exactly one.

    Heat is suspended from ``suspended_from`` on (from the start where no day is given). Rows whose ``place`` is -1
    have no season: nothing is counted.
    """
    known = [*calendars, _NO_SEASON]
    first = np.array([c.first for c in known], dtype=np.int64)[place]
    last = np.array([c.last for c in known], dtype=np.int64)[place]
    units = np.array([c.units for c in known], dtype=np.int64)[place]
    is_dated = np.array([c.is_known for c in known], dtype=np.bool_)[place]
    is_elsewhere = (
        (place >= 0)
        & (start <= end)
        & ((end < first - _DAYS_AROUND_A_SEASON) | (start > last + _DAYS_AROUND_A_SEASON))
    )
    pause = np.where(is_suspended, np.where(has_suspended_from, suspended_from, -_NEVER), _NEVER)
    is_off, is_on = pause <= start, pause > end  # all through the service
    start, end = np.maximum(start, first), np.minimum(end, last)
    heat_end = np.minimum(end, pause - 1)
    is_whole = (start == first) & (end == last)
    covered = np.where(is_whole, units, np.minimum(np.maximum(end - start + 1, 0), units))
    heated = np.where(heat_end == end, covered, np.minimum(np.maximum(heat_end - start + 1, 0), covered))
    stay = Stay(heated, covered - heated, units, start, end, ~is_dated, is_elsewhere)
    is_split = ~(is_whole & ((heat_end == end) | (heat_end < start)))
    if not is_dated.all():
        _whole_or_open(stay, ~is_dated, is_whole & (is_off | is_on), is_off)
    of_months = np.array([c.by_months or bool(c.months) for c in known], dtype=np.bool_)[place]
    rows = np.flatnonzero(of_months & is_split & is_dated)
    if len(rows):
        _by_months(stay, rows, known, place, heat_end)
    return stay


@dataclass(frozen=True, slots=True)
class Gap:
    """Days inside the service of a row that it does not charge, first and last counted."""

    row: int
    first: int
    last: int


def take_gaps_out(stay: Stay, rows: Ints, gaps: Stay) -> None:
    """What the gaps of the ``rows`` come to by themselves is taken out of the stay, never below nothing. In a season
    whose dates nobody published it cannot be told."""
    for place, row in enumerate(rows.tolist()):
        if gaps.is_open[place]:
            stay.is_open[row] = True
            continue
        whole, of_gap = int(stay.season[row]), int(gaps.season[place])
        unit = math.lcm(max(whole, 1), max(of_gap, 1))
        for counted, taken in ((stay.heated, gaps.heated), (stay.suspended, gaps.suspended)):
            counted[row] = max(
                int(counted[row]) * (unit // max(whole, 1)) - int(taken[place]) * (unit // max(of_gap, 1)), 0
            )
        stay.season[row] = unit


def _whole_or_open(stay: Stay, undated: Flags, is_whole: Flags, is_off: Flags) -> None:
    """A season without published dates: whole where the service holds every day that all seasons have in common and
    its heat was on or off all through, otherwise open."""
    stay.is_open &= ~is_whole
    stay.suspended[undated] = is_off[undated]
    stay.heated[undated] = ~is_off[undated]


def _by_months(stay: Stay, rows: Ints, known: list[Calendar], place: Ints, heat_end: Ints) -> None:
    """Months of the rows that do not cover the whole season, each distinct stay counted once."""
    first = np.array([c.first for c in known], dtype=np.int64)[place[rows]] - 1
    last = np.array([c.last for c in known], dtype=np.int64)[place[rows]] + 1
    start, end = np.minimum(stay.start[rows], last) - first, np.maximum(stay.end[rows], first) - first
    until = np.clip(heat_end[rows], first, last) - first
    width = int((last - first).max()) + 1
    key = ((place[rows] * width + start) * width + end) * width + until
    distinct, where = np.unique(key, return_inverse=True)
    counted = []
    for stretch in distinct.tolist():
        stretch, heated_to = divmod(stretch, width)
        stretch, ends = divmod(stretch, width)
        of, starts = divmod(stretch, width)
        opens = known[of].first - 1
        counted.append(_months_counted(known[of], opens + starts, opens + ends, opens + heated_to))
    found = np.array(counted, dtype=np.int64)[where.reshape(-1)]
    stay.heated[rows], stay.suspended[rows], stay.season[rows] = found.T


def _months_counted(calendar: Calendar, start: int, end: int, heat_end: int) -> tuple[int, int, int]:
    """Heated and suspended units, and the units of the whole season."""
    is_whole = (start, end) == (calendar.first, calendar.last)
    count: Callable[[int, int], Fraction]
    if calendar.by_months:
        begin = as_date(calendar.first)

        def count(one: int, other: int) -> Fraction:
            return Fraction(started_months(begin, as_date(one), as_date(other), calendar.units))

        months = calendar.units
    else:

        def count(one: int, other: int) -> Fraction:
            return _parts_of_months(calendar.months, one, other)

        months = len(calendar.months)
    covered = Fraction(months) if is_whole else count(start, end) if start <= end else Fraction(0)
    if heat_end >= end:
        heated = covered
    else:
        heated = min(count(start, heat_end), covered) if start <= heat_end else Fraction(0)
    unit = math.lcm(covered.denominator, heated.denominator)
    return int(heated * unit), int((covered - heated) * unit), months * unit


def _parts_of_months(months: tuple[tuple[int, int], ...], start: int, end: int) -> Fraction:
    """Whole months, and of every other month touched its days by the days it has."""
    total = Fraction(0)
    for first, last in months:
        shared = min(end, last) - max(start, first) + 1
        if shared > 0:
            total += Fraction(shared, last - first + 1)
    return total
