"""A check run: computed (:mod:`~supervision.findings.computing`) outside every transaction and recorded
(:mod:`~supervision.findings.recording`) in one."""

from __future__ import annotations

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest.evidence import EvidenceStore
from supervision.companies.models import Company
from supervision.db import read
from supervision.filings.models import Filing
from supervision.filings.reading import FilingReading
from supervision.findings.comparing import previous_of
from supervision.findings.computing import compute
from supervision.findings.inputs import ACCOUNTS, BILLS, OUTAGES, READINGS, REQUESTS, TEMPERATURES, inputs_of
from supervision.findings.recording import Computed, RunOvertaken, current_run, record
from supervision.jobs import JobContext, enqueue
from supervision.settings.evidence import open_evidence

#: Feeds whose filings can change the outcome of every bill of their season.
SEASON_FEEDS = (ACCOUNTS, READINGS, TEMPERATURES, REQUESTS, OUTAGES)

TRIES = 5  # in a row while others are faster; after them the job waits its turn like any that failed

log = structlog.get_logger()


def check_filing(context: JobContext, filing_id: int, ripples: bool) -> None:
    """A bills filing in force has a current run on exactly the inputs in force; a roster, readings, temperatures,
    service requests or outages in force have the bills of their season queued. Anything else, and a filing that was superseded meanwhile,
    is passed over. With ``ripples`` the other bills of the season that speak of the same service are checked again
    after it. Where another run of the period is recorded meanwhile, it is computed again at once."""
    for overtaken in range(TRIES):
        try:
            return _check(context, filing_id, ripples)
        except RunOvertaken as reason:
            log.info("run.overtaken", job=context.job_id, times=overtaken + 1, reason=str(reason))
    return _check(context, filing_id, ripples)


def _check(context: JobContext, filing_id: int, ripples: bool) -> None:
    """One try of :func:`check_filing`. Raises RunOvertaken, and then nothing was written."""
    evidence = open_evidence(context.settings)
    with read(context.engine) as session:
        filing = FilingReading(session, evidence).by_id(filing_id)
        if not filing.is_current or filing.feed not in (BILLS, *SEASON_FEEDS):
            return
        season = (filing.company_id, filing.season)
        of_season = filing.feed in SEASON_FEEDS
        inputs = None if of_season else inputs_of(session, context.clock, evidence, filing)
    if inputs is None:
        _check_season_again(context, evidence, *season)
        return
    with read(context.engine) as session:
        run = current_run(session, inputs.company_id, inputs.period)
        previous = previous_of(session, context.clock, run)
    computed = compute(context, evidence, inputs, previous, again=False)
    if computed is None:
        return
    with context.transaction(final=True) as session:
        if record(session, context.clock, computed) is not None and ripples:
            _ripple(session, context, evidence, computed)


def _check_season_again(context: JobContext, evidence: EvidenceStore, company_id: int, season: str) -> None:
    with context.transaction(final=True) as session:
        for bills in FilingReading(session, evidence).in_force(company_id, season, BILLS):
            _ask(session, context, bills.id)


def check_city_again(context: JobContext, city: str) -> None:
    """Every bills filing in force of the city's companies has a check in the queue."""
    with context.transaction(final=True) as session:
        query = select(Filing.id).join(Company, Company.id == Filing.company_id)
        query = query.where(Company.city == city, Filing.feed == BILLS, Filing.is_current)
        for filing_id in session.scalars(query.order_by(Filing.id)):
            _ask(session, context, filing_id)


def _ripple(session: Session, context: JobContext, evidence: EvidenceStore, computed: Computed) -> None:
    """Bills elsewhere may have become a duplicate of one of these, or stopped being one."""
    inputs = computed.inputs
    for sibling in FilingReading(session, evidence).in_force(inputs.company_id, inputs.season, BILLS):
        if sibling.id == inputs.filing_id:
            continue
        run = current_run(session, sibling.company_id, sibling.period)
        if computed.neighbours_digest or (run is not None and run.neighbours_digest):
            _ask(session, context, sibling.id)


def _ask(session: Session, context: JobContext, filing_id: int) -> None:
    now = context.clock.now()
    enqueue(session, "check_filing", enqueued_at=now, filing_id=filing_id, ripples=False)
