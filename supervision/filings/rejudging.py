"""A filing judged anew because a rule that had touched it was withdrawn. The verdict before stays readable; what was rejected
for that rule alone moves on, with its day of arrival; what is signed stays signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select

from ingest.edits.explanations import counted, hits_to_explain, open_hits, renumbered
from supervision.filings import telling
from supervision.filings.edit_report import arranged
from supervision.filings.explaining import FilingExplanations
from supervision.filings.judging import RulesChanged, count_edits, judged, kept_of, task_of
from supervision.filings.lifecycle import LIFECYCLE, Act, State
from supervision.filings.models import Filing, ReplacedVerdict, RuleWithdrawal
from supervision.filings.reading import FilingReading, withdrawn_edits
from supervision.filings.trace import profile_named, record
from supervision.jobs import JobContext, enqueue
from supervision.journal import SYSTEM
from supervision.settings.evidence import open_evidence

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from ingest.judge import Judgement

NOT_JUDGED = frozenset({State.RECEIVED, State.JUDGING, State.WITHDRAWN})
# What a new verdict changes of a filing that is in force or was: its report, never its rows.
_OF_THE_REPORT = (
    "report", "edit_count", "edits_digest", "report_digest", "not_evaluated", "pack_digest", "explained",
    "explanations_digest", "shadow_report", "shadow_digest",
)  # fmt: skip


def readjudicate(context: JobContext, filing_id: int, withdrawal_id: int) -> None:
    """The filing has the verdict of the rules without the withdrawn one, and names the verdict before. Run again it does
    nothing more."""
    evidence = open_evidence(context.settings)
    with context.transaction() as session:
        filing = session.get_one(Filing, filing_id)
        if filing.state in NOT_JUDGED or _is_done(session, filing_id, withdrawal_id):
            return
        reading = FilingReading(session, evidence)
        task = task_of(session, reading, filing, filing.roster_digest)
        version = filing.version
        before = FilingExplanations(session, context.clock, evidence).standing(filing)
    judgement, whole = judged(context, evidence, task)
    edits, report = arranged(judgement.edits)
    standing = renumbered(before, hits_to_explain(edits))
    kept = {"report": report, **kept_of(evidence, task, judgement, edits, standing), **whole}
    kept["explained"] = counted(hits_to_explain(edits), standing)
    with context.transaction(final=True) as session:
        filing = session.get_one(Filing, filing_id)
        if filing.version != version or withdrawn_edits(session) != task.withdrawn:
            raise RulesChanged(f"{filing.public_id} moved while it was judged anew; trying again")
        _write(session, context, filing, session.get_one(RuleWithdrawal, withdrawal_id), judgement, kept)


def _is_done(session: Session, filing_id: int, withdrawal_id: int) -> bool:
    query = select(ReplacedVerdict.id).where(
        ReplacedVerdict.filing_id == filing_id, ReplacedVerdict.withdrawal_id == withdrawal_id
    )
    return session.scalar(query) is not None


def _write(
    session: Session,
    context: JobContext,
    filing: Filing,
    withdrawal: RuleWithdrawal,
    judgement: Judgement,
    kept: dict[str, Any],
) -> None:
    now, before = context.clock.now(), str(filing.state)
    session.add(
        ReplacedVerdict(
            filing_id=filing.id,
            withdrawal_id=withdrawal.id,
            state=before,
            judged_at=filing.judged_at,
            report=filing.report,
            edit_count=filing.edit_count,
            pack_digest=filing.pack_digest,
            edits_digest=filing.edits_digest,
            report_digest=filing.report_digest,
            replaced_at=now,
        )
    )
    act = _act(session, filing, judgement.verdict, kept["explained"])
    if filing.signed_at is not None:
        kept = {name: kept[name] for name in _OF_THE_REPORT}
    else:
        kept = {"table_digest": filing.table_digest, **kept, "repeat_digest": filing.repeat_digest}
    if act is not None:
        LIFECYCLE.move(session, filing, act, judged_at=now, **kept)
        enqueue(session, "compare_filing", enqueued_at=now, filing_id=filing.id)
    else:
        for name, value in {**kept, "judged_at": now, "version": filing.version + 1}.items():
            setattr(filing, name, value)
        session.flush()
    count_edits(session, filing)
    telling.judged_anew(session, context.clock, filing, withdrawal.edit_id)
    record(
        session,
        context.clock,
        filing,
        "filing.readjudicated",
        SYSTEM,
        withdrawn=withdrawal.edit_id,
        withdrawal=withdrawal.public_id,
        before=before,
        state=str(filing.state),
        edits={entry["edit_id"]: entry["count"] for entry in filing.report},
        edits_digest=filing.edits_digest,
        table_digest=filing.table_digest,
        roster_digest=filing.roster_digest,
        pack_digest=filing.pack_digest,
        **profile_named(filing),
    )


def _act(session: Session, filing: Filing, verdict: str, explained: dict[str, dict[str, int]]) -> Act | None:
    """How the filing moves on, if it does. One whose period has a later filing that was signed stays where it is."""
    newest = session.scalar(
        select(func.max(Filing.number)).where(
            Filing.company_id == filing.company_id,
            Filing.feed == filing.feed,
            Filing.period == filing.period,
            Filing.signed_at.is_not(None),
        )
    )
    if verdict == "rejected" or (newest or 0) > filing.number:
        return None
    is_open = verdict == "needs_explanation" and open_hits(explained) > 0
    if filing.state is State.REJECTED:
        return Act.REOPEN if is_open else Act.RELEASE
    return Act.RELEASE if filing.state is State.NEEDS_EXPLANATION and not is_open else None
