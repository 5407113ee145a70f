"""The golden pack of a tariff: cases at the edges of its rules, the same for the same tariff, each amount by hand here."""

from __future__ import annotations

import dataclasses
import datetime as dt
from decimal import Decimal

import pytest
from bill_cases import price, tariff

from checks.pack import GoldenCase, golden_pack
from checks.tariffs.load import load_published
from checks.tariffs.record import Transition

SEASON = "2025-26"


def pack(tariff_id: str) -> dict[str, GoldenCase]:
    everything = load_published()
    one = next(record for record in everything if record.id == tariff_id)
    return {case.about.en: case for case in golden_pack(one, everything, SEASON)}


@pytest.mark.parametrize(
    ("tariff_id", "about", "due"),
    [
        ("jn-res", "whole season, 100 m²", "2670.00"),
        ("jn-res", "whole season, 99.99 m²", "2669.73"),
        # 801.00 + 2,136.00 is 110 % of 2,670.00: one thousandth of a kWh more changes nothing
        ("jn-res", "settled, heat used 10680.000 kWh", "2937.00"),
        ("jn-res", "settled, heat used 10680.001 kWh", "2937.00"),
        ("jn-res", "suspended for the whole season", "0.00"),
        # 3.50 m: none; a started step of 0.3 m counts in full
        ("sy-non", "storey height 3.5 m", "3200.00"),
        ("sy-non", "storey height 3.51 m", "3520.00"),
        ("sy-non", "storey height 3.8 m", "3520.00"),
        ("sy-non", "storey height 3.81 m", "3840.00"),
        # 3,832.00 x 1 per mille x 1 and 30 days after 20 April, which is later than 31 December
        ("hrb-res-2015", "the most a late fee may be, paid 1 days late", "3835.83"),
        ("hrb-res-2015", "the most a late fee may be, paid 30 days late", "3946.96"),
        # ten days of 183 at half, and at the whole from 15.99 down: 3,832.00 x 5 / 183 = 104.70
        ("hrb-res-2015", "20 °C on ten days after a request", "3832.00"),
        ("hrb-res-2015", "19.99 °C on ten days after a request", "3727.30"),
        ("hrb-res-2015", "16 °C on ten days after a request", "3727.30"),
        ("hrb-res-2015", "15.99 °C on ten days after a request", "3622.60"),
        # by the month: 2,700.00 x 31 / 169 x 30 % = 148.58 for January
        ("cc-res", "17.99 °C on ten days after a request", "2551.42"),
        # 24:00 exactly earns nothing in Jinan; a minute more 2,670.00 x 1,441 / 1,440 / 120 = 22.27
        ("jn-res", "24:00 hours without heat from 5 January, 6 o'clock", "2670.00"),
        ("jn-res", "24:01 hours without heat from 5 January, 6 o'clock", "2647.73"),
        # Changchun gives two whole days double: 2,700.00 x 4 / 169 = 63.91
        ("cc-res", "48:00 hours without heat from 5 January, 6 o'clock", "2700.00"),
        ("cc-res", "60:00 hours without heat from 5 January, 6 o'clock", "2636.09"),
    ],
)
def test_a_case_comes_to_what_the_rule_says(tariff_id: str, about: str, due: str) -> None:
    assert pack(tariff_id)[about].due == Decimal(due)


def test_a_case_that_cannot_be_computed_says_why() -> None:
    case = pack("sy-non")["storey height 6.01 m"]
    assert (case.due, case.lines, case.missing) == (None, {}, ("height_negotiated",))


def test_around_a_change_by_day_each_side_bears_its_price() -> None:
    change = dt.date(2026, 1, 1)
    old = tariff(id="old", valid_to=change - dt.timedelta(days=1))
    new = tariff(id="new", valid_from=change, area_price=price("30"), transition=Transition.BY_DAY)
    found = {case.about.en: case for case in golden_pack(new, [old, new], SEASON)}
    # 120 days: 74 from 31 December on, one of them at 24
    assert found["from the change -1 days"].due == Decimal("20.00") + Decimal("1825.00")
    assert found["from the change +0 days"].due == Decimal("1825.00")
    assert found["from the change +1 days"].due == Decimal("1800.00")
    assert found["to the change -1 days"].due == Decimal("940.00")
    assert found["to the change +0 days"].due == Decimal("940.00") + Decimal("25.00")
    assert found["whole season, 100 m²"].due == Decimal("940.00") + Decimal("1825.00")


def test_the_lines_of_every_case_of_every_tariff_add_up_and_come_out_the_same_again() -> None:
    everything = load_published()
    for record in everything[::7]:
        cases = golden_pack(record, everything, SEASON)
        assert cases == golden_pack(record, everything, SEASON)
        for case in cases:
            assert bool(case.missing) == (case.due is None)
            assert case.due is None or sum(case.lines.values(), Decimal(0)) == case.due


def test_without_dates_of_the_season_there_is_no_pack() -> None:
    record = dataclasses.replace(load_published()[0], season=None)
    assert golden_pack(record, [record], SEASON) == ()
