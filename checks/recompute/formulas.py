"""The lines of a worksheet as formulas with the numbers filled in, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from checks.fees import Fee, FeeRegister, Ruling, Standing
from checks.recompute import rules
from checks.recompute.refunds import RefundDue
from checks.recompute.rules import Due, Facts, Terms
from checks.recompute.terms import HEAT_UNITS, counts_started_months
from checks.recompute.text import Text, counted
from checks.tariffs.record import Per, Price, Tariff

LABELS: Mapping[str, Text] = {
    "area_charge": Text("面积热费", "Charge by area"),
    "base_charge": Text("基本热费", "Base charge"),
    "metered_charge": Text("计量热费", "Metered charge"),
    "height_surcharge": Text("超高加价", "Surcharge for high rooms"),
    "suspension_charge": Text("停热费", "Suspension charge"),
    "late_fee": Text("违约金", "Late fee"),
    "cap_reduction": Text("封顶核减", "Reduction by the cap"),
    "other_charge": Text("其他费用", "Other charge"),
    "refund": Text("退费", "Refund"),
    "subsidy": Text("补贴", "Subsidy"),
    "total": Text("合计", "Total"),
}

_UNIT_OF_PART = {Per.DAY: Text("天", "day"), Per.MONTH: Text("月", "month"), Per.SEASON: Text("天", "day")}
_PER = {
    Per.SEASON: Text("元/m²", "CNY/m²"),
    Per.MONTH: Text("元/(m²·月)", "CNY/(m²·month)"),
    Per.DAY: Text("元/(m²·天)", "CNY/(m²·day)"),
}
_STEP_OF_CONVERSION = {
    ("kWh", "kWh"): "",
    ("GJ", "GJ"): "",
    ("MWh", "kWh"): " × 1000 kWh/MWh",
    ("GJ", "kWh"): " × 277.778 kWh/GJ",
    ("MJ", "kWh"): " × 0.277778 kWh/MJ",
    ("kWh", "GJ"): " ÷ 277.778 kWh/GJ",
    ("MWh", "GJ"): " × 1000 kWh/MWh ÷ 277.778 kWh/GJ",
    ("MJ", "GJ"): " ÷ 1000 MJ/GJ",
}


def money(fen: int) -> str:
    """Fen as CNY with thousands separators: 383200 is ``3,832.00``."""
    sign = "−" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def yuan(fen: int) -> Decimal:
    """Fen as a decimal of CNY with two places."""
    return Decimal(fen).scaleb(-2)


def plain(value: Decimal) -> str:
    """A published number without superfluous zeros: 0.90 is ``0.9``."""
    return f"{value.normalize():f}"


def share_text(share: Fraction) -> str:
    """A share as per cent where that is exact in four places, else as a fraction."""
    per_cent = share * 100
    if 10_000 % per_cent.denominator == 0:
        return f"{plain(Decimal(per_cent.numerator) / Decimal(per_cent.denominator))} %"
    return f"{share.numerator}/{share.denominator}"


def mixed_number(value: Fraction) -> str:
    """Whole months and the part of a month: 61/30 is ``2 1/30``."""
    whole, rest = divmod(value.numerator, value.denominator)
    if rest == 0:
        return str(whole)
    return f"{whole} {rest}/{value.denominator}" if whole else f"{rest}/{value.denominator}"


def both(zh: str, en: str, zh_money: str) -> Text:
    """A formula with its result in CNY."""
    return Text(f"{zh} = {zh_money} 元", f"{en} = {zh_money} CNY")


class Formulas:
    """The formulas of one bill: its facts, its tariff and what came out."""

    def __init__(
        self,
        facts: Facts,
        terms: Terms,
        due: Due,
        tariff: Tariff,
        heat_unit: int,
        *,
        counts_months: bool = False,
    ) -> None:
        self.counts_months = counts_months  # a part of the season is whole months and days of months
        self.facts = facts
        self.terms = terms
        self.due = due
        self.tariff = tariff
        self.heat_unit = heat_unit

    def of(self, line: str) -> Text:
        """The formula of a computed line."""
        described: Text = getattr(self, f"_{line}")()
        return described

    def _area(self) -> str:
        square_metres = f"{Decimal(self.facts.area).scaleb(-2):,.2f} m²"
        factor = Fraction(self.facts.area_num, self.facts.area_den)
        return square_metres if factor == 1 else f"{square_metres} × {_factor_text(factor)}"

    def _by_area(self, price: Price | None, part: int, share: Fraction | None, result: int) -> Text:
        if price is None:
            return both("0.00", "0.00", money(result))
        times_zh, times_en = self._times(price, part)
        share_part = "" if share is None else f" × {share_text(share)}"
        per = _PER[price.per]
        head = f"{self._area()} × {plain(price.value)}"
        return both(
            f"{head} {per.zh}{times_zh}{share_part}", f"{head} {per.en}{times_en}{share_part}", money(result)
        )

    def _times(self, price: Price, part: int) -> tuple[str, str]:
        """The number of days or months of the part, or the part of a season price."""
        season = self.facts.season
        by_months = counts_started_months(self.tariff)
        unit = _UNIT_OF_PART[Per.MONTH] if by_months else _UNIT_OF_PART[Per.DAY]
        if price.per is Per.MONTH and not by_months and part != season and self.counts_months:
            months = mixed_number(Fraction(part * price.periods, season))
            return f" × {months} 月", f" × {counted(months, 'month')}"
        fits_price = price.per is (Per.MONTH if by_months else Per.DAY) and price.periods == season
        if price.per is Per.SEASON:
            return (
                ("", "")
                if part == season
                else (f" × {part}/{season} {unit.zh}", f" × {counted(f'{part}/{season}', unit.en)}")
            )
        own = _UNIT_OF_PART[price.per]
        if fits_price:
            return f" × {part} {own.zh}", f" × {counted(part, own.en)}"
        whole = f" × {price.periods} "
        if part == season:
            return f"{whole}{own.zh}", f" × {counted(price.periods, own.en)}"
        return (
            f"{whole}{own.zh} × {part}/{season} {unit.zh}",
            f" × {counted(price.periods, own.en)} × {counted(f'{part}/{season}', unit.en)}",
        )

    def _area_charge(self) -> Text:
        if self.facts.two_part or not self.facts.heated:
            return both("0.00", "0.00", money(self.due.area_charge))
        return self._by_area(self.tariff.area_price, self.facts.heated, None, self.due.area_charge)

    def _base_charge(self) -> Text:
        return self._by_area(
            self.tariff.base_price if self.facts.two_part else None,
            self.facts.heated,
            None,
            self.due.base_charge,
        )

    def _metered_charge(self) -> Text:
        price = self.tariff.metered_price
        if price is None or not self.facts.two_part:
            return both("0.00", "0.00", money(self.due.metered_charge))
        unit = HEAT_UNITS[self.heat_unit]
        heat = f"{Decimal(self.facts.heat).scaleb(-3):,.3f} {unit}"
        steps = _STEP_OF_CONVERSION[unit, price.unit.value]
        head = f"{heat}{steps} × {plain(price.value)}"
        return both(
            f"{head} 元/{price.unit.value}",
            f"{head} CNY/{price.unit.value}",
            money(self.due.metered_charge),
        )

    def _height_surcharge(self) -> Text:
        share = Fraction(self.facts.height_num, self.facts.height_den)
        on_base = self.terms.height_on_base == 1 or self.facts.two_part == 1
        price = self.tariff.base_price if on_base else self.tariff.area_price
        if share == 0:
            return both("0.00", "0.00", money(self.due.height_surcharge))
        return self._by_area(price, self.facts.heated, share, self.due.height_surcharge)

    def _suspension_charge(self) -> Text:
        share = Fraction(self.terms.suspension_num, self.terms.suspension_den)
        if not self.facts.suspended or share == 0:
            return both("0.00", "0.00", money(self.due.suspension_charge))
        return self._by_area(self.tariff.area_price, self.facts.suspended, share, self.due.suspension_charge)

    def _cap_reduction(self) -> Text:
        parts = money(self.due.base_charge + self.due.metered_charge)
        if self.terms.cap != rules.CAP_SHARE or not self.facts.two_part:
            return both("0.00", "0.00", money(self.due.cap_reduction))
        cap = f"{money(self.due.area_fee)} × {share_text(Fraction(self.terms.cap_num, self.terms.cap_den))}"
        limit = money(self.due.cap_limit)
        return both(
            f"封顶 {cap} = {limit} 元，基本与计量热费 {parts} 元；min(0, {limit} − {parts})",
            f"cap {cap} = {limit} CNY, base and metered {parts} CNY; min(0, {limit} − {parts})",
            money(self.due.cap_reduction),
        )

    def _late_fee(self) -> Text:
        days, billed = self.facts.late_days, self.facts.late_billed
        rate = share_text(Fraction(self.terms.late_num, self.terms.late_den))
        allowed = self.due.late_allowed
        if not billed or not allowed:
            return both("0.00", "0.00", money(self.due.late_fee))
        basis = self.due.fee - (self.facts.prepaid if self.terms.late == rules.LATE_DAILY_ON_UNPAID else 0)
        once = self.terms.late == rules.LATE_ONCE
        head = f"{money(basis)} × {rate}"
        zh = head if once else f"{head} × {days} 天"
        en = head if once else f"{head} × {counted(days, 'day')}"
        if self.terms.late_max_num >= 0:
            most = f"{money(self.due.fee)} × {share_text(Fraction(self.terms.late_max_num, self.terms.late_max_den))}"
            zh, en = f"min({zh}, {most})", f"min({en}, {most})"
        return both(
            f"最高 {zh} = {money(allowed)} 元；账单 {money(billed)} 元，取较小者",
            f"at most {en} = {money(allowed)} CNY; billed {money(billed)} CNY, the smaller of the two",
            money(self.due.late_fee),
        )


def _factor_text(factor: Fraction) -> str:
    decimal = Decimal(factor.numerator) / Decimal(factor.denominator)
    exact = Fraction(decimal) == factor
    return plain(decimal) if exact else f"{factor.numerator}/{factor.denominator}"


def stated_formula(billed: int) -> Text:
    """What stands beside a refund or subsidy that the rules do not compute; ``billed`` in fen."""
    if billed > 0:
        return Text(
            "退费和补贴只能抵减热费：正数不计，应退还",
            "a refund or subsidy can only lower the fee: a positive one counts nothing and is due back",
        )
    return Text("按账单所列，账单数据不足以核算", "as billed; the bill's data do not let it be computed")


def refund_formula(refund: RefundDue, billed: int) -> Text:
    """What stands beside a refund that the feeds say is due."""
    cold_zh = "、".join(f"{mixed_number(days)} 天 {_degrees(temp)} ℃" for days, temp in refund.cold.stretches)
    cold_en = ", ".join(
        f"{mixed_number(days)} {'day' if days == 1 else 'days'} at {_degrees(temp)} °C"
        for days, temp in refund.cold.stretches
    )
    if refund.rooms_open:
        return Text(
            f"报修后测得 {cold_zh}；退费按不达标房间的面积计算，该面积没有报送，按账单所列，最多 {money(refund.amount())} 元",
            f"measured after a request: {cold_en}; the refund goes by the area of the rooms that failed, which is not "
            f"filed: as billed, at most {money(refund.amount())} CNY",
        )
    parts = []
    if refund.weight > 0:
        due = f"{money(refund.basis)} × {mixed_number(refund.weight)} ÷ {refund.days}"
        weight = mixed_number(refund.weight)
        parts.append(
            (
                Text(f"报修后测得 {cold_zh}", f"measured after a request: {cold_en}"),
                due,
                Text(f"（按档次折成 {weight} 天）", f" (weighted by the bands: {weight} days)"),
            )
        )
    if refund.dark is not None and refund.dark.days > 0:
        parts.append(_dark_part(refund))
    said = Text("；".join(p[0].zh for p in parts), "; ".join(p[0].en for p in parts))
    sums = " + ".join(p[1] for p in parts)
    why = Text("".join(p[2].zh for p in parts), "".join(p[2].en for p in parts))
    open_ = _open_part(refund, billed)
    if not parts:
        return open_
    higher = -billed > refund.amount()
    return Text(
        f"{said.zh}；{sums} = {money(refund.amount())} 元{why.zh}"
        + ("；账单退得更多，按账单所列" if higher else "")
        + (f"；{open_.zh}" if open_.zh else ""),
        f"{said.en}; {sums} = {money(refund.amount())} CNY{why.en}"
        + ("; the bill gives back more, which stands" if higher else "")
        + (f"; {open_.en}" if open_.en else ""),
    )


def _dark_part(refund: RefundDue) -> tuple[Text, str, Text]:
    dark = refund.dark
    assert dark is not None
    times = [f"{_instant(start)}–{_instant(end)}" for start, end in dark.stretches]
    days = mixed_number(dark.days)
    share = "" if dark.share == 1 else f" × {share_text(dark.share)}"
    zh = "" if dark.share == 1 else f"（按 {share_text(dark.share)} 退）"
    en = "" if dark.share == 1 else f" ({share_text(dark.share)} of the daily fee)"
    return (
        Text(
            f"停热 {'、'.join(times)}，计 {days} 天",
            f"without heat {', '.join(times)}, counted as {days} days",
        ),
        f"{money(dark.basis)} × {days}{share} ÷ {refund.days}",
        Text(zh, en),
    )


def _open_part(refund: RefundDue, billed: int) -> Text:
    """What an outage of a part of the network leaves open."""
    if refund.dark is None or not refund.dark.is_open:
        return Text("", "")
    most = money(-refund.least_line(billed))
    return Text(
        f"热网部分停热，未报送涉及的用户；如涉及本户，应退 {most} 元",
        f"a part of the network was without heat, and whose homes is not filed; {most} CNY are due back if this one was",
    )


def _instant(micros: int) -> str:
    """An instant of official time to the minute."""
    at = dt.datetime(1970, 1, 1) + dt.timedelta(microseconds=micros)  # noqa: DTZ001 - official time as such
    return f"{at:%Y-%m-%d %H:%M}"


def _degrees(temp: Fraction) -> str:
    hundredths = rules.rounded(temp.numerator * 100, temp.denominator, 1, rules.HALF_AWAY)
    return plain(Decimal(hundredths).scaleb(-2))


_STANDING: Mapping[Standing, Text] = {
    Standing.ABOLISHED: Text("已明令取消", "was abolished"),
    Standing.FORBIDDEN: Text("不得收取", "must not be charged"),
    Standing.INSIDE_PRICE: Text(
        "已含在热价内，不得另收", "is inside the price and must not be charged beside it"
    ),
    Standing.NO_AUTHORITY: Text("没有定价依据", "was set by no price authority"),
    Standing.CONDITIONAL: Text(
        "仅在符合条件时可在限额内收取", "may be charged on a condition, up to a limit"
    ),
}


def outside_formula(name: Any, fee: Fee | None, ruling: Ruling | None, register: FeeRegister) -> Text:
    """What stands beside a charge that is not part of the tariff: what the register of charges says of it."""
    called = f"“{name}”" if name else "该项"
    called_en = f"“{name}”" if name else "this charge"
    if fee is None:
        return Text(
            f"{called}不在收费项目登记中，没有定价依据，应收 0.00 元",
            f"{called_en} is not in the register of charges, no price authority has set it: 0.00 CNY due",
        )
    if ruling is None:
        return Text(
            f"{called}（登记项目：{fee.zh}）没有定价依据，应收 0.00 元",
            f"{called_en} (registered as {fee.en}): no price authority has set it: 0.00 CNY due",
        )
    source, says = register.source_of(ruling), _STANDING[ruling.standing]
    return Text(
        f"{called}（登记项目：{fee.zh}）{says.zh}：{source.name}，{ruling.says_zh}；应收 0.00 元",
        f"{called_en} (registered as {fee.en}) {says.en}: {source.name_en}, {ruling.says_en}; 0.00 CNY due",
    )
