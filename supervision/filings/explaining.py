"""A company explains what is unlikely in its filing: for an edit as a whole, hit by hit, or in the report itself.

Each act is all or nothing and stands with its journal entry in one transaction. A filing of which every hit that asks for it is
explained is ready to be signed; its signatory stands for the explanations with the data.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.edits.explanations import (
    EXPIRED,
    MISSING,
    STANDING_SCHEMA,
    Earlier,
    Giving,
    Problem,
    carried,
    counted,
    fault_of,
    given_table,
    hits_to_explain,
    mismatched,
    open_hits,
    with_given,
)
from ingest.edits.explanations_read import Explanations
from ingest.edits.report import Report
from ingest.evidence import EvidenceStore
from supervision.db import serialise
from supervision.db.lifecycle import MovedMeanwhile
from supervision.documents.attached import Attached, AttachmentRefused, attached_file
from supervision.filings.edit_report import edits_to_explain
from supervision.filings.intake import full_disk_refused
from supervision.filings.lifecycle import LIFECYCLE, Act
from supervision.filings.models import ExplanationAttachment, Filing, GivenExplanation
from supervision.filings.problems import FilingRefused
from supervision.filings.trace import record
from supervision.journal import Actor
from supervision.settings import Clock
from supervision.settings.clock import local_date

_HITS = ["edit_id", "row", "key", "field", "value"]

Said = tuple[str, str]  # code and note
Sent = tuple[str, bytes]  # name and bytes of a file


class ExplanationsRefused(Exception):
    """Nothing was taken. ``problems`` name the lines (of a report) or the places (of a form) that are wrong."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{one.line}: {one.zh} / {one.en}" for one in problems[:5]))
        self.problems = tuple(problems)


