"""How a line of a rating came about, told in Chinese and English. Figures are cut for reading, never for reckoning."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from typing import Protocol

from checks.ratings.scheme import Direction, Indicator, Unit

_DIGITS = Context(prec=40)
_SHOWN = {
    Unit.PERCENT: (100, "%", "%"),
    Unit.CNY_PER_MILLION: (1, "元", " CNY"),
    Unit.PER_THOUSAND: (1, "件", ""),
}


class Counted(Protocol):
    """What the wording needs of a fact."""

    @property
    def numerator(self) -> Decimal | int: ...
    @property
    def denominator(self) -> Decimal | int: ...
    @property
    def n(self) -> int: ...


def as_decimal(value: Fraction) -> Decimal:
    """``value`` as a Decimal: exact where it ends within 40 digits, else correct to 40 digits."""
    return _DIGITS.divide(Decimal(value.numerator), Decimal(value.denominator))


def how_zh(
    indicator: Indicator,
    state: str,
    fact: Counted | None,
    value: Fraction | None,
    used: Fraction | None,
    peer: Fraction | None,
    points: Fraction,
) -> str:
    if state == "missing_zero":
        return "应由企业报送的事实缺失，计0分。"
    if state == "missing_left_out":
        return "没有相应事实，本项不计，其余权重按比例放大。"
    if fact is None or value is None:
        return "没有可计量的情形，本项不计，其余权重按比例放大。"
    told = f"{_plain(fact.numerator)} ÷ {_plain(fact.denominator)}，即{_shown(indicator, value, 1)}（{fact.n}例）"
    if state == "too_few":
        return f"{told}；不足{indicator.minimum_n}例且无同业均值，本项不计，其余权重按比例放大。"
    if state == "shrunk" and used is not None and peer is not None:
        told += (
            f"；不足{indicator.minimum_n}例，按{fact.n}/{indicator.minimum_n}自身、其余同业均值"
            f"{_shown(indicator, peer, 1)}折算为{_shown(indicator, used, 1)}"
        )
    full, zero = ("≤", "≥") if indicator.direction is Direction.LOWER else ("≥", "≤")
    return (
        f"{told}；满分{full}{_shown(indicator, indicator.full, 1)}，零分{zero}{_shown(indicator, indicator.zero, 1)}，"
        f"得{_two(points)}分。"
    )


def how_en(
    indicator: Indicator,
    state: str,
    fact: Counted | None,
    value: Fraction | None,
    used: Fraction | None,
    peer: Fraction | None,
    points: Fraction,
) -> str:
    if state == "missing_zero":
        return "The company owes this fact and it is missing: 0 points."
    if state == "missing_left_out":
        return "Nobody has this fact: left out, the other weights scaled up."
    if fact is None or value is None:
        return "There was nothing to measure: left out, the other weights scaled up."
    told = f"{_plain(fact.numerator)} / {_plain(fact.denominator)} = {_shown(indicator, value, 2)} (n = {fact.n})"
    if state == "too_few":
        return f"{told}; fewer than {indicator.minimum_n} cases and no peer mean: left out, the other weights scaled up."
    if state == "shrunk" and used is not None and peer is not None:
        told += (
            f"; fewer than {indicator.minimum_n} cases: {fact.n}/{indicator.minimum_n} its own, the rest the peers' "
            f"{_shown(indicator, peer, 2)}, gives {_shown(indicator, used, 2)}"
        )
    full, zero = ("<=", ">=") if indicator.direction is Direction.LOWER else (">=", "<=")
    return (
        f"{told}; full marks {full} {_shown(indicator, indicator.full, 2)}, none {zero} "
        f"{_shown(indicator, indicator.zero, 2)}: {_two(points)} points."
    )


def _shown(indicator: Indicator, value: Fraction, language: int) -> str:
    factor = _SHOWN[indicator.unit][0]
    return f"{_plain(_cut(value * factor))}{_SHOWN[indicator.unit][language]}"


def _two(value: Fraction) -> str:
    return str(_cut(value))


def _cut(value: Fraction) -> Decimal:
    return as_decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _plain(figure: Decimal | int) -> str:
    text = f"{figure:f}" if isinstance(figure, Decimal) else str(figure)
    return text.rstrip("0").rstrip(".") if "." in text else text
