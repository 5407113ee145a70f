"""Every edit of the catalogue has a file that trips it and a nearest file that does not, and says all it must say."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from edit_vectors import all_vectors
from ingest_filings import bill, csv_bytes, ids, judge_bytes

from ingest.edits import CATALOGUE, EDIT_SCHEMA, PACK_DIGEST, STAGES, EditClass, pack_digest
from ingest.edits.beside import BESIDE_RULES
from ingest.edits.cross_feed import ROSTER_NEEDS
from ingest.edits.feeds import ROW_RULES, WHOLE_TABLE_RULES
from ingest.edits.tables import needs_of
from ingest.standard import FEEDS, Kind, Period

BY_PROCESS = {"T12"}


def test_every_edit_has_both_vectors_and_no_vector_lacks_its_edit() -> None:
    assert set(all_vectors()) | BY_PROCESS == set(CATALOGUE)


@pytest.mark.parametrize("edit_id", sorted(set(CATALOGUE) - BY_PROCESS))
def test_an_edit_hits_its_tripping_file_and_was_evaluated_without_a_hit_on_the_nearest_good_one(
    edit_id: str,
) -> None:
    vector = all_vectors()[edit_id]
    tripped, passed = vector.trips.judged(), vector.passes.judged()
    assert edit_id in ids(tripped)
    assert edit_id not in ids(passed)
    assert edit_id not in {skipped.edit_id for skipped in passed.not_evaluated}
    edit_class = CATALOGUE[edit_id].edit_class
    if edit_class in (EditClass.SYNTACTICAL, EditClass.VALIDITY):
        assert (tripped.verdict, tripped.table) == ("rejected", None)
    elif edit_class is EditClass.CROSS_FEED:
        assert tripped.verdict == "accepted"
    else:
        assert tripped.verdict == "needs_explanation"
        assert tripped.table is not None


@pytest.mark.parametrize("edit_id", sorted(set(CATALOGUE) - BY_PROCESS))
def test_a_hit_carries_class_row_field_and_messages_without_open_blanks(edit_id: str) -> None:
    judged = all_vectors()[edit_id].trips.judged()
    assert judged.edits.schema == EDIT_SCHEMA
    hits = [hit for hit in judged.edits.to_pylist() if hit["edit_id"] == edit_id]
    for hit in hits:
        assert hit["edit_class"] == CATALOGUE[edit_id].edit_class.value
        assert not re.search(r"\{\w+\}|“”|（）|\(\)", hit["message_zh"] + hit["message_en"])
    if CATALOGUE[edit_id].stage in ("cell", "record", "roster"):
        assert {hit["row"] for hit in hits} == {1}
        assert all(
            hit["field"] in {column.code for feed in FEEDS.values() for column in feed.columns}
            for hit in hits
        )
        assert all(hit["key"] for hit in hits)


@pytest.mark.parametrize("edit", CATALOGUE.values(), ids=lambda edit: edit.id)
def test_an_edit_is_complete_in_both_languages_and_names_only_known_edits_and_feeds(edit) -> None:  # type: ignore[no-untyped-def]
    assert re.search("[\u4e00-\u9fff]", edit.zh)
    assert re.search("[\u4e00-\u9fff]", edit.mend_zh)
    assert not re.search("[\u4e00-\u9fff]", edit.en + edit.mend_en)
    assert edit.basis_zh
    assert edit.basis_en
    assert edit.stage in STAGES
    assert set(edit.prerequisites) <= set(CATALOGUE)
    assert set(edit.feeds) <= set(FEEDS)
    assert ("{column}" in edit.zh) == ("{column}" in edit.en)
    assert ("{detail}" in edit.zh + edit.mend_zh) == ("{detail}" in edit.en + edit.mend_en)


def _refusals_of(feed: str, codes: tuple[str, ...]) -> set[str]:
    """The edits that can refuse a cell of those columns."""
    of_kind = {
        Kind.DATE: {"V05"},
        Kind.INSTANT: {"V13"},
        Kind.CODE: {"V08"},
        Kind.SEASON: {"V12"},
        Kind.BOOL: {"V11"},
        Kind.IDENTIFIER: {"N06", "V09", "X08"},
        Kind.TEXT: set(),
    }
    found: set[str] = set()
    for column in (FEEDS[feed].column(code) for code in codes):
        found |= of_kind.get(column.kind, {"V01", "V02", "V03", "V04"})
        found |= {"V10"} if column.required else set()
    return found


def test_the_prerequisites_of_an_edit_are_exactly_the_refusals_that_leave_it_not_evaluated() -> None:
    wanted: dict[str, set[str]] = {edit_id: {"CRO01"} for edit_id in ROSTER_NEEDS if edit_id != "CRO01"}
    for feed, rules in ROW_RULES.items():
        for rule in rules:
            wanted.setdefault(rule.edit_id, set()).update(_refusals_of(feed, rule.needs))
    for table_rule in WHOLE_TABLE_RULES:
        for feed in table_rule.feeds or FEEDS:
            needs = needs_of(table_rule, FEEDS[feed])
            wanted.setdefault(table_rule.edit_id, set()).update(_refusals_of(feed, needs))
    for edit_id, codes in ROSTER_NEEDS.items():
        wanted.setdefault(edit_id, set()).update(_refusals_of("bills", codes))
    for beside in BESIDE_RULES:
        wanted.setdefault(beside.edit_id, set()).update(_refusals_of(beside.feed, beside.needs))
        wanted[beside.edit_id] |= {beside.root} if beside.root else set()
    assert {edit_id: set(CATALOGUE[edit_id].prerequisites) for edit_id in wanted} == wanted
    assert all(not edit.prerequisites for edit in CATALOGUE.values() if edit.id not in wanted)


def test_an_edit_binds_only_the_periods_of_its_validity() -> None:
    edit = replace(CATALOGUE["BIL10"], valid_from=dt.date(2025, 12, 1), valid_to=dt.date(2025, 12, 31))
    months = {month: edit.binds("bills", Period.parse(month)) for month in ("2025-11", "2026-01")}
    assert months == {"2025-11": False, "2026-01": False}
    assert edit.binds("bills", Period.parse("2025-12-01"))
    assert not edit.binds("accounts", Period.parse("2025-12-01"))


def test_an_old_period_is_judged_without_an_edit_that_binds_later(monkeypatch: pytest.MonkeyPatch) -> None:
    later = replace(CATALOGUE["BIL10"], valid_from=dt.date(2026, 1, 1))
    monkeypatch.setitem(CATALOGUE, "BIL10", later)
    old = judge_bytes(csv_bytes([bill(due_on="2025-11-30")]))
    new = judge_bytes(csv_bytes([bill(issued_on="2026-01-02", due_on="2026-01-01")]), period="2026-01")
    assert (ids(old), ids(new)) == ([], ["BIL10"])


def test_the_pack_digest_is_a_sha256_that_does_not_change_between_readings() -> None:
    pack_digest.cache_clear()
    assert pack_digest() == PACK_DIGEST
    assert re.fullmatch("[0-9a-f]{64}", PACK_DIGEST)
