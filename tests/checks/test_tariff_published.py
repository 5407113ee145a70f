"""The published tariffs that ship: complete, exact, linked to lawful sources only, and never two at once."""

import datetime as dt
import json
from collections import Counter
from decimal import Decimal
from importlib.resources import files

import pytest

from checks.tariffs.errors import NoTariffInForce, TariffsCollide
from checks.tariffs.in_force import PRICING_STANDINGS, explain_choice, in_force
from checks.tariffs.load import load_published, tariff_digest, tariff_from_dict, tariff_to_dict
from checks.tariffs.record import (
    AreaBasis,
    DatedRule,
    HeightShape,
    LateFeeShape,
    Per,
    Proration,
    RefundBasis,
    Scope,
    Standing,
    StartedStep,
)

PUBLISHED = load_published()
BY_ID = {tariff.id: tariff for tariff in PUBLISHED}
PRICED = [t for t in PUBLISHED if t.standing in PRICING_STANDINGS and t.methods]
DAY = dt.timedelta(days=1)


def scope_of(tariff, method):
    areas = (tariff.service_area,) if tariff.service_area else ()
    return Scope(tariff.city, tariff.category, method, areas)


def some_day_of(tariff, method):
    """A day on which the record prices the method: well inside its own days."""
    starts = [tariff.valid_from or dt.date(2000, 1, 1)]
    if method == "metered":
        starts += [start.day for start in tariff.rules_from if start.rule is DatedRule.METERED_PRICE]
    return max(starts)


def test_93_records_ship_and_every_id_is_used_once():
    assert len(PUBLISHED) == 93
    assert len(BY_ID) == 93
    assert Counter(tariff.confidence.value for tariff in PUBLISHED) == {"high": 51, "medium": 42}


def test_only_two_priced_records_cannot_price_a_bill_and_say_why():
    silent = {t.id for t in PUBLISHED if t.standing in PRICING_STANDINGS and not t.methods}
    assert silent == {"xn-non-chp", "dt-res-metered"}
    assert all(BY_ID[name].notes and BY_ID[name].notes_en for name in silent)


@pytest.mark.parametrize("tariff", PRICED, ids=lambda tariff: tariff.id)
def test_every_priced_record_resolves_to_itself_on_its_own_days(tariff):
    for method in tariff.methods:
        days = {some_day_of(tariff, method), tariff.valid_to or dt.date(2030, 12, 31)}
        for day in days:
            assert in_force(PUBLISHED, scope_of(tariff, method), day).id == tariff.id


def boundary_days():
    edges = {dt.date(2000, 1, 1), dt.date(2030, 12, 31)}
    for tariff in PUBLISHED:
        edges |= {day for day in (tariff.valid_from, tariff.valid_to) if day}
        edges |= {start.day for start in tariff.rules_from}
    return sorted({edge + offset for edge in edges for offset in (-DAY, 0 * DAY, DAY)})


def all_scopes():
    areas = {}
    for tariff in PUBLISHED:
        areas.setdefault(tariff.city, {""}).add(tariff.service_area)
    categories = {tariff.category for tariff in PUBLISHED} | {"low_income"}
    for city, codes in areas.items():
        for category in sorted(categories):
            for method in ("area", "metered"):
                for code in sorted(codes):
                    yield Scope(city, category, method, (code,) if code else ())


def test_no_scope_finds_two_tariffs_on_any_day_around_a_change():
    days = boundary_days()
    found = 0
    for scope in all_scopes():
        city = [tariff for tariff in PUBLISHED if tariff.city == scope.city]
        for day in days:
            choice = explain_choice(city, scope, day)
            assert not isinstance(choice.error, TariffsCollide), choice.error
            found += choice.tariff is not None
    assert found > 1000


def test_trials_and_proposals_never_price_a_bill():
    never = {t.id for t in PUBLISHED if t.standing not in PRICING_STANDINGS}
    assert never == {"cc-res-2010-pilot", "qd-res-2011", "wf-res-2010", "zk-res"}
    with pytest.raises(NoTariffInForce):
        in_force(PUBLISHED, Scope("周口市", "residential", "area"), dt.date(2025, 11, 15))


def test_only_government_law_and_company_pages_are_linked():
    linked = {source.kind for tariff in PUBLISHED for source in tariff.sources if source.url}
    assert linked == {"government_page", "law_site", "company_page"}
    assert all(tariff.sources for tariff in PUBLISHED)


