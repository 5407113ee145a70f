"""The list of values that were read otherwise: complete, by rule, in the row of the company's own file, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from ingest_filings import bill, csv_bytes, judge_bytes, judge_rows

from ingest.coercions import BATCH, Used, csv_pieces, used_rules, write_coercions
from ingest.edits.coercion_rules import RULES


def lines(judged, offset: int = 1) -> list[dict[str, str]]:
    whole = b"".join(csv_pieces(judged.coercions.to_batches(max_chunksize=BATCH), offset))
    return list(csv.DictReader(io.StringIO(whole.decode("utf-8-sig"), newline="")))


def test_each_value_is_listed_with_before_after_and_what_the_rule_means() -> None:
    judged = judge_rows(bill(1, issued_on="2025.12.5"), bill(2, total=" 2,148.00元"))
    assert lines(judged) == [
        {
            "file_row": "2",
            "field": "issued_on",
            "before": "2025.12.5",
            "after": "2025-12-05",
            "rule": "date_form",
            "rule_zh": "日期的其他写法",
            "rule_en": "another way to write a date",
        },
        {
            "file_row": "3",
            "field": "total",
            "before": " 2,148.00元",
            "after": "2148.00",
            "rule": "spaces+unit_word+thousands",
            "rule_zh": "前后空格、数值中的单位、千分位",
            "rule_en": "spaces around the value; a unit behind a number; thousands separators",
        },
    ]


def test_the_rules_used_come_with_how_often_the_most_used_first() -> None:
    judged = judge_rows(
        *(bill(n, issued_on="2025/12/5", total="2148") for n in range(1, 5)), bill(5, total="2,148.00")
    )
    assert used_rules(judged.coercions) == [Used("date_form", 4), Used("thousands", 1)]
    assert sum(one.count for one in used_rules(judged.coercions)) == judged.coercions.num_rows
    assert used_rules(judge_rows(bill(1)).coercions) == []


def test_the_file_has_every_line_and_no_formula(tmp_path: Path) -> None:
    count = BATCH + 7
    rows = [bill(number, total="+2148.00") for number in range(1, count + 1)]
    judged = judge_bytes(csv_bytes(rows))
    target = tmp_path / "coercions.csv"
    write_coercions(judged.coercions, judged.row_offset, target)
    written = list(csv.DictReader(io.StringIO(target.read_text("utf-8-sig"), newline="")))
    assert len(written) == count
    assert {one["before"] for one in written} == {"'+2148.00"}
    assert [written[0]["file_row"], written[-1]["file_row"]] == ["2", str(count + 1)]


def test_every_rule_says_what_it_does_in_both_languages() -> None:
    assert all(zh and en and zh != en for zh, en in RULES.values())
