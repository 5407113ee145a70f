"""A run on what was known at a time: tariffs whose notice was out by a day, filings that were in force at an instant.

It stands beside the run in force, changes neither it nor any finding, and says of every difference whose it is: the
company's, that of a late tariff or late data, or ours.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.db import read
from supervision.filings.models import Filing
from supervision.filings.reading import FilingReading
from supervision.findings.comparing import previous_of
from supervision.findings.computing import compute
from supervision.findings.inputs import BILLS, AsOf, inputs_of
from supervision.findings.models import CheckRun
from supervision.findings.recording import current_run, record_as_of
from supervision.jobs import CannotSucceed, JobContext, enqueue
from supervision.journal import Actor, Journal
from supervision.settings import Clock
from supervision.settings.clock import SHANGHAI, local_date
from supervision.settings.evidence import open_evidence


class AsOfRefused(ValueError):
    """Such a run cannot be asked for; ``zh`` and ``en`` say why and what to do."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def end_of_day(day: dt.date) -> dt.datetime:
    """The last instant of the day, here."""
    return dt.datetime.combine(day, dt.time.max, tzinfo=SHANGHAI)


def ask(
    session: Session, clock: Clock, evidence: EvidenceStore, run: CheckRun, as_of: AsOf, *, by: Actor
) -> str:
    """A check of the run's period on what was known then is queued; answers the job. Raises AsOfRefused."""
    now = clock.now()
    if as_of.law is None and as_of.data is None:
        raise AsOfRefused("请至少填写一个日期。", "Give at least one of the two days.")
    today = local_date(now)
    if (as_of.law and as_of.law > today) or (as_of.data and as_of.data > end_of_day(today)):
        raise AsOfRefused("日期不能晚于今天。", "The day cannot lie in the future.")
    if as_of.data is not None and _filing_then(session, evidence, run, as_of.data) is None:
        raise AsOfRefused(
            f"当时尚无 {run.period} 的已签署账单；请选择更晚的日期。",
            f"No bills of {run.period} were signed by then; choose a later day.",
        )
    job = enqueue(
        session,
        "check_as_of",
        enqueued_at=now,
        run_id=run.id,
        law=as_of.law.isoformat() if as_of.law else None,
        data=as_of.data.isoformat() if as_of.data else None,
        asked_by=by.name,
    )
    Journal(session, clock).record(
        "run.as_of_asked",
        actor=by,
        object_type="check_run",
        object_id=run.public_id,
        company_id=run.company_id,
        detail={"law": str(as_of.law or ""), "data": str(as_of.data or ""), "job": job},
    )
    return job


def check_as_of(context: JobContext, run_id: int, as_of: AsOf, asked_by: str) -> None:
    """The run is on record, compared with the one that is in force of its period."""
    evidence = open_evidence(context.settings)
    with read(context.engine) as session:
        asked = session.get_one(CheckRun, run_id)
        run = current_run(session, asked.company_id, asked.period) or asked
        previous = previous_of(session, context.clock, run)
        filing: Filing | None = run.filing
        if as_of.data is not None:
            filing = _filing_then(session, evidence, run, as_of.data)
        if filing is None:
            raise CannotSucceed(f"当时尚无账单 / no bills of {run.period} were signed by {as_of.data}")
        inputs = inputs_of(session, context.clock, evidence, filing, as_of)
    computed = compute(context, evidence, inputs, previous, again=True)
    if computed is None or previous is None:
        raise CannotSucceed("没有可比较的核查 / there is no run to compare with")
    with context.transaction(final=True) as session:
        record_as_of(session, context.clock, computed, as_of, previous_id=previous.id, asked_by=asked_by)


def _filing_then(session: Session, evidence: EvidenceStore, run: CheckRun, at: dt.datetime) -> Filing | None:
    then = FilingReading(session, evidence).in_force_at(run.company_id, run.season, at, BILLS)
    return next((one for one in then if one.period == run.period), None)
