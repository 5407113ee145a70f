"""Exactly one tariff per scope and day, and a reason for every choice."""

import datetime as dt
from dataclasses import replace

import pytest

from checks.tariffs.errors import NoTariffInForce, TariffError, TariffsCollide
from checks.tariffs.in_force import Why, explain_choice, in_force, versions
from checks.tariffs.load import load_published
from checks.tariffs.record import Scope

PUBLISHED = load_published()
BY_ID = {tariff.id: tariff for tariff in PUBLISHED}
NOW = dt.date(2025, 11, 15)


def whys(choice):
    return {verdict.tariff_id: verdict.why for verdict in choice.verdicts}


def test_the_last_day_of_the_old_price_and_the_first_of_the_new_follow_without_gap():
    scope = Scope("哈尔滨市", "residential", "area")
    assert in_force(PUBLISHED, scope, dt.date(2015, 10, 19)).id == "hrb-res-2008"
    assert in_force(PUBLISHED, scope, dt.date(2015, 10, 20)).id == "hrb-res-2015"


def test_a_named_service_area_goes_before_the_whole_city():
    plain = Scope("太原市", "residential", "area")
    assert in_force(PUBLISHED, plain, NOW).id == "ty-res"
    named = replace(plain, service_areas=("usable-area-billing",))
    assert in_force(PUBLISHED, named, NOW).id == "ty-res-usable"
    assert whys(explain_choice(PUBLISHED, named, NOW))["ty-res"] is Why.NAMED_AREA_FIRST


def test_before_district_prices_existed_the_city_price_covers_the_district():
    scope = Scope("北京市", "non_residential", "area", ("urban6",))
    assert in_force(PUBLISHED, scope, dt.date(2019, 11, 14)).id == "bj-non-2014"
    assert in_force(PUBLISHED, scope, dt.date(2019, 11, 15)).id == "bj-non-urban6"


def test_without_a_service_area_beijing_has_no_one_price_and_the_error_names_the_areas():
    with pytest.raises(NoTariffInForce) as caught:
        in_force(PUBLISHED, Scope("北京市", "residential", "area"), NOW)
    for code in ("city-network", "gas", "coal-direct", "coal-indirect"):
        assert code in caught.value.en


def test_serving_two_named_areas_collides_and_names_both():
    with pytest.raises(TariffsCollide) as caught:
        in_force(PUBLISHED, Scope("北京市", "residential", "area", ("gas", "city-network")), NOW)
    assert set(caught.value.ids) == {"bj-res-gas", "bj-res-citynet"}
    assert all(name in caught.value.zh and name in caught.value.en for name in caught.value.ids)


def test_two_records_of_the_same_days_collide():
    twin = replace(BY_ID["qd-res"], id="qd-res-twin")
    choice = explain_choice((*PUBLISHED, twin), Scope("青岛市", "residential", "area"), NOW)
    assert isinstance(choice.error, TariffsCollide)
    assert choice.tariff is None
    assert [name for name, why in whys(choice).items() if why is Why.COLLIDES] == ["qd-res", "qd-res-twin"]


def test_no_tariff_says_scope_day_and_the_versions_before_and_after():
    scope = Scope("沈阳市", "residential", "metered")
    with pytest.raises(NoTariffInForce) as caught:
        in_force(PUBLISHED, scope, NOW)
    assert caught.value.before == "sy-res-2005"
    assert caught.value.after is None
    for part in ("沈阳市", "residential", "metered", "2025-11-15", "2008-10-28"):
        assert part in caught.value.en
        assert part in caught.value.zh
    with pytest.raises(NoTariffInForce) as caught:
        in_force(PUBLISHED, Scope("银川市", "residential", "area"), dt.date(2019, 10, 31))
    assert (caught.value.before, caught.value.after) == (None, "yinc-res")


def test_a_metered_bill_older_than_the_metered_price_has_no_tariff():
    area = Scope("北京市", "residential", "area", ("city-network",))
    metered = replace(area, method="metered")
    day = dt.date(2005, 11, 15)
    found = in_force(PUBLISHED, area, day)
    assert (found.id, found.metered_price, found.methods) == ("bj-res-citynet", None, ("area",))
    with pytest.raises(NoTariffInForce) as caught:
        in_force(PUBLISHED, metered, day)
    assert caught.value.after == "bj-res-citynet"
    assert in_force(PUBLISHED, metered, dt.date(2010, 11, 15)).metered_price is not None


