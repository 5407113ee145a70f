"""Season day counts as the cities bill them."""

import datetime as dt

import pytest

from checks.tariffs.errors import TariffError
from checks.tariffs.in_force import season_dates
from checks.tariffs.load import load_published
from checks.tariffs.record import Season

SEASONS = {tariff.id: tariff.season for tariff in load_published()}


@pytest.mark.parametrize(
    ("tariff", "label", "first", "last", "days"),
    [
        ("hrb-res-2015", "2025-26", "2025-10-20", "2026-04-20", 183),
        ("hrb-res-2015", "2023-24", "2023-10-20", "2024-04-20", 184),
        ("zz-res", "2025-26", "2025-11-15", "2026-03-14", 120),
        ("zz-res", "2023-24", "2023-11-15", "2024-03-14", 120),
        ("jn-res", "2023-24", "2023-11-15", "2024-03-14", 120),
        ("lyang-res", "2014-15", "2014-11-15", "2015-03-15", 121),
        ("bj-res-citynet", "2025-26", "2025-11-15", "2026-03-14", 120),
        ("bj-res-citynet", "2023-24", "2023-11-15", "2024-03-14", 121),
        ("sy-res", "2025-26", "2025-11-01", "2026-03-31", 151),
        ("sy-res", "2027-28", "2027-11-01", "2028-03-31", 152),
        ("qd-res", "2025-26", "2025-11-16", "2026-04-05", 141),
        ("cc-res", "2025-26", "2025-10-20", "2026-04-06", 169),
        ("xn-res-chp", "2025-26", "2025-10-15", "2026-04-14", 182),
    ],
)
def test_a_season_has_the_days_its_city_bills(tariff, label, first, last, days):
    assert season_dates(SEASONS[tariff], label) == (
        dt.date.fromisoformat(first),
        dt.date.fromisoformat(last),
        days,
    )


def test_a_season_ending_on_29_february_ends_on_the_28th_in_a_common_year():
    season = Season((11, 1), (2, 29), end_included=True)
    assert season_dates(season, "2025-26")[1:] == (dt.date(2026, 2, 28), 120)
    assert season_dates(season, "2027-28")[1:] == (dt.date(2028, 2, 29), 121)


def test_the_turn_of_the_century_is_a_season_too():
    assert season_dates(SEASONS["sy-res"], "1999-00")[0] == dt.date(1999, 11, 1)


@pytest.mark.parametrize("label", ["2025", "2025-27", "2025/26", "25-26", "2025-2026", ""])
def test_a_label_that_is_no_season_is_refused_in_both_languages(label):
    with pytest.raises(TariffError) as caught:
        season_dates(SEASONS["sy-res"], label)
    assert "2025-26" in caught.value.zh
    assert "2025-26" in caught.value.en
