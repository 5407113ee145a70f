#!/usr/bin/env python3
"""复核供热账单核算证书 · Verify the certificate of a recomputed heating bill.

用法 / Usage:  python3 verify_certificate.py CERTIFICATE.json [MORE.json …]
结果 / Exit:   0 一致 agrees · 1 不一致 disagrees · 2 无法读取 cannot be read

One file, Python 3.9 or later, nothing else. It computes the bill again from the filed inputs and the tariff values in
the certificate, by the rules of docs/recomputation.md and with no code of the portal, and compares every step, total
and difference, what is missing, and the digests. Amounts are CNY in decimals of 200 digits; each line is rounded once.
What would have to be searched for the certificate states: how the bill is read, which days earn a refund, which bills
decide it. That the rows bear it out is checked as far as borne_out() says; docs/certificates.md says what is not.
"""

# fmt: off
from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import json
import re
import sys
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any

SCHEMA = "heat-bill-certificate/2"
LINES = ("area_charge", "base_charge", "metered_charge", "height_surcharge", "suspension_charge", "late_fee",
         "cap_reduction")
ZERO, ONE, FEN, TOO_LARGE, DAY = Decimal(0), Decimal(1), Decimal("0.01"), Decimal(10) ** 16, dt.timedelta(days=1)
PRECISE, SHARP = Context(prec=200), Decimal("1E-80")
KWH = {"kWh": ONE, "MWh": Decimal(1000), "GJ": Decimal("277.778"), "MJ": Decimal("0.277778")}
FALLBACK = {**dict.fromkeys(("office", "commercial", "hotel", "institution"), "non_residential"),
            "low_income": "residential", "residential_nonreimbursed": "residential"}
# The fields of a tariff that say nothing on the days before their rule starts (rules_from).
FIELDS = {"metered_price": ("base_price", "metered_price"), "cap": ("cap_share", "cap_known"),
          "height": ("height", "height_known"), "late_fee": ("late_fee",),
          "refund": ("refund_bands", "refund_standard_c"), "suspension": ("suspension_share",)}

class Missing(Exception):
    """The bill cannot be computed; the codes say what may be missing."""

def lack(is_missing: Any, *codes: str) -> None:
    if is_missing:
        raise Missing(*codes)

def need(value: Any, code: str) -> Any:
    lack(value is None, code)
    return value

def rounded(amount: Decimal, unit: Decimal) -> Decimal:
    """Once, to a multiple of the unit, halves away from zero. No divisor here has 40 digits, so what is no half differs
    from one before the 80th place: rounded there first, 0.00499…9 (one third times three) is the half that it is."""
    return (amount / unit).quantize(SHARP).quantize(ONE, ROUND_HALF_UP) * unit

def on(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))

def month_opens(first: dt.date, number: int) -> dt.date:
    years, month = divmod(first.month - 1 + number, 12)
    return on(first.year + years, month + 1, first.day)

def shared(one: Any, other: Any) -> Any:
    """The days that two spans (first day, last day) have in common."""
    return max((min(one[1], other[1]) - max(one[0], other[0])).days + 1, 0)

# -- what the tariff says and what was filed ---------------------------------------------------------------------------

def in_force(record: Any, who: Any, bill: Any, city: str, areas: Any) -> Any:
    """The tariff as it stood on the first day of service, or of the season where the next tariff leaves the season to
    it (next_season); None where it does not price this bill."""
    day, category, method = bill["service_from"], who.get("category"), who.get("billing_method")
    if day > (record["valid_to"] or day) and record["season"] and bill.get("season"):
        day = season_of(record, bill["season"])[0]
    early = [one["rule"] for one in record["rules_from"] if day < one["day"]]
    prices = (record["city"] == city and record["category"] in (category, FALLBACK.get(category))
              and record["standing"] in ("in_force", "superseded") and record["service_area"] in ("", *areas)
              and (record["valid_from"] or day) <= day <= (record["valid_to"] or day)
              and method in record["methods"] and not (method == "metered" and "metered_price" in early))
    unit = record["rounding"]["unit"] if record["rounding"]["when"] == "line" else FEN  # what a line is rounded to
    silent = dict.fromkeys(field for rule in early for field in FIELDS[rule])
    return {**record, **silent, "unit": unit} if prices else None

