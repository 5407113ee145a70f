"""A filing beside others: random histories against the plain definition, units of heat, breaks, and what cannot be compared."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from comparing_vectors import METERED
from feed_edit_vectors import sample, table_of
from ingest_filings import Row, account, bill, ids, judge_rows, roster

from ingest.edits.comparing import Filed

FIRST = dt.date(2025, 11, 15)


def _span(number: int, account_no: int, start: int, days: int, total: str) -> Row:
    first = FIRST + dt.timedelta(days=start)
    last = first + dt.timedelta(days=days)
    dates = {"service_from": first.isoformat(), "service_to": last.isoformat()}
    return bill(number, account_no=f"A{account_no}", area_charge=total, total=total, **dates)


def _told(mine: list[Row], filed: list[Row]) -> tuple[set[str], set[str], set[str]]:
    """Which bills of the file are billed again, overlap another or leave a gap, by the definition of each."""
    again: set[str] = set()
    firsts: dict[tuple[str, ...], str] = {}
    kept: list[Row] = []
    for row in [*filed, *mine]:
        same = (row["account_no"], row["service_from"], row["service_to"], row["total"])
        if same in firsts:
            again.add(row["bill_no"])
        else:
            firsts[same] = row["bill_no"]
            kept.append(row)
    of_file = {row["bill_no"] for row in mine}
    overlap: set[str] = set()
    gap: set[str] = set()
    for account_no in {row["account_no"] for row in kept}:
        services = [row for row in kept if row["account_no"] == account_no]
        services.sort(
            key=lambda row: (
                row["service_from"],
                row["service_to"],
                float(row["total"]),
                row["bill_no"] in of_file,
            )
        )
        reach = services[0] if services else None
        for row in services[1:]:
            assert reach is not None
            last, first = (
                dt.date.fromisoformat(reach["service_to"]),
                dt.date.fromisoformat(row["service_from"]),
            )
            told = row["bill_no"] if row["bill_no"] in of_file else reach["bill_no"]
            if told in of_file and first <= last:
                overlap.add(told)
            if told in of_file and first > last + dt.timedelta(days=1):
                gap.add(told)
            if row["service_to"] >= reach["service_to"]:
                reach = row
    return again & of_file, overlap, gap


@pytest.mark.parametrize("seed", range(12))
def test_random_histories_are_told_as_the_plain_definition_tells_them(seed: int) -> None:
    chance = random.Random(seed)

    def rows(first: int) -> list[Row]:
        return [
            _span(first + at, chance.randrange(4), chance.randrange(0, 60, 5), chance.choice((4, 9, 14)), chance.choice(("10.00", "20.00")))
            for at in range(chance.randrange(1, 12))
        ]  # fmt: skip

    filed, mine = rows(100), rows(1)
    judged = judge_rows(*mine, beside={"bills": table_of("bills", *filed)})
    found = {edit_id: set() for edit_id in ("BIX01", "BIX02", "BIX03")}
    for hit in judged.edits.to_pylist():
        if hit["edit_id"] in found:
            found[hit["edit_id"]].add(hit["key"])
    assert tuple(found.values()) == _told(mine, filed)


def test_a_service_that_a_correction_replaced_is_billed_anew_without_a_word() -> None:
    wrong = bill(1)
    taken_back = bill(
        2,
        account_no="A0001",
        kind="correction",
        corrects_bill_no="B0001",
        area_charge="",
        refund="-2148.00",
        total="-2148.00",
    )
    judged = judge_rows(taken_back, bill(3, account_no="A0001"), beside={"bills": table_of("bills", wrong)})
    assert ids(judged) == []


def _read(day: str, energy: str, unit: str = "kWh", **more: str) -> Row:
    row = {"meter_no": "RB1", "read_at": f"{day}T08:00:00+08:00", "kind": "actual", "energy": energy}
    return {**row, "energy_unit": unit, **more}


def _billed(opening: str, unit: str, *readings: Row) -> list[str]:
    asked = {"kind": "season", "reading_from": opening, "reading_to": "", "heat_unit": unit}
    row = bill(1, **{**METERED, **asked, "service_from": "2025-12-02"})
    return ids(judge_rows(row, beside={"readings": table_of("readings", *readings)}))


def test_a_billed_reading_is_compared_in_whatever_unit_either_was_filed() -> None:
    around = (_read("2025-12-01", "1000.000"), _read("2025-12-03", "1000.000"))
    assert _billed("3.600", "GJ", *around) == []
    assert _billed("1.000", "MWh", *around) == []
    assert _billed("3600.000", "MJ", *around) == []
    assert _billed("3.602", "GJ", *around) == ["BIX08"]
    assert _billed("1000.000", "GJ", *around) == ["BIX08"]


def test_an_estimated_reading_bounds_nothing_and_one_side_alone_still_bounds() -> None:
    estimated = _read("2025-12-03", "5.000", kind="estimated")
    assert _billed("100.000", "kWh", _read("2025-12-01", "100.000"), estimated) == []
    assert _billed("99.000", "kWh", _read("2025-12-01", "100.000"), estimated) == ["BIX08"]


def test_nothing_is_said_of_a_reading_around_which_the_meter_was_exchanged() -> None:
    exchanged = _read("2025-12-03", "0.000", event="replaced", seal_no="S1")
    row = bill(1, **{**METERED, "reading_from": "50.000", "service_from": "2025-12-02"})
    judged = judge_rows(
        row, beside={"readings": table_of("readings", _read("2025-12-01", "100.000"), exchanged)}
    )
    assert "BIX08" not in ids(judged)
    assert {one.edit_id: one.because for one in judged.not_evaluated}["BIX08"] == ("meter_exchanged",)


def test_readings_are_heard_filing_by_filing_from_files_as_from_tables(tmp_path: Path) -> None:
    tables = [
        table_of("readings", _read("2025-11-01", "10.000"), period="2025-11"),
        table_of("readings", _read("2025-12-01", "100.000")),
        table_of("readings", _read("2025-12-03", "110.000")),
    ]
    files = []
    for at, table in enumerate(tables):
        files.append(tmp_path / f"{at}.parquet")
        pq.write_table(table, files[-1])
    row = bill(1, **{**METERED, "reading_from": "111.000", "service_from": "2025-12-02"})
    from_tables = judge_rows(row, beside={"readings": Filed(tuple(tables))})
    from_files = judge_rows(row, beside={"readings": Filed(tuple(files))})
    assert from_tables.edits.equals(from_files.edits)
    hit = from_files.edits.to_pylist()[0]
    assert (hit["edit_id"], hit["field"]) == ("BIX08", "reading_from")
    assert "100.000 – 110.000" in hit["message_zh"]


def test_who_is_missing_is_listed_by_key_and_only_once_the_season_is_settled() -> None:
    accounts = roster(
        account(1), account(2), account(3, heating_state="suspended", suspended_from="2025-10-01"),
        account(4, closed_on="2025-10-01"), account(5, connected_on="2026-05-01"),
    )  # fmt: skip
    settled = judge_rows(bill(1), period="2025-26", roster=accounts)
    assert [(hit["edit_id"], hit["row"], hit["key"]) for hit in settled.edits.to_pylist()] == [
        ("BIX09", 0, "A0002")
    ]
    monthly = judge_rows(bill(1), period="2025-12", roster=accounts)
    assert "BIX09" not in ids(monthly)
    assert "BIX09" not in {one.edit_id for one in monthly.not_evaluated}


def test_a_correction_of_another_seasons_bill_is_said_not_to_have_been_looked_up() -> None:
    old = bill(
        2, kind="correction", corrects_bill_no="B7777", season="2023-24",
        service_from="2023-11-15", service_to="2024-03-15", area_charge="", refund="-1.00", total="-1.00",
    )  # fmt: skip
    judged = judge_rows(old)
    assert ids(judged) == []
    assert {one.edit_id: one.because for one in judged.not_evaluated}["BIX04"] == ("other_season",)


def test_an_empty_table_in_force_is_compared_with_like_any_other() -> None:
    nothing = table_of("bills", bill(1)).slice(0, 0)
    payment = {
        "payment_no": "P1",
        "account_no": "A0001",
        "bill_no": "B0001",
        "paid_on": "2025-12-05",
        "kind": "payment",
    }
    judged = judge_rows({**payment, "amount": "1.00"}, feed="payments", beside={"bills": nothing})
    assert ids(judged) == ["PAX01"]
    assert isinstance(judged.table, pa.Table)


def test_a_settlement_may_give_back_more_than_it_comes_to_but_not_more_than_was_prepaid() -> None:
    settled = table_of("bills", bill(1, **METERED, prepaid="5000.00"))

    def told(amount: str) -> list[str]:
        row = sample("payments", bill_no="B0001", account_no="A0001", kind="refund", amount=amount)
        return [
            one for one in ids(judge_rows(row, feed="payments", beside={"bills": settled})) if one == "PAX08"
        ]

    assert told("-5000.00") == []
    assert told("-5000.01") == ["PAX08"]
