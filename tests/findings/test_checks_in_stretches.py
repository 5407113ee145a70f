"""A check holds a few groups of rows at a time: what it finds is what all rows at once would show."""

from __future__ import annotations

import random
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from checks.fees import shipped_register
from ingest.evidence import EvidenceStore
from ingest.evidence_tables import ROWS_PER_GROUP
from ingest.standard import arrow_schema
from supervision.findings.figures import Figures
from supervision.findings.inputs import Inputs
from supervision.findings.movement import movement
from supervision.findings.neighbours import neighbours_of

SCHEMA = arrow_schema("bills")
Row = dict[str, object]


@pytest.fixture
def evidence(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence")


def bills(rows: list[Row]) -> pa.Table:
    return pa.Table.from_pylist([{"source_row": place, **row} for place, row in enumerate(rows, 1)], SCHEMA)


def numbered(accounts: list[int], prefix: str) -> list[Row]:
    return [
        {"bill_no": f"{prefix}{place}", "account_no": f"{account:06}"}
        for place, account in enumerate(accounts)
    ]


def checked_beside(evidence: EvidenceStore, digest: str, siblings: list[str]) -> str | None:
    inputs = Inputs(
        filing_id=1, company_id=1, period="2025-12", season="2025-26", city="哈尔滨市", service_areas=(),
        bills_digest=digest, accounts_filing_id=None, accounts_digest=None, siblings=tuple(siblings),
        temperatures=(), requests=(), outages=(), readings=(), tariffs=(), fees=shipped_register(),
    )  # fmt: skip
    return neighbours_of(evidence, inputs)


@pytest.mark.parametrize("order", [["account_no", "bill_no"], ["bill_no"]], ids=["by account", "by number"])
def test_neighbours_are_the_bills_of_the_same_accounts_and_those_corrected(
    evidence: EvidenceStore, order: list[str]
) -> None:
    dice = random.Random(11)
    rows = 2 * ROWS_PER_GROUP + 100
    mine = numbered(dice.sample(range(200_000), rows), "B")
    theirs = [numbered(dice.sample(range(200_000), rows), prefix) for prefix in "CD"]
    mine[5]["corrects_bill_no"], mine[rows - 1]["corrects_bill_no"] = "C7", "D70000"
    theirs[0][7]["account_no"] = "999999"
    digest = evidence.put_table(bills(mine), sort_by=order).digest
    siblings = [evidence.put_table(bills(their), sort_by=order).digest for their in theirs]
    found = checked_beside(evidence, digest, siblings)
    assert found is not None
    accounts = {row["account_no"] for row in mine}
    expected = [
        row["bill_no"]
        for sibling in siblings
        for row in evidence.read_table(sibling, ["bill_no", "account_no"]).to_pylist()
        if row["account_no"] in accounts or row["bill_no"] == "C7"
    ]
    table = evidence.read_table(found)
    assert table["bill_no"].to_pylist() == expected
    assert "C7" in expected
    assert table["source_row"].to_pylist() == [-place for place in range(1, len(expected) + 1)]
    assert table.schema == SCHEMA


def test_a_filing_whose_accounts_stand_in_no_other_has_no_neighbours(evidence: EvidenceStore) -> None:
    mine = evidence.put_table(bills(numbered([1, 2], "B")), sort_by=["account_no"]).digest
    theirs = evidence.put_table(bills(numbered([3, 4], "C")), sort_by=["account_no"]).digest
    assert checked_beside(evidence, mine, [theirs]) is None
    assert checked_beside(evidence, mine, []) is None


def outcomes(found: dict[str, str]) -> pa.Table:
    return pa.table({"bill_no": list(found), "outcome": list(found.values())})


@pytest.mark.parametrize("at_once", [10, 300, 10_000])
def test_the_movement_between_two_runs_counts_every_bill_once(evidence: EvidenceStore, at_once: int) -> None:
    dice = random.Random(3)
    said = ("conforms", "breach", "inconclusive")
    before = {f"B{dice.randrange(3000)}": dice.choice(said) for _ in range(1500)}
    after = {f"B{dice.randrange(3000)}": dice.choice(said) for _ in range(1500)} | dict(
        list(before.items())[:700]
    )
    expected: Counter[str] = Counter()
    for number in before.keys() | after.keys():
        was, became = before.get(number), after.get(number)
        if was != became:
            expected["added" if was is None else "removed" if became is None else f"{was}→{became}"] += 1
    one, other = (evidence.put_table(outcomes(table)).digest for table in (before, after))
    assert movement(evidence, one, other, at_once=at_once) == dict(expected)


def test_the_figures_of_stretches_are_those_of_the_whole() -> None:
    table = pa.table(
        {
            "outcome": ["conforms", "breach", "breach", "inconclusive", "inconclusive", "conforms"],
            "label": ["exact", "exact", "bounded", "not_computable", "not_computable", "bounded"],
            "missing": [None, None, None, "cap_unknown", "cap_unknown;total_missing", None],
            "billed_total": pa.array(list(map(Decimal, ("1.00", "5.10", "2.00", "3.00", "4.00", "0.01")))),
            "overcharge": pa.array(
                [Decimal("0.00"), Decimal("0.10"), Decimal("-0.25"), None, None, Decimal("0.02")]
            ),
        }
    )
    expected = {
        "bills": 6, "conforms": 2, "breaches": 2, "inconclusive": 2, "bounded": 2, "billed_total": Decimal("15.11"),
        "amount_over": Decimal("0.12"), "amount_under": Decimal("0.25"),
        "missing": {"cap_unknown": 2, "total_missing": 1},
        "within": {"bills": 1, "over": "0.02", "under": "0.00"},
    }  # fmt: skip
    for stretches in (
        [table],
        [table.slice(place, 1) for place in range(6)],
        [table.slice(0, 5), table.slice(5)],
    ):
        figures = Figures()
        for stretch in stretches:
            figures.add(stretch)
        assert figures.as_columns() == expected
