"""The child process judges the same, and ends alone when a file drives it beyond its limits."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hostile_files import GOOD
from hostile_workbooks import good_workbook
from ingest_filings import account, bill, csv_bytes, csv_text, ids, roster

from ingest.child import ChildFailed, ChildLimits, judge_in_child
from ingest.judge import Judgement, judge
from ingest.readers.block import Limits

ROOT = Path(__file__).parents[2]


def _filed(folder: Path, data: bytes, name: str = "filed.csv") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def _many(folder: Path, count: int) -> Path:
    head, line = csv_text([bill(1, bill_no="B_NUMBER")]).split("\n")[:2]
    path = folder / "many.csv"
    path.write_text(head + "\n" + "".join(line.replace("_NUMBER", str(at)) + "\n" for at in range(count)))
    return path


def _same(one: Judgement, other: Judgement) -> bool:
    plain = (
        "verdict",
        "rows",
        "totals",
        "encoding",
        "delimiter",
        "pack_digest",
        "columns",
        "not_evaluated",
        "filename",
    )
    tables = (
        one.edits.to_pylist() == other.edits.to_pylist(),
        one.coercions.to_pylist() == other.coercions.to_pylist(),
    )
    return (
        all(getattr(one, name) == getattr(other, name) for name in plain)
        and all(tables)
        and one.table == other.table
    )


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (GOOD, "b.csv"),
        (csv_bytes([bill(1, total="2,148.00"), bill(2, category="x"), bill(2, account_no="A9")]), "b.csv"),
        (good_workbook(), "b.xlsx"),
        (b"", "b.csv"),
    ],
)
def test_the_child_gives_the_same_judgement_and_leaves_no_file(
    tmp_path: Path, data: bytes, name: str
) -> None:
    path = _filed(tmp_path, data)
    accounts = roster(account(1))
    work = tmp_path / "work"
    work.mkdir()
    whole = judge(path, feed="bills", period="2025-12", filename=name, roster=accounts)
    in_child = judge_in_child(
        path, feed="bills", period="2025-12", filename=name, roster=accounts, folder=work
    )
    assert _same(in_child, whole)
    assert list(work.iterdir()) == []


def test_the_child_forwards_progress(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    path = _filed(tmp_path, GOOD)
    judge_in_child(
        path, feed="bills", period="2025-12", filename="b.csv", on_progress=lambda *said: told.append(said)
    )
    assert told[-1] == ("read", len(GOOD), len(GOOD))


def test_reader_limits_reach_the_child(tmp_path: Path) -> None:
    path = _filed(tmp_path, GOOD)
    judged = judge_in_child(
        path, feed="bills", period="2025-12", filename="b.csv", limits=Limits(max_file_bytes=10)
    )
    assert ids(judged) == ["T01"]


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        (ChildLimits(clock_seconds=0.05), "clock"),
        (ChildLimits(memory_bytes=400 << 20), "memory"),
        (ChildLimits(processor_seconds=1), "processor"),
        (ChildLimits(file_bytes=1000), "disk"),
    ],
)
def test_a_child_beyond_its_limits_gives_a_rejected_judgement_that_says_which(
    tmp_path: Path, bounds: ChildLimits, reason: str
) -> None:
    path = _many(tmp_path, 300_000)
    judged = judge_in_child(path, feed="bills", period="2025-12", filename="b.csv", child_limits=bounds)
    (hit,) = judged.edits.to_pylist()
    assert (judged.verdict, judged.table, hit["edit_id"], hit["value"]) == ("rejected", None, "T12", reason)
    assert {one.because for one in judged.not_evaluated} == {("T12",)}
    good = judge_in_child(_filed(tmp_path, GOOD), feed="bills", period="2025-12", filename="b.csv")
    assert (good.verdict, ids(good)) == ("accepted", [])


def test_a_file_that_vanished_is_a_failure_of_the_program_and_not_a_verdict(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="FileNotFoundError"):
        judge_in_child(tmp_path / "gone.csv", feed="bills", period="2025-12", filename="b.csv")


def test_the_module_speaks_json_lines_on_its_own(tmp_path: Path) -> None:
    request = {
        "path": str(_filed(tmp_path, GOOD)),
        "feed": "bills",
        "period": "2025-12",
        "filename": "b.csv",
        "roster": None,
        "beside": {},
        "profile": None,
        "limits": {},
        "child_limits": {},
        "folder": str(tmp_path),
    }
    done = subprocess.run(
        [sys.executable, "-m", "ingest.child"],
        input=json.dumps(request),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    last = json.loads(done.stdout.splitlines()[-1])
    assert last["answer"]["verdict"] == "accepted"
    assert (tmp_path / "table.parquet").exists()
