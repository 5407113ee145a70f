"""Each rule of recomputation on one bill by hand. Every figure here is derived from the rule, none was published."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bill_cases import CITY, account, accounts_table, bill, bills_table, price, tariff
from hypothesis import given, settings
from hypothesis import strategies as st

from checks.recompute import recompute
from checks.recompute.terms import height_share, started_months
from checks.tariffs.record import (
    AreaBasis,
    AreaFactor,
    AreaFallback,
    HeightBand,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    Per,
    Proration,
    Rounding,
    RoundingWhen,
    Season,
    StartedStep,
    Tariff,
)

M = Decimal


def recomputed(row: dict[str, Any], record: Tariff, roster: dict[str, Any] | None = None) -> dict[str, Any]:
    accounts = None if roster is None else accounts_table(roster)
    found: dict[str, Any] = recompute(bills_table(row), accounts, [record], city=CITY).to_pylist()[0]
    return found


def settled(heat: str, **changes: Any) -> dict[str, Any]:
    return bill(
        **{"kind": "settlement", "billing_method": "metered", "heat_unit": "kWh", "heat_used": heat} | changes
    )


# --- cap -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("share", "reduction", "total"),
    [(M(1), "-400.00", "2400.00"), (M("1.1"), "-160.00", "2640.00"), (M("1.15"), "-40.00", "2760.00")],
)
def test_a_metered_bill_of_2800_is_capped_at_the_share_of_the_area_fee(
    share: Decimal, reduction: str, total: str
) -> None:
    found = recomputed(settled("10000.000"), tariff(cap_share=share))
    assert (found["cap_reduction_due"], found["recomputed_total"]) == (M(reduction), M(total))


def test_without_a_cap_the_customer_pays_what_was_used() -> None:
    found = recomputed(settled("10000.000"), tariff(cap_share=None))
    assert (found["cap_reduction_due"], found["recomputed_total"]) == (M("0.00"), M("2800.00"))


def test_an_unknown_cap_matters_only_above_the_area_fee() -> None:
    record = tariff(cap_share=None, cap_known=False)
    assert recomputed(settled("7500.000"), record)["recomputed_total"] == M("2400.00")
    assert recomputed(settled("7500.063"), record)["missing"] == "cap_unknown"


def test_the_bill_of_the_season_of_a_metered_customer_is_the_full_area_fee() -> None:
    row = bill(billing_method="metered", area_charge="2400.00")
    assert recomputed(row, tariff())["outcome"] == "conforms"


# --- suspension ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("share", "due"), [("0.2", "480.00"), ("0.5", "1200.00"), ("0", "0.00")])
def test_suspended_heat_costs_the_share_of_the_area_fee(share: str, due: str) -> None:
    found = recomputed(bill(heating_state="suspended"), tariff(suspension_share=M(share)))
    assert (found["suspension_charge_due"], found["area_charge_due"]) == (M(due), M("0.00"))


def test_suspended_metered_customers_pay_neither_base_nor_heat() -> None:
    found = recomputed(settled("500.000", heating_state="suspended"), tariff())
    assert (found["base_charge_due"], found["metered_charge_due"]) == (M("0.00"), M("0.00"))
    assert found["suspension_charge_due"] == M("480.00")


def test_a_share_of_zero_needs_no_area_at_all() -> None:
    row = bill(heating_state="suspended", area_basis="inner", area_charge="2400.00")
    found = recomputed(row, tariff(suspension_share=M(0)))
    assert (found["outcome"], found["overcharge"]) == ("breach", M("2400.00"))


def test_suspended_in_mid_season_splits_the_days() -> None:
    roster = account(heating_state="suspended", suspended_from=dt.date(2025, 12, 15))  # 30 of 120 days heated
    found = recomputed(bill(), tariff(), roster)
    assert (found["area_charge_due"], found["suspension_charge_due"]) == (M("600.00"), M("360.00"))


# --- a part of the season --------------------------------------------------------------------------------------------


def test_connected_in_mid_season_counts_the_days_from_that_day_on() -> None:
    found = recomputed(bill(), tariff(), account(connected_on=dt.date(2026, 1, 14)))
    assert found["recomputed_total"] == M("1200.00")  # 60 of 120 days


def test_the_day_an_account_is_closed_still_counts() -> None:
    found = recomputed(bill(), tariff(), account(closed_on=dt.date(2025, 11, 15)))
    assert found["recomputed_total"] == M("20.00")  # one of 120 days


def test_service_outside_the_season_costs_nothing() -> None:
    row = bill(service_from=dt.date(2026, 5, 1), service_to=dt.date(2026, 5, 31), area_charge="620.00")
    found = recomputed(row, tariff())
    assert (found["outcome"], found["recomputed_total"]) == ("breach", M("0.00"))


def test_service_beyond_the_season_is_the_whole_season_and_no_more() -> None:
    row = bill(service_from=dt.date(2025, 10, 1), service_to=dt.date(2026, 4, 30))
    assert recomputed(row, tariff())["recomputed_total"] == M("2400.00")


def test_a_leap_february_makes_the_season_121_days() -> None:
    row = bill(season="2023-24", service_from=dt.date(2023, 11, 15), service_to=dt.date(2024, 1, 13))
    assert recomputed(row, tariff())["recomputed_total"] == M("1190.08")  # 60 of 121 days


def test_a_fixed_day_count_is_the_divisor_whatever_the_calendar_says() -> None:
    record = tariff(season=Season((11, 15), (3, 15), False, fixed_days=125))
    row = bill(service_from=dt.date(2026, 1, 14))
    assert recomputed(row, record)["recomputed_total"] == M("1152.00")  # 60 of 125 days


def test_a_price_per_day_is_charged_for_each_heated_day() -> None:
    record = tariff(area_price=price("0.19", Per.DAY, 120))
    row = bill(service_from=dt.date(2026, 1, 14))
    assert recomputed(row, record)["recomputed_total"] == M("1140.00")  # 100 x 0.19 x 60


def test_a_started_month_is_charged_in_full_where_months_count() -> None:
    record = tariff(
        area_price=price("3.3", Per.MONTH, 4),
        proration=Proration.MONTH,
        season=Season((11, 15), (3, 15), False),
    )
    row = bill(service_from=dt.date(2026, 1, 14))  # last day of the second month: three months are touched
    assert recomputed(row, record)["recomputed_total"] == M("990.00")


def test_a_season_of_six_months_and_a_day_has_six_months() -> None:
    first = dt.date(2025, 10, 20)
    assert started_months(first, first, dt.date(2026, 4, 20), 6) == 6
    assert started_months(first, dt.date(2026, 4, 19), dt.date(2026, 4, 20), 6) == 1
    assert started_months(first, dt.date(2025, 11, 19), dt.date(2025, 11, 20), 6) == 2


# --- area ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("basis", "total"), [("floor", "2400.00"), ("usable", "1800.00"), ("inner", "1920.00")]
)
def test_the_rosters_area_of_the_tariffs_kind_is_priced(basis: str, total: str) -> None:
    roster = account(usable_area_m2="75.00", inner_area_m2="80.00")
    assert recomputed(bill(), tariff(area_basis=AreaBasis(basis)), roster)["recomputed_total"] == M(total)


def test_the_factor_on_the_area_is_not_rounded_before_it_is_priced() -> None:
    found = recomputed(bill(), tariff(area_factor=M("0.9")), account(floor_area_m2="100.55"))
    assert found["recomputed_total"] == M("2171.88")  # 90.495 x 24, not 90.50 x 24 = 2172.00


def test_a_fallback_stands_for_the_area_that_is_not_on_the_roster() -> None:
    record = tariff(area_basis=AreaBasis.USABLE, area_fallbacks=(AreaFallback(AreaBasis.FLOOR, M("0.75")),))
    assert recomputed(bill(), record, account())["recomputed_total"] == M("1800.00")


def test_another_lawful_factor_is_accepted_when_the_bill_states_the_area_it_gives() -> None:
    record = tariff(area_factor=M("0.9"), area_factors=(AreaFactor(M("0.86"), "高层", "high-rise"),))
    high_rise = bill(billed_area_m2="86.00", area_charge="2064.00")
    assert recomputed(high_rise, record, account())["outcome"] == "conforms"
    assert recomputed(bill(billed_area_m2="88.00"), record, account())["recomputed_total"] == M("2160.00")


# --- height: the shapes, each at, below and above a step --------------------------------------------------------------

SHENYANG = HeightRule(HeightShape.STEP, M("3.5"), step_m=M("0.3"), rate=M("0.1"), negotiated_over_m=M(6))
DALIAN = HeightRule(
    HeightShape.STEP,
    M("4.0"),
    step_m=M("0.3"),
    rate=M("0.1"),
    started_step=StartedStep.NONE,
    negotiated_over_m=M(7),
)
HARBIN = HeightRule(HeightShape.STEP, M("3.2"), step_m=M("0.1"), rate=M("0.03"), on_base_price=True)
TAIYUAN = HeightRule(HeightShape.STEP, M("3.2"), count_from_m=M("2.8"), step_m=M("0.1"), rate=M("0.03"))
CHANGCHUN = HeightRule(HeightShape.STEP, M(3), step_m=M("0.3"), rate=M("0.05"), max_rate=M("0.5"))
XIAN = HeightRule(HeightShape.PROPORTIONAL, M(3), reference_m=M(3))
YUNCHENG = HeightRule(
    HeightShape.TABLE,
    M(3),
    bands=(
        HeightBand(M(3), M(1)),
        HeightBand(M(4), M("1.3")),
        HeightBand(M(5), M("1.5")),
        HeightBand(M(6), M("1.9")),
        HeightBand(None, M("2.8")),
    ),
)


@pytest.mark.parametrize(
    ("rule", "height", "surcharge"),
    [
        (SHENYANG, "3.50", "0.00"),
        (SHENYANG, "3.51", "240.00"),  # a started step counts in full
        (SHENYANG, "3.80", "240.00"),
        (SHENYANG, "3.81", "480.00"),
        (DALIAN, "4.29", "0.00"),  # a started step counts not at all
        (DALIAN, "4.30", "240.00"),
        (DALIAN, "4.61", "480.00"),
        (HARBIN, "3.30", "36.00"),  # 3 % of the base price of 12
        (HARBIN, "3.31", "72.00"),
        (TAIYUAN, "3.20", "0.00"),
        (TAIYUAN, "3.21", "360.00"),  # counted from 2.8 m: five started steps
        (CHANGCHUN, "6.00", "1200.00"),  # ten steps of 5 %
        (CHANGCHUN, "9.00", "1200.00"),  # at most 50 %
        (XIAN, "3.00", "0.00"),
        (XIAN, "3.01", "8.00"),
        (XIAN, "5.40", "1920.00"),
        (YUNCHENG, "3.00", "0.00"),
        (YUNCHENG, "3.01", "720.00"),
        (YUNCHENG, "4.00", "720.00"),
        (YUNCHENG, "6.01", "4320.00"),
    ],
)
def test_a_high_room_costs_what_the_citys_rule_says(rule: HeightRule, height: str, surcharge: str) -> None:
    found = recomputed(bill(storey_height_m=height), tariff(height=rule))
    assert found["height_surcharge_due"] == M(surcharge)


def test_the_height_of_a_two_part_bill_is_charged_on_the_base_price() -> None:
    found = recomputed(settled("1000.000", storey_height_m="3.80"), tariff(height=SHENYANG))
    assert found["height_surcharge_due"] == M("120.00")


def test_a_part_of_the_season_carries_the_same_part_of_the_surcharge() -> None:
    row = bill(storey_height_m="3.80", service_from=dt.date(2026, 1, 14))
    assert recomputed(row, tariff(height=SHENYANG))["height_surcharge_due"] == M("120.00")


def test_where_no_rule_allows_a_surcharge_none_is_due() -> None:
    row = bill(storey_height_m="6.00", area_charge="2400.00", height_surcharge="240.00")
    assert recomputed(row, tariff(height=None))["overcharge"] == M("240.00")


def test_the_ceiling_for_public_institutions_holds_for_them_alone() -> None:
    rule = replace(SHENYANG, public_interest_max_rate=M("0.1"))
    school = bill(storey_height_m="5.00", category="institution")
    assert recomputed(school, tariff(height=rule, category="institution"))["height_surcharge_due"] == M(
        "240.00"
    )
    assert recomputed(bill(storey_height_m="5.00"), tariff(height=rule))["height_surcharge_due"] == M(
        "1200.00"
    )


@given(st.integers(0, 1200), st.integers(0, 1200))
@settings(max_examples=300)
def test_a_higher_room_never_costs_less(lower: int, higher: int) -> None:
    lower, higher = sorted((lower, higher))
    for rule in (HARBIN, TAIYUAN, CHANGCHUN, XIAN, YUNCHENG):
        below, above = height_share(rule, lower), height_share(rule, higher)
        assert below is not None
        assert above is not None
        assert below <= above


# --- late fee --------------------------------------------------------------------------------------------------------

DAILY = LateFeeRule(LateFeeShape.DAILY_ON_TOTAL, M("0.001"), (12, 31))


@pytest.mark.parametrize(
    ("rule", "changes", "due"),
    [
        (DAILY, {"paid_on": dt.date(2026, 1, 10)}, "24.00"),  # ten days of 2.40
        (DAILY, {"paid_on": dt.date(2025, 12, 31)}, "0.00"),  # the last day itself is in time
        (DAILY, {"issued_on": dt.date(2026, 1, 3)}, "7.20"),  # unpaid: up to the day of issue
        (
            DAILY,
            {"paid_on": dt.date(2026, 1, 10), "due_on": dt.date(2026, 1, 5)},
            "12.00",
        ),  # the later day counts
        (
            replace(DAILY, shape=LateFeeShape.DAILY_ON_UNPAID),
            {"paid_on": dt.date(2026, 1, 10), "prepaid": "2000.00"},
            "4.00",
        ),
        (LateFeeRule(LateFeeShape.ONCE, M("0.05"), (10, 20)), {"paid_on": dt.date(2026, 1, 10)}, "120.00"),
        (replace(DAILY, max_share=M("0.005")), {"paid_on": dt.date(2026, 1, 10)}, "12.00"),
        (
            replace(DAILY, after=None),
            {"paid_on": dt.date(2026, 1, 1)},
            "2.40",
        ),  # from the day the bill is due
        (LateFeeRule(LateFeeShape.FORBIDDEN, M(0), None), {"paid_on": dt.date(2026, 9, 1)}, "0.00"),
    ],
)
def test_a_late_fee_is_at_most_what_the_rule_gives(
    rule: LateFeeRule, changes: dict[str, Any], due: str
) -> None:
    row = bill(area_charge="2400.00", late_fee="500.00", **changes)
    assert recomputed(row, tariff(late_fee=rule))["late_fee_due"] == M(due)


def test_a_company_may_charge_less_late_fee_or_none() -> None:
    for fee in ("10.00", None):
        row = bill(area_charge="2400.00", late_fee=fee, paid_on=dt.date(2026, 1, 10))
        assert recomputed(row, tariff(late_fee=DAILY))["outcome"] == "conforms"


# --- lines, rounding, totals -----------------------------------------------------------------------------------------


def test_prepaid_money_is_a_payment_and_no_part_of_the_total() -> None:
    assert recomputed(bill(area_charge="2400.00", prepaid="2400.00"), tariff())["outcome"] == "conforms"


def test_refund_and_subsidy_are_taken_as_billed() -> None:
    row = bill(area_charge="2400.00", refund="-80.00", subsidy="-20.00")
    found = recomputed(row, tariff())
    assert (found["outcome"], found["recomputed_total"]) == ("conforms", M("2300.00"))


def test_a_total_beyond_its_lines_is_a_breach_by_the_difference() -> None:
    assert recomputed(bill(area_charge="2400.00", total="2400.01"), tariff())["overcharge"] == M("0.01")


@pytest.mark.parametrize(
    ("unit", "area", "total"),
    [("0.01", "0.01", "0.25"), ("0.1", "0.01", "0.2"), ("0.1", "1.01", "24.7"), ("1", "1.02", "25")],
)
def test_a_line_is_rounded_once_half_away_from_zero(unit: str, area: str, total: str) -> None:
    record = tariff(area_price=price("24.5"), rounding=Rounding(M(unit)))
    assert recomputed(bill(billed_area_m2=area), record)["recomputed_total"] == M(total)


def test_a_half_fen_goes_up() -> None:
    record = tariff(area_price=price("24.5"))
    assert recomputed(bill(billed_area_m2="1.23"), record)["recomputed_total"] == M("30.14")  # 30.135


def test_rounding_the_bill_rounds_the_total_and_leaves_the_lines_in_fen() -> None:
    record = tariff(rounding=Rounding(M(1), RoundingWhen.BILL))
    found = recomputed(bill(billed_area_m2="99.69"), record)
    assert (found["area_charge_due"], found["recomputed_total"]) == (M("2392.56"), M("2393.00"))


@given(
    st.integers(1, 10**7),
    st.integers(1, 10**5),
    st.dates(dt.date(2025, 11, 15), dt.date(2026, 3, 13)),
)
@settings(max_examples=60)
def test_splitting_the_season_at_any_day_moves_the_sum_by_one_fen_at_most(
    area: int, price_fen: int, last_day: dt.date
) -> None:
    record = tariff(area_price=price(str(M(price_fen).scaleb(-2))))
    whole = bill(billed_area_m2=M(area).scaleb(-2), bill_no="W")
    first = replace_days(whole, "1", whole["service_from"], last_day)
    second = replace_days(whole, "2", last_day + dt.timedelta(days=1), whole["service_to"])
    rows = recompute(
        bills_table(first, second, whole | {"account_no": "A-2"}), None, [record], city=CITY
    ).to_pylist()
    parts = rows[0]["recomputed_total"] + rows[1]["recomputed_total"]
    assert abs(parts - rows[2]["recomputed_total"]) <= M("0.01")


def replace_days(row: dict[str, Any], number: str, start: dt.date, end: dt.date) -> dict[str, Any]:
    return row | {"bill_no": number, "service_from": start, "service_to": end}
