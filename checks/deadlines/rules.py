"""The time limits of complaints, read from ``complaints.toml`` and checked once.

A rule that cannot be read stops the reading with :class:`RuleError`, which says which rule and what is wrong: a rule
skipped in silence would be a deadline nobody keeps.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from typing import Any

TOPICS = (
    "low_temperature",
    "no_heat",
    "leak",
    "bill_error",
    "fee_dispute",
    "metering",
    "refund",
    "suspension",
    "attitude",
    "other",
)
EVERYWHERE = "*"


class RuleError(ValueError):
    """The rule data is not usable; the message names the rule and the fault."""


class Stage(StrEnum):
    """What must have happened by the time limit."""

    ON_SITE = "on_site"
    ANSWER = "answer"
    CLOSE = "close"


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, slots=True)
class SeasonStart:
    month: int
    day: int
    assumed: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One time limit: ``count`` of ``unit`` from receipt, or ``first_days_hours`` hours early in the season."""

    key: str
    cities: frozenset[str]  # empty: everywhere
    topics: frozenset[str]
    stage: Stage
    unit: Unit
    count: int
    first_days_hours: int | None
    zh: str
    en: str
    source: str  # names of the sources, joined by "; "
    source_keys: tuple[str, ...]
    confidence: str
    assumed: bool

    def fits(self, city: str, topic: str, stage: Stage) -> bool:
        return stage is self.stage and topic in self.topics and (not self.cities or city in self.cities)


@dataclass(frozen=True, slots=True)
class RuleBook:
    rules: tuple[Rule, ...]
    season_starts: Mapping[str, SeasonStart]
    groups: Mapping[str, frozenset[str]]
    season_first_days: int

    def named(self, city: str) -> str:
        """The city's name as the rules write it: ``济南`` is 济南市 and ``青岛市崂山区`` lies in 青岛市; else as given."""
        for known in self.cities:
            if city in (known, known.removesuffix("市")) or city.startswith(known):
                return known
        return city

    @property
    def cities(self) -> frozenset[str]:
        return frozenset(city for rule in self.rules for city in rule.cities)

    def first(self, city: str, topic: str, stage: Stage) -> Rule | None:
        """The rule that decides, in the order of the file; ``None`` when the stage has no limit."""
        return next((rule for rule in self.rules if rule.fits(city, topic, stage)), None)

    def season_start(self, city: str) -> SeasonStart | None:
        """The start of the city's season, by its own entry or its group's."""
        if city in self.season_starts:
            return self.season_starts[city]
        for group, members in self.groups.items():
            if city in members and group in self.season_starts:
                return self.season_starts[group]
        return None


@cache
def rule_book() -> RuleBook:
    """The rules as shipped. Raises :class:`RuleError`."""
    return read_rules(_text())


@cache
def rules_digest() -> str:
    """SHA-256 of the rule file: which rules a deadline was made with."""
    return hashlib.sha256(_text().encode()).hexdigest()


def read_rules(text: str) -> RuleBook:
    """Rules out of TOML ``text``. Raises :class:`RuleError`."""
    data = tomllib.loads(text)
    groups = {name: frozenset(members) for name, members in data["groups"].items()}
    rules = tuple(_rule(entry, data, groups) for entry in data["rule"])
    keys = [rule.key for rule in rules]
    if twice := {key for key in keys if keys.count(key) > 1}:
        raise RuleError(f"规则编号重复：{sorted(twice)}。 Rule keys used twice: {sorted(twice)}.")
    starts = {
        name: SeasonStart(entry["month"], entry["day"], bool(entry.get("assumed", False)))
        for name, entry in data["season_start"].items()
    }
    for name, start in starts.items():
        _require_date(name, start)
    return RuleBook(rules, starts, groups, int(data["season_first_days"]))


def _rule(entry: Mapping[str, Any], data: Mapping[str, Any], groups: Mapping[str, frozenset[str]]) -> Rule:
    key = str(entry.get("key", "?"))
    units = [unit for unit in Unit if unit in entry]
    if len(units) != 1:
        raise RuleError(f"规则{key}须有且只有一种期限单位。 Rule {key} needs exactly one of {[*Unit]}.")
    count = entry[units[0]]
    if not isinstance(count, int) or count < 1:
        raise RuleError(
            f"规则{key}的期限须为正整数：{count!r}。 Rule {key}: {count!r} is not a positive whole number."
        )
    unknown = [name for name in entry["source"] if name not in data["sources"]]
    if unknown or not entry["source"]:
        raise RuleError(f"规则{key}的来源未列出：{unknown}。 Rule {key} names sources not listed: {unknown}.")
    return Rule(
        key=key,
        cities=_cities(key, entry["cities"], groups),
        topics=_topics(key, entry["topics"], data["topics"]),
        stage=Stage(entry["stage"]),
        unit=units[0],
        count=count,
        first_days_hours=entry.get("first_days_hours"),
        zh=entry["zh"],
        en=entry["en"],
        source="; ".join(data["sources"][name] for name in entry["source"]),
        source_keys=tuple(entry["source"]),
        confidence=entry["confidence"],
        assumed=bool(entry.get("assumed", False)),
    )


def _cities(key: str, said: str | list[str], groups: Mapping[str, frozenset[str]]) -> frozenset[str]:
    if said == EVERYWHERE:
        return frozenset()
    if isinstance(said, str):
        if said not in groups:
            raise RuleError(f"规则{key}引用了未知城市组{said}。 Rule {key} names an unknown group {said}.")
        return groups[said]
    return frozenset(said)


def _topics(key: str, said: str | list[str], named: Mapping[str, list[str]]) -> frozenset[str]:
    topics = frozenset(named.get(said, ()) if isinstance(said, str) else said)
    if not topics or not topics <= frozenset(TOPICS):
        raise RuleError(f"规则{key}的诉求类别不明：{said}。 Rule {key} has unknown topics: {said}.")
    return topics


def _require_date(name: str, start: SeasonStart) -> None:
    try:
        dt.date(2001, start.month, start.day)  # a plain year: a season cannot start on 29 February
    except ValueError as error:
        raise RuleError(f"{name}的供热起始日不存在。 The season of {name} starts on no day.") from error


def _text() -> str:
    return (resources.files("checks.deadlines") / "complaints.toml").read_text(encoding="utf-8")
