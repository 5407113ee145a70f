"""What a certificate states and its checker does not search for, found a second time from the rows of a run.

How a bill is to be read, which days earn a refund, which bills decide it and what stands in the way: written from
docs/recomputation.md on the checker's own rules, with no code of ``checks.recompute``.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, localcontext
from typing import Any

from checks.certificate import verify_certificate as checker
from checks.certificate.verify_certificate import DAY, FEN, ZERO, Missing, lack, shared

Case = dict[str, Any]
#: Start and end of a stretch of time in official time.
Span = tuple[dt.datetime, dt.datetime]

_NO_DAY = dt.date(1970, 1, 1)
_MICROSECOND = dt.timedelta(microseconds=1)
# Without a rule on record: what is too cold everywhere, and the longest stop that any law lets pass.
_ANY_COLD = {"refund_standard_c": Decimal(18), "refund_basis": "day"}
_ANY_OUTAGE = {"after_hours": 48, "after_included": False, "counts": "hours", "total_over_days": None}
_CANNOT_BE_PARTED = ("spans_price_change", "service_outside_season")


def judged(cases: Sequence[Case]) -> dict[str, Any]:
    """What the first of the cases comes to among the others; where it cannot be computed one code of what is missing, or
    a few. What its certificate states of each case that decides it is in the cases afterwards."""
    with localcontext(checker.PRECISE):
        state(cases[0], cases)
        return {**checker.judged(cases[0], cases[1:]), "billed_total": cases[0]["bill"].get("total")}


def state(case: Case, cases: Sequence[Case]) -> None:
    """Put into the case what its certificate states: ``area``, ``net_height``, ``range``, ``refund``, ``of``; or what is
    ``missing`` before or beside the amounts."""
    case["stated"] = {}
    try:
        _state(case, cases)
    except Missing as lacking:
        case["stated"] = {"missing": list(lacking.args)}


def _state(case: Case, cases: Sequence[Case]) -> None:
    bill = case["bill"]
    if bill.get("kind") == "correction":
        original = _original_of(case, cases)
        lack(original is None, "correction_needs_original")
        state(original, cases)
        try:
            checker.due(original, cases[1:])
        except Missing:
            raise Missing("original_inconclusive") from None
        lack(bill.get("total") is None, "total_missing")
        before = [
            one
            for one in cases
            if one["bill"].get("kind") == "correction"
            and _issue(one) < _issue(case)
            and _original_of(one, cases) is original
        ]
        given = [
            one["bill"].get("issued_on") or _NO_DAY
            for one in (*before, case)
            if (one["bill"].get("refund") or ZERO) < 0
        ]
        if given:
            _state_refund_since(original, max(given))
        case["stated"] = {"of": _places([original, *before], cases)}
        return
    lack(bill.get("total") is None, "total_missing")
    earlier = _earlier(case, cases)
    left = _left(case, cases, earlier)
    if left is None:
        case["stated"] = {"of": _places(earlier, cases)}
        return
    is_open = left.pop("heat_open", False)
    alone = {**checker.cut({**case, "stated": left}), "stated": {}, "heat_open": is_open}
    _state_alone(alone)
    case["stated"] = left | alone["stated"]


def _state_refund_since(original: Case, on: dt.date) -> None:
    """What fell due since the original was issued, where a correction gives something back on that day."""
    if original["after"] or {"of", "refund"} & set(original["stated"]):
        return
    alone = checker.cut(original)
    later = {**alone, "bill": {**alone["bill"], "issued_on": on}}
    if _state_refund(later, checker.computed(alone)):
        original["stated"] = later["stated"]


def _places(some: Sequence[Case], cases: Sequence[Case]) -> list[int]:
    """Where the cases stand among those after the first."""
    places = {id(case): place for place, case in enumerate(cases)}
    return [places[id(case)] - 1 for case in some]


# -- a bill by itself


def _state_alone(case: Case) -> None:
    """How the bill is read: the first lawful reading that gives the billed total, else the first of all."""
    bill, account, tariff = case["bill"], case["account"], case["tariff"]
    if any(checker.stand_in_the_way(case).values()):
        return
    if case["after"]:
        lack(not case["parts"], *_CANNOT_BE_PARTED)
        _lack_of_parts(case)
        return
    is_conditional = case.get("conditional_charge") and bill.get("other_charge")
    lack(is_conditional, "fee_condition_missing", "service_outside_season")
    readings: list[dict[str, Any]] = [{}]
    if account is None:
        readings += [{"area": place} for place in range(1, len(checker.areas_of(bill, account, tariff)))]
    if tariff["height"] and tariff["height"]["net_height"]:
        readings.append({"net_height": True})
    steps: dict[str, Any] | None = None
    for reading in readings:
        try:
            found = checker.computed(case, **reading)
        except Missing as lacking:
            is_capped = "cap_unknown" in lacking.args  # of a heat that is not known
            lack(case.get("heat_open") and is_capped and not reading, "heat_of_days_unknown")
            if not reading and "area_of_basis_missing" not in lacking.args:
                return  # the checker finds it too
            continue
        if found["total"][1] == bill["total"] or not reading:
            steps, case["stated"] = found, dict(reading)
        if found["total"][1] == bill["total"]:
            break
    if steps is None:
        return
    lack(case.get("heat_open") and "heat" in steps, "heat_of_days_unknown")
    change = ZERO
    if _state_refund(case, steps):
        try:
            change = checker.give_back(case, dict(steps))
        except Missing:
            return
    _lack_of_certainty(case, steps, change)
    _state_range(case, steps)


def _lack_of_parts(case: Case) -> None:
    """A bill in parts: what cannot be computed in parts, or is not the whole when it is."""
    bill, account = case["bill"], case["account"]
    is_metered = bill["kind"] == "settlement" or bill.get("base_charge") or bill.get("metered_charge")
    lack(bill.get("left"), *_CANNOT_BE_PARTED)
    lack(bill.get("late_fee") or (account["billing_method"] == "metered" and is_metered), *_CANNOT_BE_PARTED)
    lack(case.get("conditional_charge") and bill.get("other_charge"), *_CANNOT_BE_PARTED)
    units = []
    try:
        whole = checker.stay(case["tariff"], bill["season"], *checker.days_of_service(bill, account))
        for tariff, first, last in case["parts"]:
            lack(not tariff or account["category"] == "low_income" != tariff["category"], *_CANNOT_BE_PARTED)
            part = {**bill, "service_from": first, "service_to": last}
            units.append(checker.stay(tariff, bill["season"], *checker.days_of_service(part, account)))
            checker.computed({**case, "tariff": tariff, "bill": part})
    except Missing:
        raise Missing(*_CANNOT_BE_PARTED) from None
    lack(any(one[2] != whole[2] for one in units), *_CANNOT_BE_PARTED)
    apart = (abs(sum(one[part] for one in units) - whole[part]) for part in (0, 1))
    lack(any(one > checker.SHARP for one in apart), *_CANNOT_BE_PARTED)


def _lack_of_certainty(case: Case, steps: Mapping[str, Any], change: Decimal) -> None:
    """What a lower bill may rightly rest on: heat shared out among flats, a net height below the height filed, a price
    for low incomes."""
    bill, tariff = case["bill"], case["tariff"]
    who = bill if case["account"] is None else case["account"]
    due = steps["total"][1]
    if "heat" in steps and bill.get("heat_used") is not None:
        _, by_meter, digit = checker.heat_of(bill)
        if digit and bill["heat_used"] <= by_meter - digit:
            try:
                is_same = checker.computed(case, heat=by_meter)["total"][1] == due
            except Missing:  # what the readings come to is not known, so not that it is the same
                is_same = False
            lack(not is_same, "heat_below_readings")
    due += change
    surcharge, by_net_height = (
        bill.get("height_surcharge") or ZERO,
        tariff["height"] and tariff["height"]["net_height"],
    )
    is_less = steps["height_surcharge"][1] > surcharge and bill["total"] < due
    lack(by_net_height and surcharge and is_less, "net_height_missing")
    lack(
        who["category"] == "low_income" != tariff["category"] and bill["total"] < due,
        "low_income_price_unknown",
    )


def _state_range(case: Case, steps: Mapping[str, Any]) -> None:
    """The inputs at the least and the greatest total, where one is known to a range: a heat within the digit of the
    counter, a storey height that stands for the net height below it."""
    bill = case["bill"]
    least: dict[str, Any] = {}
    greatest: dict[str, Any] = {}
    if "heat" in steps:
        _, by_meter, digit = checker.heat_of(bill)
        stated = bill.get("heat_used")
        if digit > FEN / 10 if stated is None else ZERO < abs(stated - by_meter) < digit:
            least["heat"], greatest["heat"] = max(by_meter - digit, ZERO), by_meter + digit
    if "height_share" in steps and case["tariff"]["height"]["net_height"]:
        least["share"] = ZERO
    if not least:
        return
    try:
        checker.computed(case, **least)
        checker.computed(case, **greatest)
    except Missing:
        return
    case["stated"]["range"] = [least, greatest]


# -- refunds for rooms too cold and time without heat


def _state_refund(case: Case, steps: Mapping[str, Any]) -> bool:
    """The days that earn something back, on a bill issued after the last day of heat it charges for; whether any do."""
    bill, tariff, measured = case["bill"], case["tariff"], case.get("measured")
    if not (steps["heated_part"][0] and bill.get("issued_on") and (case.get("outages") or measured)):
        return False
    first, last, _ = checker.days_of_heat(case)
    if bill["issued_on"] <= last:
        return False
    sure, most = _dark(case, first, last)
    lack(not case.get("outage_rule") and most, "outage_rule_unknown")
    dark, rule, cold = _days_in(sure, first, last), checker.refund_rule(case), []
    if measured and rule:
        cold = _too_cold(rule, measured, first, last, sure)
        cold = [one for one in cold if checker.share_back(rule["refund_bands"], one[1])]
    elif measured:
        standard = {"refund_standard_c": tariff["refund_standard_c"] or _ANY_COLD["refund_standard_c"]}
        lack(_too_cold(_ANY_COLD | standard, measured, first, last, sure), "refund_rule_unknown")
    if not cold and not max(dark, most):
        return False
    lack(len(bill.get("left") or ()) > 1, "days_left_in_pieces")
    lack(not tariff["season"], "season_dates_missing")
    by_rooms = cold and rule["refund_basis"] == "day_failing_rooms"
    lack(by_rooms and (bill.get("refund") or ZERO) >= 0, "failing_rooms_area_missing")
    case["stated"]["refund"] = {"cold": cold, "dark": dark, "most_dark": max(dark, most)}
    return True


def _dark(case: Case, first: dt.date, last: dt.date) -> tuple[list[Span], Decimal]:
    """The time without heat for certain, and the days of it if every outage of the network was at this home."""
    rule, outages = case.get("outage_rule") or _ANY_OUTAGE, case.get("outages") or ()
    read = [
        (dt.datetime.fromisoformat(start), dt.datetime.fromisoformat(end), is_sure)
        for start, end, is_sure in outages
    ]
    sure = _without_heat(rule, [(start, end) for start, end, is_sure in read if is_sure], first, last)
    most = _without_heat(rule, [(start, end) for start, end, _ in read], first, last)
    return sure, _days_in(most, first, last)


def _midnight(day: dt.date) -> dt.datetime:
    return dt.datetime(day.year, day.month, day.day)  # noqa: DTZ001 - official time throughout


def _days_in(spans: Iterable[Span], first: dt.date, last: dt.date) -> Decimal:
    """How many days the spans have in common with those from the first to the last."""
    opens, closes = _midnight(first), _midnight(last + DAY)
    inside = (min(end, closes) - max(start, opens) for start, end in spans)
    return Decimal(sum(max(one // _MICROSECOND, 0) for one in inside)) / (DAY // _MICROSECOND)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, those that meet or overlap as one."""
    found: list[Span] = []
    for start, end in sorted(spans):
        before = found.pop() if found and start <= found[-1][1] else (start, end)
        found.append((before[0], max(before[1], end)))
    return found


