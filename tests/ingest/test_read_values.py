"""Strict grammars: plain values are read in bulk, others one by one and listed, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
import time
from decimal import Decimal

import pyarrow as pa
import pytest
from hostile_workbooks import members_of, zipped
from hypothesis import given, settings
from hypothesis import strategies as st
from ingest_filings import bill, csv_bytes, ids, judge_bytes, judge_rows, workbook_bytes

from ingest.readers.sheet_scan import _FORMULA_CELL
from ingest.standard import FEEDS
from ingest.values.columns import convert
from ingest.values.numbers import read_number, read_plain
from ingest.values.words import read_date, read_identifier

TOTAL = FEEDS["bills"].column("total")


def _coerced(judged, field: str) -> list[tuple[int, str, str, str]]:  # type: ignore[no-untyped-def]
    rows = judged.coercions.to_pylist()
    return [(row["row"], row["before"], row["after"], row["rule"]) for row in rows if row["field"] == field]


@pytest.mark.parametrize(
    ("filed", "stored", "after", "rule"),
    [
        ("２１４８.００", "2148.00", "2148.00", "full_width"),
        ("2,148.00", "2148.00", "2148.00", "thousands"),
        ("2148元", "2148.00", "2148", "unit_word"),
        ("¥2,148", "2148.00", "2148", "unit_word+thousands"),
        (" 2148.00", "2148.00", "2148.00", "spaces"),
        ("+2148", "2148.00", "2148", "plus_sign"),
        ("2148.0000", "2148.00", "2148.00", "trailing_zeros"),
    ],
)
def test_a_number_written_otherwise_is_taken_and_listed_with_before_and_after(
    filed: str, stored: str, after: str, rule: str
) -> None:
    judged = judge_rows(bill(total=filed))
    assert judged.verdict == "accepted"
    assert judged.table is not None
    assert judged.table.column("total").to_pylist() == [Decimal(stored)]
    assert _coerced(judged, "total") == [(1, filed, after, rule)]


@pytest.mark.parametrize("filed", ["2148.00", "2148", "2148.0", "02148.00", "-0.00"])
def test_a_plain_number_is_taken_without_a_coercion(filed: str) -> None:
    charge = "0" if filed == "-0.00" else "2148"
    judged = judge_rows(bill(total=filed, area_charge=charge))
    assert (judged.verdict, judged.coercions.num_rows) == ("accepted", 0)


@pytest.mark.parametrize(
    "filed",
    [
        "1_000",
        "0x10",
        "1e3",
        "1 000",
        "1,00",
        "12,34.5",
        "(12.50)",
        "--1",
        "1.",
        ".5",
        "-",
        "—",
        "无",
        "N/A",
        "12kWh",
        "1.2.3",
        "٣",
    ],
)
def test_what_is_not_surely_a_number_is_refused(filed: str) -> None:
    assert ids(judge_rows(bill(total=filed))) == ["V01"]


@pytest.mark.parametrize(
    ("filed", "unit", "after", "rule"),
    [
        ("12.5 GJ", "GJ", "12.5", "unit_word"),
        ("12千瓦时", "kWh", "12", "unit_word"),
        ("1,250.500KWH", "千瓦时", "1250.500", "unit_word+thousands"),
        ("１２兆焦耳", "MJ", "12", "full_width+unit_word"),
    ],
)
def test_a_heat_that_names_the_unit_of_its_row_is_taken_and_listed(
    filed: str, unit: str, after: str, rule: str
) -> None:
    judged = judge_rows(bill(heat_used=filed, heat_unit=unit))
    assert judged.verdict == "accepted"
    assert judged.table is not None
    assert judged.table.column("heat_used").to_pylist() == [Decimal(after).quantize(Decimal("0.001"))]
    assert _coerced(judged, "heat_used") == [(1, filed, after, rule)]


def test_a_heat_that_names_another_unit_than_its_row_is_refused_and_one_without_a_unit_column_too() -> None:
    judged = judge_rows(
        bill(1, heat_used="12.5 GJ", heat_unit="kWh"), bill(2, heat_used="12.5 GJ", heat_unit="GJ")
    )
    assert [(hit["edit_id"], hit["row"], hit["field"], hit["value"]) for hit in judged.edits.to_pylist()] == [
        ("V14", 1, "heat_used", "12.5 GJ")
    ]
    assert "kWh" in judged.edits.to_pylist()[0]["message_zh"]
    assert ids(judge_rows(bill(heat_used="12.5 GJ"))) == ["BIL09"]
    assert ids(judge_rows(bill(heat_used="12.5 GW", heat_unit="GJ"))) == ["V01"]


@pytest.mark.parametrize(
    ("filed", "code"), [("千瓦时", "kWh"), ("KWH", "kWh"), ("吉焦", "GJ"), (" MJ", "MJ")]
)
def test_a_unit_word_is_taken_for_its_code_and_listed(filed: str, code: str) -> None:
    judged = judge_rows(bill(heat_used="12", heat_unit=filed))
    assert judged.table is not None
    assert judged.table.column("heat_unit").to_pylist() == [code]
    assert [entry[1:3] for entry in _coerced(judged, "heat_unit")] == [(filed, code)]


@pytest.mark.parametrize(
    ("filed", "rule"),
    [
        ("2025/12/1", "date_form"),
        ("2025-12-1", "date_form"),
        ("2025.12.1", "date_form"),
        ("２０２５-12-01", "date_form"),
        ("２０２５．１２．１", "date_form"),
        ("2025年12月1日", "date_form"),
        ("45992", "excel_serial"),
        ("2025-12-01 00:00:00", "midnight"),
        ("2025-12-01 ", "spaces"),
    ],
)
def test_a_date_written_otherwise_is_taken_and_listed(filed: str, rule: str) -> None:
    judged = judge_rows(bill(issued_on=filed))
    assert judged.table is not None
    assert judged.table.column("issued_on").to_pylist() == [dt.date(2025, 12, 1)]
    assert _coerced(judged, "issued_on") == [(1, filed, "2025-12-01", rule)]


@pytest.mark.parametrize(
    "filed",
    [
        "20251201",
        "2025-W49-1",
        "01/12/2025",
        "12/1/2025",
        "2025.12/1",
        "1.12.2025",
        "2025.12",
        "45992.5",
        "29999",
        "2025-02-29",
        "0000-01-01",
        "二〇二五年十二月一日",
    ],
)
def test_what_is_not_surely_a_date_is_refused(filed: str) -> None:
    assert ids(judge_rows(bill(issued_on=filed))) == ["V05"]


@given(st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31)))
@settings(max_examples=200)
def test_every_iso_date_is_its_day(day: dt.date) -> None:
    assert read_date(day.isoformat()).value == (day - dt.date(1970, 1, 1)).days


@given(st.lists(st.decimals(Decimal(-(10**12)), Decimal(10**12), places=2), min_size=1, max_size=50))
@settings(max_examples=100)
def test_bulk_reading_gives_exactly_the_decimals_that_were_written(numbers: list[Decimal]) -> None:
    cells = convert(TOTAL, pa.array([f"{number:f}" for number in numbers]))
    assert cells.array.to_pylist() == numbers
    assert not cells.broken.any()


@given(st.text("0123456789.,-+eE_ ０１元", max_size=12))
@settings(max_examples=500)
def test_bulk_and_single_reading_agree_on_every_text(text: str) -> None:
    plain = read_plain(pa.array([text]), 2)
    if plain.ok[0]:
        single = read_number(text, TOTAL)
        assert (single.edit, single.value) == ("", int(plain.fixed[0]))
        assert Decimal(text) == Decimal(int(plain.fixed[0])).scaleb(-2)


def test_slices_of_a_column_are_read_from_their_own_offset() -> None:
    texts = pa.array(["9.99", "1.50", "", "-2.25"]).slice(1)
    assert convert(TOTAL, texts).array.to_pylist() == [Decimal("1.50"), None, Decimal("-2.25")]


def test_the_largest_number_that_the_column_stores_is_exact_and_one_digit_more_is_refused() -> None:
    reading = FEEDS["bills"].column("reading_from")
    cells = convert(reading, pa.array(["1000000000", "1000000000.001", "9" * 19]))
    assert cells.array.to_pylist() == [Decimal("1000000000.000"), None, None]
    assert [problem.edit_id for problem in cells.problems] == ["V03", "V03"]


@pytest.mark.parametrize(
    ("text", "edit"),
    [
        ("A-1_b.c/d:e#(1)", ""),
        ("热1号", ""),
        ("A\u200bB", "N06"),
        ("A\u00a0B", "N06"),
        ("\ufeffA", "N06"),
        ("A B", "V09"),
        ("Аbc", "V09"),
        ("A" * 65, "V09"),
    ],
)
def test_identifiers_hold_letters_digits_and_joining_signs_alone(text: str, edit: str) -> None:
    assert read_identifier(text).edit == edit


def test_text_is_kept_exactly_as_filed() -> None:
    note = "  京价〔2001〕372号 \t"
    judged = judge_rows(bill(tariff_ref=note))
    assert judged.table is not None
    assert judged.table.column("tariff_ref").to_pylist() == [note]
    assert judged.coercions.num_rows == 0


def test_a_workbook_gives_the_same_table_as_the_csv_and_lists_what_its_cells_were() -> None:
    typed = {
        **bill(1),
        "billed_area_m2": 89.5,
        "area_charge": 2148,
        "total": 2148.0,
        "issued_on": dt.date(2025, 12, 1),
        "due_on": dt.datetime(2025, 12, 31),
        "meter_no": 1002003,
    }
    judged = judge_bytes(workbook_bytes([typed]), filename="b.xlsx")
    plain = judge_rows(bill(1, meter_no="1002003"))
    assert judged.table is not None
    assert judged.table.equals(plain.table)
    assert _coerced(judged, "meter_no") == [(1, "1002003", "1002003", "number_cell")]


def test_binary_noise_of_a_workbook_number_is_cut_at_fifteen_digits_and_listed() -> None:
    members = members_of(workbook_bytes([{**bill(1, refund="-0.30"), "late_fee": 0.3}]))
    noisy = [
        (name, bytes(data).replace(b"<v>0.3</v>", b"<v>0.30000000000000004</v>")) for name, data in members
    ]
    judged = judge_bytes(bytes(zipped(list(noisy))), filename="b.xlsx")
    assert judged.table is not None
    assert judged.table.column("late_fee").to_pylist() == [Decimal("0.30")]
    assert _coerced(judged, "late_fee") == [(1, "0.30000000000000004", "0.3", "binary_noise")]


def test_a_formula_cell_is_found_whatever_the_order_of_its_attributes() -> None:
    for cell in (
        b'<c r="B2" s="1"><f>A1</f>',
        b'<c s="1" r="B2" t="str"><f t="shared" si="0"/>',
        b'<x:c r="B2"><x:f>1</x:f>',
    ):
        found = _FORMULA_CELL.search(cell)
        assert found is not None
        assert found.groups() == (b"B", b"2")


@pytest.mark.parametrize("text", ["1" * 4000 + "x", "-" * 4000, "1," * 2000, "A\u200b" * 1300, "2025-" * 800])
def test_no_value_makes_a_pattern_explode(text: str) -> None:
    begun = time.perf_counter()
    judge_bytes(
        csv_bytes([bill(total=text[:4000], issued_on=text[:4000], account_no=text[:4000], kind=text[:4000])])
    )
    assert time.perf_counter() - begun < 2
