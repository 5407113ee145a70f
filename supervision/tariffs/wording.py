"""The rules of a tariff in plain words, Chinese and English, for the public page. Says; never computes a bill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from checks.recompute.assumed import ASSUMED as ASSUMED  # the pages say it from here
from checks.recompute.documents import document_words as document_words
from checks.recompute.text import Text, counted
from checks.tariffs.laws import outage_law, outage_rule, refund_law, refund_rule
from checks.tariffs.record import (
    AreaBasis,
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    OutageDays,
    Per,
    Price,
    RefundBand,
    RefundBasis,
    Season,
    StartedStep,
    Tariff,
)

CATEGORIES: dict[str, Text] = {
    "residential": Text("居民", "Residential"),
    "residential_nonreimbursed": Text("居民（不报销）", "Residential, not reimbursed"),
    "non_residential": Text("非居民", "Non-residential"),
    "office": Text("办公", "Office"),
    "commercial": Text("商业", "Commercial"),
    "hotel": Text("宾馆餐饮", "Hotel and catering"),
    "institution": Text("机关事业单位", "Institution"),
    "garage": Text("车库", "Garage"),
    "low_income": Text("低保家庭", "Low-income household"),
}
BASES: dict[AreaBasis | None, Text] = {
    AreaBasis.FLOOR: Text("建筑面积", "floor area"),
    AreaBasis.USABLE: Text("使用面积", "usable area"),
    AreaBasis.INNER: Text("套内建筑面积", "inner floor area"),
    None: Text("来源未明确", "not settled in the sources"),
}
CONFIDENCE: dict[str, Text] = {
    "high": Text("高：法规、通知原文或官方页面", "High: law, notice text or official page"),
    "medium": Text("中：一篇新闻、公司或行业网页", "Medium: one news, company or trade page"),
}
UNKNOWN = Text("来源未写明，平台不作推定", "The sources do not say; the portal does not guess")


def figure(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def share(value: Decimal) -> str:
    return f"{figure(value * 100)}%"


def category_name(code: str) -> Text:
    return CATEGORIES.get(code, Text(code, code))


def price(given: Price | None) -> Text | None:
    if given is None:
        return None
    value = figure(given.value)
    if given.per is Per.SEASON:
        return Text(f"{value} 元/㎡·采暖季", f"{value} CNY/m² per season")
    season = figure(given.season_value)
    if given.per is Per.MONTH:
        return Text(
            f"{value} 元/㎡·月 × {given.periods} 个月 = {season} 元/㎡·采暖季",
            f"{value} CNY/m² per month × {counted(given.periods, 'month')} = {season} per season",
        )
    return Text(
        f"{value} 元/㎡·日 × {given.periods} 日 = {season} 元/㎡·采暖季",
        f"{value} CNY/m² per day × {counted(given.periods, 'day')} = {season} per season",
    )


def season(given: Season | None) -> Text:
    if given is None:
        return UNKNOWN
    start, end = given.start, given.end
    zh = f"{start[0]}月{start[1]}日至次年{end[0]}月{end[1]}日" + ("" if given.end_included else "零时")
    en = f"{start[0]:02d}-{start[1]:02d} to {end[0]:02d}-{end[1]:02d}" + (
        "" if given.end_included else " (0:00, not included)"
    )
    if given.fixed_days:
        zh += f"，按 {given.fixed_days} 天计"
        en += f", billed as {given.fixed_days} days"
    return Text(zh, en)


def suspension(tariff: Tariff) -> Text:
    if tariff.suspension_share is None:
        return UNKNOWN
    if tariff.suspension_share == 0:
        return Text("停热不得收费", "No charge may be made for a suspended supply")
    return Text(
        f"停热按面积热费的 {share(tariff.suspension_share)} 交纳",
        f"A suspended supply pays {share(tariff.suspension_share)} of the area fee",
    )


def cap(tariff: Tariff) -> Text:
    if not tariff.cap_known:
        return UNKNOWN
    if tariff.cap_share is None:
        return Text("不封顶，多退少补", "No cap; settled both ways")
    return Text(
        f"计量热费不超过面积热费的 {share(tariff.cap_share)}",
        f"The metered bill is at most {share(tariff.cap_share)} of the area fee",
    )


def height(tariff: Tariff) -> Text:
    rule = tariff.height
    if rule is None:
        return Text("不得收取超高加价", "No surcharge for high rooms") if tariff.height_known else UNKNOWN
    kind = Text("净高", "net height") if rule.net_height else Text("层高", "storey height")
    zh, en = _height_shape(rule, kind)
    if rule.max_rate is not None:
        zh += f"，最多加 {share(rule.max_rate)}"
        en += f", at most +{share(rule.max_rate)}"
    if rule.negotiated_over_m is not None:
        zh += f"；超过 {figure(rule.negotiated_over_m)} 米协商"
        en += f"; over {figure(rule.negotiated_over_m)} m by agreement"
    return Text(zh, en)


def _height_shape(rule: HeightRule, kind: Text) -> tuple[str, str]:
    trigger = figure(rule.trigger_m)
    if rule.shape is HeightShape.PROPORTIONAL:
        reference = figure(rule.reference_m or Decimal(3))
        return (
            f"{kind.zh}超过 {trigger} 米：面积 × 实际高度 ÷ {reference}",
            f"{kind.en} over {trigger} m: area × height ÷ {reference}",
        )
    if rule.shape is HeightShape.TABLE:
        bands = [
            (figure(band.up_to_m) if band.up_to_m else "∞", figure(band.coefficient)) for band in rule.bands
        ]
        return (
            f"{kind.zh}系数：" + "、".join(f"≤{top} 米 {value}" for top, value in bands),
            f"{kind.en} coefficients: " + ", ".join(f"≤{top} m {value}" for top, value in bands),
        )
    step, rate = figure(rule.step_m or Decimal(0)), share(rule.rate or Decimal(0))
    started = rule.started_step is StartedStep.FULL
    on = ("基本热价", "base price") if rule.on_base_price else ("热价", "price")
    counted = rule.count_from_m if rule.count_from_m is not None else rule.trigger_m
    return (
        f"{kind.zh}超过 {trigger} 米：自 {figure(counted)} 米起每 {step} 米加{on[0]}的 {rate}，"
        f"不足 {step} 米{'按一档计' if started else '不计'}",
        f"{kind.en} over {trigger} m: +{rate} of the {on[1]} per {step} m above {figure(counted)} m, "
        f"a started step {'counts in full' if started else 'does not count'}",
    )


def late_fee(rule: LateFeeRule | None) -> Text:
    if rule is None:
        return UNKNOWN
    if rule.shape is LateFeeShape.FORBIDDEN:
        return Text("不得收取违约金", "No late fee may be charged")
    after = (
        Text(f"{rule.after[0]}月{rule.after[1]}日后", f"after {rule.after[0]:02d}-{rule.after[1]:02d}")
        if rule.after
        else Text("逾期后", "once overdue")
    )
    if rule.shape is LateFeeShape.ONCE:
        return Text(f"{after.zh}一次性加收 {share(rule.rate)}", f"{after.en}: {share(rule.rate)} once")
    permille = figure(rule.rate * 1000)
    on = (
        Text("热费总额", "the whole fee")
        if rule.shape is LateFeeShape.DAILY_ON_TOTAL
        else Text("未交部分", "the unpaid part")
    )
    zh, en = f"{after.zh}每日按{on.zh}的 {permille}‰", f"{after.en}: {permille} per mille of {on.en} a day"
    if rule.max_share is not None:
        zh += f"，累计不超过热费的 {share(rule.max_share)}"
        en += f", at most {share(rule.max_share)} of the fee"
    return Text(zh, en)


REFUND_BASES: dict[RefundBasis, Text] = {
    RefundBasis.DAY: Text("日热费", "the daily fee"),
    RefundBasis.DAY_NET_OF_BASE: Text("扣除基本热费后的日热费", "the daily fee less the base fee"),
    RefundBasis.DAY_FAILING_ROOMS: Text("不达标房间的日热费", "the daily fee of the failing rooms"),
    RefundBasis.MONTH: Text("当月热费", "the fee of the month"),
}


#: The rule for cold rooms on a day: the tariff's, else that of the law; None where neither says it.
refund = refund_rule


def refund_band(band: RefundBand, basis: RefundBasis) -> Text:
    low = "" if band.min_c is None else f"{figure(band.min_c)} ℃ {'≤' if band.min_included else '<'} "
    high = "" if band.max_c is None else f" {'≤' if band.max_included else '<'} {figure(band.max_c)} ℃"
    words = REFUND_BASES[basis]
    return Text(
        f"{low}室温{high}：退{words.zh}的 {share(band.share)}",
        f"{low}room{high}: {share(band.share)} of {words.en} back",
    )


def refund_basis_law(tariff: Tariff, on: dt.date) -> Text | None:
    """The law that says what is given back for cold rooms where the record is silent."""
    law = None if tariff.refund_bands else refund_law(tariff, on)
    if law is None:
        return None
    return Text(f"依据：{law.name}，{law.place}", f"{law.name_en}: {law.place_en}")


_OUTAGE_DAYS: dict[OutageDays, Text] = {
    OutageDays.HOURS: Text("按停热时间（24小时为一天）", "by the time without heat, 24 hours being a day"),
    OutageDays.WHOLE_DAYS: Text("按满24小时的天数", "by whole days of 24 hours"),
    OutageDays.CALENDAR_DAYS: Text("按停热所及的日历天数", "by the days of the calendar it touches"),
}


def outage(tariff: Tariff, on: dt.date) -> Text:
    """What is given back for time without heat on a day, and which law says so where the record is silent."""
    rule = outage_rule(tariff, on)
    if rule is None:
        return UNKNOWN
    after = f"{rule.after_hours}"
    counts = _OUTAGE_DAYS[rule.counts]
    times = share(rule.share)
    zh = f"连续停热{'满' if rule.after_included else '超过'} {after} 小时，{counts.zh}退日热费的 {times}"
    en = f"{'From' if rule.after_included else 'Over'} {after} hours in a row: {times} of the daily fee back, {counts.en}"
    if rule.total_over_days is not None:
        zh += f"；累计超过 {rule.total_over_days} 天的全部退还"
        en += f"; all of it once it comes to more than {rule.total_over_days} days in a season"
    law = None if tariff.outage is not None else outage_law(tariff, on)
    if law is not None:
        zh += f"（依据：{law.name}，{law.place}）"
        en += f" ({law.name_en}: {law.place_en})"
    return Text(zh, en)


def area_band(band: Mapping[str, Any]) -> Text:
    """A band of billed areas as ``over`` and ``to`` say it (m2)."""
    over, to = band["over"], band["to"]
    if over is None:
        return Text(f"不超过 {to} ㎡", f"up to {to} m²")
    if to is None:
        return Text(f"超过 {over} ㎡", f"over {over} m²")
    return Text(f"{over}–{to} ㎡", f"{over} to {to} m²")


def shifted_by(share: dict[str, Any] | None) -> Decimal | None:
    """By what part the new price is more than the old one; None where nothing could be compared."""
    if not share or not Decimal(share["old_total"]):
        return None
    return Decimal(share["shift"]) / Decimal(share["old_total"])


def apart(forecast: dict[str, Any] | None, real: dict[str, Any]) -> Decimal | None:
    """By how much the season's shift is more than the one that was forecast, CNY."""
    return Decimal(real["shift"]) - Decimal(forecast["shift"]) if forecast else None
