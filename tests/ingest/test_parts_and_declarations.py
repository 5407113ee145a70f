"""A filing in parts is one filing: rows numbered through, keys once in all of them, all or nothing; and what is declared holds."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from hostile_workbooks import zipped
from ingest_filings import bill, csv_bytes, ids, judge_bytes, judge_rows, workbook_bytes

from ingest.child import judge_in_child
from ingest.judgement import Judgement
from ingest.packing import pack
from ingest.readers.block import Refusal
from ingest.readers.manifest import Manifest, amounts_of, control_totals, manifest_of
from ingest.standard import FEEDS

EAST, WEST = csv_bytes([bill(1), bill(2)]), csv_bytes([bill(3), bill(4), bill(5)])
NAMES = {"parts": [{"name": "east.csv"}, {"name": "west.csv"}]}


def in_parts(east: bytes, west: bytes, manifest: object = NAMES) -> Judgement:
    files = [("east.csv", east), ("west.csv", west), ("manifest.json", json.dumps(manifest))]
    return judge_bytes(bytes(zipped(files)), filename="bills.zip")


def test_parts_are_judged_as_the_one_file_that_they_make_together() -> None:
    whole = judge_rows(*(bill(number) for number in range(1, 6)))
    judged = in_parts(EAST, WEST)
    assert (judged.verdict, judged.rows, judged.totals) == ("accepted", 5, whole.totals)
    assert judged.table is not None
    assert judged.table.equals(whole.table)
    assert [(part.name, part.first_row, part.last_row, part.rows) for part in judged.parts] == [
        ("east.csv", 1, 2, 2),
        ("west.csv", 3, 5, 3),
    ]
    assert [part.sha256 for part in judged.parts] == [
        hashlib.sha256(data).hexdigest() for data in (EAST, WEST)
    ]


def test_parts_may_be_workbooks_beside_text() -> None:
    names = {"parts": [{"name": "east.xlsx"}, {"name": "west.csv"}]}
    files = [("east.xlsx", workbook_bytes([bill(1), bill(2)])), ("west.csv", WEST)]
    judged = judge_bytes(bytes(zipped([*files, ("manifest.json", json.dumps(names))])), filename="bills.zip")
    assert (judged.verdict, judged.rows) == ("accepted", 5)
    assert [(part.name, part.rows) for part in judged.parts] == [("east.xlsx", 2), ("west.csv", 3)]


def test_a_key_stands_once_in_all_parts() -> None:
    (hit,) = (
        hit for hit in in_parts(EAST, csv_bytes([bill(2)])).edits.to_pylist() if hit["edit_id"] == "K01"
    )
    assert (hit["row"], hit["key"]) == (3, "B0002")
    assert "第 2 行" in hit["message_zh"]


def test_a_wrong_value_is_told_with_its_row_in_the_whole() -> None:
    judged = in_parts(EAST, csv_bytes([bill(3), bill(4, total="x")]))
    assert [(hit["edit_id"], hit["row"]) for hit in judged.edits.to_pylist()] == [("V01", 4)]
    assert judged.table is None


@pytest.mark.parametrize(
    ("west", "edit_id"),
    [(b"", "T08"), (b"no,header\n", "S01"), (csv_bytes([]), "S08")],
    ids=["empty", "header", "rows"],
)
def test_one_part_that_cannot_be_read_rejects_the_whole(west: bytes, edit_id: str) -> None:
    judged = in_parts(EAST, west)
    assert judged.verdict == "rejected"
    assert judged.table is None
    assert edit_id in ids(judged)
    if edit_id != "T08":
        assert any("west.csv" in hit["value"] for hit in judged.edits.to_pylist())


def test_parts_in_different_forms_are_read_each_in_its_own() -> None:
    judged = in_parts(EAST, csv_bytes([bill(3)]).decode().replace(",", ";").encode("gb18030"))
    assert (judged.verdict, judged.rows) == ("accepted", 3)


def test_a_difference_says_what_was_declared_and_what_was_found() -> None:
    said = {**NAMES, "rows": 6, "totals": {"total": "10740.01", "billed_area_m2": "447.5"}}
    hits = in_parts(EAST, WEST, said).edits.to_pylist()
    assert [(hit["edit_id"], hit["row"], hit["field"]) for hit in hits] == [
        ("DEC01", 0, ""),
        ("DEC02", 0, "total"),
    ]
    assert "声明 6，实际 5" in hits[0]["message_zh"]
    assert "declared 10740.01, found 10740.00" in hits[1]["message_en"]


def test_declared_beside_a_plain_file_binds_as_declared_in_it() -> None:
    wrong = Manifest(rows=3, totals={"total": "1.00"})
    assert ids(judge_bytes(EAST, declared=wrong)) == ["DEC01", "DEC02"]
    right = Manifest(rows=2, totals={"total": "4296", "area_charge": "4296.00"})
    judged = judge_bytes(EAST, declared=right)
    assert (judged.verdict, judged.declared) == ("accepted", [right.as_data()])


def test_a_sum_of_values_that_could_not_be_read_is_not_compared() -> None:
    judged = judge_bytes(csv_bytes([bill(1, total="x")]), declared=Manifest(totals={"total": "2148.00"}))
    assert "DEC02" not in ids(judged)
    assert "DEC02" in {one.edit_id for one in judged.not_evaluated}


def test_a_part_that_was_changed_after_the_manifest_was_written_is_refused(tmp_path: Path) -> None:
    paths = [tmp_path / "east.csv", tmp_path / "west.csv"]
    for path, data in zip(paths, (EAST, WEST), strict=True):
        path.write_bytes(data)
    pack(paths, tmp_path / "a.zip")
    pack(list(reversed(paths)), tmp_path / "b.zip")
    packed = (tmp_path / "a.zip").read_bytes()
    assert packed == (tmp_path / "b.zip").read_bytes()
    assert judge_bytes(packed, filename="a.zip").verdict == "accepted"
    said = {"parts": [{"name": "east.csv", "sha256": "0" * 64}, {"name": "west.csv"}]}
    assert ids(in_parts(EAST, WEST, said)) == ["DEC03"]


def test_the_child_judges_parts_and_declarations_as_they_are_judged_here(tmp_path: Path) -> None:
    said = {**NAMES, "rows": 9}
    path = tmp_path / "filed"
    path.write_bytes(
        bytes(zipped([("east.csv", EAST), ("west.csv", WEST), ("manifest.json", json.dumps(said))]))
    )
    declared = Manifest(totals={"total": "1.00"})
    child = judge_in_child(path, feed="bills", period="2025-12", filename="bills.zip", declared=declared)
    here = judge_bytes(path.read_bytes(), filename="bills.zip", declared=declared)
    assert ids(child) == ids(here) == ["DEC02", "DEC01"]
    assert (child.parts, child.declared) == (here.parts, here.declared)


@pytest.mark.parametrize(
    "said",
    [
        [], {"lines": 1}, {"rows": "5"}, {"rows": True}, {"rows": -1}, {"totals": {"total": 5}}, {"totals": {"due_on": "1"}},
        {"totals": {"total": "1e3"}}, {"parts": {}}, {"parts": [{"rows": 1}]}, {"parts": [{"name": "a", "sha256": "A"}]},
        {"parts": [{"name": "a"}, {"name": "a"}]},
    ],
    ids=range(12),
)  # fmt: skip
def test_a_manifest_that_says_something_else_is_refused_with_the_reason(said: object) -> None:
    with pytest.raises(Refusal) as refused:
        manifest_of(said, FEEDS["bills"])
    (finding,) = refused.value.findings
    assert finding.edit_id == "DEC06"
    assert finding.detail_zh
    assert finding.detail_en


def test_every_control_total_of_a_feed_can_be_declared() -> None:
    assert control_totals(FEEDS["payments"]) == ["amount"]
    assert "heat_used GJ" in control_totals(FEEDS["bills"])
    assert not any(name.startswith("reading_") for name in control_totals(FEEDS["bills"]))
    assert amounts_of("total=1.50; heat_used GJ=2.000\nbilled_area_m2=3") == {
        "total": "1.50",
        "heat_used GJ": "2.000",
        "billed_area_m2": "3",
    }
    with pytest.raises(ValueError, match="total"):
        amounts_of("total=1; total=2")
