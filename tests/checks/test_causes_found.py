"""One mistake planted in each bill: the search names it, to the fen, and says which others would give the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from bill_cases import CITY, account, accounts_table, bill, bills_table, price, tariff

from checks.causes import CAUSES, EXPLAINED_SCHEMA, find_causes
from checks.causes.hypotheses import HYPOTHESES
from checks.recompute import recompute
from checks.tariffs.record import (
    AreaBasis,
    HeatUnit,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    MeteredPrice,
    Standing,
    StartedStep,
    Tariff,
)

HEIGHT = HeightRule(
    HeightShape.STEP,
    Decimal("3.5"),
    step_m=Decimal("0.3"),
    rate=Decimal("0.1"),
    started_step=StartedStep.FULL,
)


def explained(
    row: dict[str, Any],
    tariffs: Sequence[Tariff],
    roster_row: dict[str, Any] | None = None,
    *others: dict[str, Any],
    service_areas: tuple[str, ...] = (),
) -> dict[str, Any]:
    bills = bills_table(row, *others)
    accounts = None if roster_row is None else accounts_table(roster_row)
    where: dict[str, Any] = {"city": CITY, "service_areas": service_areas}
    outcomes = recompute(bills, accounts, tariffs, **where)
    table = find_causes(bills, accounts, outcomes, tariffs, **where)
    assert table.schema.equals(EXPLAINED_SCHEMA)
    found: dict[str, Any] = table.to_pylist()[0]
    return found


def settled(**changes: Any) -> dict[str, Any]:
    return bill(
        **{
            "kind": "settlement",
            "billing_method": "metered",
            "heat_unit": "kWh",
            "heat_used": "6000.000",
            "base_charge": "1200.00",
            "metered_charge": "960.00",
        }
        | changes
    )


def test_a_charge_outside_the_tariff_is_named() -> None:
    row = bill(area_charge="2400.00", other_charge="55.00", other_charge_name="入网费")
    found = explained(row, [tariff()])
    assert (found["outcome"], found["cause"], found["overcharge"]) == (
        "breach",
        "forbidden_charge",
        Decimal("55.00"),
    )


def test_a_suspension_charge_where_none_may_be_made_is_named() -> None:
    row = bill(heating_state="suspended", suspension_charge="480.00")
    assert explained(row, [tariff(suspension_share=Decimal(0))])["cause"] == "suspension_fee_not_allowed"


def test_suspended_heat_billed_in_full_is_named() -> None:
    found = explained(bill(area_charge="2400.00"), [tariff()], account(heating_state="suspended"))
    assert (found["cause"], found["overcharge"]) == ("suspended_billed_in_full", Decimal("1920.00"))


def test_a_wrong_share_for_suspended_heat_is_named() -> None:
    found = explained(bill(heating_state="suspended", suspension_charge="720.00"), [tariff()])
    assert found["cause"] == "wrong_suspension_share"


def test_a_cap_that_was_not_applied_is_named() -> None:
    row = settled(heat_used="10000.000", metered_charge="1600.00")
    found = explained(row, [tariff()])
    assert (found["cause"], found["overcharge"]) == ("cap_not_applied", Decimal("400.00"))


def test_a_cap_at_another_share_is_named() -> None:
    row = settled(heat_used="10000.000", metered_charge="1600.00", cap_reduction="-160.00")
    assert explained(row, [tariff()])["cause"] == "wrong_cap_share"


def test_the_superseded_price_is_named() -> None:
    old = tariff(
        id="old", area_price=price("22"), valid_to=dt.date(2025, 9, 30), standing=Standing.SUPERSEDED
    )
    new = tariff(id="new", valid_from=dt.date(2025, 10, 1))
    found = explained(bill(area_charge="2200.00"), [old, new])
    assert (found["cause"], found["overcharge"], found["tariff_id"]) == (
        "old_price",
        Decimal("-200.00"),
        "new",
    )


def test_a_price_that_does_not_bind_yet_is_named() -> None:
    now = tariff(id="now", valid_to=dt.date(2026, 9, 30))
    later = tariff(id="later", area_price=price("26"), valid_from=dt.date(2026, 10, 1))
    assert explained(bill(area_charge="2600.00"), [now, later])["cause"] == "early_price"


def test_a_price_only_proposed_counts_as_applied_early() -> None:
    proposed = tariff(id="p", area_price=price("27.5"), standing=Standing.PROPOSED)
    assert explained(bill(area_charge="2750.00"), [tariff(), proposed])["cause"] == "early_price"


def test_the_price_of_another_category_is_named() -> None:
    shops = tariff(id="shops", category="non_residential", area_price=price("34.5"))
    assert explained(bill(area_charge="3450.00"), [tariff(), shops])["cause"] == "wrong_category"


def test_the_category_the_bill_states_against_the_roster_is_named_with_its_whole_record() -> None:
    shops = tariff(id="shops", category="non_residential", area_price=price("34.5"), height=HEIGHT)
    row = bill(category="non_residential", area_charge="3450.00", height_surcharge="690.00")
    roster = account(category="residential", storey_height_m="4.00")
    found = explained(row, [tariff(), shops], roster)
    assert (found["cause"], found["overcharge"]) == ("wrong_category", Decimal("1740.00"))


def test_the_price_of_another_service_area_is_named() -> None:
    gas = tariff(id="gas", service_area="gas", area_price=price("30"))
    net = tariff(id="net", service_area="net")
    row = bill(area_charge="3000.00")
    assert explained(row, [gas, net], service_areas=("net",))["cause"] == "wrong_service_area_price"


def test_floor_area_billed_where_usable_area_is_due_is_named() -> None:
    record = tariff(area_basis=AreaBasis.USABLE)
    row = bill(area_charge="2400.00", billed_area_m2="100.00", area_basis="floor")
    found = explained(row, [record], account(usable_area_m2="75.00"))
    assert found["cause"] == "wrong_area_basis"
    assert found["cause_ties"] == "area_differs_from_roster"


def test_an_area_that_is_not_the_rosters_is_named() -> None:
    row = bill(area_charge="2486.40", billed_area_m2="103.60")
    found = explained(row, [tariff()], account())
    assert (found["cause"], found["cause_ties"]) == ("area_differs_from_roster", None)


def test_an_area_rounded_before_it_is_priced_is_named() -> None:
    record = tariff(area_factor=Decimal("0.9"))
    roster = account(floor_area_m2="100.55")  # 90.495 m2: 2171.88; 90.50 m2: 2172.00
    row = bill(area_charge="2172.00", billed_area_m2="90.50")
    found = explained(row, [record], roster)
    assert found["overcharge"] == Decimal("0.12")
    assert {found["cause"], *(found["cause_ties"] or "").split(";")} >= {
        "area_differs_from_roster",
        "area_rounded",
    }


def test_a_height_surcharge_that_may_not_be_made_is_named() -> None:
    row = bill(area_charge="2400.00", height_surcharge="480.00", storey_height_m="4.00")
    assert explained(row, [tariff(height=None)])["cause"] == "height_surcharge_not_allowed"


def test_a_height_surcharge_hidden_in_the_area_charge_is_named() -> None:
    row = bill(area_charge="3200.00", storey_height_m="4.00")
    assert explained(row, [tariff(height=None)])["cause"] == "height_surcharge_not_allowed"


def test_a_started_step_counted_wrongly_is_named() -> None:
    row = bill(area_charge="2400.00", height_surcharge="240.00", storey_height_m="4.00")
    found = explained(row, [tariff(height=HEIGHT)])
    assert (found["cause"], found["overcharge"]) == ("height_step_wrong", Decimal("-240.00"))


def test_a_part_of_a_season_billed_in_full_is_named() -> None:
    row = bill(area_charge="2400.00", service_from=dt.date(2026, 1, 14))  # 60 of 120 days
    found = explained(row, [tariff()])
    assert (found["cause"], found["overcharge"]) == ("part_season_billed_in_full", Decimal("1200.00"))


def test_a_connection_in_mid_season_that_the_bill_ignores_is_named() -> None:
    roster = account(connected_on=dt.date(2026, 1, 14))
    assert explained(bill(area_charge="2400.00"), [tariff()], roster)["cause"] == "part_season_billed_in_full"


@pytest.mark.parametrize("amount", ["1220.00", "1180.00", "1210.08"])  # 61/120, 59/120, 61/121
def test_one_day_too_many_or_too_few_is_named(amount: str) -> None:
    row = bill(area_charge=amount, service_from=dt.date(2026, 1, 14))
    assert explained(row, [tariff()])["cause"] == "inclusive_day_count"


@pytest.mark.parametrize(
    ("filed", "unit", "charge"),
    [("5.000", "GJ", "0.80"), ("1500.000", "kWh", "66666.72"), ("1.500", "MWh", "0.24")],
)
def test_heat_read_in_the_wrong_unit_is_named(filed: str, unit: str, charge: str) -> None:
    row = settled(heat_used=filed, heat_unit=unit, metered_charge=charge)
    found = explained(row, [tariff(cap_share=None)])
    assert found["cause"] == "heat_unit_slip"


def test_the_price_per_gigajoule_taken_on_kilowatt_hours_is_named() -> None:
    record = tariff(metered_price=MeteredPrice(Decimal("42.55"), HeatUnit.GJ), cap_share=None)
    row = settled(heat_used="100.000", metered_charge="4255.00")
    assert explained(row, [record])["cause"] == "heat_unit_slip"


def test_a_base_charge_taken_twice_is_named() -> None:
    row = settled(heat_used="1000.000", base_charge="2400.00", metered_charge="160.00")
    assert explained(row, [tariff()])["cause"] == "base_fee_twice"


def test_a_late_fee_above_the_permitted_one_is_named() -> None:
    rule = LateFeeRule(LateFeeShape.DAILY_ON_TOTAL, Decimal("0.001"), (12, 31))
    row = bill(area_charge="2400.00", late_fee="48.00", paid_on=dt.date(2026, 1, 10))
    found = explained(row, [tariff(late_fee=rule)])
    assert (found["cause"], found["overcharge"]) == ("late_fee_too_high", Decimal("24.00"))


def test_a_late_fee_on_the_whole_fee_instead_of_the_unpaid_rest_is_named() -> None:
    rule = LateFeeRule(LateFeeShape.DAILY_ON_UNPAID, Decimal("0.001"), (12, 31))
    row = bill(area_charge="2400.00", prepaid="2000.00", late_fee="24.00", paid_on=dt.date(2026, 1, 10))
    found = explained(row, [tariff(late_fee=rule)])
    assert (found["cause"], found["overcharge"]) == ("late_fee_on_whole", Decimal("20.00"))
    assert found["cause_ties"] == "late_fee_too_high"
    other = explained(
        row | {"late_fee": Decimal("23.00"), "total": Decimal("2423.00")}, [tariff(late_fee=rule)]
    )
    assert other["cause"] == "late_fee_too_high"


def test_a_change_of_price_followed_by_the_day_is_named() -> None:
    now = tariff(id="now", valid_to=dt.date(2025, 12, 31))
    later = tariff(id="later", area_price=price("30"), valid_from=dt.date(2026, 1, 1))
    row = bill(area_charge="2765.00")  # 47 days at 24 and 73 at 30: 940.00 + 1825.00
    found = explained(row, [now, later])
    assert (found["cause"], found["tariff_id"]) == ("early_price_for_days", "now")


def test_an_area_fee_charged_beside_base_and_heat_is_the_base_fee_twice() -> None:
    row = settled(heat_used="1000.000", metered_charge="160.00", area_charge="2400.00")
    assert explained(row, [tariff()])["cause"] == "base_fee_twice"


def test_a_line_left_out_is_an_undercharge_and_named() -> None:
    row = bill(area_charge="2400.00", storey_height_m="4.00")
    found = explained(row, [tariff(height=HEIGHT)])
    assert (found["cause"], found["overcharge"]) == ("line_left_out", Decimal("-480.00"))


def test_a_total_that_holds_more_than_its_lines_is_named() -> None:
    row = bill(area_charge="2400.00", total="2433.33")
    assert explained(row, [tariff()])["cause"] == "total_not_sum_of_lines"


@pytest.mark.parametrize(("amount", "cause"), [("2393.00", "rounded_up"), ("2392.60", "rounded_up")])
def test_a_line_rounded_up_is_named(amount: str, cause: str) -> None:
    row = bill(area_charge=amount, billed_area_m2="99.69")  # 2392.56
    assert explained(row, [tariff()])["cause"] == cause


def test_a_line_cut_off_is_named() -> None:
    row = bill(area_charge="2392.00", billed_area_m2="99.69")
    assert explained(row, [tariff()])["cause"] == "rounded_otherwise"


def test_a_bill_for_service_already_billed_is_a_duplicate() -> None:
    second = bill(area_charge="2400.00", bill_no="B-2", issued_on=dt.date(2025, 11, 1))
    first = bill(area_charge="2400.00", bill_no="B-1")
    found = explained(second, [tariff()], None, first)
    assert (found["cause"], found["overcharge"]) == ("duplicate_bill", Decimal("2400.00"))


def test_a_correction_that_does_not_mend_the_original_is_named() -> None:
    wrong = bill(area_charge="2600.00")
    correction = bill(kind="correction", bill_no="C-1", corrects_bill_no="B-1", area_charge="-150.00")
    found = explained(correction, [tariff()], None, wrong)
    assert (found["cause"], found["overcharge"]) == ("correction_amount_wrong", Decimal("50.00"))


def test_an_amount_that_nothing_reproduces_is_unexplained() -> None:
    assert explained(bill(area_charge="3141.59"), [tariff()])["cause"] == "unexplained"


def test_a_conforming_bill_has_no_cause() -> None:
    found = explained(bill(area_charge="2400.00"), [tariff()])
    assert (found["outcome"], found["cause"], found["cause_ties"]) == ("conforms", None, None)


def test_two_mistakes_that_give_the_same_total_are_both_named() -> None:
    old = tariff(
        id="old", area_price=price("34.5"), valid_to=dt.date(2025, 9, 30), standing=Standing.SUPERSEDED
    )
    new = tariff(id="new", valid_from=dt.date(2025, 10, 1))
    shops = tariff(id="shops", category="non_residential", area_price=price("34.5"))
    found = explained(bill(area_charge="3450.00"), [old, new, shops])
    assert found["cause"] == "old_price"
    assert found["cause_ties"] == "wrong_category"


def test_every_cause_is_either_tried_or_settled_before_the_search() -> None:
    tried = {code for code, _ in HYPOTHESES}
    assert set(CAUSES) - tried == {
        "duplicate_bill",
        "billed_by_other_method",
        "correction_amount_wrong",
        "unexplained",
    }
    assert tried <= set(CAUSES)


def test_every_cause_speaks_both_languages() -> None:
    for cause in CAUSES.values():
        assert all(
            any("一" <= letter <= "鿿" for letter in text) for text in (cause.zh, cause.explanation.zh)
        )
        assert all(
            text.strip() and text.isascii() or "²" in text for text in (cause.en, cause.explanation.en)
        )


def test_outcomes_of_other_bills_are_refused() -> None:
    bills = bills_table(bill(area_charge="2400.00"))
    outcomes = recompute(bills, None, [tariff()], city=CITY)
    with pytest.raises(ValueError, match="recompute"):
        find_causes(bills_table(bill(), bill(bill_no="B-2")), None, outcomes, [tariff()], city=CITY)


def test_searching_explained_outcomes_again_gives_the_same_causes() -> None:
    bills = bills_table(
        bill(area_charge="2400.00", other_charge="5.00"), bill(bill_no="B-2", area_charge="2400.00")
    )
    once = find_causes(bills, None, recompute(bills, None, [tariff()], city=CITY), [tariff()], city=CITY)
    assert once["cause"].to_pylist() == ["unlisted_charge", "duplicate_bill"]
    assert find_causes(bills, None, once, [tariff()], city=CITY).equals(once)


def test_a_record_whose_rules_differ_but_whose_price_is_the_same_is_no_cause() -> None:
    twin = replace(tariff(), id="twin", category="office")
    assert explained(bill(area_charge="2500.00"), [tariff(), twin])["cause"] == "unexplained"
