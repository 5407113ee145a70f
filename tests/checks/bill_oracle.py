"""A second opinion on what a bill should come to, in ``decimal``: written from docs/recomputation.md alone.

It shares no code with the product and takes another way wherever there is one: days are counted one by one through
``date`` arithmetic, months by laying them out one after the other, amounts as one quotient of decimals.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

KWH = {"kWh": (Decimal(1), Decimal(1)), "MWh": (Decimal(1000), Decimal(1))}
KWH |= {"GJ": (Decimal("277.778"), Decimal(1)), "MJ": (Decimal("277.778"), Decimal(1000))}
LINES = ("area_charge", "base_charge", "metered_charge", "height_surcharge", "suspension_charge", "late_fee")


def to_unit(above: Decimal, below: Decimal, unit: Decimal) -> Decimal:
    """One quotient, rounded half away from zero to the unit."""
    with localcontext() as context:
        context.prec = 80
        context.rounding = ROUND_HALF_UP
        return (above / (below * unit)).to_integral_value(rounding=ROUND_HALF_UP) * unit


def add_months(day: dt.date, months: int) -> dt.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for of_month in range(day.day, 27, -1):
        try:
            return dt.date(year, month + 1, of_month)
        except ValueError:
            continue
    return dt.date(year, month + 1, day.day)


def season_of(tariff: Any, label: str) -> tuple[dt.date, dt.date]:
    year = int(label.split("-")[0])
    first = dt.date(year, *tariff.season.start)
    last = dt.date(year + 1, *tariff.season.end)
    return first, last if tariff.season.end_included else last - dt.timedelta(days=1)


def parts(
    tariff: Any, label: str, start: dt.date, end: dt.date, pause: dt.date | None
) -> tuple[int, int, int]:
    """Heated and suspended units of the season, and the units of a whole one."""
    first, last = season_of(tariff, label)
    price = tariff.area_price or tariff.base_price
    start, end = max(start, first), min(end, last)
    whole = start == first and end == last
    heat_end = end if pause is None else min(end, pause - dt.timedelta(days=1))
    if tariff.proration.value == "month" and price.per.value != "day":
        months = price.periods
        if price.per.value != "month":
            months = 1
            while add_months(first, months) < last:
                months += 1

        def touched(until: dt.date) -> int:
            if until < start:
                return 0
            count = 0
            for number in range(months):
                opens = add_months(first, number)
                closes = add_months(first, number + 1) - dt.timedelta(days=1)
                if number == months - 1:
                    closes = max(closes, last)
                count += start <= closes and until >= opens
            return count

        covered = months if whole else touched(end)
        heated = covered if heat_end == end else min(touched(heat_end), covered)
        return heated, covered - heated, months
    if price.per.value == "month" and add_months(first, price.periods) - last in (
        dt.timedelta(0),
        dt.timedelta(1),
    ):
        return parts_of_months(price.periods, first, last, start, end, heat_end)
    units = (last - first).days + 1
    if tariff.season.fixed_days:
        units = tariff.season.fixed_days
    if price.per.value == "day":
        units = price.periods
    days = max((end - start).days + 1, 0)
    covered = units if whole else min(days, units)
    heated = covered if heat_end == end else min(max((heat_end - start).days + 1, 0), covered)
    return heated, covered - heated, units


# Every month has 28 to 32 days (20 March to 20 April are 32): each divides this.
MONTH = 32 * 7 * 29 * 15 * 31


def parts_of_months(
    months: int, first: dt.date, last: dt.date, start: dt.date, end: dt.date, heat_end: dt.date
) -> tuple[int, int, int]:
    """Whole months, and of a month touched in part its days by the days it has; one day after the other."""
    heated = suspended = 0
    for number in range(months):
        day = add_months(first, number)
        closes = last if number == months - 1 else add_months(first, number + 1) - dt.timedelta(days=1)
        a_day = MONTH // ((closes - day).days + 1)
        while day <= closes:
            if start <= day <= end:
                heated += a_day if day <= heat_end else 0
                suspended += 0 if day <= heat_end else a_day
            day += dt.timedelta(days=1)
    return heated, suspended, months * MONTH


def height_share(rule: Any, height: Decimal) -> tuple[Decimal, Decimal]:
    """The surcharge as numerator and denominator."""
    if rule is None or height <= rule.trigger_m:
        return Decimal(0), Decimal(1)
    if rule.shape.value == "step":
        count_from = rule.trigger_m if rule.count_from_m is None else rule.count_from_m
        centimetres, step = int((height - count_from) * 100), int(rule.step_m * 100)
        steps = centimetres // step
        if rule.started_step.value == "full" and centimetres % step:
            steps += 1
        share = steps * rule.rate, Decimal(1)
    elif rule.shape.value == "proportional":
        share = height - rule.reference_m, rule.reference_m
    else:
        share = Decimal(0), Decimal(1)
        for band in rule.bands:
            if band.up_to_m is None or height <= band.up_to_m:
                share = band.coefficient - 1, Decimal(1)
                break
    above, below = share
    if rule.max_rate is not None and above > rule.max_rate * below:
        above, below = rule.max_rate, Decimal(1)
    return max(above, Decimal(0)), below


def due(bill: dict[str, Any], account: dict[str, Any] | None, tariff: Any) -> dict[str, Decimal]:
    """Every line and the total in CNY; the caller makes sure that nothing is missing."""
    unit = tariff.rounding.unit if tariff.rounding.when.value == "line" else Decimal("0.01")
    start, end, pause = bill["service_from"], bill["service_to"], None
    state, method, height = bill["heating_state"], bill["billing_method"], bill.get("storey_height_m")
    area, factor = bill["billed_area_m2"], Decimal(1)
    if account is not None:
        state, method, height = (
            account["heating_state"],
            account["billing_method"],
            account.get("storey_height_m"),
        )
        start = max(start, account["connected_on"])
        end = min(end, account.get("closed_on") or end)
        basis = f"{tariff.area_basis.value}_area_m2"
        if account.get(basis) is not None:
            area, factor = account[basis], tariff.area_factor
        else:
            fallback = tariff.area_fallbacks[0]
            area, factor = account[f"{fallback.basis.value}_area_m2"], fallback.factor
    if state == "suspended":
        pause = (account or {}).get("suspended_from") or dt.date(1900, 1, 1)
    heated, suspended, season = parts(tariff, bill["season"], start, end, pause)
    square = area * factor

    def by_area(price: Any, part: int, above: Decimal = Decimal(1), below: Decimal = Decimal(1)) -> Decimal:
        return to_unit(square * price.value * price.periods * part * above, Decimal(season) * below, unit)

    lines = dict.fromkeys((*LINES, "cap_reduction"), Decimal(0))
    asked_in_parts = bill.get("base_charge") or bill.get("metered_charge")
    two_part = method == "metered" and (bill["kind"] == "settlement" or bool(asked_in_parts)) and heated > 0
    if two_part:
        lines["base_charge"] = by_area(tariff.base_price, heated)
        heat = bill.get("heat_used")
        if heat is None:
            heat = bill["reading_to"] - bill["reading_from"]
        up, down = KWH[bill["heat_unit"]]
        priced_up, priced_down = KWH[tariff.metered_price.unit.value]
        lines["metered_charge"] = to_unit(
            heat * up * priced_down * tariff.metered_price.value, down * priced_up, unit
        )
        if tariff.cap_share is not None:
            most = by_area(tariff.area_price, heated, tariff.cap_share)
            lines["cap_reduction"] = min(Decimal(0), most - lines["base_charge"] - lines["metered_charge"])
    elif heated:
        lines["area_charge"] = by_area(tariff.area_price, heated)
    if heated and height is not None:
        above, below = height_share(tariff.height, height)
        on_base = two_part or (tariff.height is not None and tariff.height.on_base_price)
        if above:
            price = tariff.base_price if on_base else tariff.area_price
            lines["height_surcharge"] = by_area(price, heated, above, below)
    if suspended:
        lines["suspension_charge"] = by_area(tariff.area_price, suspended, tariff.suspension_share)
    lines["late_fee"] = late_fee(bill, tariff, sum(lines.values(), Decimal(0)), unit)
    total = sum(lines.values(), Decimal(0))
    if tariff.rounding.when.value == "bill":
        total = to_unit(total, Decimal(1), tariff.rounding.unit)
    stated = sum(min(bill.get(name) or Decimal(0), Decimal(0)) for name in ("refund", "subsidy"))
    return lines | {"total": total + stated}


def late_fee(bill: dict[str, Any], tariff: Any, fee: Decimal, unit: Decimal) -> Decimal:
    billed = bill.get("late_fee") or Decimal(0)
    rule = tariff.late_fee
    if not billed:
        return Decimal(0)
    last_day = bill["due_on"]
    if rule.after is not None:
        month, day = rule.after
        year = int(bill["season"][:4]) + (0 if month >= 7 else 1)
        last_day = max(last_day, dt.date(year, month, day))
    days = ((bill.get("paid_on") or bill["issued_on"]) - last_day).days
    basis = fee
    if rule.shape.value == "daily_on_unpaid":
        basis = fee - (bill.get("prepaid") or Decimal(0))
    if rule.shape.value == "forbidden" or days <= 0 or basis <= 0:
        return min(billed, Decimal(0))
    allowed = to_unit(basis * rule.rate * (1 if rule.shape.value == "once" else days), Decimal(1), unit)
    if rule.max_share is not None:
        allowed = min(allowed, to_unit(fee * rule.max_share, Decimal(1), unit))
    return min(billed, allowed)