def test_no_float_hides_in_the_published_files_or_in_the_written_form():
    def floats(value):
        if isinstance(value, dict):
            return sum(floats(each) for each in value.values())
        if isinstance(value, list):
            return sum(floats(each) for each in value)
        return isinstance(value, float)

    assert sum(floats(json.loads(json.dumps(tariff_to_dict(tariff)))) for tariff in PUBLISHED) == 0
    texts = [f.read_text("utf-8") for f in files("checks.tariffs").joinpath("published").iterdir()]
    assert not any("confidence: low" in text or "unverified:" in text for text in texts)


@pytest.mark.parametrize("tariff", PUBLISHED, ids=lambda tariff: tariff.id)
def test_a_record_written_as_json_and_read_again_is_the_same_record(tariff):
    again = tariff_from_dict(json.loads(json.dumps(tariff_to_dict(tariff), ensure_ascii=False)))
    assert again == tariff
    assert tariff_digest(again) == tariff_digest(tariff)


def test_different_records_have_different_digests():
    assert len({tariff_digest(tariff) for tariff in PUBLISHED}) == 93


def test_a_rule_of_low_confidence_stays_unknown():
    for name in ("hrb-res-2015", "hrb-non-2015", "bj-res-citynet", "tj-non"):
        assert BY_ID[name].suspension_share is None
    assert not BY_ID["zz-res"].cap_known
    assert not BY_ID["qhd-res-chp"].cap_known
    assert BY_ID["jn-res"].late_fee is None
    assert BY_ID["jn-res"].refund_bands == ()


def test_area_bases_the_sources_leave_open_are_none():
    assert {t.id for t in PUBLISHED if t.area_basis is None} == {
        "tj-res",
        "qhd-res-chp",
        "qhd-res-boiler",
        "ts-non",
    }


def test_caps_differ_by_city():
    assert (BY_ID["bj-res-gas"].cap_share, BY_ID["bj-res-gas"].cap_known) == (Decimal("1.00"), True)
    assert BY_ID["jn-res"].cap_share == Decimal("1.10")
    assert (BY_ID["hrb-res-2015"].cap_share, BY_ID["hrb-res-2015"].cap_known) == (None, True)
    assert (BY_ID["lyang-res"].cap_share, BY_ID["lyang-res"].cap_known) == (None, True)


def test_suspension_is_free_in_shandong_and_costs_what_other_cities_publish():
    shandong = [t for t in PUBLISHED if t.province == "山东" and t.standing is Standing.IN_FORCE]
    assert {t.suspension_share for t in shandong} == {Decimal(0)}
    shares = {
        name: BY_ID[name].suspension_share for name in ("cc-res", "ty-res", "xa-res", "xn-res-chp", "bt-res")
    }
    assert shares == {
        "cc-res": Decimal("0.20"),
        "ty-res": Decimal("0.30"),
        "xa-res": Decimal("0.30"),
        "xn-res-chp": Decimal("0.50"),
        "bt-res": Decimal("0.10"),
    }


def test_shenyang_counts_a_started_step_and_dalian_does_not():
    shenyang, dalian = BY_ID["sy-non"].height, BY_ID["dl-non"].height
    assert (shenyang.trigger_m, shenyang.started_step, shenyang.negotiated_over_m) == (
        Decimal("3.5"),
        StartedStep.FULL,
        Decimal("6.0"),
    )
    assert (dalian.trigger_m, dalian.started_step, dalian.net_height) == (
        Decimal("4.0"),
        StartedStep.NONE,
        True,
    )


def test_taiyuan_homes_trigger_at_3_2_and_count_from_2_8():
    rule = BY_ID["ty-res"].height
    assert (rule.trigger_m, rule.count_from_m, rule.rate) == (Decimal("3.2"), Decimal("2.8"), Decimal("0.03"))


def test_harbin_takes_the_surcharge_on_the_base_price_and_only_public_buildings_stop_at_100_percent():
    rule = BY_ID["hrb-non-2015"].height
    assert rule.on_base_price
    assert rule.max_rate is None
    assert rule.public_interest_max_rate == Decimal("1.00")
    assert not BY_ID["hrb-res-2015"].height_known


