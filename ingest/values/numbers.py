"""Numbers: a plain ASCII decimal is read in bulk; what is written otherwise is read one by one and listed, or refused."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ingest.standard import FEEDS, Column, Kind
from ingest.values.cells import Bool, Int64, Reading, bytes_of, validity_of

#: Digits of a stored number: decimal128(18, scale), which also fits a signed 64-bit integer.
DIGITS = 18
_POWERS = np.array([10**exponent for exponent in range(DIGITS + 1)], np.int64)

_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?", re.ASCII)
_THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?", re.ASCII)
_NON_FINITE = frozenset(
    {"nan", "snan", "qnan", "inf", "infinity", "-inf", "-infinity", "+inf", "+infinity", "1.#inf", "1.#qnan"}
)
_OVERFLOW = re.compile(r"-?[0-9]{1,20}(?:\.[0-9]{1,20})?[eE]\+?[0-9]{3}", re.ASCII)
_FULL_WIDTH = str.maketrans("０１２３４５６７８９．，－＋￥", "0123456789.,-+¥")
_SPACES = " \t\u00a0\u3000"
#: Words of a unit that a number may carry; each is listed when dropped. The words of heat are those of its column of units.
UNIT_WORDS: dict[Kind, tuple[str, ...]] = {
    Kind.MONEY: ("元", "人民币", "CNY", "RMB", "¥"),
    Kind.AREA: ("平方米", "平米", "㎡", "m²", "m2", "M2"),
    Kind.HEIGHT: ("米", "m", "M"),
    Kind.TEMPERATURE: ("摄氏度", "℃", "°C", "度"),
    Kind.VOLUME: ("立方米", "m³", "m3", "M3"),
    Kind.FLOW: ("立方米/小时", "m³/h", "m3/h"),
    Kind.POWER: ("千瓦", "kW", "KW"),
    Kind.HOURS: ("小时", "h"),
    Kind.MASS: ("吨", "t"),
    Kind.ELECTRICITY: ("千瓦时", "kWh", "KWH"),
    Kind.COUNT: ("户",),
}
_LONGEST = 64


@dataclass(slots=True)
class Plain:
    """The bulk reading: integers of 10**-scale, and which texts were plain enough to give them."""

    fixed: Int64
    ok: Bool


def read_plain(texts: pa.Array, scale: int) -> Plain:
    """Reads every ``-?digits(.digits)?`` with at most ``scale`` decimals and 18 digits in all; others are not ok."""
    data, offsets = bytes_of(texts)
    count = len(texts)
    starts, ends = offsets[:-1], offsets[1:]
    length = ends - starts
    if data.size == 0:
        return Plain(np.zeros(count, np.int64), np.zeros(count, np.bool_))
    digit = (data - np.uint8(48)) < 10
    before = np.zeros(data.size + 1, np.int32)
    np.cumsum(digit, dtype=np.int32, out=before[1:])
    digits = before[ends] - before[starts]
    negative = (data[np.minimum(starts, data.size - 1)] == 45) & (length > 0)
    dots, decimals, misplaced = _points(data, starts, ends, negative)
    ok = (digits + dots + negative == length) & (digits > 0) & (dots <= 1) & ~misplaced & (decimals <= scale)
    ok &= digits - decimals + scale <= DIGITS
    whole = _integers(data[digit], before[offsets], ok)
    fixed = np.where(ok, whole * _POWERS[np.clip(scale - decimals, 0, DIGITS)], 0)
    return Plain(np.where(negative, -fixed, fixed), ok)


def _points(data: np.ndarray, starts: Int64, ends: Int64, negative: Bool) -> tuple[Int64, Int64, Bool]:
    """For each text: its decimal points, the digits behind the last one, and whether one stands first or last."""
    count = len(starts)
    places = np.flatnonzero(data == 46)
    owner = np.searchsorted(ends, places, "right")
    dots = np.bincount(owner, minlength=count)
    decimals = np.zeros(count, np.int64)
    decimals[owner] = ends[owner] - places - 1
    misplaced = np.zeros(count, np.bool_)
    misplaced[owner[(decimals[owner] == 0) | (places == starts[owner] + negative[owner])]] = True
    return dots, decimals, misplaced


def _integers(digits: np.ndarray, offsets: np.ndarray, ok: Bool) -> Int64:
    """The integer that the digits of each ok text spell; 0 for the others."""
    valid = validity_of(ok)
    buffers = [
        valid,
        pa.py_buffer(np.ascontiguousarray(offsets, np.int32)),
        pa.py_buffer(np.ascontiguousarray(digits)),
    ]
    words = pa.Array.from_buffers(pa.string(), len(ok), buffers)
    numbers = pc.cast(words, pa.int64())
    if valid is not None:
        numbers = numbers.fill_null(0)
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.int64)


def read_number(text: str, column: Column) -> Reading:
    """One number that is not plain: full-width digits, thousands separators, a unit word, surrounding spaces and trailing
    zeros beyond the decimals are taken and named; everything else is refused (V01, V02, V03, V04)."""
    if len(text) > _LONGEST:
        return Reading(edit="V01")
    bare = text.strip(_SPACES)
    if bare.lower() in _NON_FINITE or _OVERFLOW.fullmatch(bare):
        return Reading(edit="V02")
    rules = ["spaces"] if bare != text else []
    narrow = bare.translate(_FULL_WIDTH)
    if narrow != bare:
        rules.append("full_width")
    without = _without_unit(narrow, column.kind)
    if without != narrow:
        rules.append("unit_word")
    if without.startswith("+"):
        without = without[1:]
        rules.append("plus_sign")
    if _THOUSANDS.fullmatch(without):
        without = without.replace(",", "")
        rules.append("thousands")
    if _PLAIN.fullmatch(without) is None:
        return Reading(edit="V01")
    return _in_scale(without, column.scale, rules)


def _in_scale(text: str, scale: int, rules: list[str]) -> Reading:
    whole, _, decimals = text.partition(".")
    if len(decimals) > scale:
        if decimals[scale:].strip("0"):
            return Reading(edit="V04")
        decimals = decimals[:scale]
        rules.append("trailing_zeros")
    digits = whole.lstrip("-").lstrip("0") or "0"
    if len(digits) + scale > DIGITS:
        return Reading(edit="V03")
    sign = -1 if whole.startswith("-") else 1
    value = sign * int(digits + decimals.ljust(scale, "0"))
    after = ("-" if sign < 0 else "") + digits + ("." + decimals if decimals else "")
    return Reading(value, rule="+".join(rules), after=after if rules else "")


def heat_unit_of(text: str) -> str:
    """The code of the unit that a heat carries in its own cell; empty where it carries none."""
    narrow = text.strip(_SPACES).translate(_FULL_WIDTH)
    return next((code for word, code in _heat_words().items() if narrow.endswith(word)), "")


@cache
def _heat_words() -> dict[str, str]:
    """Every spelling of a unit of heat and its code, longer ones first."""
    units = {
        unit
        for feed in FEEDS.values()
        for column in feed.columns
        if column.kind is Kind.HEAT and column.unit_column is not None
        for unit in feed.column(column.unit_column).codes
    }
    words = {word: unit.code for unit in units for word in (unit.code, unit.zh, *unit.aliases)}
    return dict(sorted(words.items(), key=lambda entry: (-len(entry[0]), entry[0])))


def _without_unit(text: str, kind: Kind) -> str:
    for word in _heat_words() if kind is Kind.HEAT else UNIT_WORDS.get(kind, ()):
        if text.endswith(word):
            return text[: -len(word)].rstrip(_SPACES)
        if kind is Kind.MONEY and text.startswith(word):
            return text[len(word) :].lstrip(_SPACES)
    return text
