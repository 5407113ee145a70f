"""The worked examples that were published, to the fen; two of them are wrong in print and must be found wrong."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bill_cases import CITY, bill, bills_table, price, tariff

from checks.recompute import recompute
from checks.tariffs.load import load_published
from checks.tariffs.record import AreaBasis, HeatUnit, MeteredPrice, Per, Season, Tariff

HEBEI_WINTER = Season((11, 15), (3, 15), end_included=False)


def published(tariff_id: str) -> Tariff:
    return next(record for record in load_published() if record.id == tariff_id)


def outcome_of(row: dict[str, Any], records: list[Tariff] | None = None, **where: Any) -> dict[str, Any]:
    found: dict[str, Any] = recompute(
        bills_table(row), None, records if records is not None else load_published(), **where
    ).to_pylist()[0]
    return found


def settled(**changes: Any) -> dict[str, Any]:
    return bill(
        kind="settlement",
        billing_method="metered",
        heat_unit="kWh",
        issued_on=dt.date(2026, 5, 20),
        **changes,
    )


def test_E01_a_beijing_flat_pays_the_metered_2160_and_not_the_area_fee_of_2400() -> None:
    row = settled(heat_used="6000.000", base_charge="1200.00", metered_charge="960.00")
    found = outcome_of(row, city="北京市", service_areas=("city-network",))
    assert found["outcome"] == "conforms"
    assert found["recomputed_total"] == Decimal("2160.00")
    assert found["cap_reduction_due"] == Decimal("0.00")
    assert found["tariff_id"] == "bj-res-citynet"


def test_E01_the_same_flat_by_area_pays_2400() -> None:
    found = outcome_of(bill(area_charge="2400.00"), city="北京市", service_areas=("city-network",))
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("2400.00"))


def test_E02_tianjin_settles_8100_kwh_at_1803() -> None:
    record = replace(published("tj-res"), area_basis=AreaBasis.FLOOR)
    row = settled(heat_used="8100.000", base_charge="750.00", metered_charge="1053.00")
    found = outcome_of(row, [record], city="天津市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("1803.00"))


def test_E02_tianjin_breaks_even_between_13461_and_13462_kwh() -> None:
    record = replace(published("tj-res"), area_basis=AreaBasis.FLOOR)
    below = outcome_of(settled(heat_used="13461.000"), [record], city="天津市")
    above = outcome_of(settled(heat_used="13462.000"), [record], city="天津市")
    assert below["recomputed_total"] < Decimal("2500.00") < above["recomputed_total"]


def test_E02_the_published_tianjin_record_prices_the_area_the_bill_states_whatever_kind_it_is() -> None:
    row = settled(heat_used="8100.000", base_charge="750.00", metered_charge="1053.00")
    found = outcome_of(row, city="天津市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("1803.00"))


def test_E05_huaian_bills_the_difference_of_two_readings() -> None:
    record = replace(published("ha-res"), season=HEBEI_WINTER, cap_known=True)
    row = settled(
        reading_from="6.000",
        reading_to="5006.000",
        base_charge="540.00",
        metered_charge="1150.00",
        prepaid="2500.00",
    )
    found = outcome_of(row, [record], city="淮安市")
    assert found["base_charge_due"] == Decimal("540.00")
    assert found["metered_charge_due"] == Decimal("1150.00")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("1690.00"))


def test_E05_the_published_huaian_record_gives_the_published_result() -> None:
    row = settled(reading_from="6.000", reading_to="5006.000", base_charge="540.00", metered_charge="1150.00")
    found = outcome_of(row, city="淮安市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("1690.00"))


def test_without_an_area_price_an_unknown_cap_cannot_be_ruled_out() -> None:
    record = replace(published("ha-res"), cap_known=False)
    row = settled(reading_from="6.000", reading_to="5006.000", base_charge="540.00", metered_charge="1150.00")
    assert outcome_of(row, [record], city="淮安市")["missing"] == "cap_unknown"


def test_E07_zhengzhou_charges_0_19_a_day_for_120_days() -> None:
    found = outcome_of(bill(area_basis="inner", area_charge="2280.00"), city="郑州市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("2280.00"))


def test_E08_zhengzhou_settles_1000_kwh_at_901() -> None:
    row = settled(area_basis="inner", heat_used="1000.000", base_charge="684.00", metered_charge="217.00")
    record = replace(published("zz-res"), cap_known=True, cap_share=None)
    found = outcome_of(row, [record], city="郑州市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("901.00"))


def test_E08_below_the_area_fee_the_unknown_cap_does_not_matter() -> None:
    row = settled(area_basis="inner", heat_used="1000.000", base_charge="684.00", metered_charge="217.00")
    assert outcome_of(row, city="郑州市")["outcome"] == "conforms"


def test_E09_a_shop_in_zhengzhou_pays_6720() -> None:
    row = bill(category="non_residential", billed_area_m2="200.00", area_charge="6720.00")
    found = outcome_of(row, city="郑州市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("6720.00"))


@pytest.mark.parametrize(
    "lines", [{"area_charge": "1704.00", "height_surcharge": "1363.20"}, {"area_charge": "3067.20"}]
)
def test_E11_a_handan_shop_of_5_4_m_pays_3067_20(lines: dict[str, str]) -> None:
    record = replace(published("hd-non"), season=HEBEI_WINTER)
    row = bill(category="non_residential", billed_area_m2="48.00", storey_height_m="5.40", **lines)
    found = outcome_of(row, [record], city="邯郸市")
    assert found["area_charge_due"] == Decimal("1704.00")
    assert found["height_surcharge_due"] == Decimal("1363.20")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("3067.20"))


def test_E11_the_published_handan_record_gives_the_published_result_without_season_dates() -> None:
    row = bill(
        category="non_residential", billed_area_m2="48.00", storey_height_m="5.40", area_charge="3067.20"
    )
    found = outcome_of(row, city="邯郸市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("3067.20"))


def harbin_2014(**changes: Any) -> dict[str, Any]:
    return bill(
        season="2014-15",
        service_from=dt.date(2014, 10, 20),
        service_to=dt.date(2015, 4, 20),
        area_basis="usable",
        **changes,
    )


def test_E13_a_harbin_flat_of_70_m2_usable_area_pays_2824_50() -> None:
    found = outcome_of(harbin_2014(billed_area_m2="70.00", area_charge="2824.50"), city="哈尔滨市")
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("2824.50"))


@pytest.mark.parametrize(
    ("area", "printed", "due", "overcharge"),
    [("90.00", "4010.10", "4004.10", "6.00"), ("200.00", "8918.00", "8898.00", "20.00")],
    ids=["E14", "E15"],
)
def test_the_two_figures_that_are_wrong_in_print_are_found_wrong(
    area: str, printed: str, due: str, overcharge: str
) -> None:
    row = harbin_2014(category="non_residential", billed_area_m2=area, area_charge=printed)
    found = outcome_of(row, city="哈尔滨市")
    assert found["outcome"] == "breach"
    assert found["recomputed_total"] == Decimal(due)
    assert found["overcharge"] == Decimal(overcharge)


@pytest.mark.parametrize(("months", "total"), [(5, "990.00"), (4, "792.00")])
def test_E16_60_m2_at_3_30_a_month(months: int, total: str) -> None:
    record = tariff(
        area_basis=AreaBasis.USABLE,
        area_price=price("3.30", Per.MONTH, months),
        season=Season((11, 1), (3, 31 if months == 5 else 1), end_included=months == 5),
    )
    row = bill(
        billed_area_m2="60.00",
        area_basis="usable",
        area_charge=total,
        service_from=dt.date(2025, 11, 1),
        service_to=dt.date(2026, 3, 31),
    )
    found = outcome_of(row, [record], city=CITY)
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal(total))


def test_E17_100_m2_at_29_is_2900() -> None:
    found = outcome_of(bill(area_charge="2900.00"), [tariff(area_price=price("29"))], city=CITY)
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", Decimal("2900.00"))


def test_derived_a_price_per_gigajoule_takes_kilowatt_hours_at_277_778_to_the_gigajoule() -> None:
    record = tariff(metered_price=MeteredPrice(Decimal("42.55"), HeatUnit.GJ), cap_share=None)
    found = outcome_of(settled(heat_used="5555.560", base_charge="1200.00"), [record], city=CITY)
    assert found["metered_charge_due"] == Decimal("851.00")  # 20 GJ exactly
