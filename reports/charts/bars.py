"""Bars: findings by harm, bills by outcome, points by indicator."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from markupsafe import Markup

from reports.charts.palette import BLUE, GREY, SMALLEST_MARK, VERMILION, WIDTH
from reports.charts.svg import (
    INK,
    QUIET,
    TRACK,
    element,
    hatch,
    nothing_to_draw,
    picture,
    px,
    reference_to,
    text,
    width_of,
)
from reports.figures import grouped


@dataclass(frozen=True, slots=True)
class Bar:
    """A named value; ``note`` (such as a count) is printed after it."""

    label: str
    value: Decimal | int
    note: str = ""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """How many bills conform, breach, or are inconclusive, under one label (a company, a month)."""

    label: str
    conforms: int
    breach: int
    inconclusive: int


@dataclass(frozen=True, slots=True)
class Score:
    """Points reached of those possible, as decimal strings; ``points`` is None when undetermined."""

    label: str
    points: str | None
    points_max: str
    weight: str


def horizontal_bars(
    bars: Sequence[Bar], *, title: str, description: str, unit: str, empty: str = "—"
) -> Markup:
    """One bar a row, longest scale of the chart; negative values grow to the left of a zero line."""
    if not bars:
        return nothing_to_draw("bars", title, description, empty)
    highest = max(*(Decimal(bar.value) for bar in bars), Decimal(0))
    lowest = min(*(Decimal(bar.value) for bar in bars), Decimal(0))
    span = (highest - lowest) or Decimal(1)
    zero = -lowest / span * WIDTH
    parts = [text(WIDTH, 11, unit, size=11, fill=QUIET, anchor="end", room=WIDTH)]
    for row, bar in enumerate(bars):
        top = 18 + row * 40
        printed = _printed(bar.value) + (f"　{bar.note}" if bar.note else "")
        length = abs(Decimal(bar.value)) / span * WIDTH
        left = zero if bar.value >= 0 else zero - length
        room = WIDTH - width_of(printed, 12) - 8
        parts += [
            text(0, top + 12, bar.label, room=room),
            text(WIDTH, top + 12, printed, anchor="end"),
            element("rect", x=0, y=top + 18, width=WIDTH, height=12, fill=TRACK),
            element(
                "rect",
                x=left,
                y=top + 18,
                width=length,
                height=12,
                fill=BLUE if bar.value >= 0 else VERMILION,
            ),
        ]
    bottom = 18 + len(bars) * 40
    if lowest < 0:
        # Beside the bars only: through the names it would be read as a letter.
        line = "".join(f"M{px(zero)} {34 + row * 40}v16" for row in range(len(bars)))
        parts.append(element("path", d=line, stroke=INK, stroke_width=1))
    return picture("bars", WIDTH, bottom, parts, title=title, description=description)


def stacked_outcomes(
    rows: Sequence[OutcomeRow],
    *,
    title: str,
    description: str,
    conforms: str,
    breach: str,
    inconclusive: str,
    empty: str = "—",
) -> Markup:
    """One full-width bar a row, split by outcome; plain, hatched and dotted. The three counts stand
    under the bar in the order of the legend, so that a share too small to see is still read."""
    if not rows:
        return nothing_to_draw("outcomes", title, description, empty)
    fills = (BLUE, reference_to("breach"), reference_to("open"))
    edges = (BLUE, VERMILION, GREY)
    parts = [element("defs", hatch("breach", VERMILION) + hatch("open", GREY, dots=True))]
    x = Decimal(0)
    for fill, edge, name in zip(fills, edges, (conforms, breach, inconclusive), strict=True):
        parts.append(element("rect", x=x, y=2, width=12, height=12, fill=fill, stroke=edge, stroke_width=1))
        parts.append(text(x + 17, 12, name, size=11, room=WIDTH // 3 - 17))
        x += min(17 + width_of(name, 11) + 16, Decimal(WIDTH // 3))
    for order, row in enumerate(rows):
        top = 26 + order * 56
        counts = (row.conforms, row.breach, row.inconclusive)
        total = sum(counts)
        printed = grouped(str(total))
        parts.append(text(0, top + 12, row.label, room=WIDTH - width_of(printed, 12) - 8))
        parts.append(text(WIDTH, top + 12, printed, anchor="end"))
        parts.append(element("rect", x=0, y=top + 18, width=WIDTH, height=14, fill=TRACK))
        x = Decimal(0)
        for fill, edge, count in zip(fills, edges, counts, strict=True):
            length = Decimal(count) / (total or 1) * WIDTH
            if count:
                # A share too small to draw still leaves a mark, inside the frame.
                drawn = max(length, SMALLEST_MARK)
                parts.append(
                    element(
                        "rect",
                        x=min(x, WIDTH - drawn),
                        y=top + 18,
                        width=drawn,
                        height=14,
                        fill=fill,
                        stroke=edge,
                        stroke_width=1,
                    )
                )
            x += length
        under = "　".join(
            f"{name} {grouped(str(count))}"
            for name, count in zip((conforms, breach, inconclusive), counts, strict=True)
        )
        parts.append(text(0, top + 45, under, size=11, fill=QUIET, room=WIDTH))
    return picture("outcomes", WIDTH, 26 + len(rows) * 56, parts, title=title, description=description)


def score_bars(
    scores: Sequence[Score], *, title: str, description: str, undetermined: str, empty: str = "—"
) -> Markup:
    """Points of each indicator on a track of its possible points, with its weight; an undetermined one
    is dotted over the whole track and says so."""
    if not scores:
        return nothing_to_draw("scores", title, description, empty)
    parts = [element("defs", hatch("open", GREY, dots=True))]
    for row, score in enumerate(scores):
        top = row * 46
        possible = Decimal(score.points_max)
        printed = (
            undetermined if score.points is None else f"{grouped(score.points)} / {grouped(score.points_max)}"
        )
        parts.append(text(0, top + 12, score.label, room=WIDTH - width_of(printed, 12) - 8))
        parts.append(text(WIDTH, top + 12, printed, anchor="end"))
        if score.points is None:
            parts.append(
                element(
                    "rect", x=0, y=top + 18, width=WIDTH, height=10, fill=reference_to("open"), stroke=GREY
                )
            )
        else:
            share = Decimal(score.points) / possible if possible else Decimal(0)
            length = min(max(share, Decimal(0)), Decimal(1)) * WIDTH
            parts.append(element("rect", x=0, y=top + 18, width=WIDTH, height=10, fill=TRACK))
            parts.append(element("rect", x=0, y=top + 18, width=length, height=10, fill=BLUE))
        parts.append(text(0, top + 39, score.weight, size=10, fill=QUIET, room=WIDTH))
    return picture("scores", WIDTH, len(scores) * 46, parts, title=title, description=description)


def _printed(value: Decimal | int) -> str:
    return grouped(f"{value:f}" if isinstance(value, Decimal) else str(value))