def season_of(tariff: Any, label: str) -> tuple[dt.date, dt.date]:
    """First and last day; where no dates are published, of the days that every published season has."""
    season = tariff["season"] or {"start": "11-16", "end": "03-14", "end_included": True}
    (month, day), (to_month, to_day) = (map(int, season[end].split("-")) for end in ("start", "end"))
    last = on(int(label[:4]) + (season["end"] < season["start"]), to_month, to_day)
    return on(int(label[:4]), month, day), last - (not season["end_included"]) * DAY

def days_of_service(bill: Any, account: Any) -> tuple[dt.date, dt.date, Any]:
    """First and last day, and the day heat is suspended from (None: never)."""
    of, is_paused = account or {}, (account or bill)["heating_state"] == "suspended"
    left = bill.get("left") or [(bill["service_from"], bill["service_to"])]
    start = max(left[0][0], of.get("connected_on") or left[0][0])
    end = min(left[-1][1], of.get("closed_on") or left[-1][1])
    return start, end, (of.get("suspended_from") or dt.date(2, 1, 1)) if is_paused else None

def stay(tariff: Any, label: str, start: dt.date, end: dt.date, pause: Any) -> tuple[Any, Any, int, bool]:
    """Heated and suspended units of the season, the units of a whole one, and whether they are days."""
    lack(not re.fullmatch(r"\d{4}-\d\d", label or ""), "season_dates_missing")
    lack((int(label[:4]) + 1) % 100 != int(label[5:]), "season_dates_missing")
    first, last = season = season_of(tariff, label)
    lack(start <= end and (end < first - 183 * DAY or start > last + 183 * DAY), "service_outside_season")
    if not tariff["season"]:  # a whole season, or one suspended at no cost, whatever its dates; less is not known
        off = pause is not None and pause <= start
        is_whole = start <= first and end >= last and (off or pause is None or pause > end)
        lack(not is_whole and not (off and tariff["suspension_share"] == 0), "season_dates_missing")
        return int(not off), int(off), 1, True
    price = tariff["area_price"] or tariff["base_price"] or {"per": "season", "periods": 1}
    by_month, units = price["per"] == "month", int(price["periods"])
    opened = tariff["proration"] == "month" and price["per"] != "day"  # a month counts in full once it has started
    while opened and not by_month and month_opens(first, units) < last:  # the last day opens none
        units += 1
    opens = [month_opens(first, number) for number in range(units + 1 if by_month or opened else 1)]
    months = [(a, last if b == opens[-1] else b - DAY) for a, b in zip(opens, opens[1:])]  # noqa: RUF007 - Python 3.9
    by_parts = by_month and (opens[-1] - last).days in (0, 1)  # whole months, and days of months
    if not opened and not by_parts and price["per"] != "day":
        units = int(tariff["season"]["fixed_days"] or shared(season, season))
    def count(*span: dt.date) -> Any:
        if opened:
            return sum(shared(span, month) > 0 for month in months)
        if not by_parts:
            return shared(span, season)
        return sum((Decimal(shared(span, month)) / shared(month, month) for month in months), ZERO)
    start, end = max(start, first), min(end, last)
    served = units if (start, end) == season else min(count(start, end), units)
    heated = served if pause is None or pause > end else min(count(start, pause - DAY), served)
    return heated, served - heated, units, not opened and not by_parts

def part_of_season(bill: Any, account: Any, tariff: Any) -> tuple[Any, Any, int]:
    """Heated and suspended units and those of a whole season, without the days between those left."""
    (start, end, pause), left = days_of_service(bill, account), bill.get("left") or ()
    heated, suspended, units, _ = stay(tariff, bill.get("season"), start, end, pause)
    for (_, before), (after, _) in zip(left, left[1:]):  # noqa: RUF007 - Python 3.9
        lack(not tariff["season"] and (heated or tariff["suspension_share"] != 0), "season_dates_missing")
        try:
            gap = stay(tariff, bill["season"], max(before + DAY, start), min(after - DAY, end), pause)
        except Missing:  # nowhere near the season
            continue
        if tariff["season"]:
            heated, suspended = max(heated - gap[0], 0), max(suspended - gap[1], 0)
    return heated, suspended, units

