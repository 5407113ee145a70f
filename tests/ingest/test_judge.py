"""The judgement: complete, in order, honest about what it did not look at."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest
from hostile_files import GOOD
from ingest_filings import account, bill, csv_bytes, csv_text, ids, judge_bytes, judge_rows, roster

from ingest.edits import CATALOGUE, PACK_DIGEST
from ingest.judge import judge
from ingest.readers.block import Limits
from ingest.standard import Period, arrow_schema


def test_a_good_file_is_accepted_with_its_typed_table_and_exact_totals() -> None:
    judged = judge_rows(bill(1), bill(2, area_charge="0.10", total="0.10", billed_area_m2="0.20"))
    assert judged.verdict == "accepted"
    assert judged.table is not None
    assert judged.table.schema == arrow_schema("bills")
    assert judged.table.column("source_row").to_pylist() == [1, 2]
    assert judged.totals["total"] == "2148.10"
    assert judged.totals["billed_area_m2"] == "89.70"
    assert (judged.rows, judged.encoding, judged.delimiter, judged.pack_digest) == (
        2,
        "utf-8",
        ",",
        PACK_DIGEST,
    )
    assert judged.filename == "bills.csv"


def test_heat_is_totalled_by_the_unit_it_was_filed_in() -> None:
    rows = (
        bill(1, heat_used="1.5", heat_unit="GJ"),
        bill(2, heat_used="1000", heat_unit="kWh"),
        bill(3, heat_used="2.25", heat_unit="GJ"),
    )
    totals = judge_rows(*rows).totals
    assert {name: total for name, total in totals.items() if name.startswith("heat")} == {
        "heat_used kWh": "1000.000",
        "heat_used GJ": "3.750",
    }


def test_every_hit_is_listed_by_row_and_there_is_no_cap() -> None:
    rows = [
        bill(number, total="1.00", category="houses" if number % 2 else "office") for number in range(1, 3001)
    ]
    judged = judge_rows(*rows)
    hits = [(hit["row"], hit["edit_id"]) for hit in judged.edits.to_pylist()]
    assert len(hits) == 4500
    assert [row for row, _ in hits] == sorted(row for row, _ in hits)
    assert hits[:3] == [(1, "V08"), (1, "BIL01"), (2, "BIL01")]
    assert [(group.edit_id, group.edit_class, group.count) for group in judged.summary()] == [
        ("V08", "validity", 1500),
        ("BIL01", "validity", 3000),
    ]


def test_a_hit_names_row_key_field_filed_value_and_what_was_expected() -> None:
    (hit,) = judge_rows(bill(1), bill(2, total="2,148.01")).edits.to_pylist()
    assert (hit["row"], hit["key"], hit["field"], hit["value"]) == (2, "B0002", "total", "2,148.01")
    assert "2148.00" in hit["message_zh"]
    assert "2148.00" in hit["message_en"]


def test_a_rule_whose_value_could_not_be_read_is_not_evaluated_on_that_row_and_says_because() -> None:
    judged = judge_rows(bill(1, total="x"), bill(2, total="1.00"))
    assert [(hit["edit_id"], hit["row"]) for hit in judged.edits.to_pylist()] == [("V01", 1), ("BIL01", 2)]
    skipped = {one.edit_id: (one.because, one.rows) for one in judged.not_evaluated}
    assert skipped["BIL01"] == (("V01",), 1)
    assert skipped["QUA03"] == (("V01",), 1)
    assert "BIL04" not in skipped


def test_a_header_fault_leaves_every_rule_on_values_not_evaluated() -> None:
    judged = judge_bytes(GOOD.replace(b"due_on", b"due_date", 1))
    assert ids(judged) == ["S01", "S16"]
    waiting = {edit.id for edit in CATALOGUE.values() if edit.stage in ("cell", "record", "table", "roster")}
    month = Period.parse("2025-12")
    of_bills = {edit_id for edit_id in waiting if CATALOGUE[edit_id].binds("bills", month)}
    assert {one.edit_id for one in judged.not_evaluated} == of_bills
    assert {one.because for one in judged.not_evaluated} == {("S01", "S16")}
    near = [hit["message_zh"] for hit in judged.edits.to_pylist() if hit["edit_id"] == "S16"]
    assert "due_on" in near[0]


def test_without_a_roster_and_readings_the_comparisons_with_them_are_listed_as_not_evaluated() -> None:
    judged = judge_rows(bill(1))
    assert {one.edit_id: one.because for one in judged.not_evaluated} == {
        **{f"CRO0{at}": ("no_roster",) for at in (1, 2, 3, 4, 5, 7, 8, 9)},
        **dict.fromkeys(("BIX07", "BIX08"), ("no_readings",)),
    }


def test_disagreement_with_the_roster_is_shown_and_never_blocks() -> None:
    accounts = roster(account(1, category="office", floor_area_m2="90.00"), account(2))
    judged = judge_rows(
        bill(1),
        bill(2, account_no="A0002"),
        bill(3, account_no="A0003", area_basis="usable"),
        roster=accounts,
    )
    assert judged.verdict == "accepted"
    assert [(hit["row"], hit["edit_id"]) for hit in judged.edits.to_pylist()] == [
        (1, "CRO02"),
        (1, "CRO04"),
        (3, "CRO01"),
    ]
    assert "office" in judged.edits.to_pylist()[0]["message_zh"]
    assert {one.edit_id: (one.because, one.rows) for one in judged.not_evaluated}["CRO02"] == (("CRO01",), 1)


def test_a_disagreement_with_the_roster_is_told_in_words_with_the_code_beside_them() -> None:
    judged = judge_rows(bill(1), roster=roster(account(1, category="office")))
    (hit,) = [hit for hit in judged.edits.to_pylist() if hit["edit_id"] == "CRO02"]
    assert hit["message_zh"].startswith("用热类别与台账不同，台账为办公（office）。")
    assert hit["message_en"].startswith("The category differs from the roster's Office (office).")


def test_an_area_that_the_roster_does_not_have_is_not_evaluated_rather_than_passed() -> None:
    judged = judge_rows(bill(1, area_basis="inner"), roster=roster(account(1)))
    assert {one.edit_id: (one.because, one.rows) for one in judged.not_evaluated} == {
        "CRO04": (("no_roster_value",), 1),
        **dict.fromkeys(("BIX07", "BIX08"), (("no_readings",), 0)),
    }


def test_quality_edits_keep_the_table_and_ask_for_an_explanation() -> None:
    judged = judge_rows(bill(1, reading_from="10", reading_to="9", heat_unit="GJ"))
    assert (judged.verdict, ids(judged)) == ("needs_explanation", ["QUA01"])
    assert judged.table is not None


def test_a_repeated_key_is_reported_on_each_later_row_with_the_first_row_named() -> None:
    judged = judge_rows(bill(7), bill(1), bill(7), bill(7))
    hits = judged.edits.to_pylist()
    assert [(hit["edit_id"], hit["row"], hit["value"]) for hit in hits] == [
        ("K01", 3, "B0007"),
        ("K01", 4, "B0007"),
    ]
    assert all("首次出现在第 2 行" in hit["message_zh"] for hit in hits), (
        "the row of the file, its header being row 1"
    )


def test_rows_are_counted_as_in_the_file_when_some_cannot_be_read() -> None:
    lines = csv_text(
        [bill(number, total="1.00" if number == 4 else "2148.00") for number in range(1, 5)]
    ).split("\n")
    lines[2] += ",too,many"
    judged = judge_bytes("\n".join(lines).encode())
    assert [(hit["edit_id"], hit["row"]) for hit in judged.edits.to_pylist()] == [("S03", 2), ("BIL01", 4)]
    assert judged.rows == 4
    assert {one.edit_id: one.because for one in judged.not_evaluated}["BIL04"] == ("S03",)


def test_rows_of_nothing_but_separators_pass_at_the_end_and_are_edits_in_between() -> None:
    empty = b"," * (GOOD.split(b"\n")[0].count(b",")) + b"\n"
    assert judge_bytes(GOOD + empty * 3).verdict == "accepted"
    between = judge_bytes(csv_bytes([bill(1)]) + empty + csv_bytes([bill(2)]).split(b"\n", 1)[1])
    assert [(hit["edit_id"], hit["row"]) for hit in between.edits.to_pylist()] == [("S13", 2)]


@pytest.mark.parametrize("header", ["姓名", "用户电话", "身份证号", "customer_name", "Phone", "id_card"])
def test_a_column_of_personal_data_is_refused_by_name(header: str) -> None:
    judged = judge_bytes(GOOD.replace(b"tariff_ref", header.encode(), 1))
    assert (judged.verdict, ids(judged)) == ("rejected", ["S15"])


def test_a_header_in_other_letters_is_taken_and_listed() -> None:
    judged = judge_bytes(GOOD.replace(b"bill_no", b" BILL_NO ", 1))
    assert judged.verdict == "accepted"
    assert [(row["row"], row["before"], row["after"]) for row in judged.coercions.to_pylist()] == [
        (0, " BILL_NO ", "bill_no")
    ]


@pytest.mark.parametrize(
    ("feed", "period"), [("bills", "2025-13"), ("bills", "2025-12-03"), ("accounts", "2025-12")]
)
def test_a_period_that_the_feed_is_not_filed_by_is_an_error_of_the_caller(feed: str, period: str) -> None:
    with pytest.raises(ValueError, match="报送期"):
        judge_bytes(GOOD, feed=feed, period=period)


def test_a_month_takes_bills_of_the_season_around_it_and_its_neighbours_and_older_corrections() -> None:
    def season(first: int) -> dict[str, str]:
        text = f"{first}-{(first + 1) % 100:02d}"
        return {"season": text, "service_from": f"{first}-11-15", "service_to": f"{first + 1}-03-15"}

    verdicts = {first: ids(judge_rows(bill(1, **season(first)))) for first in range(2022, 2029)}
    assert verdicts == {
        2022: ["BIL05"],
        2023: ["BIL05"],
        2024: [],
        2025: [],
        2026: [],
        2027: ["BIL05"],
        2028: ["BIL05"],
    }
    assert ids(judge_rows(bill(1, **season(2020), kind="correction", corrects_bill_no="B0"))) == []


def test_progress_is_told_in_bytes_and_reaches_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "b.csv"
    path.write_bytes(GOOD)
    told: list[tuple[str, int, int]] = []
    judge(path, feed="bills", period="2025-12", filename="b.csv", on_progress=lambda *said: told.append(said))
    assert told[-1] == ("read", len(GOOD), len(GOOD))
    assert {said[0] for said in told} == {"decode", "read"}


def _large(path: Path, rows: int, note: str = "") -> None:
    head, line = csv_text([bill(1, tariff_ref="NOTE", bill_no="B_NUMBER", account_no="A_NUMBER")]).split(
        "\n"
    )[:2]
    line = line.replace("NOTE", note)
    with path.open("w", encoding="utf-8") as file:
        file.write(head + "\n")
        for start in range(0, rows, 10_000):
            file.write(
                "".join(
                    line.replace("_NUMBER", str(at)) + "\n" for at in range(start, min(start + 10_000, rows))
                )
            )


_MEASURED = """
import resource, sys
from pathlib import Path
from ingest.judge import judge
judged = judge(Path(sys.argv[1]), feed="bills", period="2025-12", filename="b.csv")
print(judged.verdict, judged.rows, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_a_file_of_300_mb_is_judged_within_1500_mb(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    _large(path, 340_000, note="示例价〔2024〕1号，" * 30)
    assert path.stat().st_size > 300_000_000
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(path)], cwd=root, capture_output=True, text=True, check=True
    )
    verdict, rows, megabytes = done.stdout.split()
    assert (verdict, rows) == ("accepted", "340000")
    assert int(megabytes) < 1500


