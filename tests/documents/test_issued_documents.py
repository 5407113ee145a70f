"""An issued document has one number, one content and one file, for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from ingest.evidence import EvidenceDamaged
from supervision.cases import Case, CaseRefused, DecisionKind
from supervision.db import begin
from supervision.documents import IssuedDocument, NoSuchDocument, NotRendered, Proof, proof_of
from supervision.documents.service import NoDigest
from supervision.findings import Finding
from supervision.jobs import enqueue, parked
from supervision.security import Identity, Role
from tests.cases.case_desk import OFFICER, CaseDesk
from tests.findings.checked_company import register_company

HOSTILE = "<script>alert(1)</script> <img src=file:///etc/passwd> {{ 7*7 }} {% raw %} &amp; <link rel=attachment href=file:///etc/passwd>"


def pdf_of(desk: CaseDesk, document: IssuedDocument) -> bytes:
    with begin(desk.engine) as session:
        return desk.documents(session).pdf(session.get_one(IssuedDocument, document.id))


def words_of(pdf: bytes, folder: Path) -> str:
    """The text of a PDF without spaces and line ends, as pdftotext reads it."""
    assert shutil.which("pdftotext"), "poppler-utils is needed to read PDFs"
    (folder / "d.pdf").write_bytes(pdf)
    told = subprocess.run(
        ["pdftotext", "-raw", str(folder / "d.pdf"), "-"], check=True, capture_output=True
    ).stdout.decode()
    return re.sub(r"\s+", "", told)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_numbers_have_no_gap_per_series_and_year(desk: CaseDesk, finding: Finding) -> None:
    warning = {"kind": DecisionKind.WARNING, "refund_total": Decimal("0.00"), "refund_due_on": None}
    cases = [desk.open(desk.another_like(finding)) for _ in range(5)]
    desk.notified(cases[0])
    desk.notified(cases[1], **warning)
    desk.submitted(cases[2])
    desk.clock.move(dt.timedelta(days=15))
    with pytest.raises(CaseRefused):
        desk.approve(cases[2])  # uses no number
    desk.notified(cases[3])
    desk.clock.move(dt.datetime(2026, 1, 1, tzinfo=dt.UTC) - desk.clock.now())
    desk.notified(cases[4])
    numbers = [desk.document(cases[place]).number for place in (0, 1, 3, 4)]
    assert numbers == [
        "热监责改〔2025〕1号",
        "热监告诫〔2025〕1号",
        "热监责改〔2025〕2号",
        "热监责改〔2026〕1号",
    ]


def test_the_stored_pdf_says_the_approved_text_and_nothing_else_of_its_kind(
    desk: CaseDesk, finding: Finding, tmp_path: Path
) -> None:
    case = desk.notified(desk.open(finding))
    desk.work()
    document, decision = desk.document(case), desk.decision(case)
    words = words_of(pdf_of(desk, document), tmp_path)
    for paragraph in decision.content["facts"]:
        assert squeezed(paragraph) in words
    for demand in decision.content["demands"]:
        assert squeezed(demand["text"]["zh"]) in words
    for basis in decision.content["legal_basis"]:
        assert squeezed(basis["citation"]["zh"]) in words
    for printed in (document.number, case.number, document.content_digest, "487.20", "李承办", "赵审批"):
        assert squeezed(printed) in words
    assert document.annex_digest is not None
    assert document.annex_digest in words
    assert {"B0001", "B0002", "B0003"} <= set(re.findall(r"B000\d", words))


def test_hostile_text_is_printed_as_text_and_reaches_for_nothing(
    desk: CaseDesk, finding: Finding, tmp_path: Path
) -> None:
    case = desk.notified(desk.open(finding), facts=HOSTILE, demand=HOSTILE, summary_en=HOSTILE)
    desk.work()
    pdf = pdf_of(desk, desk.document(case))
    words = words_of(pdf, tmp_path)
    assert squeezed(HOSTILE) in words
    assert "root:" not in words
    assert b"/EmbeddedFile" not in pdf
    assert b"/JavaScript" not in pdf


def test_the_served_bytes_are_the_same_for_ever(
    desk: CaseDesk, finding: Finding, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = desk.notified(desk.open(finding))
    desk.work()
    document = desk.document(case)
    first = pdf_of(desk, document)
    assert hashlib.sha256(first).hexdigest() == document.bytes_digest
    assert document.bytes_size == len(first)
    desk.clock.move(dt.timedelta(days=400))
    with begin(desk.engine) as session:
        enqueue(session, "render_document", enqueued_at=desk.clock.now(), document_id=document.id)
    assert desk.work() == 1
    later = desk.document(case)
    assert (later.bytes_digest, later.rendered_at) == (document.bytes_digest, document.rendered_at)
    assert pdf_of(desk, later) == first
    assert len(desk.entries("document.rendered")) == 1


def test_a_document_is_served_only_once_its_file_is_there(desk: CaseDesk, finding: Finding) -> None:
    case = desk.notified(desk.open(finding))
    document = desk.document(case)
    with pytest.raises(NotRendered):
        pdf_of(desk, document)
    with begin(desk.engine) as session:
        job = desk.documents(session).rendering(document)
    assert job is not None
    assert not job.is_over
    desk.work()
    assert pdf_of(desk, document).startswith(b"%PDF-")


def test_a_file_that_was_altered_is_not_served(desk: CaseDesk, finding: Finding) -> None:
    case = desk.notified(desk.open(finding))
    desk.work()
    document = desk.document(case)
    assert document.bytes_digest is not None
    path = desk.evidence.path(document.bytes_digest)
    os.chmod(path, 0o640)
    path.write_bytes(path.read_bytes().replace(b"%PDF-", b"%PDF+", 1))
    with pytest.raises(EvidenceDamaged):
        pdf_of(desk, document)


CHANGES: list[Callable[[int], object]] = [
    lambda key: update(IssuedDocument).where(IssuedDocument.id == key).values(number="热监责改〔2025〕99号"),
    lambda key: update(IssuedDocument).where(IssuedDocument.id == key).values(content={"facts": []}),
    lambda key: update(IssuedDocument).where(IssuedDocument.id == key).values(bytes_digest="0" * 64),
    lambda key: delete(IssuedDocument).where(IssuedDocument.id == key),
]


@pytest.mark.parametrize("change", CHANGES, ids=["number", "content", "file", "deletion"])
def test_the_register_refuses_to_change_an_issued_document(
    desk: CaseDesk, finding: Finding, change: Callable[[int], object]
) -> None:
    case = desk.notified(desk.open(finding))
    desk.work()
    document = desk.document(case)
    with pytest.raises(DBAPIError, match="never changes"), begin(desk.engine) as session:
        session.execute(change(document.id))  # type: ignore[call-overload]
    assert desk.document(case).content == document.content


def test_a_content_that_no_longer_has_its_digest_is_not_made_into_a_file(
    desk: CaseDesk, finding: Finding
) -> None:
    import threading

    from supervision.jobs.worker import work

    case = desk.notified(desk.open(finding))
    content = {**desk.document(case).content, "facts": ["没有任何问题。"]}
    with begin(desk.engine) as session:
        if session.get_bind().dialect.name == "sqlite":
            session.connection().exec_driver_sql("DROP TRIGGER issued_document_frozen")
        else:
            session.connection().exec_driver_sql("DROP TRIGGER issued_document_frozen ON issued_document")
        session.execute(update(IssuedDocument).values(content=content))
    work(
        desk.engine,
        desk.settings,
        threading.Event(),
        clock=desk.clock,
        only=["render_document"],
        until_idle=True,
    )
    with begin(desk.engine) as session:
        (job,) = parked(session)
        assert "digest" in (job.error or "")
    assert desk.document(case).bytes_digest is None


def test_officers_and_the_addressed_company_read_a_document_and_no_other_company(
    desk: CaseDesk, finding: Finding
) -> None:
    with begin(desk.engine) as session:
        other_id = register_company(session, desk.clock, "daoli")
    other = Identity(10, "other", "丁经办", Role.COMPANY_CLERK, "C10", other_id)
    document = desk.document(desk.notified(desk.open(finding)))
    with begin(desk.engine) as session:
        service = desk.documents(session)
        assert service.readable(document.public_id, OFFICER).id == document.id
        assert service.readable(document.public_id, desk.clerk).id == document.id
        assert service.public(document.public_id).id == document.id
        for viewer, public_id in ((other, document.public_id), (OFFICER, "no-such-document")):
            with pytest.raises(NoSuchDocument):
                service.readable(public_id, viewer)


def test_a_digest_proves_the_file_the_paper_or_the_annex(desk: CaseDesk, finding: Finding) -> None:
    case = desk.notified(desk.open(finding))
    assert proof_of(desk.document(case), desk.document(case).content_digest) is Proof.CONTENT
    desk.work()
    document = desk.document(case)
    assert document.bytes_digest is not None
    assert document.annex_digest is not None
    spaced = " ".join(re.findall(".{8}", document.content_digest)).upper()
    assert proof_of(document, document.bytes_digest) is Proof.FILE
    assert proof_of(document, spaced) is Proof.CONTENT
    assert proof_of(document, f"sha256:{document.annex_digest}\n") is Proof.ANNEX
    assert proof_of(document, "0" * 64) is Proof.NOTHING
    for typed in ("", "0" * 63, "0" * 65, "g" * 64, "０" * 64):
        with pytest.raises(NoDigest):
            proof_of(document, typed)


def test_the_annex_csv_is_the_file_whose_digest_is_printed(desk: CaseDesk, finding: Finding) -> None:
    case: Case = desk.notified(desk.open(finding))
    document = desk.document(case)
    with begin(desk.engine) as session:
        content = desk.documents(session).annex(document)
    assert hashlib.sha256(content).hexdigest() == document.content["annex"]["csv_digest"]
