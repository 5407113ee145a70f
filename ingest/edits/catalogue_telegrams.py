"""Edits of M-Bus telegrams: what makes a line no reading of a heat meter."""

from __future__ import annotations

from ingest.edits.edit import Edit, EditClass

_BASIS = ("EN 13757-2、EN 13757-3（M-Bus）", "EN 13757-2 and EN 13757-3 (M-Bus)")
_ALL = (
    (
        "MB1",
        "telegram_not_hexadecimal",
        "电报不是成对的十六进制数字。",
        "The telegram is not pairs of hexadecimal digits.",
        "每个字节写两位十六进制数，中间可以有一个空格。",
        "Write two hexadecimal digits for each byte, with one space between or none.",
    ),
    (
        "MB2",
        "telegram_frame",
        "电报不完整，或不是长帧（{detail}）。",
        "The telegram is not whole, or no long frame ({detail}).",
        "请从集中器重新导出完整的电报：68 L L 68 … 校验 16。",
        "Export the whole telegram again from the concentrator: 68 L L 68 … check sum 16.",
    ),
    (
        "MB3",
        "telegram_check_sum",
        "电报的校验和不符（{detail}）。",
        "The check sum of the telegram does not fit ({detail}).",
        "电报在传输或导出中已改变；请重新抄读。",
        "It was changed on its way: read the meter again.",
    ),
    (
        "MB4",
        "telegram_of_another_kind",
        "不是热表的可变数据应答（{detail}）。",
        "This is no answer with variable data of a heat meter ({detail}).",
        "只报送热表（介质 04、0C、0D）的应答电报（CI 72）。",
        "File answers (CI 72) of heat meters (media 04, 0C, 0D) only.",
    ),
    (
        "MB5",
        "telegram_records",
        "电报的数据记录无法拆分。",
        "The data of the telegram cannot be cut into records.",
        "请重新抄读；仍不能读的，改用 CSV 报送该表。",
        "Read the meter again; if it stays so, file this meter as CSV.",
    ),
    (
        "MB6",
        "telegram_energy",
        "电报中的当前累计热量不是恰好一个（{detail}）。",
        "The telegram has not exactly one cumulative energy of now ({detail}).",
        "请改用 CSV 报送该表，写明累计热量及单位。",
        "File this meter as CSV, with its energy and unit.",
    ),
    (
        "MB7",
        "telegram_line",
        "本行不是读数时刻、热表编号、电报三项（{detail}）。",
        "The line is not “instant, meter number, telegram” ({detail}).",
        "每行一条电报，三项以逗号分开；热表编号为空时取电报中的表号。",
        "Write one telegram a line, three parts with commas; with no meter number the telegram's own is taken.",
    ),
)

TELEGRAM_EDITS: tuple[Edit, ...] = tuple(
    Edit(id, name, EditClass.SYNTACTICAL, "row", zh, en, mend_zh, mend_en, *_BASIS, feeds=("readings",))
    for id, name, zh, en, mend_zh, mend_en in _ALL
)
