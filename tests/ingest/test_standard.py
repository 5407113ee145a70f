"""The data standard as data: consistent, complete in both languages, stored as the contract between packages says."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from ingest.standard import FEEDS, Kind, Period, PeriodKind, arrow_schema, feed, is_personal, season_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("one", FEEDS.values(), ids=lambda one: one.code)
def test_a_feed_is_consistent(one) -> None:  # type: ignore[no-untyped-def]
    codes = [column.code for column in one.columns]
    labels = [column.zh for column in one.columns]
    assert len(set(codes)) == len(codes)
    assert len(set(labels)) == len(labels)
    assert not set(codes) & set(labels)
    assert set(one.key) <= {column.code for column in one.columns if column.required}
    for column in one.columns:
        assert column.zh
        assert column.en
        assert bool(column.note_zh) == bool(column.note_en)
        assert (column.kind is Kind.CODE) == bool(column.codes)
        assert not is_personal(column.zh)
    for row in one.sample:
        assert set(row) <= set(codes)


def test_no_spelling_of_a_code_list_stands_for_two_codes() -> None:
    for one in FEEDS.values():
        for column in one.columns:
            spellings = [word for code in column.codes for word in {code.code, code.zh, *code.aliases}]
            assert len(set(spellings)) == len(spellings)


def test_columns_are_stored_as_the_architecture_says() -> None:
    schema = arrow_schema("bills")
    assert schema.names[0] == "source_row"
    wanted = {
        "source_row": pa.int32(),
        "bill_no": pa.string(),
        "season": pa.string(),
        "category": pa.string(),
        "billed_area_m2": pa.decimal128(18, 2),
        "storey_height_m": pa.decimal128(18, 2),
        "heat_used": pa.decimal128(18, 3),
        "total": pa.decimal128(18, 2),
        "issued_on": pa.date32(),
    }
    assert {name: schema.field(name).type for name in wanted} == wanted
    assert arrow_schema("accounts").field("vulnerable").type == pa.bool_()


def test_an_unknown_feed_is_an_error_that_names_the_feeds() -> None:
    with pytest.raises(KeyError, match="accounts, bills"):
        feed("bill")


def test_the_standard_is_light_enough_to_import_without_arrow() -> None:
    code = "import sys, ingest.standard; sys.exit('pyarrow' in sys.modules or 'numpy' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


@pytest.mark.parametrize(
    ("text", "kind", "first", "last"),
    [
        ("2025-26", PeriodKind.SEASON, dt.date(2025, 7, 1), dt.date(2026, 6, 30)),
        ("2099-00", PeriodKind.SEASON, dt.date(2099, 7, 1), dt.date(2100, 6, 30)),
        ("2024-02", PeriodKind.MONTH, dt.date(2024, 2, 1), dt.date(2024, 2, 29)),
        ("2025-12-03", PeriodKind.DAY, dt.date(2025, 12, 3), dt.date(2025, 12, 3)),
    ],
)
def test_a_period_knows_its_days(text: str, kind: PeriodKind, first: dt.date, last: dt.date) -> None:
    period = Period.parse(text)
    assert (period.kind, period.first_day, period.last_day, str(period)) == (kind, first, last, text)


@pytest.mark.parametrize(
    "text", ["2025-27", "2025-13", "25-26", "2025-2026", "2025-02-30", "２０２５-26", "2025-26\n", ""]
)
def test_what_is_no_period_is_an_error_that_says_what_is(text: str) -> None:
    with pytest.raises(ValueError, match="2025-26"):
        Period.parse(text)


def test_a_period_that_reads_both_ways_is_what_its_feed_is_filed_by() -> None:
    assert Period.parse("2011-12", (PeriodKind.MONTH, PeriodKind.SEASON)).kind is PeriodKind.MONTH
    assert Period.parse("2011-12", (PeriodKind.SEASON,)).kind is PeriodKind.SEASON


def test_the_season_of_a_day_turns_on_the_first_of_july() -> None:
    assert str(season_of(dt.date(2026, 6, 30))) == "2025-26"
    assert str(season_of(dt.date(2026, 7, 1))) == "2026-27"
