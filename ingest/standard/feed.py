"""Feeds as data: what a heat company files, read from the TOML files beside this module."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from importlib import resources
from importlib.resources.abc import Traversable
from typing import Any

from ingest.standard.period import PeriodKind


class Kind(StrEnum):
    """What a column holds; the kind alone fixes grammar, storage and unit."""

    TEXT = "text"  # kept as filed
    IDENTIFIER = "identifier"  # one word that names a thing
    CODE = "code"  # one of a code list
    SEASON = "season"  # 2025-26
    MONEY = "money"  # CNY, 2 decimals
    AREA = "area"  # m2, 2 decimals
    HEAT = "heat"  # 3 decimals, the unit in a column of its own
    HEIGHT = "height"  # m, 2 decimals
    TEMPERATURE = "temperature"  # °C, 2 decimals
    VOLUME = "volume"  # m3, 3 decimals
    FLOW = "flow"  # m3/h, 3 decimals
    POWER = "power"  # kW, 3 decimals
    HOURS = "hours"  # h, 2 decimals
    MASS = "mass"  # t, 3 decimals
    ELECTRICITY = "electricity"  # kWh, 3 decimals
    QUANTITY = "quantity"  # 3 decimals, the unit in a column of its own
    COUNT = "count"  # a whole number
    DATE = "date"  # YYYY-MM-DD
    INSTANT = "instant"  # ISO 8601 with offset
    BOOL = "bool"  # true, false


#: Decimals of the numeric kinds; a number is kept as an integer of 10**-scale and stored as decimal128(18, scale).
SCALES: dict[Kind, int] = {
    Kind.MONEY: 2,
    Kind.AREA: 2,
    Kind.HEAT: 3,
    Kind.HEIGHT: 2,
    Kind.TEMPERATURE: 2,
    Kind.VOLUME: 3,
    Kind.FLOW: 3,
    Kind.POWER: 3,
    Kind.HOURS: 2,
    Kind.MASS: 3,
    Kind.ELECTRICITY: 3,
    Kind.QUANTITY: 3,
    Kind.COUNT: 0,
}

UNITS: dict[Kind, str] = {
    Kind.MONEY: "CNY",
    Kind.AREA: "m2",
    Kind.HEIGHT: "m",
    Kind.TEMPERATURE: "°C",
    Kind.VOLUME: "m3",
    Kind.FLOW: "m3/h",
    Kind.POWER: "kW",
    Kind.HOURS: "h",
    Kind.MASS: "t",
    Kind.ELECTRICITY: "kWh",
}


@dataclass(frozen=True, slots=True)
class Code:
    code: str
    zh: str
    en: str
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column. ``minimum`` and ``maximum`` are included bounds; ``line`` says whether an amount is a ``charge`` or a
    ``reduction`` of the bill's total; ``reference`` names the ``feed.column`` where the value must be known;
    ``unit_column`` holds the unit of a heat or a quantity; what is ``cumulative`` is read off a register and never summed."""

    code: str
    kind: Kind
    required: bool
    zh: str
    en: str
    codes: tuple[Code, ...] = ()
    minimum: Decimal | None = None
    maximum: Decimal | None = None
    line: str | None = None
    reference: str | None = None
    unit_column: str | None = None
    is_cumulative: bool = False
    note_zh: str = ""
    note_en: str = ""

    @property
    def unit(self) -> str:
        return UNITS.get(self.kind, "")

    @property
    def scale(self) -> int:
        """Decimals of a numeric column; KeyError for any other kind."""
        return SCALES[self.kind]


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed. Its rows lie in the period filed by ``period_column``, where it has one; ``weight_column`` says how much a
    row weighs where rows are listed."""

    code: str
    order: int
    zh: str
    en: str
    description_zh: str
    description_en: str
    periods: tuple[PeriodKind, ...]
    key: tuple[str, ...]
    period_column: str | None
    weight_column: str
    columns: tuple[Column, ...]
    sample: tuple[dict[str, str], ...]

    def column(self, code: str) -> Column:
        """The column of that code; KeyError when the feed has none."""
        for column in self.columns:
            if column.code == code:
                return column
        raise KeyError(f"{self.code}.{code}")

    def lines(self, side: str) -> tuple[Column, ...]:
        """The columns that are a ``charge`` or a ``reduction``."""
        return tuple(column for column in self.columns if column.line == side)


def load_feeds() -> dict[str, Feed]:
    """Every feed of the standard by code, in the order the standard lists them."""
    folder = resources.files("ingest.standard")
    lists = _code_lists(folder.joinpath("codes.toml"))
    feeds = [_feed(tomllib.loads(file.read_text("utf-8")), lists) for file in feed_files()]
    return {feed.code: feed for feed in sorted(feeds, key=lambda feed: feed.order)}


def explanation_codes() -> tuple[Code, ...]:
    """What a company may say of a value that is unlikely and true."""
    return _code_lists(resources.files("ingest.standard").joinpath("codes.toml"))["explanation"]


def correction_columns() -> tuple[Column, Column]:
    """The two columns in front of a feed's own in a partial correction."""
    actions = _code_lists(resources.files("ingest.standard").joinpath("codes.toml"))["correction_action"]
    action = Column("action", Kind.CODE, True, "更正动作", "Action of the correction", actions)
    digest = Column("expected_digest", Kind.IDENTIFIER, False, "原行摘要", "Digest of the row replaced")
    return action, digest


def feed_files() -> list[Traversable]:
    """The TOML files of the feeds, by name."""
    files = resources.files("ingest.standard").iterdir()
    names = (file for file in files if file.name.endswith(".toml") and file.name != "codes.toml")
    return sorted(names, key=lambda file: file.name)


def _code_lists(file: Traversable) -> dict[str, tuple[Code, ...]]:
    lists = tomllib.loads(file.read_text("utf-8"))
    return {name: tuple(_code(entry) for entry in one["codes"]) for name, one in lists.items()}


def _code(entry: dict[str, Any]) -> Code:
    return Code(entry["code"], entry["zh"], entry["en"], tuple(entry.get("aliases", ())))


def _feed(said: dict[str, Any], lists: dict[str, tuple[Code, ...]]) -> Feed:
    return Feed(
        code=said["code"],
        order=said["order"],
        zh=said["zh"],
        en=said["en"],
        description_zh=said["description_zh"],
        description_en=said["description_en"],
        periods=tuple(PeriodKind(kind) for kind in said["periods"]),
        key=tuple(said["key"]),
        period_column=said.get("period_column"),
        weight_column=said["weight_column"],
        columns=tuple(_column(entry, lists) for entry in said["column"]),
        sample=tuple(said["sample"]),
    )


def _column(entry: dict[str, Any], lists: dict[str, tuple[Code, ...]]) -> Column:
    kind = Kind(entry["kind"])
    return Column(
        code=entry["code"],
        kind=kind,
        required=entry.get("required", False),
        zh=entry["zh"],
        en=entry["en"],
        codes=lists[entry["codes"]] if kind is Kind.CODE else (),
        minimum=Decimal(entry["minimum"]) if "minimum" in entry else None,
        maximum=Decimal(entry["maximum"]) if "maximum" in entry else None,
        line=entry.get("line"),
        reference=entry.get("reference"),
        unit_column=entry.get("unit_column"),
        is_cumulative=entry.get("cumulative", False),
        note_zh=entry.get("note_zh", ""),
        note_en=entry.get("note_en", ""),
    )
