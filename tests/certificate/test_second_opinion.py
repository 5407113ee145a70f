"""Every run has a random part computed a second time, and one disagreement stops it."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from certified_bills import CITY, any_account, any_bill, any_tariff, billed_as_due, published_cities
from test_certificate_alone import HARBIN

from checks.certificate import CHECKER_DIGEST, SecondOpinionDiffers, check_sample, second_opinion
from checks.recompute import recompute
from checks.tariffs.load import load_published
from checks.tariffs.record import HeatUnit, MeteredPrice, Per, Price
from ingest.standard import arrow_schema

CATEGORIES = [
    "residential",
    "non_residential",
    "office",
    "commercial",
    "hotel",
    "institution",
    "garage",
    "low_income",
]


def as_table(feed: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(feed))


def recorded(outcomes: pa.Table) -> Any:
    """The outcomes as a run keeps them, asked for by source row."""
    return lambda rows: outcomes.take(pa.array([row - 1 for row in rows]))


def agree(
    dice: random.Random, tariffs: Any, place: tuple[str, tuple[str, ...]], categories: list[str]
) -> int:
    """Random bills of the place, with a roster or without, by both computations; how many of them were computable."""
    city, areas = place
    size = dice.choice([5, 7, 9, 13])
    bills = [any_bill(dice, row, categories, size) for row in range(1, 401)]
    roster = None
    if dice.random() < 0.5:
        on_it = {one["account_no"]: any_account(dice, one) for one in bills if dice.random() < 0.97}
        roster = as_table("accounts", list(on_it.values()))
    where: dict[str, Any] = {"city": city, "service_areas": areas}
    outcomes = recompute(as_table("bills", bills), roster, tariffs, **where)
    billed_as_due(bills, outcomes.to_pylist(), dice)
    table = as_table("bills", bills)
    outcomes = recompute(table, roster, tariffs, **where)
    found = check_sample(table, roster, recorded(outcomes), tariffs, **where, seed="1")
    assert found.bills == len(bills)
    return len(table) - sum(one == "inconclusive" for one in outcomes["outcome"].to_pylist())


@pytest.mark.parametrize("seed", range(16))
def test_both_computations_agree_on_tariffs_of_every_shape(seed: int) -> None:
    dice = random.Random(seed)
    tariffs = [any_tariff(dice, category) for category in CATEGORIES if category != "low_income"]
    assert agree(dice, tariffs, (CITY, ()), CATEGORIES) > 0


@pytest.mark.parametrize("part", range(4))
def test_both_computations_agree_on_every_tariff_that_ships(part: int) -> None:
    dice = random.Random(part)
    places = published_cities()[part::4]
    assert sum(agree(dice, load_published(), place[:2], place[2]) for place in places) > 0


def test_heat_below_the_readings_is_open_to_both_where_the_readings_lead_beyond_an_unknown_cap() -> None:
    """By the heat stated the fee stays below the area fee; by the readings it would pass it, and the cap is unknown."""
    of_city = [one for one in load_published() if one.id == "hrb-res-2015"]
    tariff = replace(
        of_city[0],
        city=CITY,
        cap_share=None,
        cap_known=False,
        methods=("area", "metered"),
        base_price=Price(Decimal(12), Per.SEASON),
        metered_price=MeteredPrice(Decimal("0.16"), HeatUnit.KWH),
    )
    bill = HARBIN | {
        "category": "residential", "billing_method": "metered", "kind": "settlement", "billed_area_m2": Decimal(100),
        "reading_from": Decimal(0), "reading_to": Decimal(20000), "heat_used": Decimal(10000), "heat_unit": "kWh",
        "service_from": dt.date(2025, 10, 20), "service_to": dt.date(2026, 4, 20), "season": "2025-26",
        "total": Decimal("2800.00"), "area_charge": None,
    }  # fmt: skip
    table = as_table("bills", [bill])
    outcomes = recompute(table, None, [tariff], city=CITY)
    assert outcomes["missing"].to_pylist() == ["heat_below_readings"]
    assert check_sample(table, None, recorded(outcomes), [tariff], city=CITY, seed="1").bills == 1


def many_bills(count: int) -> tuple[pa.Table, Any]:
    bill = {
        "source_row": 1, "season": "2025-26", "kind": "season", "category": "residential", "billing_method": "area",
        "heating_state": "on", "service_from": dt.date(2025, 10, 20), "service_to": dt.date(2026, 4, 20),
        "billed_area_m2": Decimal("100.00"), "area_basis": "usable", "area_charge": Decimal("3832.00"),
        "total": Decimal("3832.00"), "issued_on": dt.date(2025, 10, 20), "due_on": dt.date(2025, 12, 31),
    }  # fmt: skip
    rows = [{**bill, "source_row": n, "bill_no": f"B{n}", "account_no": f"A{n}"} for n in range(1, count + 1)]
    table = as_table("bills", rows)
    return table, recompute(table, None, load_published(), city="哈尔滨市")


def test_at_least_a_thousand_bills_and_one_in_a_hundred_are_drawn_by_the_seed() -> None:
    assert len(second_opinion.drawn(999, "ab")) == 999
    assert len(second_opinion.drawn(5000, "ab")) == 1000
    assert len(second_opinion.drawn(1_000_001, "ab")) == 10_001
    assert (
        second_opinion.drawn(5000, "ab")
        == second_opinion.drawn(5000, "ab")
        != second_opinion.drawn(5000, "ac")
    )


def test_a_sample_that_agrees_says_how_many_which_seed_and_which_checker() -> None:
    table, outcomes = many_bills(1200)
    found = check_sample(table, None, recorded(outcomes), load_published(), city="哈尔滨市", seed="abc")
    assert (found.bills, found.seed, found.checker_digest) == (1000, "abc", CHECKER_DIGEST)


@pytest.mark.parametrize("column", ["recomputed_total", "overcharge", "area_charge_due"])
def test_one_fen_of_difference_stops_the_run_and_names_bill_line_and_values(column: str) -> None:
    table, outcomes = many_bills(30)
    amounts = outcomes[column].to_pylist()
    amounts[7] += Decimal("0.01")
    place = outcomes.schema.get_field_index(column)
    altered = outcomes.set_column(
        place, outcomes.schema.field(place), pa.array(amounts, outcomes[column].type)
    )
    with pytest.raises(SecondOpinionDiffers) as stopped:
        check_sample(table, None, recorded(altered), load_published(), city="哈尔滨市", seed="abc")
    assert (stopped.value.bill_no, stopped.value.source_row) == ("B8", 8)
    assert stopped.value.what == column.removesuffix("_due")
    assert str(amounts[7]) in stopped.value.zh
    assert str(amounts[7]) in stopped.value.en