def test_a_file_beyond_the_limit_is_refused_by_its_size_without_being_read(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(Limits().max_file_bytes + 1)
    begun = time.perf_counter()
    judged = judge(path, feed="bills", period="2025-12", filename="huge.csv")
    assert ids(judged) == ["T01"]
    assert time.perf_counter() - begun < 1


def test_a_file_that_fails_on_every_row_takes_at_most_a_few_times_a_clean_one(tmp_path: Path) -> None:
    clean, dirty = tmp_path / "clean.csv", tmp_path / "dirty.csv"
    _large(clean, 100_000)
    dirty.write_bytes(
        clean.read_bytes().replace(b",2148.00\n", b",1.00\n").replace(b",2148.00,", b",2148.01,")
    )

    def seconds(path: Path) -> tuple[float, int]:
        begun = resource.getrusage(resource.RUSAGE_SELF).ru_utime
        judged = judge(path, feed="bills", period="2025-12", filename="b.csv")
        return resource.getrusage(resource.RUSAGE_SELF).ru_utime - begun, judged.edits.num_rows

    seconds(clean)
    (clean_time, none), (dirty_time, all_rows) = seconds(clean), seconds(dirty)
    assert (none, all_rows) == (0, 100_000)
    assert dirty_time < 2 * clean_time + 0.2


def test_edits_of_a_million_alike_rows_hold_their_message_once() -> None:
    judged = judge_rows(*(bill(number, total="x") for number in range(1, 2001)))
    messages = judged.edits.column("message_zh").combine_chunks()
    assert isinstance(messages, pa.DictionaryArray)
    assert len(messages.dictionary) == 1