def cut(case: Any) -> Any:
    """The case for the days that earlier bills left, without the heat between its readings that they charged."""
    bill, stated = case["bill"], case["stated"]
    less = {name: max(bill[name] - stated.get("heat_billed", ZERO), ZERO) for name in ("heat_used", "reading_to")
            if bill.get(name) is not None}
    return {**case, "bill": {**bill, **less, "left": stated["left"]}} if "left" in stated else case

def height_share(rule: Any, height: Decimal, is_public: bool) -> Decimal:
    """The surcharge for high rooms as a share of the charge."""
    trigger = rule["trigger_m"]
    if height <= trigger:
        return ZERO
    lack(height >= 1000, "storey_height_missing")
    lack(height > (rule["negotiated_over_m"] or height), "height_negotiated")
    if rule["shape"] == "step":
        steps, rest = divmod(height - (rule["count_from_m"] or trigger), rule["step_m"])
        share = (steps + (rest > 0 and rule["started_step"] == "full")) * rule["rate"]
    elif rule["shape"] == "proportional":
        share = (height - (rule["reference_m"] or trigger)) / (rule["reference_m"] or trigger)
    else:
        bands = [one for one in rule["bands"] if height <= (one["up_to_m"] or height)] or rule["bands"][-1:]
        share = bands[0]["coefficient"] - 1
    most = (rule["max_rate"], rule["public_interest_max_rate"] if is_public else None)
    return Decimal(max(min([share, *(one for one in most if one is not None)]), ZERO))

def areas_of(bill: Any, account: Any, tariff: Any) -> list[tuple[Any, Decimal]]:
    """The lawful readings of the area as (area, factor): the first, unless the certificate states another."""
    basis, factor, billed = tariff["area_basis"], tariff["area_factor"], bill.get("billed_area_m2")
    others = [(one["basis"], one["factor"] / one["divisor"]) for one in tariff["area_fallbacks"]]
    kinds = [one["factor"] for one in tariff["area_factors"]]  # lawful for one kind of building
    if account is None:  # the area billed may hold the factor already, or not yet
        of = bill.get("area_basis")
        factors = [factor, *kinds] if of == basis else [share for kind, share in others if kind == of]
        return [(billed if basis in (None, of) else None, ONE), *((billed, one) for one in factors)]
    known = {kind: account.get(kind + "_area_m2") for kind in ("floor", "usable", "inner")}
    if basis is None:
        lack(billed is None or billed not in known.values(), "area_basis_unknown")
        return [(billed, factor)]
    given = [(known[kind], share) for kind, share in [(basis, factor), *others] if known[kind] is not None][:1]
    by_kind = [(area, one) for area, _ in given for one in kinds if rounded(area * one, FEN) == billed]
    return by_kind[-1:] or given or [(None, ONE)]

def heat_of(bill: Any) -> tuple[Decimal, Decimal, Decimal]:
    """The heat that is due, the heat by the meter, and the digit below which the two are no different."""
    stated, opening, closing = (bill.get(name) for name in ("heat_used", "reading_from", "reading_to"))
    lack(bill.get("heat_unit") not in KWH, "heat_unit_missing")
    lack(stated is not None and stated < 0, "heat_used_negative")
    if opening is None or closing is None:
        return need(stated, "heat_used_missing"), stated, ZERO
    lack(closing < opening, "reading_runs_backwards")
    by_meter, digits = closing - opening, [ONE, ONE / 10, ONE / 100, ONE / 1000]
    digit = next((one for one in digits if not (opening % one or closing % one)), digits[-1])
    return by_meter if stated is None or stated - by_meter >= digit else stated, by_meter, digit

def reductions(bill: Any) -> Decimal:
    """Refund and subsidy as filed; both can only lower what is due."""
    return sum((min(bill.get(name) or ZERO, ZERO) for name in ("refund", "subsidy")), ZERO)