def test_a_rule_younger_than_the_price_is_unknown_before_its_day():
    scope = Scope("济南市", "residential", "area")
    assert in_force(PUBLISHED, scope, dt.date(2020, 11, 15)).suspension_share is None
    assert in_force(PUBLISHED, scope, dt.date(2021, 12, 3)).suspension_share == 0


@pytest.mark.parametrize("category", ["office", "commercial", "hotel", "institution"])
def test_a_class_without_its_own_price_uses_the_non_residential_one(category):
    choice = explain_choice(PUBLISHED, Scope("沈阳市", category, "area"), NOW)
    assert choice.tariff.id == "sy-non"
    assert choice.category == "non_residential"
    assert category in next(v.en for v in choice.verdicts if v.tariff_id == "sy-non")


def test_low_income_homes_use_the_residential_price():
    assert in_force(PUBLISHED, Scope("青岛市", "low_income", "area"), NOW).id == "qd-res"


def test_a_garage_never_falls_back():
    with pytest.raises(NoTariffInForce):
        in_force(PUBLISHED, Scope("青岛市", "garage", "area"), NOW)


def test_a_home_without_reimbursement_is_a_home_wherever_it_has_no_price_of_its_own():
    assert in_force(PUBLISHED, Scope("青岛市", "residential_nonreimbursed", "area"), NOW).id == "qd-res"
    own = in_force(PUBLISHED, Scope("沈阳市", "residential_nonreimbursed", "area"), NOW)
    assert own.id == "sy-res-nonreimbursed"


def test_a_city_with_its_own_office_price_does_not_fall_back():
    own = replace(BY_ID["sy-non"], id="sy-office", category="office")
    choice = explain_choice((*PUBLISHED, own), Scope("沈阳市", "office", "area"), NOW)
    assert choice.tariff.id == "sy-office"
    assert whys(choice)["sy-non"] is Why.OWN_CATEGORY_FIRST


def test_an_own_price_for_area_bills_keeps_metered_bills_from_another_classs_price():
    city = tuple(tariff for tariff in PUBLISHED if tariff.id == "qhd-non")
    assert in_force(city, Scope("秦皇岛市", "office", "metered"), NOW).id == "qhd-non"
    own = replace(city[0], id="qhd-office", category="office", methods=("area",))
    with pytest.raises(NoTariffInForce):
        in_force((*city, own), Scope("秦皇岛市", "office", "metered"), NOW)


def test_harbins_2011_metered_prices_stand_beside_the_area_price():
    day = dt.date(2012, 10, 20)
    scope = Scope("哈尔滨市", "residential", "metered", ("energy-saving",))
    assert in_force(PUBLISHED, scope, day).id == "hrb-res-2011-metered-saving"
    assert in_force(PUBLISHED, replace(scope, method="area"), day).id == "hrb-res-2008"
    ordinary = replace(scope, service_areas=("ordinary",))
    assert in_force(PUBLISHED, ordinary, day).id == "hrb-res-2011-metered-ordinary"


def test_every_record_of_the_city_gets_exactly_one_verdict_in_both_languages():
    choice = explain_choice(PUBLISHED, Scope("哈尔滨市", "residential", "metered"), NOW)
    assert whys(choice) == {
        "hrb-res-2006": Why.NO_LONGER,
        "hrb-res-2008": Why.NO_LONGER,
        "hrb-res-2011-metered-saving": Why.NO_LONGER,
        "hrb-res-2011-metered-ordinary": Why.NO_LONGER,
        "hrb-res-2015": Why.PRICES,
    }
    assert all(verdict.zh and verdict.en for verdict in choice.verdicts)


def test_a_published_price_too_thin_to_recompute_is_named_in_the_error():
    with pytest.raises(NoTariffInForce, match="dt-res-metered"):
        in_force(PUBLISHED, Scope("大同市", "residential", "metered"), NOW)


def test_history_runs_from_the_oldest_version_to_the_newest():
    history = [tariff.id for tariff in versions(PUBLISHED, Scope("哈尔滨市", "residential", "area"))]
    assert history == ["hrb-res-2006", "hrb-res-2008", "hrb-res-2015"]


def test_both_errors_belong_to_one_family():
    assert issubclass(NoTariffInForce, TariffError)
    assert issubclass(TariffsCollide, TariffError)
