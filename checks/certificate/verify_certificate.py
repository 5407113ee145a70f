#!/usr/bin/env python3
"""复核供热账单核算证书 · Verify the certificate of a recomputed heating bill.

用法 / Usage:  python3 verify_certificate.py CERTIFICATE.json [MORE.json …]
结果 / Exit:   0 一致 agrees · 1 不一致 disagrees · 2 无法读取 cannot be read

One file, Python 3.9 or later, nothing else. It computes the bill again from the inputs and tariff values of the
certificate by the published rules of recomputation, in decimals, and compares every step. It shares no code with the
portal. Amounts are CNY. A ratio is a pair (above, below) that is divided once, where it is rounded; a product that
would lose a digit stops the program. The search for the cause of a difference is not repeated.
"""

# fmt: off
from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
import math
import re
import sys
from decimal import Context, Decimal, DecimalException, Inexact, localcontext
from typing import Any

SCHEMA = "heat-bill-certificate/1"
LINES = ("area_charge", "base_charge", "metered_charge", "height_surcharge", "suspension_charge", "late_fee",
         "cap_reduction")
ZERO, ONE, FEN, TOO_LARGE, DAY = Decimal(0), Decimal(1), Decimal("0.01"), Decimal(10) ** 16, dt.timedelta(days=1)
KWH = {"kWh": (ONE, ONE), "MWh": (Decimal(1000), ONE), "GJ": (Decimal("277.778"), ONE),
       "MJ": (Decimal("277.778"), Decimal(1000))}
FALLBACK = {**dict.fromkeys(("office", "commercial", "hotel", "institution"), "non_residential"),
            "low_income": "residential", "residential_nonreimbursed": "residential"}
EXACT = Context(prec=400, traps=[Inexact, *(trap for trap, is_set in Context().traps.items() if is_set)])
NUMBER = re.compile(r"(.+_(m2|m|charge|surcharge|fee)|cap_reduction|refund|subsidy|total|prepaid|reading_.+|heat_used)\Z")
DATE = re.compile(r"(.+_on|service_from|service_to|suspended_from)\Z")
# What a tariff says of a rule on the days before that rule starts (rules_from).
BLANK: dict[str, dict[str, Any]] = {
         "metered_price": {"base_price": None, "metered_price": None}, "cap": {"cap_share": None, "cap_known": False},
         "suspension": {"suspension_share": None}, "height": {"height": None, "height_known": False},
         "late_fee": {"late_fee": None}, "refund": {"refund_standard_c": None, "refund_bands": []}}

# Without a rule on record: what is too cold everywhere, and the longest stop that any law lets pass.
NO_REFUND_RULE = {"refund_standard_c": "18", "refund_bands": [], "refund_basis": "day"}
NO_OUTAGE_RULE = {"after_hours": 48, "after_included": False, "counts": "hours", "total_over_days": None}
ANY_SEASON: dict[str, Any] = {"start": "11-16", "end": "03-14", "end_included": True, "fixed_days": None}

class Missing(Exception):
    """The bill cannot be computed; the codes say what may be missing."""

def lack(is_missing: Any, *codes: str) -> None:
    if is_missing:
        raise Missing(*codes)

def times(*factors: Any) -> tuple[Decimal, Decimal]:
    above = below = ONE
    for factor in factors:
        up, down = factor if isinstance(factor, tuple) else (Decimal(factor), ONE)
        above, below = above * up, below * down
    return above, below

def rounded(ratio: tuple[Decimal, Decimal], unit: Decimal) -> Decimal:
    """Once, to a multiple of the unit, halves away from zero."""
    whole, rest = divmod(abs(ratio[0]), ratio[1] * unit)
    whole += 2 * rest >= ratio[1] * unit
    return whole * unit if ratio[0] >= 0 else -whole * unit

def on(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))

def month_opens(first: dt.date, number: int) -> dt.date:
    years, month = divmod(first.month - 1 + number, 12)
    return on(first.year + years, month + 1, first.day)

# -- what the tariff and the filed rows say ----------------------------------------------------------------------

def in_force(record: Any, who: Any, bill: Any, city: str, areas: Any) -> Any:
    """The tariff as it stood on the first day of service, or of the season where the next tariff leaves the season to
    it (next_season); None where it does not price this bill."""
    day = bill["service_from"].isoformat()
    if record["valid_to"] and day > record["valid_to"] and record["season"] and (bill.get("season") or "")[:4].isdigit():
        day = on(int(bill["season"][:4]), *map(int, record["season"]["start"].split("-"))).isoformat()
    tariff, category = dict(record), who.get("category")
    for start in record["rules_from"]:
        if day < start["day"]:
            tariff.update(BLANK[start["rule"]])
    early = [one["rule"] for one in record["rules_from"] if day < one["day"]]
    methods = [one for one in tariff["methods"] if one != "metered" or "metered_price" not in early]
    prices = (tariff["city"] == city and tariff["category"] in (category, FALLBACK.get(category))
              and tariff["standing"] in ("in_force", "superseded") and tariff["service_area"] in ("", *areas)
              and (tariff["valid_from"] or day) <= day <= (tariff["valid_to"] or day)
              and who.get("billing_method") in methods)
    return tariff if prices else None