def _without_heat(
    rule: Mapping[str, Any], outages: Iterable[Span], first: dt.date, last: dt.date
) -> list[Span]:
    """The time without heat between two days that counts by the rule."""
    spans = _joined(outages)
    opens, closes = _midnight(first), _midnight(last + DAY)
    term = dt.timedelta(hours=int(rule["after_hours"]))
    limit = rule["total_over_days"]
    all_count = limit is not None and _days_in(spans, first, last) > limit
    long = [
        (start, end)
        for start, end in spans
        if all_count or end - start > term or (end - start == term and rule["after_included"])
    ]
    found = [(max(start, opens), min(end, closes)) for start, end in long if start < closes and end > opens]
    if rule["counts"] == "whole_days":
        return [(start, start + (end - start).days * DAY) for start, end in found]
    if rule["counts"] == "calendar_days":
        return _joined((_midnight(start), _midnight(end - _MICROSECOND) + DAY) for start, end in found)
    return found


def _too_cold(
    tariff: Mapping[str, Any], rooms: Iterable[Any], first: dt.date, last: dt.date, dark: Sequence[Span]
) -> list[list[Decimal]]:
    """[days, °C] of the time below the tariff's standard between two days; of a day partly without heat the part that
    had it. By the month, with the mean of three measured days at least, where the refund is a share of its fee."""
    standard = tariff["refund_standard_c"]
    measured = sorted((_day(day), _day(asked), Decimal(temp)) for asked, day, temp in rooms)
    if tariff["refund_basis"] == "month":
        found = []
        for year, month in sorted({(day.year, day.month) for day, _, _ in measured}):
            span = max(dt.date(year, month, 1), first), min(checker.on(year, month, 31), last)
            temps = [temp for day, _, temp in measured if span[0] <= day <= span[1]]
            mean = (sum(temps, ZERO) / max(len(temps), 1)).quantize(checker.SHARP)
            if len(temps) >= 3 and mean < standard:
                found.append([Decimal(shared(span, span)), mean])
        return found
    hours = tariff.get("refund_after_hours") or 0
    number: dict[Decimal, Decimal] = {}
    for run in _runs(_cold_days(measured, standard)):
        for day, temp in run.items():
            if len(run) * 24 > hours and first <= day <= last:
                number[temp] = number.get(temp, ZERO) + 1 - _days_in(dark, day, day)
    return [[days, temp] for temp, days in sorted(number.items()) if days]


