"""A tariff record as integers: prices, shares and rates as fractions in lowest terms, nothing lost and nothing added.

Sources: the tariff record (``checks.tariffs.record``). Where several readings are possible the one taken here is
stated in docs/recomputation.md.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from checks.recompute import rules
from checks.recompute.rules import Terms
from checks.tariffs.record import (
    HeatUnit,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    Per,
    Price,
    Proration,
    RoundingWhen,
    StartedStep,
    Tariff,
)

#: 1 GJ = 277.778 kWh, as the published notices convert.
KWH_PER_GJ = Fraction(277_778, 1000)

#: kWh in one filed unit, exact and declared.
KWH_IN: dict[str, Fraction] = {
    "kWh": Fraction(1),
    "MWh": Fraction(1000),
    "GJ": KWH_PER_GJ,
    "MJ": KWH_PER_GJ / 1000,
}
HEAT_UNITS: tuple[str, ...] = tuple(KWH_IN)

_NOT_PUBLISHED = Fraction(-1)

#: In Shandong the base price is at most this share of the area price (山东省供热条例, article 23), which therefore is
#: at least the base price divided by it.
SHANDONG_MOST_BASE = Fraction(30, 100)
_SHANDONG = "山东"

_LATE = {
    LateFeeShape.DAILY_ON_TOTAL: rules.LATE_DAILY_ON_TOTAL,
    LateFeeShape.DAILY_ON_UNPAID: rules.LATE_DAILY_ON_UNPAID,
    LateFeeShape.ONCE: rules.LATE_ONCE,
    LateFeeShape.FORBIDDEN: rules.LATE_FORBIDDEN,
}


def heat_conversion(filed: str, priced: HeatUnit) -> Fraction:
    """How many priced units are one filed unit: 1 MWh is 1000 kWh or 1000/277.778 GJ."""
    return KWH_IN[filed] / KWH_IN[priced.value]


def _season_price(price: Price | None) -> Fraction:
    return _NOT_PUBLISHED if price is None else Fraction(price.season_value)


def terms_of_tariff(tariff: Tariff) -> Terms:
    """The tariff as integers."""
    unit = Fraction(tariff.rounding.unit) * 100
    if unit.denominator != 1 or unit < 1:
        raise ValueError(
            f"热价 {tariff.id} 的取整单位 {tariff.rounding.unit} 元不是整分；请改为 0.01、0.1 或 1。"
            f" / Tariff {tariff.id}: rounding unit {tariff.rounding.unit} CNY is not whole fen; use 0.01, 0.1 or 1."
        )
    by_line = tariff.rounding.when is RoundingWhen.LINE
    area, base = _season_price(tariff.area_price), _season_price(tariff.base_price)
    metered = _NOT_PUBLISHED if tariff.metered_price is None else Fraction(tariff.metered_price.value)
    least = area
    if area < 0 <= base and tariff.province == _SHANDONG:
        least = base / SHANDONG_MOST_BASE
    cap = rules.CAP_UNKNOWN
    if tariff.cap_known:
        cap = rules.CAP_NONE if tariff.cap_share is None else rules.CAP_SHARE
    cap_share = Fraction(tariff.cap_share or 0)
    suspension = Fraction(tariff.suspension_share or 0)
    late, rate, maximum = _late_terms(tariff.late_fee)
    height_on_base = tariff.height is not None and tariff.height.on_base_price
    terms = Terms(
        unit=int(unit) if by_line else 1,
        total_unit=1 if by_line else int(unit),
        mode=rules.HALF_AWAY,
        area_num=area.numerator,
        area_den=area.denominator,
        base_num=base.numerator,
        base_den=base.denominator,
        metered_num=metered.numerator,
        metered_den=metered.denominator,
        least_num=least.numerator,
        least_den=least.denominator,
        cap=cap,
        cap_num=cap_share.numerator,
        cap_den=cap_share.denominator,
        suspension_num=suspension.numerator,
        suspension_den=suspension.denominator,
        height_on_base=int(height_on_base),
        late=late,
        late_num=rate.numerator,
        late_den=rate.denominator,
        late_max_num=maximum.numerator,
        late_max_den=maximum.denominator,
        area_limit=0,
        den_limit=0,
        heat_limit=0,
        late_limit=0,
    )
    return with_limits(terms)


def _late_terms(rule: LateFeeRule | None) -> tuple[int, Fraction, Fraction]:
    if rule is None:
        return rules.LATE_NONE, Fraction(0), _NOT_PUBLISHED
    maximum = _NOT_PUBLISHED if rule.max_share is None else Fraction(rule.max_share)
    return _LATE[rule.shape], Fraction(rule.rate), maximum


@lru_cache(maxsize=16_384)
def with_limits(t: Terms) -> Terms:
    """The terms with the bounds below which 64-bit integers hold every product of a bill's lines."""
    limit = rules.PRODUCT_LIMIT
    unit = max(t.unit, t.total_unit)
    price = max(t.area_num, t.base_num, t.least_num, 1)
    share = max(t.cap_num, t.suspension_num, 1)
    below = max(t.area_den, t.base_den, t.least_den) * max(t.cap_den, t.suspension_den) * unit
    heat_below = t.metered_den * 10 * unit * rules.HEAT_FACTOR_LIMIT
    late_above = max(t.late_num, t.late_max_num, 1) * rules.LATE_DAYS_LIMIT
    late_below = max(t.late_den, t.late_max_den) * unit
    return t._replace(
        area_limit=min(limit, limit // (price * rules.SEASON_LIMIT * share)),
        den_limit=limit // below,
        heat_limit=limit // max(t.metered_num, 1) if heat_below < limit else -1,
        late_limit=limit // late_above if late_below < limit else -(1 << 62),
    )


def height_share(rule: HeightRule, height_cm: int) -> Fraction | None:
    """The surcharge for a room of this height as a share of the charge; None where the fee is negotiated.

    ``step``: steps of ``step_m`` above ``count_from_m`` (or the trigger), a started step counted in full or not at
    all as the rule says, each adding ``rate``. ``proportional``: (h - reference) / reference. ``table``: the
    coefficient of the band less one. Never below zero, never above ``max_rate``. At or below the trigger: zero.
    """
    height = Fraction(height_cm, 100)
    if height <= Fraction(rule.trigger_m):
        return Fraction(0)
    if rule.negotiated_over_m is not None and height > Fraction(rule.negotiated_over_m):
        return None
    share = _share_above_trigger(rule, height)
    if rule.max_rate is not None:
        share = min(share, Fraction(rule.max_rate))
    return max(share, Fraction(0))


def _share_above_trigger(rule: HeightRule, height: Fraction) -> Fraction:
    if rule.shape is HeightShape.STEP:
        if rule.step_m is None or rule.rate is None:
            raise ValueError("阶梯式层高办法缺少步长或加价率 / a step rule for height needs step_m and rate")
        count_from = rule.trigger_m if rule.count_from_m is None else rule.count_from_m
        steps = (height - Fraction(count_from)) / Fraction(rule.step_m)
        started = rule.started_step is StartedStep.FULL
        return (-(-steps // 1) if started else steps // 1) * Fraction(rule.rate)
    if rule.shape is HeightShape.PROPORTIONAL:
        reference = Fraction(rule.trigger_m if rule.reference_m is None else rule.reference_m)
        return (height - reference) / reference
    for band in rule.bands:
        if band.up_to_m is None or height <= Fraction(band.up_to_m):
            return Fraction(band.coefficient) - 1
    return Fraction(rule.bands[-1].coefficient) - 1 if rule.bands else Fraction(0)


def price_that_decides_the_part(tariff: Tariff) -> Price | None:
    """The price whose period says in which units a part of the season is counted."""
    return tariff.area_price or tariff.base_price


def counts_started_months(tariff: Tariff) -> bool:
    """Whether a part of the season is charged by started months. A price per day is always charged by days."""
    price = price_that_decides_the_part(tariff)
    return tariff.proration is Proration.MONTH and (price is None or price.per is not Per.DAY)


def month_slot(first: dt.date, day: dt.date) -> int:
    """Which month of the season, counted from its first day, a day lies in: 0 for the first. Months run from the
    season's day of the month to the day before it in the next month; a month too short for that day starts on its
    last day."""
    months = (day.year - first.year) * 12 + day.month - first.month
    month_end = (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return months if day.day >= min(first.day, month_end.day) else months - 1


def months_in_season(tariff: Tariff, first: dt.date, last: dt.date) -> int:
    """How many months make a full season: as the price says, else the months started before the season's last day."""
    price = price_that_decides_the_part(tariff)
    if price is not None and price.per is Per.MONTH:
        return price.periods
    return max(1, month_slot(first, last - dt.timedelta(days=1)) + 1)


def months_of_season(tariff: Tariff, first: dt.date, last: dt.date) -> list[tuple[dt.date, dt.date]]:
    """First and last day of each month of a season whose price is per month but whose parts are charged by the day:
    a whole month costs the month's price, a day of it one part of its days. Empty for every other tariff, and where
    the season does not fall into as many months as the price is published for."""
    price = price_that_decides_the_part(tariff)
    if price is None or price.per is not Per.MONTH or tariff.proration is not Proration.DAY:
        return []
    starts = [month_start(first, number) for number in range(price.periods + 1)]
    # The last month is full on the day before the next would start, or ends on that very day (20 April).
    if (starts[-1] - last).days not in (0, 1):
        return []
    ends = [*(start - dt.timedelta(days=1) for start in starts[1:-1]), last]
    return list(zip(starts[:-1], ends, strict=True))


def month_start(first: dt.date, number: int) -> dt.date:
    """The first day of the season's month ``number``, 0 being the month that ``first`` opens."""
    year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
    month_end = (dt.date(year, month + 1, 28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)
    return dt.date(year, month + 1, min(first.day, month_end.day))


def units_in_season(tariff: Tariff, first: dt.date, last: dt.date, days: int) -> int:
    """The denominator of a part of the season: months, the days of a price per day, or the season's days."""
    if counts_started_months(tariff):
        return months_in_season(tariff, first, last)
    price = price_that_decides_the_part(tariff)
    if price is not None and price.per is Per.DAY:
        return price.periods
    return days


def started_months(first: dt.date, start: dt.date, end: dt.date, months: int) -> int:
    """How many months of the season are touched from ``start`` to ``end``, both included; 0 for an empty stretch."""
    if end < start:
        return 0
    return min(month_slot(first, end), months - 1) - min(month_slot(first, start), months - 1) + 1


def last_day_to_pay(rule: LateFeeRule, season_year: int) -> dt.date | None:
    """The day after which the rule charges a late fee; None where the rule names none."""
    if rule.after is None:
        return None
    month, day = rule.after
    return dt.date(season_year if month >= 7 else season_year + 1, month, day)


def percent(share: Decimal) -> str:
    """A share as people read it: 0.15 is ``15 %``."""
    return f"{(share * 100).normalize():f} %"
