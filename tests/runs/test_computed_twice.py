"""The second opinion of a run over files: drawn over all its bills, given part by part, the same wherever it is cut."""

from __future__ import annotations

import pickle
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from checks.certificate import SecondOpinionDiffers
from checks.certificate import verify_certificate as checker
from checks.certificate.second_opinion import drawn
from checks.runs import check_files
from checks.runs.twice import draw
from ingest.evidence import EvidenceStore
from tests.checks.bill_cases import CITY
from tests.runs.mixed_bills import TARIFFS, as_evidence, as_filed, bills_of, mixed_bills, roster_of

ROWS = mixed_bills(1500, seed=42)
BILLS = bills_of(ROWS)


def computed_twice(bills: list[Path], accounts: Path | None, scratch: Path, rows_a_part: int) -> int:
    kept: list[pa.Table] = []
    scratch.mkdir()
    checked = check_files(
        bills,
        accounts,
        TARIFFS,
        city=CITY,
        keep=kept.append,
        scratch=scratch,
        seed="ab12",
        rows_a_part=rows_a_part,
    )
    return checked.computed_twice


@pytest.mark.parametrize("is_sorted", [True, False], ids=["by account", "in any order"])
@pytest.mark.parametrize("rows_a_part", [61, 5000])
def test_both_computations_agree_on_a_thousand_bills_of_a_run_wherever_it_is_cut(
    tmp_path: Path, rows_a_part: int, is_sorted: bool
) -> None:
    """With duplicates and corrections of bills of other accounts, which decide an amount from elsewhere in the file."""
    store = EvidenceStore(tmp_path / "evidence")
    bills = (
        as_evidence(store, BILLS, "account_no", "bill_no") if is_sorted else as_filed(tmp_path / "b", BILLS)
    )
    roster = as_filed(tmp_path / "accounts", roster_of(ROWS, seed=4))
    assert computed_twice([bills], roster, tmp_path / "with", rows_a_part) == min(len(BILLS), 1000)
    assert computed_twice([bills], None, tmp_path / "without", rows_a_part) == min(len(BILLS), 1000)


def test_bills_of_other_filings_are_read_and_not_drawn(tmp_path: Path) -> None:
    mine = as_filed(tmp_path / "mine", BILLS.slice(0, 700))
    negative = pa.array(np.arange(-1, -401, -1), pa.int32())
    theirs = BILLS.slice(700, 400).set_column(0, BILLS.schema.field(0), negative)
    others = as_filed(tmp_path / "theirs", theirs)
    found = draw([mine, others], 700, "ab12", tmp_path / "drawn.npy")
    assert found.bills == 700
    assert sorted(BILLS["source_row"].slice(0, 700).to_pylist()) == np.load(found.path).tolist()


def test_the_draw_names_the_rows_at_the_places_drawn(tmp_path: Path) -> None:
    rows = np.random.default_rng(1).permutation(5000) + 1
    table = pa.table({"source_row": pa.array(rows, pa.int32())})
    found = draw([as_filed(tmp_path / "bills", table)], 5000, "77", tmp_path / "drawn.npy")
    assert found.bills == 1000
    assert np.load(found.path).tolist() == sorted(rows[drawn(5000, "77")].tolist())


def test_one_fen_between_the_two_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bills = as_filed(tmp_path / "bills", BILLS)
    exactly = checker.rounded
    monkeypatch.setattr(checker, "rounded", lambda ratio, unit: exactly(ratio, unit) + Decimal("0.01"))
    with pytest.raises(SecondOpinionDiffers) as stopped:
        computed_twice([bills], None, tmp_path / "scratch", 400)
    again = pickle.loads(pickle.dumps(stopped.value))
    assert (again.zh, again.en, again.bill_no) == (stopped.value.zh, stopped.value.en, stopped.value.bill_no)