class FilingExplanations:
    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        self._session, self._clock, self._evidence = session, clock, evidence

    # -- what stands --------------------------------------------------------------------------------------

    def standing(self, filing: Filing) -> pa.Table:
        """The explanations of the filing's hits (STANDING_SCHEMA), by hit."""
        if filing.explanations_digest is None:
            return STANDING_SCHEMA.empty_table()
        return self._evidence.read_table(filing.explanations_digest)

    def of_hits(self, filing: Filing, hits: Sequence[int]) -> dict[int, dict[str, Any]]:
        """What stands of the hits with these numbers."""
        if filing.explanations_digest is None or not hits:
            return {}
        asked = pc.field("hit").isin(pa.array(hits, pa.int32()))
        found = self._evidence.read_table(filing.explanations_digest, filters=asked)
        return {one["hit"]: one for one in found.to_pylist()}

    def proofs(self, explanations: Mapping[int, Mapping[str, Any]]) -> dict[int, GivenExplanation]:
        """By hit the act in which the explanation that stands there was given, where a file was attached to it: in this
        filing or in the one it is carried over from."""
        sources = {one["given_in"] for one in explanations.values()}
        acts = self._session.scalars(
            select(GivenExplanation)
            .join(GivenExplanation.filing)
            .join(GivenExplanation.attachment)
            .where(Filing.public_id.in_(sources))
        )
        found = {(act.filing.public_id, act.edit_id, act.given_at): act for act in acts}
        keys = {hit: (one["given_in"], one["edit_id"], one["given_at"]) for hit, one in explanations.items()}
        return {hit: found[key] for hit, key in keys.items() if key in found}

    def report(self, filing: Filing) -> Report | None:
        """The edit report as it stands now, None before the judgement."""
        if filing.edits_digest is None:
            return None
        edits = self._evidence.read_table(filing.edits_digest)
        return Report(
            edits, filing.bytes_digest, self.standing(filing), filing.row_offset, filing.profile_name
        )

    # -- the three ways to explain ------------------------------------------------------------------------

    def by_edit(
        self,
        filing: Filing,
        said: Mapping[str, Said],
        *,
        by: Actor,
        version: int,
        sent: Mapping[str, Sent] | None = None,
    ) -> None:
        """Code and note of an edit hold for all its hits that are not explained yet, and so does the file that was sent
        with them to prove it. Raises FilingRefused (F01, F10), ExplanationsRefused, NotPossible, MovedMeanwhile."""
        edits = self._begin(filing, version)
        sent = sent or {}
        wanted = {
            edit_id: one
            for edit_id in edits_to_explain(filing)
            if any(one := said.get(edit_id, ("", ""))) or edit_id in sent
        }
        attached, problems = _attached(edits_to_explain(filing), wanted, sent)
        if problems:
            raise ExplanationsRefused(problems)
        unexplained = self._unexplained(filing, edits)
        groups = [
            (edit_id, code, note, [hit for hit, of_edit, _ in unexplained if of_edit == edit_id])
            for edit_id, (code, note) in wanted.items()
        ]
        rows = {hit: row for hit, _, row in unexplained}
        lines = [
            (0, hit, edit_id, rows[hit], code, note) for edit_id, code, note, hits in groups for hit in hits
        ]
        acts = [
            self._act("edit", by, len(hits), edit_id=edit_id, code=code, text=note)
            for edit_id, code, note, hits in groups
            if hits
        ]
        self._give(filing, edits, given_table(lines), acts, by, attached)

    def by_hits(self, filing: Filing, said: Mapping[int, Said], *, by: Actor, version: int) -> None:
        """Code and note of single hits, by their number in the report; one without both is passed over. Raises as
        :meth:`by_edit`; a problem's line is the hit's number."""
        edits = self._begin(filing, version)
        lines, problems = [], []
        for hit, (code, note) in sorted(said.items()):
            if not code and not note:
                continue
            if not 1 <= hit <= edits.num_rows:
                problems.append(Problem(hit, "审核报告中没有这一处。", "The report has no such hit."))
                continue
            edit_id, row = edits.column("edit_id")[hit - 1].as_py(), edits.column("row")[hit - 1].as_py()
            fault = fault_of(hit, edit_id, code, note)
            if fault:
                problems.append(fault)
            lines.append((hit, hit, edit_id, row, code, note))
        if problems:
            raise ExplanationsRefused(problems)
        given = given_table(lines)
        self._give(filing, edits, given, [self._act("hits", by, given.num_rows)], by)

    def by_report(self, filing: Filing, read: Explanations, path: Path, *, by: Actor, version: int) -> None:
        """Everything that the filled-in report at ``path`` says, which is kept as it was handed back. Raises as
        :meth:`by_edit`; a problem's line is the report's."""
        edits = self._begin(filing, version)
        problems = read.problems or mismatched(read.given, edits)
        if problems:
            raise ExplanationsRefused(problems)
        with full_disk_refused():
            stored = self._evidence.put_file(path)
        act = self._act("report", by, read.given.num_rows, report_digest=stored.digest)
        self._give(filing, edits, read.given, [act], by)

    # -- what they have in common -------------------------------------------------------------------------

    def _begin(self, filing: Filing, version: int) -> pa.Table:
        serialise(self._session, f"filings of company {filing.company_id}")
        self._session.refresh(filing)
        if filing.version != version:
            raise MovedMeanwhile
        if filing.is_test:
            raise FilingRefused("F10")
        LIFECYCLE.step(filing.state, Act.EXPLAIN)
        return self._evidence.read_table(str(filing.edits_digest), _HITS)

    def _unexplained(self, filing: Filing, edits: pa.Table) -> list[tuple[int, str, int]]:
        """Hit, edit and row of what asks for an explanation and has none that holds."""
        standing = self.standing(filing)
        held = {
            hit
            for hit, how in zip(standing["hit"].to_pylist(), standing["standing"].to_pylist(), strict=True)
            if how != EXPIRED
        }
        wanted = hits_to_explain(edits)
        return [
            (hit, edit_id, edits.column("row")[hit - 1].as_py())
            for hit, edit_id in zip(wanted["hit"].to_pylist(), wanted["edit_id"].to_pylist(), strict=True)
            if hit not in held
        ]

    def _act(self, way: str, by: Actor, count: int, **more: str) -> GivenExplanation:
        return GivenExplanation(way=way, count=count, given_by=by.name, given_at=self._clock.now(), **more)

    def _give(
        self,
        filing: Filing,
        edits: pa.Table,
        given: pa.Table,
        acts: list[GivenExplanation],
        by: Actor,
        attached: Mapping[str, Attached] | None = None,
    ) -> None:
        now = self._clock.now()
        giving = Giving(by.name, now, filing.public_id, local_date(now))
        wanted, before = hits_to_explain(edits), self.standing(filing)
        standing = with_given(before, wanted, given, giving)
        if standing.equals(before):
            missing = [one for one in edits_to_explain(filing) if _is_open(filing.explained.get(one))]
            raise FilingRefused("F01", "、".join(missing), ", ".join(missing))
        with full_disk_refused():
            digest = self._evidence.put_table(given).digest
            stored = self._evidence.put_table(standing).digest
        for one in acts:
            one.filing_id, one.digest = filing.id, digest
            one.attachment = self._kept((attached or {}).get(one.edit_id or ""))
            self._session.add(one)
        explained = counted(wanted, standing)
        left = open_hits(explained)
        act = Act.EXPLAIN_PART if left else Act.EXPLAIN
        LIFECYCLE.move(self._session, filing, act, explanations_digest=stored, explained=explained)
        record(
            self._session,
            self._clock,
            filing,
            "filing.explained",
            by,
            way=acts[0].way,
            hits=given.num_rows,
            left=left,
            given_digest=digest,
            explanations_digest=stored,
            report_digest=acts[0].report_digest,
            **_proofs(acts),
        )

    def _kept(self, attached: Attached | None) -> ExplanationAttachment | None:
        """The file is evidence."""
        if attached is None:
            return None
        with full_disk_refused():
            stored = self._evidence.put_bytes(attached.content)
        return ExplanationAttachment(
            name=attached.name, media_type=attached.media_type, size=stored.size, digest=stored.digest
        )


