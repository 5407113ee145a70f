"""Instants: ISO 8601 with an offset as it stands, everything else listed or refused, and never a guess at the day's hour."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ingest_filings import ids, judge_bytes, judge_rows, reading

from ingest.values.words import read_instant

UTC = dt.UTC
EPOCH = dt.datetime(1970, 1, 1, tzinfo=UTC)


def instant(text: str) -> dt.datetime | None:
    read = read_instant(text)
    return None if read.edit else EPOCH + dt.timedelta(microseconds=read.value)


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-03T08:00:00+08:00",
        "2025-12-03T00:00:00Z",
        "2025-12-02T19:00:00-05:00",
        "2025-12-03T08:00:00.000+08:00",
    ],
)
def test_an_iso_instant_with_its_offset_is_taken_as_it_stands(text: str) -> None:
    assert instant(text) == dt.datetime(2025, 12, 3, tzinfo=UTC)
    assert read_instant(text).rule == ""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2025-12-03T08:00:00", "offset_assumed"),
        ("2025-12-03 08:00:00", "instant_form+offset_assumed"),
        ("2025-12-03 08:00", "instant_form+offset_assumed"),
        ("2025/12/3 8:00", "instant_form+offset_assumed"),
        ("2025年12月3日 8:00", "instant_form+offset_assumed"),
        ("2025年12月3日8:00:00", "instant_form+offset_assumed"),
        (" 2025-12-03T08:00:00+08:00 ", "spaces"),
        ("45994.3333333333", "excel_serial+offset_assumed"),
        ("45994.333333333336", "excel_serial+offset_assumed"),
    ],
)
def test_other_writings_are_taken_as_shanghai_time_and_named(text: str, rule: str) -> None:
    read = read_instant(text)
    assert (instant(text), read.rule) == (dt.datetime(2025, 12, 3, tzinfo=UTC), rule)
    assert read.after == "2025-12-03T08:00:00+08:00"


@pytest.mark.parametrize(
    "text",
    [
        "2025-12-03", "2025/12/3", "45994", "2025-12-03T24:00:00+08:00", "2025-12-03T08", "20251203T080000",
        "2026-02-29T08:00:00+08:00", "03/12/2025 08:00", "2025-12-03T08:00:00+8", "2025-12-03T08:00:60+08:00",
        "1899-12-31T23:00:00+08:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+08:00", "45994.12345", "x",
    ],
)  # fmt: skip
def test_a_day_without_an_hour_and_what_no_clock_shows_are_refused(text: str) -> None:
    assert read_instant(text).edit == "V13"


@given(st.datetimes(dt.datetime(1982, 3, 1), dt.datetime(2100, 12, 31)))
def test_an_excel_serial_gives_back_the_second_it_was_made_of(moment: dt.datetime) -> None:
    moment = moment.replace(microsecond=0)
    serial = (moment - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)
    if serial.is_integer():
        return
    found = instant(f"{serial:.10f}".rstrip("0"))
    assert found is not None
    assert found.astimezone(dt.timezone(dt.timedelta(hours=8))).replace(tzinfo=None) == moment


def test_the_report_lists_the_assumed_offset_with_before_and_after() -> None:
    judged = judge_rows(reading(read_at="2025/12/3 8:00"), feed="readings")
    assert judged.verdict == "accepted"
    assert judged.coercions.to_pylist() == [
        {
            "row": 1,
            "field": "read_at",
            "before": "2025/12/3 8:00",
            "after": "2025-12-03T08:00:00+08:00",
            "rule": "instant_form+offset_assumed",
        }
    ]


def test_a_midnight_cell_of_a_workbook_keeps_its_hour() -> None:
    book = openpyxl.Workbook()
    rows = [reading(1), reading(2)]
    book.active.append(list(rows[0]))
    for row, moment in zip(rows, (dt.datetime(2025, 12, 3), dt.datetime(2025, 12, 3, 8, 30)), strict=True):
        book.active.append([moment if code == "read_at" else text for code, text in row.items()])
    file = io.BytesIO()
    book.save(file)
    judged = judge_bytes(file.getvalue(), feed="readings", filename="readings.xlsx")
    assert judged.table is not None
    assert judged.table.column("read_at").to_pylist() == [
        dt.datetime(2025, 12, 2, 16, tzinfo=UTC),
        dt.datetime(2025, 12, 3, 0, 30, tzinfo=UTC),
    ]


def test_a_row_lies_in_the_day_filed_by_the_clock_in_shanghai() -> None:
    late = reading(read_at="2025-12-03T15:59:59Z")
    early = reading(2, read_at="2025-12-02T16:00:00Z")
    assert ids(judge_rows(late, early, feed="readings", period="2025-12-03")) == []
    next_day = reading(read_at="2025-12-03T16:00:00Z")
    assert ids(judge_rows(next_day, feed="readings", period="2025-12-03")) == ["V06"]


def test_a_key_of_several_columns_is_repeated_only_when_all_of_it_is() -> None:
    twice = judge_rows(reading(1), reading(1), feed="readings")
    assert ids(twice) == ["K01"]
    assert twice.edits.column("key").to_pylist() == ["RB0001|2025-12-03T08:00:00+08:00"]
    assert ids(judge_rows(reading(1), reading(1, read_at="2025-12-03T09:00:00+08:00"), feed="readings")) == []