def _day(value: Any) -> dt.date:
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(value)


def _cold_days(measured: Iterable[Any], standard: Decimal) -> dict[dt.date, Decimal]:
    """Day -> °C of the days below the standard: measured, between two that are both below with the earlier temperature,
    or from a request to the first that is."""
    found: dict[dt.date, Decimal] = {}
    before: Any = None
    for day, asked, temp in measured:
        if temp < standard:
            if before is not None and before[1] < standard:
                start, held = before[0] + DAY, before[1]
            else:
                start, held = asked if before is None else max(asked, before[0] + DAY), temp
            found.update({start + DAY * number: held for number in range((day - start).days)})
            found[day] = temp
        before = day, temp
    return found


def _runs(days: Mapping[dt.date, Decimal]) -> list[dict[dt.date, Decimal]]:
    """The days without a break."""
    found: list[dict[dt.date, Decimal]] = []
    for day in sorted(days):
        if not found or day - DAY not in found[-1]:
            found.append({})
        found[-1][day] = days[day]
    return found


# -- a bill among the others


def _place(case: Case) -> tuple[bool, int]:
    """Rows of the filing come before those read from other filings, which count down from -1."""
    row = int(case["bill"]["source_row"])
    return row < 0, abs(row)


def _issue(case: Case) -> tuple[Any, ...]:
    bill = case["bill"]
    return bill.get("issued_on") or _NO_DAY, bill.get("bill_no") or "", _place(case)


