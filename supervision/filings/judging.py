"""Judging a filing: in a child process outside every transaction; the verdict and its evidence stand in one."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import delete

from ingest.edits.explanations import open_hits
from ingest.evidence import EvidenceStore
from ingest.readers.manifest import manifest_of
from ingest.standard import feed as feed_of
from supervision.filings import telling
from supervision.filings.edit_report import arranged
from supervision.filings.explaining import carried_over
from supervision.filings.lifecycle import LIFECYCLE, Act, State
from supervision.filings.models import Filing, FilingEdit
from supervision.filings.profiles import profile_of
from supervision.filings.reading import FilingReading, withdrawn_edits
from supervision.filings.trace import profile_named, record
from supervision.jobs import JobContext, enqueue
from supervision.journal import SYSTEM
from supervision.settings.clock import local_date
from supervision.settings.evidence import open_evidence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ingest.judge import Judgement
    from ingest.profiles import Profile

ACTS = {"rejected": Act.REJECT, "needs_explanation": Act.ASK_EXPLANATION, "accepted": Act.ACCEPT}
TRIES_OF_A_KILLED_CHILD = 3
SORTED_BY = {"bills": ["account_no", "bill_no"]}  # where rows are looked for by other columns than the key


class ChildKilled(Exception):
    """Somebody ended the child; that says nothing about the file yet."""


@dataclass(frozen=True, slots=True)
class Task:
    """What the child needs to know of a filing, read once at the start."""

    bytes_digest: str
    feed: str
    period: str
    filename: str
    roster_digest: str | None
    beside: dict[str, list[str]]
    declared: dict[str, Any] | None
    base_digest: str | None
    withdrawn: frozenset[str]
    profile: Profile | None


class RulesChanged(Exception):
    """A rule was withdrawn while the file was judged by it: it is judged again."""


def judge(context: JobContext, filing_id: int) -> None:
    """The filing has its verdict. Run again after a crash it starts anew and writes one verdict; a filing that was
    withdrawn meanwhile stays withdrawn."""
    evidence = open_evidence(context.settings)
    task = _begin(context, filing_id)
    if task is None:
        return
    judgement, kept = judged(context, evidence, task)
    context.progress("keeping", 0, None)
    edits, report = arranged(judgement.edits)
    with context.transaction() as session:
        filing = session.get_one(Filing, filing_id)
        standing = carried_over(session, evidence, filing, edits, local_date(context.clock.now()))
    findings = {"report": report, **kept_of(evidence, task, judgement, edits, standing), **kept}
    with context.transaction(final=True) as session:
        filing = session.get_one(Filing, filing_id)
        if filing.state is State.JUDGING:
            if withdrawn_edits(session) != task.withdrawn:
                raise RulesChanged(f"rules were withdrawn while {filing.public_id} was judged; trying again")
            _write_verdict(session, context, filing, judgement, findings, task.beside)


def _begin(context: JobContext, filing_id: int) -> Task | None:
    with context.transaction() as session:
        filing = session.get_one(Filing, filing_id)
        if filing.state is State.RECEIVED:
            LIFECYCLE.move(session, filing, Act.START_JUDGING)
            record(session, context.clock, filing, "filing.judging", SYSTEM)
        if filing.state is not State.JUDGING:
            return None
        evidence = open_evidence(context.settings)
        reading = FilingReading(session, evidence)
        roster = None
        if filing.feed != "accounts":
            roster = reading.current(filing.company_id, "accounts", filing.season)
        return task_of(session, reading, filing, roster.table_digest if roster else None)


def task_of(session: Session, reading: FilingReading, filing: Filing, roster_digest: str | None) -> Task:
    """What the child must know of ``filing`` as things stand, compared with that roster."""
    return Task(
        filing.bytes_digest,
        filing.feed,
        filing.period,
        filing.filename,
        roster_digest,
        reading.beside(filing.company_id, filing.feed, filing.period, filing.season),
        filing.declared,
        _base_digest(reading, filing),
        withdrawn_edits(session),
        profile_of(session, filing),
    )


def _base_digest(reading: FilingReading, filing: Filing) -> str | None:
    """The rows that a partial correction changes: those of the filing in force when it came in."""
    if filing.corrects is None:
        return None
    return reading.by_public_id(filing.corrects).table_digest


def judged(context: JobContext, evidence: EvidenceStore, task: Task) -> tuple[Judgement, dict[str, str]]:
    """The judgement, and what else it leaves to keep: of a partial correction the digest of the whole file that it makes."""
    with tempfile.TemporaryDirectory(prefix="whole-") as folder:
        whole = Path(folder) / "whole.csv"
        judgement = _judged_in_child(context, evidence, task, whole)
        return judgement, {"whole_digest": evidence.put_file(whole).digest} if whole.exists() else {}


def _judged_in_child(context: JobContext, evidence: EvidenceStore, task: Task, whole: Path) -> Judgement:
    """The child's judgement. A child that somebody killed is tried again twice before the file is held to be at fault."""
    from ingest.child import judge_in_child

    judgement = judge_in_child(
        evidence.path(task.bytes_digest),
        feed=task.feed,
        period=task.period,
        filename=task.filename,
        roster=None if task.roster_digest is None else evidence.path(task.roster_digest),
        beside={code: [evidence.path(one) for one in digests] for code, digests in task.beside.items()},
        declared=None if task.declared is None else manifest_of(task.declared, feed_of(task.feed)),
        base=None if task.base_digest is None else evidence.path(task.base_digest),
        whole=whole if task.base_digest else None,
        withdrawn=task.withdrawn,
        profile=task.profile,
        on_progress=lambda stage, done, total: context.progress(f"judging.{stage}", done, total),
    )
    if context.tries < TRIES_OF_A_KILLED_CHILD and _stopped(judgement) == "killed":
        raise ChildKilled(f"the child that judged {task.bytes_digest} was killed; trying again")
    return judgement


