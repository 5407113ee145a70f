"""The rating scheme as data: indicators, grades, limiters, what follows. Read once, checked in full, known by digest."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fractions import Fraction
from importlib import resources
from typing import Any

#: What a scheme that does not say it counts as owed: the feeds that were owed when schemes were first published.
RATED_FEEDS = ("accounts", "bills")


class SchemeError(ValueError):
    """The scheme cannot be used; the message says which entry and why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(f"{zh} {en}")


class Direction(StrEnum):
    LOWER = "lower"  # the smaller the better
    HIGHER = "higher"


class Missing(StrEnum):
    """What an indicator counts as when nobody has its fact."""

    ZERO = "zero"
    LEAVE_OUT = "leave_out"


class Unit(StrEnum):
    PERCENT = "percent"
    CNY_PER_MILLION = "cny_per_million"
    PER_THOUSAND = "per_thousand"


class Measure(StrEnum):
    """How a limiter reads its fact: the numerator alone, or numerator / denominator."""

    COUNT = "count"
    SHARE = "share"


@dataclass(frozen=True, slots=True)
class Indicator:
    """``value = numerator / denominator x per``; 100 points at ``full``, 0 at ``zero``, a straight line between."""

    code: str
    group: str
    zh: str
    en: str
    definition_zh: str
    definition_en: str
    direction: Direction
    per: int
    unit: Unit
    weight: Fraction
    full: Fraction
    zero: Fraction
    minimum_n: int
    missing: Missing
    asserted: bool
    threshold_assumed: bool
    source: tuple[str, ...]

    def points(self, value: Fraction) -> Fraction:
        """0 to 100, exact."""
        return 100 * min(Fraction(1), max(Fraction(0), (value - self.zero) / (self.full - self.zero)))


@dataclass(frozen=True, slots=True)
class Grade:
    """The grade of unrounded scores from ``at_least`` (included) up to the next better grade."""

    letter: str
    at_least: Fraction
    zh: str
    en: str
    consequence_zh: str
    consequence_en: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Escalation:
    """The same grade ``in_a_row`` seasons brings this on top."""

    code: str
    grade: str
    in_a_row: int
    zh: str
    en: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limiter:
    """While ``fact`` lies above ``above`` the grade is ``at_most`` this one, whatever the score (一票否决)."""

    code: str
    fact: str
    measure: Measure
    above: Fraction
    at_most: str
    zh: str
    en: str
    cure_zh: str
    cure_en: str
    source: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Group:
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Scheme:
    code: str
    version: str
    season: str
    zh: str
    en: str
    indicators: tuple[Indicator, ...]
    grades: tuple[Grade, ...]  # best first
    limiters: tuple[Limiter, ...]
    escalations: tuple[Escalation, ...]
    groups: tuple[Group, ...]
    sources: Mapping[str, str]
    filing_feeds: tuple[str, ...]  # whose filings are counted as owed
    digest: str  # SHA-256 of the file's bytes

    def indicator(self, code: str) -> Indicator:
        """Raises ``KeyError`` for a code the scheme does not have."""
        for indicator in self.indicators:
            if indicator.code == code:
                return indicator
        raise KeyError(code)

    def grade(self, score: Fraction) -> Grade:
        """The grade of an unrounded score."""
        return next(grade for grade in self.grades if score >= grade.at_least)

    def lower_of(self, first: str, second: str) -> str:
        """The worse of two grade letters."""
        letters = [grade.letter for grade in self.grades]
        return max(first, second, key=letters.index)

    def named(self, letter: str) -> Grade:
        """The grade of a letter. Raises ``KeyError``."""
        for grade in self.grades:
            if grade.letter == letter:
                return grade
        raise KeyError(letter)

    @property
    def asserted_share(self) -> Fraction:
        """Share of the weight that rests on the company's own word, 0 to 1."""
        return sum((i.weight for i in self.indicators if i.asserted), Fraction(0)) / 100


def load_scheme(code: str = "season-2025") -> Scheme:
    """A scheme shipped with the product. Raises :class:`SchemeError` when there is none of that code."""
    file = resources.files("checks.ratings") / "schemes" / f"{code}.toml"
    if not re.fullmatch(r"[a-z0-9-]+", code) or not file.is_file():
        raise SchemeError(f"没有评价方案{code}。", f"There is no rating scheme {code}.")
    return read_scheme(file.read_bytes())


