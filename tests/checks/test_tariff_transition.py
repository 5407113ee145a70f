"""A change of price inside a season: which price a bill bears on the day before, the day itself and the day after."""

from __future__ import annotations

import datetime as dt

import pytest
from bill_cases import bill, bills_table, price, tariff

from checks.recompute import recompute
from checks.tariffs.record import Tariff, Transition

CITY = "试验市"
DAY = dt.timedelta(days=1)
CHANGES = [dt.date(2025, 12, 31), dt.date(2026, 1, 1), dt.date(2024, 2, 29), dt.date(2025, 2, 28)]


def two_versions(change: dt.date, transition: Transition | None) -> list[Tariff]:
    return [
        tariff(id="old", valid_to=change - DAY),
        tariff(id="new", valid_from=change, area_price=price("30"), transition=transition),
    ]


def season_of(day: dt.date) -> str:
    first = day.year if day.month >= 7 else day.year - 1
    return f"{first}-{(first + 1) % 100:02d}"


def judged(first: dt.date, last: dt.date, tariffs: list[Tariff]) -> tuple[str | None, str | None]:
    row = bill(service_from=first, service_to=last, season=season_of(first), issued_on=first)
    found = recompute(bills_table(row), None, tariffs, city=CITY).to_pylist()[0]
    return found["tariff_id"], found["missing"]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("step", [-1, 0, 1])
def test_by_reading_the_first_day_of_service_decides(change: dt.date, step: int) -> None:
    first = change + step * DAY
    expected = "old" if step < 0 else "new"
    for transition in (None, Transition.BY_READING):
        assert judged(first, first + 5 * DAY, two_versions(change, transition))[0] == expected


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("step", [-1, 0, 1])
def test_from_the_next_season_a_season_that_began_keeps_its_price(change: dt.date, step: int) -> None:
    tariffs = two_versions(change, Transition.NEXT_SEASON)
    first = change + step * DAY
    assert judged(first, first + 5 * DAY, tariffs) == ("old", None)
    year = change.year if change.month < 7 else change.year + 1
    assert judged(dt.date(year, 11, 15), dt.date(year, 11, 20), tariffs) == ("new", None)


@pytest.mark.parametrize("change", CHANGES)
def test_by_day_a_bill_lies_on_one_side_or_is_sent_back_to_be_parted(change: dt.date) -> None:
    tariffs = two_versions(change, Transition.BY_DAY)
    assert judged(change - 5 * DAY, change - DAY, tariffs) == ("old", None)
    assert judged(change, change + 5 * DAY, tariffs) == ("new", None)
    assert judged(change + DAY, change + 5 * DAY, tariffs) == ("new", None)
    for last in (change, change + DAY):
        assert judged(change - DAY, last, tariffs)[1] == "spans_price_change"


def test_two_versions_of_one_day_are_never_guessed_between() -> None:
    change = dt.date(2026, 1, 1)
    tariffs = [*two_versions(change, Transition.NEXT_SEASON), tariff(id="third", valid_from=change)]
    assert judged(change, change + DAY, tariffs) == (None, "tariffs_collide")
