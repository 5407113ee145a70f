"""Random bills of every tariff that ships and of tariffs of every shape, with and without a roster, for the tests."""

from __future__ import annotations

import datetime as dt
import random
from decimal import Decimal
from typing import Any

from checks.certificate import verify_certificate as checker
from checks.tariffs.consistency import contradictions
from checks.tariffs.in_force import CATEGORY_FALLBACK
from checks.tariffs.load import load_published
from checks.tariffs.record import (
    AreaBasis,
    AreaFactor,
    AreaFallback,
    Confidence,
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
    Source,
    Standing,
    StartedStep,
    Tariff,
)

CITY = "试验市"
LINES = checker.LINES
KINDS = ("season", "season", "season", "settlement", "settlement", "correction")


def _d(number: int, places: int) -> Decimal:
    return Decimal(number).scaleb(-places)


def maybe(dice: random.Random, chance: float, value: Any) -> Any:
    return value if dice.random() < chance else None


def any_height_rule(dice: random.Random) -> HeightRule | None:
    shape = dice.choice([None, *HeightShape, HeightShape.STEP])
    if shape is None:
        return None
    top = Decimal(dice.choice(["4.5", "6"]))
    bands = tuple(
        HeightBand(Decimal(up) if up else None, Decimal(coefficient))
        for up, coefficient in (("3.3", "1"), ("4.0", "1.25"), ("5.0", "1.5"), (None, "2.8"))
    )
    is_step = shape is HeightShape.STEP
    return HeightRule(
        shape,
        Decimal(dice.choice(["2.80", "3.00", "3.50"])),
        count_from_m=Decimal("2.80") if is_step else None,
        step_m=Decimal(dice.choice(["0.1", "0.3"])) if is_step else None,
        rate=Decimal(dice.choice(["0.01", "0.03", "0.1"])) if is_step else None,
        started_step=dice.choice(list(StartedStep)),
        max_rate=maybe(dice, 0.3, Decimal("0.5")),
        reference_m=Decimal(3) if shape is HeightShape.PROPORTIONAL else None,
        bands=bands if shape is HeightShape.TABLE else (),
        negotiated_over_m=maybe(dice, 0.2, top),
        on_base_price=dice.random() < 0.3,
        net_height=dice.random() < 0.3,
        public_interest_max_rate=maybe(dice, 0.2, Decimal("0.2")),
    )


def any_tariff(dice: random.Random, category: str) -> Tariff:
    """A tariff of any shape the record can say without contradicting itself, also with prices and rules left out."""
    while True:
        found = _any_record(dice, category)
        if not contradictions(found):
            return found


