"""A partial correction makes the filing that a full one would have made, and never lands on a row that changed meanwhile."""

from __future__ import annotations

import csv
import hashlib
import random
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from feed_edit_vectors import table_of
from ingest_filings import (
    PERIODS,
    Row,
    bill,
    correct_bytes,
    correction_csv,
    csv_bytes,
    ids,
    judge_rows,
    whole_file,
)

from ingest.child import judge_in_child
from ingest.corrections import row_digests, write_whole
from ingest.edits.tables import keys_of
from ingest.standard import FEEDS

BILLS = FEEDS["bills"]


def digests(table: pa.Table, feed: str = "bills") -> dict[str, str]:
    """The digest of each row by its key."""
    keys = keys_of(table, FEEDS[feed])
    return dict(zip(keys.to_pylist(), row_digests(table, FEEDS[feed]).to_pylist(), strict=True))


def test_a_digest_is_that_of_the_row_as_the_guide_says() -> None:
    table = table_of("bills", bill(1))
    row = {name: value for name, value in table.to_pylist()[0].items() if value is not None}
    text = "\x1f".join(f"{column.code}={row[column.code]}" for column in BILLS.columns if column.code in row)
    assert "total=2148.00" in text.split("\x1f")
    assert digests(table) == {"B0001": hashlib.sha256(text.encode()).hexdigest()}


def test_a_digest_changes_with_every_value_and_not_with_the_place_of_the_row() -> None:
    first = digests(table_of("bills", bill(1), bill(2)))
    assert first == digests(table_of("bills", bill(2), bill(1)))
    for code, other in (
        ("total", "2148.01"),
        ("due_on", "2026-01-01"),
        ("tariff_ref", "哈发改 1 号"),
        ("category", "office"),
    ):
        changed = {code: other, **({"area_charge": other} if code == "total" else {})}
        assert digests(table_of("bills", bill(1, **changed)))["B0001"] != first["B0001"]


def test_rows_are_changed_in_place_added_at_the_end_and_withdrawn() -> None:
    base = table_of("bills", bill(1), bill(2), bill(3))
    known = digests(base)
    dearer = {"area_charge": "2150.00", "total": "2150.00"}
    judged = correct_bytes(
        correction_csv(
            {"action": "add", **bill(4)},
            {"action": "change", "expected_digest": known["B0001"], **bill(1, **dearer)},
            {"action": "withdraw", "expected_digest": known["B0002"], "bill_no": "B0002"},
        ),
        base,
    )
    assert (judged.verdict, judged.correction) == ("accepted", {"added": 1, "changed": 1, "withdrawn": 1})
    assert judged.table is not None
    full = judge_rows(bill(1, **dearer), bill(3), bill(4))
    assert judged.table.equals(full.table)
    assert (judged.totals, judged.rows) == (full.totals, 3)


@pytest.mark.parametrize("seed", range(5))
def test_random_corrections_give_what_the_full_filing_gives(seed: int) -> None:
    chance = random.Random(seed)
    rows = {number: bill(number) for number in range(1, 30)}
    known = digests(base := table_of("bills", *rows.values()))
    lines: list[Row] = []
    for number in chance.sample(range(1, 40), 20):
        total = f"{chance.randrange(1, 999999)}.{chance.randrange(100):02d}"
        row = bill(number, area_charge=total, total=total, tariff_ref=f'文,号"{number}"')
        if number not in rows:
            lines.append({"action": "add", **row})
            rows[number] = row
        elif chance.randrange(2):
            lines.append(
                {"action": "withdraw", "expected_digest": known[row["bill_no"]], "bill_no": row["bill_no"]}
            )
            del rows[number]
        else:
            lines.append({"action": "change", "expected_digest": known[row["bill_no"]], **row})
            rows[number] = row
    judged = correct_bytes(correction_csv(*lines), base)
    assert judged.table is not None, judged.edits.to_pylist()
    assert judged.table.equals(judge_rows(*rows.values()).table)


@pytest.mark.parametrize("feed", FEEDS)
def test_every_feed_is_rebuilt_without_the_loss_of_a_digit(feed: str, tmp_path: Path) -> None:
    rows = list(FEEDS[feed].sample)
    base = table_of(feed, *rows)
    write_whole(base, FEEDS[feed], tmp_path / "whole.csv")
    with (tmp_path / "whole.csv").open(encoding="utf-8", newline="") as file:
        again = table_of(feed, *csv.DictReader(file))
    assert again.equals(base)
    key = {code: rows[0][code] for code in FEEDS[feed].key}
    first = row_digests(base.slice(0, 1), FEEDS[feed])[0].as_py()
    judged = correct_bytes(
        correction_csv({"action": "withdraw", "expected_digest": first, **key}, feed=feed), base, feed=feed
    )
    if len(rows) == 1:
        assert ids(judged) == ["S08"]
    else:
        assert judged.table is not None, judged.edits.to_pylist()
        assert judged.table.num_rows == len(rows) - 1


