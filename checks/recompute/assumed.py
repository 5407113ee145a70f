"""In words: the fields of a tariff that are our reading where its source is silent (``Tariff.assumed``)."""

from __future__ import annotations

from collections.abc import Iterable

from checks.recompute.text import Text

ASSUMED: dict[str, Text] = {
    "area_price.periods": Text("一个采暖季的月数或天数", "months or days in a season"),
    "base_price": Text("基本热价", "base price"),
    "cap_share": Text("计量封顶", "cap on metered bills"),
    "height": Text("超高加价", "surcharge for high rooms"),
    "height.started_step": Text("超高不足一档如何计", "how a started height step counts"),
    "known_from": Text("何时公布", "when it was published"),
    "late_fee": Text("违约金", "late fee"),
    "proration": Text("不足一个采暖季如何折算", "how a part of a season is charged"),
    "rounding": Text("金额取整方法", "rounding"),
    "season": Text("采暖期起止", "heating season"),
    "season.end_included": Text("采暖期最后一日是否计入", "whether the last day of the season counts"),
    "suspension_share": Text("停热收费比例", "share charged for suspended supply"),
    "valid_from": Text("执行起始日", "first day in force"),
}


def in_words(fields: Iterable[str]) -> Text:
    """The fields listed in both languages; one that a tariff of somebody's own names otherwise stands as it is named."""
    told = [ASSUMED.get(field, Text(field, field)) for field in fields]
    return Text("、".join(one.zh for one in told), ", ".join(one.en for one in told))
