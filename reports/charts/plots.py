"""Plots over an axis: how differences are distributed, how a tariff changed over time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from typing import Final

from markupsafe import Markup

from reports.charts.palette import BLUE, GREEN, GREY, PURPLE, SMALLEST_MARK, VERMILION, WIDTH
from reports.charts.svg import INK, QUIET, element, nothing_to_draw, picture, px, text, tooltip, width_of
from reports.figures import grouped

_PALETTE: Final = (BLUE, VERMILION, GREEN, PURPLE, GREY)
_DASHES: Final = ("none", "7 3", "2 3", "9 3 2 3", "4 2")
_LEFT: Final = 8
_RIGHT: Final = WIDTH - 8
_TOP: Final = 36
_BOTTOM: Final = 176


@dataclass(frozen=True, slots=True)
class Bin:
    """How many values lie in [low, high)."""

    low: Decimal
    high: Decimal
    count: int


@dataclass(frozen=True, slots=True)
class Step:
    """From ``since`` on the value holds, until the next step."""

    since: dt.date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Series:
    label: str
    steps: Sequence[Step]


def histogram(
    bins: Sequence[Bin], *, title: str, description: str, x_label: str, y_label: str, empty: str = "—"
) -> Markup:
    """Adjacent columns as wide as their share of the range, the count over each, borders of the bins below.
    Bins must be in order and without gaps, else ValueError."""
    if not bins:
        return nothing_to_draw("histogram", title, description, empty)
    for before, after in pairwise(bins):
        if before.high != after.low:
            raise ValueError(f"{before.high} ≠ {after.low}：各组须首尾相接 / bins must follow on one another")
    low, span = bins[0].low, bins[-1].high - bins[0].low
    most = max(bin_.count for bin_ in bins) or 1

    def across(value: Decimal) -> Decimal:
        return _LEFT + (value - low) / span * (_RIGHT - _LEFT)

    parts = [text(0, 11, y_label, size=11, fill=QUIET, room=WIDTH)]
    for bin_ in bins:
        x, width = across(bin_.low), across(bin_.high) - across(bin_.low)
        height = max(
            Decimal(bin_.count) / most * (_BOTTOM - _TOP), SMALLEST_MARK if bin_.count else Decimal(0)
        )
        parts.append(
            element(
                "rect",
                tooltip(f"[{bin_.low}, {bin_.high}): {bin_.count}"),
                x=x + Decimal("0.5"),
                y=_BOTTOM - height,
                width=max(width - 1, Decimal(1)),
                height=height,
                fill=BLUE if bin_.low >= 0 else VERMILION,
            )
        )
        count = grouped(str(bin_.count))
        if bin_.count and width_of(count, 11) <= max(width, Decimal(26)):
            parts.append(text(x + width / 2, _BOTTOM - height - 4, count, size=11, anchor="middle"))
    parts.append(element("path", d=f"M{_LEFT} {_BOTTOM}H{_RIGHT}", stroke=INK, stroke_width=1))
    parts += _ticks([(across(edge), grouped(str(edge))) for edge in _edges(bins)])
    parts.append(text(WIDTH // 2, _BOTTOM + 36, x_label, size=11, fill=QUIET, anchor="middle", room=WIDTH))
    return picture("histogram", WIDTH, _BOTTOM + 44, parts, title=title, description=description)


def step_line(
    series: Sequence[Series], *, title: str, description: str, unit: str, until: dt.date, empty: str = "—"
) -> Markup:
    """Values that hold until they change, drawn as steps up to the day ``until``; each value is printed
    where it begins, each series has its own colour, dash and marker. The value axis starts at zero.
    Raises ValueError when ``until`` is not after the first day."""
    drawn = [one for one in series if one.steps]
    if not drawn:
        return nothing_to_draw("steps", title, description, empty)
    first = min(step.since for one in drawn for step in one.steps)
    if until <= first:
        raise ValueError(f"{until} ≤ {first}：终止日须晚于首个生效日 / the end must follow the first day")
    highest = max(step.value for one in drawn for step in one.steps) or Decimal(1)

    def across(day: dt.date) -> Decimal:
        return _LEFT + Decimal((day - first).days) / (until - first).days * (_RIGHT - _LEFT)

    def down(value: Decimal) -> Decimal:
        return _BOTTOM - value / highest * (_BOTTOM - _TOP)

    parts = [text(0, 11, unit, size=11, fill=QUIET, room=WIDTH)]
    parts.append(element("path", d=f"M{_LEFT} {_BOTTOM}H{_RIGHT}", stroke=INK, stroke_width=1))
    for order, one in enumerate(drawn):
        parts += _stairs(order, sorted(one.steps, key=lambda step: step.since), across, down)
        parts += _legend(order, one.label, _BOTTOM + 44 + 18 * order)
    days = sorted({step.since for one in drawn for step in one.steps} | {until})
    parts += _ticks([(across(day), f"{day:%Y-%m}") for day in days])
    height = _BOTTOM + 38 + 18 * len(drawn)
    return picture("steps", WIDTH, height, parts, title=title, description=description)


def _stairs(
    order: int,
    steps: Sequence[Step],
    across: Callable[[dt.date], Decimal],
    down: Callable[[Decimal], Decimal],
) -> list[str]:
    """One series: its line, a marker where each value begins, and the value above it (below it for
    every second series) where the step is wide enough; the last value is always printed."""
    colour = _PALETTE[order % len(_PALETTE)]
    path = f"M{px(across(steps[0].since))} {px(down(steps[0].value))}"
    path += "".join(f"H{px(across(step.since))}V{px(down(step.value))}" for step in steps[1:])
    parts = [
        element(
            "path",
            d=f"{path}H{_RIGHT}",
            fill="none",
            stroke=colour,
            stroke_width=2,
            stroke_dasharray=_DASHES[order % len(_DASHES)],
        )
    ]
    ends = [across(step.since) for step in steps[1:]] + [Decimal(_RIGHT)]
    for step, end in zip(steps, ends, strict=True):
        x, y, words = across(step.since), down(step.value), grouped(f"{step.value:f}")
        parts.append(_marker(order, x, y, colour, f"{step.since}: {step.value:f}"))
        baseline = y - 7 if order % 2 == 0 else y + 16
        is_last = step is steps[-1]
        if width_of(words, 11) + 6 <= end - x:
            parts.append(text(x + 2, baseline, words, size=11, fill=colour))
        elif is_last:
            parts.append(text(_RIGHT, baseline, words, size=11, fill=colour, anchor="end"))
    return parts


def _marker(order: int, x: Decimal, y: Decimal, colour: str, name: str) -> str:
    """A disc, a square, a triangle or a diamond."""
    shapes = (
        f"M{px(x - 3)} {px(y)}a3 3 0 1 0 6 0a3 3 0 1 0 -6 0z",
        f"M{px(x - 3)} {px(y - 3)}h6v6h-6z",
        f"M{px(x)} {px(y - 4)}l4 7h-8z",
        f"M{px(x)} {px(y - 4)}l4 4l-4 4l-4 -4z",
    )
    return element("path", tooltip(name), d=shapes[order % len(shapes)], fill=colour)


def _legend(order: int, label: str, y: int) -> list[str]:
    colour = _PALETTE[order % len(_PALETTE)]
    return [
        element(
            "path",
            d=f"M{_LEFT} {y - 4}h28",
            stroke=colour,
            stroke_width=2,
            stroke_dasharray=_DASHES[order % len(_DASHES)],
        ),
        _marker(order, Decimal(_LEFT + 14), Decimal(y - 4), colour, label),
        text(_LEFT + 36, y, label, size=11, room=WIDTH - _LEFT - 36),
    ]


def _edges(bins: Sequence[Bin]) -> list[Decimal]:
    return [bins[0].low, *(bin_.high for bin_ in bins)]


def _ticks(places: Sequence[tuple[Decimal, str]]) -> list[str]:
    """Tick labels under an axis; one that would touch its neighbour is left out, the last one never is."""
    parts: list[str] = []
    last_place, last_words = places[-1]
    free_from, ends_before = Decimal(0), WIDTH - width_of(last_words, 11) - 6
    for place, words in places[:-1]:
        half = width_of(words, 11) / 2
        start = max(place - half, Decimal(0))
        parts.append(element("path", d=f"M{px(place)} {_BOTTOM}v4", stroke=INK, stroke_width=1))
        if start >= free_from and start + 2 * half <= ends_before:
            parts.append(text(start, _BOTTOM + 17, words, size=11))
            free_from = start + 2 * half + 6
    parts.append(element("path", d=f"M{px(last_place)} {_BOTTOM}v4", stroke=INK, stroke_width=1))
    parts.append(text(WIDTH, _BOTTOM + 17, last_words, size=11, anchor="end"))
    return parts
