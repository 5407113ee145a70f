"""Periods of a filing: a heating season ``2025-26``, a month ``2025-12`` or a day ``2025-12-03``."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from enum import StrEnum

_SEASON = re.compile(r"(20[0-9]{2})-([0-9]{2})", re.ASCII)
_DAY = re.compile(r"(20[0-9]{2})-([0-9]{2})-([0-9]{2})", re.ASCII)


class PeriodKind(StrEnum):
    SEASON = "season"
    MONTH = "month"
    DAY = "day"


#: What a kind of period is called, Chinese and English, with an example.
PERIOD_NAMES: dict[PeriodKind, tuple[str, str]] = {
    PeriodKind.SEASON: ("采暖季（2025-26）", "season (2025-26)"),
    PeriodKind.MONTH: ("月（2025-12）", "month (2025-12)"),
    PeriodKind.DAY: ("日（2025-12-03）", "day (2025-12-03)"),
}


@dataclass(frozen=True, slots=True)
class Period:
    """A filing's period, both ends included. A season runs from 1 July to 30 June: every city's heating
    season, its prepayments and its settlement fall inside, and two seasons never overlap."""

    text: str
    kind: PeriodKind
    first_day: dt.date
    last_day: dt.date

    @classmethod
    def parse(cls, text: str, kinds: tuple[PeriodKind, ...] = tuple(PeriodKind)) -> Period:
        """The period that ``text`` names among ``kinds``. ``2025-26`` can only be a season and ``2025-12`` only a
        month; where both can be read (``2011-12``), the first of ``kinds`` that fits is taken.
        ValueError, saying what is expected, for anything else."""
        for kind in kinds:
            period = _PARSERS[kind](text)
            if period is not None:
                return period
        wanted = " / ".join(_FORMS[kind] for kind in kinds)
        raise ValueError(
            f"报送期“{text}”不可识别，应写作 {wanted}。 / Period {text!r} is not one of: {wanted}."
        )

    def __str__(self) -> str:
        return self.text


def season_of(day: dt.date) -> Period:
    """The season whose year (1 July to 30 June) contains ``day``."""
    return season_starting(day.year if day.month >= 7 else day.year - 1)


def season_starting(year: int) -> Period:
    """The season that begins in the autumn of ``year``."""
    text = f"{year:04d}-{(year + 1) % 100:02d}"
    return Period(text, PeriodKind.SEASON, dt.date(year, 7, 1), dt.date(year + 1, 6, 30))


def _season(text: str) -> Period | None:
    found = _SEASON.fullmatch(text)
    if found is None or int(found[2]) != (int(found[1]) + 1) % 100:
        return None
    return season_starting(int(found[1]))


def _month(text: str) -> Period | None:
    found = _SEASON.fullmatch(text)
    if found is None or not 1 <= int(found[2]) <= 12:
        return None
    year, month = int(found[1]), int(found[2])
    last = calendar.monthrange(year, month)[1]
    return Period(text, PeriodKind.MONTH, dt.date(year, month, 1), dt.date(year, month, last))


def _day(text: str) -> Period | None:
    if _DAY.fullmatch(text) is None:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return Period(text, PeriodKind.DAY, day, day)


_PARSERS = {PeriodKind.SEASON: _season, PeriodKind.MONTH: _month, PeriodKind.DAY: _day}
_FORMS = {PeriodKind.SEASON: "2025-26", PeriodKind.MONTH: "2025-12", PeriodKind.DAY: "2025-12-03"}
