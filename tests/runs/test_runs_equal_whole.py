"""A run over parts gives what the check of the whole table gives, to the byte, wherever the files are cut."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from checks.causes import EXPLAINED_SCHEMA
from checks.engine import CheckResult, check
from checks.runs import Checked, InProcess, check_files
from ingest.evidence import EvidenceStore
from tests.checks.bill_cases import CITY
from tests.runs.mixed_bills import TARIFFS, as_evidence, as_filed, bills_of, mixed_bills, roster_of

ROWS = mixed_bills(1500, seed=20251115)
BILLS = bills_of(ROWS)
ROSTER = roster_of(ROWS, seed=4)


@pytest.fixture(scope="module")
def whole() -> CheckResult:
    return check(BILLS, None, TARIFFS, city=CITY)


@pytest.fixture(scope="module")
def whole_with_roster() -> CheckResult:
    return check(BILLS, ROSTER, TARIFFS, city=CITY)


def run(bills: list[Path], accounts: Path | None, scratch: Path, **more: Any) -> tuple[pa.Table, Checked]:
    kept: list[pa.Table] = []
    scratch.mkdir(exist_ok=True)
    checked = check_files(bills, accounts, TARIFFS, city=CITY, keep=kept.append, scratch=scratch, **more)
    return pa.concat_tables([EXPLAINED_SCHEMA.empty_table(), *kept]), checked


def in_file_order(table: pa.Table) -> pa.Table:
    return table.sort_by("source_row")


def assert_the_same(found: tuple[pa.Table, Checked], expected: CheckResult) -> None:
    outcomes, checked = found
    assert outcomes.combine_chunks() == in_file_order(expected.outcomes).combine_chunks()
    assert checked.findings == expected.findings
    assert checked.counts == expected.counts


def test_the_bills_hold_what_ties_them_together(whole: CheckResult) -> None:
    causes = set(whole.outcomes["cause"].to_pylist())
    assert {"duplicate_bill", "correction_amount_wrong", "old_price", "unexplained"} <= causes
    assert any("+" in (cause or "") for cause in causes)
    own = dict(zip(BILLS["bill_no"].to_pylist(), BILLS["account_no"].to_pylist(), strict=True))
    corrections = BILLS.filter(pc.equal(BILLS["kind"], "correction")).to_pylist()
    assert sum(own[row["corrects_bill_no"]] != row["account_no"] for row in corrections) > 20


@pytest.mark.parametrize("rows_a_part", [37, 400, 5000])
def test_evidence_sorted_by_account_is_cut_and_comes_out_in_the_order_of_the_file(
    tmp_path: Path, whole: CheckResult, rows_a_part: int
) -> None:
    bills = as_evidence(EvidenceStore(tmp_path / "evidence"), BILLS, "account_no", "bill_no")
    assert_the_same(run([bills], None, tmp_path / "scratch", rows_a_part=rows_a_part), whole)


@pytest.mark.parametrize("rows_a_part", [37, 400, 5000])
def test_a_file_in_any_order_is_sorted_into_parts_first(
    tmp_path: Path, whole: CheckResult, rows_a_part: int
) -> None:
    bills = as_filed(tmp_path / "bills.parquet", BILLS)
    assert_the_same(run([bills], None, tmp_path / "scratch", rows_a_part=rows_a_part), whole)


@pytest.mark.parametrize("is_sorted", [True, False])
def test_each_part_gets_its_own_accounts_of_the_roster(
    tmp_path: Path, whole_with_roster: CheckResult, is_sorted: bool
) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    bills = as_evidence(store, BILLS, "account_no", "bill_no")
    accounts = (
        as_evidence(store, ROSTER, "account_no") if is_sorted else as_filed(tmp_path / "a.parquet", ROSTER)
    )
    found = run([bills], accounts, tmp_path / "scratch", rows_a_part=200)
    assert_the_same(found, whole_with_roster)


def test_bills_filed_by_account_in_the_order_of_their_rows_pass_through_no_other_file(tmp_path: Path) -> None:
    rows = [row for row in ROWS if row["kind"] != "correction"]
    table = bills_of(sorted(rows, key=lambda row: (row["account_no"].encode(), row["bill_no"])))
    bills = as_filed(tmp_path / "bills.parquet", table)
    found = run([bills], None, tmp_path / "scratch", rows_a_part=150)
    assert_the_same(found, check(table, None, TARIFFS, city=CITY))
    assert list((tmp_path / "scratch").iterdir()) == []


def test_neighbours_are_read_and_not_judged(tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence")
    own, others = BILLS.slice(0, 1200), BILLS.slice(1200)
    below = pa.array(range(-1, -len(others) - 1, -1), pa.int32())
    others = others.set_column(0, BILLS.schema.field("source_row"), below)
    files = [as_evidence(store, own, "account_no", "bill_no"), as_filed(tmp_path / "others.parquet", others)]
    outcomes, checked = run(files, None, tmp_path / "scratch", rows_a_part=100)
    expected = check(pa.concat_tables([own, others]), None, TARIFFS, city=CITY).outcomes
    judged = in_file_order(expected.filter(pc.greater(expected["source_row"], 0)))
    assert outcomes.combine_chunks() == judged.combine_chunks()
    assert checked.counts["bills"] == len(own)
    assert sum(one.bills for one in checked.findings) == checked.counts["breach"]


def test_a_bill_without_an_account_is_judged_too(tmp_path: Path) -> None:
    place = BILLS.schema.get_field_index("account_no")
    blank = pc.if_else(pc.equal(pc.bit_wise_and(BILLS["source_row"], 31), 0), None, BILLS["account_no"])
    table = BILLS.set_column(place, BILLS.schema.field(place), blank)
    bills = as_evidence(EvidenceStore(tmp_path / "evidence"), table, "account_no", "bill_no")
    found = run([bills], None, tmp_path / "scratch", rows_a_part=100)
    assert_the_same(found, check(table, None, TARIFFS, city=CITY))


def test_a_file_without_bills_gives_nothing_and_no_error(tmp_path: Path) -> None:
    bills = as_filed(tmp_path / "bills.parquet", BILLS.slice(0, 0))
    outcomes, checked = run([bills], None, tmp_path / "scratch")
    assert len(outcomes) == 0
    assert checked.findings == ()
    assert checked.counts["bills"] == 0


def test_the_number_of_threads_changes_nothing(tmp_path: Path, whole: CheckResult) -> None:
    bills = as_filed(tmp_path / "bills.parquet", BILLS)
    for threads in (1, 3):
        found = run([bills], None, tmp_path / f"{threads}", rows_a_part=300, engine=InProcess(threads))
        assert_the_same(found, whole)


def test_progress_rises_to_everything(tmp_path: Path) -> None:
    told: list[tuple[int, str]] = []
    bills = as_filed(tmp_path / "bills.parquet", BILLS)
    run([bills], None, tmp_path / "scratch", rows_a_part=300, on_progress=lambda *one: told.append(one))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert (told[0], told[-1]) == ((0, "recompute"), (100, "done"))
    assert len(told) > 5


def test_a_column_stored_against_the_standard_is_refused(tmp_path: Path) -> None:
    place = BILLS.schema.get_field_index("total")
    wrong = BILLS.set_column(place, "total", pc.cast(BILLS["total"], pa.string()))
    wrong = wrong.set_column(place, "total", pa.array(["much"] * len(BILLS)))
    bills = as_filed(tmp_path / "bills.parquet", wrong)
    with pytest.raises(pa.ArrowInvalid):
        run([bills], None, tmp_path / "scratch", rows_a_part=300)
