"""Document numbers (文号) of tariffs as each language writes them. A record keeps them as found, with English remarks."""

from __future__ import annotations

import re

from checks.recompute.text import Text

_REMARKS = {
    "residential metering": "居民计量",
    "metering": "计量",
    "area rule": "面积规则",
    "year not shown": "未注明年份",
}
_REMARK = re.compile(r" \((" + "|".join(_REMARKS) + r")\)")
_CONTINUES = re.compile(r" \(continues ([^()]+)\)")


def document_words(document: str) -> Text:
    """The numbers joined as Chinese and as English join them, remarks in either; the numbers themselves unchanged."""
    zh = _REMARK.sub(lambda found: f"（{_REMARKS[found[1]]}）", document)
    zh = _CONTINUES.sub(r"（延续\1）", zh)
    zh = zh.replace("; ", "；").replace(", ", "、").replace("vacancy: ", "空置：")
    return Text(zh, document)