# -- what is due -------------------------------------------------------------------------------------------------------

def late_fee_limits(bill: Any, late: Any, fee: Decimal) -> list[Decimal]:
    """The most a late fee may be: by its rate and the days after the later of the days to pay, and by its share."""
    after = [bill["due_on"]] if bill.get("due_on") else []
    if late["after"]:
        month, day = map(int, late["after"].split("-"))
        after.append(dt.date(int(bill["season"][:4]) + (month < 7), month, day))
    paid = bill.get("paid_on") or bill.get("issued_on")
    lack(not after or not paid, "late_fee_dates_missing")
    days, basis = (paid - max(after)).days, fee
    if late["shape"] == "daily_on_unpaid":
        basis -= bill.get("prepaid") or ZERO
    if late["shape"] == "forbidden" or days <= 0 or basis <= 0:
        return [ZERO]
    most = [fee * late["max_share"]] if late["max_share"] is not None and fee > 0 else []
    return [basis * late["rate"] * (1 if late["shape"] == "once" else days), *most]

def computed(case: Any, **supposed: Any) -> dict[str, Any]:
    """Step -> (exact value, amount) of a bill by itself, read as the case states it or as is ``supposed``."""
    bill, account, tariff = case["bill"], case["account"], case["tariff"]
    who, reading = account or bill, {**case["stated"], **supposed}
    billed = {name: bill.get(name) or ZERO for name in LINES}
    steps: dict[str, Any] = dict.fromkeys(LINES, (None, ZERO))
    def put(name: str, exact: Decimal) -> Any:
        steps[name] = exact, rounded(exact, tariff["unit"])
        return steps[name][1]
    def charge(name: str, price: str, part: str = "heated_part", share: Decimal = ONE) -> Any:
        of = need(tariff[price], price + "_missing")
        return put(name, steps["area"][0] * of["value"] * of["periods"] * steps[part][0] * share)

    heated, suspended, units = part_of_season(bill, account, tariff)
    pause_share = need(tariff["suspension_share"], "suspension_share_unknown") if suspended else ZERO
    in_parts = bill["kind"] == "settlement" or billed["base_charge"] or billed["metered_charge"]
    two_part = who["billing_method"] == "metered" and in_parts and heated
    steps["heated_part"], steps["suspended_part"] = (Decimal(heated) / units, None), (Decimal(suspended) / units, None)
    if heated or pause_share:
        area, factor = areas_of(bill, account, tariff)[int(reading.get("area", 0))]
        lack(need(area, "area_of_basis_missing") <= 0, "area_not_positive")
        steps["area"] = area * factor, None
    rule, height, share = tariff["height"], who.get("storey_height_m"), ZERO
    lack(billed["height_surcharge"] and not rule and not tariff["height_known"], "height_rule_unknown")
    lack(billed["height_surcharge"] and rule and height is None, "storey_height_missing")
    if rule and heated and height and (not rule["net_height"] or billed["height_surcharge"] or "net_height" in reading):
        share = reading.get("share", height_share(rule, height, who["category"] == "institution"))
    if two_part:
        price = need(tariff["metered_price"], "metered_price_missing")
        heat = reading["heat"] if "heat" in reading else heat_of(bill)[0]
        steps["heat"] = heat * KWH[bill["heat_unit"]] / KWH[price["unit"]], None
        both = put("metered_charge", steps["heat"][0] * price["value"]) + charge("base_charge", "base_price")
        if tariff["cap_known"] and tariff["cap_share"] is not None:
            most = charge("cap_limit", "area_price", share=tariff["cap_share"])
            steps["cap_reduction"] = None, min(ZERO, most - both)
    elif heated:
        charge("area_charge", "area_price")
    if share:
        steps["height_share"] = share, None
        charge("height_surcharge", "base_price" if two_part or rule["on_base_price"] else "area_price", share=share)
    if pause_share:
        charge("suspension_charge", "area_price", "suspended_part", pause_share)
    fee = sum((steps[name][1] for name in LINES), ZERO)
    if billed["late_fee"]:
        limits = late_fee_limits(bill, need(tariff["late_fee"], "late_fee_rule_unknown"), fee)
        put("late_fee_allowed", min(limits, key=lambda most: rounded(most, tariff["unit"])))
        allowed = steps["late_fee_allowed"]
        steps["late_fee"] = allowed if billed["late_fee"] > allowed[1] else (None, billed["late_fee"])
        fee += steps["late_fee"][1]
    if two_part and not tariff["cap_known"]:  # without an area price, Shandong's is at least the base price / 30 %
        lack(not tariff["area_price"] and tariff["province"] != "山东", "cap_unknown")
        least = ("area_price", ONE) if tariff["area_price"] else ("base_price", 1 / Decimal("0.3"))
        lack(both > charge("least_fee", least[0], share=least[1]), "cap_unknown")
        del steps["least_fee"]
    total = rounded(fee, tariff["rounding"]["unit"]) if tariff["rounding"]["when"] == "bill" else fee
    steps["total"] = fee, total + reductions(bill)
    lack(any(abs(amount or ZERO) >= TOO_LARGE for _, amount in steps.values()), "amount_too_large")
    return steps

