"""Units as they stand in a header or in the row under it: which unit a word means, and whether it is the column's."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from ingest.standard import FEEDS, Column, Feed
from ingest.values.numbers import UNIT_WORDS

#: Units that companies write and no column of the standard has: they make a row one of units, and are then refused.
_FOREIGN_MONEY = ("万元", "千元", "百元", "十万元", "百万元", "亿元", "角", "分", "美元", "港元", "欧元")
_FOREIGN_AREA = ("公顷", "亩", "千平方米", "万平方米", "百万平方米", "万㎡")
_FOREIGN = (*_FOREIGN_MONEY, *_FOREIGN_AREA, "千卡", "Gcal", "万吨", "kPa", "MPa")
_SUFFIX = re.compile(r"(?P<name>.*\S)\s*[（(\[【](?P<unit>[^（()）\[\]【】]{1,12})[）)\]】]", re.DOTALL)
#: What a title says of the whole table: ``单位：万元、平方米``, ``账单（万元）``.
_OF_ALL = re.compile(r"单位\s*[：:]\s*([^：:（()）\[\]【】]{1,30})")
_IN_BRACKETS = re.compile(r"[（(\[【]([^（()）\[\]【】]{2,30})[）)\]】]")
_BETWEEN = re.compile(r"[、，,/／;；\s和及]+")
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


def foreign_unit(title: str) -> tuple[str, str] | None:
    """The first unit that a title says of the whole table and the standard does not have, and the standard's unit in its place.
    None for every other title; 单位 also means a company."""
    said = [*_OF_ALL.findall(title), *(one for one in _IN_BRACKETS.findall(title) if "单位" not in one)]
    for word in (word for words in said for word in _BETWEEN.split(words)):
        for foreign, wanted in ((_FOREIGN_MONEY, "CNY"), (_FOREIGN_AREA, "m2"), (_FOREIGN, "—")):
            if _folded(word) in {_folded(one) for one in foreign}:
                return word, wanted
    return None


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
