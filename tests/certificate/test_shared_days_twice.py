"""Bills of few accounts whose days, kinds, methods and readings meet and overlap, by both computations."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from certified_bills import CITY, any_account, any_bill, any_tariff, billed_as_due

from checks.certificate import certificate_of
from checks.certificate.proven import proven
from checks.certificate.second_opinion import check_sample
from checks.recompute import recompute
from ingest.standard import arrow_schema


def table(feed: str, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=arrow_schema(feed))


def of_one_season(dice: random.Random, row: int) -> dict[str, Any]:
    """A bill of one of fifty accounts: services and readings start where another ends, or around it."""
    found = any_bill(dice, row, ["residential"], 5)
    first = dt.date(2025, 11, 10)
    start = first + dt.timedelta(dice.choice([0, 5, 5, 30, 60, dice.randint(0, 130)]))
    end = start + dt.timedelta(dice.choice([0, 25, 30, 55, 124, dice.randint(0, 130)]))
    opening = Decimal(dice.choice([0, 100, 200])).scaleb(0)
    return found | {
        "account_no": f"A{row % 50}",
        "season": "2025-26",
        "kind": dice.choice(["season", "settlement", found["kind"]]),
        "service_from": start,
        "service_to": end,
        "heat_unit": "kWh",
        "reading_from": dice.choice([None, opening]),
        "reading_to": opening + dice.choice([0, 100, 150]),
        "heat_used": dice.choice([None, Decimal(100)]),
        "issued_on": end + dt.timedelta(dice.choice([0, 0, 30])),
        "other_charge": None,
    }


@pytest.mark.parametrize("seed", range(30))
def test_shared_days_come_out_the_same_by_both_computations(seed: int) -> None:
    dice = random.Random(seed)
    tariffs = [any_tariff(dice, "residential")]
    bills = [of_one_season(dice, row) for row in range(1, 201)]
    roster = None
    if seed % 2:
        roster = table(
            "accounts", list({one["account_no"]: any_account(dice, one) for one in bills}.values())
        )
    outcomes = recompute(table("bills", bills), roster, tariffs, city=CITY)
    billed_as_due(bills, outcomes.to_pylist(), dice)
    filed = table("bills", bills)
    outcomes = recompute(filed, roster, tariffs, city=CITY)

    def recorded(rows: list[int]) -> pa.Table:
        return outcomes.take(pa.array([row - 1 for row in rows]))

    assert check_sample(filed, roster, recorded, tariffs, city=CITY, seed="1").bills == 200


@pytest.mark.parametrize("seed", range(3))
def test_the_certificates_of_bills_that_share_days_are_agreed_with_by_their_checker(seed: int) -> None:
    dice = random.Random(f"certified {seed}")
    tariffs = [any_tariff(dice, "residential")]
    bills = [of_one_season(dice, row) for row in range(1, 101)]
    outcomes = recompute(table("bills", bills), None, tariffs, city=CITY).to_pylist()
    billed_as_due(bills, outcomes, dice)
    stated = []
    for bill in bills:
        others = [one for one in bills if one is not bill and one["account_no"] == bill["account_no"]]
        found = proven(certificate_of(bill, None, tariffs, city=CITY, others=others))
        stated.append(found["case"].get("stated", {}))
    assert any("left" in one for one in stated)
    assert any("of" in one for one in stated)
