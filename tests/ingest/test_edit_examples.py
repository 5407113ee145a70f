"""The public examples of an edit are the files it is tested with: one that trips it and the nearest that does not.

``python tests/ingest/test_edit_examples.py`` writes them anew.
"""

from __future__ import annotations

import csv
import io
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import pytest

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[2])]

from edit_vectors import all_vectors
from ingest_filings import Case, work_in

from ingest.edits import CATALOGUE
from ingest.standard import FEEDS

FILE = Path(__file__).resolve().parents[2] / "ingest" / "edits" / "examples.json"
MOST_ROWS = 3


def _rows(case: Case) -> list[dict[str, str]] | None:
    """The rows of a plain CSV file of the standard, None for any other."""
    try:
        lines = list(csv.DictReader(io.StringIO(case.data.decode("utf-8"), newline="")))
    except (UnicodeDecodeError, csv.Error):
        return None
    columns = {column.code for column in FEEDS[case.feed].columns}
    whole = bool(lines) and all(None not in line and None not in line.values() for line in lines)
    return lines if case.filename.endswith(".csv") and whole and set(lines[0]) <= columns else None


def _filled(row: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in row.items() if value}


def example(edit_id: str) -> dict[str, Any] | None:
    """The values in which the two files differ, beside the key; None where the fault is not one of values."""
    vector = all_vectors()[edit_id]
    trips, passes = _rows(vector.trips), _rows(vector.passes)
    if trips is None or passes is None or len(trips) != len(passes):
        return None
    places = [
        at
        for at, (one, other) in enumerate(zip(trips, passes, strict=True))
        if _filled(one) != _filled(other)
    ]
    if not places or len(places) > MOST_ROWS:
        return None
    names = [column.code for column in FEEDS[vector.trips.feed].columns]
    differing = {
        name for at in places for name in names if trips[at].get(name, "") != passes[at].get(name, "")
    }
    feed = FEEDS[vector.trips.feed]
    shown = [column.code for column in feed.columns if column.code in differing or column.code in feed.key]
    return {
        "feed": feed.code,
        "columns": shown,
        "trips": [[trips[at].get(name, "") for name in shown] for at in places],
        "passes": [[passes[at].get(name, "") for name in shown] for at in places],
    }


def examples() -> str:
    found = {edit_id: example(edit_id) for edit_id in CATALOGUE if edit_id in all_vectors()}
    kept = {edit_id: one for edit_id, one in found.items() if one is not None}
    return json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def test_the_public_examples_are_those_the_edits_are_tested_with() -> None:
    assert FILE.read_text("utf-8") == examples(), "write them: python tests/ingest/test_edit_examples.py"


@pytest.mark.parametrize("edit_id", ["BIL01", "QUA04", "QUA06", "ACC02", "V10"])
def test_an_example_shows_the_values_that_make_the_difference(edit_id: str) -> None:
    found = json.loads(FILE.read_text("utf-8"))[edit_id]
    assert found["trips"] != found["passes"]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        work_in(Path(folder))
        FILE.write_text(examples(), encoding="utf-8")