@pytest.mark.parametrize("name", ["hd-non", "wh-non", "xa-res", "xa-non"])
def test_handan_weihai_and_xian_bill_by_height_over_three_metres(name):
    rule = BY_ID[name].height
    assert (rule.shape, rule.reference_m) == (HeightShape.PROPORTIONAL, Decimal("3.0"))


def test_area_factors_and_fallbacks_are_those_published():
    assert [(f.basis, f.factor) for f in BY_ID["qd-res"].area_fallbacks] == [
        (AreaBasis.FLOOR, Decimal("0.75"))
    ]
    assert (BY_ID["sjz-res"].area_basis, BY_ID["sjz-res"].area_factor) == (AreaBasis.FLOOR, Decimal("0.90"))
    assert [each.factor for each in BY_ID["lyang-res"].area_factors] == [Decimal("0.86"), Decimal("0.82")]


def test_late_fees_are_those_of_harbin_tianjin_and_changchun():
    harbin, changchun = BY_ID["hrb-res-2015"].late_fee, BY_ID["cc-res"].late_fee
    assert (harbin.shape, harbin.rate, harbin.after) == (
        LateFeeShape.DAILY_ON_TOTAL,
        Decimal("0.001"),
        (12, 31),
    )
    assert (changchun.shape, changchun.rate, changchun.after) == (
        LateFeeShape.ONCE,
        Decimal("0.05"),
        (10, 20),
    )
    cities = {tariff.city for tariff in PUBLISHED if tariff.late_fee}
    assert cities == {"哈尔滨市", "天津市", "长春市"}


def test_heilongjiang_pays_half_below_20_and_all_below_16_since_the_amendment():
    tariff = BY_ID["hrb-res-2015"]
    assert tariff.refund_standard_c == 20
    assert [(b.share, b.min_c, b.max_c) for b in tariff.refund_bands] == [
        (Decimal("0.50"), 16, 20),
        (Decimal("1.00"), None, 16),
    ]
    scope = Scope("哈尔滨市", "residential", "area")
    assert in_force(PUBLISHED, scope, dt.date(2021, 10, 28)).refund_bands == ()
    assert in_force(PUBLISHED, scope, dt.date(2021, 10, 29)) == tariff


def test_refund_shares_are_taken_of_the_fee_the_city_names():
    assert BY_ID["cc-res"].refund_basis is RefundBasis.MONTH
    assert BY_ID["xa-res"].refund_basis is RefundBasis.DAY_NET_OF_BASE
    assert BY_ID["bj-res-citynet"].refund_basis is RefundBasis.DAY_FAILING_ROOMS
    assert BY_ID["qd-res"].refund_basis is RefundBasis.DAY


def test_refund_bands_of_every_record_cover_each_temperature_below_the_standard_once():
    for tariff in PUBLISHED:
        if not tariff.refund_bands:
            continue
        for tenth in range(int(tariff.refund_standard_c * 10)):
            at = Decimal(tenth) / 10
            hits = [
                band
                for band in tariff.refund_bands
                if (band.min_c is None or at > band.min_c or (at == band.min_c and band.min_included))
                and (band.max_c is None or at < band.max_c or (at == band.max_c and band.max_included))
            ]
            assert len(hits) == 1, (tariff.id, at)


def test_price_periods_are_season_month_and_day():
    assert (BY_ID["lz-res"].area_price.per, BY_ID["lz-res"].area_price.season_value) == (
        Per.MONTH,
        Decimal("25"),
    )
    assert (BY_ID["zz-res"].area_price.per, BY_ID["zz-res"].area_price.season_value) == (
        Per.DAY,
        Decimal("22.80"),
    )
    assert BY_ID["lyang-res"].area_price.season_value == Decimal("21.78")


def test_our_readings_are_listed_wherever_the_source_is_silent():
    for tariff in PUBLISHED:
        assert "rounding" in tariff.assumed
        if tariff.id not in {"dlt-res", "dlt-non", "zk-res"} and tariff.valid_from is None:
            assert tariff.known_from == dt.date(2000, 1, 1)
            assert "known_from" in tariff.assumed
    assert "proration" not in BY_ID["sy-res"].assumed
    assert BY_ID["hrb-res-2015"].proration is Proration.MONTH


def test_every_note_stands_in_both_languages():
    for tariff in PUBLISHED:
        assert bool(tariff.notes) == bool(tariff.notes_en), tariff.id