def share_back(bands: Any, temp: Decimal) -> Decimal:
    """The share of the band that holds the temperature."""
    for one in bands:
        low, high = one["min_c"], one["max_c"]
        if ((low is None or temp > low or (one["min_included"] and temp == low))
                and (high is None or temp < high or (one["max_included"] and temp == high))):
            return Decimal(one["share"])
    return ZERO

def refund_rule(case: Any) -> Any:
    """The rule for cold rooms: the tariff's, else that of the law; None where neither says it."""
    return case["tariff"] if case["tariff"]["refund_bands"] else case.get("refund_law")

def days_of_heat(case: Any) -> tuple[dt.date, dt.date, Any]:
    """First and last day with heat that the bill charges for, and how many they are as its season is counted."""
    bill, tariff = case["bill"], case["tariff"]
    start, end, pause = days_of_service(bill, case["account"])
    heated, _, _, are_days = stay(tariff, bill["season"], start, end, pause)
    first, last = season_of(tariff, bill["season"])
    first, last = max(start, first), min(end, last, end if pause is None else pause - DAY)
    return first, last, Decimal(heated if are_days else (last - first).days + 1)

def give_back(case: Any, steps: Any) -> Decimal:
    """Put the refund into the steps by the days stated to count: [number, °C] too cold, and without heat for certain
    (``dark``), or if an outage of a part of the network was at this home (``most_dark``). Answers the change."""
    tariff, stated, billed = case["tariff"], case["stated"]["refund"], case["bill"].get("refund") or ZERO
    days, most, rule = days_of_heat(case)[2], stated["most_dark"], refund_rule(case)
    weight = sum((number * share_back(rule["refund_bands"], temp) for number, temp in stated["cold"]), ZERO)
    if weight and rule["refund_basis"] == "day_failing_rooms":  # their area is not filed: it stands as billed
        steps["refund"] = None, billed
        return ZERO
    basis = sum((steps[name][1] for name in LINES if name not in ("late_fee", "suspension_charge")), ZERO)
    if weight and rule["refund_basis"] == "day_net_of_base":
        base = need(tariff["base_price"], "base_price_missing")
        basis -= rounded(steps["area"][0] * base["value"] * base["periods"] * steps["heated_part"][0], tariff["unit"])
    # a bill in two parts gives back of its base charge alone, because no heat ran through the meter meanwhile
    fee = steps["base_charge" if "heat" in steps else "area_charge"][1] + steps["height_surcharge"][1]
    basis, fee = max(basis, ZERO) if weight else ZERO, max(fee, ZERO) if most else ZERO
    for name, dark in (("refund", stated["dark"]), ("most_refund", most)):
        by_dark = fee * dark * case["outage_rule"]["share"] if most else ZERO
        exact = -min(basis * weight + by_dark, max(basis, fee) * days) / days
        if name == "refund" or most > stated["dark"]:
            steps[name] = exact, min(billed, rounded(exact, tariff["unit"]))
    return Decimal(steps["refund"][1] - min(billed, ZERO))

