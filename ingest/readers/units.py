"""Units as they stand in a header or in the row under it: which unit a word means, and whether it is the column's."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ingest.standard import FEEDS, Column, Feed
from ingest.values.numbers import UNIT_WORDS

#: Units that companies write and no column of the standard has: they make a row one of units, and are then refused.
_FOREIGN = (
    "万元",
    "千元",
    "百万元",
    "角",
    "分",
    "公顷",
    "亩",
    "万平方米",
    "万㎡",
    "千卡",
    "Gcal",
    "万吨",
    "kPa",
    "MPa",
)
_SUFFIX = re.compile(r"(?P<name>.*\S)\s*[（(\[【](?P<unit>[^（()）\[\]【】]{1,12})[）)\]】]", re.DOTALL)
_AROUND = "（）()[]【】 \t\n\u3000"
_NONE = frozenset({"", "-", "—", "–", "/", "／", "无"})


def bare(word: str) -> str:
    """The word without brackets, ``单位：`` before it and the strokes that stand for no unit."""
    text = word.strip(_AROUND).removeprefix("单位：").removeprefix("单位:").strip(_AROUND)
    return "" if text in _NONE else text


def is_unit(word: str) -> bool:
    """True for every word that is a unit, of the standard or not."""
    return _folded(bare(word)) in _known()


def unit_meant(feed: Feed, column: Column, word: str) -> str | None:
    """The unit of the standard that ``word`` says of this column: its own, or a code of the column that holds its unit. None
    when the column has no such unit."""
    said = _folded(bare(word))
    if column.unit_column is not None:
        for code in feed.column(column.unit_column).codes:
            if said in {_folded(one) for one in (code.code, code.zh, *code.aliases)}:
                return code.code
        return None
    return column.unit if said in {_folded(one) for one in UNIT_WORDS.get(column.kind, ())} else None


def without_unit(name: str) -> tuple[str, str]:
    """A header and the unit that stands in brackets behind it; the unit is empty where none does."""
    found = _SUFFIX.fullmatch(name.strip())
    if found is None or not is_unit(found["unit"]):
        return name, ""
    return found["name"], found["unit"]


def _folded(word: str) -> str:
    return unicodedata.normalize("NFKC", word).lower()


@cache
def _known() -> frozenset[str]:
    words = {word for words in UNIT_WORDS.values() for word in words} | set(_FOREIGN)
    for feed in FEEDS.values():
        for column in feed.columns:
            if column.unit_column is not None:
                for code in feed.column(column.unit_column).codes:
                    words |= {code.code, code.zh, *code.aliases}
    return frozenset(_folded(word) for word in words)
