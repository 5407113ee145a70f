"""A row of totals under the data is left out, cell by cell, where it comes to the exact sums; else it is told where and why."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_filings import Case, Row, account, bill, csv_bytes, ids, judge_bytes, judge_rows, workbook_bytes
from test_parts_and_declarations import in_parts

from ingest.judgement import Judgement
from ingest.readers.manifest import Manifest

SUMS = {"area_charge": "4296.00", "billed_area_m2": "179.00", "total": "4296.00"}


def listed(judged: Judgement) -> dict[str, str]:
    """What of the rows of totals was left out: column → text."""
    rows = [one for one in judged.coercions.to_pylist() if one["rule"] == "total_row"]
    assert all(one["after"] == "" for one in rows)
    return {one["field"]: one["before"] for one in rows}


def told(judged: Judgement) -> list[tuple[int, str, str]]:
    return [
        (hit["row"], hit["field"], hit["value"])
        for hit in judged.edits.to_pylist()
        if hit["edit_id"] == "S23"
    ]


@pytest.mark.parametrize("word", ["合计", "总计", "小 计", " 合计：", "Total", "本页合计"])
def test_a_row_that_comes_to_the_sums_is_left_out_and_listed(word: str) -> None:
    judged = judge_rows(bill(1), bill(2), {"bill_no": word, **SUMS})
    assert (judged.verdict, judged.rows, judged.edits.num_rows) == ("accepted", 2, 0)
    assert judged.table is not None
    assert judged.table.equals(judge_rows(bill(1), bill(2)).table)
    assert listed(judged) == {"bill_no": word, **SUMS}
    assert judged.totals == judge_rows(bill(1), bill(2)).totals


def test_the_word_may_stand_in_any_column_of_text_and_amounts_as_people_write_them() -> None:
    judged = judge_rows(
        bill(1), bill(2), {"tariff_ref": "合计", "total": "4,296.00元", "billed_area_m2": "179㎡"}
    )
    assert judged.verdict == "accepted"
    assert listed(judged) == {"tariff_ref": "合计", "total": "4,296.00元", "billed_area_m2": "179㎡"}


def test_in_a_workbook_and_above_empty_rows_it_is_the_same() -> None:
    rows: list[dict[str, object]] = [dict(bill(1)), dict(bill(2)), {"bill_no": "合计", "total": 4296.0}]
    assert judge_bytes(workbook_bytes(rows), filename="b.xlsx").verdict == "accepted"
    assert (
        judge_bytes(csv_bytes([bill(1), bill(2), {"bill_no": "合计", **SUMS}]) + b"\n\n").verdict
        == "accepted"
    )


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"bill_no": "合计", "total": "4296.01"}, "total", "4296.01"),
        ({"bill_no": "合计", "total": "many"}, "total", "many"),
        ({"bill_no": "合计", "total": "4296.00", "issued_on": "2025-12-31"}, "issued_on", "2025-12-31"),
        ({"bill_no": "合计", "total": "4296.00", "account_no": "共2户"}, "account_no", "共2户"),
        ({"bill_no": "合计", "total": "4296.00", "storey_height_m": "5.8"}, "storey_height_m", "5.8"),
        ({"bill_no": "合计"}, "", "合计"),
    ],
    ids=["a fen", "no number", "a date", "a count", "no sum of heights", "nothing"],
)
def test_a_row_that_does_not_is_told_with_its_place_and_what_the_rows_come_to(
    row: Row, field: str, value: str
) -> None:
    judged = judge_rows(bill(1), bill(2), row)
    assert ids(judged) == ["S23"]
    assert told(judged) == [(3, field, value)]
    assert listed(judged) == {}
    if field == "total":
        assert "4296.00" in judged.edits.to_pylist()[0]["message_en"]


def test_between_the_data_it_is_never_left_out() -> None:
    judged = judge_rows(bill(1), {"bill_no": "小计", "total": "2148.00"}, bill(2))
    assert told(judged) == [(2, "", "小计")]
    assert "下面还有数据" in judged.edits.to_pylist()[0]["message_zh"]


def test_two_at_the_end_are_each_compared() -> None:
    both = ({"bill_no": "小计", **SUMS}, {"bill_no": "合计", **SUMS})
    assert judge_rows(bill(1), bill(2), *both).verdict == "accepted"
    assert told(judge_rows(bill(1), bill(2), {**both[0], "total": "1.00"}, both[1])) == [(3, "total", "1.00")]


def test_a_row_of_data_is_never_taken_for_one() -> None:
    judged = judge_rows(bill(1), bill(2, tariff_ref="合计"))
    assert (judged.verdict, judged.rows, listed(judged)) == ("accepted", 2, {})
    named = judge_bytes(csv_bytes([account(1, community="合计")], "accounts"), feed="accounts")
    assert (named.verdict, named.rows) == ("accepted", 1)


def test_heat_is_compared_in_the_one_unit_of_the_rows() -> None:
    metered = {"heat_used": "6.250", "heat_unit": "GJ"}
    total = {"bill_no": "合计", "total": "4296.00", "heat_used": "12.500 GJ", "heat_unit": "吉焦"}
    assert judge_rows(bill(1, **metered), bill(2, **metered), total).verdict == "accepted"
    mixed = judge_rows(bill(1, **metered), bill(2, **{**metered, "heat_unit": "kWh"}), total)
    assert told(mixed) == [(3, "heat_used", "12.500 GJ")]


def test_where_a_value_cannot_be_read_the_row_is_said_not_to_have_been_compared() -> None:
    judged = judge_rows(bill(1), bill(2, total="x"), {"bill_no": "合计", "total": "2148.00"})
    assert ids(judged) == ["V01"]
    assert ("S23", ("V01",), 1) in {(one.edit_id, one.because, one.rows) for one in judged.not_evaluated}


def test_each_part_has_its_own_and_declared_rows_are_rows_of_data() -> None:
    total = {"bill_no": "合计", "total": "2148.00"}
    said = {"rows": 2, "parts": [{"name": "east.csv", "rows": 1}, {"name": "west.csv", "rows": 1}]}
    judged = in_parts(csv_bytes([bill(1), total]), csv_bytes([bill(2), total]), said)
    assert (judged.verdict, judged.rows) == ("accepted", 2)
    one = judge_bytes(csv_bytes([bill(1), total]), declared=Manifest(rows=1, totals={"total": "2148.00"}))
    assert one.verdict == "accepted"


def test_a_line_of_json_is_one_too() -> None:
    lines = [json.dumps(one) for one in (bill(1), {"bill_no": "合计", "total": "2148.00"})]
    assert Case("\n".join(lines).encode(), filename="bills.jsonl").judged().verdict == "accepted"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=6), st.integers(-3, 3))
def test_only_the_exact_sum_passes_whatever_the_amounts(fen: list[int], off: int) -> None:
    amounts = [f"{one // 100}.{one % 100:02}" for one in fen]
    wrong = sum(fen) + off
    text = f"{'-' if wrong < 0 else ''}{abs(wrong) // 100}.{abs(wrong) % 100:02}"
    rows = [bill(at, area_charge=amount, total=amount) for at, amount in enumerate(amounts)]
    judged = judge_rows(*rows, {"bill_no": "合计", "total": text})
    assert ("S23" in ids(judged)) == (off != 0)
    assert judged.rows == len(fen)
