"""The files of the demonstration province: repeatable, in the companies' habits, accepted by the standard, impersonal."""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from ingest.judge import judge
from supervision.demonstration.generator import FiledFile, Manifest, generate

ACCOUNTS = 1200


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return generate(tmp_path_factory.mktemp("province"), accounts=ACCOUNTS)


def _digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_writes_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    made = [
        generate(tmp_path / name, seed=seed, accounts=600) for name, seed in [("a", 1), ("b", 1), ("c", 2)]
    ]
    one, again, other = (_digests(tmp_path / name) for name in "abc")
    assert one == again
    assert len(one) > 40
    assert one["truth.csv"] != other["truth.csv"]
    assert made[0].complaints == made[1].complaints
    assert made[0].planted == made[1].planted


def test_the_files_of_the_manifest_are_the_files_on_disk_and_the_truth_lies_outside_the_companies(
    province: Manifest,
) -> None:
    root = province.truth_path.parent
    on_disk = {path for path in root.rglob("*") if path.is_file()}
    truths = {province.truth_path, province.truth_path.with_name("truth-rows.csv")}
    assert on_disk == {file.path for file in province.files} | truths
    assert all(file.path.parent == root / "companies" / file.company for file in province.files)
    assert "companies" not in province.truth_path.relative_to(root).parts


def _season_of(file: FiledFile) -> str:
    year, rest = int(file.period[:4]), int(file.period[5:])
    return file.period if rest > 12 else f"{year}-{(year + 1) % 100:02d}"


def test_every_file_is_accepted_and_holds_what_is_declared_with_it(province: Manifest) -> None:
    rosters = {}
    lower = {(t.company, t.period) for t in province.row_truths if t.code == "RDS01"}
    for file in sorted(province.files, key=lambda file: file.feed):
        roster = rosters.get((file.company, _season_of(file))) if file.feed == "bills" else None
        judged = judge(file.path, feed=file.feed, period=file.period, filename=file.path.name, roster=roster)
        explains = file.feed == "readings" and (file.company, file.period) in lower
        assert judged.verdict == ("needs_explanation" if explains else "accepted"), file.path.name
        assert judged.rows == file.declared_rows > 0
        assert {code: Decimal(judged.totals[code]) for code in file.declared_totals} == dict(
            file.declared_totals
        )
        if file.feed == "accounts":
            rosters[file.company, file.period] = judged.table
    assert len(rosters) == 13


def test_the_companies_have_habits_of_their_own_and_the_standard_names_what_it_reads_into_them(
    province: Manifest,
) -> None:
    seen: dict[str, set[str]] = {}
    forms = set()
    for file in province.files:
        judged = judge(file.path, feed=file.feed, period=file.period, filename=file.path.name)
        forms.add((judged.encoding, judged.delimiter))
        seen.setdefault(file.company, set()).update(judged.coercions["rule"].to_pylist())
    assert forms >= {("gb18030", ","), ("gb18030", ";"), ("utf-8", ","), ("utf-8-sig", "\t"), ("xlsx", "")}
    assert "thousands" in seen["hrb-bx"]
    assert "full_width" in seen["jn-qc"]
    assert {"date_form", "season_form"} <= seen["qd-hl"]
    assert seen["bj-jn"] == seen["lz-jc"] == set()


def test_the_companies_and_their_kinds_of_use_are_as_described(province: Manifest) -> None:
    assert [(c.code, c.city) for c in province.companies] == [
        ("hrb-bx", "哈尔滨市"),
        ("cc-hy", "长春市"),
        ("bj-jn", "北京市"),
        ("jn-qc", "济南市"),
        ("qd-hl", "青岛市"),
        ("lz-jc", "兰州市"),
        ("hrb-examples", "哈尔滨市"),
    ]
    use: Counter[str] = Counter()
    metered: Counter[str] = Counter()
    for file in province.files:
        if file.feed == "accounts" and file.period == "2025-26":
            table = judge(file.path, feed="accounts", period=file.period, filename=file.path.name).table
            assert table is not None
            use.update(table["category"].to_pylist())
            metered[file.company] = table["billing_method"].to_pylist().count("metered") * 100 // len(table)
            networks = {n.code for c in province.companies if c.code == file.company for n in c.networks}
            assert set(table["network_code"].to_pylist()) == networks
    assert sum(use.values()) == ACCOUNTS
    assert 0.84 < use["residential"] / ACCOUNTS < 0.86
    assert metered["cc-hy"] == 0
    assert all(12 <= metered[code] <= 35 for code in ("hrb-bx", "bj-jn", "jn-qc", "qd-hl", "lz-jc"))


def test_three_filings_of_harbin_and_one_of_jinan_come_late(province: Manifest) -> None:
    assert {(file.company, file.feed, file.period) for file in province.late_files} == {
        ("hrb-bx", "accounts", "2025-26"),
        ("hrb-bx", "bills", "2025-10"),
        ("hrb-bx", "bills", "2024-25"),
        ("jn-qc", "bills", "2025-11"),
    }
    assert all(file.filed_at.utcoffset() == dt.timedelta(hours=8) for file in province.files)
    assert [file.filed_at for file in province.files] == sorted(file.filed_at for file in province.files)


def test_no_bill_is_paid_after_its_filing_was_handed_in(province: Manifest) -> None:
    for file in province.files:
        if file.feed == "bills":
            table = judge(file.path, feed="bills", period=file.period, filename=file.path.name).table
            assert table is not None
            paid = [day for day in table["paid_on"].to_pylist() if day is not None]
            assert all(day <= file.filed_at.date() for day in paid), file.path.name


def test_complaints_name_real_bills_known_topics_and_no_people(province: Manifest) -> None:
    truth = {truth.bill_no for truth in province.truths}
    topics = {
        "low_temperature", "no_heat", "leak", "bill_error", "fee_dispute", "metering", "refund", "suspension",
        "attitude", "other",
    }  # fmt: skip
    assert 36 <= len(province.complaints) <= 60
    for complaint in province.complaints:
        assert complaint.topic in topics
        assert complaint.received_at.utcoffset() == dt.timedelta(hours=8)
        assert complaint.resolved_at is None or complaint.resolved_at > complaint.received_at
        assert (complaint.outcome is None) == (complaint.resolved_at is None)
        assert (complaint.bill_no is not None) == (complaint.topic in ("bill_error", "fee_dispute"))
        assert complaint.bill_no is None or complaint.bill_no in complaint.text_zh
        assert not re.search(
            r"1[3-9]\d{9}|先生|女士", complaint.text_zh.replace(complaint.bill_no or "无", "")
        )
    assert sum(complaint.bill_no in truth for complaint in province.complaints) >= 12


def test_the_truth_on_disk_is_the_truth_of_the_manifest(province: Manifest) -> None:
    with province.truth_path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [tuple(row.values()) for row in rows] == [
        (t.company, t.bill_no, t.cause, str(t.correct_total), str(t.billed_total)) for t in province.truths
    ]


def test_the_truth_about_rows_on_disk_is_that_of_the_manifest(province: Manifest) -> None:
    with province.truth_path.with_name("truth-rows.csv").open(encoding="utf-8", newline="") as file:
        rows = [tuple(row.values()) for row in csv.DictReader(file)]
    assert rows == [
        (t.company, t.what, t.feed, t.period, t.code, t.key, "" if t.amount is None else str(t.amount))
        for t in province.row_truths
    ]


def test_too_small_a_province_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least 600"):
        generate(tmp_path, accounts=599)
    assert not list(tmp_path.iterdir())
