"""fsck: register, evidence and journal held against each other. Names what does not agree; changes nothing.

Which columns name evidence is said by the models themselves: the ``doc`` of such a column begins with ``evidence``, and
with ``evidence naming evidence`` where that is JSON which names further evidence under the keys of ``_NAMING``. So
every feature is covered without this module knowing it.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Table, func, select
from sqlalchemy.orm import Session

from checks.tariffs.errors import TariffError
from checks.tariffs.load import tariff_digest, tariff_from_dict
from ingest.evidence import EvidenceDamaged, EvidenceDigestMalformed, EvidenceMissing, EvidenceStore
from supervision.db.schema import metadata
from supervision.documents.content import ContentAltered, thawed
from supervision.documents.models import IssuedDocument
from supervision.filings.lifecycle import State
from supervision.filings.models import Filing
from supervision.findings.inputs import digest_of_tariffs
from supervision.findings.joining import totals
from supervision.findings.lifecycle import FindingState
from supervision.findings.models import CheckRun, Finding, FindingPart
from supervision.jobs import parked
from supervision.journal import Journal, JournalEntry
from supervision.settings import Clock
from supervision.tariffs.models import TariffDraft, TariffEntry

STALE_AFTER = dt.timedelta(hours=24)
SHOWN = 10

# JSON columns that hold a digest of evidence under this key.
_INSIDE = {("filing", "difference"): "digest"}

# Keys under which evidence that names evidence does so: outcomes, rows and lists counted, tables rested on.
_NAMING = frozenset({"outcomes", "rows", "numbers", "table"})
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)

# (act, name in the entry's detail) → table and column that must still say the same of the entry's object.
_ENTERED: dict[tuple[str, str], tuple[type[Any], str]] = {
    ("filing.received", "digest"): (Filing, "bytes_digest"),
    ("filing.judged", "table_digest"): (Filing, "table_digest"),
    ("filing.judged", "edits_digest"): (Filing, "edits_digest"),
    ("filing.judged", "roster_digest"): (Filing, "roster_digest"),
    ("filing.readjudicated", "table_digest"): (Filing, "table_digest"),
    ("filing.readjudicated", "edits_digest"): (Filing, "edits_digest"),
    ("filing.readjudicated", "roster_digest"): (Filing, "roster_digest"),
    ("filing.receipt_made", "digest"): (Filing, "receipt_digest"),
    ("run.finished", "inputs"): (CheckRun, "inputs_digest"),
    ("run.finished", "outcomes"): (CheckRun, "outcomes_digest"),
    ("document.issued", "content"): (IssuedDocument, "content_digest"),
    ("document.issued", "annex"): (IssuedDocument, "annex_digest"),
    ("document.rendered", "file"): (IssuedDocument, "bytes_digest"),
    ("tariff.approve", "notice"): (TariffDraft, "notice_digest"),
    ("tariff.approve", "effect"): (TariffDraft, "effect_digest"),
}


_JUDGEMENTS = frozenset({"filing.judged", "filing.readjudicated"})


@dataclass(frozen=True, slots=True)
class Disagreement:
    zh: str
    en: str


def flaws(session: Session, evidence: EvidenceStore, clock: Clock) -> Iterator[Disagreement]:
    """Every flaw of the journal; every digest whose evidence is missing or damaged; every digest that is another one
    than the journal says; every signed filing without its entry, and the reverse; every document, run, finding and tariff
    that is not what it was when it was entered."""
    for flaw in Journal(session, clock).flaws():
        yield Disagreement(f"日志：{flaw.zh}", f"journal: {flaw.en}")
    seen: dict[str, Disagreement | None] = {}
    for what, digest in named_digests(session, evidence):
        if digest not in seen:
            seen[digest] = _of_evidence(evidence, digest)
        found = seen[digest]
        if found is not None:
            yield Disagreement(f"{what}：{found.zh}", f"{what}: {found.en}")
    yield from _otherwise_entered(session)
    yield from _receipts_without_act(session)
    yield from _altered_documents(session)
    yield from _altered_runs(session)
    yield from _altered_findings(session)
    yield from _altered_tariffs(session)


def notes(session: Session, evidence: EvidenceStore, incoming: Path, clock: Clock) -> Iterator[Disagreement]:
    """What an operator may want to know and nothing is wrong with."""
    now = clock.now()
    yield from _unnamed(session, evidence, now)
    stale = [*evidence.stale_temporaries(now), *_stale_uploads(incoming, now)]
    if stale:
        shown = ", ".join(str(path) for path in stale[:SHOWN]) + (" …" if len(stale) > SHOWN else "")
        yield Disagreement(
            f"{len(stale)} 个超过 24 小时的未完成文件，可以删除：{shown}",
            f"{len(stale)} unfinished files older than 24 hours, which may be removed: {shown}",
        )
    for job in parked(session):
        said = (job.error or "").strip().splitlines()[-1:] or ["—"]
        yield Disagreement(
            f"后台任务 {job.name}（{job.id}）已放弃：{said[0]}",
            f"job {job.name} ({job.id}) was given up: {said[0]}",
        )


def _unnamed(session: Session, evidence: EvidenceStore, now: dt.datetime) -> Iterator[Disagreement]:
    """Evidence that nothing names: written before an act that never ended, or by one that has not ended yet."""
    before = set(evidence.digests())  # what is written from now on is somebody's work in hand
    before -= {digest for _, digest in named_digests(session, evidence)}
    old = {digest for digest in before if evidence.written_at(digest) < now - STALE_AFTER}
    for found, zh, en in (
        (old, "已超过 24 小时，无害，可以删除", "older than 24 hours: harmless, may be removed"),
        (before - old, "不到 24 小时，可能仍在办理", "not yet 24 hours old: an act may still be under way"),
    ):
        if found:
            shown = ", ".join(sorted(found)[:SHOWN]) + (" …" if len(found) > SHOWN else "")
            yield Disagreement(
                f"{len(found)} 份证据没有登记引用（上传或计算在登记之前中断；{zh}）：{shown}",
                f"evidence that nothing names (left by an act that ended before it was entered; {en}), "
                f"{len(found)} in all: {shown}",
            )


def evidence_columns() -> list[Column[Any]]:
    """Every column of the register that names evidence, by table."""
    return [
        column
        for table in metadata().sorted_tables
        for column in table.columns
        if (column.doc or "").startswith("evidence")
    ]


def named_digests(session: Session, evidence: EvidenceStore) -> Iterator[tuple[str, str]]:
    """What names a piece of evidence, and its digest; also what evidence itself names."""
    for what, digest, names_more in _named_by_rows(session):
        yield what, digest
        if names_more:
            yield from (
                (f"{what} {digest[:12]} {place}", inner) for place, inner in _named_in(evidence, digest)
            )


def _named_in(evidence: EvidenceStore, digest: str) -> list[tuple[str, str]]:
    """Where a JSON document of the evidence names further evidence; nothing of one that is missing or damaged, which
    is told in its own place."""
    try:
        document = json.loads(evidence.read_bytes(digest))
    except (EvidenceMissing, EvidenceDamaged, EvidenceDigestMalformed, OSError, ValueError):
        return []
    found: list[tuple[str, str]] = []

    def look(value: Any, place: str) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                if key in _NAMING and isinstance(inner, str) and _DIGEST.fullmatch(inner):
                    found.append((f"{place}.{key}", inner))
                look(inner, f"{place}.{key}")
        elif isinstance(value, list):
            for at, inner in enumerate(value):
                look(inner, f"{place}[{at}]")

    look(document, "")
    return [(place.removeprefix("."), inner) for place, inner in found]


def _named_by_rows(session: Session) -> Iterator[tuple[str, str, bool]]:
    by_table: dict[Table, list[Column[Any]]] = {}
    for column in evidence_columns():
        by_table.setdefault(column.table, []).append(column)
    for table, columns in by_table.items():
        name = _name_of(table)
        inside = [table.c[column] for of, column in _INSIDE if of == table.name]
        for row in session.execute(select(name, *columns, *inside).order_by(*table.primary_key)):
            values = row._mapping
            for column in columns:
                if values[column]:
                    names_more = (column.doc or "").startswith("evidence naming evidence")
                    yield f"{table.name} {values[name]} {column.name}", values[column], names_more
            for column in inside:
                digest = (values[column] or {}).get(_INSIDE[table.name, column.name])
                if digest:
                    yield f"{table.name} {values[name]} {column.name}", digest, False


def _name_of(table: Table) -> Column[Any]:
    return table.c.public_id if "public_id" in table.c else next(iter(table.primary_key))


def _of_evidence(evidence: EvidenceStore, digest: str) -> Disagreement | None:
    try:
        if evidence.verify(digest):
            return None
        raise EvidenceDamaged(digest)
    except (EvidenceMissing, EvidenceDamaged, EvidenceDigestMalformed) as error:
        return Disagreement(error.zh, error.en)
    except OSError as error:
        return Disagreement(f"证据 {digest} 无法读取：{error}", f"evidence {digest} cannot be read: {error}")


def _otherwise_entered(session: Session) -> Iterator[Disagreement]:
    """Every digest the register and the journal say differently, and every object of these entries that is gone."""
    acts = {act for act, _ in _ENTERED}
    entries = session.scalars(
        select(JournalEntry)
        .where(JournalEntry.act.in_(acts))
        .order_by(JournalEntry.index)
        .execution_options(yield_per=1000)
    )
    latest = _latest_judgements(session)
    for entry in entries:
        if entry.act in _JUDGEMENTS and latest[entry.object_id] != entry.index:
            continue  # it was judged anew since, and that entry speaks for it
        for (act, key), (model, column) in _ENTERED.items():
            if act != entry.act or key not in entry.detail:
                continue
            found: Sequence[Any] = session.scalars(
                select(getattr(model, column)).where(model.public_id == entry.object_id)
            ).all()
            place = f"{model.__tablename__} {entry.object_id} {column}"
            if not found:
                yield Disagreement(
                    f"日志第 {entry.index} 条（{act}）所指的 {place} 不在登记库中",
                    f"{place}, of which entry {entry.index} ({act}) speaks, is not in the register",
                )
            elif found[0] != entry.detail[key]:
                yield Disagreement(
                    f"{place} 为 {found[0]}，日志第 {entry.index} 条记载为 {entry.detail[key]}",
                    f"{place} is {found[0]}, entry {entry.index} of the journal says {entry.detail[key]}",
                )


def _latest_judgements(session: Session) -> dict[str, int]:
    """The index of the last entry that says how each filing was judged."""
    query = select(JournalEntry.object_id, func.max(JournalEntry.index)).where(
        JournalEntry.act.in_(_JUDGEMENTS)
    )
    return {str(filing): index for filing, index in session.execute(query.group_by(JournalEntry.object_id))}


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
            continue
        receipt = filing.receipt or {}
        entered = (entry.detail.get("digest"), entry.index, entry.entry_hash)
        if filing.bytes_digest != entered[0]:
            yield Disagreement(
                f"回执 {filing.receipt_no} 的文件摘要与日志不符",
                f"receipt {filing.receipt_no}: its digest differs from the journal's",
            )
        if (
            receipt.get("bytes_digest"),
            receipt.get("journal_index"),
            receipt.get("journal_hash"),
        ) != entered:
            yield Disagreement(
                f"回执 {filing.receipt_no} 的内容与日志不符",
                f"receipt {filing.receipt_no}: what it says differs from the journal",
            )
    for number in entries:
        yield Disagreement(
            f"日志中的回执 {number} 没有对应的报送", f"receipt {number} of the journal has no filing"
        )


def _altered_documents(session: Session) -> Iterator[Disagreement]:
    """An issued document still has the content it was issued with."""
    for issued in session.scalars(select(IssuedDocument).order_by(IssuedDocument.id)):
        try:
            thawed(issued.content, issued.content_digest)
        except ContentAltered as error:
            yield Disagreement(
                f"文书 {issued.number} 的内容与签发时不符：{error}",
                f"document {issued.number} is not what was issued: {error}",
            )


def _altered_runs(session: Session) -> Iterator[Disagreement]:
    """A run rests on the rows of the very filings it names, and on the tariffs it lists."""
    for run in session.scalars(select(CheckRun).order_by(CheckRun.id)):
        roster = run.accounts_filing
        rests_on = (
            ("bills_digest", run.bills_digest, run.filing.table_digest),
            ("accounts_digest", run.accounts_digest, roster.table_digest if roster else None),
            ("tariffs_digest", run.tariffs_digest, digest_of_tariffs(run.tariffs)),
        )
        for column, stands, due in rests_on:
            if stands != due:
                yield Disagreement(
                    f"核查 {run.public_id} 的 {column} 为 {stands}，其依据为 {due}",
                    f"check_run {run.public_id} {column} is {stands}, what it rests on has {due}",
                )


def _altered_findings(session: Session) -> Iterator[Disagreement]:
    """The figures of a finding are those of the parts that count; one that went over into another has none."""
    counted = select(FindingPart).where(FindingPart.is_counted).order_by(FindingPart.finding_id)
    for finding_id, parts in groupby(session.scalars(counted), key=lambda part: part.finding_id):
        finding = session.get_one(Finding, finding_id)
        for figure, due in totals(parts).items():
            stands = getattr(finding, figure)
            if stands != due:
                yield Disagreement(
                    f"核查发现 {finding.public_id} 的 {figure} 为 {stands}，各期合计为 {due}",
                    f"finding {finding.public_id} {figure} is {stands}, its parts come to {due}",
                )
    without = select(Finding).where(
        Finding.state != FindingState.SUPERSEDED,
        ~Finding.parts.any(FindingPart.is_counted),
    )
    for finding in session.scalars(without):
        yield Disagreement(
            f"核查发现 {finding.public_id} 没有任何一期的核查结果",
            f"finding {finding.public_id} has no part of any run",
        )


def _altered_tariffs(session: Session) -> Iterator[Disagreement]:
    """A tariff still is what was entered."""
    for entry in session.scalars(select(TariffEntry).order_by(TariffEntry.tariff_id)):
        try:
            found = tariff_digest(tariff_from_dict(entry.record))
        except TariffError as error:
            found = str(error)
        if found != entry.digest:
            yield Disagreement(
                f"热价 {entry.tariff_id} 与登记时不符：{found}",
                f"tariff {entry.tariff_id} is not what was entered: {found}",
            )


def _stale_uploads(incoming: Path, now: dt.datetime) -> list[Path]:
    latest = (now - STALE_AFTER).timestamp()
    found = []
    for path in sorted(incoming.glob("*.part")):
        try:
            is_stale = path.stat().st_mtime < latest
        except FileNotFoundError:  # an upload that ended while we looked
            continue
        if is_stale:
            found.append(path)
    return found