def stand_in_the_way(case: Any) -> dict[str, Any]:
    """What is missing before anything is computed: code -> whether it is."""
    bill, who = case["bill"], case["bill"] if case["account"] is None else case["account"]
    start, end = bill.get("service_from"), bill.get("service_to")
    return {"account_not_on_roster": who == {}, "kind_unknown": bill.get("kind") not in ("season", "settlement"),
            "service_dates_missing": not start or not end, "service_dates_reversed": start and end and end < start,
            "method_unknown": who.get("billing_method") not in ("area", "metered")
            or who.get("heating_state") not in ("on", "suspended"), "no_tariff_in_force": not case["tariff"],
            "tariffs_collide": not case["tariff"]}

def due(case: Any, others: Any) -> dict[str, Any]:
    """Step -> (exact value, amount): of a bill by itself or in parts, of a duplicate, or of a correction."""
    bill, stated = case["bill"], case["stated"]
    of = [others[int(place)] for place in stated.get("of", ())]
    lack("missing" in stated, *stated.get("missing", ()))
    lack(bill.get("total") is None, "total_missing")
    if of and bill["kind"] != "correction":  # earlier bills cover the service
        return dict.fromkeys((*LINES, "total"), (None, ZERO))
    if of:  # what is due on the original, less what was billed for it before
        first = due(of[0], others)
        return {name: (None, first[name][1] - sum((one["bill"].get(name) or ZERO for one in of), ZERO))
                for name in (*LINES, "total")}
    case = cut(case)
    lack(any(stand_in_the_way(case).values()), *(code for code, is_so in stand_in_the_way(case).items() if is_so))
    if case["parts"]:
        parts = [computed({**case, "tariff": tariff, "bill": {**bill, "service_from": first, "service_to": last}})
                 for tariff, first, last in case["parts"]]
        steps: dict[str, Any] = {name: (None, sum((one[name][1] for one in parts), ZERO)) for name in LINES}
        return {**steps, "total": (None, sum((amount for _, amount in steps.values()), reductions(bill)))}
    steps = computed(case)
    change = give_back(case, steps) if "refund" in stated else ZERO
    for name, end in zip(("least_total", "greatest_total"), stated.get("range", ())):
        steps[name] = None, computed(case, **end)["total"][1] + change
    steps["total"] = steps["total"][0], steps["total"][1] + change
    return steps

def as_filed(case: Any, steps: Any) -> bool:
    """Whether a refund or subsidy that no rule proves lowers what is due."""
    exact, amount = steps.get("refund", (None, ZERO))
    is_proved = exact is not None and exact != 0 and amount == rounded(exact, case["tariff"]["unit"])
    return reductions({**case["bill"], "refund": None} if is_proved else case["bill"]) < 0

def judged(case: Any, others: Any) -> dict[str, Any]:
    """What the bill comes to, with its steps; where it cannot be computed, what is missing."""
    billed = case["bill"].get("total")
    try:
        steps = due(case, others)
        total, ends = steps["total"][1], [steps[name][1] for name in ("least_total", "greatest_total") if name in steps]
        lack(max(abs(billed - total), abs(total)) >= TOO_LARGE, "amount_too_large")
    except Missing as lacking:
        return {"outcome": "inconclusive", "label": "not_computable", "missing": lacking.args, "steps": {},
                "recomputed_total": None, "overcharge": None}
    is_open = ends or "most_refund" in steps or ("of" not in case["stated"] and as_filed(case, steps))
    is_within = ends and "share" not in case["stated"]["range"][0] and ends[0] <= billed <= ends[1]
    return {"outcome": "conforms" if billed == total or is_within else "breach", "missing": (), "steps": steps,
            "label": "bounded" if is_open else "exact", "recomputed_total": total, "overcharge": billed - total}

def covers(one: Any, bill: Any) -> bool:
    """Whether a bill of the account and season, issued no later, charges days of the service."""
    days, kinds = [(row["service_from"], row["service_to"]) for row in (one, bill)], ("season", "settlement")
    return (all(one.get(name) == bill.get(name) for name in ("account_no", "season")) and one["kind"] in kinds
            and shared(*days) > 0 and str(one.get("issued_on") or "") <= str(bill.get("issued_on") or ""))