def _attached(
    asked: Sequence[str], wanted: Mapping[str, Said], sent: Mapping[str, Sent]
) -> tuple[dict[str, Attached], list[Problem]]:
    """The files that prove what is said, and what is wrong with what is said or sent, at the place of its edit."""
    attached, problems = {}, []
    for place, edit_id in enumerate(asked, start=1):
        if edit_id not in wanted:
            continue
        fault = fault_of(place, edit_id, *wanted[edit_id])
        problems += [fault] if fault else []
        try:
            if edit_id in sent:
                attached[edit_id] = attached_file(*sent[edit_id])
        except AttachmentRefused as refused:
            problems.append(Problem(place, refused.zh, refused.en))
    return attached, problems


def _proofs(acts: Sequence[GivenExplanation]) -> dict[str, list[list[str]]]:
    """Edit and digest of each file that was attached, for the journal."""
    found = [[str(one.edit_id), one.attachment.digest] for one in acts if one.attachment]
    return {"attachments": found} if found else {}


def _is_open(how: Mapping[str, int] | None) -> bool:
    return how is None or bool(how.keys() & {MISSING, EXPIRED})


def carried_over(
    session: Session, evidence: EvidenceStore, filing: Filing, edits: pa.Table, today: dt.date
) -> pa.Table:
    """What the company's earlier filings of this feed say of the hits of ``edits`` (STANDING_SCHEMA)."""
    earlier = session.execute(
        select(Filing.explanations_digest, Filing.period)
        .where(
            Filing.company_id == filing.company_id,
            Filing.feed == filing.feed,
            Filing.id != filing.id,
            Filing.is_test.is_(False),
            Filing.explanations_digest.is_not(None),
        )
        .order_by(Filing.id)
    )
    tables = [
        Earlier(evidence.read_table(str(digest)), same_period=period == filing.period)
        for digest, period in earlier
    ]
    return carried(hits_to_explain(edits), tables, today)