def season_ends(tariff: Any, label: str) -> tuple[dt.date, dt.date]:
    year, season = int(label[:4]), tariff["season"] or ANY_SEASON
    (month, day), (to_month, to_day) = (map(int, season[name].split("-")) for name in ("start", "end"))
    last = on(year + (season["end"] < season["start"]), to_month, to_day)
    return on(year, month, day), last - (not season["end_included"]) * DAY

def stay(tariff: Any, label: str, start: dt.date, end: dt.date, pause: Any) -> tuple[int, int, int]:
    """Heated and suspended units of the season, and the units of a whole one."""
    lack(not re.fullmatch(r"\d{4}-\d\d", label or "") or (int(label[:4]) + 1) % 100 != int(label[5:]),
         "season_dates_missing")
    season, (first, last) = tariff["season"] or ANY_SEASON, season_ends(tariff, label)
    lack(start <= end and (end < first - 183 * DAY or start > last + 183 * DAY), "service_outside_season")
    if not tariff["season"]:  # not published: whole is what holds every day that all published seasons have
        off, share = pause is not None and pause <= start, tariff["suspension_share"]
        if off and share is not None and not Decimal(share):
            return 0, 1, 1
        lack(start > first or end < last or not (off or pause is None or pause > end), "season_dates_missing")
        return int(not off), int(off), 1
    start, end = max(start, first), min(end, last)
    heat_end, is_whole = end if pause is None else min(end, pause - DAY), (start, end) == (first, last)
    price = tariff["area_price"] or tariff["base_price"] or {"per": "season", "periods": 1}
    by_month, months = price["per"] == "month", price["periods"]
    if tariff["proration"] == "month" and price["per"] != "day":  # started months; the last day opens none
        while not by_month and month_opens(first, months) < last:
            months += 1
        opens, units = [month_opens(first, number) for number in range(months)], months
        def count(until: dt.date) -> int:
            return sum(one <= until for one in opens) - sum(one <= start for one in opens) + 1 if until >= start else 0
    elif by_month and (month_opens(first, months) - last).days in (0, 1):  # whole months, and days of months
        opens = [month_opens(first, number) for number in range(months)]
        spans = list(zip(opens, [*(one - DAY for one in opens[1:]), last]))
        unit = math.lcm(*((b - a).days + 1 for a, b in spans))
        units = months * unit
        def count(until: dt.date) -> int:
            return sum(max((min(b, until) - max(a, start)).days + 1, 0) * unit // ((b - a).days + 1) for a, b in spans)
    else:
        units = months if price["per"] == "day" else season["fixed_days"] or (last - first).days + 1
        def count(until: dt.date) -> int:
            return max((until - start).days + 1, 0)
    covered = units if is_whole else min(count(end), units)
    heated = covered if heat_end == end else min(count(heat_end), covered)
    return heated, covered - heated, units

def height_share(rule: Any, height: Decimal, is_public: bool) -> Any:
    """The surcharge as a share of the charge; None where the fee is negotiated."""
    trigger, start = Decimal(rule["trigger_m"]), Decimal(rule["count_from_m"] or rule["trigger_m"])
    if height <= trigger:
        return ZERO, ONE
    if height > Decimal(rule["negotiated_over_m"] or height):
        return None
    if rule["shape"] == "step":
        steps, rest = divmod(height - start, Decimal(rule["step_m"]))
        share = times(steps + (rest > 0 and rule["started_step"] == "full"), rule["rate"])
    elif rule["shape"] == "proportional":
        reference = Decimal(rule["reference_m"] or trigger)
        share = height - reference, reference
    else:
        bands = [one for one in rule["bands"] if height <= Decimal(one["up_to_m"] or height)]
        share = Decimal((bands or rule["bands"][-1:])[0]["coefficient"]) - 1, ONE
    for most in (rule["max_rate"], rule["public_interest_max_rate"] if is_public else None):
        share = share if most is None or share[0] <= Decimal(most) * share[1] else times(most)
    return share if share[0] > 0 else (ZERO, ONE)

def area_of(bill: Any, account: Any, tariff: Any) -> tuple[Any, Any, str]:
    """The area, the factor on it, and what is missing where there is no area."""
    basis, billed = tariff["area_basis"], bill.get("billed_area_m2")
    if account is None:
        return billed if basis in (None, bill.get("area_basis")) else None, ONE, "area_of_basis_missing"
    known, factor = {kind: account.get(kind + "_area_m2") for kind in ("floor", "usable", "inner")}, tariff["area_factor"]
    if basis is None:
        return billed if billed in known.values() else None, factor, "area_basis_unknown"
    area = known[basis]
    for other in tariff["area_fallbacks"]:
        if area is None and known[other["basis"]] is not None:
            area, factor = known[other["basis"]], (Decimal(other["factor"]), Decimal(other["divisor"]))
    for kind in tariff["area_factors"]:  # lawful for one kind of building: the one that gives the area billed
        factor = kind["factor"] if area and rounded(times(area, kind["factor"]), FEN) == billed else factor
    return area, factor, "area_of_basis_missing"

def reductions(bill: Any) -> Decimal:
    """Refund and subsidy as filed; both can only lower what is due."""
    return sum((min(bill.get(name) or ZERO, ZERO) for name in ("refund", "subsidy")), ZERO)

def as_filed(case: Any, steps: Any) -> bool:
    """Whether a refund or subsidy that no rule proves lowers what is due."""
    bill, (exact, amount), rounding = case["bill"], steps.get("refund", (None, ZERO)), case["tariff"]["rounding"]
    is_proved = exact and amount == rounded(exact, Decimal(rounding["unit"]) if rounding["when"] == "line" else FEN)
    return reductions({"subsidy": bill.get("subsidy"), "refund": None if is_proved else bill.get("refund")}) < 0

def heat_of(bill: Any) -> tuple[Decimal, Decimal, Decimal]:
    """The heat that is due, the heat by the meter, and the digit below which the two are no different."""
    stated, opening, closing = (bill.get(name) for name in ("heat_used", "reading_from", "reading_to"))
    has_readings = opening is not None and closing is not None
    lack(stated is None and not has_readings, "heat_used_missing")
    lack(has_readings and closing < opening, "reading_runs_backwards")
    lack(stated is not None and stated < 0, "heat_used_negative")
    lack(bill.get("heat_unit") not in KWH, "heat_unit_missing")
    if not has_readings:
        return stated, stated, ZERO
    by_meter, digits = closing - opening, [ONE.scaleb(-places) for places in range(4)]
    digit = next(one for one in digits if one == digits[-1] or not (opening % one or closing % one))
    return by_meter if stated is None or stated - by_meter >= digit else stated, by_meter, digit

# -- the bill -------------------------------------------------------------------------------------------------------

def days_of_service(bill: Any, account: Any) -> tuple[dt.date, dt.date, Any]:
    """First and last day, and the day heat is suspended from (None: never)."""
    who = bill if account is None else account
    start = max(bill["service_from"], (account or {}).get("connected_on") or dt.date.min)
    end = min(bill["service_to"], (account or {}).get("closed_on") or dt.date.max)
    paused = who["heating_state"] == "suspended"
    return start, end, ((account or {}).get("suspended_from") or dt.date(2, 1, 1)) if paused else None

def computed(bill: Any, account: Any, tariff: Any, **other: Any) -> dict[str, Any]:
    """Step -> (exact ratio, amount), under the first reading or the ``other`` factor, height share or heat."""
    who, rounding = bill if account is None else account, tariff["rounding"]
    unit = Decimal(rounding["unit"]) if rounding["when"] == "line" else FEN
    heated, suspended, season = stay(tariff, bill["season"], *days_of_service(bill, account))
    billed = {name: bill.get(name) or ZERO for name in (*LINES, "prepaid")}
    in_parts = bill["kind"] == "settlement" or billed["base_charge"] or billed["metered_charge"]
    two_part = bool(who["billing_method"] == "metered" and in_parts and heated)
    lack(suspended and tariff["suspension_share"] is None, "suspension_share_unknown")
    is_paused = bool(suspended and Decimal(tariff["suspension_share"]))
    area, factor, lacking = area_of(bill, account, tariff)
    if "factor" in other:
        area, factor = bill["billed_area_m2"], other["factor"]
    lack((heated or is_paused) and area is None, lacking)
    lack((heated or is_paused) and area <= 0, "area_not_positive")
    heat = other.get("heat", heat_of(bill)[0] if two_part else ZERO)
    rule, height, share = tariff["height"], who.get("storey_height_m"), (ZERO, ONE)
    lack(billed["height_surcharge"] and not rule and not tariff["height_known"], "height_rule_unknown")
    lack(rule and billed["height_surcharge"] and height is None, "storey_height_missing")
    if rule and heated and height is not None:
        lack(height >= 1000, "storey_height_missing")
        found = height_share(rule, height, who["category"] == "institution")
        hides = rule["net_height"] and not billed["height_surcharge"] and "net_height" not in other
        lack(found is None and not hides, "height_negotiated")
        share = other.get("share", share if hides else found)
    on_base, late, late_days = two_part or bool(rule and rule["on_base_price"]), tariff["late_fee"], 0
    if billed["late_fee"]:
        lack(late is None, "late_fee_rule_unknown")
        month, day = map(int, (late["after"] or "01-01").split("-"))
        after = [dt.date(int(bill["season"][:4]) + (month < 7), month, day)] if late["after"] else []
        after += [bill["due_on"]] if bill.get("due_on") else []
        paid = bill.get("paid_on") or bill.get("issued_on")
        lack(not after or not paid, "late_fee_dates_missing")
        late_days = max((paid - max(after)).days, 0)
    capped = two_part and tariff["cap_known"] and tariff["cap_share"] is not None
    by_area, base, metered = tariff["area_price"], tariff["base_price"], tariff["metered_price"]
    lack(((heated and not two_part) or capped or is_paused) and not by_area, "area_price_missing")
    lack((two_part or (share[0] and on_base)) and not base, "base_price_missing")
    lack(two_part and not metered, "metered_price_missing")

    steps: dict[str, Any] = dict.fromkeys(LINES, (None, ZERO))
    steps["heated_part"], steps["suspended_part"] = ((times((Decimal(part), Decimal(season))), None)
                                                     for part in (heated, suspended))
    if heated or is_paused:
        steps["area"] = times(area, factor), None
    def charge(name: str, price: Any, part: str, *shares: Any) -> Decimal:
        exact = times(steps["area"][0], price["value"], price["periods"], steps[part][0], *shares)
        steps[name] = exact, rounded(exact, unit)
        return rounded(exact, unit)
    if heated and not two_part:
        charge("area_charge", by_area, "heated_part")
    if two_part:
        steps["heat"] = times(heat, KWH[bill["heat_unit"]], KWH[metered["unit"]][::-1]), None
        exact = times(steps["heat"][0], metered["value"])
        steps["metered_charge"] = exact, rounded(exact, unit)
        parts = steps["metered_charge"][1] + charge("base_charge", base, "heated_part")
        if capped:
            limit = charge("cap_limit", by_area, "heated_part", tariff["cap_share"])
            steps["cap_reduction"] = None, min(ZERO, limit - parts)
        elif not tariff["cap_known"]:  # without an area price, Shandong's is at least the base price / 30 %
            lack(not by_area and tariff["province"] != "山东", "cap_unknown")
            of, third = (by_area, ONE) if by_area else (base, (ONE, Decimal("0.3")))
            lack(parts > charge("least_fee", of, "heated_part", third), "cap_unknown")
            del steps["least_fee"]
    if share[0]:
        steps["height_share"] = share, None
        charge("height_surcharge", base if on_base else by_area, "heated_part", share)
    if is_paused:
        charge("suspension_charge", by_area, "suspended_part", tariff["suspension_share"])
    fee = sum((steps[name][1] for name in LINES), ZERO)
    if billed["late_fee"]:
        basis = fee - (billed["prepaid"] if late["shape"] == "daily_on_unpaid" else ZERO)
        is_due = late["shape"] != "forbidden" and late_days > 0 and basis > 0
        limits = [times(basis, late["rate"], 1 if late["shape"] == "once" else late_days)] if is_due else [(ZERO, ONE)]
        limits += [times(fee, late["max_share"])] if is_due and late["max_share"] is not None and fee > 0 else []
        exact = min(limits, key=lambda limit: rounded(limit, unit))
        steps["late_fee_allowed"] = exact, rounded(exact, unit)
        is_cut = billed["late_fee"] > rounded(exact, unit)
        steps["late_fee"] = exact if is_cut else None, min(billed["late_fee"], rounded(exact, unit))
        fee += steps["late_fee"][1]
    total = rounded(times(fee), Decimal(rounding["unit"])) if rounding["when"] == "bill" else fee
    steps["total"] = times(fee), total + reductions(bill)
    lack(any(abs(amount or ZERO) >= TOO_LARGE for _, amount in steps.values()), "amount_too_large")
    return steps

def midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - official time throughout

def micros(length: dt.timedelta) -> int:
    return length // dt.timedelta(microseconds=1)

def dark(rule: Any, outages: Any, first: dt.date, last: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    """The time without heat that counts between two days by the rule, a list of stretches."""
    opens, closes = midnight(first), midnight(last) + DAY
    spans: list[tuple[dt.datetime, dt.datetime]] = []
    for start, end in sorted((dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end)) for start, end, _ in outages):
        if spans and start <= spans[-1][1]:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((start, end))
    inside = [(max(start, opens), min(end, closes), end - start) for start, end in spans]
    term, limit = dt.timedelta(hours=rule["after_hours"]), rule["total_over_days"]
    in_all = sum((end - start for start, end, _ in inside if end > start), dt.timedelta())
    everything = limit is not None and in_all > limit * DAY
    found: list[tuple[dt.datetime, dt.datetime]] = []
    for start, end, length in inside:
        if end <= start or not (everything or length > term or (length == term and rule["after_included"])):
            continue
        if rule["counts"] == "whole_days":
            end = start + (end - start).days * DAY
        if rule["counts"] == "calendar_days":
            start, end = midnight(start.date()), midnight((end - dt.timedelta(microseconds=1)).date()) + DAY
            start = max(start, found[-1][1]) if found else start
        found += [(start, end)] if end > start else []
    return found

def lit(first: dt.date, last: dt.date, stretches: Any) -> int:
    """Microseconds from one day to another, both included, outside the stretches."""
    opens, closes = midnight(first), midnight(last) + DAY
    taken = [min(end, closes) - max(start, opens) for start, end in stretches]
    return micros(closes - opens) - sum(micros(one) for one in taken if one > dt.timedelta())

def cold(tariff: Any, measured: Any, first: dt.date, last: dt.date, without: Any) -> list[tuple[int, Decimal, int]]:
    """(microseconds, sum, number) of the stretches whose temperature, the sum by the number, is below the standard;
    ``without`` is the time without heat, which is taken off."""
    standard, found = Decimal(tariff["refund_standard_c"]), []
    days = [(dt.date.fromisoformat(asked), dt.date.fromisoformat(day), Decimal(temp)) for asked, day, temp in measured]
    if tariff["refund_basis"] == "month":
        months = {(day.year, day.month) for _, day, _ in days}
        for year, month in months:
            start, end = max(dt.date(year, month, 1), first), min(on(year, month, 31), last)
            temps = [temp for _, day, temp in days if start <= day <= end]
            if len(temps) >= 3 and sum(temps) < standard * len(temps):
                found.append((lit(start, end, ()), sum(temps, ZERO), len(temps)))
        return found
    before: Any = None
    runs: list[Any] = []  # [first day, last day, stretches] of cold times without a break
    for asked, day, temp in sorted(days, key=lambda one: one[1]):
        if temp < standard:
            was_cold = before is not None and before[1] < standard
            start = before[0] + DAY if was_cold else asked if before is None else max(asked, before[0] + DAY)
            opens, closes = max(start, first), min(day - DAY, last)
            if not runs or min(start, day) != runs[-1][1] + DAY:
                runs.append([min(start, day), day, []])
            runs[-1][1] = day
            runs[-1][2] += [(lit(opens, closes, without), before[1] if was_cold else temp, 1)] if closes >= opens else []
            runs[-1][2] += [(lit(day, day, without), temp, 1)] if first <= day <= last else []
        before = day, temp
    least = tariff.get("refund_after_hours")
    return [one for start, end, some in runs for one in some
            if least is None or ((end - start).days + 1) * 24 > least]

def share_back(bands: Any, temp: Decimal, number: int) -> Decimal:
    """The share of the band that holds temp / number."""
    for band in bands:
        low, high = (None if band[end] is None else Decimal(band[end]) * number for end in ("min_c", "max_c"))
        if (low is None or temp > low or (band["min_included"] and temp == low)) and (
                high is None or temp < high or (band["max_included"] and temp == high)):
            return Decimal(band["share"])
    return ZERO

def refund(case: Any, steps: Any) -> Any:
    """What is due back for rooms measured too cold and for time without heat: (exact ratio, amount) of the refund, both
    negative, and of the most it can be where an outage hit a part of the network; None where it stands as billed."""
    bill, account, tariff = (case[name] for name in ("bill", "account", "tariff"))
    start, end, pause = days_of_service(bill, account)
    first, last = season_ends(tariff, bill["season"])
    first, last = max(start, first), min(end, last, *([pause - DAY] if pause else []))
    heated, issued = steps["heated_part"][0], bill.get("issued_on")
    if not (heated[0] and issued and issued > last):
        return None
    rule, outages = case.get("outage_rule"), case.get("outages") or ()
    sure = dark(rule, [one for one in outages if one[2]], first, last) if rule else []
    lost, most = (sum(micros(end - start) for start, end in some)
                  for some in (sure, dark(rule, outages, first, last) if rule else ()))
    lack(not rule and dark(NO_OUTAGE_RULE, outages, first, last), "outage_rule_unknown")
    unknown = {**NO_REFUND_RULE, "refund_standard_c": tariff["refund_standard_c"] or NO_REFUND_RULE["refund_standard_c"]}
    bands = tariff if tariff["refund_bands"] else case.get("refund_law") or unknown
    chill = cold(bands, case["measured"], first, last, sure) if case.get("measured") else []
    lack(bands is unknown and any(length for length, _, _ in chill), "refund_rule_unknown")
    weight, unit_of_time = sum((length * share_back(bands["refund_bands"], temp, number)
                                for length, temp, number in chill), ZERO), micros(DAY)
    most = max(lost, most)
    if not weight and not most:
        return None
    lack(not tariff["season"], "season_dates_missing")
    rounding, price = tariff["rounding"], tariff["area_price"] or tariff["base_price"]
    unit = Decimal(rounding["unit"]) if rounding["when"] == "line" else FEN
    basis = sum((steps[name][1] for name in LINES if name not in ("late_fee", "suspension_charge")), ZERO)
    if weight and bands["refund_basis"] == "day_net_of_base":
        base = tariff["base_price"]
        lack(not base, "base_price_missing")
        basis -= rounded(times(steps["area"][0], base["value"], base["periods"], heated), unit)
    opens, closes = season_ends(tariff, bill["season"])
    fits = price and price["per"] == "month" and (month_opens(opens, price["periods"]) - closes).days in (0, 1)
    in_months = (not price or price["per"] != "day") if tariff["proration"] == "month" else fits
    days = Decimal((last - first).days + 1) if in_months else heated[0]  # else the days a part is counted in
    billed = bill.get("refund") or ZERO
    if weight and bands["refund_basis"] == "day_failing_rooms":
        lack(billed >= 0, "failing_rooms_area_missing")
        return (None, bill["refund"]), None
    # a bill in two parts gives back of its base charge alone, because no heat ran through the meter meanwhile
    fee = max(steps["base_charge" if "heat" in steps else "area_charge"][1] + steps["height_surcharge"][1], ZERO)
    basis, share = max(basis, ZERO) if weight else ZERO, Decimal(rule["share"]) if rule else ONE
    def back(length: int) -> tuple[Any, Decimal]:
        above, limit = basis * weight + fee * length * share, max(basis, fee if most else ZERO) * days * unit_of_time
        exact = times(-min(above, limit), (ONE, days * unit_of_time))
        return exact, min(billed, rounded(exact, unit))
    return back(lost), back(most) if most > lost else None

def in_parts(case: Any, who: Any) -> dict[str, Any]:
    """A bill by area that a change of price by day falls into: each part rounded by itself, the lines added."""
    bill, account, cannot = case["bill"], case["account"], ("spans_price_change", "service_outside_season")
    metered = bill["kind"] == "settlement" or bill.get("base_charge") or bill.get("metered_charge")
    lack(bill.get("late_fee") or (who["billing_method"] == "metered" and metered), *cannot)
    lack(any(not tariff or who["category"] == "low_income" != tariff["category"] for tariff, _, _ in case["parts"]), *cannot)
    whole = stay(case["tariff"], bill["season"], *days_of_service(bill, account))
    units, found = [], []
    try:
        for tariff, first, last in case["parts"]:
            part = {**bill, "service_from": first, "service_to": last}
            units.append(stay(tariff, bill["season"], *days_of_service(part, account)))
            found.append(computed(part, account, tariff))
            lack(case.get("conditional_charge") and bill.get("other_charge"))
    except Missing:
        raise Missing(*cannot) from None
    days = [sum(one[place] for one in units) for place in (0, 1)]
    lack(any(one[2] != whole[2] for one in units) or tuple(days) != whole[:2], *cannot)
    steps: dict[str, Any] = {name: (None, sum((one[name][1] for one in found), ZERO)) for name in LINES}
    fee = sum((amount for _, amount in steps.values()), ZERO)
    return {**steps, "total": (None, fee + reductions(bill))}

def priced(case: Any) -> dict[str, Any]:
    """The bill by itself: the reading that gives the billed total, if there is one; else the first."""
    bill, account, tariff = (case[name] for name in ("bill", "account", "tariff"))
    who = bill if account is None else account
    lack(account == {}, "account_not_on_roster")
    lack(bill.get("kind") not in ("season", "settlement"), "kind_unknown")
    lack(not bill.get("service_from") or not bill.get("service_to"), "service_dates_missing")
    lack(bill["service_to"] < bill["service_from"], "service_dates_reversed")
    lack(who.get("billing_method") not in ("area", "metered") or who.get("heating_state") not in ("on", "suspended"),
         "method_unknown")
    lack(not tariff, "no_tariff_in_force", "tariffs_collide")
    lack(case.get("after") and not case.get("parts"), "spans_price_change", "service_outside_season")
    lack(bill.get("total") is None, "total_missing")
    if case.get("after"):
        return in_parts(case, who)
    lack(case.get("conditional_charge") and bill.get("other_charge"), "fee_condition_missing", "service_outside_season")
    others: list[dict[str, Any]] = []
    if account is None and bill.get("billed_area_m2") is not None:  # the area billed may hold the factor, or not yet
        lawful = [times(tariff["area_factor"]), *(times(one["factor"]) for one in tariff["area_factors"])]
        lawful = lawful if tariff["area_basis"] == bill.get("area_basis") else [
            (Decimal(one["factor"]), Decimal(one["divisor"])) for one in tariff["area_fallbacks"]
            if one["basis"] == bill.get("area_basis")]
        others = [{"factor": factor} for factor in lawful]
    others += [{"net_height": True}] if tariff["height"] and tariff["height"]["net_height"] else []
    first: Any = None
    try:
        first, taken = computed(bill, account, tariff), {}
    except Missing as lacking:
        if "area_of_basis_missing" not in lacking.args:
            raise
    for other in others if first is None or first["total"][1] != bill["total"] else ():
        try:
            found = computed(bill, account, tariff, **other)
        except Missing:
            continue
        if found["total"][1] == bill["total"]:
            first, taken = found, other
            break
    lack(first is None, "area_of_basis_missing")
    back = refund(case, first)
    due, surcharge = first["total"][1], bill.get("height_surcharge") or ZERO
    if "heat" in first and bill.get("heat_used") is not None:
        _, by_meter, digit = heat_of(bill)
        if digit and bill["heat_used"] <= by_meter - digit:
            try:
                is_same = computed(bill, account, tariff, **taken, heat=by_meter)["total"][1] == due
            except Missing:  # what the readings come to is not known, so not that it is the same
                is_same = False
            lack(not is_same, "heat_below_readings")
    change = ZERO if back is None else back[0][1] - min(bill.get("refund") or ZERO, ZERO)
    due += change
    lack(tariff["height"] and tariff["height"]["net_height"] and surcharge and bill["total"] < due
         and first["height_surcharge"][1] > surcharge, "net_height_missing")
    lack(who["category"] == "low_income" != tariff["category"] and bill["total"] < due, "low_income_price_unknown")
    ends = {name: (None, total + change) for name, (_, total) in bounds(case, first, taken).items()}
    total = {"total": (first["total"][0], due)}
    back = {} if back is None else {"refund": back[0], **({"most_refund": back[1]} if back[1] else {})}
    return {**first, **total, **ends, **back}

def bounds(case: Any, steps: Any, taken: Any) -> dict[str, Any]:
    """The least and the greatest total, where an input is known to a range: a heat within the digit of the counter, a
    storey height that stands for the net height below it."""
    bill, account, tariff = (case[name] for name in ("bill", "account", "tariff"))
    least, greatest = dict(taken), dict(taken)
    if "heat" in steps:
        _, by_meter, digit = heat_of(bill)
        stated = bill.get("heat_used")
        if digit > FEN / 10 if stated is None else ZERO < abs(stated - by_meter) < digit:
            least["heat"], greatest["heat"] = max(by_meter - digit, ZERO), by_meter + digit
    if "height_share" in steps and tariff["height"]["net_height"]:
        least["share"] = (ZERO, ONE)
    if least == greatest:
        return {}
    try:
        ends = [computed(bill, account, tariff, **end)["total"][1] for end in (least, greatest)]
    except Missing:
        return {}
    return {"least_total": (None, ends[0]), "greatest_total": (None, ends[1])}

# -- the bill among the others ----------------------------------------------------------------------------------------

def issue(case: Any) -> Any:
    bill = case["bill"]
    return bill.get("issued_on") or dt.date(1970, 1, 1), bill.get("bill_no") or "", place(case)

def place(case: Any) -> Any:
    """Rows of the filing come before those read from other filings, which count down from -1."""
    return case["bill"]["source_row"] < 0, abs(case["bill"]["source_row"])

def service(case: Any) -> Any:
    bill = case["bill"]
    has_service = bill.get("service_from") and bill.get("service_to") and bill.get("account_no")
    return (bill["account_no"], bill["season"], bill["kind"], bill.get("billing_method") == "metered") if (
        has_service and bill.get("kind") in ("season", "settlement")) else None

def is_duplicate(case: Any, cases: Any) -> bool:
    """Whether bills issued before cover more than one day of the same service."""
    kept: list[Any] = []
    for one in sorted((one for one in cases if service(one) == service(case) is not None), key=issue):
        a, is_covered = one["bill"], False
        for b in kept:
            start, end = max(a["service_from"], b["service_from"]), min(a["service_to"], b["service_to"])
            is_covered |= (end - start).days + 1 > 1 or (a["service_from"] == a["service_to"] and start == end)
        if one is case:
            return is_covered
        kept += [] if is_covered else [a]
    return False

def original_of(case: Any, cases: Any) -> Any:
    """The bill that a correction, or a correction of corrections, corrects; None where it is not at hand."""
    numbers = {one["bill"]["bill_no"]: one for one in sorted(cases, key=place) if one["bill"].get("bill_no")}
    for _ in cases:
        if case is not None and case["bill"].get("kind") == "correction":
            case = numbers.get(case["bill"].get("corrects_bill_no"))
    return None if case is None or case["bill"].get("kind") == "correction" else case

def settled(case: Any, cases: Any) -> dict[str, Any]:
    """Step -> (exact ratio, amount) of the bill among those it has to do with. Raises Missing."""
    bill = case["bill"]
    if bill.get("kind") != "correction":
        lack(bill.get("total") is None, "total_missing")
        return dict.fromkeys((*LINES, "total"), (None, ZERO)) if is_duplicate(case, cases) else priced(case)
    original = original_of(case, cases)
    lack(original is None, "correction_needs_original")
    try:
        due = settled(original, cases)
    except Missing:
        raise Missing("original_inconclusive") from None
    lack(bill.get("total") is None, "total_missing")
    before = [one["bill"] for one in cases if one["bill"].get("kind") == "correction" and issue(one) < issue(case)
              and original_of(one, cases) is original]
    found = {name: (None, due[name][1] - sum((one.get(name) or ZERO for one in (original["bill"], *before)), ZERO))
             for name in (*LINES, "total")}
    given = [one.get("issued_on") or dt.date(1970, 1, 1) for one in (*before, bill) if (one.get("refund") or ZERO) < 0]
    if given and "heated_part" in due and "refund" not in due:  # what fell due since the original was issued
        back = refund({**original, "bill": {**original["bill"], "issued_on": max(given)}}, due)
        change = back[0][1] - min(original["bill"].get("refund") or ZERO, ZERO) if back else ZERO
        found["total"] = None, found["total"][1] + change
    return found

def judged(cases: Any) -> dict[str, Any]:
    """What the first of the cases comes to; where it cannot be computed one code of what is missing, or a few."""
    billed = cases[0]["bill"].get("total")
    found = {"outcome": "inconclusive", "label": "not_computable", "missing": (), "steps": {}, "billed_total": billed}
    with localcontext(EXACT):
        try:
            steps = settled(cases[0], cases)
            over = billed - steps["total"][1]
            lack(max(abs(over), abs(steps["total"][1])) >= TOO_LARGE, "amount_too_large")
        except Missing as lacking:
            return {**found, "missing": lacking.args, "recomputed_total": None, "overcharge": None}
    by_height = "height_share" in steps and cases[0]["tariff"]["height"]["net_height"]
    is_open, is_alone = "least_total" in steps, cases[0]["bill"].get("kind") != "correction" and not is_duplicate(cases[0], cases)
    is_within = is_open and not by_height and steps["least_total"][1] <= billed <= steps["greatest_total"][1]
    return {**found, "outcome": "breach" if over and not is_within else "conforms",
            "label": "bounded" if is_open or "most_refund" in steps or (is_alone and as_filed(cases[0], steps)) else "exact", "steps": steps, "recomputed_total": steps["total"][1], "overcharge": over}

# -- the certificate --------------------------------------------------------------------------------------------------

def digest(content: Any) -> str:
    """SHA-256 of the content as UTF-8 JSON, keys in order, without spaces."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()

def typed(row: Any) -> Any:
    return row and {name: dt.date.fromisoformat(value) if DATE.match(name) else Decimal(value) if NUMBER.match(name)
                    else value for name, value in row.items()}

def parts_in_force(certificate: Any, bill: Any, account: Any, parts: Any) -> Any:
    """The parts with their tariffs; none where they are not the service cut where tariffs take over by day."""
    found, opens = [], bill.get("service_from")
    for number, (name, first, last) in enumerate(parts):
        record = certificate["tariffs"][name]["record"]
        if first != opens or last < first or (number and (record.get("transition") != "by_day" or record["valid_from"] != str(first))):
            return []
        opens = last + DAY
        found.append((in_force(record, bill if account is None else account, {**bill, "service_from": first},
                               certificate["city"], certificate["service_areas"]), first, last))
    return found if opens == (bill.get("service_to") or opens) + DAY else []

def cases_of(certificate: Any) -> list[Any]:
    cases = []
    for one in (certificate["case"], *certificate["related"]):
        bill, account, record = typed(one["bill"]), typed(one["account"]), certificate["tariffs"].get(one["tariff"])
        tariff = record and bill.get("service_from") and in_force(
            record["record"], bill if account is None else account, bill, certificate["city"], certificate["service_areas"])
        after = certificate["tariffs"][one["after"]]["record"] if one["after"] else None
        parts = [(name, dt.date.fromisoformat(first), dt.date.fromisoformat(last)) for name, first, last in one.get("parts", ())]
        cases.append({"parts": parts_in_force(certificate, bill, account, parts), "bill": bill, "measured": one.get("measured"), "outages": one.get("outages"),
                      "outage_rule": one.get("outage_rule"), "refund_law": one.get("refund_law"), "conditional_charge": one.get("conditional_charge"), "account": account, "tariff": tariff,
                      "after": after and after["transition"] == "by_day" and after["valid_from"] is not None
                      and str(bill["service_from"]) < after["valid_from"] <= str(bill["service_to"])})
    return cases

def ratio_of(text: str) -> tuple[Decimal, Decimal]:
    above, _, below = text.partition("/")
    return Decimal(above), Decimal(below or 1)

def disagreements(certificate: Any) -> list[tuple[str, Any, Any]]:
    """(what, as the certificate states it, as recomputed) wherever the two differ."""
    content = {name: value for name, value in certificate.items() if name != "digest"}
    stated, steps = certificate["outcome"], {one["name"]: one for one in certificate["steps"]}
    rows = [("digest", certificate["digest"], digest(content))]
    rows += [("tariff " + name, one["digest"], digest(one["record"])) for name, one in certificate["tariffs"].items()]
    found = judged(cases_of(certificate))
    rows += [(name, stated[name], found[name]) for name in ("outcome", "label")]
    rows += [(name, stated[name] and Decimal(stated[name]), found[name])
             for name in ("billed_total", "recomputed_total", "overcharge")]
    if (stated["missing"] or found["missing"]) and not set(found["missing"]) & set(stated["missing"]):
        rows.append(("missing", ";".join(stated["missing"]), ";".join(found["missing"])))
    rows.append(("steps", ", ".join(sorted(steps)), ", ".join(sorted(found["steps"]))))
    for name in sorted(set(steps) & set(found["steps"])):
        (exact, amount), step = found["steps"][name], steps[name]
        rows.append((name, step["result"] and Decimal(step["result"]), amount))
        if step["exact"] is not None:
            above, below = ratio_of(step["exact"])
            is_same = exact is not None and above * exact[1] == exact[0] * below
            rows += [] if is_same else [(name + ", exact", step["exact"], exact and f"{exact[0]}/{exact[1]}")]
    return [row for row in rows if row[1] != row[2]]

def main(arguments: list[str]) -> int:
    worst = 0 if arguments else 2
    print("" if arguments else __doc__, end="")
    for name in arguments:
        print(f"{name}")
        try:
            with open(name, encoding="utf-8-sig") as file:
                certificate = json.load(file, parse_float=Decimal)
            if certificate["schema"] != SCHEMA:
                raise ValueError(f"schema {certificate['schema']!r}")
            with localcontext(EXACT):
                found = disagreements(certificate)
            bill_no, total = certificate["case"]["bill"].get("bill_no"), certificate["outcome"]["recomputed_total"]
        except (OSError, ValueError, LookupError, TypeError, AttributeError, DecimalException, RecursionError) as error:
            print(f"  无法读取 cannot be read: {type(error).__name__}: {error}")
            worst = 2
            continue
        print(f"  账单 bill {bill_no} · 应收 due {total} · {certificate['outcome']['outcome']}")
        print(f"  内容摘要 digest {certificate['digest']}")
        print(f"  已复核 checked: 摘要 digest, {len(certificate['tariffs'])} 热价 tariffs, {len(certificate['steps'])} 步骤 steps, "
              "合计 total, 差额 difference")
        for what, stated, computed_ in found:
            print(f"  不符 {what}: 证书 certificate {stated} · 复核 recomputed {computed_}")
        print("  结论 verdict: " + ("不一致 DISAGREES" if found else "一致 AGREES"))
        worst = max(worst, 1 if found else 0)
    return worst

if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a console without Chinese letters still shows the rest
    sys.exit(main(sys.argv[1:]))
