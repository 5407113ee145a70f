"""Tables as companies make them: titles above the header, merged and two-line headers, units in brackets and in a row."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import openpyxl
import pytest
from ingest_filings import Row, bill, columns_of, csv_text, ids, judge_bytes, reading

from ingest.judge import Judgement
from ingest.standard import FEEDS

BILLS = [bill(1), bill(2, total="2148.00")]
CODES = columns_of("bills", BILLS)
LABELS = [FEEDS["bills"].column(code).zh for code in CODES]
TITLE = "祥和供热有限公司 2025-2026 采暖季账单"
DATA: list[list[Any]] = [[row.get(code) or None for code in CODES] for row in BILLS]


def judged_sheet(rows: Sequence[Sequence[Any]], *merges: str, feed: str = "bills") -> Judgement:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for merge in merges:
        sheet.merge_cells(merge)
    file = io.BytesIO()
    book.save(file)
    return judge_bytes(file.getvalue(), feed=feed, filename=f"{feed}.xlsx")


def judged_text(text: str, feed: str = "bills", encoding: str = "utf-8") -> Judgement:
    return judge_bytes(text.encode(encoding), feed=feed)


def listed(judged: Judgement, rule: str) -> list[tuple[int, str, str, str]]:
    """Row of the company's file, column, before, after."""
    return [
        (one["row"] + judged.row_offset, one["field"], one["before"], one["after"])
        for one in judged.coercions.to_pylist()
        if one["rule"] == rule
    ]


def plain() -> Judgement:
    return judged_text(csv_text(BILLS))


