"""Charts: values printed, shapes to scale, names for the screen reader, texture besides colour, hostile labels inert."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from reports.charts import (
    Bar,
    Bin,
    OutcomeRow,
    Score,
    Series,
    Step,
    histogram,
    horizontal_bars,
    palette,
    score_bars,
    stacked_outcomes,
    step_line,
    svg,
)

SVG = "{http://www.w3.org/2000/svg}"
NAMES = {"title": "多收热费 / Overcharges", "description": "按原因 / by cause"}
HOSTILE = '"><script>alert(1)</script><a style="x" onload="y">&\x00\u202e'


def bars(label: str = "面积口径 area basis") -> str:
    return horizontal_bars(
        [Bar(label, Decimal("300.50"), "12 户"), Bar("层高", Decimal("-75.10"))], unit="元 CNY", **NAMES
    )


def outcomes(label: str = "城北热力") -> str:
    return stacked_outcomes(
        [OutcomeRow(label, 900, 90, 10), OutcomeRow("城南", 1_000_000, 1, 0), OutcomeRow("空", 0, 0, 0)],
        conforms="相符 conforms", breach="不符 breach", inconclusive="无法判定 inconclusive", **NAMES,
    )  # fmt: skip


def differences(label: str = "差额（元）") -> str:
    edges = [Decimal(edge) for edge in ("-100", "-50", "0", "50", "100")]
    counts = (3, 40, 1200, 7)
    return histogram(
        [Bin(low, high, count) for low, high, count in zip(edges, edges[1:], counts, strict=False)],
        x_label=label, y_label="户数 accounts", **NAMES,
    )  # fmt: skip


def tariffs(label: str = "居民 residential") -> str:
    return step_line(
        [
            Series(label, [Step(dt.date(2015, 10, 1), Decimal("22.00")), Step(dt.date(2022, 10, 15), Decimal("24.00"))]),
            Series("非居民", [Step(dt.date(2016, 1, 1), Decimal("32.00"))]),
        ],
        unit="元/m²", until=dt.date(2026, 4, 1), **NAMES,
    )  # fmt: skip


def scores(label: str = "账单准确率") -> str:
    return score_bars(
        [Score(label, "24.6", "30", "权重 30%"), Score("能耗", None, "10", "权重 10%"), Score("零", "0", "0", "权重 0%")],
        undetermined="未能判定", **NAMES,
    )  # fmt: skip


CHARTS = [bars, outcomes, differences, tariffs, scores]


def said(chart: str) -> list[str]:
    return ["".join(node.itertext()) for node in ET.fromstring(chart).iter(f"{SVG}text")]


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_is_well_formed_named_described_and_scales_with_its_box(chart) -> None:
    root = ET.fromstring(chart())
    assert root.get("role") == "img"
    assert re.fullmatch(r"0 0 400 \d+(\.\d)?", root.get("viewBox"))
    assert root.get("width") is None
    title, description = root[0], root[1]
    assert (title.tag, title.text) == (f"{SVG}title", NAMES["title"])
    assert (description.tag, description.text) == (f"{SVG}desc", NAMES["description"])
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"


@pytest.mark.parametrize("chart", CHARTS)
def test_a_chart_has_no_inline_style_script_or_address(chart) -> None:
    for node in ET.fromstring(chart()).iter():
        assert "style" not in node.attrib
        assert not any(name.startswith("on") or name.endswith("href") for name in node.attrib)
        assert node.tag.removeprefix(SVG) in {
            "svg", "title", "desc", "defs", "pattern", "rect", "path", "text", "circle"
        }  # fmt: skip


@pytest.mark.parametrize("chart", CHARTS)
def test_a_hostile_label_is_text_and_changes_no_element(chart) -> None:
    clean, hostile = chart("名"), chart("名" + HOSTILE)
    tags = [node.tag for node in ET.fromstring(hostile).iter() if node.tag not in {f"{SVG}title"}]
    assert tags == [node.tag for node in ET.fromstring(clean).iter() if node.tag not in {f"{SVG}title"}]
    assert "<script>alert" in "".join(ET.fromstring(hostile).itertext())


@pytest.mark.parametrize("chart", CHARTS)
def test_the_same_chart_is_the_same_text_and_others_have_other_ids(chart) -> None:
    assert chart() == chart()
    ids = [re.findall(r' id="([^"]+)"', other()) for other in CHARTS]
    flat = [name for names in ids for name in names]
    assert len(flat) == len(set(flat))


@pytest.mark.parametrize("chart", CHARTS)
def test_no_text_leaves_the_picture_even_with_long_names(chart) -> None:
    root = ET.fromstring(chart("供热企业名称很长很长" * 12))
    for node in root.iter(f"{SVG}text"):
        words = "".join(part for part in (node.text, *(child.tail for child in node)) if part)
        width = svg.width_of(words, int(node.get("font-size")))
        x = Decimal(node.get("x"))
        start = {"start": x, "middle": x - width / 2, "end": x - width}[node.get("text-anchor")]
        assert start >= -1, words
        assert start + width <= 401, words


def test_a_name_that_is_cut_is_whole_in_its_tooltip() -> None:
    name = "供热企业名称很长很长" * 12
    node = next(node for node in ET.fromstring(bars(name)).iter(f"{SVG}text") if len(node))
    assert node[0].tag == f"{SVG}title"
    assert node[0].text == name


def test_bars_are_as_long_as_their_values_and_print_them() -> None:
    rects = [node for node in ET.fromstring(bars()).iter(f"{SVG}rect") if node.get("fill") != svg.TRACK]
    widths = [Decimal(node.get("width")) for node in rects]
    assert abs(widths[0] / widths[1] - Decimal("300.50") / Decimal("75.10")) < Decimal("0.01")
    assert Decimal(rects[1].get("x")) + widths[1] == Decimal(rects[0].get("x"))
    assert "300.50　12 户" in said(bars())
    assert "−75.10" in said(bars())


def test_outcomes_differ_in_texture_and_even_one_bill_leaves_a_mark() -> None:
    root = ET.fromstring(outcomes())
    fills = {node.get("fill") for node in root.iter(f"{SVG}rect")}
    patterns = {f"url(#{node.get('id')})" for node in root.iter(f"{SVG}pattern")}
    assert len(patterns) == 2
    assert patterns < fills
    assert "相符 conforms 1,000,000　不符 breach 1　无法判定 inconclusive 0" in said(outcomes())
    marks = [node for node in root.iter(f"{SVG}rect") if "breach" in node.get("fill", "")]
    assert min(Decimal(mark.get("width")) for mark in marks) >= Decimal("1.5")
    assert max(Decimal(mark.get("x")) + Decimal(mark.get("width")) for mark in marks) <= 400


def test_a_histogram_prints_its_counts_edges_and_axis_names() -> None:
    words = said(differences())
    assert {"1,200", "户数 accounts", "差额（元）", "−100", "100"} <= set(words)
    with pytest.raises(ValueError, match="首尾相接"):
        histogram(
            [Bin(Decimal(0), Decimal(1), 1), Bin(Decimal(2), Decimal(3), 1)], x_label="", y_label="", **NAMES
        )


def test_a_tariff_history_prints_every_price_and_marks_series_three_ways() -> None:
    words = said(tariffs())
    assert {"22.00", "24.00", "32.00", "元/m²", "居民 residential", "非居民", "2026-04"} <= set(words)
    dashes = {node.get("stroke-dasharray") for node in ET.fromstring(tariffs()).iter(f"{SVG}path")} - {None}
    assert len(dashes) == 2
    with pytest.raises(ValueError, match="终止日"):
        step_line(
            [Series("x", [Step(dt.date(2026, 4, 1), Decimal(1))])],
            unit="",
            until=dt.date(2026, 4, 1),
            **NAMES,
        )


def test_a_score_that_is_undetermined_says_so() -> None:
    assert {"24.6 / 30", "未能判定", "权重 30%"} <= set(said(scores()))


@pytest.mark.parametrize("draw", [
    lambda: horizontal_bars([], unit="元", empty="暂无数据", **NAMES),
    lambda: histogram([], x_label="", y_label="", empty="暂无数据", **NAMES),
    lambda: step_line([], unit="", until=dt.date(2026, 1, 1), empty="暂无数据", **NAMES),
    lambda: stacked_outcomes([], conforms="", breach="", inconclusive="", empty="暂无数据", **NAMES),
    lambda: score_bars([], undetermined="", empty="暂无数据", **NAMES),
])  # fmt: skip
def test_a_chart_without_data_says_so(draw) -> None:
    assert said(draw()) == ["暂无数据"]


def luminance(colour: str) -> float:
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "ink", [svg.INK, svg.QUIET, palette.BLUE, palette.VERMILION, palette.GREEN, palette.PURPLE, palette.GREY]
)
def test_every_ink_has_a_contrast_of_at_least_four_and_a_half_on_white(ink: str) -> None:
    assert 1.05 / (luminance(ink) + 0.05) >= 4.5


def test_the_smallest_text_is_readable_on_a_phone_of_360_pixels() -> None:
    sizes = {int(size) for chart in CHARTS for size in re.findall(r'font-size="(\d+)"', chart())}
    assert min(sizes) * 360 / 400 >= 9
