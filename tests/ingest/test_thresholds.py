"""The figures of the edits stand outside the code: typed, within bounds, dated, and each is read by its own edit alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from edit_vectors import all_vectors
from ingest_filings import bill, csv_bytes, ids, judge_bytes

from ingest.edits import CATALOGUE, thresholds
from ingest.edits.explanations import TERM
from ingest.edits.log import EditLog
from ingest.edits.thresholds import THRESHOLDS, DatedFigure, ThresholdError, load_thresholds, of_edit, said

BY_PROCESS = {"T12"}


class Reading(dict[str, Any]):
    """Thresholds that remember which of them were read."""

    def __init__(self) -> None:
        super().__init__(THRESHOLDS)
        self.read: set[str] = set()

    def __getitem__(self, key: str) -> Any:
        self.read.add(key)
        return super().__getitem__(key)


@pytest.mark.parametrize("edit_id", sorted(set(CATALOGUE) - BY_PROCESS))
def test_an_edit_reads_its_own_figures_all_of_them_and_no_other(
    edit_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = Reading()
    monkeypatch.setattr(thresholds, "THRESHOLDS", reading)
    binding = EditLog.binding
    monkeypatch.setattr(EditLog, "binding", lambda log, one: one == edit_id and binding(log, one))
    for case in (all_vectors()[edit_id].trips, all_vectors()[edit_id].passes):
        case.judged()
    assert reading.read == {one.key for one in of_edit(edit_id)}


def test_every_figure_belongs_to_an_edit_that_says_it_in_words() -> None:
    for key, one in THRESHOLDS.items():
        assert key == TERM or one.edit_id in CATALOGUE, key
    for edit in CATALOGUE.values():
        words = edit.zh + edit.mend_zh + edit.en + edit.mend_en
        filled = said(words, edit.id, dt.date(2025, 12, 31))
        assert "{" not in filled.replace("{column}", "").replace("{detail}", ""), edit.id


def test_a_period_is_judged_by_the_figure_of_its_own_days(monkeypatch: pytest.MonkeyPatch) -> None:
    stricter = DatedFigure(dt.date(2026, 1, 1), Decimal("2.50"))
    lowest = THRESHOLDS["QUA04.lowest"]
    monkeypatch.setitem(THRESHOLDS, "QUA04.lowest", replace(lowest, values=(*lowest.values, stricter)))
    low = {"storey_height_m": "2.20"}
    january = {"issued_on": "2026-01-05", "due_on": "2026-01-31"}
    old = judge_bytes(csv_bytes([bill(1, **low)]))
    new = judge_bytes(csv_bytes([bill(1, **low, **january)]), period="2026-01")
    assert (ids(old), ids(new)) == ([], ["QUA04"])


def test_the_words_of_a_hit_say_the_figure_it_was_judged_by() -> None:
    (hit,) = judge_bytes(csv_bytes([bill(1, storey_height_m="45.00")])).edits.to_pylist()
    assert "2.00 至 30.00" in hit["message_zh"]
    assert "2.00 to 30.00 m" in hit["message_en"]


GOOD = """[[threshold]]
key = "QUA04.lowest"
type = "decimal"
zh = "最低层高"
en = "Lowest storey height"
unit_zh = "米"
unit_en = "m"
least = "0.50"
most = "10.00"
values = [{ from = 2000-01-01, value = "2.00" }, { from = 2026-01-01, value = "2.10" }]
"""


def test_a_figure_has_the_value_of_its_day_and_none_before_the_first() -> None:
    lowest = load_thresholds(GOOD)["QUA04.lowest"]
    assert [lowest.on(dt.date(2025, 12, 31)), lowest.on(dt.date(2026, 1, 1))] == [
        Decimal("2.00"),
        Decimal("2.10"),
    ]
    with pytest.raises(ThresholdError, match="1999-12-31"):
        lowest.on(dt.date(1999, 12, 31))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('value = "2.00"', "value = 2.00"),
        ('value = "2.00"', 'value = "two"'),
        ('value = "2.00"', 'value = "NaN"'),
        ('value = "2.00"', 'value = "0.40"'),
        ('value = "2.10"', 'value = "10.01"'),
        ("from = 2026-01-01", "from = 2000-01-01"),
        ('en = "Lowest storey height"', 'en = ""'),
        ('type = "decimal"', 'type = "integer"'),
        ("values = [{", "[[threshold]]\nvalues = [{"),
    ],
    ids=["float", "word", "nan", "too-low", "too-high", "same-day", "no-english", "other-type", "no-key"],
)
def test_a_file_of_thresholds_with_anything_wrong_does_not_load(old: str, new: str) -> None:
    assert old in GOOD
    with pytest.raises(ThresholdError):
        load_thresholds(GOOD.replace(old, new, 1))


def test_a_key_given_twice_does_not_load() -> None:
    with pytest.raises(ThresholdError, match="twice"):
        load_thresholds(GOOD + GOOD)
