"""What a company writes into its edit report comes back bound to the very hits that it explains."""

from __future__ import annotations

import csv
from pathlib import Path

import openpyxl
import pyarrow.parquet as pq
import pytest
from feed_edit_vectors import meter
from ingest_filings import judge_rows

from ingest.edits.explanations import bind, read_explanations
from ingest.edits.report import HEADER, write_csv, write_report
from ingest.judge import Judgement

NOTE = "现场核实，读数属实，已换表。"


def falling(last: str = "90.000") -> Judgement:
    return judge_rows(*meter(["100.000", last]), feed="readings", period="2025-12")


def filled(folder: Path, judged: Judgement, code: str, note: str, encoding: str = "utf-8-sig") -> Path:
    """The report as a clerk saves it with every line explained alike."""
    path = folder / "report.csv"
    write_csv(judged.edits, path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows({**line, "explanation_code": code, "note": note} for line in lines)
    return path


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_filled_report_explains_every_hit_of_its_file(tmp_path: Path, encoding: str) -> None:
    judged = falling()
    assert judged.verdict == "needs_explanation"
    read = read_explanations(filled(tmp_path, judged, "meter_exchanged", NOTE, encoding))
    assert read.problems == ()
    bound = bind(read.given, judged.edits)
    assert (len(bound.held), bound.idle, bound.missing) == (1, (), {})
    assert bound.held[0].binding == ("RDS01", "RB1|2025-12-02T00:00:00+08:00", "energy", "90.000")


def test_an_explanation_holds_while_the_value_is_unchanged_and_falls_idle_when_it_changes(
    tmp_path: Path,
) -> None:
    read = read_explanations(filled(tmp_path, falling(), "true_as_filed", NOTE))
    assert bind(read.given, falling().edits).missing == {}
    changed = bind(read.given, falling("91.000").edits)
    assert (changed.held, len(changed.idle), changed.missing) == ((), 1, {"RDS01": 1})


def test_lines_left_blank_explain_nothing(tmp_path: Path) -> None:
    read = read_explanations(filled(tmp_path, falling(), "", ""))
    assert (read.given, read.problems) == ((), ())


@pytest.mark.parametrize(
    ("code", "note"), [("because", NOTE), ("other", "短"), ("", NOTE), ("other", "x" * 2001)]
)
def test_an_unknown_code_or_a_note_of_the_wrong_length_is_told_with_its_line(
    tmp_path: Path, code: str, note: str
) -> None:
    read = read_explanations(filled(tmp_path, falling(), code, note))
    assert [problem.line for problem in read.problems] == [2]
    assert read.given == ()


def test_what_blocks_cannot_be_explained_away(tmp_path: Path) -> None:
    judged = judge_rows(*meter(["=1+1"]), feed="readings", period="2025-12")
    read = read_explanations(filled(tmp_path, judged, "other", NOTE))
    assert read.given == ()
    assert "V01" in read.problems[0].en


@pytest.mark.parametrize("content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"\x81"])
def test_a_file_that_is_no_report_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "report.csv"
    path.write_bytes(content)
    read = read_explanations(path)
    assert (read.given, [problem.line for problem in read.problems]) == ((), [1])


def test_the_report_says_the_same_as_csv_as_a_workbook_and_as_parquet(tmp_path: Path) -> None:
    judged = judge_rows(*meter(["100.000", "90.000", "=1"]), feed="readings", period="2025-12")
    for ending in ("csv", "xlsx", "parquet"):
        write_report(judged.edits, tmp_path / f"report.{ending}")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == lines
    table = pq.read_table(tmp_path / "report.parquet")
    assert tuple(table.column_names) == HEADER
    assert table.column("edit_id").to_pylist() == [line[0] for line in lines[1:]]
    with pytest.raises(ValueError, match="report.pdf"):
        write_report(judged.edits, tmp_path / "report.pdf")
