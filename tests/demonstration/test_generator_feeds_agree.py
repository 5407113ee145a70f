"""The files of the demonstration agree with each other: what the cross-feed edits find is what was planted, and nothing else."""

from __future__ import annotations

from collections import Counter, defaultdict

import pyarrow as pa
import pytest

from ingest.judge import judge
from supervision.demonstration.generator import FiledFile, Manifest, generate
from supervision.filings.reading import period_of, season_text


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Manifest, Counter[tuple[str, str, str]]]:
    """Hits by company, edit and key, each file judged beside what was filed before it, as the portal judges it."""
    province = generate(tmp_path_factory.mktemp("province"), accounts=1200)
    in_force: dict[tuple[str, str, str], list[pa.Table]] = defaultdict(list)
    hits: Counter[tuple[str, str, str]] = Counter()
    for file in province.files:
        season = season_text(period_of(file.feed, file.period))
        judged = judge(
            file.path, feed=file.feed, period=file.period, filename=file.path.name, **_beside(file, season, in_force)
        )  # fmt: skip
        assert judged.table is not None
        in_force[file.company, file.feed, season].append(judged.table)
        hits.update((file.company, hit["edit_id"], hit["key"]) for hit in judged.edits.to_pylist())
    return province, hits


def _beside(
    file: FiledFile, season: str, in_force: dict[tuple[str, str, str], list[pa.Table]]
) -> dict[str, object]:
    def whole(feed: str, season: str) -> pa.Table | None:
        tables = in_force.get((file.company, feed, season))
        return pa.concat_tables(tables) if tables else None

    year = int(season[:4])
    before = whole("accounts", f"{year - 1}-{year % 100:02d}") if file.feed == "accounts" else None
    beside = {feed: whole(feed, season) for feed in ("bills", "readings", "payments")}
    beside["earlier_accounts"] = before
    return {
        "roster": None if file.feed == "accounts" else whole("accounts", season),
        "beside": {name: table for name, table in beside.items() if table is not None},
    }


def test_what_the_edits_find_is_what_was_planted_and_nothing_else(
    found: tuple[Manifest, Counter[tuple[str, str, str]]],
) -> None:
    province, hits = found
    planted = Counter((t.company, t.code, t.key) for t in province.row_truths if t.what == "hit")
    assert hits == planted
    assert {edit_id for _, edit_id, _ in hits} >= {
        "BIX01", "BIX08", "CRO02", "CRO04", "PAX01", "PAX02", "PAX04", "PAX06", "RDS01", "RDX02",
    }  # fmt: skip


def test_every_planted_duplicate_is_told_as_billed_again(
    found: tuple[Manifest, Counter[tuple[str, str, str]]],
) -> None:
    province, hits = found
    planted = {(truth.company, truth.bill_no) for truth in province.truths if truth.cause == "duplicate_bill"}
    assert planted
    assert planted == {(company, bill_no) for company, edit_id, bill_no in hits if edit_id == "BIX01"}
