"""The plausibility test of two-part tariffs, against every figure published and every norm computed from them."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest

from checks.tariffs.load import load_published
from checks.tariffs.plausibility import KWH_PER_GJ, base_share, implausible, norm_heat_kwh
from checks.tariffs.record import HeatUnit, MeteredPrice
from checks.tariffs.reference import REFERENCE_HOME, reference_bill

PUBLISHED = load_published()
BY_ID = {tariff.id: tariff for tariff in PUBLISHED}

# id, base share, norm heat kWh/m2, GJ/m2, as computed independently of this code from the published prices.
# Jinan is 18.69 / 0.2 = 93.45 exactly and so 93.5; binary fractions would show 93.4.
NORM_HEAT = """
bj-res-citynet 0.50 75.0 0.270
bj-res-gas 0.60 75.0 0.270
bj-res-coal-direct 0.42 59.4 0.214
bj-res-coal-indirect 0.37 75.0 0.270
bj-non-urban6 0.40 75.0 0.270
bj-non-other 0.42 75.8 0.273
bj-non-2014 0.43 96.0 0.346
tj-res 0.30 134.6 0.485
tj-non 0.30 112.0 0.403
hrb-res-2015 0.40 150.1 0.540
hrb-non-2015 0.40 150.1 0.540
hrb-res-2011-metered-saving 0.41 148.9 0.536
hrb-res-2011-metered-ordinary 0.48 148.9 0.536
jn-res 0.30 93.5 0.336
jn-non 0.30 92.9 0.334
qd-res 0.30 139.8 0.503
qd-res-2011 0.40 139.8 0.503
yt-res 0.30 106.9 0.385
wf-res-2010 0.43 104.3 0.375
sjz-non-chp 0.30 100.0 0.360
qhd-res-chp 0.30 150.6 0.542
qhd-res-boiler 0.30 154.4 0.556
qhd-non 0.30 101.3 0.365
lf-res 0.30 98.1 0.353
hj-res 0.30 82.8 0.298
hj-non 0.30 90.2 0.325
ty-res 0.30 76.4 0.275
ty-res-usable 0.30 101.8 0.367
ty-non 0.30 76.3 0.275
xa-res 0.30 146.5 0.527
zz-res 0.30 73.5 0.265
zz-non 0.30 73.5 0.265
lyang-res 0.30 107.4 0.387
zk-res 0.30 86.1 0.310
lz-res 0.30 102.5 0.369
lz-office 0.30 102.5 0.369
lz-hotel 0.30 102.5 0.369
lz-shop 0.30 102.5 0.369
"""
ROWS = [line.split() for line in NORM_HEAT.split("\n") if line]


def rounded(value, step):
    return str(value.quantize(Decimal(step), rounding=ROUND_HALF_UP))


@pytest.mark.parametrize(("name", "share", "kwh", "gj"), ROWS, ids=[row[0] for row in ROWS])
def test_the_norm_heat_of_every_two_part_tariff_is_reproduced(name, share, kwh, gj):
    tariff = BY_ID[name]
    norm = norm_heat_kwh(tariff)
    assert (
        rounded(base_share(tariff), "0.01"),
        rounded(norm, "0.1"),
        rounded(norm / KWH_PER_GJ, "0.001"),
    ) == (
        share,
        kwh,
        gj,
    )


def test_no_two_part_tariff_is_missing_from_the_norm_heat_table():
    assert {t.id for t in PUBLISHED if norm_heat_kwh(t) is not None} == {row[0] for row in ROWS}


def test_published_tariffs_pass_but_for_two_shandong_trials_older_than_the_law():
    failing = {
        tariff.id: [each.code for each in implausible(tariff)] for tariff in PUBLISHED if implausible(tariff)
    }
    assert failing == {"qd-res-2011": ["base_share_shandong"], "wf-res-2010": ["base_share_shandong"]}


def test_a_metered_price_in_the_wrong_unit_is_noticed_with_the_figure():
    wrong = replace(BY_ID["jn-res"], metered_price=MeteredPrice(Decimal("0.2"), HeatUnit.GJ))
    (found,) = implausible(wrong)
    assert found.code == "norm_heat"
    assert "25958" in rounded(found.value, "1")
    assert "kWh" in found.zh
    assert "25958" in found.en


@pytest.mark.parametrize(("base", "ok"), [("7.20", True), ("7.19", False), ("14.40", True), ("14.41", False)])
def test_the_base_share_lies_between_30_and_60_percent_to_the_fen(base, ok):
    tariff = BY_ID["bj-res-citynet"]  # area price 24
    changed = replace(tariff, base_price=replace(tariff.base_price, value=Decimal(base)), metered_price=None)
    assert (implausible(changed) == []) is ok


@pytest.mark.parametrize(("base", "ok"), [("8.01", True), ("8.02", False)])
def test_shandong_allows_a_base_share_of_30_percent_and_no_fen_more(base, ok):
    tariff = BY_ID["jn-res"]  # area price 26.7
    changed = replace(tariff, base_price=replace(tariff.base_price, value=Decimal(base)))
    assert (implausible(changed) == []) is ok


def test_langfangs_published_derivation_gives_its_base_and_metered_price():
    area, share, norm = Decimal(22), Decimal("0.3"), Decimal(98)
    tariff = BY_ID["lf-res"]
    assert area == tariff.area_price.value
    assert area * share == tariff.base_price.value
    assert rounded(area * (1 - share) / norm, "0.001") == str(tariff.metered_price.value) == "0.157"


def test_lanzhous_published_formula_gives_its_base_price_and_one_norm_for_all_four_classes():
    for name in ("lz-res", "lz-office", "lz-hotel", "lz-shop"):
        tariff = BY_ID[name]
        assert tariff.area_price.value * Decimal("0.3") * 5 == tariff.base_price.season_value
        assert rounded(norm_heat_kwh(tariff) / KWH_PER_GJ, "0.001") == "0.369"
    assert (BY_ID["lz-res"].base_price.value, BY_ID["lz-res"].metered_price.value) == (
        Decimal("7.5"),
        Decimal("47.43"),
    )


def test_xians_published_derivation_gives_its_monthly_area_price():
    monthly = Decimal(44) / Decimal("1.9") / 4
    assert rounded(monthly, "0.01") == "5.79"
    assert Decimal(rounded(monthly, "0.1")) == BY_ID["xa-res"].area_price.value


def test_harbins_cut_of_2015_is_minus_2_03_and_minus_5_03_percent():
    old, new = BY_ID["hrb-res-2008"].area_price.value, BY_ID["hrb-res-2015"].area_price.value
    assert new - old == Decimal("-2.03")
    assert rounded((new - old) / old * 100, "0.01") == "-5.03"


@pytest.mark.parametrize(
    ("name", "area", "fee"),
    [
        ("bj-res-citynet", "100", "2400.00"),
        ("zz-res", "90", "2052.00"),
        ("qd-res", "75", "2280.00"),
        ("sjz-res", "90", "1980.00"),
        ("hrb-res-2015", "75", "2874.00"),
        ("lz-res", "100", "2500.00"),
    ],
)
def test_the_reference_home_pays_the_season_area_fee_of_its_area_in_the_citys_basis(name, area, fee):
    bill = reference_bill(BY_ID[name])
    assert bill.billed_area_m2 == Decimal(area)
    assert str(bill.area_fee) == fee


def test_at_the_norm_the_metered_bill_equals_the_area_bill_to_the_fen_of_each_line():
    for name, *_ in ROWS:
        bill = reference_bill(BY_ID[name])
        if bill is None:
            assert BY_ID[name].area_basis is None
        elif bill.metered_total is not None:
            assert abs(bill.metered_total - bill.area_fee) <= Decimal("0.01")


def test_a_home_with_given_heat_pays_base_and_metered_and_never_above_the_cap():
    home = replace(REFERENCE_HOME, heat_kwh=Decimal(6000))
    bill = reference_bill(BY_ID["bj-res-citynet"], home)
    assert (bill.base_fee, bill.metered_fee, bill.metered_total) == (
        Decimal(1200),
        Decimal(960),
        Decimal(2160),
    )
    wasteful = reference_bill(BY_ID["bj-res-citynet"], replace(home, heat_kwh=Decimal(9000)))
    assert (wasteful.metered_total, wasteful.metered_payable) == (Decimal(2640), Decimal(2400))
    assert reference_bill(BY_ID["zz-res"], home).metered_payable is None


def test_a_metered_price_per_gj_is_converted_with_277_778():
    bill = reference_bill(BY_ID["hrb-res-2015"], replace(REFERENCE_HOME, heat_kwh=Decimal("2777.78")))
    assert str(bill.metered_fee) == "425.50"


def test_prices_without_an_area_price_or_a_known_basis_give_no_invented_amount():
    assert reference_bill(BY_ID["tj-res"]) is None
    huaian = reference_bill(BY_ID["ha-res"])
    assert (huaian.area_fee, str(huaian.base_fee), huaian.metered_total) == (None, "540.00", None)
    assert (
        reference_bill(BY_ID["dt-res-metered"], replace(REFERENCE_HOME, heat_kwh=Decimal(1000))).metered_fee
        is None
    )