def charged(bill: Any, others: Any, left: Any) -> bool:
    """Whether other bills charge every day of the service that is not left; the last may be the next bill's."""
    first, last = bill["service_from"], bill["service_to"]
    spans = [*left, *((one["service_from"], one["service_to"]) for one in others)]
    spans += [(last, last)] if first < last else []
    days = (first + number * DAY for number in range((last - first).days + 1))
    return all(any(start <= day <= end for start, end in spans) for day in days)

def borne_out(case: Any, others: Any) -> dict[str, Any]:
    """What the certificate states, and whether the filed rows bear it out."""
    whole, case = case["bill"], cut(case)
    bill, stated, heat, says = case["bill"], case["stated"], case["bill"].get("heat_used"), {}
    who, of = case["account"] or bill, [others[int(place)]["bill"] for place in stated.get("of", ())]
    if "missing" in stated:
        says["missing"] = any(code in stated["missing"] for code, is_so in {
            "correction_needs_original": bill.get("kind") == "correction", "total_missing": bill.get("total") is None,
            "original_inconclusive": bill.get("kind") == "correction", "heat_below_readings": heat is not None,
            "net_height_missing": bill.get("height_surcharge"), "failing_rooms_area_missing": case.get("measured"),
            "low_income_price_unknown": who.get("category") == "low_income", "spans_price_change": case["after"],
            "season_dates_missing": case.get("measured") or case.get("outages"),
            "heat_of_days_unknown": bill.get("heat_unit"),
            "days_left_in_pieces": case.get("measured") or case.get("outages"),
            "refund_rule_unknown": case.get("measured"), "outage_rule_unknown": case.get("outages"),
            "fee_condition_missing": case.get("conditional_charge")}.items() if is_so)
    elif of:
        says["of"] = (all(covers(one, bill) for one in of) and charged(bill, of, ()) if bill["kind"] != "correction"
                      else bill["corrects_bill_no"] in [one["bill_no"] for one in of])
    elif case["after"]:  # the parts are the service, cut where tariffs take over by day
        ends = [bill["service_from"] - DAY, *(last for _, _, last in case["parts"])]
        says["parts"] = ends[-1] == bill["service_to"] and len(ends) > 2 and all(
            tariff and before + DAY == first <= last and (
                number == 0 or (tariff["valid_from"] == first and tariff["transition"] == "by_day"))
            for number, (before, (tariff, first, last)) in enumerate(zip(ends, case["parts"])))
    if "left" in stated:
        near = [one["bill"] for one in others if one["bill"]["kind"] != "correction" and one["bill"].get("service_to")]
        says["left"] = charged(whole, [one for one in near if covers(one, whole)], stated["left"])
    if stated.get("area") or "net_height" in stated:  # another lawful reading than the first: it gives the total billed
        says["reading"] = computed(case)["total"][1] == bill["total"]
    if "heat" in stated.get("range", ({},))[-1]:
        says["range"] = all(abs(one["heat"] - heat_of(bill)[1]) <= heat_of(bill)[2] for one in stated["range"])
    if "refund" in stated:  # no more days than there are, at temperatures that were measured
        cold, temps = stated["refund"]["cold"], [temp for _, _, temp in case.get("measured", ())]
        first, last, _ = days_of_heat(case)
        is_measured = all(min(temps, default=ONE) <= temp <= max(temps, default=ZERO) for _, temp in cold)
        days = sum((number for number, _ in cold), stated["refund"]["dark"])
        says["refund"] = is_measured and days <= (last - first).days + 1
    return says

# -- the certificate ---------------------------------------------------------------------------------------------------

