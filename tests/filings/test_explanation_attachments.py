"""A file that proves an explanation: kept as evidence, on record, and wherever the explanation goes."""

from __future__ import annotations

import datetime as dt
import hashlib

import pytest

from ingest.edits.explanations import TERM
from ingest.edits.thresholds import THRESHOLDS
from supervision.db import begin
from supervision.documents.attached import MOST_BYTES
from supervision.filings import Filing, State
from supervision.filings.explaining import ExplanationsRefused, Sent
from supervision.findings.proof import flaws
from supervision.journal import Journal, JournalEntry
from tests.filings.filing_desk import Desk, bill, csv_bytes

HALL = "该户为体育馆，层高四十五米，附设计图。"
TRUE = ("true_as_filed", HALL)
PLAN = b"%PDF-1.7\nthe plan of the hall\n%%EOF\n"
PHOTO = b"\xff\xd8\xff\xe0 the hall from inside"


def halls(**more: str) -> bytes:
    """Two halls 45 m high, one of them billed long before the season."""
    early = {"service_from": "2025-08-30", **more}
    return csv_bytes(
        "bills", [bill(1, storey_height_m="45.00", **more), bill(2, storey_height_m="45.00", **early)]
    )


def explain(desk: Desk, filing: Filing, said: dict[str, tuple[str, str]], sent: dict[str, Sent]) -> Filing:
    with begin(desk.engine) as session:
        found = desk.service(session).by_id(filing.id)
        desk.explanations(session).by_edit(found, said, by=desk.clerk.actor, version=found.version, sent=sent)
    return desk.again(filing)


def proofs(desk: Desk, filing: Filing) -> dict[int, tuple[str, str]]:
    """By hit the filing and the name of the file that proves its explanation."""
    with begin(desk.engine) as session:
        service = desk.explanations(session)
        found = service.proofs(service.of_hits(filing, range(1, 10)))
        return {
            hit: (act.filing.public_id, act.attachment.name) for hit, act in found.items() if act.attachment
        }


def test_what_was_attached_is_evidence_with_its_name_kind_and_digest_on_record(desk: Desk) -> None:
    filing = desk.judged(halls())
    edits = [one["edit_id"] for one in filing.report]
    assert len(edits) == 2
    filing = explain(desk, filing, dict.fromkeys(edits, TRUE), {"QUA04": (r"C:\图纸\平面图.pdf", PLAN)})
    assert filing.state is State.READY
    by_edit = {one.edit_id: one.attachment for one in filing.given}
    kept = by_edit.pop("QUA04")
    assert kept is not None
    assert (kept.name, kept.media_type, kept.size) == ("平面图.pdf", "application/pdf", len(PLAN))
    assert kept.digest == hashlib.sha256(PLAN).hexdigest()
    assert desk.evidence.read_bytes(kept.digest) == PLAN
    assert list(by_edit.values()) == [None]
    with begin(desk.engine) as session:
        (entry,) = session.query(JournalEntry).filter_by(act="filing.explained")
        assert entry.detail["attachments"] == [["QUA04", kept.digest]]
        assert list(Journal(session, desk.clock).flaws()) == []
    assert set(proofs(desk, filing).values()) == {(filing.public_id, "平面图.pdf")}
    assert len(proofs(desk, filing)) == 2  # both halls, and not the early bill


def test_it_goes_with_the_explanation_and_ends_with_it(desk: Desk) -> None:
    first = desk.judged(csv_bytes("bills", [bill(1, storey_height_m="45.00")]))
    first = desk.sign(explain(desk, first, {"QUA04": TRUE}, {"QUA04": ("大厅.jpg", PHOTO)}))
    january = {"issued_on": "2026-01-05", "due_on": "2026-01-25"}
    rows = [bill(1, storey_height_m="45.00", **january), bill(2, storey_height_m="46.00", **january)]
    second = desk.judged(csv_bytes("bills", rows), period="2026-01")
    assert second.explained == {"QUA04": {"carried": 1, "missing": 1}}
    assert proofs(desk, second) == {1: (first.public_id, "大厅.jpg")}
    second = explain(desk, second, {"QUA04": TRUE}, {"QUA04": ("平面图.pdf", PLAN)})
    assert proofs(desk, second) == {1: (first.public_id, "大厅.jpg"), 2: (second.public_id, "平面图.pdf")}
    desk.clock.move(dt.timedelta(days=int(THRESHOLDS[TERM].on(dt.date(2025, 11, 1))) + 1))
    later = desk.judged(csv_bytes("bills", [bill(1, storey_height_m="45.00"), bill(98)]))
    assert later.explained == {"QUA04": {"expired": 1}}


@pytest.mark.parametrize(
    ("said", "sent", "words"),
    [
        (TRUE, ("空.pdf", b""), "文件为空"),
        (TRUE, ("账单.pdf", b"MZ\x90\x00 a program"), "只接受 PDF、PNG 或 JPEG"),
        (TRUE, ("图.svg", b"<svg onload='alert(1)'/>"), "只接受 PDF、PNG 或 JPEG"),
        (TRUE, ("大.png", b"\x89PNG\r\n\x1a\n" + bytes(MOST_BYTES)), "文件超过 20 MiB"),
        (("", ""), ("平面图.pdf", PLAN), "说明代码"),
        (("true_as_filed", "太短"), ("平面图.pdf", PLAN), "现有 2 个"),
    ],
    ids=["empty", "program", "script", "too large", "no words", "too few words"],
)
def test_what_cannot_be_taken_is_named_at_its_edit_and_nothing_is_kept(
    desk: Desk, said: tuple[str, str], sent: Sent, words: str
) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, storey_height_m="45.00")]))
    before = list(desk.evidence.digests())
    with pytest.raises(ExplanationsRefused, match=words) as refused:
        explain(desk, filing, {"QUA04": said}, {"QUA04": sent})
    assert [one.line for one in refused.value.problems] == [1]
    assert (desk.again(filing).given, list(desk.evidence.digests())) == ([], before)


def test_fsck_names_one_that_was_taken_away_or_changed(desk: Desk) -> None:
    filing = desk.judged(csv_bytes("bills", [bill(1, storey_height_m="45.00")]))
    explain(desk, filing, {"QUA04": TRUE}, {"QUA04": ("平面图.pdf", PLAN)})
    path = desk.evidence.path(hashlib.sha256(PLAN).hexdigest())

    def found() -> list[str]:
        with begin(desk.engine) as session:
            said = [flaw.en for flaw in flaws(session, desk.evidence, desk.clock)]
        return [one for one in said if "explanation_attachment" in one]

    assert found() == []
    path.chmod(0o640)
    path.write_bytes(PLAN.replace(b"hall", b"barn"))
    assert len(found()) == 1
    path.unlink()
    assert len(found()) == 1
