"""How much of the season a bill covers: with heat, and suspended, in the units the tariff charges a part by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from checks.recompute.columns import Flags, Ints, as_date
from checks.recompute.pricing import Calendar
from checks.recompute.terms import started_months

_NEVER = 1 << 40


@dataclass(slots=True)
class Stay:
    """Days or started months of the season: ``heated`` + ``suspended`` never exceed ``season``."""

    heated: Ints
    suspended: Ints
    season: Ints
    start: Ints  # first and last day that count, as days since 1970-01-01; start after end where none does
    end: Ints


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
    known = [*calendars, Calendar(first=0, last=-1, units=1, by_months=False, late_after=None)]
    first = np.array([c.first for c in known], dtype=np.int64)[place]
    last = np.array([c.last for c in known], dtype=np.int64)[place]
    units = np.array([c.units for c in known], dtype=np.int64)[place]
    by_months = np.array([c.by_months for c in known], dtype=np.bool_)[place]
    start, end = np.maximum(start, first), np.minimum(end, last)
    pause = np.where(is_suspended, np.where(has_suspended_from, suspended_from, -_NEVER), _NEVER)
    heat_end = np.minimum(end, pause - 1)
    is_whole = (start == first) & (end == last)
    covered = np.where(is_whole, units, np.minimum(np.maximum(end - start + 1, 0), units))
    heated = np.where(heat_end == end, covered, np.minimum(np.maximum(heat_end - start + 1, 0), covered))
    for row in np.flatnonzero(by_months & ~(is_whole & (heat_end == end))).tolist():
        begin, months = as_date(int(first[row])), int(units[row])
        touched = [
            started_months(begin, as_date(int(start[row])), as_date(int(last_day)), months)
            for last_day in (end[row], max(int(heat_end[row]), int(start[row]) - 1))
        ]
        covered[row] = units[row] if is_whole[row] else touched[0]
        heated[row] = min(touched[1], int(covered[row]))
    return Stay(heated=heated, suspended=covered - heated, season=units, start=start, end=end)