def test_titles_above_the_header_are_listed_and_the_rows_are_those_of_the_companys_sheet() -> None:
    judged = judged_sheet([[], [TITLE], ["填报日期：2025-12-05", None, "单位：元"], LABELS, *DATA], "A2:P2")
    assert judged.verdict == "accepted"
    assert judged.table is not None
    assert judged.table.column("source_row").to_pylist() == [4, 5]
    assert judged.row_offset == 1, "the data stand in rows 5 and 6 of the sheet"
    assert judged.table.drop_columns("source_row") == plain().table.drop_columns("source_row")
    assert listed(judged, "title_row") == [
        (2, "", TITLE, ""),
        (3, "", "填报日期：2025-12-05 | 单位：元", ""),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"], ids=["lf", "crlf"])
def test_a_text_file_may_have_titles_too_in_any_encoding(encoding: str, ending: str) -> None:
    text = f'"{TITLE}{ending}（正式）",,{ending}{ending}' + csv_text(BILLS, ending=ending)
    judged = judged_text(text, encoding=encoding)
    assert judged.verdict == "accepted"
    assert judged.table is not None
    assert judged.table.column("source_row").to_pylist() == [3, 4]
    assert judged.totals == plain().totals


def test_an_error_under_a_title_names_the_row_of_the_file() -> None:
    judged = judged_sheet([[TITLE], LABELS, *DATA[:1], [*DATA[1][:-1], "2025-02-30"]])
    [hit] = judged.edits.to_pylist()
    assert (hit["edit_id"], hit["row"] + judged.row_offset) == ("V05", 4)


def test_a_header_merged_over_two_lines_is_read_from_both() -> None:
    group = ["计费", None]
    top = [*LABELS]
    at = CODES.index("billed_area_m2")
    top[at : at + 2] = group
    below: list[str | None] = [None] * len(LABELS)
    below[at : at + 2] = ["面积", "面积口径"]
    letters = [openpyxl.utils.get_column_letter(place + 1) for place in range(len(LABELS))]
    merges = [f"{letter}1:{letter}2" for place, letter in enumerate(letters) if place not in (at, at + 1)]
    judged = judged_sheet([top, below, *DATA], *merges, f"{letters[at]}1:{letters[at + 1]}1")
    assert judged.verdict == "accepted"
    assert judged.columns == tuple(CODES)
    assert [row for row, *_ in listed(judged, "header_row")] == [1, 2]


def test_in_a_text_file_a_group_reaches_over_the_blank_cells_to_its_right() -> None:
    judged = judged_text(
        '热表编号,读数时刻,读数种类,累计,\n,,,热量,流量\n,,,GJ,m³\nRB1,2025-12-03 08:00,实抄,"1,230.5",12\n',
        "readings",
    )
    assert judged.verdict == "accepted"
    assert judged.table is not None
    [row] = judged.table.to_pylist()
    assert (str(row["energy"]), row["energy_unit"], str(row["volume_m3"])) == ("1230.500", "GJ", "12.000")
    assert listed(judged, "unit_row") == [(3, "energy", "GJ", "GJ"), (3, "volume_m3", "m³", "m3")]


def test_labels_and_codes_in_two_rows_are_one_header() -> None:
    judged = judged_sheet([LABELS, CODES, *DATA])
    assert judged.verdict == "accepted"
    assert judged.rows == 2


def test_a_unit_in_brackets_and_a_star_are_listed() -> None:
    heads = [
        f"{label}（元）" if code == "total" else f"*{label}"
        for code, label in zip(CODES, LABELS, strict=True)
    ]
    judged = judged_sheet([heads, *DATA])
    assert judged.verdict == "accepted"
    assert listed(judged, "header_unit") == [(1, "total", "应收合计（元）", "CNY")]
    assert len(listed(judged, "header_form")) == len(CODES) - 1


@pytest.mark.parametrize("unit", ["GJ", "吉焦", "kWh", "千瓦时", "MWh", "MJ"])
def test_the_header_may_say_the_unit_of_a_heat_for_every_row(unit: str) -> None:
    judged = judged_text(
        f"meter_no,read_at,kind,累计热量({unit})\nRB1,2025-12-03T08:00:00+08:00,actual,12.5\n", "readings"
    )
    assert judged.verdict == "accepted"
    assert judged.table is not None
    names = {"吉焦": "GJ", "千瓦时": "kWh"}
    assert judged.table.column("energy_unit").to_pylist() == [names.get(unit, unit)]


def test_a_unit_of_another_size_is_refused_and_never_converted() -> None:
    heads = ["应收合计（万元）" if code == "total" else code for code in CODES]
    judged = judged_sheet([heads, *DATA])
    assert ids(judged) == ["S21"]
    assert "CNY" in judged.edits["message_zh"][0].as_py()


@pytest.mark.parametrize(
    ("title", "said", "wanted"),
    [
        ("单位：万元", "万元", "CNY"),
        ("金额单位:千元", "千元", "CNY"),
        ("单位：平方米、万元", "万元", "CNY"),
        ("十二月账单（万元）", "万元", "CNY"),
        ("（单位：百万元）", "百万元", "CNY"),
        ("计量单位：万平方米 制表日期：2025-12-31", "万平方米", "m2"),
        ("单位：分", "分", "CNY"),
    ],
)
def test_a_title_that_says_another_unit_for_the_whole_table_refuses_it(
    title: str, said: str, wanted: str
) -> None:
    judged = judged_sheet([[TITLE], ["", title], LABELS, *DATA])
    assert (judged.table, ids(judged)) == (None, ["S21"])
    (hit,) = judged.edits.to_pylist()
    assert (hit["row"], hit["value"]) == (1, said)
    assert ("整张表" in hit["message_zh"], wanted in hit["message_en"]) == (True, True)
    text = "\n".join([title, ",".join(LABELS), *(",".join(map(str, row)) for row in DATA)])
    assert ids(judged_text(text)) == ["S21"]


@pytest.mark.parametrize(
    "title",
    [
        "单位：元",
        "单位：元、平方米",
        "单位：祥和供热有限公司（分公司）",
        "填报单位：万元供热公司",
        "供热（分）公司",
        "（单位：元）",
    ],
)
def test_a_title_that_says_the_standards_unit_or_names_a_company_is_a_title(title: str) -> None:
    judged = judged_sheet([[title], LABELS, *DATA])
    assert (judged.verdict, [one[2] for one in listed(judged, "title_row")]) == ("accepted", [title])


def test_two_rows_that_could_be_the_header_are_never_chosen_between() -> None:
    judged = judged_sheet([LABELS, *DATA, CODES, *DATA])
    assert ids(judged) == ["S19"]
    assert judged.edits["message_zh"][0].as_py().startswith("文件第 1、4 行都可以是表头。")


def test_data_above_the_header_are_not_taken_for_a_title() -> None:
    judged = judged_sheet([DATA[0], LABELS, DATA[1]])
    assert ids(judged) == ["S20"]
    [hit] = judged.edits.to_pylist()
    assert "表头在第 2 行" in hit["message_zh"]


def test_a_header_that_lacks_a_column_says_which_row_was_taken_for_it() -> None:
    heads = ["备注一" if code == "total" else label for code, label in zip(CODES, LABELS, strict=True)]
    judged = judged_sheet([[TITLE], [], heads, *DATA])
    assert sorted(ids(judged)) == ["S01", "S16"]
    assert {hit["row"] + judged.row_offset for hit in judged.edits.to_pylist()} == {3}


@pytest.mark.parametrize("merge", ["A3:A4", "B1:B3"], ids=["data", "header_and_data"])
def test_cells_merged_in_the_data_are_refused(merge: str) -> None:
    judged = judged_sheet([[TITLE], LABELS, *DATA] if merge == "A3:A4" else [LABELS, *DATA], merge)
    assert "X09" in ids(judged)


def test_personal_data_in_a_header_under_a_title_are_refused() -> None:
    heads = ["户主姓名" if code == "tariff_ref" else code for code in CODES]
    judged = judged_sheet([[TITLE], heads, *DATA])
    assert "S15" in ids(judged)


def test_dates_as_excel_keeps_them_under_a_title_are_listed_with_before_and_after() -> None:
    row: Row = {**bill(1), "issued_on": "45992", "total": "２,１４８.００元"}
    judged = judged_sheet([[TITLE], CODES, [row.get(code) or None for code in CODES]])
    assert judged.verdict == "accepted"
    assert listed(judged, "excel_serial") == [(3, "issued_on", "45992", "2025-12-01")]
    assert listed(judged, "full_width+unit_word+thousands") == [(3, "total", "２,１４８.００元", "2148.00")]


def test_a_file_of_lines_counts_its_rows_from_the_first() -> None:
    import json

    judged = judge_bytes(json.dumps(reading()).encode(), feed="readings", filename="readings.jsonl")
    assert judged.verdict == "accepted"
    assert judged.row_offset == 0
