"""Working days and instants: against the notices, and against a slow count that shares no code with them."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import checks.deadlines.calendar as calendar_module
from checks.deadlines import (
    SHANGHAI,
    CalendarMissing,
    add_hours,
    add_working_days,
    calendar_digest,
    end_of_day,
    is_late,
    is_working_day,
)

FOLDER = Path(calendar_module.__file__).parent / "holidays"
FIRST, LAST = dt.date(2020, 1, 1), dt.date(2026, 12, 28)


def _slow_days() -> list[tuple[dt.date, bool]]:
    """Every day of 2020 to 2026 in order with whether it is worked, straight from the files."""
    named: dict[str, bool] = {}
    for file in sorted(FOLDER.glob("*.json")):
        for entry in json.loads(file.read_text(encoding="utf-8"))["days"]:
            named[entry["date"]] = not entry["isOffDay"]
    days, day = [], FIRST
    while day <= LAST:
        days.append((day, named.get(day.isoformat(), day.isoweekday() not in (6, 7))))
        day = day + dt.timedelta(1)
    return days


SLOW = _slow_days()
SLOW_WORKED = [day for day, worked in SLOW if worked]


def test_every_day_of_seven_years_is_told_as_the_notices_say() -> None:
    assert [(day, is_working_day(day)) for day, _ in SLOW] == SLOW


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        ("2025-10-01", False),  # National Day, a Wednesday
        ("2025-09-28", True),  # a Sunday worked instead
        ("2025-10-11", True),  # a Saturday worked instead
        ("2025-01-26", True),  # the Sunday before Spring Festival
        ("2024-02-29", True),  # leap day, a Thursday
        ("2022-12-31", False),  # moved by the notice of 2023
        ("2025-11-15", False),  # a plain Saturday
        ("2025-11-17", True),
        ("2026-02-28", True),  # make-up Saturday
    ],
)
def test_make_up_days_holidays_and_leap_days_are_known(day: str, worked: bool) -> None:
    assert is_working_day(dt.date.fromisoformat(day)) is worked


@settings(max_examples=2000)
@given(
    start=st.dates(FIRST, dt.date(2026, 6, 30)),
    count=st.integers(0, 80),
)
def test_adding_working_days_agrees_with_counting_them_one_by_one(start: dt.date, count: int) -> None:
    if count == 0:
        expected = next(day for day in SLOW_WORKED if day >= start)
    else:
        expected = [day for day in SLOW_WORKED if day > start][count - 1]
    assert add_working_days(start, count) == expected


def test_the_ends_of_all_months_and_years_agree_with_the_slow_count() -> None:
    ends = [day for day, _ in SLOW if (day + dt.timedelta(1)).day == 1 and day < dt.date(2026, 11, 30)]
    assert len(ends) > 80
    for end in ends:
        for count in (1, 2, 3, 5, 7):
            assert add_working_days(end, count) == [day for day in SLOW_WORKED if day > end][count - 1]


def test_five_working_days_over_spring_festival_pass_through_the_make_up_day() -> None:
    # 2026: off 15 to 23 February, worked on Saturday 14 and Saturday 28 February.
    assert add_working_days(dt.date(2026, 2, 13), 5) == dt.date(2026, 2, 27)
    assert add_working_days(dt.date(2026, 2, 13), 6) == dt.date(2026, 2, 28)


@pytest.mark.parametrize(("day", "year"), [("2019-12-31", 2019), ("2027-01-04", 2027), ("2028-05-01", 2028)])
def test_a_year_without_a_notice_is_refused_by_name(day: str, year: int) -> None:
    with pytest.raises(CalendarMissing, match=str(year)) as caught:
        is_working_day(dt.date.fromisoformat(day))
    assert caught.value.year == year
    assert str(year) in caught.value.zh
    assert str(year) in caught.value.en


def test_the_last_days_of_december_wait_for_the_notice_of_the_next_year() -> None:
    assert is_working_day(dt.date(2026, 12, 28))
    with pytest.raises(CalendarMissing) as caught:
        is_working_day(dt.date(2026, 12, 29))
    assert caught.value.year == 2027


def test_no_notice_in_the_data_moves_a_december_day_before_the_29th() -> None:
    for file in FOLDER.glob("*.json"):
        year = file.stem
        earlier = [
            e["date"] for e in json.loads(file.read_text("utf-8"))["days"] if not e["date"].startswith(year)
        ]
        assert all(day >= f"{int(year) - 1}-12-29" for day in earlier), file.name


def test_counting_into_a_year_not_announced_is_refused_rather_than_guessed() -> None:
    with pytest.raises(CalendarMissing):
        add_working_days(dt.date(2026, 12, 25), 5)


@pytest.mark.parametrize("count", [-1, 10_000])
def test_an_impossible_count_of_days_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="Working days"):
        add_working_days(dt.date(2025, 1, 2), count)


def test_the_day_ends_between_its_last_microsecond_and_midnight() -> None:
    by = end_of_day(dt.date(2025, 11, 20))
    assert not is_late(dt.datetime(2025, 11, 20, 23, 59, 59, 999_000, tzinfo=SHANGHAI), by)
    assert not is_late(dt.datetime(2025, 11, 20, 23, 59, 59, 999_999, tzinfo=SHANGHAI), by)
    assert is_late(dt.datetime(2025, 11, 21, tzinfo=SHANGHAI), by)


def test_the_server_zone_does_not_matter() -> None:
    by = end_of_day(dt.date(2025, 11, 20))
    assert not is_late(dt.datetime(2025, 11, 20, 15, 59, 59, 999_000, tzinfo=dt.UTC), by)
    assert is_late(dt.datetime(2025, 11, 20, 16, tzinfo=dt.UTC), by)


@settings(max_examples=500)
@given(
    moment=st.datetimes(dt.datetime(1985, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(dt.UTC)),
    hours=st.integers(0, 200),
)
def test_hours_are_elapsed_time_even_across_the_summer_time_of_the_1980s(
    moment: dt.datetime, hours: int
) -> None:
    later = add_hours(moment, hours)
    assert later.astimezone(dt.UTC) - moment == dt.timedelta(hours=hours)
    assert later.tzinfo is SHANGHAI


def test_an_instant_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="offset"):
        add_hours(dt.datetime(2025, 11, 20, 8), 1)
    with pytest.raises(ValueError, match="negative"):
        add_hours(dt.datetime(2025, 11, 20, 8, tzinfo=SHANGHAI), -1)


def test_the_digest_names_the_calendar_as_shipped() -> None:
    assert len(calendar_digest()) == 64
    assert calendar_digest() == calendar_digest()
