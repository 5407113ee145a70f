"""The background work of ledgers."""

from __future__ import annotations

import datetime as dt

from supervision.jobs import JobContext, job


@job("check_ledger")
def check_ledger(context: JobContext, filing_id: int) -> None:
    """The ledger of the filing's company is checked on exactly what is in force."""
    from supervision.ledgers import checking

    checking.check_ledger(context, filing_id)


@job("check_ledgers", every=dt.timedelta(days=1))
def check_ledgers(context: JobContext) -> None:
    """Every company's ledger rests on what is in force today."""
    from supervision.ledgers import checking

    checking.check_ledgers(context)
