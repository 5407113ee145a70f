"""What a new version would do to the calendar of its city: two prices on a day, or none."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from bill_cases import tariff

from checks.tariffs.calendar import LAST_DAY, Fault, FaultKind, ended, faults
from checks.tariffs.load import load_published
from checks.tariffs.record import Tariff

CITY = "试验市"
DAY = dt.timedelta(days=1)
FROM = dt.date(2025, 11, 15)
STANDS = tariff(id="stands")


def taken_over(new: Tariff, stands: Tariff = STANDS) -> list[Fault]:
    assert new.valid_from is not None
    left = ended(stands, new.valid_from - DAY)
    return faults([stands], [*([left] if left else []), new], city=CITY)


def test_a_version_that_takes_over_leaves_neither_gap_nor_overlap() -> None:
    assert taken_over(tariff(id="new", valid_from=FROM)) == []


@pytest.mark.parametrize("change", [dt.date(2024, 2, 29), dt.date(2024, 3, 1), dt.date(2025, 12, 31)])
def test_nor_does_one_that_begins_on_a_leap_day_or_at_the_end_of_a_year(change: dt.date) -> None:
    assert taken_over(tariff(id="new", valid_from=change)) == []


def test_a_version_that_forgets_the_one_before_gives_days_two_prices() -> None:
    found = faults([STANDS], [STANDS, tariff(id="new", valid_from=FROM)], city=CITY)
    assert {one.kind for one in found} == {FaultKind.TWO_PRICES}
    assert {(one.first_day, one.last_day) for one in found} == {(FROM, LAST_DAY)}
    assert {one.ids for one in found} == {("stands", "new")}
    assert "2025-11-15" in found[0].zh
    assert "stands and new" in found[0].en


def test_two_versions_of_one_day_collide_on_that_day_alone() -> None:
    day_only = tariff(id="new", valid_from=FROM, valid_to=FROM)
    found = faults([STANDS], [STANDS, day_only], city=CITY)
    assert {(one.first_day, one.last_day) for one in found} == {(FROM, FROM)}


def test_a_version_that_prices_fewer_methods_leaves_the_others_without_a_price() -> None:
    found = taken_over(tariff(id="new", valid_from=FROM, methods=("area",), metered_price=None))
    assert {(one.kind, one.scope.method) for one in found} == {(FaultKind.NO_PRICE, "metered")}
    assert found[0].first_day == FROM
    assert set(found[0].ids) == {"stands", "new"}


def test_a_price_of_the_own_category_takes_it_from_the_fallback_with_all_its_methods() -> None:
    general = tariff(id="general", category="non_residential")
    office = tariff(id="office", category="office", valid_from=FROM, methods=("area",))
    found = faults([general], [general, office], city=CITY)
    assert {(one.kind, one.scope.category, one.scope.method) for one in found} == {
        (FaultKind.NO_PRICE, "office", "metered")
    }


@pytest.mark.parametrize(("last_day", "is_hole"), [((2025, 3, 31), False), ((2025, 3, 1), True)])
def test_a_hole_before_the_new_version_counts_where_it_has_heated_days(
    last_day: tuple[int, int, int], is_hole: bool
) -> None:
    stands = tariff(id="stands", valid_to=dt.date(*last_day))
    new = tariff(id="new", valid_from=FROM)
    found = faults([stands], [stands, new], city=CITY)
    assert bool(found) is is_hole
    for one in found:
        assert (one.first_day, one.last_day) == (dt.date(*last_day) + DAY, FROM - DAY)
        assert one.ids == ("stands", "new")


def test_what_was_wrong_before_is_not_held_against_the_new_version() -> None:
    again = replace(STANDS, id="again")
    assert faults([STANDS, again], [STANDS, again, tariff(id="x", city="别市")], city=CITY) == []


def test_a_version_with_no_day_left_stands_no_more() -> None:
    stands = tariff(id="stands", valid_from=FROM)
    assert ended(stands, FROM - DAY) is None
    assert ended(stands, FROM).valid_to == FROM  # type: ignore[union-attr]


@pytest.mark.parametrize("record", [one for one in load_published() if one.valid_to is None][::6], ids=str)
def test_every_published_price_can_be_followed(record: Tariff) -> None:
    city = [one for one in load_published() if one.city == record.city]
    new = replace(record, id="new", valid_from=dt.date(2026, 7, 1), valid_to=None, rules_from=())
    after = [ended(one, dt.date(2026, 6, 30)) if one.id == record.id else one for one in city]
    assert faults(city, [one for one in [*after, new] if one], city=record.city) == []
