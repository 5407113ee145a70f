"""A new edit runs in shadow before it binds: found, counted and told, and it neither blocks nor asks for anything."""

from __future__ import annotations

from dataclasses import replace

import pytest
from ingest_filings import bill, csv_bytes, ids, judge_bytes

from ingest.edits import CATALOGUE, EditClass, pack_without

LONG = {"service_from": "2025-10-01", "service_to": "2026-05-31"}


def test_an_edit_in_shadow_tells_and_does_not_judge() -> None:
    judged = judge_bytes(csv_bytes([bill(1, **LONG), bill(2)]))
    assert (judged.verdict, ids(judged)) == ("accepted", [])
    (hit,) = judged.shadow.to_pylist()
    assert (hit["edit_id"], hit["row"], hit["key"]) == ("QUA06", 1, bill(1)["bill_no"])


def test_once_it_binds_it_asks_for_an_explanation_and_before_its_shadow_it_is_silent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    edit = CATALOGUE["QUA06"]
    assert edit.shadow_from is not None
    monkeypatch.setitem(CATALOGUE, "QUA06", replace(edit, valid_from=edit.shadow_from))
    bound = judge_bytes(csv_bytes([bill(1, **LONG)]))
    assert (bound.verdict, ids(bound), bound.shadow.num_rows) == ("needs_explanation", ["QUA06"], 0)
    later = replace(edit, shadow_from=edit.valid_from)
    monkeypatch.setitem(CATALOGUE, "QUA06", later)
    silent = judge_bytes(csv_bytes([bill(1, **LONG)]))
    assert (silent.verdict, silent.shadow.num_rows) == ("accepted", 0)


def test_a_blocking_edit_in_shadow_blocks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    edit = CATALOGUE["QUA06"]
    monkeypatch.setitem(CATALOGUE, "QUA06", replace(edit, edit_class=EditClass.VALIDITY))
    judged = judge_bytes(csv_bytes([bill(1, **LONG)]))
    assert (judged.verdict, judged.shadow.num_rows) == ("accepted", 1)
    assert judged.table is not None


def test_what_an_edit_in_shadow_could_not_judge_is_no_gap_of_the_report() -> None:
    judged = judge_bytes(csv_bytes([bill(1, service_from="gestern")]))
    assert "QUA06" not in {one.edit_id for one in judged.not_evaluated}
    assert "BIL04" in {one.edit_id for one in judged.not_evaluated}


def test_a_withdrawn_edit_judges_nothing_and_the_rules_are_named_otherwise() -> None:
    wrong = csv_bytes([bill(1, total="1.00")])
    assert judge_bytes(wrong).verdict == "rejected"
    judged = judge_bytes(wrong, withdrawn=frozenset({"BIL01"}))
    assert (judged.verdict, ids(judged)) == ("accepted", [])
    assert judged.pack_digest == pack_without(frozenset({"BIL01"})) != judge_bytes(wrong).pack_digest


def test_what_reads_values_and_keeps_keys_apart_cannot_be_withdrawn() -> None:
    kept = {edit.id for edit in CATALOGUE.values() if not edit.may_be_withdrawn}
    assert {"V01", "V10", "K01", "S01", "T01"} <= kept
    assert {"BIL01", "QUA04", "MAC01", "CRO01", "V06"}.isdisjoint(kept)