def _any_record(dice: random.Random, category: str) -> Tariff:
    per = dice.choice([Per.SEASON, Per.MONTH, Per.DAY])
    periods = {Per.SEASON: 1, Per.MONTH: dice.choice([4, 5, 6]), Per.DAY: dice.choice([120, 121, 150])}[per]
    basis = dice.choice([*AreaBasis, AreaBasis.FLOOR, AreaBasis.FLOOR, AreaBasis.FLOOR, None])
    fallbacks = tuple(
        AreaFallback(
            other, Decimal(dice.choice(["0.75", "0.9", "1"])), Decimal(dice.choice(["1", "1", "0.75"]))
        )
        for other in AreaBasis
        if other is not basis and dice.random() < 0.4
    )
    late = maybe(
        dice,
        0.8,
        LateFeeRule(
            dice.choice(list(LateFeeShape)),
            Decimal(dice.choice(["0.001", "0.002", "0.05"])),
            dice.choice([None, (12, 31), (10, 20), (1, 15), (2, 28)]),
            maybe(dice, 0.3, Decimal("0.3")),
        ),
    )
    height = any_height_rule(dice)
    season = dice.choice(
        [
            Season((11, 15), (3, 15), False, maybe(dice, 0.5, 120)),
            Season((10, 20), (4, 20), True),
            Season((11, 1), (3, 31), True),
            Season((11, 1), (2, 29), True),
            Season((10, 31), (4, 6), True),
            None,
        ]
    )
    cap_known = dice.random() < 0.7
    methods = dice.choice([("area", "metered"), ("area", "metered"), ("area",), ("metered",)])
    return Tariff(
        id=f"any-{category}",
        province=dice.choice(["试验省", "山东"]),
        city=CITY,
        service_area="",
        service_area_zh="全市",
        service_area_en="whole city",
        category=category,
        category_note="",
        standing=Standing.IN_FORCE,
        valid_from=None,
        valid_to=None,
        known_from=dt.date(2000, 1, 1),
        last_seen="2025",
        document="试验价〔2020〕1号",
        confidence=Confidence.HIGH,
        sources=(Source("try", "试验价公告", "government", None),),
        area_basis=basis,
        area_factor=Decimal(dice.choice(["1", "1", "0.9", "0.85"])),
        area_fallbacks=fallbacks if basis is not None else (),
        area_price=maybe(
            dice,
            1 if "area" in methods else 0.6,
            Price(_d(dice.randint(1000, 60000) // periods, 3), per, periods),
        ),
        base_price=maybe(dice, 0.9, Price(_d(dice.randint(300, 30000) // periods, 3), per, periods)),
        metered_price=maybe(
            dice,
            1 if "metered" in methods else 0,
            MeteredPrice(_d(dice.randint(100, 90000), 3), dice.choice(list(HeatUnit))),
        ),
        cap_share=maybe(dice, 0.7, Decimal(dice.choice(["1", "1.1", "1.15"]))) if cap_known else None,
        cap_known=cap_known,
        suspension_share=maybe(dice, 0.8, Decimal(dice.choice(["0", "0.1", "0.2", "0.3"]))),
        height=height,
        height_known=height is not None or dice.random() < 0.7,
        late_fee=late,
        refund_standard_c=None,
        refund_bands=(),
        season=season,
        proration=dice.choice(list(Proration)),
        rounding=Rounding(
            Decimal(dice.choice(["0.01", "0.01", "0.1", "1"])), dice.choice(list(RoundingWhen))
        ),
        methods=methods,
        area_factors=(AreaFactor(Decimal("0.86"), "板楼", "slab"),) if dice.random() < 0.2 else (),
    )


def any_bill(dice: random.Random, row: int, categories: list[str], size: int) -> dict[str, Any]:
    """A bill of one of a few accounts, so that services overlap and corrections find what they correct. ``size`` is how
    many digits areas, heat and amounts may have."""
    year = dice.choice([2022, 2023, 2025])
    start = dt.date(year, 10, 1) + dt.timedelta(dice.choice([0, 19, 30, 31, 45, 45, dice.randint(0, 220)]))
    end = dt.date(year + 1, 4, 30) - dt.timedelta(dice.choice([0, 10, 30, 47, 47, dice.randint(0, 230)]))
    digit = dice.choice([1, 10, 100, 1000])
    opening = dice.randint(0, 10**6) * digit
    heat = dice.randint(0, 10**size) // digit * digit
    stated = max(heat + dice.choice([0, 0, 0, 1, -1, digit, -digit, digit - 1, 5000, -5000]), 0)
    issued = dt.date(year, 10, 1) + dt.timedelta(dice.randint(0, 260))
    money = lambda chance, most=10**size: maybe(dice, chance, _d(dice.randint(0, most), 2))  # noqa: E731
    kind = dice.choice(KINDS)
    bill: dict[str, Any] = {
        "source_row": row,
        "bill_no": f"B{row}",
        "account_no": f"A{row // 2 if dice.random() < 0.3 else row}",
        "season": f"{year}-{(year + 1) % 100:02d}",
        "kind": kind,
        "corrects_bill_no": f"B{dice.randint(max(1, row - 4), row + 2)}" if kind == "correction" else None,
        "category": dice.choice(categories),
        "billing_method": dice.choice(["area", "metered"]),
        "heating_state": dice.choice(["on", "on", "on", "suspended"]),
        "service_from": start,
        "service_to": end if dice.random() < 0.02 else max(start, end),
        "billed_area_m2": _d(dice.choice([dice.randint(1, 30_000), dice.randint(1, 10**size)]), 2),
        "area_basis": dice.choice(["floor", "floor", "floor", "usable", "inner"]),
        "storey_height_m": maybe(dice, 0.7, _d(dice.randint(220, 900), 2)),
        "heat_unit": maybe(dice, 0.97, dice.choice(["kWh", "kWh", "MWh", "GJ", "MJ"])),
        "area_charge": money(0.3),
        "base_charge": money(0.1, 100),
        "metered_charge": money(0.1, 100),
        "height_surcharge": money(0.2),
        "late_fee": money(0.2),
        "refund": maybe(dice, 0.1, -_d(dice.randint(-3000, 10_000), 2)),
        "subsidy": maybe(dice, 0.05, -_d(dice.randint(-3000, 10_000), 2)),
        "prepaid": money(0.2),
        "total": maybe(dice, 0.98, _d(dice.randint(0, 10**size), 2)),
        "issued_on": issued,
        "due_on": maybe(dice, 0.9, issued + dt.timedelta(dice.randint(0, 60))),
        "paid_on": maybe(dice, 0.5, issued + dt.timedelta(dice.randint(0, 200))),
    }
    if dice.random() < 0.5:
        bill |= {"reading_from": _d(opening, 3), "reading_to": _d(opening + heat - maybe_back(dice, heat), 3)}
    if dice.random() < 0.8:
        bill["heat_used"] = _d(stated, 3)
    return bill


def maybe_back(dice: random.Random, heat: int) -> int:
    """Now and then the meter runs backwards."""
    return heat + 1 if dice.random() < 0.03 else 0


def any_account(dice: random.Random, bill: dict[str, Any]) -> dict[str, Any]:
    area = bill["billed_area_m2"]
    start: dt.date = bill["service_from"]
    return {
        "source_row": bill["source_row"],
        "account_no": bill["account_no"],
        "category": bill["category"],
        "billing_method": bill["billing_method"],
        "floor_area_m2": dice.choice([area, area + 1]),
        "usable_area_m2": maybe(dice, 0.6, (area * 3 / 4).quantize(Decimal("0.01")) + 1),
        "inner_area_m2": maybe(dice, 0.6, (area / Decimal("0.86")).quantize(Decimal("0.01")) + 1),
        "storey_height_m": bill.get("storey_height_m"),
        "connected_on": start + dt.timedelta(dice.choice([-400, -400, -400, 0, dice.randint(0, 90)])),
        "closed_on": maybe(dice, 0.1, start + dt.timedelta(dice.randint(30, 200))),
        "heating_state": bill["heating_state"],
        "suspended_from": maybe(dice, 0.7, start + dt.timedelta(dice.randint(-20, 150)))
        if bill["heating_state"] == "suspended"
        else None,
    }


def published_cities() -> list[tuple[str, tuple[str, ...], list[str]]]:
    """City, all of its tariff areas in turn, and the categories that can be billed there."""
    found = []
    for city in sorted({one.city for one in load_published()}):
        records = [one for one in load_published() if one.city == city]
        own = {one.category for one in records}
        categories = sorted(own | {code for code, to in CATEGORY_FALLBACK.items() if to in own})
        for area in sorted({one.service_area for one in records}):
            found.append((city, (area,) if area else (), categories))
    return found


def billed_as_due(bills: list[dict[str, Any]], outcomes: list[dict[str, Any]], dice: random.Random) -> None:
    """Most totals become what was due (or a little else), as in life; in place."""
    for bill, outcome in zip(bills, outcomes, strict=True):
        due = outcome["recomputed_total"]
        if due is not None and dice.random() < 0.7:
            bill["total"] = due + _d(dice.choice([0, 0, 0, 1, -1, 600]), 2)