def digest(content: Any) -> str:
    """SHA-256 of the content as UTF-8 JSON, keys in order, without spaces."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()

def typed(content: Any, name: str = "") -> Any:
    """The content with its numbers (also above/below) and days as such; numbers of bills and accounts stay text."""
    if isinstance(content, dict):
        return {key: typed(value, key) for key, value in content.items()}
    if isinstance(content, list):
        return [typed(value, name) for value in content]
    if not isinstance(content, str) or name.endswith("_no"):
        return content
    if re.fullmatch(r"-?\d+(\.\d+)?(/\d+)?", content):
        above, _, below = content.partition("/")
        return Decimal(above) / Decimal(below or 1)
    return dt.date.fromisoformat(content) if re.fullmatch(r"\d{4}-\d\d-\d\d", content) else content

def case_of(certificate: Any, one: Any) -> dict[str, Any]:
    """A case of the certificate with its tariff, or those of its parts, as they stood on their first day."""
    case = {"stated": {}, "parts": [], **typed(one)}
    def tariff(name: Any, first: Any) -> Any:
        record, bill = typed(certificate["tariffs"][name]["record"]), {**case["bill"], "service_from": first}
        who = bill if case["account"] is None else case["account"]
        return first and in_force(record, who, bill, certificate["city"], certificate["service_areas"])
    case["parts"] = [(tariff(name, first), first, last) for name, first, last in case["parts"]]
    case["tariff"] = case["tariff"] and tariff(case["tariff"], case["bill"].get("service_from"))
    return case

def disagreements(certificate: Any) -> list[tuple[str, Any, Any]]:
    """(what, as the certificate states it, as recomputed) wherever the two differ."""
    with localcontext(PRECISE):
        case, *others = (case_of(certificate, one) for one in (certificate["case"], *certificate["related"]))
        found, outcome, steps = judged(case, others), typed(certificate["outcome"]), typed(certificate["steps"])
        content = {name: value for name, value in certificate.items() if name != "digest"}
        rows: list[tuple[str, Any, Any]] = [("digest", certificate["digest"], digest(content))]
        rows += [("tariff " + name, one["digest"], digest(one["record"]))
                 for name, one in certificate["tariffs"].items()]
        rows += [("stated: " + what, True, bool(is_so)) for what, is_so in borne_out(case, others).items()]
        rows += [("billed_total", outcome["billed_total"], case["bill"].get("total"))]
        rows += [(name, outcome[name], found[name]) for name in ("outcome", "label", "recomputed_total", "overcharge")]
        if set(found["missing"]).isdisjoint(outcome["missing"]):  # a few codes may be missing: one of them agrees
            rows.append(("missing", ", ".join(outcome["missing"]), ", ".join(found["missing"])))
        rows.append(("steps", sorted(step["name"] for step in steps), sorted(found["steps"])))
        for step in steps:
            exact, amount = found["steps"].get(step["name"], (None, None))
            rows.append((step["name"], step["result"], amount))
            if step["exact"] is not None and (exact is None or abs(step["exact"] - exact) > SHARP):
                rows.append((step["name"] + ", exact", step["exact"], exact))
    return [row for row in rows if row[1] != row[2]]

def main(names: list[str]) -> int:
    worst = 0 if names else 2
    print("" if names else __doc__, end="")
    for name in names:
        try:
            with open(name, encoding="utf-8-sig") as file:
                certificate = json.load(file)
            if certificate["schema"] != SCHEMA:
                raise ValueError(f"{certificate['schema']!r} ≠ {SCHEMA!r}，请重新下载证书和本程序 fetch both again")
            found, outcome, bill = disagreements(certificate), certificate["outcome"], certificate["case"]["bill"]
            told = f"账单 bill {bill.get('bill_no')} · 应收 due {outcome['recomputed_total']} · {outcome['outcome']}"
        except (OSError, ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
            print(f"{name}\n  无法读取 cannot be read: {type(error).__name__}: {error}")
            worst = 2
            continue
        print(f"{name}\n  {told}\n  内容摘要 digest {certificate['digest']}")
        for what, stated, again in found:
            print(f"  不符 {what}: 证书 certificate {stated} · 复核 recomputed {again}")
        print("  结论 verdict: " + ("不一致 DISAGREES" if found else "一致 AGREES"))
        worst = max(worst, 1 if found else 0)
    return worst

if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="replace")  # a console without Chinese letters still shows the rest
    sys.exit(main(sys.argv[1:]))
