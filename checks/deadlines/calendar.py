"""Working days and instants in Asia/Shanghai.

A working day is Monday to Friday unless the State Council's notice of the year says otherwise, and a weekend day only
when the notice makes it one (调休上班). A year whose notice is not in the data is refused: falling back on the plain
week would be a guess.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

# The notice of a year has moved days of the December before, never earlier than the 29th (2007 to 2026).
_NEXT_YEAR_RULES_FROM = (12, 29)
_MAX_DAYS = 3660


class CalendarMissing(LookupError):
    """The State Council's holiday notice of ``year`` is not in the calendar data."""

    def __init__(self, year: int) -> None:
        self.year = year
        self.zh = (
            f"缺少{year}年放假安排，不能推算工作日；请将{year}.json放入 checks/deadlines/holidays 后重试。"
        )
        self.en = (
            f"The public-holiday notice of {year} is not in the calendar, so working days cannot be counted; "
            f"add {year}.json to checks/deadlines/holidays and try again."
        )
        super().__init__(f"{self.zh} {self.en}")


def is_working_day(day: dt.date, *, provisional: bool = False) -> bool:
    """Whether ``day`` is a working day in China. Raises :class:`CalendarMissing` where the notice is not known;
    with ``provisional`` the plain week stands in for it, and whoever shows the result must say so."""
    days = _notice_or_plain_week(day.year, provisional)
    if (day.month, day.day) >= _NEXT_YEAR_RULES_FROM:
        days = {**days, **_notice_or_plain_week(day.year + 1, provisional)}
    off = days.get(day)
    return day.weekday() < 5 if off is None else not off


def add_working_days(day: dt.date, count: int, *, provisional: bool = False) -> dt.date:
    """The ``count``-th working day after ``day``; the day itself is not counted (民法典第201条, Civil Code art. 201).

    ``count`` 0 gives ``day`` when it is a working day, else the next working day. Raises ``ValueError`` for a
    negative or absurd count and :class:`CalendarMissing` when the way leads through a year not announced.
    """
    if not 0 <= count <= _MAX_DAYS:
        raise ValueError(
            f"工作日数须在0至{_MAX_DAYS}之间：{count}。 Working days must be 0 to {_MAX_DAYS}: {count}."
        )
    if count == 0:
        return next_working_day(day, provisional=provisional)
    while count:
        day += dt.timedelta(days=1)
        count -= is_working_day(day, provisional=provisional)
    return day


def next_working_day(day: dt.date, *, provisional: bool = False) -> dt.date:
    """``day`` itself when it is a working day, else the first one after it (民法典第203条, Civil Code art. 203)."""
    while not is_working_day(day, provisional=provisional):
        day += dt.timedelta(days=1)
    return day


def add_hours(moment: dt.datetime, hours: int) -> dt.datetime:
    """``moment`` plus elapsed hours, in Asia/Shanghai; counted on the time line, so a change of zone cannot bend it.

    Raises ``ValueError`` for a moment without an offset or a negative count.
    """
    if hours < 0:
        raise ValueError(f"小时数不能为负：{hours}。 Hours must not be negative: {hours}.")
    elapsed = in_shanghai(moment).astimezone(dt.UTC) + dt.timedelta(hours=hours)
    return elapsed.astimezone(SHANGHAI)


def end_of_day(day: dt.date) -> dt.datetime:
    """The last microsecond of ``day`` in Asia/Shanghai: 23:59:59.999 is still in time, 00:00:00 is not."""
    return dt.datetime.combine(day, dt.time.max, tzinfo=SHANGHAI)


def in_shanghai(moment: dt.datetime) -> dt.datetime:
    """``moment`` told in Asia/Shanghai. Raises ``ValueError`` when it has no offset: its zone would be a guess."""
    if moment.utcoffset() is None:
        raise ValueError(
            f"时间缺少时区：{moment.isoformat()}，请注明偏移量（如 +08:00）。 "
            f"The moment {moment.isoformat()} has no offset; give one such as +08:00."
        )
    return moment.astimezone(SHANGHAI)


@cache
def calendar_digest() -> str:
    """SHA-256 over the calendar files as shipped, in order of year: which calendar a deadline was made with."""
    digest = hashlib.sha256()
    for entry in sorted(_folder().iterdir(), key=lambda item: item.name):
        if entry.name.endswith(".json"):
            digest.update(entry.name.encode() + b"\0" + entry.read_bytes() + b"\0")
    return digest.hexdigest()


def _notice_or_plain_week(year: int, provisional: bool) -> dict[dt.date, bool]:
    try:
        return _notice(year)
    except CalendarMissing:
        if provisional:
            return {}
        raise


@cache
def _notice(year: int) -> dict[dt.date, bool]:
    """The days a year's notice names, with whether each is off."""
    file = _folder() / f"{year}.json"
    if not file.is_file():
        raise CalendarMissing(year)
    content = json.loads(file.read_text(encoding="utf-8"))
    if not content["papers"] or not content["days"]:
        raise CalendarMissing(year)
    return {dt.date.fromisoformat(entry["date"]): bool(entry["isOffDay"]) for entry in content["days"]}


def _folder() -> resources.abc.Traversable:
    return resources.files("checks.deadlines") / "holidays"
