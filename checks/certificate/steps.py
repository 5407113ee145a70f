"""The steps of a certificate: name, formula, inputs, exact value, rounding and result of everything on the way."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from checks.certificate.exact import Rounded, exact_due
from checks.recompute.bounds import heat_range
from checks.recompute.execution import RECORDABLE, plain_facts
from checks.recompute.filed import COMPUTED_LINES
from checks.recompute.formulas import LABELS, money, share_text, yuan
from checks.recompute.rules import Facts, Terms
from checks.recompute.text import Text
from checks.recompute.worksheet import Line, Worked
from checks.tariffs.load import tariff_to_dict
from checks.tariffs.record import Tariff

NAMES: Mapping[str, Text] = {
    **LABELS,
    "area": Text("计价面积（m²）", "Area that is priced (m²)"),
    "heated_part": Text("供热部分占采暖季", "Heated part of the season"),
    "suspended_part": Text("停热部分占采暖季", "Suspended part of the season"),
    "heat": Text("用热量（按热价单位）", "Heat used, in the unit of the price"),
    "height_share": Text("超高加价比例", "Share of the surcharge for high rooms"),
    "cap_limit": Text("封顶金额", "The cap"),
    "late_fee_allowed": Text("违约金上限", "The most a late fee may be"),
    "most_refund": Text("如停热涉及本户的退费", "Refund if the outage was at this home"),
    "least_total": Text("合计下限", "The least the total can be"),
    "greatest_total": Text("合计上限", "The most the total can be"),
}


def steps_of(
    found: Worked, bill: Mapping[str, Any], account: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """The steps in the order they are made; none where the bill cannot be computed. A duplicate, a correction and
    a bill in parts have their lines and the total alone: they are settled against other bills, or summed."""
    if found.sheet.missing:
        return []
    done = found.done
    lines = {line.code: line for line in found.sheet.lines}
    total = int(done.due.total[0])  # type: ignore[index]
    if done.is_duplicate[0] or done.is_correction[0] or 0 in done.prepared.parts:
        due = {line: int(getattr(done.due, line)[0]) for line in COMPUTED_LINES}
        made = [_step(line, None, amount, lines.get(line)) for line, amount in due.items()]
        in_parts = 0 in done.prepared.parts
        stated = int(np.asarray(done.prepared.facts.stated)[0]) if in_parts else 0
        return [*made, _step("total", None, total, None, _sum_of(due, total, stated))]
    facts = next(plain_facts(done.prepared.facts, done.prepared.group[:1] * 0))
    terms = done.prepared.terms[int(done.prepared.group[0])]
    tariff = done.prepared.pricing.tariffs[int(done.prepared.pricing.tariff[0])]
    return _of_one_bill(found, facts, terms, tariff, _Sources(bill, account, tariff_to_dict(tariff)))


def _of_one_bill(
    found: Worked, facts: Facts, terms: Terms, tariff: Tariff, sources: _Sources
) -> list[dict[str, Any]]:
    due = exact_due(facts, terms)
    lines = {line.code: line for line in found.sheet.lines}
    steps = _quantities(facts, terms, tariff)
    for name in COMPUTED_LINES:
        if name == "cap_reduction" and facts.two_part and terms.cap == 1:
            steps.append(_step("cap_limit", due.cap_limit, due.cap_limit, None))
        if name == "late_fee" and facts.late_billed:
            steps.append(_step("late_fee_allowed", due.late_allowed, due.late_allowed, None))
        step = _step(name, getattr(due, name), getattr(due, name), lines.get(name))
        steps.append({**step, "inputs": sources.of(lines.get(name))})
    back = found.done.prepared.refunds.get(0)
    if back is not None:
        billed = int(found.done.prepared.filed.lines["refund"][0])
        exact = None if back.rooms_open else -back.exact()
        step = _step("refund", None, back.line(billed), lines.get("refund"))
        steps.append({**step, "exact": None if exact is None else ratio_text(exact / 100)})
        if back.dark is not None and back.dark.is_open and not back.rooms_open:
            steps.append(_step("most_refund", None, back.least_line(billed), None))
    by_line = {name: int(getattr(due, name)) for name in COMPUTED_LINES}
    total = _step("total", None, due.total, None, _sum_of(by_line, due.total, facts.stated))
    total["exact"] = ratio_text(Fraction(due.fee + due.late_fee, 100))
    total["rounding"] = None if terms.total_unit == 1 else _rounding(terms.total_unit)
    return [*steps, total, *_bounds(found, facts, terms, tariff)]


def _quantities(facts: Facts, terms: Terms, tariff: Tariff) -> list[dict[str, Any]]:
    """Area, parts of the season, heat and share: exact, never rounded."""
    steps = []
    is_paused = facts.suspended > 0 and terms.suspension_num != 0
    if facts.heated or is_paused:
        factor = Fraction(facts.area_num, facts.area_den)
        formula = f"{Decimal(facts.area).scaleb(-2):,.2f} m²" + (
            "" if factor == 1 else f" × {ratio_text(factor)}"
        )
        steps.append(_quantity("area", Fraction(facts.area, 100) * factor, formula))
    for name, part in (("heated_part", facts.heated), ("suspended_part", facts.suspended)):
        steps.append(_quantity(name, Fraction(part, facts.season), f"{part}/{facts.season}"))
    if facts.two_part and tariff.metered_price is not None:
        conversion = Fraction(facts.heat_num, facts.heat_den)
        heat = f"{Decimal(facts.heat).scaleb(-3):,.3f}" + (
            "" if conversion == 1 else f" × {ratio_text(conversion)}"
        )
        exact = Fraction(facts.heat, 1000) * conversion
        steps.append(_quantity("heat", exact, f"{heat} {tariff.metered_price.unit}"))
    if facts.height_num:
        share = Fraction(facts.height_num, facts.height_den)
        steps.append(_quantity("height_share", share, share_text(share)))
    return steps


def _bounds(found: Worked, facts: Facts, terms: Terms, tariff: Tariff) -> list[dict[str, Any]]:
    """The least and the greatest total where an input is known to a range only: a heat stated within the digit of the
    counter, a storey height that stands for the net height below it. Empty where every input is one number."""
    filed = found.done.prepared.filed
    least, greatest = facts, facts
    heat = heat_range(filed)
    if facts.two_part and heat.where[0]:
        least = least._replace(heat=int(heat.least[0]))
        greatest = greatest._replace(heat=int(heat.greatest[0]))
    if facts.height_num and tariff.height is not None and tariff.height.net_height:
        least = least._replace(height_num=0)
    if least == greatest:
        return []
    ends = [exact_due(end, terms) for end in (least, greatest)]
    if any(end.missing or max(map(abs, end)) >= RECORDABLE for end in ends):
        return []
    names = ("least_total", "greatest_total")
    return [_step(name, None, end.total, None) for name, end in zip(names, ends, strict=True)]


def _quantity(name: str, exact: Fraction, formula: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": NAMES[name]._asdict(),
        "formula": {"zh": formula, "en": formula},
        "inputs": [],
        "exact": ratio_text(exact),
        "rounding": None,
        "result": None,
    }


def _step(
    name: str, exact: int | None, result: int, line: Line | None, formula: str | None = None
) -> dict[str, Any]:
    """One amount; ``exact`` is the amount of the rules, which may remember what it was before it was rounded."""
    text = Text(formula, formula) if formula is not None else Text(money(result), money(result))
    was_rounded = isinstance(exact, Rounded) and exact.exact != 0
    return {
        "name": name,
        "title": NAMES[name]._asdict(),
        "formula": (line.formula if line is not None else text)._asdict(),
        "inputs": [],
        "exact": ratio_text(exact.exact / 100) if was_rounded and isinstance(exact, Rounded) else None,
        "rounding": _rounding(exact.unit) if was_rounded and isinstance(exact, Rounded) else None,
        "result": f"{yuan(int(result)):f}",
    }


def _rounding(unit_fen: int) -> dict[str, str]:
    return {"unit": f"{yuan(unit_fen):f}", "mode": "half_away_from_zero", "zh": "四舍五入（负数离零）"}


def _sum_of(due: Mapping[str, int], total: int, stated: int) -> str:
    parts = [money(amount) for amount in (*due.values(), stated) if amount]
    return " + ".join(parts or ["0.00"]) + f" = {money(total)}"


def ratio_text(value: Fraction) -> str:
    """As a decimal where it ends, else as above/below."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    if rest != 1:
        return f"{value.numerator}/{value.denominator}"
    places = 0
    while value.denominator != 1:
        value, places = value * 10, places + 1
    return f"{Decimal(value.numerator).scaleb(-places):f}"


class _Sources:
    """The values behind a line, each with the place it stands at."""

    def __init__(
        self, bill: Mapping[str, Any], account: Mapping[str, Any] | None, tariff: Mapping[str, Any]
    ) -> None:
        self._tables = {"bills": bill, "accounts": account or {}, "tariff": tariff}

    def of(self, line: Line | None) -> list[dict[str, Any]]:
        if line is None:
            return []
        return [
            {
                "table": one.table,
                "row": one.row,
                "field": one.field,
                "value": _written(self._tables[one.table].get(one.field)),
            }
            for one in line.sources
        ]


def _written(value: Any) -> Any:
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if hasattr(value, "isoformat") else value
