"""The words of ratings, and figures as people read them. Shown figures are cut for reading, never reckoned with."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from checks.ratings import Indicator, Scheme
from checks.ratings.scheme import Unit
from supervision.ratings.lifecycle import STATES, Told

__all__ = ["STATES", "Told"]

LINE_STATES: dict[str, Told] = {
    "counted": Told("计分", "Counted", "good"),
    "shrunk": Told("样本少，向同业折算", "Few cases: drawn towards the peers", "info"),
    "nothing_to_measure": Told("无可计量，不计", "Nothing to measure: left out"),
    "too_few": Told("样本不足，不计", "Too few cases: left out"),
    "missing_zero": Told("应报未报，计0分", "Owed and missing: 0 points", "bad"),
    "missing_left_out": Told("尚无事实，不计", "No fact: left out"),
}
LIMITER_STATES: dict[str, Told] = {
    "hit": Told("已触发", "In force", "bad"),
    "clear": Told("未触发", "Clear", "good"),
    "not_evaluated": Told("未评估", "Not evaluated", "open"),
}
TIMELINESS: dict[str, Told] = {
    "on_time": Told("按时", "On time", "good"),
    "late": Told("迟报", "Late", "open"),
    "missing": Told("未报送", "Missing", "bad"),
    "not_yet": Told("未到期", "Not due yet"),
}
FEEDS: dict[str, Told] = {"accounts": Told("用户台账", "Roster of accounts"), "bills": Told("账单", "Bills")}
_TONES = ("good", "info", "open", "bad")
_UNITS: dict[Unit, tuple[int, str, str, str]] = {  # factor, what stands behind, the unit by itself
    Unit.PERCENT: (100, "%", "%", "%"),
    Unit.CNY_PER_MILLION: (1, "", "元/百万元", "CNY per million"),
    Unit.PER_THOUSAND: (1, "", "件/千户", "per 1,000 accounts"),
}


def grade_tone(scheme: Scheme, letter: str) -> str:
    """The colour of a grade: the best is good, the worst bad."""
    place = [grade.letter for grade in scheme.grades].index(letter)
    return "bad" if place == len(scheme.grades) - 1 else _TONES[min(place, len(_TONES) - 1)]


def grade_text(scheme: Scheme, letter: str) -> dict[str, str]:
    grade = scheme.named(letter)
    return {"zh": f"{letter} 级（{grade.zh}）", "en": f"{letter} ({grade.en})"}


def shown(indicator: Indicator, value: str | Decimal | Fraction | None) -> str:
    """A value of the indicator in its own unit with at most two decimals; a dash where there is none."""
    if value is None:
        return "—"
    factor, behind, _, _ = _UNITS[indicator.unit]
    return two(Fraction(value) * factor) + behind


def shown_number(indicator: Indicator, value: str | None) -> str | None:
    """The same without its unit or separators, for a document."""
    if value is None:
        return None
    return two(Fraction(value) * _UNITS[indicator.unit][0]).replace(",", "").replace("−", "-")


def unit(indicator: Indicator) -> dict[str, str]:
    _, _, zh, en = _UNITS[indicator.unit]
    return {"zh": zh, "en": en}


def two(value: str | Decimal | Fraction) -> str:
    """At most two decimals, half up, thousands apart."""
    exact = Fraction(value)
    rounded = (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(Decimal("0.01"), ROUND_HALF_UP)
    text = f"{rounded:,f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text).replace("-", "−")


def score(value: Decimal) -> str:
    """Two decimals, cut and never rounded up: a shown 90.00 is never a B."""
    return f"{(value * 100).to_integral_value('ROUND_FLOOR') / 100:.2f}"


def count(text: str | None) -> str:
    """A numerator or denominator as counted, thousands apart."""
    return "—" if text is None else f"{Decimal(text):,f}"


def formula(indicator: Indicator, line: Mapping[str, Any]) -> str | None:
    """The straight line with this line's numbers; None where it earned no points by value."""
    if line["value_used"] is None:
        return None
    used = shown(indicator, line["value_used"])
    full, zero = shown(indicator, indicator.full), shown(indicator, indicator.zero)
    return f"100 × ({zero} − {used}) ÷ ({zero} − {full}) → {two(line['points'])}"


def contribution(line: Mapping[str, Any]) -> Fraction:
    """What the line adds to the score."""
    return Fraction(line["points"]) * Fraction(line["weight_used"]) / 100


def lost(line: Mapping[str, Any]) -> Fraction:
    """What the line takes from a full score."""
    return (100 - Fraction(line["points"])) * Fraction(line["weight_used"]) / 100


def main_reasons(scheme: Scheme, lines: list[dict[str, Any]], most: int = 3) -> list[dict[str, str]]:
    """The indicators that cost most, each with what it cost (SR7)."""
    costly = sorted((line for line in lines if lost(line) > 0), key=lost, reverse=True)[:most]
    if not costly:
        return [{"zh": "各项指标均得满分。", "en": "Every indicator has full marks."}]
    reasons = []
    for line in costly:
        indicator, cost = scheme.indicator(line["indicator"]), two(lost(line))
        told_zh = told_en = ""
        if line["value"] is not None:
            value, named = shown(indicator, line["value"]), unit(indicator)
            is_percent = indicator.unit is Unit.PERCENT
            told_zh = f"（{value}）" if is_percent else f"（{value} {named['zh']}）"
            told_en = f" ({value})" if is_percent else f" ({value} {named['en']})"
        reasons.append(
            {
                "zh": f"{indicator.zh}{told_zh}，使总分减少 {cost} 分。",
                "en": f"{indicator.en}{told_en}: {cost} points off the score.",
            }
        )
    return reasons


def coverage(bills: Mapping[str, Any] | None) -> str | None:
    """Percent of the season's bills that could be recomputed, cut to two decimals; None where none were filed."""
    if not bills or not bills["bills"]:
        return None
    cut = bills["concluded"] * 10_000 // bills["bills"]
    return f"{cut // 100}.{cut % 100:02d}".rstrip("0").rstrip(".")