def read_scheme(content: bytes) -> Scheme:
    """A scheme out of TOML bytes, complete and consistent. Raises :class:`SchemeError` naming entry and fault."""
    try:
        data = tomllib.loads(content.decode("utf-8"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SchemeError(
            f"方案文件无法读取：{error}。", f"The scheme is not readable TOML: {error}."
        ) from error
    try:
        scheme = _scheme(data, hashlib.sha256(content).hexdigest())
    except KeyError as error:
        raise SchemeError(f"方案缺少{error}。", f"The scheme lacks {error}.") from error
    except (TypeError, ValueError) as error:
        if isinstance(error, SchemeError):
            raise
        raise SchemeError(f"方案内容有误：{error}。", f"The scheme holds a wrong value: {error}.") from error
    _require_sound(scheme)
    return scheme


def _scheme(data: Mapping[str, Any], digest: str) -> Scheme:
    return Scheme(
        code=data["code"],
        version=data["version"],
        season=data["season"],
        zh=data["zh"],
        en=data["en"],
        indicators=tuple(_indicator(entry) for entry in data["indicator"]),
        grades=tuple(_grade(entry) for entry in data["grade"]),
        limiters=tuple(_limiter(entry) for entry in data.get("limiter", ())),
        escalations=tuple(
            Escalation(**{**entry, "source": tuple(entry["source"])}) for entry in data.get("escalation", ())
        ),
        groups=tuple(Group(code, names["zh"], names["en"]) for code, names in data["groups"].items()),
        sources=dict(data["sources"]),
        filing_feeds=tuple(data.get("filing_feeds", RATED_FEEDS)),
        digest=digest,
    )


def _indicator(entry: Mapping[str, Any]) -> Indicator:
    return Indicator(
        **{
            **entry,
            "direction": Direction(entry["direction"]),
            "unit": Unit(entry["unit"]),
            "weight": _number(entry["weight"]),
            "full": _number(entry["full"]),
            "zero": _number(entry["zero"]),
            "missing": Missing(entry["missing"]),
            "asserted": entry.get("asserted", False),
            "threshold_assumed": entry.get("threshold_assumed", False),
            "source": tuple(entry["source"]),
        }
    )


def _grade(entry: Mapping[str, Any]) -> Grade:
    return Grade(**{**entry, "at_least": _number(entry["at_least"]), "source": tuple(entry["source"])})


def _limiter(entry: Mapping[str, Any]) -> Limiter:
    return Limiter(
        **{
            **entry,
            "measure": Measure(entry["measure"]),
            "above": _number(entry["above"]),
            "source": tuple(entry["source"]),
        }
    )


def _number(said: Any) -> Fraction:
    """A number written as text or whole number; a float has already lost what was written."""
    if isinstance(said, bool) or not isinstance(said, int | str):
        raise SchemeError(
            f"数值须写成字符串或整数：{said!r}。", f"Write the number {said!r} as text or a whole number."
        )
    try:
        return Fraction(Decimal(said))
    except (InvalidOperation, ValueError, OverflowError) as error:
        raise SchemeError(f"不是数值：{said!r}。", f"{said!r} is not a number.") from error


def _require_sound(scheme: Scheme) -> None:
    _require_unique("indicator", (i.code for i in scheme.indicators))
    _require_unique("limiter", (limiter.code for limiter in scheme.limiters))
    _require_unique("grade", (grade.letter for grade in scheme.grades))
    total = sum((i.weight for i in scheme.indicators), Fraction(0))
    if total != 100:
        raise SchemeError(f"权重合计须为100，现为{total}。", f"The weights add to {total}, not to 100.")
    groups = {group.code for group in scheme.groups}
    for i in scheme.indicators:
        if i.weight <= 0 or i.minimum_n < 1 or i.per < 1 or i.group not in groups:
            raise SchemeError(
                f"指标{i.code}的权重、样本量、倍数或分组有误。",
                f"Indicator {i.code}: weight, minimum n, per or group is wrong.",
            )
        if i.full == i.zero or (i.full < i.zero) != (i.direction is Direction.LOWER):
            raise SchemeError(
                f"指标{i.code}的满分线与零分线和方向不符。",
                f"Indicator {i.code}: full and zero marks contradict its direction.",
            )
    edges = [grade.at_least for grade in scheme.grades]
    if not edges or edges[-1] != 0 or edges != sorted(set(edges), reverse=True):
        raise SchemeError("等级分数线须由高到低且以0结束。", "Grade cut-offs must fall and end at 0.")
    letters = {grade.letter for grade in scheme.grades}
    for code, letter in [(x.code, x.at_most) for x in scheme.limiters] + [
        (x.code, x.grade) for x in scheme.escalations
    ]:
        if letter not in letters:
            raise SchemeError(
                f"{code}引用了未定义的等级{letter}。", f"{code} names a grade {letter} that does not exist."
            )
    named = [
        *(key for indicator in scheme.indicators for key in indicator.source),
        *(key for grade in scheme.grades for key in grade.source),
        *(key for limiter in scheme.limiters for key in limiter.source),
        *(key for step in scheme.escalations for key in step.source),
    ]
    if unknown := set(named) - set(scheme.sources):
        raise SchemeError(f"来源未列出：{sorted(unknown)}。", f"Sources not listed: {sorted(unknown)}.")


def _require_unique(what: str, codes: Iterable[str]) -> None:
    seen: set[str] = set()
    for code in codes:
        if code in seen:
            raise SchemeError(f"编号{code}重复。", f"The {what} {code} occurs twice.")
        seen.add(code)
