"""The background work of ledgers."""

from __future__ import annotations

from supervision.jobs import JobContext, job


@job("check_ledger")
def check_ledger(context: JobContext, filing_id: int) -> None:
    """The ledger of the filing's company is checked on exactly what is in force."""
    from supervision.ledgers import checking

    checking.check_ledger(context, filing_id)
