"""The last accepted filing of a feed, judged again by a profile that was signed since, and held against what was signed.

It counts for nothing: filing, rows and receipt stay as they are; company and officers are told what came out."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ingest.edits.report import Report, write_csv
from ingest.evidence import EvidenceStore
from ingest.standard import feed as feed_of
from supervision.filings import difference
from supervision.filings.edit_report import arranged
from supervision.filings.judging import Task, judged, task_of
from supervision.filings.models import Filing, MappingProfile, ProfileRecheck
from supervision.filings.reading import FilingReading
from supervision.jobs import JobContext
from supervision.journal import SYSTEM
from supervision.profiles import telling
from supervision.profiles.service import record
from supervision.settings.evidence import open_evidence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ingest.judge import Judgement


def recheck(context: JobContext, profile_id: int) -> None:
    """The re-check of the profile has its outcome. Run again it does nothing more."""
    evidence = open_evidence(context.settings)
    with context.transaction() as session:
        waiting = _of(session, profile_id)
        if waiting.done_at is not None:
            return
        task, table_digest = _task(session, evidence, waiting)
    judgement, _ = judged(context, evidence, task)
    kept = _kept(evidence, task, judgement, table_digest)
    with context.transaction(final=True) as session:
        waiting = _of(session, profile_id)
        if waiting.done_at is not None:
            return
        for name, value in {**kept, "done_at": context.clock.now()}.items():
            setattr(waiting, name, value)
        session.flush()
        found = session.get_one(MappingProfile, profile_id)
        outcome = {name: kept[name] for name in ("verdict", "rows", "added", "removed", "changed")}
        record(
            session,
            context.clock,
            "profile.rechecked",
            found,
            SYSTEM,
            filing=waiting.filing.public_id,
            period=waiting.filing.period,
            pack_digest=waiting.pack_digest,
            **outcome,
        )
        telling.signed(session, context.clock, found, waiting)


def _of(session: Session, profile_id: int) -> ProfileRecheck:
    return session.scalars(select(ProfileRecheck).where(ProfileRecheck.profile_id == profile_id)).one()


def _task(session: Session, evidence: EvidenceStore, waiting: ProfileRecheck) -> tuple[Task, str]:
    """What is judged again: the bytes of the filing, or the whole file that a partial correction made of it."""
    filing: Filing = waiting.filing
    assert filing.table_digest is not None  # it is in force
    task = task_of(session, FilingReading(session, evidence), filing, filing.roster_digest)
    task = replace(task, profile=waiting.of_profile.profile)
    if filing.whole_digest is not None:
        task = replace(
            task, bytes_digest=filing.whole_digest, filename="whole.csv", base_digest=None, declared=None
        )
    return task, filing.table_digest


def _kept(evidence: EvidenceStore, task: Task, judgement: Judgement, table_digest: str) -> dict[str, Any]:
    edits, report = arranged(judgement.edits)
    kept: dict[str, Any] = {
        "verdict": judgement.verdict,
        "rows": judgement.rows,
        "report": report,
        "pack_digest": judgement.pack_digest,
        "edits_digest": evidence.put_table(edits).digest,
        "added": None,
        "removed": None,
        "changed": None,
    }
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.csv"
        write_csv(
            Report(edits, task.bytes_digest, offset=judgement.row_offset, profile=judgement.profile), path
        )
        kept["report_digest"] = evidence.put_file(path).digest
    if judgement.table is None:
        return kept
    feed = feed_of(task.feed)
    found = difference.compare(feed, evidence.read_table(table_digest), judgement.table)
    kept.update(added=found.added, removed=found.removed, changed=found.changed, fields=found.fields)
    kept["table_digest"] = evidence.put_table(judgement.table, sort_by=list(feed.key)).digest
    if found.rows.num_rows:
        kept["difference_digest"] = evidence.put_table(found.rows).digest
    return kept