def _is_same_service(one: Case, other: Case) -> bool:
    """Whether both charge the same account and season; only a metered account's prepayment and settlement go together."""
    for case in (one, other):
        bill = case["bill"]
        if bill.get("kind") not in ("season", "settlement") or not bill.get("account_no"):
            return False
        first, last = bill.get("service_from"), bill.get("service_to")
        if not first or not last or last < first:
            return False
    a, b = one["bill"], other["bill"]
    if (a["account_no"], a.get("season")) != (b["account_no"], b.get("season")):
        return False
    by_meter = (case["bill"]["kind"] == "settlement" and _method(case) == "metered" for case in (one, other))
    return bool(a["kind"] == b["kind"] or not any(by_meter))


def _method(case: Case) -> Any:
    return (case["account"] or case["bill"]).get("billing_method")


def _charges_heat(case: Case) -> bool:
    bill = case["bill"]
    in_parts = bill["kind"] == "settlement" or bill.get("base_charge") or bill.get("metered_charge")
    return bool(_method(case) == "metered" and in_parts)


def _last_day(case: Case, cases: Sequence[Case]) -> dt.date:
    """The last day of service; the day before it where the next bill starts on it, the tariff's season is written with
    an end that no longer counts, and the total is what is due without it."""
    bill, tariff = case["bill"], case["tariff"]
    first: dt.date = bill["service_from"]
    last: dt.date = bill["service_to"]
    meets = any(
        one is not case and _is_same_service(one, case) and one["bill"]["service_from"] == last
        for one in cases
    )
    if not meets or first == last or not tariff or not tariff["season"] or tariff["season"]["end_included"]:
        return last
    is_conditional = case.get("conditional_charge") and bill.get("other_charge")
    if any(checker.stand_in_the_way(case).values()) or case["after"] or is_conditional:
        return last
    try:
        shorter = {**case, "stated": {}, "bill": {**bill, "left": [(first, last - DAY)]}}
        total = checker.computed(shorter)["total"][1]
    except Missing:
        return last
    return last - DAY if total == bill.get("total") else last


