"""Where a tariff record contradicts itself; asked when it is read and when an officer enters one."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from checks.tariffs.record import (
    HeightRule,
    HeightShape,
    LateFeeRule,
    LateFeeShape,
    OutageRule,
    RefundBand,
    Season,
    Tariff,
)
from checks.tariffs.season import season_dates

CATEGORIES = (
    "residential",
    "residential_nonreimbursed",
    "low_income",
    "non_residential",
    "office",
    "commercial",
    "hotel",
    "institution",
    "garage",
)
METHODS = ("area", "metered")
LINKED_SOURCE_KINDS = ("government_page", "government_text", "law_text", "law_site", "company_page")
"""Kinds of sources whose address may be shown: government, law and company pages, never a copy of one."""

CITATION_LENGTH = 200
LONGEST_TERM_HOURS = 30 * 24
MOST_OUTAGE_SHARE = Decimal(3)
COARSEST_ROUNDING = Decimal(1)
"""In yuan; published roundings are to the fen, the jiao and the yuan."""
LONGEST_SEASON_DAYS = 300
MOST_DAYS_APART = 15
"""Between the days a city bills by (Zhengzhou 120, whatever the calendar says) and those from first to last."""
MOST_LATE_FEE_A_DAY, MOST_LATE_FEE_ONCE = Decimal("0.01"), Decimal("0.2")
"""Published: 1 ‰ and 2 ‰ a day, 5 % once; beyond these a decimal point has slipped."""

_ONE = Decimal(1)


@dataclass(frozen=True, slots=True)
class Contradiction:
    """One thing a record says against itself, at ``field``."""

    field: str
    zh: str
    en: str


def contradictions(tariff: Tariff) -> list[Contradiction]:
    """Every contradiction of the record, in the order of its fields; empty when it is sound."""
    return [
        *_scope(tariff),
        *_days(tariff),
        *_sources(tariff),
        *_prices(tariff),
        *_rules(tariff),
        *_readings(tariff),
    ]


def _scope(tariff: Tariff) -> Iterator[Contradiction]:
    for field in ("id", "province", "city"):
        if not getattr(tariff, field).strip():
            yield Contradiction(field, "不能为空", "must not be empty")
    if tariff.category not in CATEGORIES:
        yield Contradiction(
            "category",
            f"{tariff.category!r} 不在类别表中，可用：{'、'.join(CATEGORIES)}",
            f"{tariff.category!r} is not one of the categories {', '.join(CATEGORIES)}",
        )
    for method in tariff.methods:
        if method not in METHODS:
            yield Contradiction(
                "methods",
                f"计费方式 {method!r} 未知，可用 area、metered",
                f"billing method {method!r} is unknown; use area or metered",
            )


def _days(tariff: Tariff) -> Iterator[Contradiction]:
    if tariff.valid_from and tariff.valid_to and tariff.valid_to < tariff.valid_from:
        yield Contradiction("valid_to", "失效日早于生效日", "the last day is before the first day")
    for start in tariff.rules_from:
        if tariff.valid_from and start.day <= tariff.valid_from:
            yield Contradiction(
                "rules_from",
                f"{start.rule.value} 的起始日不晚于热价生效日，无需单列",
                f"{start.rule.value} starts no later than the price; leave it out",
            )
    rules = [start.rule for start in tariff.rules_from]
    if len(rules) != len(set(rules)):
        yield Contradiction("rules_from", "同一规则列出两次", "the same rule is listed twice")


def _sources(tariff: Tariff) -> Iterator[Contradiction]:
    for number, source in enumerate(tariff.sources, start=1):
        if source.url is not None and source.kind not in LINKED_SOURCE_KINDS:
            yield Contradiction(
                f"sources[{number}].url",
                f"只链接政府、法规和企业网页；{source.kind} 类来源只写名称",
                f"only government, law and company pages are linked; a source of kind {source.kind} has a name only",
            )
        if source.url is not None and not source.url.startswith(("http://", "https://")):
            yield Contradiction(f"sources[{number}].url", "不是网址", "is not a web address")


def _prices(tariff: Tariff) -> Iterator[Contradiction]:
    for field in ("area_price", "base_price", "metered_price"):
        price = getattr(tariff, field)
        if price is not None and price.value <= 0:
            yield Contradiction(f"{field}.value", "热价须大于零", "a price must be above zero")
    for field in ("area_price", "base_price"):
        price = getattr(tariff, field)
        if price is not None and (price.periods < 1 or (price.per == "season" and price.periods != 1)):
            yield Contradiction(
                f"{field}.periods",
                "按季计价为 1，按月、按日计价为月数、日数",
                "is 1 for a season price, else the number of months or days",
            )
        elif price is not None and price.periods > {"season": 1, "month": 12, "day": 366}[price.per]:
            yield Contradiction(f"{field}.periods", "比一年还长", "is longer than a year")
    for method, field in (("area", "area_price"), ("metered", "metered_price")):
        if method in tariff.methods and getattr(tariff, field) is None:
            yield Contradiction(
                field,
                f"计费方式含 {method}，却没有这项热价",
                f"is missing although the record prices method {method}",
            )
    if not 0 < tariff.area_factor <= _ONE:
        yield Contradiction("area_factor", "须大于 0 且不大于 1", "must be above 0 and at most 1")
    for number, one in enumerate(tariff.area_fallbacks, start=1):
        if one.divisor <= 0:
            yield Contradiction(f"area_fallbacks[{number}].divisor", "须大于 0", "must be above 0")
            return
    factors = [("area_fallbacks", [one.share for one in tariff.area_fallbacks])]
    factors += [("area_factors", [Fraction(one.factor) for one in tariff.area_factors])]
    for field, found in factors:
        for number, factor in enumerate(found, start=1):
            if not 0 < factor <= 2:
                yield Contradiction(
                    f"{field}[{number}].factor", "须大于 0 且不大于 2", "must be above 0 and at most 2"
                )
    if not 0 < tariff.rounding.unit <= COARSEST_ROUNDING or tariff.rounding.unit % Decimal("0.01"):
        yield Contradiction(
            "rounding.unit",
            "须为整分且不大于 1 元，如 0.01、0.1、1",
            "must be a whole number of fen and at most 1 yuan, such as 0.01, 0.1 or 1",
        )


def _rules(tariff: Tariff) -> Iterator[Contradiction]:
    if tariff.season is not None:
        yield from _season(tariff.season)
    if tariff.cap_share is not None:
        if not tariff.cap_known:
            yield Contradiction(
                "cap_known", "写了封顶比例，此项须为 true", "must be true, for a cap share is given"
            )
        if not _ONE <= tariff.cap_share <= 2:
            yield Contradiction(
                "cap_share", "封顶比例应在 1 与 2 之间", "a cap lies between 1 and 2 area fees"
            )
    if tariff.suspension_share is not None and not 0 <= tariff.suspension_share <= _ONE:
        yield Contradiction("suspension_share", "比例应在 0 与 1 之间", "a share lies between 0 and 1")
    if tariff.height is not None:
        if not tariff.height_known:
            yield Contradiction(
                "height_known", "写了超高规则，此项须为 true", "must be true, for a height rule is given"
            )
        yield from _height(tariff.height)
    if tariff.late_fee is not None:
        yield from _late_fee(tariff.late_fee)
    if tariff.refund_bands and tariff.refund_standard_c is None:
        yield Contradiction(
            "refund_standard_c", "有退费档次，须写室温标准", "is missing although refund bands are given"
        )
    yield from band_contradictions(tariff.refund_bands)
    if tariff.outage is not None:
        yield from _outage(tariff.outage)


def _season(season: Season) -> Iterator[Contradiction]:
    if season.start == season.end:
        yield Contradiction("season", "起止为同一天", "starts and ends on the same day")
        return
    first, last, _ = season_dates(dataclasses.replace(season, fixed_days=None), "2025-26")
    days = (last - first).days + 1
    if days > LONGEST_SEASON_DAYS:
        yield Contradiction(
            "season",
            f"共 {days} 天，采暖季不应超过 {LONGEST_SEASON_DAYS} 天，请核对起止日",
            f"lasts {days} days; no heating season lasts more than {LONGEST_SEASON_DAYS}: check its first and last day",
        )
    if season.fixed_days is not None and abs(season.fixed_days - days) > MOST_DAYS_APART:
        yield Contradiction(
            "season.fixed_days",
            f"与起止日之间的 {days} 天相差超过 {MOST_DAYS_APART} 天",
            f"is more than {MOST_DAYS_APART} days off the {days} days from first to last",
        )


def _late_fee(rule: LateFeeRule) -> Iterator[Contradiction]:
    most = MOST_LATE_FEE_ONCE if rule.shape is LateFeeShape.ONCE else MOST_LATE_FEE_A_DAY
    if not 0 <= rule.rate <= most:
        yield Contradiction(
            "late_fee.rate",
            f"须在 0 与 {most} 之间（按日为每日比例，一次性为总比例）",
            f"lies between 0 and {most} (a share a day, or once)",
        )
    if rule.max_share is not None and not 0 < rule.max_share <= _ONE:
        yield Contradiction(
            "late_fee.max_share",
            "上限应大于 0 且不大于 1（全季热费）",
            "a limit is above 0 and at most 1 (the fee of the season)",
        )


def _outage(rule: OutageRule) -> Iterator[Contradiction]:
    if not 0 <= rule.after_hours <= LONGEST_TERM_HOURS:
        yield Contradiction(
            "outage.after_hours",
            f"须在 0 与 {LONGEST_TERM_HOURS} 之间",
            f"lies between 0 and {LONGEST_TERM_HOURS}",
        )
    if not 0 < rule.share <= MOST_OUTAGE_SHARE:
        yield Contradiction(
            "outage.share",
            "应大于 0 且不大于 3（1 为日热费，2 为双倍）",
            "is above 0 and at most 3 (1: the daily fee, 2: double)",
        )
    if rule.total_over_days is not None and not 1 <= rule.total_over_days <= 366:
        yield Contradiction("outage.total_over_days", "须在 1 与 366 之间", "must be between 1 and 366")


def _height(rule: HeightRule) -> Iterator[Contradiction]:
    for field in ("trigger_m", "count_from_m", "step_m", "rate", "max_rate", "reference_m"):
        value = getattr(rule, field)
        if value is not None and value < 0:
            yield Contradiction(f"height.{field}", "不能为负", "must not be negative")
    for number, band in enumerate(rule.bands, start=1):
        if band.coefficient < 1:
            yield Contradiction(f"height.bands[{number}].coefficient", "不能小于 1", "must not be below 1")
    needed = {
        HeightShape.STEP: ("count_from_m", "step_m", "rate"),
        HeightShape.PROPORTIONAL: ("reference_m",),
        HeightShape.TABLE: ("bands",),
    }[rule.shape]
    for field in needed:
        if not getattr(rule, field):
            yield Contradiction(
                f"height.{field}",
                f"{rule.shape.value} 类规则须写此项",
                f"a rule of shape {rule.shape.value} needs this",
            )
    ends = [band.up_to_m for band in rule.bands]
    closed = [end for end in ends[:-1] if end is not None]
    if ends and (ends[-1] is not None or len(closed) != len(ends) - 1 or closed != sorted(set(closed))):
        yield Contradiction(
            "height.bands",
            "档次须由低到高，只有最后一档不设上限",
            "bands rise, and the last one alone has no upper end",
        )


def band_contradictions(bands: tuple[RefundBand, ...]) -> Iterator[Contradiction]:
    """Bands run from warm to cold, touch without overlap or hole, and the coldest is open below."""
    for number, band in enumerate(bands, start=1):
        if not 0 < band.share <= _ONE:
            yield Contradiction(
                f"refund_bands[{number}].share", "比例应在 0 与 1 之间", "a share lies between 0 and 1"
            )
    for number, (warm, cold) in enumerate(itertools.pairwise(bands), start=2):
        if warm.min_c != cold.max_c or warm.min_included == cold.max_included:
            yield Contradiction(
                f"refund_bands[{number}]",
                "与上一档之间有重叠或空档",
                "overlaps the band above or leaves a hole below it",
            )
    if bands and bands[-1].min_c is not None:
        yield Contradiction("refund_bands", "最冷一档不应设下限", "the coldest band has no lower end")


def _readings(tariff: Tariff) -> Iterator[Contradiction]:
    fields = {field.name for field in dataclasses.fields(tariff)}
    for name in tariff.assumed:
        if name.split(".", maxsplit=1)[0] not in fields:
            yield Contradiction("assumed", f"没有名为 {name} 的字段", f"there is no field {name}")
    for number, citation in enumerate(tariff.citations, start=1):
        if citation.field.split(".", maxsplit=1)[0] not in fields:
            yield Contradiction(
                f"citations[{number}].field",
                f"没有名为 {citation.field} 的字段",
                f"there is no field {citation.field}",
            )
        if not 0 < len(citation.place.strip()) <= CITATION_LENGTH:
            yield Contradiction(
                f"citations[{number}].place",
                f"写条款号和要点，不超过 {CITATION_LENGTH} 字，不抄录全文",
                f"names the article and its fact in at most {CITATION_LENGTH} characters, not its whole text",
            )
    if not tariff.sources:
        yield Contradiction("sources", "至少须有一个来源", "at least one source is needed")
