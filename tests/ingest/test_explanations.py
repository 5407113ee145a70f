"""What a company writes into its edit report comes back bound to the very hits that it explains, and lasts its term."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from pathlib import Path

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from feed_edit_vectors import meter
from ingest_filings import judge_rows

from ingest.child import ChildLimits, explanations_in_child
from ingest.edits.explanations import (
    STANDING_SCHEMA,
    TERM,
    Earlier,
    Giving,
    carried,
    counted,
    hits_to_explain,
    mismatched,
    open_hits,
    with_given,
)
from ingest.edits.explanations_read import Explanations, read_explanations
from ingest.edits.report import HEADER, Report, write_csv, write_report
from ingest.edits.thresholds import THRESHOLDS
from ingest.judge import Judgement

NOTE = "现场核实，读数属实，已换表。"
DIGEST = hashlib.sha256(b"this file").hexdigest()
NOON = dt.datetime(2025, 12, 3, 4, tzinfo=dt.UTC)
GIVING = Giving("clerk", NOON, "filing-1", NOON.date())
BINDING = ("RDS01", "RB1|2025-12-02T00:00:00+08:00", "energy", "90.000")


def falling(last: str = "90.000") -> Judgement:
    return judge_rows(*meter(["100.000", last]), feed="readings", period="2025-12")


def report_of(judged: Judgement, standing: pa.Table | None = None) -> Report:
    return Report(judged.edits, DIGEST, standing)


def filled(
    folder: Path, judged: Judgement, code: str, note: str, encoding: str = "utf-8-sig", **changes: str
) -> Path:
    """The report as a clerk saves it with every line explained alike."""
    path = folder / "report.csv"
    write_csv(report_of(judged), path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.DictReader(file))
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows({**line, "explanation_code": code, "note": note, **changes} for line in lines)
    return path


def reads(path: Path, digest: str = DIGEST) -> Explanations:
    return read_explanations(path, filename=path.name, file_digest=digest)


def explained(folder: Path, judged: Judgement, giving: Giving = GIVING) -> pa.Table:
    """The standing explanations once the filled report is taken."""
    given = reads(filled(folder, judged, "meter_exchanged", NOTE)).given
    return with_given(STANDING_SCHEMA.empty_table(), hits_to_explain(judged.edits), given, giving)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-8", "gb18030"])
def test_a_filled_report_explains_every_hit_of_its_file(tmp_path: Path, encoding: str) -> None:
    judged = falling()
    assert judged.verdict == "needs_explanation"
    read = reads(filled(tmp_path, judged, "meter_exchanged", NOTE, encoding))
    assert (read.problems, mismatched(read.given, judged.edits)) == ((), ())
    wanted = hits_to_explain(judged.edits)
    standing = with_given(STANDING_SCHEMA.empty_table(), wanted, read.given, GIVING)
    (one,) = standing.to_pylist()
    assert tuple(one[name] for name in ("edit_id", "key", "field", "value")) == BINDING
    assert (one["code"], one["note"], one["given_by"], one["standing"]) == (
        "meter_exchanged", NOTE, "clerk", "new",
    )  # fmt: skip
    assert open_hits(counted(wanted, standing)) == 0


def test_what_a_spreadsheet_does_to_the_values_does_not_lose_the_explanation(tmp_path: Path) -> None:
    judged = falling()
    path = filled(tmp_path, judged, "meter_exchanged", NOTE, value="90", key="RB1|2025/12/2 0:00", hit="1.0")
    read = reads(path)
    assert (read.problems, mismatched(read.given, judged.edits)) == ((), ())
    standing = with_given(STANDING_SCHEMA.empty_table(), hits_to_explain(judged.edits), read.given, GIVING)
    assert standing["value"].to_pylist() == ["90.000"]


def test_a_workbook_is_read_like_the_csv(tmp_path: Path) -> None:
    judged = falling()
    write_report(report_of(judged), tmp_path / "report.xlsx")
    book = openpyxl.load_workbook(tmp_path / "report.xlsx")
    for name, value in (("explanation_code", "meter_exchanged"), ("note", NOTE)):
        book.active.cell(2, HEADER.index(name) + 1, value)
    book.save(tmp_path / "report.xlsx")
    by_csv = reads(filled(tmp_path, judged, "meter_exchanged", NOTE))
    assert reads(tmp_path / "report.xlsx").given.equals(by_csv.given)
    in_child = explanations_in_child(tmp_path / "report.xlsx", filename="a.xlsx", file_digest=DIGEST)
    assert (in_child.given.to_pylist(), in_child.problems) == (by_csv.given.to_pylist(), ())


def test_a_child_that_takes_too_long_gives_nothing_but_the_reason(tmp_path: Path) -> None:
    path = filled(tmp_path, falling(), "other", NOTE)
    limits = ChildLimits(clock_seconds=0.0)
    read = explanations_in_child(path, filename="a.csv", file_digest=DIGEST, child_limits=limits)
    assert (read.given.num_rows, read.problems[0].line) == (0, 1)
    assert "longer than allowed" in read.problems[0].en


def test_the_report_of_another_file_is_refused_line_by_line(tmp_path: Path) -> None:
    read = reads(filled(tmp_path, falling(), "other", NOTE), hashlib.sha256(b"another").hexdigest())
    assert (read.given.num_rows, [problem.line for problem in read.problems]) == (0, [2])
    assert "another file" in read.problems[0].en


@pytest.mark.parametrize(("hit", "row"), [("2", "2"), ("0", "2"), ("1", "3"), ("eins", "2"), ("1e3", "2")])
def test_a_line_whose_number_was_changed_is_told(tmp_path: Path, hit: str, row: str) -> None:
    judged = falling()
    read = reads(filled(tmp_path, judged, "other", NOTE, hit=hit, row=row))
    assert [one.line for one in (*read.problems, *mismatched(read.given, judged.edits))] == [2]


def test_one_hit_explained_on_two_lines_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path, falling(), "other", NOTE)
    lines = path.read_text("utf-8-sig").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[-1]]), "utf-8-sig")
    (problem,) = reads(path).problems
    assert (problem.line, "Line 2" in problem.en) == (3, True)


def test_lines_left_blank_explain_nothing(tmp_path: Path) -> None:
    read = reads(filled(tmp_path, falling(), "", ""))
    assert (read.given.num_rows, read.problems) == (0, ())


@pytest.mark.parametrize(
    ("code", "note"), [("because", NOTE), ("other", "短"), ("", NOTE), ("other", "x" * 2001)]
)
def test_an_unknown_code_or_a_note_of_the_wrong_length_is_told_with_its_line(
    tmp_path: Path, code: str, note: str
) -> None:
    read = reads(filled(tmp_path, falling(), code, note))
    assert [problem.line for problem in read.problems] == [2]
    assert read.given.num_rows == 0


def test_what_blocks_cannot_be_explained_away(tmp_path: Path) -> None:
    judged = judge_rows(*meter(["=1+1"]), feed="readings", period="2025-12")
    read = reads(filled(tmp_path, judged, "other", NOTE))
    assert read.given.num_rows == 0
    assert "V01" in read.problems[0].en
    assert hits_to_explain(judged.edits).num_rows == 0


@pytest.mark.parametrize(
    "content", [b"", b"a,b\n1,2\n", b"\xff\xfe\x00", b"\x81"], ids=["empty", "other", "utf16", "cut"]
)
def test_a_file_that_is_no_report_is_refused_in_words(tmp_path: Path, content: bytes) -> None:
    for name in ("report.csv", "report.xlsx"):
        path = tmp_path / name
        path.write_bytes(content)
        read = reads(path)
        assert (read.given.num_rows, [problem.line for problem in read.problems]) == (0, [1])


def test_an_explanation_is_carried_while_the_value_is_unchanged_and_not_once_it_changed(
    tmp_path: Path,
) -> None:
    earlier = [Earlier(explained(tmp_path, falling()), same_period=False)]
    (kept,) = carried(hits_to_explain(falling().edits), earlier, NOON.date()).to_pylist()
    assert (kept["standing"], kept["given_in"], kept["note"]) == ("carried", "filing-1", NOTE)
    changed = hits_to_explain(falling("91.000").edits)
    none = carried(changed, earlier, NOON.date())
    assert none.num_rows == 0
    assert counted(changed, none) == {"RDS01": {"missing": 1}}


def test_an_explanation_holds_through_the_last_day_of_its_term_and_not_the_day_after(tmp_path: Path) -> None:
    earlier = [Earlier(explained(tmp_path, falling()), same_period=False)]
    wanted = hits_to_explain(falling().edits)
    last = NOON.date() + dt.timedelta(days=int(THRESHOLDS[TERM].on(NOON.date())))
    for day, standing, still_open in ((last, "carried", 0), (last + dt.timedelta(days=1), "expired", 1)):
        found = carried(wanted, earlier, day)
        assert found["standing"].to_pylist() == [standing]
        assert open_hits(counted(wanted, found)) == still_open


def test_of_several_explanations_of_one_value_the_latest_is_carried(tmp_path: Path) -> None:
    later = Giving("other-clerk", NOON + dt.timedelta(days=30), "filing-2", dt.date(2026, 1, 2))
    earlier = [Earlier(explained(tmp_path, falling(), one), same_period=False) for one in (later, GIVING)]
    found = carried(hits_to_explain(falling().edits), earlier, dt.date(2026, 1, 3))
    assert found["given_in"].to_pylist() == ["filing-2"]


def test_an_explanation_of_a_whole_file_holds_for_its_period_alone(tmp_path: Path) -> None:
    rows = [{**row, "kind": "estimated"} for row in meter([f"{100 + step}.000" for step in range(40)])]
    judged = judge_rows(*rows, feed="readings", period="2025-12")
    wanted = hits_to_explain(judged.edits)
    assert ("MAC02", "") in set(zip(wanted["edit_id"].to_pylist(), wanted["key"].to_pylist(), strict=True))
    standing = explained(tmp_path, judged)
    for same, found in ((True, True), (False, False)):
        kept = carried(wanted, [Earlier(standing, same_period=same)], NOON.date())
        assert ("MAC02" in kept["edit_id"].to_pylist()) is found


def test_a_report_handed_back_as_it_was_changes_nothing_and_one_new_line_changes_that_line(
    tmp_path: Path,
) -> None:
    judged = falling()
    wanted = hits_to_explain(judged.edits)
    before = carried(wanted, [Earlier(explained(tmp_path, judged), same_period=False)], NOON.date())
    again = Giving("somebody", NOON + dt.timedelta(days=9), "filing-9", dt.date(2025, 12, 12))
    write_csv(report_of(judged, before), tmp_path / "again.csv")
    assert with_given(before, wanted, reads(tmp_path / "again.csv").given, again).equals(before)
    text = (tmp_path / "again.csv").read_text("utf-8-sig")
    (tmp_path / "again.csv").write_text(text.replace(NOTE, NOTE + "附现场照片。"), "utf-8-sig")
    (one,) = with_given(before, wanted, reads(tmp_path / "again.csv").given, again).to_pylist()
    assert (one["given_by"], one["standing"], one["given_in"]) == ("somebody", "new", "filing-9")


def test_the_report_says_how_each_explanation_stands(tmp_path: Path) -> None:
    judged = falling()
    wanted = hits_to_explain(judged.edits)
    new = explained(tmp_path, judged)
    for standing, said in (
        (None, ("", "", "missing", "")),
        (new, ("meter_exchanged", NOTE, "new", "2025-12-03")),
        (
            carried(wanted, [Earlier(new, same_period=False)], dt.date(2030, 1, 1)),
            ("", "", "expired", "2025-12-03"),
        ),
    ):
        write_csv(report_of(judged, standing), tmp_path / "report.csv")
        with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
            (line,) = csv.DictReader(file)
        assert tuple(line[name] for name in ("explanation_code", "note", "standing", "explained_on")) == said


def test_the_report_says_the_same_as_csv_as_a_workbook_and_as_parquet(tmp_path: Path) -> None:
    judged = judge_rows(*meter(["100.000", "90.000", "=1"]), feed="readings", period="2025-12")
    for ending in ("csv", "xlsx", "parquet"):
        write_report(report_of(judged), tmp_path / f"report.{ending}")
    with (tmp_path / "report.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file))
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx").active
    assert [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)] == lines
    table = pq.read_table(tmp_path / "report.parquet")
    assert tuple(table.column_names) == HEADER
    assert table.column("edit_id").to_pylist() == [line[0] for line in lines[1:]]
    with pytest.raises(ValueError, match="report.pdf"):
        write_report(report_of(judged), tmp_path / "report.pdf")
