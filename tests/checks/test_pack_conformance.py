"""A company's results of the golden pack, case by case; whatever bytes are sent, the answer says what they are worth."""

from __future__ import annotations

import gzip
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.conformance import MOST_BYTES, STANDINGS, compared
from checks.pack import GoldenCase, golden_pack
from checks.tariffs.load import load_published

PUBLISHED = load_published()


def pack(tariff_id: str = "jn-res") -> tuple[GoldenCase, ...]:
    one = next(record for record in PUBLISHED if record.id == tariff_id)
    return golden_pack(one, PUBLISHED, "2025-26")


JINAN = pack()


def results(cases: tuple[GoldenCase, ...] = JINAN, **instead: str) -> bytes:
    """Every case as the pack has it, but for the totals of the cases named."""
    lines = [
        "case,total",
        *(f"{one.number},{instead.get('c' + one.number, one.due)}" for one in cases if one.due is not None),
    ]
    return ("\r\n".join(lines) + "\r\n").encode()


@pytest.mark.parametrize("tariff_id", ["jn-res", "hrb-res-2015", "cc-res", "sy-non"])
def test_the_right_results_conform_in_every_case(tariff_id: str) -> None:
    cases = pack(tariff_id)
    found = compared(cases, results(cases))
    assert found.is_whole
    assert {one.standing for one in found.cases} <= {"same", "not_computable"}
    assert [one.case.number for one in found.cases] == [case.number for case in cases]


def test_a_fen_more_is_told_with_its_case_and_by_how_much() -> None:
    found = compared(JINAN, results(c001="2670.01"))
    assert not found.is_whole
    first = found.cases[0]
    assert (first.standing, first.given, first.difference) == ("differs", Decimal("2670.01"), Decimal("0.01"))
    assert found.count("same") == len(JINAN) - 1


def test_a_right_total_of_wrong_lines_is_told_line_by_line() -> None:
    content = b"case,area_charge,late_fee,total\n1,2600.00,70.00,2670.00\n"
    first = compared(JINAN, content).cases[0]
    assert first.standing == "line_differs"
    assert first.lines == (
        ("area_charge", Decimal("2600.00"), Decimal("2670.00")),
        ("late_fee", Decimal("70.00"), Decimal(0)),
    )


@pytest.mark.parametrize(
    ("text", "standing"),
    [
        ("2670", "same"), ('"2,670.00"', "same"), ("2670.0000", "same"), ("+2670.00", "same"), ("", "not_given"),
        ("二千", "unreadable"), ("NaN", "unreadable"), ("2_670", "unreadable"), ("2670.001", "unreadable"),
        ("1e3", "unreadable"), ("２６７０", "unreadable"), ("=2670", "unreadable"), ("9" * 4000, "unreadable"),
    ],
)  # fmt: skip
def test_amounts_are_read_strictly(text: str, standing: str) -> None:
    first = compared(JINAN, f"case,total\n001,{text}\n".encode()).cases[0]
    assert first.standing == standing
    assert standing in STANDINGS


def test_what_a_spreadsheet_makes_of_the_file_is_read() -> None:
    plain = results().decode().replace("001,", "1,", 1)
    for content in (
        plain.encode("utf-8-sig"),
        plain.replace(",", ";").encode(),
        plain.replace(",", "\t").encode(),
        plain.replace("case,total", "case,total,备注", 1).encode("gb18030"),
    ):
        assert compared(JINAN, content).is_whole


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "case, total"),
        (b"case,case,total\n1,1,2\n", "case"),
        (b"number,sum\n1,2670.00\n", "case, total"),
        (b"case,total\n999,1.00\n", "no case 999"),
        (b"case,total\n-1,1.00\n", "no case -1"),
        (b"case,total\n1,1.00\n001,2.00\n", "twice"),
        (b'case,total\n1,"2670.00\n', "whole CSV"),
        (b"case,total,season\n1,2670.00,2024-25\n", "another pack"),
        (b"case,total,tariff\n1,2670.00,hrb-res-2015\n", "another pack"),
        (b"PK\x03\x04 a workbook", "save it as CSV"),
        (b"\xff\xff\xff\xff", "neither UTF-8"),
        (gzip.compress(b"case,total\n1,2670.00\n", mtime=0), "neither UTF-8"),
        (b"case,total\n" + b"1,1\n" * 2001, "more than"),
        (b"x" * (MOST_BYTES + 1), "larger than"),
    ],
    ids=[
        "empty", "a column twice", "other columns", "an unknown case", "a negative case", "a case twice", "an open quote",
        "another season", "another tariff", "a workbook", "no text", "packed", "too many lines", "too large",
    ],
)  # fmt: skip
def test_a_file_that_is_no_result_is_refused_with_the_reason(content: bytes, said: str) -> None:
    found = compared(JINAN, content)
    assert found.cases == ()
    assert said in " ".join(problem.en for problem in found.problems)
    assert all(problem.zh for problem in found.problems)


@given(st.binary(max_size=400))
def test_no_bytes_make_it_fail(content: bytes) -> None:
    for some in (content, b"case,total\n" + content):
        found = compared(JINAN, some)
        assert bool(found.problems) != bool(found.cases)
