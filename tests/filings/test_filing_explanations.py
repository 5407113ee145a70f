"""What is unlikely is explained: for an edit, hit by hit or in the report, and carried on while the value stays the same."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path

import pytest

from ingest.child import explanations_in_child
from ingest.edits.explanations import TERM
from ingest.edits.report import HEADER, write_report
from ingest.edits.thresholds import THRESHOLDS
from supervision.db import begin
from supervision.db.lifecycle import MovedMeanwhile, NotPossible
from supervision.filings import Filing, FilingRefused, State
from supervision.filings.explaining import ExplanationsRefused
from supervision.journal import Journal, JournalEntry
from tests.filings.filing_desk import Desk, bill, csv_bytes

HALL = "该户为体育馆，层高四十五米，属实。"
TRUE = ("true_as_filed", HALL)
HIGH = {"storey_height_m": "45.00"}


def halls(*numbers: int, **more: str) -> bytes:
    """Bills of halls 45 m high, and one of a usual home."""
    return csv_bytes("bills", [*(bill(number, **HIGH, **more) for number in numbers), bill(99, **more)])


def explain(desk: Desk, filing: Filing, said: dict[str, tuple[str, str]]) -> Filing:
    with begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        desk.explanations(session).by_edit(found, said, by=desk.clerk.actor, version=found.version)
    return desk.again(filing)


def explain_hits(desk: Desk, filing: Filing, said: dict[int, tuple[str, str]]) -> Filing:
    with begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        desk.explanations(session).by_hits(found, said, by=desk.clerk.actor, version=found.version)
    return desk.again(filing)


def report(desk: Desk, filing: Filing, ending: str = "csv") -> Path:
    path = desk.folder / f"report.{ending}"
    with begin(desk.engine) as session:
        found = desk.explanations(session).report(desk.service(session).by_id(filing.id))
        assert found is not None
        write_report(found, path)
    return path


def lines_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def filled(path: Path, *said: tuple[str, str]) -> Path:
    """Code and note in the first lines, one each."""
    lines = lines_of(path)
    for line, (code, note) in zip(lines, said, strict=False):
        line.update(explanation_code=code, note=note)
    with path.open("w", encoding="gb18030", newline="") as file:
        writer = csv.DictWriter(file, HEADER)
        writer.writeheader()
        writer.writerows(lines)
    return path


def hand_back(desk: Desk, filing: Filing, path: Path) -> Filing:
    read = explanations_in_child(path, filename=path.name, file_digest=filing.bytes_digest)
    with begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        desk.explanations(session).by_report(found, read, path, by=desk.clerk.actor, version=found.version)
    return desk.again(filing)


def refusals(desk: Desk, filing: Filing, path: Path) -> list[int]:
    """The lines that were refused; nothing of the report is kept."""
    before = desk.again(filing)
    with pytest.raises(ExplanationsRefused) as refused:
        hand_back(desk, filing, path)
    after = desk.again(filing)
    assert (after.version, after.explained, after.given) == (before.version, before.explained, [])
    return [one.line for one in refused.value.problems]


def test_a_file_waits_for_an_explanation_of_every_edit_that_asks_for_one(desk: Desk) -> None:
    filing = desk.judged(halls(1))
    assert (filing.state, filing.explained) == (State.NEEDS_EXPLANATION, {"QUA04": {"missing": 1}})
    with pytest.raises(NotPossible):
        desk.sign(filing)
    for said in ({}, {"QUA04": ("", "")}):
        with pytest.raises(FilingRefused, match="QUA04"):
            explain(desk, filing, said)
    for said in ({"QUA04": ("true_as_filed", "太短")}, {"QUA04": ("because", HALL)}, {"QUA04": ("", HALL)}):
        with pytest.raises(ExplanationsRefused):
            explain(desk, filing, said)
    filing = explain(desk, filing, {"QUA04": TRUE})
    assert (filing.state, filing.explained) == (State.READY, {"QUA04": {"new": 1}})
    (given,) = filing.given
    assert (given.way, given.edit_id, given.code, given.text, given.count, given.given_by) == (
        "edit", "QUA04", *TRUE, 1, "clerk",
    )  # fmt: skip
    assert desk.sign(filing).is_current


def test_single_hits_are_explained_one_by_one_and_the_filing_moves_on_with_the_last(desk: Desk) -> None:
    filing = desk.judged(halls(1, 2))
    filing = explain_hits(desk, filing, {1: TRUE, 2: ("", "")})
    assert (filing.state, filing.explained) == (
        State.NEEDS_EXPLANATION,
        {"QUA04": {"new": 1, "missing": 1}},
    )
    with pytest.raises(ExplanationsRefused):
        explain_hits(desk, filing, {7: TRUE})
    filing = explain(desk, filing, {"QUA04": ("agreed", "该户与第一户同为体育馆。")})
    assert filing.state is State.READY
    assert [line["explanation_code"] for line in lines_of(report(desk, filing))] == [
        "true_as_filed",
        "agreed",
    ]


def test_a_report_that_is_handed_back_filled_in_explains_what_it_says(desk: Desk) -> None:
    filing = desk.judged(halls(1, 2))
    filing = hand_back(desk, filing, filled(report(desk, filing), TRUE))
    assert (filing.state, filing.explained["QUA04"]) == (
        State.NEEDS_EXPLANATION,
        {"new": 1, "missing": 1},
    )
    again = filled(report(desk, filing), TRUE, ("agreed", "该户与第一户同为体育馆。"))
    filing = hand_back(desk, filing, again)
    assert (filing.state, [one.way for one in filing.given]) == (State.READY, ["report", "report"])
    kept = filing.given[-1].report_digest
    assert kept is not None
    assert desk.evidence.read_bytes(kept) == again.read_bytes()
    with begin(desk.engine) as session:
        assert list(Journal(session, desk.clock).flaws()) == []
        entries = session.query(JournalEntry).filter_by(act="filing.explained").order_by(JournalEntry.index)
        said = [one.detail for one in entries]
    assert [one["left"] for one in said] == [1, 0]
    assert said[-1]["explanations_digest"] == filing.explanations_digest


def test_a_report_with_one_wrong_line_is_refused_whole(desk: Desk) -> None:
    filing = desk.judged(halls(1, 2, 3))
    path = filled(report(desk, filing), TRUE, ("true_as_filed", "太短"), ("because", HALL))
    assert refusals(desk, filing, path) == [3, 4]


def test_the_report_of_another_file_is_refused(desk: Desk) -> None:
    other = filled(report(desk, desk.judged(halls(4))), TRUE)
    assert refusals(desk, desk.judged(halls(1)), other) == [2]


def test_an_explanation_is_carried_to_a_later_month_while_the_value_is_the_same(desk: Desk) -> None:
    first = desk.sign(explain(desk, desk.judged(halls(1, 2)), {"QUA04": TRUE}))
    january = {"issued_on": "2026-01-05", "due_on": "2026-01-25"}
    second = desk.judged(halls(1, 2, **january), period="2026-01")
    assert (second.state, second.explained) == (State.READY, {"QUA04": {"carried": 2}})
    high = [line for line in lines_of(report(desk, second)) if line["edit_id"] == "QUA04"]
    assert len(high) == 2
    for line in high:
        assert (line["standing"], line["note"], line["explanation_code"]) == ("carried", HALL, TRUE[0])
    assert desk.sign(second).is_current
    more = desk.judged(halls(1, 2, 3, **january), period="2026-01")
    assert (more.state, more.explained["QUA04"]) == (State.NEEDS_EXPLANATION, {"carried": 2, "missing": 1})
    with begin(desk.engine) as session:
        standing = desk.explanations(session).standing(more)
    assert set(standing["given_in"].to_pylist()) == {first.public_id}


def test_a_changed_value_asks_again(desk: Desk) -> None:
    explain(desk, desk.judged(halls(1)), {"QUA04": TRUE})
    changed = desk.judged(csv_bytes("bills", [bill(1, storey_height_m="46.00")]))
    assert (changed.state, changed.explained) == (State.NEEDS_EXPLANATION, {"QUA04": {"missing": 1}})


def test_an_explanation_whose_term_has_ended_has_to_be_given_anew(desk: Desk) -> None:
    explain(desk, desk.judged(halls(1)), {"QUA04": TRUE})
    desk.clock.move(dt.timedelta(days=int(THRESHOLDS[TERM].on(dt.date(2025, 11, 1))) + 1))
    later = desk.judged(csv_bytes("bills", [bill(1, **HIGH), bill(98)]))
    assert (later.state, later.explained) == (State.NEEDS_EXPLANATION, {"QUA04": {"expired": 1}})
    (line,) = lines_of(report(desk, later))
    assert (line["standing"], line["note"]) == ("expired", "")
    assert explain(desk, later, {"QUA04": TRUE}).explained == {"QUA04": {"new": 1}}


def test_explanations_of_another_company_are_not_carried(desk: Desk, open_desk) -> None:  # type: ignore[no-untyped-def]
    explain(desk, desk.judged(halls(1)), {"QUA04": TRUE})
    assert open_desk("harbin-b").judged(halls(1)).explained == {"QUA04": {"missing": 1}}


def test_a_page_seen_before_somebody_else_explained_explains_nothing(desk: Desk) -> None:
    filing = desk.judged(halls(1, 2))
    explain_hits(desk, filing, {1: TRUE})
    with pytest.raises(MovedMeanwhile), begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        desk.explanations(session).by_hits(found, {2: TRUE}, by=desk.clerk.actor, version=filing.version)


def test_a_filing_that_waits_for_no_explanation_takes_none(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1)]))
    with pytest.raises(NotPossible):
        explain(desk, filing, {"QUA04": TRUE})
