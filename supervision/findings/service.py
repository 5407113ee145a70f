"""What people decide about findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db.lifecycle import MovedMeanwhile
from supervision.findings import joining
from supervision.findings.lifecycle import LIFECYCLE, REASONS, FindingAct
from supervision.findings.models import CheckRun, Finding
from supervision.findings.reading import FindingReading
from supervision.jobs import enqueue
from supervision.journal import Actor, Journal
from supervision.settings import Clock

NOTE_LENGTH = (10, 2000)


class DismissalRefused(ValueError):
    """The dismissal lacks its reason; ``zh`` and ``en`` say how to mend it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


class FindingService(FindingReading):
    """What can be done about a finding. Each act and its journal entry are one transaction."""

    def __init__(self, session: Session, clock: Clock, evidence: EvidenceStore) -> None:
        super().__init__(session, evidence)
        self._clock = clock

    def dismiss(self, finding: Finding, *, reason: str, note: str, by: Actor, version: int) -> None:
        """Nothing follows from the finding, for a reason on record. Raises DismissalRefused, NotPossible,
        MovedMeanwhile."""
        joining.hold(self._session, finding.company_id)
        _seen(finding, version)
        note = note.strip()
        if reason not in REASONS:
            raise DismissalRefused("请选择不予处理的理由。", "Choose the reason for the dismissal.")
        least, most = NOTE_LENGTH
        if not least <= len(note) <= most:
            raise DismissalRefused(
                f"请用 {least} 至 {most} 个字写明依据。",
                f"State the grounds in {least} to {most} characters.",
            )
        self._move(
            finding,
            FindingAct.DISMISS,
            "finding.dismissed",
            by,
            {"reason": reason},
            reason=reason,
            reason_note=note,
            decided_at=self._clock.now(),
            decided_by=by.name,
        )

    def reopen(self, finding: Finding, *, by: Actor, version: int) -> None:
        """A dismissed finding is open again. Raises NotPossible, MovedMeanwhile."""
        _seen(finding, version)
        detail = {"reason": finding.reason}
        nothing = dict.fromkeys(("reason", "reason_note", "decided_at", "decided_by"))
        self._open_again(finding, FindingAct.REOPEN, "finding.reopened", by, detail, **nothing)

    def take_into_case(self, finding: Finding, *, by: Actor, case: str) -> None:
        """The finding belongs to the case of that number. Raises NotPossible, MovedMeanwhile."""
        self._decide(finding, FindingAct.TAKE, "finding.taken_into_case", by, case)

    def give_back(self, finding: Finding, *, by: Actor, case: str) -> None:
        """The case was given up: the finding is open again, with what was found since. Raises NotPossible,
        MovedMeanwhile."""
        given = {"decided_at": self._clock.now(), "decided_by": by.name}
        self._open_again(finding, FindingAct.GIVE_BACK, "finding.given_back", by, {"case": case}, **given)

    def notified(self, finding: Finding, at: dt.datetime) -> None:
        """The company was told of it by the notice of its case; the case's own entries say so."""
        finding.notified_at = at

    def close(self, finding: Finding, *, by: Actor, case: str) -> None:
        """Its case is closed. Raises NotPossible, MovedMeanwhile."""
        self._decide(finding, FindingAct.CLOSE, "finding.closed", by, case)

    def ask_recheck(self, run: CheckRun, *, by: Actor) -> str:
        """A check of the same filing on what is in force now is queued; returns the job's identifier. Unchanged inputs
        make no new run."""
        now = self._clock.now()
        job = enqueue(self._session, "check_filing", enqueued_at=now, filing_id=run.filing_id)
        Journal(self._session, self._clock).record(
            "run.recheck_asked",
            actor=by,
            object_type="check_run",
            object_id=run.public_id,
            company_id=run.company_id,
            detail={"job": job},
        )
        return job

    def hold(self, company_id: int) -> None:
        """No run of the company is recorded until the transaction ends. To be called before anything is journaled where
        several findings, or a finding and something else, are decided together."""
        joining.hold(self._session, company_id)

    def _decide(self, finding: Finding, act: FindingAct, entry: str, by: Actor, case: str) -> None:
        joining.hold(self._session, finding.company_id)
        self._move(finding, act, entry, by, {"case": case}, decided_at=self._clock.now(), decided_by=by.name)

    def _open_again(
        self,
        finding: Finding,
        act: FindingAct,
        entry: str,
        by: Actor,
        detail: dict[str, Any],
        **changes: Any,
    ) -> None:
        joining.hold(self._session, finding.company_id)
        meanwhile = joining.open_again(self._session, finding, act, **changes)
        detail["opened_meanwhile"] = meanwhile.public_id if meanwhile else None
        self._record(finding, entry, by, detail)

    def _move(
        self,
        finding: Finding,
        act: FindingAct,
        entry: str,
        by: Actor,
        detail: dict[str, Any],
        **changes: Any,
    ) -> None:
        LIFECYCLE.move(self._session, finding, act, **changes)
        self._record(finding, entry, by, detail)

    def _record(self, finding: Finding, entry: str, by: Actor, detail: dict[str, Any]) -> None:
        Journal(self._session, self._clock).record(
            entry,
            actor=by,
            object_type="finding",
            object_id=finding.public_id,
            company_id=finding.company_id,
            detail={"cause": finding.cause, "amount_over": str(finding.amount_over), **detail},
        )


def _seen(finding: Finding, version: int) -> None:
    if finding.version != version:
        raise MovedMeanwhile
