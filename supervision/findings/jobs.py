"""The background work of findings: filings are checked, and what a tariff would change is computed from them."""

from __future__ import annotations

import datetime as dt

from supervision.jobs import JobContext, job


@job("check_filing")
def check_filing(context: JobContext, filing_id: int, ripples: bool = True) -> None:
    """A bills filing in force has a run of its own; a roster in force has its season's bills checked again."""
    from supervision.findings import running

    running.check_filing(context, filing_id, ripples)


@job("check_as_of")
def check_as_of(context: JobContext, run_id: int, law: str | None, data: str | None, asked_by: str) -> None:
    """The bills of a period are checked on what was known at a time, beside the run in force."""
    from supervision.findings import as_of
    from supervision.findings.inputs import AsOf

    known = AsOf(
        dt.date.fromisoformat(law) if law else None, dt.datetime.fromisoformat(data) if data else None
    )
    as_of.check_as_of(context, run_id, known, asked_by)


@job("check_city_again")
def check_city_again(context: JobContext, city: str) -> None:
    """The prices of a city changed: each of its bills filings in force has its check queued again. A check that rests on
    the same tariffs as before passes by itself."""
    from supervision.findings import running

    running.check_city_again(context, city)


@job("assess_tariff_draft")
def assess_tariff_draft(context: JobContext, draft_id: int, record_digest: str) -> None:
    """The draft carries what its approval would change, computed from the last season's bills."""
    from supervision.findings import tariff_effect

    tariff_effect.assess(context, draft_id, record_digest)


@job("compare_forecasts", every=dt.timedelta(days=1))
def compare_forecasts(context: JobContext) -> None:
    """Every published tariff stands beside what the first season under it shows."""
    from supervision.findings import forecasts

    forecasts.compare_forecasts(context)
