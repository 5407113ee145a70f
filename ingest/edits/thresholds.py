"""The figures that edits judge by: typed, dated values outside the code. A period is judged by its own."""

from __future__ import annotations

import datetime as dt
import tomllib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from importlib import resources
from typing import Any

from ingest.standard.period import Period

Figure = int | Decimal


class ThresholdError(ValueError):
    """The file of thresholds cannot be used; the text names the key and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class DatedFigure:
    """``value`` binds the periods that end on ``since`` or later, until the next one."""

    since: dt.date
    value: Figure


@dataclass(frozen=True, slots=True)
class Threshold:
    """One figure of one edit (``key`` is ``EDIT.name``), with every value it has had or will have, oldest first."""

    key: str
    zh: str
    en: str
    unit_zh: str
    unit_en: str
    values: tuple[DatedFigure, ...]

    @property
    def edit_id(self) -> str:
        return self.key.partition(".")[0]

    @property
    def name(self) -> str:
        return self.key.partition(".")[2]

    def on(self, day: dt.date) -> Figure:
        """The value in force on ``day``. ThresholdError before the first."""
        found = [one.value for one in self.values if one.since <= day]
        if not found:
            raise ThresholdError(f"{self.key} 在 {day} 还没有值 / {self.key} has no value yet on {day}")
        return found[-1]


def load_thresholds(text: str) -> dict[str, Threshold]:
    """Every threshold of a TOML text, by key. Raises ThresholdError for a key given twice, a value of another type or outside
    its bounds, dates that do not rise, or words that are missing."""
    found: dict[str, Threshold] = {}
    for entry in tomllib.loads(text)["threshold"]:
        one = _threshold(entry)
        if one.key in found:
            raise ThresholdError(f"{one.key}: 重复 / given twice")
        found[one.key] = one
    return found


def figure(key: str, period: Period) -> Figure:
    """The value by which a filing for ``period`` is judged. KeyError for an unknown key."""
    return THRESHOLDS[key].on(period.last_day)


def whole(key: str, period: Period) -> int:
    """The same for a threshold that is an integer."""
    value = figure(key, period)
    assert isinstance(value, int)
    return value


def fixed(key: str, period: Period, scale: int) -> int:
    """The same in units of ``10**-scale``. ThresholdError where the value has more decimals than that."""
    value = Decimal(figure(key, period)).scaleb(scale)
    if value != int(value):
        raise ThresholdError(f"{key}: 小数位超过 {scale} 位 / more than {scale} decimals")
    return int(value)


def of_edit(edit_id: str) -> tuple[Threshold, ...]:
    """The thresholds that this edit reads, in the order of the file."""
    return tuple(one for one in THRESHOLDS.values() if one.edit_id == edit_id)


def said(text: str, edit_id: str, day: dt.date) -> str:
    """The words of an edit with its figures of that day in place of ``{name}``."""
    for one in of_edit(edit_id):
        text = text.replace(f"{{{one.name}}}", str(one.on(day)))
    return text


def bare(text: str, edit_id: str) -> str:
    """The words of an edit as they stand in the catalogue: its latest figures, and … for what only a row can say."""
    return said(text, edit_id, dt.date.max).replace("{column}", "…").replace("{detail}", "…")


def _threshold(entry: dict[str, Any]) -> Threshold:
    key = str(entry.get("key", "?"))
    for name in ("zh", "en", "unit_zh", "unit_en", "values"):
        if not entry.get(name):
            raise ThresholdError(f"{key}: 缺少 {name} / {name} is missing")
    kind, least, most = entry["type"], _typed(key, "?", entry["least"]), _typed(key, "?", entry["most"])
    values = tuple(DatedFigure(one["from"], _typed(key, kind, one["value"])) for one in entry["values"])
    for one in values:
        if not least <= one.value <= most:
            raise ThresholdError(
                f"{key}: {one.value} 不在 {least} 至 {most} 之间 / is not within {least} to {most}"
            )
    dates = [one.since for one in values]
    if dates != sorted(set(dates)):
        raise ThresholdError(f"{key}: 日期须逐个递增 / the dates must rise")
    return Threshold(key, entry["zh"], entry["en"], entry["unit_zh"], entry["unit_en"], values)


def _typed(key: str, kind: str, value: object) -> Figure:
    """An integer as it stands, a decimal from its text. ``?`` takes either."""
    if isinstance(value, int) and not isinstance(value, bool) and kind in ("integer", "?"):
        return value
    if isinstance(value, str) and kind in ("decimal", "?"):
        try:
            found = Decimal(value)
        except InvalidOperation:
            found = Decimal("NaN")
        if found.is_finite():
            return found
    raise ThresholdError(f"{key}: {value!r} 不是 {kind} / is no {kind}")


THRESHOLDS: dict[str, Threshold] = load_thresholds(
    resources.files("ingest.edits").joinpath("thresholds.toml").read_text("utf-8")
)
