"""The heating season of a city in a given winter."""

from __future__ import annotations

import calendar
import datetime as dt
import re

from checks.tariffs.errors import TariffError
from checks.tariffs.record import Season

_LABEL = re.compile(r"(\d{4})-(\d{2})\Z")


def season_dates(season: Season, label: str) -> tuple[dt.date, dt.date, int]:
    """First heated day, last heated day (inclusive) and the number of days billed in the winter ``label``.

    ``label`` is written ``2025-26``. The days are the city's fixed count where it names one (Zhengzhou 120, whatever
    the calendar says), else the days from first to last; 29 February counts. A season that stops at 0:00 of its end
    day has the day before as its last. Raises :class:`TariffError` for a label that is no season.
    """
    year = season_year(label)
    first = _day(year, season.start)
    end = _day(year + 1 if season.end < season.start else year, season.end)
    last = end if season.end_included else end - dt.timedelta(days=1)
    return first, last, season.fixed_days or (last - first).days + 1


def season_year(label: str) -> int:
    """The first calendar year of ``2025-26``; raises :class:`TariffError` when the two years do not follow."""
    match = _LABEL.match(label)
    if not match or (int(match[1]) + 1) % 100 != int(match[2]):
        raise TariffError(
            f"采暖季 {label!r} 写法有误，应如 2025-26", f"{label!r} is no heating season; write it as 2025-26"
        )
    return int(match[1])


def _day(year: int, month_day: tuple[int, int]) -> dt.date:
    month, day = month_day
    # 02-29 as an end means the last day of February.
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))