def _stopped(judgement: Judgement) -> str | None:
    """Why the child was stopped before its end, if it was (the value of edit T12)."""
    hits = judgement.edits.filter(pc.equal(judgement.edits["edit_id"].cast(pa.string()), "T12"))
    return str(hits["value"][0]) if hits.num_rows else None


def kept_of(
    evidence: EvidenceStore, task: Task, judgement: Judgement, edits: pa.Table, standing: pa.Table
) -> dict[str, Any]:
    """Table, edits, explanations, report and coercions are evidence; the answer is what the register keeps of them."""
    from ingest.edits.explanations import counted, hits_to_explain
    from ingest.edits.report import Report, write_csv

    table: pa.Table | None = judgement.table
    kept: dict[str, Any] = {
        "explained": counted(hits_to_explain(edits), standing),
        "explanations_digest": evidence.put_table(standing).digest if standing.num_rows else None,
        "edit_count": edits.num_rows,
        "edits_digest": evidence.put_table(edits).digest,
        "roster_digest": task.roster_digest,
        "rows": judgement.rows,
        "totals": judgement.totals,
        "encoding": judgement.encoding or None,
        "delimiter": judgement.delimiter or None,
        "pack_digest": judgement.pack_digest,
        "not_evaluated": [asdict(one) for one in judgement.not_evaluated],
    }
    shadow, kept["shadow_report"] = arranged(judgement.shadow)
    kept["shadow_digest"] = evidence.put_table(shadow).digest if shadow.num_rows else None
    kept["parts"] = [asdict(one) for one in judgement.parts] or None
    kept["manifests"] = judgement.declared or None
    kept["correction"] = judgement.correction
    if _stopped(judgement) is not None or (task.base_digest and judgement.verdict == "rejected"):
        # How far a child gets depends on the machine too, and whether a correction fits on what is in force: the same
        # bytes may come again.
        kept["repeat_digest"] = None
    if judgement.coercions.num_rows:
        kept["coercions_digest"] = evidence.put_table(judgement.coercions).digest
    kept["coercion_count"] = judgement.coercions.num_rows
    if table is not None:
        kept["table_digest"] = evidence.put_table(
            table, sort_by=SORTED_BY.get(task.feed, list(feed_of(task.feed).key))
        ).digest
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.csv"
        found = Report(edits, task.bytes_digest, standing, judgement.row_offset, judgement.profile)
        write_csv(found, path)
        kept["report_digest"] = evidence.put_file(path).digest
    return kept


def count_edits(session: Session, filing: Filing) -> None:
    """How often each edit hit the filing, as it is judged now."""
    session.execute(delete(FilingEdit).where(FilingEdit.filing_id == filing.id))
    for is_shadow, report in ((False, filing.report), (True, filing.shadow_report)):
        for entry in report:
            session.add(
                FilingEdit(
                    filing_id=filing.id,
                    edit_id=entry["edit_id"],
                    is_shadow=is_shadow,
                    count=entry["count"],
                )
            )


def _write_verdict(
    session: Session,
    context: JobContext,
    filing: Filing,
    judgement: Judgement,
    kept: dict[str, Any],
    beside: dict[str, list[str]],
) -> None:
    now = context.clock.now()
    LIFECYCLE.move(session, filing, ACTS[judgement.verdict], judged_at=now, **kept)
    record(
        session,
        context.clock,
        filing,
        "filing.judged",
        SYSTEM,
        verdict=judgement.verdict,
        rows=judgement.rows,
        totals=judgement.totals,
        edits={entry["edit_id"]: entry["count"] for entry in kept["report"]},
        pack_digest=judgement.pack_digest,
        edits_digest=kept["edits_digest"],
        table_digest=kept.get("table_digest"),
        roster_digest=kept["roster_digest"],
        **({"beside": beside} if beside else {}),
        **profile_named(filing),
        **({"whole_digest": kept["whole_digest"]} if "whole_digest" in kept else {}),
    )
    count_edits(session, filing)
    if filing.state is State.NEEDS_EXPLANATION and not open_hits(filing.explained):
        LIFECYCLE.move(session, filing, Act.CARRY)
        digest = filing.explanations_digest
        record(
            session, context.clock, filing, "filing.explanations_carried", SYSTEM, explanations_digest=digest
        )
    telling.judged(session, context.clock, filing)
    if filing.state is not State.REJECTED:
        enqueue(session, "compare_filing", enqueued_at=now, filing_id=filing.id)