def _days_of(case: Case, cases: Sequence[Case]) -> set[int]:
    opens = case["bill"]["service_from"].toordinal()
    return set(range(opens, _last_day(case, cases).toordinal() + 1))


def _earlier(case: Case, cases: Sequence[Case]) -> list[Case]:
    """The bills issued before that charge days of the same service."""
    if not _is_same_service(case, case):
        return []
    own = _days_of(case, cases)
    before = (one for one in cases if one is not case and _is_same_service(one, case))
    return [one for one in before if _issue(one) < _issue(case) and own & _days_of(one, cases)]


def _left(case: Case, cases: Sequence[Case], earlier: Sequence[Case]) -> dict[str, Any] | None:
    """What the earlier bills leave: ``left`` (first and last day of each stretch), ``heat_billed``, ``heat_open``; empty where
    that is all, None where it is nothing."""
    if not _is_same_service(case, case):
        return {}
    bill, heat, is_open = case["bill"], ZERO, False
    own = _days_of(case, cases)
    days = own.difference(*(_days_of(one, cases) for one in earlier))
    if not days:
        return None
    for one in earlier:
        if _charges_heat(case) and _charges_heat(one):
            other = one["bill"]
            opens = [row.get("reading_from") for row in (bill, other)]
            closes = [row.get("reading_to") for row in (bill, other)]
            if None in (*opens, *closes) or bill.get("heat_unit") != other.get("heat_unit"):
                is_open = True
            else:
                heat = max(heat, min(closes) - max(opens))
    starts = sorted(day for day in days if day - 1 not in days)
    ends = sorted(day for day in days if day + 1 not in days)
    stretches = [[dt.date.fromordinal(a), dt.date.fromordinal(b)] for a, b in zip(starts, ends, strict=True)]
    found: dict[str, Any] = {}
    if heat or stretches != [[bill["service_from"], bill["service_to"]]]:
        found["left"] = stretches
    if heat:
        found["heat_billed"] = heat
    if is_open and len(own - days) > 1:
        found["heat_open"] = True
    return found


def _original_of(case: Case, cases: Sequence[Case]) -> Any:
    """The bill that a correction, or a correction of corrections, corrects; None where it is not at hand."""
    numbers = {one["bill"]["bill_no"]: one for one in sorted(cases, key=_place) if one["bill"].get("bill_no")}
    found: Case | None = case
    for _ in cases:
        if found is not None and found["bill"].get("kind") == "correction":
            found = numbers.get(found["bill"].get("corrects_bill_no") or "")
    return None if found is None or found["bill"].get("kind") == "correction" else found
