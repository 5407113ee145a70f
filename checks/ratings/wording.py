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


def how(
    indicator: Indicator,
    state: str,
    fact: Counted | None,
    value: Fraction | None,
    used: Fraction | None,
    peer: Fraction | None,
    points: Fraction,
) -> tuple[str, str]:
    """How the points of a line came about, in Chinese and in English."""
    if state == "missing_zero":
        return "应由企业报送的事实缺失，计0分。", "The company owes this fact and it is missing: 0 points."
    if state == "missing_left_out":
        return (
            "没有相应事实，本项不计，其余权重按比例放大。",
            "Nobody has this fact: left out, the other weights scaled up.",
        )
    if fact is None or value is None:
        return (
            "没有可计量的情形，本项不计，其余权重按比例放大。",
            "There was nothing to measure: left out, the other weights scaled up.",
        )
    above, below, least = _plain(fact.numerator), _plain(fact.denominator), indicator.minimum_n
    (value_zh, value_en) = _shown(indicator, value)
    zh, en = (
        f"{above} ÷ {below}，即{value_zh}（{fact.n}例）",
        f"{above} / {below} = {value_en} (n = {fact.n})",
    )
    if state == "too_few":
        return (
            f"{zh}；不足{least}例且无同业均值，本项不计，其余权重按比例放大。",
            f"{en}; fewer than {least} cases and no peer mean: left out, the other weights scaled up.",
        )
    if state == "shrunk" and used is not None and peer is not None:
        (peer_zh, peer_en), (used_zh, used_en) = _shown(indicator, peer), _shown(indicator, used)
        zh += f"；不足{least}例，按{fact.n}/{least}自身、其余同业均值{peer_zh}折算为{used_zh}"
        en += f"; fewer than {least} cases: {fact.n}/{least} its own, the rest the peers' {peer_en}, gives {used_en}"
    (full_zh, full_en), (zero_zh, zero_en) = (
        _shown(indicator, indicator.full),
        _shown(indicator, indicator.zero),
    )
    is_lower = indicator.direction is Direction.LOWER
    at_full, at_zero = ("≤", "≥") if is_lower else ("≥", "≤")
    to_full, to_zero = ("<=", ">=") if is_lower else (">=", "<=")
    return (
        f"{zh}；满分{at_full}{full_zh}，零分{at_zero}{zero_zh}，得{_two(points)}分。",
        f"{en}; full marks {to_full} {full_en}, none {to_zero} {zero_en}: {_two(points)} points.",
    )


def _shown(indicator: Indicator, value: Fraction) -> tuple[str, str]:
    factor, zh, en = _SHOWN[indicator.unit]
    figure = _plain(_cut(value * factor))
    return f"{figure}{zh}", f"{figure}{en}"


def _two(value: Fraction) -> str:
    return str(_cut(value))


def _cut(value: Fraction) -> Decimal:
    return as_decimal(value).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def _plain(figure: Decimal | int) -> str:
    text = f"{figure:f}" if isinstance(figure, Decimal) else str(figure)
    return text.rstrip("0").rstrip(".") if "." in text else text
