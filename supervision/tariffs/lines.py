"""The lists of a tariff as lines a person types: one item a line, each with a strict grammar, told where it is wrong.

Written records and lines say the same: ``read(write(record)) == record``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

_NUMBER = r"-?(?:0|[1-9]\d*)(?:\.\d+)?"
_BAND = re.compile(rf"(?:({_NUMBER})\s*(<=|<)\s*)?t(?:\s*(<=|<)\s*({_NUMBER}))?\s*:\s*({_NUMBER})", re.ASCII)
_HEIGHT = re.compile(rf"(?:<=\s*({_NUMBER})|above)\s*:\s*({_NUMBER})", re.ASCII)
_FALLBACK = re.compile(rf"(floor|usable|inner)\s*\*\s*({_NUMBER})(?:\s*/\s*({_NUMBER}))?", re.ASCII)
_RULE = re.compile(r"([a-z_]+)\s+(\d{4}-\d\d-\d\d)", re.ASCII)
# A Chinese keyboard's characters; prose keeps its own punctuation.
_FULL_WIDTH = str.maketrans("：＜．＊／", ":<.*/")


@dataclass(frozen=True, slots=True)
class LineFault(ValueError):
    """Line ``number`` does not follow the grammar of which ``example`` is a case."""

    number: int
    example: str


@dataclass(frozen=True, slots=True)
class Lines:
    """One kind of list: how an item is read from its line and written to it."""

    example: str
    read_one: Callable[[str], dict[str, Any] | None]
    write_one: Callable[[Mapping[str, Any]], str]
    is_prose: bool = False

    def read(self, text: str) -> list[dict[str, Any]]:
        """Empty lines are passed over. Raises LineFault."""
        found = []
        for number, line in enumerate(text.splitlines(), start=1):
            plain = line.strip().replace("｜", "|")
            if not self.is_prose:
                plain = plain.translate(_FULL_WIDTH).replace("≤", "<=")
            if not plain:
                continue
            item = self.read_one(plain)
            if item is None:
                raise LineFault(number, self.example)
            found.append(item)
        return found

    def write(self, items: Iterable[Mapping[str, Any]]) -> str:
        return "\n".join(self.write_one(item) for item in items)


def _read_band(line: str) -> dict[str, Any] | None:
    match = _BAND.fullmatch(line)
    if match is None or (match[1] is None and match[4] is None):
        return None
    return {
        "share": match[5],
        "min_c": match[1],
        "min_included": match[2] == "<=",
        "max_c": match[4],
        "max_included": match[3] == "<=",
    }


def _write_band(item: Mapping[str, Any]) -> str:
    low = "" if item["min_c"] is None else f"{item['min_c']} {'<=' if item['min_included'] else '<'} "
    high = "" if item["max_c"] is None else f" {'<=' if item['max_included'] else '<'} {item['max_c']}"
    return f"{low}t{high}: {item['share']}"


def _read_height(line: str) -> dict[str, Any] | None:
    match = _HEIGHT.fullmatch(line)
    return None if match is None else {"up_to_m": match[1], "coefficient": match[2]}


def _write_height(item: Mapping[str, Any]) -> str:
    end = "above" if item["up_to_m"] is None else f"<= {item['up_to_m']}"
    return f"{end}: {item['coefficient']}"


def _read_fallback(line: str) -> dict[str, Any] | None:
    match = _FALLBACK.fullmatch(line)
    return None if match is None else {"basis": match[1], "factor": match[2], "divisor": match[3] or "1"}


def _write_fallback(item: Mapping[str, Any]) -> str:
    divisor = "" if item.get("divisor", "1") == "1" else f" / {item['divisor']}"
    return f"{item['basis']} * {item['factor']}{divisor}"


def _read_rule(line: str) -> dict[str, Any] | None:
    match = _RULE.fullmatch(line)
    return None if match is None else {"rule": match[1], "day": match[2]}


def _parted(line: str, parts: int) -> list[str] | None:
    found = [part.strip() for part in line.split("|")]
    return found if len(found) == parts and found[0] else None


def _read_factor(line: str) -> dict[str, Any] | None:
    found = _parted(line, 3)
    if found is None or not re.fullmatch(_NUMBER, found[0]) or not found[1]:
        return None
    return {"factor": found[0], "when_zh": found[1], "when_en": found[2]}


def _read_citation(line: str) -> dict[str, Any] | None:
    found = _parted(line, 2)
    return None if found is None or not found[1] else {"field": found[0], "place": found[1]}


def _read_source(line: str) -> dict[str, Any] | None:
    found = [part.strip() for part in line.split("|")]
    if len(found) not in (3, 4) or not found[0] or not found[1] or not found[2]:
        return None
    return {"key": found[0], "name": found[1], "kind": found[2], "url": found[3] if len(found) > 3 else None}


def _write_source(item: Mapping[str, Any]) -> str:
    url = f" | {item['url']}" if item.get("url") else ""
    return f"{item['key']} | {item['name']} | {item['kind']}{url}"


REFUND_BANDS = Lines("16 <= t < 18: 0.40", _read_band, _write_band)
HEIGHT_BANDS = Lines("<= 3.0: 1.0", _read_height, _write_height)
FALLBACKS = Lines("floor * 0.90", _read_fallback, _write_fallback)
FACTORS = Lines(
    "0.86 | 高层住宅 | high-rise homes",
    _read_factor,
    lambda item: f"{item['factor']} | {item['when_zh']} | {item['when_en']}",
    is_prose=True,
)
RULES_FROM = Lines("late_fee 2019-10-08", _read_rule, lambda item: f"{item['rule']} {item['day']}")
CITATIONS = Lines(
    "late_fee | 第五条：逾期每日 1‰",
    _read_citation,
    lambda item: f"{item['field']} | {item['place']}",
    is_prose=True,
)
SOURCES = Lines(
    "notice | 关于调整供热价格的通知 | government_page | https://…",
    _read_source,
    _write_source,
    is_prose=True,
)