def test_a_row_that_somebody_changed_meanwhile_is_not_overwritten() -> None:
    seen = digests(table_of("bills", bill(1)))["B0001"]
    meanwhile = table_of("bills", bill(1, tariff_ref="改过"))
    judged = correct_bytes(
        correction_csv({"action": "withdraw", "expected_digest": seen, "bill_no": "B0001"}), meanwhile
    )
    (hit,) = judged.edits.to_pylist()
    assert (judged.verdict, judged.table, hit["edit_id"], hit["key"]) == ("rejected", None, "COR02", "B0001")
    assert digests(meanwhile)["B0001"] in hit["message_zh"]


def test_what_the_whole_breaks_is_told_of_the_whole_and_what_a_row_breaks_of_the_row() -> None:
    base = table_of("bills", bill(1), bill(2))
    wrong = correction_csv({"action": "add", **bill(3, total="1.00")})
    wrong_sum = correct_bytes(wrong, base)
    assert [(hit["edit_id"], hit["row"]) for hit in wrong_sum.edits.to_pylist()] == [("BIL01", 3)]
    without = correct_bytes(wrong, base, withdrawn=frozenset({"BIL01"}))
    assert (without.verdict, without.edits.num_rows) == ("accepted", 0)
    unread = correct_bytes(correction_csv({"action": "add", **bill(3, total="x", due_on="")}), base)
    assert [(hit["edit_id"], hit["row"], hit["field"]) for hit in unread.edits.to_pylist()] == [
        ("V01", 1, "total")
    ]
    blank = correct_bytes(correction_csv({"action": "add", **bill(3, due_on="")}), base)
    assert [(hit["edit_id"], hit["field"]) for hit in blank.edits.to_pylist()] == [("V10", "due_on")]


def test_one_key_stands_once_in_a_correction() -> None:
    base = table_of("bills", bill(1))
    judged = correct_bytes(correction_csv({"action": "add", **bill(2)}, {"action": "add", **bill(2)}), base)
    assert [(hit["edit_id"], hit["row"]) for hit in judged.edits.to_pylist()] == [("K01", 2)]


def test_control_totals_of_a_correction_are_those_of_the_whole_after_it() -> None:
    from ingest.readers.manifest import Manifest

    base = table_of("bills", bill(1))
    content = correction_csv({"action": "add", **bill(2)})
    assert (
        correct_bytes(content, base, declared=Manifest(rows=2, totals={"total": "4296.00"})).verdict
        == "accepted"
    )
    assert ids(correct_bytes(content, base, declared=Manifest(rows=1))) == ["DEC01"]


def test_values_read_otherwise_in_a_correction_are_listed_with_its_own_rows() -> None:
    base = table_of("bills", bill(1))
    judged = correct_bytes(correction_csv({"action": "新增", **bill(2, billed_area_m2="８９.５０")}), base)
    assert judged.verdict == "accepted"
    assert {(one["row"], one["field"]) for one in judged.coercions.to_pylist()} == {
        (1, "action"),
        (1, "billed_area_m2"),
    }


def test_the_child_makes_the_same_whole(tmp_path: Path) -> None:
    base = table_of("bills", bill(1))
    pq.write_table(base, tmp_path / "base.parquet")
    content = correction_csv({"action": "add", **bill(2)})
    (tmp_path / "correction").write_bytes(content)
    child = judge_in_child(
        tmp_path / "correction", feed="bills", period=PERIODS["bills"], filename="c.csv",
        base=tmp_path / "base.parquet", whole=tmp_path / "whole.csv",
    )  # fmt: skip
    here = correct_bytes(content, base)
    assert child.table is not None
    assert child.table.equals(here.table)
    assert child.correction == {"added": 1, "changed": 0, "withdrawn": 0}
    assert (tmp_path / "whole.csv").read_bytes() == whole_file().read_bytes()


def test_a_whole_file_is_not_taken_for_a_correction() -> None:
    judged = correct_bytes(csv_bytes([bill(1)]), table_of("bills", bill(1)))
    assert (judged.verdict, ids(judged)) == ("rejected", ["S01"])
