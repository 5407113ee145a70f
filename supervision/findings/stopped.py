"""Checks that were given up: their bills have no result of the inputs in force until somebody looks into it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.filings.models import Filing
from supervision.findings.models import CheckRun
from supervision.jobs import parked

_SAID = "CannotSucceed: "
_BETWEEN = "。 / Bill "  # how the two languages of a second opinion are joined in the error of the job


@dataclass(frozen=True, slots=True)
class StoppedCheck:
    """A check of a filing in force that ended without a run. ``zh`` and ``en`` say why."""

    filing: Filing
    stopped_at: dt.datetime | None
    zh: str
    en: str


def stopped_checks(session: Session) -> list[StoppedCheck]:
    """Every check given up of bills in force that no later run made good, oldest first."""
    found = []
    for job in parked(session):
        if job.name != "check_filing":
            continue
        filing = session.get(Filing, job.arguments["filing_id"])
        if filing is None or not filing.is_current:
            continue
        later = select(CheckRun.id).where(
            CheckRun.filing_id == filing.id,
            CheckRun.finished_at > job.enqueued_at,
            CheckRun.asked_by.is_(None),
        )
        if session.scalars(later.limit(1)).first() is not None:
            continue
        zh, en = _reason(job.error or "")
        found.append(StoppedCheck(filing, job.finished_at, zh, en))
    return found


def _reason(error: str) -> tuple[str, str]:
    last = (error.strip().splitlines() or [""])[-1]
    said, _, rest = last.partition(_SAID)[2].partition(_BETWEEN)
    if rest:
        return f"{said}。", f"Bill {rest}"
    return (
        "核查程序出错，未产生结果。请系统管理员在“运行状态”中查看。",
        "The check failed and has no result. The system administrator finds the error under “System status”.",
    )
