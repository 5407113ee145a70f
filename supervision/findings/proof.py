"""fsck: register, evidence and journal held against each other. Names what does not agree; changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceDamaged, EvidenceMissing, EvidenceStore
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.findings.models import CheckRun
from supervision.journal import Journal, JournalEntry
from supervision.settings import Clock


@dataclass(frozen=True, slots=True)
class Disagreement:
    zh: str
    en: str


def flaws(session: Session, evidence: EvidenceStore, clock: Clock) -> Iterator[Disagreement]:
    """Every flaw of the journal, every digest whose evidence is missing or damaged, every receipt without its act."""
    for flaw in Journal(session, clock).flaws():
        yield Disagreement(flaw.zh, flaw.en)
    seen: dict[str, Disagreement | None] = {}
    for what, digest in _digests(session):
        if digest not in seen:
            seen[digest] = _of_evidence(evidence, digest)
        found = seen[digest]
        if found is not None:
            yield Disagreement(f"{what}：{found.zh}", f"{what}: {found.en}")
    yield from _receipts_without_act(session)


def _digests(session: Session) -> Iterator[tuple[str, str]]:
    for filing in session.scalars(select(Filing).order_by(Filing.id)):
        for column in ("bytes_digest", "table_digest", "edits_digest", "report_digest", "receipt_digest"):
            digest = getattr(filing, column, None)
            if digest:
                yield f"filing {filing.public_id} {column}", digest
    for run in session.scalars(select(CheckRun).order_by(CheckRun.id)):
        for column in ("bills_digest", "accounts_digest", "neighbours_digest", "outcomes_digest"):
            digest = getattr(run, column)
            if digest:
                yield f"run {run.public_id} {column}", digest


def _of_evidence(evidence: EvidenceStore, digest: str) -> Disagreement | None:
    try:
        if evidence.verify(digest):
            return None
    except (EvidenceMissing, EvidenceDamaged) as error:
        return Disagreement(error.zh, error.en)
    return Disagreement(f"证据 {digest} 缺失或已损坏", f"evidence {digest} is missing or damaged")


def _receipts_without_act(session: Session) -> Iterator[Disagreement]:
    """A signed filing has its entry with the same digest, and an entry its filing."""
    entries = {
        entry.detail.get("receipt_no"): entry
        for entry in session.scalars(select(JournalEntry).where(JournalEntry.act == "filing.signed"))
    }
    signed = session.scalars(select(Filing).where(Filing.state.in_((State.SIGNED, State.SUPERSEDED)))).all()
    for filing in signed:
        entry = entries.pop(filing.receipt_no, None)
        if entry is None:
            yield Disagreement(
                f"回执 {filing.receipt_no} 没有对应的日志",
                f"receipt {filing.receipt_no} has no journal entry",
            )
        elif entry.detail.get("digest") != filing.bytes_digest:
            yield Disagreement(
                f"回执 {filing.receipt_no} 的文件摘要与日志不符",
                f"receipt {filing.receipt_no}: its digest differs from the journal's",
            )
    for number in entries:
        yield Disagreement(
            f"日志中的回执 {number} 没有对应的申报", f"receipt {number} of the journal has no filing"
        )
