"""Two hundred thousand random bills: both executions of the rules, and an oracle in decimals, agree to the fen."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from bill_cases import CITY, tariff
from bill_oracle import due as due_by_oracle

from checks.recompute import recompute
from checks.tariffs.record import (
    AreaBasis,
    AreaFallback,
    HeatUnit,
    HeightBand,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    MeteredPrice,
    Per,
    Price,
    Proration,
    Rounding,
    RoundingWhen,
    Season,
    StartedStep,
    Tariff,
)
from ingest.standard import arrow_schema

ROWS_A_SEED = 52_000
SEEDS = (20251115, 20260315, 4, 277778)
LINES = (
    "area_charge",
    "base_charge",
    "metered_charge",
    "height_surcharge",
    "suspension_charge",
    "late_fee",
    "cap_reduction",
)


def d(number: int, places: int) -> Decimal:
    return Decimal(number).scaleb(-places)


def random_height(dice: random.Random) -> HeightRule | None:
    shape = dice.choice(["none", "step", "step", "proportional", "table"])
    trigger = Decimal(dice.choice(["2.80", "3.00", "3.20", "3.50", "4.00"]))
    ceiling = dice.choice([None, None, Decimal("0.5"), Decimal(1)])
    if shape == "none":
        return None
    if shape == "step":
        return HeightRule(
            HeightShape.STEP,
            trigger,
            count_from_m=dice.choice([None, Decimal("2.80"), Decimal("3.00")]),
            step_m=Decimal(dice.choice(["0.1", "0.3"])),
            rate=Decimal(dice.choice(["0.01", "0.03", "0.05", "0.1"])),
            started_step=dice.choice(list(StartedStep)),
            max_rate=ceiling,
            on_base_price=dice.random() < 0.3,
        )
    if shape == "proportional":
        return HeightRule(HeightShape.PROPORTIONAL, trigger, reference_m=Decimal(3), max_rate=ceiling)
    bands = (
        HeightBand(Decimal("3.3"), Decimal(1)),
        HeightBand(Decimal("4.0"), Decimal("1.25")),
        HeightBand(Decimal("5.0"), Decimal("1.5")),
        HeightBand(None, Decimal("2.8")),
    )
    return HeightRule(HeightShape.TABLE, trigger, bands=bands)


def random_tariff(dice: random.Random, category: str) -> Tariff:
    per = dice.choice([Per.SEASON, Per.SEASON, Per.MONTH, Per.DAY])
    periods = {Per.SEASON: 1, Per.MONTH: dice.choice([4, 5, 6]), Per.DAY: dice.choice([120, 121, 150])}[per]
    value = d(dice.randint(1000, 60000) // periods, dice.choice([3, 3, 4]))
    late = None
    if dice.random() < 0.7:
        late = LateFeeRule(
            dice.choice(list(LateFeeShape)),
            Decimal(dice.choice(["0.001", "0.002", "0.05"])),
            dice.choice([None, (12, 31), (10, 20), (1, 15)]),
            dice.choice([None, Decimal("0.3")]),
        )
    unit = dice.choice(["0.01"] * 4 + ["0.1", "1"])
    return tariff(
        id=f"random-{category}",
        category=category,
        area_basis=dice.choice(list(AreaBasis)),
        area_factor=Decimal(dice.choice(["1", "1", "0.9", "0.85", "0.86"])),
        area_fallbacks=(AreaFallback(AreaBasis.FLOOR, Decimal(dice.choice(["0.75", "0.9", "0.7502"]))),),
        area_price=Price(value, per, periods),
        base_price=Price(d(dice.randint(300, 30000) // periods, 3), per, periods),
        metered_price=MeteredPrice(
            d(dice.randint(100, 400), 3) if dice.random() < 0.5 else d(dice.randint(3000, 9000), 2),
            dice.choice(list(HeatUnit)),
        ),
        cap_share=dice.choice([None, Decimal(1), Decimal("1.1"), Decimal("1.15")]),
        suspension_share=Decimal(dice.choice(["0", "0.1", "0.2", "0.3", "0.5"])),
        height=random_height(dice),
        late_fee=late or LateFeeRule(LateFeeShape.FORBIDDEN, Decimal(0), None),
        season=dice.choice(
            [
                Season((11, 15), (3, 15), False, dice.choice([None, 120])),
                Season((10, 20), (4, 20), True),
                Season((11, 1), (3, 31), True),
                Season((10, 31), (4, 6), True),
            ]
        ),
        proration=dice.choice(list(Proration)),
        rounding=Rounding(Decimal(unit), dice.choice(list(RoundingWhen))),
    )


def random_bill(dice: random.Random, row: int, category: str, basis: str) -> dict[str, Any]:
    start = dt.date(2025, 10, 1) + dt.timedelta(
        days=dice.choice([0, 10, 19, 30, 31, 45, dice.randint(0, 220)])
    )
    end = dt.date(2026, 4, 30) - dt.timedelta(days=dice.choice([0, 10, 30, 46, dice.randint(0, 200)]))
    opening = dice.randint(0, 10**8)
    heat = dice.choice([0, dice.randint(0, 10**5), dice.randint(0, 10**8)])
    by_reading = dice.random() < 0.3
    issued = dt.date(2025, 10, 1) + dt.timedelta(days=dice.randint(0, 260))
    late = d(dice.randint(1, 200_000), 2) if dice.random() < 0.2 else None
    return {
        "source_row": row,
        "bill_no": f"B{row}",
        "account_no": f"A{row}",
        "season": "2025-26",
        "kind": dice.choice(["season", "settlement"]),
        "category": category,
        "billing_method": dice.choice(["area", "metered"]),
        "heating_state": dice.choice(["on", "on", "on", "suspended"]),
        "service_from": start,
        "service_to": max(start, end),
        "billed_area_m2": d(dice.choice([dice.randint(1, 30_000), dice.randint(1, 10**7)]), 2),
        "area_basis": basis,
        "storey_height_m": d(dice.randint(220, 900), 2) if dice.random() < 0.7 else None,
        "reading_from": d(opening, 3) if by_reading else None,
        "reading_to": d(opening + heat, 3) if by_reading else None,
        "heat_used": None if by_reading else d(heat, 3),
        "heat_unit": dice.choice(["kWh", "kWh", "MWh", "GJ", "MJ"]),
        "base_charge": d(1, 2) if dice.random() < 0.1 else None,
        "late_fee": late,
        "refund": -d(dice.randint(1, 10_000), 2) if dice.random() < 0.1 else None,
        "subsidy": -d(dice.randint(1, 10_000), 2) if dice.random() < 0.1 else None,
        "prepaid": d(dice.randint(0, 500_000), 2) if dice.random() < 0.2 else None,
        "total": d(dice.randint(0, 10**6), 2),
        "issued_on": issued,
        "due_on": issued + dt.timedelta(days=dice.randint(0, 60)),
        "paid_on": issued + dt.timedelta(days=dice.randint(0, 200)) if dice.random() < 0.5 else None,
    }


def random_account(dice: random.Random, bill: dict[str, Any]) -> dict[str, Any]:
    floor = bill["billed_area_m2"]
    suspended_from = dt.date(2025, 10, 1) + dt.timedelta(days=dice.randint(0, 200))
    return {
        "source_row": bill["source_row"],
        "account_no": bill["account_no"],
        "category": bill["category"],
        "billing_method": bill["billing_method"],
        "floor_area_m2": floor,
        "usable_area_m2": (floor * 3 / 4).quantize(Decimal("0.01")) + 1 if dice.random() < 0.7 else None,
        "inner_area_m2": (floor * 4 / 5).quantize(Decimal("0.01")) + 1 if dice.random() < 0.7 else None,
        "storey_height_m": bill["storey_height_m"],
        "connected_on": dt.date(2025, 9, 1) + dt.timedelta(days=dice.choice([0, 0, 0, dice.randint(0, 150)])),
        "closed_on": dt.date(2025, 12, 1) + dt.timedelta(days=dice.randint(0, 150))
        if dice.random() < 0.1
        else None,
        "heating_state": bill["heating_state"],
        "suspended_from": suspended_from
        if bill["heating_state"] == "suspended" and dice.random() < 0.7
        else None,
    }


@pytest.mark.parametrize("seed", SEEDS)
def test_random_bills_come_out_the_same_compiled_and_by_the_oracle(seed: int) -> None:
    dice = random.Random(seed)
    tariffs = {f"c{number}": random_tariff(dice, f"c{number}") for number in range(40)}
    with_roster = seed % 2 == 0
    names = list(tariffs)
    bills = []
    for row in range(1, ROWS_A_SEED + 1):
        category = dice.choice(names)
        bills.append(random_bill(dice, row, category, tariffs[category].area_basis.value))  # type: ignore[union-attr]
    accounts = [random_account(dice, bill) for bill in bills] if with_roster else None
    table = pa.Table.from_pylist(bills, schema=arrow_schema("bills"))
    roster = None if accounts is None else pa.Table.from_pylist(accounts, schema=arrow_schema("accounts"))

    found = recompute(table, roster, list(tariffs.values()), city=CITY, compiled=True).to_pylist()

    differing, judged = [], 0
    for place, (bill, outcome) in enumerate(zip(bills, found, strict=True)):
        if outcome["missing"] is not None:
            # the one thing these bills can lack: the height, where a surcharge is billed; none bills one
            differing.append((bill["bill_no"], outcome["missing"]))
            continue
        expected = due_by_oracle(
            bill, None if accounts is None else accounts[place], tariffs[bill["category"]]
        )
        judged += 1
        computed = {line: outcome[f"{line}_due"] for line in LINES} | {"total": outcome["recomputed_total"]}
        if computed != expected:
            differing.append(
                (
                    bill["bill_no"],
                    {k: (computed[k], expected[k]) for k in expected if computed[k] != expected[k]},
                )
            )
    assert differing[:3] == []
    assert judged == ROWS_A_SEED


@pytest.mark.parametrize("seed", SEEDS[:2])
def test_the_plain_and_the_compiled_execution_give_identical_tables(seed: int) -> None:
    dice = random.Random(seed)
    tariffs = {f"c{number}": random_tariff(dice, f"c{number}") for number in range(40)}
    bills = []
    for row in range(1, 8001):
        category = dice.choice(list(tariffs))
        bill = random_bill(dice, row, category, tariffs[category].area_basis.value)  # type: ignore[union-attr]
        if row % 5 == 0:  # sizes at which 64-bit integers no longer suffice
            bill["billed_area_m2"] = d(dice.randint(10**9, 10**13), 2)
        if row % 7 == 0 and bill["heat_used"] is not None:
            bill["heat_used"] = d(dice.randint(10**11, 10**16), 3)
        bills.append(bill)
    table = pa.Table.from_pylist(bills, schema=arrow_schema("bills"))
    records = list(tariffs.values())
    compiled = recompute(table, None, records, city=CITY, compiled=True)
    plain = recompute(table, None, records, city=CITY, compiled=False)
    assert compiled.equals(plain)
    assert max(row["recomputed_total"] or 0 for row in plain.to_pylist()) > Decimal(10) ** 9
