"""What cannot be judged says what is missing, in both languages, and never passes and never crashes."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from bill_cases import CITY, account, accounts_table, bill, bills_table, price, tariff

from checks.recompute import MISSING, OUTCOME_SCHEMA, recompute
from checks.recompute.terms import terms_of_tariff
from checks.tariffs.record import (
    AreaBasis,
    HeatUnit,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    MeteredPrice,
    Rounding,
    Tariff,
    Transition,
)

M = Decimal
STEPS = HeightRule(HeightShape.STEP, M("3.5"), step_m=M("0.3"), rate=M("0.1"), negotiated_over_m=M(6))
OPEN_ENDED = HeightRule(HeightShape.STEP, M("3.5"), step_m=M("0.3"), rate=M("0.033333"))
NET = HeightRule(HeightShape.STEP, M("3.5"), step_m=M("0.3"), rate=M("0.1"), net_height=True)
LATE = LateFeeRule(LateFeeShape.DAILY_ON_TOTAL, M("0.001"), None)


def settled(**changes: Any) -> dict[str, Any]:
    return bill(
        **{"kind": "settlement", "billing_method": "metered", "heat_unit": "kWh", "heat_used": "6000.000"}
        | changes
    )


CASES: list[tuple[str, dict[str, Any], list[Tariff], dict[str, Any] | None]] = [
    ("no_tariff_in_force", bill(category="hotel"), [tariff()], None),
    ("no_tariff_in_force", bill(), [tariff(valid_from=dt.date(2025, 11, 16))], None),
    (
        "spans_price_change",
        bill(),
        [
            tariff(valid_to=dt.date(2025, 12, 31)),
            tariff(id="new", valid_from=dt.date(2026, 1, 1), transition=Transition.BY_DAY),
        ],
        None,
    ),
    ("tariffs_collide", bill(), [tariff(), tariff(id="second")], None),
    ("account_not_on_roster", bill(account_no="A-9"), [tariff()], account()),
    ("area_basis_unknown", bill(billed_area_m2="90.00"), [tariff(area_basis=None)], account()),
    ("area_of_basis_missing", bill(area_basis="inner"), [tariff()], None),
    ("area_of_basis_missing", bill(), [tariff(area_basis=AreaBasis.USABLE)], account()),
    ("area_not_positive", bill(billed_area_m2="0.00"), [tariff()], None),
    ("area_not_positive", bill(billed_area_m2="-5.00"), [tariff()], None),
    ("area_not_positive", bill(), [tariff()], account(floor_area_m2="0.00")),
    ("area_price_missing", bill(), [tariff(area_price=None)], None),
    ("base_price_missing", settled(), [tariff(base_price=None)], None),
    ("metered_price_missing", settled(), [tariff(metered_price=None)], None),
    ("suspension_share_unknown", bill(heating_state="suspended"), [tariff(suspension_share=None)], None),
    ("season_dates_missing", bill(service_from=dt.date(2025, 11, 17)), [tariff(season=None)], None),
    ("season_dates_missing", bill(service_to=dt.date(2026, 3, 13)), [tariff(season=None)], None),
    (
        "season_dates_missing",  # ten days of early heat, in a city where a suspension would be free: not a breach
        bill(service_from=dt.date(2025, 11, 1), service_to=dt.date(2025, 11, 10), area_charge="200.00"),
        [tariff(season=None, suspension_share=M(0))],
        None,
    ),
    ("season_dates_missing", bill(), [tariff(season=None)], account(connected_on=dt.date(2025, 12, 1))),
    ("service_outside_season", bill(season="2024-25"), [tariff()], None),
    ("service_outside_season", bill(season="2026-27"), [tariff(season=None)], None),
    ("low_income_price_unknown", bill(category="low_income", area_charge="1950.00"), [tariff()], None),
    ("season_dates_missing", bill(season="2025-27"), [tariff()], None),
    ("service_dates_missing", bill(service_to=None), [tariff()], None),
    ("service_dates_reversed", bill(service_to=dt.date(2025, 11, 1)), [tariff()], None),
    ("heat_used_missing", settled(heat_used=None), [tariff()], None),
    ("heat_used_missing", settled(heat_used=None, reading_to="9.000"), [tariff()], None),
    ("heat_used_negative", settled(heat_used="-1.000"), [tariff()], None),
    ("heat_unit_missing", settled(heat_unit=None), [tariff()], None),
    (
        "reading_runs_backwards",
        settled(heat_used=None, reading_from="9.000", reading_to="8.999"),
        [tariff()],
        None,
    ),
    (
        "heat_below_readings",
        settled(heat_used="3000.000", reading_from="0.000", reading_to="4000.000"),
        [tariff()],
        None,
    ),
    ("storey_height_missing", bill(height_surcharge="9.00"), [tariff(height=STEPS)], None),
    ("storey_height_missing", bill(storey_height_m="9999999999999999.99"), [tariff(height=OPEN_ENDED)], None),
    ("net_height_missing", bill(height_surcharge="9.00", storey_height_m="4.00"), [tariff(height=NET)], None),
    ("height_negotiated", bill(storey_height_m="6.01"), [tariff(height=STEPS)], None),
    ("height_rule_unknown", bill(height_surcharge="9.00"), [tariff(height_known=False)], None),
    ("late_fee_rule_unknown", bill(late_fee="9.00"), [tariff()], None),
    ("late_fee_dates_missing", bill(late_fee="9.00", due_on=None), [tariff(late_fee=LATE)], None),
    ("cap_unknown", settled(heat_used="9000.000"), [tariff(cap_share=None, cap_known=False)], None),
    ("correction_needs_original", bill(kind="correction", corrects_bill_no="B-7"), [tariff()], None),
    ("correction_needs_original", bill(kind="correction"), [tariff()], None),
    ("total_missing", bill(total=None), [tariff()], None),
    ("kind_unknown", bill(kind="reminder"), [tariff()], None),
    ("method_unknown", bill(billing_method="guess"), [tariff()], None),
    ("method_unknown", bill(heating_state="lukewarm"), [tariff()], None),
    ("amount_too_large", bill(billed_area_m2="9999999999999999.99"), [tariff()], None),
]


@pytest.mark.parametrize(("code", "row", "tariffs", "roster"), CASES)
def test_a_bill_that_cannot_be_judged_says_what_is_missing(
    code: str, row: dict[str, Any], tariffs: list[Tariff], roster: dict[str, Any] | None
) -> None:
    accounts = None if roster is None else accounts_table(roster)
    found = recompute(bills_table(row), accounts, tariffs, city=CITY).to_pylist()[0]
    assert found["outcome"] == "inconclusive"
    assert found["missing"].split(";") == [code]
    assert found["recomputed_total"] is None
    assert found["overcharge"] is None
    assert found["cause"] is None


def test_every_code_of_the_catalogue_is_reached_by_a_bill() -> None:
    reached = {code for code, *_ in CASES}
    reached |= {"original_inconclusive"}  # shown among the corrections
    reached |= {"failing_rooms_area_missing"}  # shown among the refunds
    reached |= {"refund_rule_unknown", "outage_rule_unknown"}  # shown with the rules unknown
    reached |= {"fee_condition_missing"}  # shown with the register of charges
    reached |= {"heat_of_days_unknown", "days_left_in_pieces"}  # shown with days billed twice
    assert reached == set(MISSING)


def test_every_code_speaks_both_languages() -> None:
    for text in MISSING.values():
        assert any("一" <= letter <= "鿿" for letter in text.zh)
        assert text.en.isascii()
        assert text.in_language("en-GB") == text.en
        assert text.in_language("zh-CN") == text.zh


def test_two_things_missing_are_both_named() -> None:
    row = settled(heat_used=None, heat_unit=None)
    found = recompute(bills_table(row), None, [tariff()], city=CITY).to_pylist()[0]
    assert found["missing"] == "heat_used_missing;heat_unit_missing"


def test_a_height_nobody_billed_and_nobody_filed_is_not_missing() -> None:
    found = recompute(bills_table(bill(area_charge="2400.00")), None, [tariff(height=STEPS)], city=CITY)
    assert found["outcome"].to_pylist() == ["conforms"]


def test_no_bills_give_no_outcomes_in_the_same_schema() -> None:
    empty = bills_table()
    found = recompute(empty, None, [tariff()], city=CITY)
    assert len(found) == 0
    assert found.schema.equals(OUTCOME_SCHEMA)


def test_outcomes_have_the_columns_of_the_contract() -> None:
    found = recompute(
        bills_table(bill(area_charge="2400.00")), accounts_table(account()), [tariff()], city=CITY
    )
    assert found.schema.equals(OUTCOME_SCHEMA)
    assert found.validate(full=True) is None


def test_an_empty_roster_is_a_roster_without_the_account() -> None:
    found = recompute(bills_table(bill()), accounts_table(), [tariff()], city=CITY).to_pylist()[0]
    assert found["missing"] == "account_not_on_roster"


def test_a_column_stored_in_another_type_is_refused_and_never_misread() -> None:
    table = bills_table(bill())
    place = table.schema.get_field_index("billed_area_m2")
    wrong = table.set_column(place, "billed_area_m2", pa.array([M("100.125")], pa.decimal128(18, 3)))
    with pytest.raises(pa.ArrowInvalid):
        recompute(wrong, None, [tariff()], city=CITY)


@pytest.mark.parametrize("compiled", [True, False])
def test_amounts_of_ten_to_the_thirteenth_fen_are_exact(compiled: bool) -> None:
    record = tariff(area_price=price("38.3217"))
    row = bill(billed_area_m2="2609486529.99", area_charge="100000000000.00")
    found = recompute(bills_table(row), None, [record], city=CITY, compiled=compiled).to_pylist()[0]
    exact = (M("2609486529.99") * M("38.3217")).quantize(M("0.01"), rounding="ROUND_HALF_UP")
    assert exact > M(10) ** 10
    assert found["recomputed_total"] == exact
    assert found["overcharge"] == row["total"] - exact


@pytest.mark.parametrize("compiled", [True, False])
def test_a_total_of_a_million_million_is_a_finding_and_never_wraps(compiled: bool) -> None:
    row = bill(area_charge="1000000000000.00")
    found = recompute(bills_table(row), None, [tariff()], city=CITY, compiled=compiled).to_pylist()[0]
    assert (found["outcome"], found["overcharge"]) == ("breach", M("999999997600.00"))


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("area", "price_per_m2", "height", "rate"),
    [
        ("42949672.95", "98765.432199", None, "0.1"),  # the price alone exceeds 64 bits
        ("42949672.95", "38.32", "999.99", "0.000999"),  # the surcharge does
        ("99999999999.99", "38.321987", "999.99", "0.000999"),  # the area does
        ("92233720368547.75", "0.01", None, "0.1"),
        ("99999999999999.99", "0.01", "4.50", "0.000999"),  # the check itself would wrap
        ("100.00", "0.0000000000001", "4.50", "0.000999"),  # the divisor does
    ],
)
def test_products_beyond_sixty_four_bits_are_exact_in_both_executions(
    compiled: bool, area: str, price_per_m2: str, height: str | None, rate: str
) -> None:
    rule = HeightRule(HeightShape.STEP, M("3.5"), step_m=M("0.01"), rate=M(rate))
    record = tariff(area_price=price(price_per_m2), height=rule)
    row = bill(billed_area_m2=area, storey_height_m=height, service_from=dt.date(2025, 11, 16))
    found = recompute(bills_table(row), None, [record], city=CITY, compiled=compiled).to_pylist()[0]
    fee = M(area) * M(price_per_m2) * 119 / 120
    steps = int((M(height) - M("3.5")) * 100) if height else 0
    fen = M("0.01")
    assert found["area_charge_due"] == fee.quantize(fen, rounding="ROUND_HALF_UP")
    surcharge = M(area) * M(price_per_m2) * 119 * steps * M(rate) / 120
    assert found["height_surcharge_due"] == surcharge.quantize(fen, rounding="ROUND_HALF_UP")


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("heat", "value"), [("99999999999999.999", "42.5537"), ("1099511627.775", "98765.432199")]
)
def test_heat_beyond_sixty_four_bits_is_computed_in_whole_numbers_all_the_same(
    compiled: bool, heat: str, value: str
) -> None:
    record = tariff(metered_price=MeteredPrice(M(value), HeatUnit.GJ), cap_share=None)
    row = settled(heat_used=heat)
    found = recompute(bills_table(row), None, [record], city=CITY, compiled=compiled).to_pylist()[0]
    exact = (M(heat) * M(value) / M("277.778")).quantize(M("0.01"), rounding="ROUND_HALF_UP")
    assert found["metered_charge_due"] == exact


def test_a_rounding_unit_below_a_fen_is_refused_with_a_reason() -> None:
    with pytest.raises(ValueError, match="0.001"):
        terms_of_tariff(tariff(rounding=Rounding(M("0.001"))))
