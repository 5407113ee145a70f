"""A check run goes on record: once, with its findings and its journal entry, after the run it follows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.filings.models import Filing
from supervision.findings import telling
from supervision.findings.comparing import Compared
from supervision.findings.inputs import AsOf, Inputs, digest_of_tariffs
from supervision.findings.joining import KeptFinding, hold, join
from supervision.findings.models import CheckRun
from supervision.journal import SYSTEM, Journal
from supervision.settings import Clock

if TYPE_CHECKING:
    from checks.certificate import Checked


class RunOvertaken(Exception):
    """Another run of the same period was recorded while this one was computed; the next try starts from it."""


@dataclass(frozen=True, slots=True)
class Computed:
    """All that a run will say, durable in the evidence but not yet on record."""

    inputs: Inputs
    inputs_digest: str
    rules_digest: str
    neighbours_digest: str | None
    measured_digest: str | None
    readings_digest: str | None
    outcomes_digest: str
    second: Checked
    started_at: dt.datetime
    figures: dict[str, Any]
    findings: list[KeptFinding]
    previous_id: int | None
    compared: Compared | None


def current_run(session: Session, company_id: int, period: str) -> CheckRun | None:
    """The run in force for the bills of that period."""
    return session.scalars(
        select(CheckRun).where(
            CheckRun.company_id == company_id, CheckRun.period == period, CheckRun.is_current
        )
    ).one_or_none()


def record(session: Session, clock: Clock, computed: Computed) -> CheckRun | None:
    """The run is on record with its findings and its journal entry, and the run before is followed. None when the
    filing is no longer in force (its successor has a check of its own). Raises RunOvertaken."""
    inputs = computed.inputs
    hold(session, inputs.company_id)
    filing = session.get_one(Filing, inputs.filing_id)
    if not filing.is_current:
        return None
    previous = current_run(session, inputs.company_id, inputs.period)
    if (previous.id if previous else None) != computed.previous_id:
        raise RunOvertaken(f"{filing.public_id}: run {previous.public_id if previous else None} came first")
    if previous is not None:
        previous.is_current = False
        session.flush()  # before the new one stands: at most one is current
    run = _new_run(session, clock, computed, previous, is_current=True)
    join(session, run, previous, computed.findings, clock.now())
    telling.old_prices(session, clock, run)
    Journal(session, clock).record(
        "run.finished",
        actor=SYSTEM,
        object_type="check_run",
        object_id=run.public_id,
        company_id=run.company_id,
        detail={
            "filing": filing.public_id,
            "period": run.period,
            "number": run.number,
            "previous": previous.public_id if previous else None,
            "inputs": run.inputs_digest,
            "outcomes": run.outcomes_digest,
            "bills": run.bills,
            "breaches": run.breaches,
            "inconclusive": run.inconclusive,
            "second_opinions": run.second_opinions,
            "checker": run.checker_digest,
            "amount_over": str(run.amount_over),
            "amount_under": str(run.amount_under),
            "findings": len(computed.findings),
        },
    )
    return run


def record_as_of(
    session: Session, clock: Clock, computed: Computed, as_of: AsOf, *, previous_id: int, asked_by: str
) -> CheckRun:
    """A run on what was known at a time is on record beside the run it is compared with, with its journal entry. No run
    and no finding changes. One that was asked for before and came to the same is answered instead."""
    inputs = computed.inputs
    hold(session, inputs.company_id)
    known = session.scalars(
        select(CheckRun).where(
            CheckRun.asked_by.is_not(None),
            CheckRun.filing_id == inputs.filing_id,
            CheckRun.previous_run_id == previous_id,
            CheckRun.law_as_of == as_of.law if as_of.law else CheckRun.law_as_of.is_(None),
            CheckRun.data_as_of == as_of.data if as_of.data else CheckRun.data_as_of.is_(None),
            CheckRun.inputs_digest == computed.inputs_digest,
        )
    ).first()
    if known is not None:
        return known
    previous = session.get_one(CheckRun, previous_id)
    run = _new_run(session, clock, computed, previous, is_current=False)
    run.law_as_of, run.data_as_of, run.asked_by = as_of.law, as_of.data, asked_by
    session.flush()
    Journal(session, clock).record(
        "run.finished_as_of",
        actor=SYSTEM,
        object_type="check_run",
        object_id=run.public_id,
        company_id=run.company_id,
        detail={
            "law_as_of": as_of.law.isoformat() if as_of.law else None,
            "data_as_of": as_of.data.isoformat() if as_of.data else None,
            "asked_by": asked_by,
            "compared_with": previous.public_id,
            "inputs": run.inputs_digest,
            "outcomes": run.outcomes_digest,
            "bills": run.bills,
            "breaches": run.breaches,
        },
    )
    return run


def _new_run(
    session: Session, clock: Clock, computed: Computed, previous: CheckRun | None, *, is_current: bool
) -> CheckRun:
    inputs, compared = computed.inputs, computed.compared
    last = session.scalar(
        select(func.max(CheckRun.number)).where(
            CheckRun.company_id == inputs.company_id, CheckRun.period == inputs.period
        )
    )
    run = CheckRun(
        company_id=inputs.company_id,
        filing_id=inputs.filing_id,
        accounts_filing_id=inputs.accounts_filing_id,
        period=inputs.period,
        season=inputs.season,
        number=(last or 0) + 1,
        previous_run_id=previous.id if previous else None,
        is_current=is_current,
        bills_digest=inputs.bills_digest,
        accounts_digest=inputs.accounts_digest,
        neighbours_digest=computed.neighbours_digest,
        measured_digest=computed.measured_digest,
        readings_digest=computed.readings_digest,
        tariffs=inputs.tariff_digests,
        tariffs_digest=digest_of_tariffs(inputs.tariff_digests),
        fees_digest=inputs.fees.digest,
        rules_digest=computed.rules_digest,
        inputs_digest=computed.inputs_digest,
        outcomes_digest=computed.outcomes_digest,
        second_opinions=computed.second.bills,
        second_seed=computed.second.seed,
        checker_digest=computed.second.checker_digest,
        started_at=computed.started_at,
        finished_at=clock.now(),
        delta=compared.delta if compared else None,
        moved=compared.moved if compared else None,
        moved_digest=compared.moved_digest if compared else None,
        **computed.figures,
    )
    session.add(run)
    session.flush()
    return run
